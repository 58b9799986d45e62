"""The table of tasks: sorted by number, searched by words, and plain about what cannot be opened."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette

from viewr.supervisor.client import TaskSummary
from viewr.widgets.task_table import COLUMNS, TaskFilter, TaskTable
from viewr.workspace.task_details import TaskDetails

TASKS = [
    TaskSummary("10", "queued", "RSS", "2", ("QA", "T1")),
    TaskSummary("9", "queued", "RSS", "3", ("WML",)),
    TaskSummary("101", "queued", "ERGO", "2", ("QA",)),
]


@pytest.fixture
def table() -> TaskTable:
    table = TaskTable()
    table.set_tasks(TASKS, frozenset({"9"}))
    return table


def shown(tasks: TaskFilter) -> list[str]:
    return [tasks.index(row, 0).data() for row in range(tasks.rowCount())]


def cell(table: TaskTable, row: int, column: str) -> str:
    return table.index(row, COLUMNS.index(column)).data()


def test_tasks_are_sorted_by_number_not_by_text(table: TaskTable) -> None:
    tasks = TaskFilter(table)
    tasks.sort(0, Qt.SortOrder.AscendingOrder)
    assert shown(tasks) == ["9", "10", "101"]


def test_search_wants_every_word_anywhere_in_the_row(table: TaskTable) -> None:
    tasks = TaskFilter(table)
    tasks.search("qa rss")
    assert shown(tasks) == ["10"]


def test_a_tag_is_matched_whole(table: TaskTable) -> None:
    tasks = TaskFilter(table)
    tasks.choose_tag("QA")
    assert sorted(shown(tasks)) == ["10", "101"]


def test_a_task_held_by_another_can_be_looked_at_only(table: TaskTable) -> None:
    table.set_details(TaskDetails("10", "manual_qa", holder="reader2"))
    assert cell(table, 0, "Held by") == "reader2"
    assert table.refusal("10") == "reader2 is working on it; it can be opened to look at."


def test_my_own_lock_is_no_obstacle(table: TaskTable) -> None:
    table.set_details(TaskDetails("10", "manual_qa", holder="reader1", mine=True))
    assert cell(table, 0, "Held by") == "you"
    assert table.refusal("10") == ""


def test_a_task_for_a_newer_program_is_greyed_with_the_reason(table: TaskTable) -> None:
    table.set_details(TaskDetails("10", "manual_qa", reason="The task needs ViewR 9.0 or later."))
    index = table.index(0, 0)
    assert index.data(Qt.ItemDataRole.ForegroundRole) == QGuiApplication.palette().color(
        QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text
    )
    assert table.index(1, 0).data(Qt.ItemDataRole.ForegroundRole) is None
    # ... and can be chosen all the same
    assert index.flags() & Qt.ItemFlag.ItemIsEnabled
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "The task needs ViewR 9.0 or later."


def test_a_draft_on_this_machine_is_told(table: TaskTable) -> None:
    assert cell(table, 1, "Remark") == "Draft on this machine"
    assert table.has_draft("9")
