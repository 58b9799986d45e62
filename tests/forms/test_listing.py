"""Listings and drawings in the form."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt

from tests.forms.conftest import MakeForm, answer
from viewr.forms.drawing import contour_area, position_text
from viewr.forms.form import Form
from viewr.model.annotation import Annotation, with_drawing
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.template import SCAN_ROWS, Field, Group

WHERE = Field("where", "MarkerEdit", "Where", y=1, groups=(Group("Lesion"),), extra={"max_number": 1, "marker_type": 0})
SIZE = Field("size", "NumberEdit", "Size")
LISTING = Field("lesions", "ListingWidget", "Lesions", columns=("size", "where"), children=(SIZE, WHERE))
SQUARE = ((0.0, 0.0, 5.0), (10.0, 0.0, 5.0), (10.0, 20.0, 5.0), (0.0, 20.0, 5.0))


def draw(form: Form, path: str, *drawn: Any) -> None:
    def change(annotation: Annotation) -> Annotation:
        return with_drawing(annotation, ("default", path), drawn)

    form.document.edit("Draw", change)


def click(qtbot: Any, button: Any) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def add_rows(qtbot: Any, form: Form, *sizes: int) -> None:
    for size in sizes:
        click(qtbot, form.control("lesions").buttons["Add"])
        row = form.control("lesions").current_row
        qtbot.keyClicks(form.control(f"lesions/{row}/size").focus_widget(), str(size))


def sizes(form: Form) -> list[Any]:
    return [row["size"] for row in answer(form, "lesions")]


def test_added_rows_are_filled_one_by_one(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(LISTING, answers={"lesions": []})
    add_rows(qtbot, form, 3, 4)
    assert sizes(form) == [3, 4]
    assert [row["__id__"] for row in answer(form, "lesions")] == ["r1", "r2"]
    assert form.control("lesions").table.item(0, 0).text() == "3"


def test_text_that_is_no_number_stays_in_its_row(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(LISTING, answers={"lesions": []})
    add_rows(qtbot, form, 3)
    qtbot.keyClicks(form.control("lesions/r1/size").focus_widget(), " mm")
    click(qtbot, form.control("lesions").buttons["Add"])
    edit = form.control("lesions/r2/size").focus_widget()
    assert edit.text() == ""
    assert not form.control("lesions/r2/size").fault.isVisible()
    form.control("lesions").reveal_row("r1")
    assert edit.text() == "3 mm"
    assert form.control("lesions/r1/size").fault.isVisible()


def test_a_new_row_starts_with_values_that_its_controls_can_hold(qtbot: Any, make_form: MakeForm) -> None:
    inner = Field("inner", "ListingWidget", "Inner", y=2, children=(SIZE,), columns=("size",),
                  initial_value=[{"size": "4"}])  # fmt: skip
    sure = Field("sure", "CheckBox", "Sure", y=3, initial_value="false")
    listing = replace(LISTING, children=(replace(SIZE, initial_value="12"), inner, sure))
    form = make_form(listing, answers={"lesions": []})
    click(qtbot, form.control("lesions").buttons["Add"])
    (row,) = answer(form, "lesions")
    assert (row["size"], row["sure"]) == (12, False)
    assert row["inner"] == [{"size": 4, "__id__": "r1"}]


def test_choosing_a_row_shows_its_answers(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(LISTING, answers={"lesions": []})
    add_rows(qtbot, form, 3, 4)
    table = form.control("lesions").table
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(0, 0)).center())
    assert form.control("lesions/r1/size").value() == 3
    qtbot.keyClicks(form.control("lesions/r1/size").focus_widget(), "5")
    assert sizes(form) == [35, 4]


def test_move_duplicate_delete_and_undo(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(LISTING, answers={"lesions": []})
    add_rows(qtbot, form, 3, 4)
    buttons = form.control("lesions").buttons
    click(qtbot, buttons["↑"])
    assert sizes(form) == [4, 3]
    click(qtbot, buttons["Duplicate"])
    assert sizes(form) == [4, 4, 3]
    click(qtbot, buttons["Delete"])
    assert sizes(form) == [4, 3]
    for _ in range(3):
        form.document.undo()
    assert sizes(form) == [3, 4]
    assert form.control("lesions").table.rowCount() == 2


def test_deleting_a_row_takes_its_drawings_and_undo_brings_them_back(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(LISTING, answers={"lesions": []})
    add_rows(qtbot, form, 3)
    draw(form, "lesions/r1/where", Marker((1, 2, 3)))
    assert form.control("lesions").table.item(0, 1).text() == "placed"
    click(qtbot, form.control("lesions").buttons["Delete"])
    assert form.document.state.annotation.drawings == {}
    form.document.undo()
    assert form.control("lesions/r1/where").value() == [{"pos": [1, 2, 3], "type": 0, "name": "", "id": 0}]


def test_choosing_a_row_goes_to_its_marker_and_takes_the_tool_along(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(LISTING, answers={"lesions": []})
    add_rows(qtbot, form, 3, 4)
    draw(form, "lesions/r1/where", Marker((1, 2, 3)))
    click(qtbot, form.control("lesions/r2/where").draw_button)
    assert form.document.state.look.target == ("default", "lesions/r2/where")
    form.control("lesions").table.setCurrentCell(0, 0)
    look = form.document.state.look
    assert look.cursors["default"] == (1, 2, 3)
    assert look.target == ("default", "lesions/r1/where")


def test_show_field_opens_tab_box_and_row(qtbot: Any, make_form: MakeForm) -> None:
    box = Field("box", "BoxWidget", "Box", children=(LISTING,))
    tabs = Field("tabs", "TabsWidget", "Tabs", children=(SIZE, box), tabs=(("A", (SIZE,)), ("B", (box,))))
    rows = [{"__id__": "r1", "size": 1}, {"__id__": "r2", "size": 2}]
    form = make_form(tabs, answers={"tabs": {"size": None, "box": {"lesions": rows}}})
    assert form.show_field("tabs/box/lesions/r2/size")
    control = form.control("tabs/box/lesions/r2/size")
    assert control.isVisible()
    assert control.value() == 2
    assert form.control("tabs").bar.currentIndex() == 1


def test_the_place_button_takes_and_puts_down_the_tool(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(WHERE)
    button = form.control("where").draw_button
    click(qtbot, button)
    look = form.document.state.look
    assert (look.target, look.tool, look.group) == (("default", "where"), "marker", 0)
    click(qtbot, button)
    assert form.document.state.look.target is None


def test_no_more_markers_than_allowed(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(WHERE)
    click(qtbot, form.control("where").draw_button)
    draw(form, "where", Marker((1, 2, 3)))
    qtbot.waitUntil(lambda: form.document.state.look.target is None)
    assert not form.control("where").draw_button.isEnabled()


def test_go_and_delete_act_on_the_chosen_marker(qtbot: Any, make_form: MakeForm) -> None:
    field = Field("points", "MarkerEdit", "Points", groups=(Group("A"), Group("B")))
    form = make_form(field)
    draw(form, "points", Marker((1, 2, 3), id=1), Marker((4, 5, 6), type=1, id=2))
    control = form.control("points")
    item = control.list.visualItemRect(control.list.topLevelItem(1)).center()
    qtbot.mouseClick(control.list.viewport(), Qt.MouseButton.LeftButton, pos=item)
    assert form.document.state.look.cursors == {"default": (4, 5, 6)}
    click(qtbot, control.delete_button)
    assert [marker["id"] for marker in control.value()] == [1]
    form.document.undo()
    assert [marker["id"] for marker in control.value()] == [1, 2]


def test_the_kind_of_a_marker_follows_another_field(qtbot: Any, make_form: MakeForm) -> None:
    side = Field("side", "ComboBox", "Side", options=("Left", "Right"))
    field = Field(
        "points", "MarkerEdit", "Points", y=1, groups=(Group("Left"), Group("Right")), extra={"marker_type": "side"}
    )
    form = make_form(side, field, answers={"side": "Right"})
    click(qtbot, form.control("points").draw_button)
    assert form.document.state.look.group == 1


def test_landmarks_take_turns(qtbot: Any, make_form: MakeForm) -> None:
    specs = tuple({"name": name, "category": "", "type": 0} for name in ("AC", "PC"))
    form = make_form(Field("marks", "Landmarks", "Landmarks", extra={"markers": specs}))
    click(qtbot, form.control("marks").draw_button)
    assert form.document.state.look.target_name == "AC"
    draw(form, "marks", Marker((1, 2, 3), name="AC"))
    qtbot.waitUntil(lambda: form.document.state.look.target_name == "PC")
    draw(form, "marks", Marker((1, 2, 3), name="AC"), Marker((1, 2, 4), name="PC"))
    qtbot.waitUntil(lambda: form.document.state.look.target is None)
    assert [marker["name"] for marker in form.control("marks").value()] == ["AC", "PC"]


def test_contours_show_their_group_and_area(make_form: MakeForm) -> None:
    form = make_form(Field("c", "CSOEdit", "Outlines", groups=(Group("Liver"), Group("Spleen"))))
    contour = Contour(1, SQUARE, SQUARE, SQUARE[0], (0.0, 0.0, 1.0), group=1)
    draw(form, "c", contour)
    line = form.control("c").list.topLevelItem(0)
    assert (line.text(0), line.text(1)) == ("Spleen 1", "200.0 mm²")
    assert form.control("c").value()[0]["plane"]["normal"] == [0.0, 0.0, 1.0]


def test_area_and_position_by_hand() -> None:
    tilted = tuple((x, y * 0.6, y * 0.8) for x, y, _ in SQUARE)
    assert contour_area(Contour(1, tilted, tilted, tilted[0], (0.0, -0.8, 0.6))) == 200.0
    assert position_text((-12.34, 4.0, -0.01), 1) == "R 12.3  P 4.0  H 0.0"


def test_drawings_of_others_do_not_disturb(make_form: MakeForm) -> None:
    form = make_form(WHERE, Field("note", "LineEdit", "Note", y=3), answers={"note": "a"})
    form.document.edit("Other", partial(with_drawing, key=("other", "where"), drawn=(Marker((0, 0, 0)),)))
    assert form.control("where").value() == []


def test_scans_of_the_session_can_be_judged_but_not_added_or_deleted(qtbot: Any, make_form: MakeForm) -> None:
    fixed = replace(LISTING, extra={SCAN_ROWS: "size"})
    rows = [{"__id__": "r1", "size": 1}, {"__id__": "r2", "size": 2}]
    form = make_form(fixed, answers={"lesions": rows})
    assert list(form.control("lesions").buttons) == ["↑", "↓"]
    table = form.control("lesions").table
    table.setFocus()
    table.setCurrentCell(0, 0)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Insert):
        qtbot.keyClick(table, key)
    qtbot.keyClick(table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert sizes(form) == [1, 2]
    qtbot.keyClicks(form.control("lesions/r1/size").focus_widget(), "5")
    click(qtbot, form.control("lesions").buttons["↓"])
    assert sizes(form) == [2, 15]


def test_markers_of_a_field_are_numbered_unless_there_is_only_one(make_form: MakeForm) -> None:
    several = Field("points", "MarkerEdit", "Points", y=1, groups=(Group("Lesion"),))
    form = make_form(WHERE, several)
    for path in ("where", "points"):
        draw(form, path, Marker((1, 2, 3), id=1))
    assert form.control("where").list.topLevelItem(0).text(0) == "Lesion"
    assert form.control("points").list.topLevelItem(0).text(0) == "Lesion 1"


def test_while_a_contour_is_drawn_the_form_says_how_it_is_closed(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(Field("organ", "CSOEdit", "Organ"))
    click(qtbot, form.control("organ").draw_button)
    assert "Enter" in form.control("organ").note.text()
    click(qtbot, form.control("organ").draw_button)
    assert "Enter" not in form.control("organ").note.text()
