"""Fields and what is drawn for them: one leads to the other, both ways, and deletions are told."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from tests.forms.conftest import MakeForm, answer
from tests.forms.test_listing import LISTING, SIZE, SQUARE, WHERE, draw
from viewr.forms.form import Form
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.state import ViewportLook
from viewr.model.template import Field, Group

ROWS = [{"__id__": "r1", "size": 3}, {"__id__": "r2", "size": 4}]
FIRST, SECOND = Marker((1.0, 2.0, 3.0), id=1), Marker((9.0, 8.0, 7.0), id=1)
LINKED = Field("lesions", "ListingWidget", "Lesions", columns=LISTING.columns, children=(SIZE, WHERE),
               extra={"link": "where"})  # fmt: skip


@pytest.fixture
def form(make_form: MakeForm) -> Form:
    """Two entries with a marker each; the first is shown."""
    made = make_form(LINKED, answers={"lesions": ROWS})
    draw(made, "lesions/r1/where", FIRST)
    draw(made, "lesions/r2/where", SECOND)
    made.said = []
    made.told.connect(made.said.append)
    return made


def key(row: str) -> tuple[str, str]:
    return "default", f"lesions/{row}/where"


def test_choosing_a_row_selects_its_object_and_goes_there(qtbot: Any, form: Form) -> None:
    table = form.control("lesions").table
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(1, 0)).center())
    look = form.document.state.look
    assert look.selected == (key("r2"), 1)
    assert look.cursors["default"] == SECOND.pos


def test_choosing_an_object_in_a_view_chooses_its_row(form: Form) -> None:
    assert form.control("lesions").current_row == "r1"
    form.document.look(selected=(key("r2"), 1))
    assert form.control("lesions").current_row == "r2"
    assert form.control("lesions/r2/where").chosen() == SECOND


def test_deleting_an_object_tells_that_its_entry_stays(form: Form) -> None:
    draw(form, "lesions/r2/where")
    assert form.said == ["The marker of entry 2 of “Lesions” was deleted; the entry stays. Undo brings it back."]
    assert len(answer(form, "lesions")) == 2


def test_deleting_an_entry_tells_that_its_object_goes_too(form: Form) -> None:
    form.control("lesions").delete()
    assert form.said == ["The entry of “Lesions” was deleted with 1 drawn object. Undo brings all back."]
    form.document.undo()
    assert form.document.state.annotation.drawings[key("r1")] == (FIRST,)
    assert len(form.said) == 1


def test_the_keyboard_in_a_linked_field_shows_its_object(qtbot: Any, make_form: MakeForm) -> None:
    note = Field("note", "LineEdit", "Note", y=2, extra={"link": "where"})
    form = make_form(SIZE, WHERE, note)
    draw(form, "where", FIRST)
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.control("note").edit.setFocus()
    assert form.document.state.look.selected == (("default", "where"), 1)
    assert form.document.state.look.cursors["default"] == FIRST.pos


def test_an_object_chosen_in_a_view_opens_the_tab_of_its_field(qtbot: Any, make_form: MakeForm) -> None:
    note = Field("note", "LineEdit", "Note", extra={"link": "where"})
    other = Field("other", "LineEdit", "Other")
    inside = (("A", (other,)), ("B", (note, WHERE)))
    tabs = Field("tabs", "TabsWidget", "Tabs", children=(other, note, WHERE), tabs=inside)
    form = make_form(tabs)
    draw(form, "tabs/where", FIRST)
    elsewhere = QLineEdit()
    qtbot.addWidget(elsewhere)
    elsewhere.show()
    elsewhere.activateWindow()
    elsewhere.setFocus()
    form.document.look(selected=(("default", "tabs/where"), 1))
    assert form.control("tabs").bar.currentIndex() == 1


def test_a_field_linked_to_a_label_takes_it_into_the_hand(qtbot: Any, make_form: MakeForm) -> None:
    form = make_form(SIZE, Field("volume", "LineEdit", "Volume", y=1, extra={"link": "wml/2"}))
    form.document.look(viewports={("default", "left"): ViewportLook("T1")})
    form._links._maps = {"wml"}
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.control("volume").edit.setFocus()
    look = form.document.state.look
    assert look.labels[("default", "wml")] == 2
    assert look.viewports[("default", "left")].annotation == "wml"


def contours(make_form: MakeForm) -> Form:
    field = Field("organs", "CSOEdit", "Organs", groups=(Group("Liver"), Group("Spleen")))
    form = make_form(field)
    square = Contour(4, SQUARE, SQUARE, (0, 0, 5), (0, 0, 1))
    draw(form, "organs", square)
    form.control("organs").choose(0)
    return form


def test_a_chosen_contour_is_named(qtbot: Any, make_form: MakeForm) -> None:
    form = contours(make_form)
    name = form.control("organs")._name
    qtbot.keyClicks(name, "upper part")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    [drawn] = form.document.state.annotation.drawings[("default", "organs")]
    assert (drawn.label, drawn.id) == ("upper part", 4)
    form.document.undo()
    assert name.text() == ""


def test_a_chosen_contour_goes_to_another_group(qtbot: Any, make_form: MakeForm) -> None:
    form = contours(make_form)
    box = form.control("organs")._regroup
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert [one["group"] for one in form.control("organs").value()] == [1]
    assert form.control("organs").list.topLevelItem(0).text(0) == "Spleen 4"


def test_contours_of_others_cannot_be_named(make_form: MakeForm) -> None:
    form = contours(make_form)
    form.document.read_only = True
    form.refresh()
    assert form.control("organs")._name.isHidden()


BESIDE = Field("where", "MarkerEdit", "Where", y=1)


@pytest.fixture
def apart(make_form: MakeForm) -> Form:
    """Two entries, and their places in a field beside the listing."""
    listing = Field("lesions", "ListingWidget", "Lesions", columns=LISTING.columns, children=(SIZE,),
                    extra={"link": "where"})  # fmt: skip
    made = make_form(listing, BESIDE, answers={"lesions": ROWS})
    draw(made, "where", FIRST, Marker((9.0, 8.0, 7.0), id=5))
    return made


def test_an_entry_shows_the_object_of_its_place_in_a_field_beside_the_listing(qtbot: Any, apart: Form) -> None:
    table = apart.control("lesions").table
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(1, 0)).center())
    look = apart.document.state.look
    assert (look.selected, look.cursors["default"]) == ((("default", "where"), 5), (9.0, 8.0, 7.0))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(0, 0)).center())
    assert apart.document.state.look.selected == (("default", "where"), 1)


def test_an_object_beside_the_listing_shows_its_entry(apart: Form) -> None:
    apart.document.look(selected=(("default", "where"), 5))
    assert apart.control("lesions").current_row == "r2"
    apart.document.look(selected=(("default", "where"), 1))
    assert apart.control("lesions").current_row == "r1"
