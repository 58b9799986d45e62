"""Keys and colours of options."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from tests.forms.conftest import MakeForm, answer
from viewr.model.template import Field

MARKS = {"option_keys": ["g", "", "p"], "option_colours": [(42, 157, 74), None, (208, 48, 48)]}
OPTIONS = ("Good", "Moderate", "Poor")


@pytest.mark.parametrize("control", ["ComboBox", "RadioButtonGroup"])
def test_a_key_gives_its_option(make_form: MakeForm, control: str) -> None:
    form = make_form(Field("q", control, "Quality", options=OPTIONS, extra=MARKS))
    assert form.press_key("p")
    assert answer(form, "q") == "Poor"
    assert not form.press_key("m")
    form.document.undo()
    assert form.control("q").value() is None


@pytest.mark.parametrize("control", ["ComboBox", "RadioButtonGroup"])
def test_a_key_does_nothing_to_a_field_that_cannot_be_edited(make_form: MakeForm, control: str) -> None:
    form = make_form(Field("q", control, "Quality", options=OPTIONS, extra=MARKS), read_only=True)
    assert not form.press_key("p")
    assert form.control("q").value() is None


def middle_colour(picture: Any) -> tuple[int, int, int]:
    image = picture.toImage()
    colour = image.pixelColor(image.width() // 2, image.height() // 2)
    return colour.red(), colour.green(), colour.blue()


def test_a_drop_down_list_shows_keys_and_colours(make_form: MakeForm) -> None:
    form = make_form(Field("q", "ComboBox", "Quality", options=OPTIONS, extra=MARKS))
    box = form.control("q").box
    assert [box.itemText(index) for index in range(box.count())] == ["–", "Good   [g]", "Moderate", "Poor   [p]"]
    assert middle_colour(box.itemIcon(3).pixmap(28, 28)) == (208, 48, 48)
    assert box.itemIcon(2).isNull()


def test_buttons_show_their_colours(make_form: MakeForm) -> None:
    form = make_form(Field("q", "RadioButtonGroup", "Quality", options=OPTIONS, extra=MARKS))
    rows = form.control("q").rows
    pictures = [[label.pixmap() for label in row.findChildren(QLabel) if not label.pixmap().isNull()] for row in rows]
    assert [[middle_colour(one) for one in held] for held in pictures] == [[(42, 157, 74)], [], [(208, 48, 48)]]


def test_the_key_of_a_field_brings_the_keyboard_there(qtbot: Any, make_form: MakeForm) -> None:
    fields = (Field("a", "LineEdit", "A"), Field("b", "LineEdit", "B", y=1, extra={"key": "t"}))
    form = make_form(*fields)
    form.activateWindow()
    assert form.control("b").label.text() == "B [T]"
    assert form.press_key("t")
    qtbot.waitUntil(lambda: form.focusWidget() is form.control("b").edit)


def test_a_box_may_be_folded_at_first(make_form: MakeForm) -> None:
    inside = Field("note", "LineEdit", "Note")
    form = make_form(Field("box", "BoxWidget", "More", children=(inside,), extra={"collapsed": True}))
    assert not form.control("box/note").isVisible()
    assert form.show_field("box/note")
    assert form.control("box/note").isVisible()
