"""What keeps a form from being done, and how numbers and choices take what is typed."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.forms.conftest import MakeForm, answer
from viewr.forms.grid import places
from viewr.forms.number_edit import number_text, parse_number
from viewr.forms.summary import summary_lines
from viewr.forms.validation import form_problems
from viewr.model.annotation import Annotation, with_drawing
from viewr.model.marker import Marker
from viewr.model.result import fields_document, read_fields
from viewr.model.scope import FormulaGraph
from viewr.model.state import State
from viewr.model.template import Context, Field, load_template


def problems(*fields: Field, answers: dict[str, Any], drawings: Any = None) -> list[tuple[str, bool]]:
    state = State(Annotation({"default": answers}, drawings or {}))
    return [(one.path, one.blocking) for one in form_problems(Context("default", fields=fields), state)]


REASON = Field("reason", "LineEdit", "Reason", y=1, visible_on="not usable", extra={"required": True})
USABLE = Field("usable", "CheckBox", "Usable")


def test_a_failing_condition_blocks() -> None:
    check = Field("check", "ValidationControl", "Usable or a reason", extra={
        "variables": {"u": "usable", "r": "reason"}, "condition": "u or len(r.strip()) > 0"})  # fmt: skip
    assert problems(USABLE, check, Field("reason", "LineEdit"), answers={"usable": False, "reason": " "}) == [
        ("check", True)
    ]
    assert problems(USABLE, check, Field("reason", "LineEdit"), answers={"usable": True, "reason": None}) == []


def test_a_condition_that_cannot_be_evaluated_does_not_block() -> None:
    check = Field("check", "ValidationControl", "Check", extra={"variables": {"n": "n"}, "condition": "n > 1"})
    assert problems(Field("n", "NumberEdit"), check, answers={"n": None}) == [("check", False)]


def test_a_required_field_without_an_answer_blocks_unless_it_is_hidden() -> None:
    assert problems(USABLE, REASON, answers={"usable": False, "reason": ""}) == [("reason", True)]
    assert problems(USABLE, REASON, answers={"usable": True, "reason": ""}) == []


def test_required_in_each_row_of_a_listing() -> None:
    where = Field("where", "MarkerEdit", "Where", extra={"required": True})
    listing = Field("rows", "ListingWidget", "Rows", children=(where,))
    rows = {"rows": [{"__id__": "r1"}, {"__id__": "r2"}]}
    assert problems(listing, answers=rows, drawings={("default", "rows/r1/where"): (Marker((0, 0, 0)),)}) == [
        ("rows/r2/where", True)
    ]


def test_a_number_out_of_range_blocks() -> None:
    age = Field("age", "NumberEdit", "Age", extra={"min": 0, "max": 120})
    assert problems(age, answers={"age": 130}) == [("age", True)]
    assert problems(age, answers={"age": 120}) == []


@pytest.mark.parametrize(("text", "number"), [
    ("1.5", 1.5), ("1,5", 1.5), (" 12 ", 12), ("-3", -3), ("\u22123", -3), ("1e3", 1000.0), ("", None), (".5", 0.5),
    ("9007199254740993", 9007199254740993), ("+7", 7),
])  # fmt: skip
def test_numbers_as_people_type_them(text: str, number: Any) -> None:
    assert parse_number(text) == number
    assert type(parse_number(text)) is type(number)


@pytest.mark.parametrize("text", ["abc", "1,234.5,6", "nan", "inf", "-", "1 2", "0x10", "1_000"])
def test_what_is_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|convert"):
        parse_number(text)


def test_number_text_never_depends_on_the_locale() -> None:
    assert [number_text(value) for value in (2.0, 2.5, None, 1200000)] == ["2", "2.5", "", "1200000"]


def test_what_is_typed_on_the_way_to_a_number_stays(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("n", "NumberEdit", "N"), answers={"n": None})
    edit = form.control("n").focus_widget()
    qtbot.keyClicks(edit, "1,05")
    assert edit.text() == "1,05"
    assert answer(form, "n") == 1.05


def test_text_that_is_no_number_says_so_and_is_neither_lost_nor_an_answer(qtbot: Any, make_form: MakeForm) -> None:
    number = Field("n", "NumberEdit", "N")
    form = make_form(number, answers={"n": 7})
    edit = form.control("n").focus_widget()
    edit.setFocus()
    qtbot.keyClicks(edit, "x")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert form.control("n").value() is None
    assert form.control("n").fault.text() == "“7x” is not a number. Correct it, or leave it empty."
    assert form.control("n").fault.isVisible()
    assert edit.text() == "7x"
    # a crash would not lose it, the task cannot be done with it, and no result ever holds it
    held = {"n": answer(form, "n")}
    assert held == {"n": "7x"}
    assert problems(number, answers=held) == [("n", True)]
    assert fields_document(form.context, held, {}, {})["n"] is None
    form.document.undo()
    assert edit.text() == "7"
    assert not form.control("n").fault.isVisible()


def test_text_that_is_no_number_is_nothing_to_formulas() -> None:
    number = Field("n", "NumberEdit", "N")
    score = Field("s", "CalculatedScore", extra={"variables": {"n": "n"}, "formula": "n is None"})
    graph = FormulaGraph(Context("default", fields=(number, score)))
    assert [graph.evaluate_all({"n": value}).scores["s"] for value in ("7x", 7)] == [True, False]


@pytest.mark.parametrize(("kind", "typed", "held", "shown"), [
    ("Integer", "12", 12, "12"), ("Float", "2", 2.0, "2"), ("Boolean", "yes", True, "true"),
    ("String", "12", "12", "12"),
])  # fmt: skip
@pytest.mark.parametrize("control", ["LineEdit", "TextBox"])
def test_text_of_a_type(
    qtbot: Any, make_form: MakeForm, control: str, kind: str, typed: str, held: Any, shown: str
) -> None:
    form = make_form(Field("t", control, "T", type=kind), answers={"t": None})
    edit = form.control("t").focus_widget()
    qtbot.keyClicks(edit, typed)
    assert (answer(form, "t"), type(answer(form, "t"))) == (held, type(held))
    form.document.undo()
    form.document.redo()
    assert edit.text() == shown if control == "LineEdit" else edit.toPlainText() == shown


@pytest.mark.parametrize("control", ["LineEdit", "TextBox"])
def test_text_that_is_not_of_its_type_blocks_and_is_kept(qtbot: Any, make_form: MakeForm, control: str) -> None:
    field = Field("t", control, "Slices", type="Integer")
    form = make_form(field, answers={"t": None})
    qtbot.keyClicks(form.control("t").focus_widget(), "about 3")
    assert answer(form, "t") == "about 3"
    assert form.control("t").value() is None
    (problem,) = form_problems(Context("default", fields=(field,)), form.document.state)
    assert problem.message == "“Slices”: “about 3” is not a whole number. Correct it, or leave it empty."


@pytest.mark.parametrize("control", ["ComboBox", "RadioButtonGroup"])
def test_an_answer_that_is_no_option_any_more_blocks(control: str) -> None:
    field = Field("q", control, "Quality", options=("Good", 2))
    assert problems(field, answers={"q": "Fair"}) == [("q", True)]
    assert problems(field, answers={"q": 2}) == problems(field, answers={"q": None}) == []


def test_a_landmark_of_another_template_stands_for_none_of_this_one(make_form: MakeForm) -> None:
    marks = Field("m", "Landmarks", "Points", extra={"required": True, "markers": [{"name": "AC"}]})
    form = make_form(marks)
    form.document.edit("Draw", partial(with_drawing, key=("default", "m"), drawn=(Marker((0, 0, 0), name="PC"),)))
    assert [one.path for one in form_problems(form.context, form.document.state)] == ["m"]
    assert [line.text for line in summary_lines(form.context, form.document.state)] == ["0 of 1 placed"]
    texts = [texts[0] for _, texts, _ in form.control("m").lines()]
    assert texts == ["AC", "PC (not one of this template)"]
    assert [item["name"] for item in form.control("m").value()] == ["PC"]


def test_arrow_keys_step_within_the_limits(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("n", "NumberEdit", "N", extra={"min": 0, "max": 1, "step": 0.4}), answers={"n": 0.8})
    qtbot.keyClick(form.control("n").focus_widget(), Qt.Key.Key_Up)
    assert answer(form, "n") == 1
    form.document.undo()
    assert form.control("n").value() == 0.8


def test_alerts_stand_beside_the_box(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("x", "CheckBox", "Finding", extra={"alert_on_checked": True}), answers={"x": False})
    assert not form.control("x").alert.isVisible()
    qtbot.mouseClick(form.control("x").focus_widget(), Qt.MouseButton.LeftButton)
    assert form.control("x").alert.isVisible()


def test_formulas_show_and_enable(qtbot: Any, make_form: MakeForm) -> None:
    note = Field("note", "LineEdit", "Note", y=2, depends_on="usable")
    form = make_form(USABLE, REASON, note, answers={"usable": True, "reason": "", "note": ""})
    assert not form.control("reason").isVisible()
    assert not form.control("reason").label.isVisible()
    assert not form.control("note").focus_widget().isReadOnly()
    qtbot.mouseClick(form.control("usable").focus_widget(), Qt.MouseButton.LeftButton)
    assert form.control("reason").isVisible()
    assert form.control("note").focus_widget().isReadOnly()


def test_answer_keys(qtbot: Any, make_form: MakeForm) -> None:
    grade = Field("g", "RadioButtonGroup", "Grade", options=("Good", 2), extra={"option_keys": ["g", "b"]})
    form = make_form(grade, answers={"g": None})
    assert form.press_key("b")
    assert answer(form, "g") == 2
    assert not form.press_key("x")


def test_a_choice_can_be_taken_back(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("g", "RadioButtonGroup", "Grade", options=("Good", "Bad")), answers={"g": "Good"})
    qtbot.keyClick(form.control("g").focus_widget(), Qt.Key.Key_Delete)
    assert answer(form, "g") is None


def test_an_answer_that_is_no_option_any_more_is_kept(make_form: MakeForm) -> None:
    form = make_form(Field("q", "ComboBox", "Q", options=("a",)), answers={"q": "old"})
    assert form.control("q").value() == "old"
    assert answer(form, "q") == "old"


def test_undo_in_a_text_field_is_the_documents(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(USABLE, Field("t", "TextBox", "T", y=1), answers={"usable": False, "t": ""})
    edit = form.control("t").focus_widget()
    qtbot.keyClicks(edit, "abc")
    qtbot.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert answer(form, "t") == ""
    assert edit.toPlainText() == ""


def test_messages_carry_author_and_time(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("talk", "ConversationWidget", "Talk"), answers={"talk": "from before"})
    control = form.control("talk")
    qtbot.keyClicks(control.draft, "hello")
    qtbot.mouseClick(control.button, Qt.MouseButton.LeftButton)
    first, second = answer(form, "talk")
    assert first["text"] == "from before"
    assert (second["author"], second["text"]) == ("reader1", "hello")
    assert len(second["time"]) == len("2024-05-01T10:00:00Z")


def test_messages_of_another_program_keep_what_is_in_them(make_form: MakeForm) -> None:
    talk = Field("talk", "ConversationWidget", "Talk")
    context = Context("default", fields=(talk,))
    given = [{"user": "anna", "message": "see slice 4"}, {"author": "b", "time": "", "text": "ok", "id": 7}]
    answers, _, unread = read_fields({"talk": given}, context)
    form = make_form(talk, answers=answers)
    shown = " ".join(label.text() for label in form.control("talk").findChildren(QLabel)).replace("\u200b", "")
    assert "see slice 4" in shown
    written = fields_document(context, answers, {}, {})["talk"]
    assert [(one.get("message"), one.get("id"), one["text"]) for one in written] == [
        ("see slice 4", None, ""), (None, 7, "ok")]  # fmt: skip
    assert unread == {}


def test_a_message_that_was_not_sent_is_sent_when_editing_ends(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("talk", "ConversationWidget", "Talk"), answers={"talk": []})
    qtbot.keyClicks(form.control("talk").draft, "almost lost")
    form.finish_editing()
    assert answer(form, "talk")[0]["text"] == "almost lost"


def test_places_keep_the_grid_of_the_template() -> None:
    fields = [Field("a", "LineEdit", x=3, y=9), Field("b", "LineEdit", x=3, y=9), Field("c", "LineEdit", x=7, y=9)]
    assert [(one.field.name, one.column, one.row) for one in places(fields)] == [("a", 0, 0), ("c", 1, 0), ("b", 0, 1)]


def test_thousands_of_fields_at_one_place_stand_below_each_other() -> None:
    fields = [Field(f"f{number}", "LineEdit", x=0, y=number % 2) for number in range(20_000)]
    found = [(one.field.name, one.row) for one in places(fields)]
    # the second wants the row that is free, the third and all after it find the next one
    assert found[:3] == [("f0", 0), ("f1", 1), ("f2", 2)]
    assert [row for _, row in found] == list(range(20_000))
    beside = [Field(f"f{number}", "LineEdit", x=number % 2, y=number // 2) for number in range(20_000)]
    assert [one.span for one in places([*beside, Field("wide", "LineEdit", x=0, y=20_000)])][-2:] == [1, 2]


QUALITY = """
template_name: qc
sop: ""
viewports: []
scans: {T1: {modality: MR, protocols: T1}}
annotations: null
quality: {listing: box.scans, field: inner.verdict, note: note, map: {Good: usable}}
qa_fields:
  box:
    control: TabsWidget
    label: Box
    x: 0
    y: 0
    content:
      first:
        scans:
          control: ListingWidget
          label: Scans
          x: 0
          y: 0
          columns: [scan]
          content:
            scan: {control: LineEdit, label: Scan, x: 0, y: 0}
            inner:
              control: BoxWidget
              label: Inner
              x: 0
              y: 1
              content:
                verdict: {control: ComboBox, label: Verdict, x: 0, y: 0, options: [Good]}
            note: {control: TextBox, label: Note, x: 0, y: 2}
"""


def quality_problems(**row: Any) -> list[tuple[str, str]]:
    answers = {"box": {"scans": [{"__id__": "r1", "scan": "FLAIR", "inner": {"verdict": "Good"}, "note": None, **row}]}}
    found = form_problems(load_template(QUALITY).contexts[0], State(Annotation({"default": answers})))
    return [(one.path, one.message) for one in found if one.blocking]


def test_a_scan_without_a_verdict_blocks() -> None:
    assert quality_problems() == []
    assert quality_problems(inner={"verdict": None}) == [
        ("box/scans/r1/inner/verdict", "Scan 'FLAIR' has no verdict.")
    ]


def test_a_note_that_the_archive_cannot_keep_blocks() -> None:
    assert quality_problems(note="x" * 2500) == []
    assert quality_problems(note="x" * 2501) == [
        ("box/scans/r1/note", "“Note” has 2501 characters; the archive keeps 2500. Shorten it.")
    ]
