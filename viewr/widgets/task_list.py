"""The task list: what there is to do, who holds it, why something cannot be opened, and what is not uploaded yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row, plain_label
from viewr.widgets.messages import MessageBar
from viewr.widgets.task_table import ID_ROLE, TaskFilter, TaskTable
from viewr.workspace.task_details import TaskDetails, fetch_details

if TYPE_CHECKING:
    from viewr.supervisor.client import TaskSummary
    from viewr.workspace.desk import Desk
    from viewr.workspace.outbox_waiting import Waiting

ALL_TAGS = "All tags"


class TaskList(QWidget):
    """The first page of the program."""

    #: task id, read only
    open_requested = Signal(str, bool)
    next_requested = Signal()
    #: id of the task to begin quality control with
    qc_requested = Signal(str)
    outbox_requested = Signal()
    workbench_requested = Signal()
    settings_requested = Signal()
    _details_found = Signal(object)

    def __init__(self, application_names: tuple[str, ...] = ("ViewR",), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = application_names
        self._desk: Desk | None = None
        self.table = TaskTable()
        self.filter = TaskFilter(self.table)
        self.messages = MessageBar(self)
        #: The supervisor was asked and has not answered yet.
        self.refreshing = False
        self._build()
        self._details_found.connect(self._on_details, Qt.ConnectionType.QueuedConnection)
        # Typing in the search field or paging through rows must not ask the server each time.
        self._asking = QTimer(self, singleShot=True, interval=250)
        self._asking.timeout.connect(self._ask_details)

    def use(self, desk: Desk) -> None:
        """Show the tasks of a reader who signed in."""
        self._desk = desk
        desk.tasks_changed.connect(self._on_tasks)
        desk.tasks_failed.connect(self._on_failed)
        desk.outbox_changed.connect(self.show_waiting)
        self.show_waiting(())
        desk.tell_outbox()
        self.refresh()

    def refresh(self, *, keep_messages: bool = False) -> None:
        """Ask for the tasks again."""
        if self._desk is not None:
            if not keep_messages:
                self.messages.clear()
            self.refreshing = True
            self.count.setText("Asking the supervisor for your tasks …")
            self.table.distrust_details()
            self._desk.refresh()

    def _on_reload(self) -> None:
        self.refresh()

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        self._add_header(nested_row(layout))
        layout.addWidget(self.messages)
        layout.addWidget(self._make_view(), 1)
        self._add_footer(nested_row(layout))

    def _add_header(self, row: QHBoxLayout) -> None:
        title = QLabel("Tasks", self)
        title.setObjectName("pageTitle")
        self.count = QLabel("", self)
        self.count.setObjectName("quiet")
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search tasks (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(220)
        self.search.textChanged.connect(self._on_search)
        self.tags = QComboBox(self)
        self.tags.setAccessibleName("Tag")
        self.tags.addItem(ALL_TAGS)
        self.tags.currentTextChanged.connect(self._on_tag)
        self.workbench_button = QPushButton("Templates …", self)
        self.workbench_button.setToolTip("For authors of templates: write one and try it, side by side")
        self.workbench_button.clicked.connect(self.workbench_requested)
        self.settings_button = QPushButton("Settings …", self)
        self.settings_button.setToolTip("Colours, habits of the mouse, keys")
        self.settings_button.clicked.connect(self.settings_requested)
        self.reload = QPushButton("Refresh", self)
        self.reload.setToolTip("Ask the supervisor again (F5)")
        self.reload.clicked.connect(self._on_reload)
        row.addWidget(title)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addWidget(self.tags)
        row.addWidget(self.reload)
        row.addWidget(self.workbench_button)
        row.addWidget(self.settings_button)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        QShortcut(QKeySequence.StandardKey.Refresh, self, self._on_reload)

    def _make_view(self) -> QTableView:
        view = self.view = QTableView(self)
        view.setModel(self.filter)
        view.setSortingEnabled(True)
        view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setTabKeyNavigation(False)
        view.setShowGrid(False)
        view.setAlternatingRowColors(True)
        view.setWordWrap(False)
        view.verticalHeader().hide()
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        for column, width in enumerate((60, 160, 150, 80, 130, 80, 90)):
            view.setColumnWidth(column, width)
        view.doubleClicked.connect(self._open_selected)
        view.verticalScrollBar().valueChanged.connect(self._on_moved)
        header.sortIndicatorChanged.connect(self._on_moved)
        view.selectionModel().selectionChanged.connect(self._on_selected)
        view.setAccessibleName("Tasks")
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QShortcut(QKeySequence(key), view, self._open_selected, context=Qt.ShortcutContext.WidgetShortcut)
        return view

    def _add_footer(self, row: QHBoxLayout) -> None:
        self.waiting = QPushButton("", self)
        self.waiting.setFlat(True)
        self.waiting.setObjectName("waiting")
        self.waiting.clicked.connect(self.outbox_requested)
        self.why = plain_label("", self)
        self.why.setObjectName("quiet")
        self.why.setWordWrap(True)
        self.look_button = QPushButton("Look at it", self)
        self.look_button.setToolTip("Open read-only: nothing can be changed, the task stays with whoever holds it")
        self.look_button.clicked.connect(self._look_at_selected)
        self.open_button = QPushButton("Open", self)
        self.open_button.clicked.connect(self._open_selected)
        self.next_button = QPushButton("Open next", self)
        self.next_button.setObjectName("primary")
        self.next_button.setToolTip("Open the first task that can be opened (Ctrl+N)")
        self.next_button.clicked.connect(self.next_requested)
        QShortcut(QKeySequence("Ctrl+N"), self, self.next_button.click)
        row.addWidget(self.waiting)
        row.addWidget(self.why, 1)
        self.qc_button = QPushButton("Start quality control", self)
        self.qc_button.setToolTip("Case after case, a verdict by one key; begins with the chosen task (Ctrl+K)")
        self.qc_button.clicked.connect(self._start_qc)
        QShortcut(QKeySequence("Ctrl+K"), self, self.qc_button.click)
        for button in (self.look_button, self.open_button, self.qc_button, self.next_button):
            row.addWidget(button)
        self._show_choice()

    # --- what is shown -----------------------------------------------------------------------------------------

    def show_waiting(self, waiting: Sequence[Waiting]) -> None:
        """Say how many results have not reached the archive."""
        self.waiting.setVisible(bool(waiting))
        noun = "result waits" if len(waiting) == 1 else "results wait"
        held = sum(item.held for item in waiting)
        needs = f", {held} {'needs' if held == 1 else 'need'} your decision" if held else ""
        self.waiting.setText(f"{len(waiting)} {noun} for upload{needs}")
        self.waiting.setToolTip("They are safe on this machine; what needs no decision is sent as soon as it can be.")

    def _on_tasks(self, tasks: list[TaskSummary]) -> None:
        assert self._desk is not None
        chosen = self.selected
        self.refreshing = False
        drafts = frozenset(info.task_id for info in self._desk.resumable())
        self.table.set_tasks(tasks, drafts)
        self._fill_tags(tasks)
        self._show_count()
        self._select(chosen)
        self._ask_details()

    def _on_failed(self, error: BaseException) -> None:
        self.refreshing = False
        self._show_count()
        self.messages.tell_error(error)

    def _fill_tags(self, tasks: list[TaskSummary]) -> None:
        chosen = self.tags.currentText()
        self.tags.blockSignals(True)
        self.tags.clear()
        self.tags.addItems([ALL_TAGS, *sorted({tag for task in tasks for tag in task.tags})])
        self.tags.setCurrentText(chosen)
        self.tags.blockSignals(False)

    def _show_count(self) -> None:
        shown, total = self.filter.rowCount(), len(self.table.tasks)
        text = f"{total} to do" if shown == total else f"{shown} of {total}"
        self.count.setText(text if total else "Nothing to do. New tasks appear here after Refresh.")
        self.next_button.setEnabled(total > 0)

    def _on_search(self, text: str) -> None:
        self.filter.search(text)
        self._show_count()
        self._asking.start()

    def _on_tag(self, tag: str) -> None:
        self.filter.choose_tag("" if tag == ALL_TAGS else tag)
        self._show_count()
        self._asking.start()

    def _on_moved(self, *_: object) -> None:
        self._asking.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._asking.start()

    def _in_sight(self) -> list[str]:
        """Ids of the tasks on the screen, from top to bottom."""
        first = max(0, self.view.rowAt(0))
        last = self.view.rowAt(self.view.viewport().height() - 1)
        count = self.filter.rowCount()
        rows = range(first, count if last < 0 else last + 1)
        return [str(self.filter.index(row, 0).data(ID_ROLE)) for row in rows]

    def _ask_details(self) -> None:
        """Ask for what the rows in sight lack, each costs the server half a second; for a search, for all."""
        if self._desk is None or self.refreshing:
            return
        lacking = {task.id: task for task in self.table.tasks if not self.table.is_current(task.id)}
        wanted = [lacking.pop(task_id) for task_id in self._in_sight() if task_id in lacking]
        if self.search.text().strip():
            wanted += [task for task in lacking.values() if self.table.details(task.id) is None]
        if wanted:
            self._desk.jobs.start(
                fetch_details, self._desk.signed_in.supervisor, wanted, self._names, self._details_found.emit,
                kind="task details",
            )  # fmt: skip

    def _on_details(self, details: TaskDetails) -> None:
        self.table.set_details(details)
        self._show_choice()

    # --- choosing ----------------------------------------------------------------------------------------------

    @property
    def selected(self) -> str:
        """Id of the chosen task, "" if there is none."""
        rows = self.view.selectionModel().selectedRows()
        return str(rows[0].data(ID_ROLE)) if rows else ""

    def _select(self, task_id: str) -> None:
        for row in range(self.filter.rowCount()):
            if not task_id or self.filter.index(row, 0).data(ID_ROLE) == task_id:
                self.view.selectRow(row)
                return

    def _on_selected(self, _on: QItemSelection, _off: QItemSelection) -> None:
        self._show_choice()

    def _show_choice(self) -> None:
        chosen = self.selected
        refusal = self.table.refusal(chosen)
        self.why.setText(refusal)
        self.open_button.setEnabled(bool(chosen) and not refusal)
        self.look_button.setEnabled(bool(chosen))
        self.open_button.setText("Resume" if self.table.has_draft(chosen) else "Open")
        self._show_qc()

    def _qc_task(self) -> str:
        """The task that quality control begins with: the chosen one, else the first that asks for it."""
        chosen = self.table.details(self.selected)
        if chosen is not None and chosen.qc:
            return chosen.id if not self.table.refusal(chosen.id) else ""
        if chosen is not None:
            return ""
        details = [self.table.details(task.id) for task in self.table.tasks]
        fit = (one.id for one in details if one is not None and one.qc == "asked" and not self.table.refusal(one.id))
        return next(fit, "")

    def _show_qc(self) -> None:
        """Offer quality control for the chosen task; first of all where its template asks for it."""
        task_id = self._qc_task()
        details = self.table.details(task_id)
        self.qc_button.setVisible(bool(task_id))
        asked = details is not None and details.qc == "asked"
        for button, first in ((self.qc_button, asked), (self.next_button, not asked)):
            name = "primary" if first else ""
            if button.objectName() != name:
                button.setObjectName(name)
                button.style().unpolish(button)
                button.style().polish(button)

    def _start_qc(self) -> None:
        if task_id := self._qc_task():
            self.qc_requested.emit(task_id)

    def _open_selected(self) -> None:
        if self.open_button.isEnabled():
            self.open_requested.emit(self.selected, False)

    def _look_at_selected(self) -> None:
        self.open_requested.emit(self.selected, True)
