"""The tasks as a table: what the supervisor lists, with details as they come; sorted, searched and filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from viewr.forms.base import harmless_tip
from viewr.workspace.task_details import TaskDetails

if TYPE_CHECKING:
    from viewr.supervisor.client import TaskSummary

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Task", "Template", "Case", "Project", "Tags", "Status", "Held by", "Remark")
ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
SORT_ROLE = Qt.ItemDataRole.UserRole
ID_ROLE = Qt.ItemDataRole.UserRole + 1


class TaskTable(QAbstractTableModel):
    """All tasks of the reader."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: list[TaskSummary] = []
        self._details: dict[str, TaskDetails] = {}
        self._drafts: frozenset[str] = frozenset()
        self._outdated: set[str] = set()

    def set_tasks(self, tasks: list[TaskSummary], drafts: frozenset[str] = frozenset()) -> None:
        """Show other tasks.

        Parameters
        ----------
        drafts : frozenset of str
            Ids of the tasks with work on this machine.
        """
        self.beginResetModel()
        self._tasks, self._drafts = list(tasks), drafts
        known = {task.id for task in tasks}
        self._details = {key: value for key, value in self._details.items() if key in known}
        self.endResetModel()

    def set_details(self, details: TaskDetails) -> None:
        self._details[details.id] = details
        self._outdated.discard(details.id)
        for row, task in enumerate(self._tasks):
            if task.id == details.id:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def distrust_details(self) -> None:
        """Locks may have changed: they are shown until newer ones come."""
        self._outdated = set(self._details)

    def is_current(self, task_id: str) -> bool:
        """Whether the details are there and not outdated."""
        return task_id in self._details and task_id not in self._outdated

    def task(self, row: int) -> TaskSummary:
        return self._tasks[row]

    @property
    def tasks(self) -> list[TaskSummary]:
        return self._tasks

    def details(self, task_id: str) -> TaskDetails | None:
        return self._details.get(task_id)

    def has_draft(self, task_id: str) -> bool:
        return task_id in self._drafts

    def refusal(self, task_id: str) -> str:
        """Why the task cannot be opened for work, "" if it can (or is not known yet)."""
        details = self._details.get(task_id)
        if details is None:
            return ""
        if details.holder and not details.mine:
            return f"{details.holder} is working on it; it can be opened to look at."
        return details.reason

    def _texts(self, task: TaskSummary) -> tuple[str, ...]:
        details = self._details.get(task.id)
        template = (details.template if details else "") or (f"#{task.template_ref}" if task.template_ref else "none")
        holder = "" if details is None else ("you" if details.mine else details.holder)
        remark = self.refusal(task.id) or ("Draft on this machine" if task.id in self._drafts else "")
        case = details.case if details else ""
        return task.id, template, case, task.project, ", ".join(task.tags), task.status, holder, remark

    def _colour(self, task_id: str) -> QColor | None:
        """Grey for what this program cannot open; still to be chosen, so that the reader can see why."""
        details = self._details.get(task_id)
        if details is None or not details.reason:
            return None
        return QGuiApplication.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)

    # --- Qt ----------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._tasks)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter if role == ALIGNMENT else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        task = self._tasks[index.row()]
        if role == ID_ROLE:
            return task.id
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(task.id)
        text = self._texts(task)[index.column()]
        if role == SORT_ROLE:
            return text.zfill(12) if index.column() == 0 else text.lower()
        if role == Qt.ItemDataRole.ToolTipRole:
            return harmless_tip(self.refusal(task.id) or text)
        return text if role == Qt.ItemDataRole.DisplayRole else None


class TaskFilter(QSortFilterProxyModel):
    """The tasks that hold the searched words, in whatever column, and have the chosen tag."""

    def __init__(self, table: TaskTable) -> None:
        super().__init__()
        self._table = table
        self._words: list[str] = []
        self._tag = ""
        self.setSourceModel(table)
        self.setSortRole(SORT_ROLE)

    def search(self, text: str) -> None:
        self._words = text.lower().split()
        self.invalidate()

    def choose_tag(self, tag: str) -> None:
        self._tag = tag
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        task = self._table.task(row)
        if self._tag and self._tag not in task.tags:
            return False
        texts = [str(self._table.index(row, column).data()).lower() for column in range(len(COLUMNS))]
        return all(any(word in text for text in texts) for word in self._words)
