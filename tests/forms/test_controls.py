"""What every control of the form must do, whichever it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from tests.forms.conftest import MakeForm, answer
from viewr.forms.catalog import CONTROLS
from viewr.forms.check_box import CheckBox
from viewr.forms.form import Form
from viewr.model.answers import with_answer
from viewr.model.scope import FormulaGraph
from viewr.model.template import THREE_STATES, Context, Field, load_template, walk_fields
from viewr.model.template_controls import OWN_KEYS as KNOWN
from viewr.model.template_values import start_values

TEMPLATE = load_template((Path(__file__).parent / "every_control.yaml").read_text()).contexts[0]
FIELDS = {field.name: field for _, field in walk_fields(TEMPLATE.fields)}

#: Controls whose value is an answer: a field, an answer and another one.
ANSWERS: dict[str, tuple[str, Any, Any]] = {
    "CheckBox": ("usable", True, False),
    "NumberEdit": ("weight", 71.5, None),
    "ComboBox": ("quality", "Poor", None),
    "RadioButtonGroup": ("grade", 2, None),
    "LineEdit": ("who", "ab", ""),
    "TextBox": ("remark", "two\nlines", ""),
    "ConversationWidget": ("talk", [{"author": "r", "time": "", "text": "hello"}], []),
    "JSONDisplay": ("raw", {"a": [1, None]}, None),
    "ListingWidget": ("lesions", [{"__id__": "r4", "kind": "Solid", "size": 3.5}], []),
}


def every_field(control: str) -> Field:
    return next(field for field in FIELDS.values() if field.control == control)


def test_the_catalogue_holds_all_controls_of_the_format() -> None:
    assert set(CONTROLS) == set(KNOWN)


@pytest.mark.parametrize("control", CONTROLS)
def test_it_can_be_shown_without_answers(make_form: MakeForm, control: str) -> None:
    form = make_form(every_field(control))
    assert form.control(every_field(control).name).isVisible()
    form.control(every_field(control).name).value()


@pytest.mark.parametrize("control", ANSWERS)
def test_it_shows_the_answer_and_gives_it_back(make_form: MakeForm, control: str) -> None:
    name, value, other = ANSWERS[control]
    form = make_form(FIELDS[name], answers={name: value})
    assert form.control(name).value() == value
    assert type(form.control(name).value()) is type(value)
    form.document.edit("Elsewhere", partial(with_answer, context="default", path=name, value=other))
    assert form.control(name).value() == other
    form.document.undo()
    assert form.control(name).value() == value


@pytest.mark.parametrize("control", ANSWERS)
def test_showing_an_answer_is_not_an_edit(make_form: MakeForm, control: str) -> None:
    name, value, other = ANSWERS[control]
    form = make_form(FIELDS[name], answers={name: value})
    form.document.edit("Elsewhere", partial(with_answer, context="default", path=name, value=other))
    assert form.document.stack.count() == 1


def operable(control: QWidget) -> list[QWidget]:
    """The parts of a control with which a reader could change its value."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
    parts = [part for part in control.findChildren(QWidget) if isinstance(part, kinds) and part.isVisible()]
    texts = [part for part in parts if isinstance(part, (QLineEdit, QPlainTextEdit))]
    return [part for part in parts if part.isEnabled() and part not in texts] + [
        part for part in texts if not part.isReadOnly()
    ]


@pytest.mark.parametrize("control", [name for name in CONTROLS if name not in ("BoxWidget", "TabsWidget")])
def test_read_only_nothing_can_be_changed(make_form: MakeForm, control: str) -> None:
    field = every_field(control)
    form = make_form(field, answers=start_values([field]), read_only=True)
    assert operable(form.control(field.name)) == []


@pytest.mark.parametrize("control", CONTROLS)
def test_parts_for_the_keyboard_have_names_for_screen_readers(make_form: MakeForm, control: str) -> None:
    form = make_form(every_field(control))
    parts = [part for one in form.controls() for part in one.focus_widgets() if part.isVisible()]
    assert [part for part in parts if not part.accessibleName() and not isinstance(part, QAbstractButton)] == []


@pytest.mark.parametrize("width", [260, 300, 420])
@pytest.mark.parametrize("tab", [0, 1, 2])
def test_nothing_is_cut_off(qtbot: Any, make_form: MakeForm, width: int, tab: int) -> None:
    form = make_form(*TEMPLATE.fields, answers=start_values(TEMPLATE.fields), width=width)
    form.control("tabs").bar.setCurrentIndex(tab)
    form.control("tabs/lesions").add()
    form.build_all()
    qtbot.wait(30)
    assert form.body.width() <= form.viewport().width()
    for part in form.body.findChildren(QWidget):
        holder = part.parentWidget()
        if part.isVisible() and isinstance(part, (QAbstractButton, QComboBox, QLineEdit)) and part.width() > 1:
            assert part.geometry().right() <= holder.width(), f"{part} is wider than what holds it"
            assert part.width() >= min(part.minimumSizeHint().width(), 40)


def test_the_keyboard_goes_in_visual_order(qtbot: Any, make_form: MakeForm) -> None:
    fields = [Field(f"f{y}{x}", "LineEdit", f"{y} {x}", x=x, y=y) for x in (1, 0) for y in (1, 0)]
    form = make_form(*fields, width=600)
    form.activateWindow()
    form.control("f00").focus_widget().setFocus()
    visited = []
    for _ in range(4):
        visited.append(form.focusWidget().parent().objectName())
        qtbot.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
    assert visited == ["f00", "f01", "f10", "f11"]


def test_scores_are_what_the_formulas_give(make_form: MakeForm) -> None:
    box = FIELDS["box"]
    form = make_form(box, answers={"box": {"a": 1, "b": 2}})
    assert form.control("box/total").value() == 3
    assert form.control("box/small").value() is True
    form.document.edit("Elsewhere", partial(with_answer, context="default", path="box/a", value=5))
    assert (form.control("box/total").value(), form.control("box/ratio").value()) == (7, 2.5)
    assert form.control("box/small").value() is False
    graph = FormulaGraph(Context("default", fields=(box,)))
    assert graph.evaluate_all({"box": {"a": 5, "b": 2}}).scores["box/total"] == 7


def test_a_long_form_is_built_in_pieces(qtbot: Any) -> None:
    from viewr.model.state import State
    from viewr.workspace.document import Document

    kinds = ("LineEdit", "CheckBox", "NumberEdit", "ComboBox")
    fields = tuple(Field(f"f{n}", kinds[n % 4], f"Question {n}", y=n, options=("a", "b")) for n in range(500))
    document = Document(State())
    form = Form(document, Context("default", fields=fields))
    qtbot.addWidget(form)
    assert not form.complete
    with qtbot.waitSignal(form.built, timeout=10000):
        form.show()
    assert [control.path for control in form.controls()] == [f"f{n}" for n in range(500)]


def test_a_field_that_is_not_built_yet_can_be_asked_for(qtbot: Any, make_form: MakeForm) -> None:
    fields = tuple(Field(f"f{n}", "LineEdit", f"Question {n}", y=n) for n in range(200))
    form = make_form(*fields)
    assert form.show_field("f180")
    assert form.control("f180").focus_widget().hasFocus() or not form.isActiveWindow()


def test_answers_survive_saving_and_loading_as_the_original_wrote_them(make_form: MakeForm) -> None:
    form = make_form(FIELDS["grade"], answers={"grade": "2"})
    assert form.control("grade").value() == 2
    assert answer(form, "grade") == "2"


def test_a_tag_that_nobody_looked_for_is_half_checked(qtbot: Any, make_form: MakeForm) -> None:
    marked = Field("metal", "CheckBox", "Metal", extra={THREE_STATES: True})
    form = make_form(marked, Field("plain", "CheckBox", "Plain"))
    metal, plain = form.control("metal"), form.control("plain")
    assert isinstance(metal, CheckBox)
    assert (metal.value(), plain.value()) == (None, False)
    assert metal.box.checkState() == Qt.CheckState.PartiallyChecked
    seen = []
    for _ in range(3):
        QTest.mouseClick(metal.box, Qt.MouseButton.LeftButton)
        seen.append(answer(form, "metal"))
    assert sorted(seen, key=str) == [False, None, True]
