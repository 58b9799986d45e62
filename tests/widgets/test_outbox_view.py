"""The page of what waits for upload: its buttons say what they would do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from viewr.widgets.outbox_view import OutboxView
from viewr.workspace.outbox_plan import ToldError
from viewr.workspace.outbox_waiting import Waiting


@pytest.fixture
def view(qtbot: QtBot) -> OutboxView:
    made = OutboxView()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(view: OutboxView, qtbot: QtBot, row: int = 0) -> None:
    area = view.list.visualItemRect(view.list.topLevelItem(row))
    qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())


def item(what: str = "results", *, task: str = "7", **more: bool) -> Waiting:
    return Waiting(f"id-{task}", task, what, f"Task {task} waits.", **more)


@pytest.mark.parametrize(
    ("one", "text", "usable", "tip"),
    [
        (item(kept=True), "Take back and open", True, "with the work as it was"),
        (item("correction", kept=True), "Take back and open", True, "with the work as it was"),
        (item(kept=True, told=True), "Correct", True, "send a newer result"),
        (item(), "Take back and open", False, "not on this machine"),
        (item("hand-back"), "Take back and open", False, "handed back cannot be taken back"),
        (item("hand-back", told=True), "Correct", False, "handed back cannot be taken back"),
    ],
)
def test_the_button_offers_what_is_possible(
    view: OutboxView, qtbot: QtBot, one: Waiting, text: str, usable: bool, tip: str
) -> None:
    view.show_waiting([one])
    assert not view.take_back.isEnabled()
    choose(view, qtbot)
    assert (view.take_back.text(), view.take_back.isEnabled()) == (text, usable)
    assert tip in view.take_back.toolTip()


def test_only_a_changed_task_is_sent_anyway(view: OutboxView, qtbot: QtBot) -> None:
    view.show_waiting([item(task="7", held=True, changed=True), item(task="8", held=True)])
    choose(view, qtbot, 0)
    with qtbot.waitSignal(view.send_requested) as sent:
        qtbot.mouseClick(view.send, Qt.MouseButton.LeftButton)
    assert sent.args == ["id-7"]
    choose(view, qtbot, 1)
    assert not view.send.isEnabled()


def test_the_study_knows_between_look_and_click(view: OutboxView, qtbot: QtBot) -> None:
    """What can no longer be taken back is offered to be corrected, also when it is off the list by then."""
    view.show_waiting([item(kept=True), item(task="8", kept=True)])
    choose(view, qtbot)
    with qtbot.waitSignal(view.take_back_requested) as asked:
        qtbot.mouseClick(view.take_back, Qt.MouseButton.LeftButton)
    assert asked.args == ["id-7"]
    view.refuse(ToldError("This has just been sent.", "Press 'Correct'."))
    view.show_waiting([item(task="8", kept=True)])
    assert view.why.text() == "This has just been sent. Press 'Correct'."
    assert view.take_back.text() == "Correct"
    with qtbot.waitSignal(view.correct_requested) as corrected:
        qtbot.mouseClick(view.take_back, Qt.MouseButton.LeftButton)
    assert corrected.args == ["id-7", "7"]
    choose(view, qtbot)
    assert view.take_back.text() == "Take back and open"


def test_what_was_sent_meanwhile_is_corrected_at_once(view: OutboxView, qtbot: QtBot) -> None:
    view.show_waiting([item(kept=True)])
    choose(view, qtbot)
    view.show_waiting([item(kept=True, told=True)])
    with qtbot.waitSignal(view.correct_requested) as corrected:
        qtbot.mouseClick(view.take_back, Qt.MouseButton.LeftButton)
    assert corrected.args == ["id-7", "7"]


def test_what_came_of_exporting_stays_until_another_is_chosen(
    view: OutboxView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: "/somewhere")
    both = [item(kept=True), item(task="8")]
    view.show_waiting(both)
    assert not view.export.isEnabled()
    choose(view, qtbot)
    with qtbot.waitSignal(view.export_requested) as asked:
        qtbot.mouseClick(view.export, Qt.MouseButton.LeftButton)
    assert asked.args == ["id-7", "/somewhere"]
    view.tell("The files are in '/somewhere/id-7'.")
    view.show_waiting(both)
    assert view.why.text() == "The files are in '/somewhere/id-7'."
    choose(view, qtbot, 1)
    assert view.why.text() == "Task 8 waits."
