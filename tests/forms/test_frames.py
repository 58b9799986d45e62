"""What was drawn on a frame is named with it in the form, and the way there leads to the frame."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.forms.conftest import MakeForm
from viewr.forms.drawing import frame_text
from viewr.model.annotation import Annotation, with_drawing
from viewr.model.frame_point import FramePoint
from viewr.model.geometry import Grid
from viewr.model.marker import Marker
from viewr.model.state import ViewportLook
from viewr.model.template import Field
from viewr.model.volume import Volume

PLACED = Marker((3.0, 4.0, 0.0), id=1, scan="US", frames=(FramePoint("time", 17, 30),))


def placed(annotation: Annotation) -> Annotation:
    return with_drawing(annotation, ("default", "tip"), (PLACED,))


def test_the_list_names_the_frame_and_a_click_shows_it(make_form: MakeForm) -> None:
    form = make_form(Field("tip", "MarkerEdit", "Tip"))
    document = form.document
    looks = {("default", name): ViewportLook("US" if name == "a" else "CT") for name in "ab"}
    document.look(viewports=looks)
    film = Volume(np.zeros((8, 8, 1, 30), np.uint8), Grid((8, 8, 1), np.eye(4)), modality="US", axes=("time",))
    document.add_volume(("default", "US"), film)
    document.edit("Place a marker", placed)
    lines = form.control("tip").list
    assert lines.topLevelItem(0).text(1).endswith(", frame 17")
    place = lines.visualItemRect(lines.topLevelItem(0)).center()
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [document.state.look.viewports["default", name].frame for name in "ab"] == [(16,), ()]
    assert document.state.look.selected == (("default", "tip"), 1)


def test_nothing_is_said_of_what_is_on_no_frame() -> None:
    assert frame_text(Marker((0.0, 0.0, 0.0))) == ""
