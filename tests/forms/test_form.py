"""The form as its reader uses it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from tests.forms.conftest import MakeForm, answer
from viewr.model.answers import with_answer
from viewr.model.template import Field


def test_a_click_answers_and_undo_takes_it_back(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("usable", "CheckBox", "Usable"), answers={"usable": False})
    box = form.control("usable").focus_widget()
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert answer(form, "usable") is True
    form.document.undo()
    assert answer(form, "usable") is False
    assert not box.isChecked()


def test_a_click_on_the_words_of_a_check_box_checks_it(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("usable", "CheckBox", "Usable"), answers={"usable": False})
    qtbot.mouseClick(form.control("usable").row.words, Qt.MouseButton.LeftButton)
    assert answer(form, "usable") is True


def test_typing_is_one_step_and_leaves_the_cursor(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("note", "LineEdit", "Note"), answers={"note": "abc"})
    edit = form.control("note").focus_widget()
    edit.setFocus()
    edit.setCursorPosition(1)
    qtbot.keyClicks(edit, "xyz")
    assert answer(form, "note") == "axyzbc"
    assert edit.cursorPosition() == 4
    form.document.undo()
    assert edit.text() == "abc"
    form.document.redo()
    assert edit.text() == "axyzbc"


def test_an_answer_from_elsewhere_is_shown(make_form: MakeForm) -> None:
    form = make_form(Field("q", "ComboBox", "Quality", options=("Good", "Poor")))
    form.document.edit("Set", partial(with_answer, context="default", path="q", value="Poor"))
    assert form.control("q").value() == "Poor"


def test_options_keep_their_type(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("n", "ComboBox", "Number", options=(1, "1", 2)))
    box = form.control("n").focus_widget()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert answer(form, "n") == 1
    assert isinstance(answer(form, "n"), int)


def test_an_unknown_control_shows_its_value(make_form: MakeForm) -> None:
    form = make_form(Field("x", "Sparkline", "Curve"), answers={"x": [1, 2]})
    assert form.control("x").value() == [1, 2]
    assert answer(form, "x") == [1, 2]
