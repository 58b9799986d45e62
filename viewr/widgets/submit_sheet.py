"""What stands between the reader and submitting: what is missing, or a last look at everything.

A sheet above the work, not a dialog: images and form stay in reach, and every line leads to its field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row, plain_tip

#: Lines in sight at most; more scroll.
MOST_LINES = 9
_INDENT = "    "


@dataclass(frozen=True)
class SheetLine:
    """A line of the sheet.

    Attributes
    ----------
    context, path : str
        The field that it leads to.
    text : str
        The answer; "" where the label says all.
    heading : bool
        The line is the title of those below it.
    """

    context: str
    path: str
    label: str
    text: str = ""
    depth: int = 0
    doubtful: bool = False
    heading: bool = False


class SubmitSheet(QWidget):
    """Hidden until the reader wants to submit.

    Attributes
    ----------
    asking : bool
        It shows the answers and waits for a yes, rather than what is missing.
    """

    #: the reader has looked at everything
    confirmed = Signal()
    #: context name, path of the field
    field_wanted = Signal(str, str)
    #: the reader does not want to be asked any more
    never_again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.asking = False
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        self.heading = QLabel("", self)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setWordWrap(True)
        column.addWidget(self.heading)
        self.list = self._make_list()
        column.addWidget(self.list)
        row = nested_row(column)
        self.skip = QCheckBox("Submit without this list from now on", self)
        self.skip.setToolTip("The setting confirm_submit; what is missing is still listed")
        self.close_button = QPushButton("Back", self)
        self.close_button.clicked.connect(self.hide)
        self.button = QPushButton("Submit", self)
        self.button.setObjectName("primary")
        self.button.clicked.connect(self._confirm)
        row.addWidget(self.skip)
        row.addStretch(1)
        row.addWidget(self.close_button)
        row.addWidget(self.button)
        QShortcut(QKeySequence("Esc"), self, self.hide, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.hide()

    def _make_list(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setColumnCount(2)
        tree.setRootIsDecorated(False)
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName("What is missing")
        header = tree.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        tree.itemClicked.connect(self._jump)
        tree.itemActivated.connect(self._jump)
        return tree

    # --- showing -----------------------------------------------------------------------------------------------

    def show_missing(self, lines: Sequence[SheetLine]) -> None:
        """List what keeps the task from being done; nothing is left: say so."""
        self.asking = False
        self._paint_kind("warning" if lines else "info")
        number = f"{len(lines)} things are" if len(lines) != 1 else "One thing is"
        text = f"{number} missing before this can be submitted. Choose a line to go there."
        self.heading.setText(text if lines else "Nothing is missing any more.")
        self.button.setText("Submit")
        self._fill(lines, "What is missing")
        for part in (self.list, self.close_button):
            part.setVisible(bool(lines))
        self.skip.hide()
        self.button.setVisible(not lines)
        self.show()

    def ask(self, lines: Sequence[SheetLine], action: str) -> None:
        """List the answers and wait for a yes.

        Parameters
        ----------
        action : str
            The text of the button that says yes.
        """
        self.asking = True
        self._paint_kind("info")
        doubtful = sum(line.doubtful for line in lines)
        note = f" {doubtful} without an answer." if doubtful else ""
        self.heading.setText(f"This is what goes out.{note} Choose a line to change it.")
        self.button.setText(action)
        self._fill(lines, "Answers")
        for part in (self.list, self.close_button, self.skip, self.button):
            part.show()
        self.show()
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _paint_kind(self, kind: str) -> None:
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)

    def _fill(self, lines: Sequence[SheetLine], name: str) -> None:
        self.list.setAccessibleName(name)
        self.list.clear()
        for line in lines:
            item = QTreeWidgetItem([_INDENT * line.depth + line.label, line.text])
            item.setData(0, Qt.ItemDataRole.UserRole, (line.context, line.path))
            item.setToolTip(0, plain_tip(line.label))
            item.setToolTip(1, plain_tip(line.text))
            font = item.font(0)
            font.setBold(line.heading or line.doubtful)
            item.setFont(0 if line.heading else 1, font)
            self.list.addTopLevelItem(item)
        # the sheet has no width of its own before it was shown once
        width = max(self.width(), self.window().width())
        self.list.header().setMaximumSectionSize(max(200, width * 2 // 5))
        self._fit(len(lines))

    def _fit(self, number: int) -> None:
        line = max(self.list.sizeHintForRow(0), self.list.fontMetrics().lineSpacing() + 6)
        self.list.setFixedHeight(min(max(1, number), MOST_LINES) * line + 2 * self.list.frameWidth() + 4)

    def sizeHint(self) -> QSize:
        return QSize(400, super().sizeHint().height())

    # --- what the reader does ----------------------------------------------------------------------------------

    def _jump(self, item: QTreeWidgetItem, _column: int) -> None:
        context, path = item.data(0, Qt.ItemDataRole.UserRole)
        self.field_wanted.emit(context, path)

    def _confirm(self) -> None:
        self.hide()
        if self.asking and self.skip.isChecked():
            self.never_again.emit()
        self.confirmed.emit()
