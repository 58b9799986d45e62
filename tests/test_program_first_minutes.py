"""The first minutes of somebody who knows other viewers: keys work at once, and nothing is off the screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from tests.program import Program, Study
from viewr.settings import Settings
from viewr.widgets.main_window import MainWindow
from viewr.workspace.folders import Folders


def test_the_views_have_the_keys_as_soon_as_a_task_is_open(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    port = program.reader.viewport("left")
    assert port.scene is not None
    before = port.scene.index
    program.pilot.key(Qt.Key.Key_Down)
    program.pilot.key(Qt.Key.Key_Down)
    assert port.scene.index == before + 2


def test_keys_that_the_form_has_no_use_for_go_to_the_active_view(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    view = program.open(task_id)
    program.pilot.click(program.reader.control("box/sure"))
    program.pilot.key(Qt.Key.Key_D)
    assert view.session.document.state.look.tool == "distance"
    program.pilot.key(Qt.Key.Key_Escape)
    assert view.session.document.state.look.tool == "window"


def test_a_key_leads_to_the_form_and_back(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    view = program.open(task_id)
    held = Qt.KeyboardModifier.ControlModifier
    form = view.forms["default"]
    program.pilot.key(Qt.Key.Key_J, held)
    assert form.isAncestorOf(view.focusWidget())
    program.pilot.click(program.reader.control("box/sure"))
    there = view.focusWidget()
    program.pilot.key(Qt.Key.Key_J, held)
    assert view.focusWidget() is program.reader.viewport("left")
    program.pilot.key(Qt.Key.Key_J, held)
    assert view.focusWidget() is there


def test_what_is_typed_into_the_form_stays_there(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    view = program.open(task_id)
    program.say("dab")
    assert program.comment == "dab"
    assert view.session.document.state.look.tool == "window"


def test_the_bar_and_the_menu_say_what_is_undone(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    view = program.open(task_id)
    program.say("a")
    program.pilot.click(program.reader.control("box/sure"))
    view.more.menu().aboutToShow.emit()
    assert view.undo_action.text().startswith("Undo: Answer “Sure”")
    assert not view.redo_action.isEnabled()
    program.pilot.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert view.status.text() == "Undone: Answer “Sure”"
    program.pilot.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert view.status.text() == "Done again: Answer “Sure”"


def test_escape_puts_the_question_away_why_a_task_is_handed_back(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    view = program.open(task_id)
    view.give_back_action.trigger()
    assert view.hand_back.isVisible()
    program.pilot.key(Qt.Key.Key_Escape)
    assert not view.hand_back.isVisible()


def test_the_first_window_lies_on_the_screen(qapp: object, tmp_path: Path) -> None:
    window = MainWindow(Settings(), Folders(tmp_path / "data", tmp_path / "cache"))
    room = window.screen().availableGeometry()
    assert window.width() <= max(room.width(), window.minimumWidth())
    assert window.height() <= max(room.height(), window.minimumHeight())
    assert room.contains(window.geometry().topLeft())
    window.close()
