"""What has not reached the archive yet, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row, plain_label, plain_tip

if TYPE_CHECKING:
    from viewr.model.errors import ViewrError
    from viewr.workspace.outbox_waiting import Waiting

EXPLANATION = (
    "These results are safe on this machine. They are sent by themselves as soon as the servers take them, also after "
    "the program was closed and started again. Only what needs your decision waits for you."
)
_ID = Qt.ItemDataRole.UserRole
TAKE_BACK, CORRECT = "Take back and open", "Correct"


class OutboxView(QWidget):
    """The page behind "results wait for upload"."""

    back_requested = Signal()
    retry_requested = Signal()
    #: submission: send it although its task changed meanwhile
    send_requested = Signal(str)
    #: submission: open its task again with the work as it was
    take_back_requested = Signal(str)
    #: submission, folder: copy its files there
    export_requested = Signal(str, str)
    #: submission, task: open the task with the answers that the study knows, for a newer result
    correct_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, Waiting] = {}
        self._asked: tuple[str, str] = ("", "")
        self._refused: tuple[str, str] | None = None
        self._said = ("", "")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        self._add_header(nested_row(layout))
        text = QLabel(EXPLANATION, self)
        text.setWordWrap(True)
        text.setObjectName("quiet")
        layout.addWidget(text)
        layout.addWidget(self._make_list(), 1)
        self._add_footer(nested_row(layout))
        self._show_choice()

    def _add_header(self, row: QHBoxLayout) -> None:
        title = QLabel("Waiting for upload", self)
        title.setObjectName("pageTitle")
        self.retry = QPushButton("Try now", self)
        self.retry.setToolTip("The chosen one, also if it was held for you; without a choice all others")
        self.retry.clicked.connect(self.retry_requested)
        back = QPushButton("Task list", self)
        back.clicked.connect(self.back_requested)
        row.addWidget(title)
        row.addStretch(1)
        row.addWidget(self.retry)
        row.addWidget(back)

    def _make_list(self) -> QTreeWidget:
        self.list = QTreeWidget(self)
        self.list.setHeaderLabels(["Task", "What", "Sent", "Why it waits"])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName("Waiting for upload")
        self.list.itemSelectionChanged.connect(self._show_choice)
        return self.list

    def _add_footer(self, row: QHBoxLayout) -> None:
        self.why = plain_label("", self)
        self.why.setWordWrap(True)
        self.send = QPushButton("Send anyway", self)
        self.send.clicked.connect(self._send)
        self.export = QPushButton("Export …", self)
        self.export.setToolTip("Copy the files of this upload into a folder; it goes on waiting here")
        self.export.clicked.connect(self._export)
        self.take_back = QPushButton(TAKE_BACK, self)
        self.take_back.clicked.connect(self._take_back)
        row.addWidget(self.why, 1)
        row.addWidget(self.export)
        row.addWidget(self.send)
        row.addWidget(self.take_back)

    def show_waiting(self, waiting: list[Waiting]) -> None:
        """Show other submissions; the chosen one stays chosen."""
        self._waiting = {item.id: item for item in waiting}
        if self.isVisible():  # there may be hundreds, and they are told after each step
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        chosen = self.chosen
        self.list.clear()
        for item in self._waiting.values():
            sent = f"{item.steps_done} of {item.steps_total}"
            row = QTreeWidgetItem([item.task_id, item.what, sent, f"{item.sentence} {item.hint}".strip()])
            row.setData(0, _ID, item.id)
            row.setToolTip(3, plain_tip(row.text(3)))
            self.list.addTopLevelItem(row)
            row.setSelected(item.id == chosen)
        for column in range(3):
            self.list.resizeColumnToContents(column)
        self.retry.setEnabled(bool(self._waiting))
        self._show_choice()

    @property
    def chosen(self) -> str:
        """Id of the chosen submission, "" if there is none."""
        rows = self.list.selectedItems()
        return str(rows[0].data(0, _ID)) if rows else ""

    def refuse(self, error: ViewrError) -> None:
        """What was to be taken back is known to the study by now: say so, and offer to correct it."""
        self.list.clearSelection()
        self._refused = self._asked
        self.why.setText(f"{error.message} {error.hint}")
        self._show_buttons(None)

    def _show_choice(self) -> None:
        item = self._waiting.get(self.chosen)
        if item is None and self._refused is not None:
            return  # what was refused may have left the list meanwhile
        self._refused = None
        rows = self.list.selectedItems()
        said = self._said[1] if self._said[0] == self.chosen else ""
        self.why.setText(said or (rows[0].text(3) if rows else ""))
        self._show_buttons(item)

    def _show_buttons(self, item: Waiting | None) -> None:
        corrects = self._refused is not None or (item is not None and item.told)
        changed = item is not None and item.changed
        self.export.setEnabled(item is not None)
        self.send.setEnabled(changed)
        self.send.setToolTip("The task was changed on the server meanwhile: send the results all the same" if changed
                             else "For results whose task was changed on the server meanwhile")  # fmt: skip
        self.take_back.setText(CORRECT if corrects else TAKE_BACK)
        self.take_back.setEnabled(self._refused is not None or _has_a_way_back(item))
        self.take_back.setToolTip(_tip(item, corrects))

    def tell(self, sentence: str) -> None:
        """Say something beside the buttons, until another row is chosen."""
        self._said = self.chosen, sentence
        self.why.setText(sentence)

    def _export(self) -> None:
        submission = self.chosen
        folder = QFileDialog.getExistingDirectory(self, "Copy the files of this upload into a folder")
        if folder:
            self.export_requested.emit(submission, folder)

    def _send(self) -> None:
        self.send_requested.emit(self.chosen)

    def _take_back(self) -> None:
        item = self._waiting.get(self.chosen)
        if item is None or item.told:
            self.correct_requested.emit(*(self._refused or (self.chosen, item.task_id if item else "")))
            return
        self._asked = item.id, item.task_id
        self.take_back_requested.emit(item.id)


def _has_a_way_back(item: Waiting | None) -> bool:
    """Whether the task can be opened again with the work that was submitted."""
    return item is not None and (item.what != "hand-back" if item.told else item.kept)


def _tip(item: Waiting | None, corrects: bool) -> str:
    if corrects and (item is None or item.what != "hand-back"):
        return "The study knows of these results: open the task with your answers, and send a newer result"
    if item is not None and item.what == "hand-back":
        return "A task that was handed back cannot be taken back here; open it from the list, if it is still yours"
    if item is not None and not item.kept:
        return "The work behind this is not on this machine any more; it can only be sent or exported"
    return "End this upload and open its task again, with the work as it was"
