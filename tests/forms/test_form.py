"""The form as its reader uses it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from tests.forms.conftest import MakeForm, answer
from viewr.forms.form import SETTLED_AFTER, Form
from viewr.model.answers import with_answer
from viewr.model.state import State
from viewr.model.template import Context, Field
from viewr.workspace.document import Document


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


def test_an_endless_form_goes_on_when_its_reader_comes_near_the_end(qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("viewr.forms.form.MOST_CONTROLS", 60)
    fields = tuple(Field(f"f{n}", "LineEdit", f"Question {n}", y=n) for n in range(200))
    form = Form(Document(State()), Context("default", fields=fields))
    form.document.setParent(form)
    qtbot.addWidget(form)
    form.resize(400, 400)
    with qtbot.waitSignal(form.built, timeout=10000):
        form.show()
    assert form.complete
    held = len(form.controls())
    assert 60 <= held < 200
    assert form._more.text() == f"{200 - held} more fields: show them"
    assert form.show_field("f199")
    assert len(form.controls()) == 200


def test_an_endless_form_goes_on_by_scrolling(qtbot: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("viewr.forms.form.MOST_CONTROLS", 60)
    fields = tuple(Field(f"f{n}", "LineEdit", f"Question {n}", y=n) for n in range(150))
    form = Form(Document(State()), Context("default", fields=fields))
    form.document.setParent(form)
    qtbot.addWidget(form)
    form.resize(400, 400)
    with qtbot.waitSignal(form.built, timeout=10000):
        form.show()
    bar = form.verticalScrollBar()
    for _ in range(5):
        qtbot.waitUntil(lambda: form.complete)
        bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: len(form.controls()) == 150)
    assert not form._more.isVisible()


def test_a_tab_is_found_again_where_it_was_left(qtbot: Any, make_form: MakeForm) -> None:
    long = tuple(Field(f"l{n}", "LineEdit", f"Long {n}", y=n) for n in range(60))
    short = (Field("s", "LineEdit", "Short"),)
    form = make_form(Field("tabs", "TabsWidget", "", children=long + short, tabs=(("Long", long), ("Short", short))))
    bar, tabs = form.verticalScrollBar(), form.control("tabs").bar
    qtbot.waitUntil(lambda: bar.maximum() > 500)
    bar.setValue(500)
    tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    tabs.setCurrentIndex(0)
    qtbot.waitUntil(lambda: bar.value() == 500)


def test_where_a_tab_was_left_is_forgotten_once_its_reader_scrolls_on(qtbot: Any, make_form: MakeForm) -> None:
    rows = Field("rows", "ListingWidget", "Rows", y=60, children=(Field("a", "LineEdit", "A"),), columns=("a",))
    long = (*(Field(f"l{n}", "LineEdit", f"Long {n}", y=n) for n in range(60)), rows)
    short = (Field("s", "LineEdit", "Short"),)
    tabs = Field("tabs", "TabsWidget", "", children=long + short, tabs=(("Long", long), ("Short", short)))
    form = make_form(tabs, answers={"tabs": {"rows": []}})
    bar, tab_bar = form.verticalScrollBar(), form.control("tabs").bar
    qtbot.waitUntil(lambda: bar.maximum() > 900)
    bar.setValue(300)
    tab_bar.setCurrentIndex(1)
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    tab_bar.setCurrentIndex(0)
    qtbot.waitUntil(lambda: bar.value() == 300)
    bar.triggerAction(bar.SliderAction.SliderToMaximum)
    end = bar.value()
    qtbot.mouseClick(form.control("tabs/rows").buttons["Add"], Qt.MouseButton.LeftButton)
    form.build_all()
    qtbot.wait(2 * SETTLED_AFTER)
    assert bar.value() >= end


def test_a_jump_goes_before_where_a_tab_was_left(qtbot: Any, make_form: MakeForm) -> None:
    long = tuple(Field(f"l{n}", "LineEdit", f"Long {n}", y=n) for n in range(60))
    short = (Field("s", "LineEdit", "Short"),)
    form = make_form(Field("tabs", "TabsWidget", "", children=long + short, tabs=(("Long", long), ("Short", short))))
    form.control("tabs").bar.setCurrentIndex(1)
    form.show_field("tabs/l59")
    qtbot.waitUntil(lambda: form._sought is None)
    assert not form.control("tabs/l59").visibleRegion().isEmpty()


def test_text_from_right_to_left_has_room_for_the_space_at_the_end_of_its_lines(make_form: MakeForm) -> None:
    hebrew, arabic, latin = "\u05e9\u05dc\u05d5\u05dd", "3 \u0633\u0644\u0627\u0645", "Shalom \u05e9"
    form = make_form(*(Field(f"f{n}", "CheckBox", text, y=n) for n, text in enumerate((hebrew, arabic, latin))))
    margins = [form.control(f"f{n}").row.words.contentsMargins().left() for n in range(3)]
    space = form.fontMetrics().horizontalAdvance(" ")
    assert margins[0] > space
    assert margins[1] > space
    assert margins[2] == 0


def test_labels_of_one_row_stand_alike(make_form: MakeForm) -> None:
    a, b = Field("a", "NumberEdit", "A"), Field("b", "NumberEdit", "B", x=1)
    below = Field("c", "LineEdit", "A wide one", y=1)
    form = make_form(a, b, below)
    tops = {name: (form.control(name).label.y(), form.control(name).y()) for name in ("a", "b", "c")}
    assert tops["a"] == tops["b"]
    assert tops["a"][0] < tops["a"][1]
    assert form.control("c").label.x() == 0 < form.control("c").x()
