"""Key images: marked by K, listed, found again, undone, in the result."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.test_cine import film
from tests.widgets.viewing import one, press, template, viewport, views
from viewr.model.frame_point import FramePoint, read_points
from viewr.model.geometry import Grid
from viewr.model.key_image import KeyImage, key_images, read_key_images
from viewr.model.result import fields_document, read_fields
from viewr.model.volume import Volume, Window
from viewr.widgets.key_image_list import KeyImageList, is_key_image
from viewr.workspace.key_images import is_marked, toggle_key_image

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(800, 400))


@pytest.fixture
def view(grid):
    one(grid).setFocus()
    return one(grid)


def marked(view) -> tuple[KeyImage, ...]:
    return key_images(view.document.state.annotation, "default")


def test_k_marks_what_is_shown_and_again_unmarks(view):
    view.show_slice(3)
    view.set_window(Window(400, 40))
    press(view, Key.Key_K)
    (image,) = marked(view)
    assert (image.scan, image.orientation, image.slice) == ("CT", "Transversal", 4)
    assert (image.window.width, image.window.level) == (400, 40)
    assert image.position == view.position
    press(view, Key.Key_K)
    assert marked(view) == ()
    view.document.undo()
    assert marked(view) == (image,)
    view.document.undo()
    assert marked(view) == ()


def test_shift_k_goes_round_them_in_their_window(view):
    for index, width in ((3, 400), (12, 900)):
        view.show_slice(index)
        view.set_window(Window(width, 40))
        press(view, Key.Key_K)
    view.show_slice(0)
    found = []
    for _ in range(3):
        QTest.keyClick(view, Key.Key_K, SHIFT)
        found.append((view.scene.index, view.scene.view.window.width))
    assert found == [(3, 400), (12, 900), (3, 400)]


def test_the_list_leads_there_and_removes(view, qtbot):
    panel = KeyImageList(view.document, "default")
    qtbot.addWidget(panel)
    assert not panel.isVisibleTo(None)
    view.show_slice(5)
    press(view, Key.Key_K)
    assert panel.isVisibleTo(None)
    assert panel.list.item(0).text() == "CT, axial, slice 6"
    view.show_slice(15)
    place = panel.list.visualItemRect(panel.list.item(0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.scene.index == 5
    QTest.keyClick(panel.list, Key.Key_Delete)
    assert marked(view) == ()


def test_nothing_is_marked_in_a_task_to_look_at(view):
    view.document.read_only = True
    press(view, Key.Key_K)
    assert marked(view) == ()


def test_they_are_in_the_result_and_come_back_from_it(view):
    view.show_slice(3)
    press(view, Key.Key_K)
    context = template(viewport("a")).contexts[0]
    annotation = view.document.state.annotation
    document = json.loads(json.dumps(fields_document(context, annotation.answers["default"], {}, {})))
    assert document["__viewr__"]["key_images"] == [
        {"scan": "CT", "position": list(view.position), "orientation": "Transversal", "slice": 4,
         "window": [2000, 1000]}
    ]  # fmt: skip
    assert set(document) == {"points", "outline", "rows", "__viewr__"}
    answers, _drawings, unread = read_fields(document, context)
    assert read_key_images(answers["__key_images__"]) == marked(view)
    assert unread == {}


@pytest.fixture
def film_view(view):
    """A view of a scan with 5 points in time, 50 ms apart."""
    view.document.add_volume(("default", "CT"), film())
    return view


def test_the_frame_is_marked_with_the_slice(film_view):
    view = film_view
    view.show_slice(3)
    view.cine.show(2)
    press(view, Key.Key_K)
    (image,) = marked(view)
    assert image.frames == (FramePoint("time", 3, 5),)
    view.cine.show(4)  # another frame of the slice is another picture
    assert not is_key_image(view)
    press(view, Key.Key_K)
    assert [image.frames[0].number for image in marked(view)] == [3, 5]
    press(view, Key.Key_K)
    view.document.undo()
    view.document.undo()
    assert marked(view) == (image,)
    view.document.redo()
    assert [image.frames[0].number for image in marked(view)] == [3, 5]


def test_going_back_shows_the_frame_in_all_views_of_the_scan(film_view, grid):
    view = film_view
    for index, frame in ((3, 2), (3, 4), (12, 1)):
        view.show_slice(index)
        view.cine.show(frame)
        press(view, Key.Key_K)
    found = []
    for _ in range(4):
        QTest.keyClick(view, Key.Key_K, SHIFT)
        found.append((view.scene.index, view.cine.point, one(grid, "b").cine.point))
    assert found == [(3, 2, 2), (3, 4, 4), (12, 1, 1), (3, 2, 2)]


def test_going_back_stops_the_film(film_view, qtbot):
    view = film_view
    view.cine.show(2)
    press(view, Key.Key_K)
    view.cine.show(4)
    view.cine.toggle()
    QTest.keyClick(view, Key.Key_K, SHIFT)
    qtbot.waitUntil(lambda: not view.cine.playing)
    assert view.cine.point == 2


def test_the_list_names_the_frame(film_view, qtbot):
    view = film_view
    panel = KeyImageList(view.document, "default")
    qtbot.addWidget(panel)
    view.show_slice(11)
    view.cine.show(2)
    press(view, Key.Key_K)
    assert panel.list.item(0).text() == "CT, axial, slice 12, frame 3 of 5"
    view.cine.show(0)
    place = panel.list.visualItemRect(panel.list.item(0)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (view.scene.index, view.cine.point) == (11, 2)


def test_a_film_of_one_slice_is_called_by_its_frame_alone(view, qtbot):
    image = KeyImage("CT", (0.0, 0.0, 0.0), "Transversal", 1, Window(1, 1), (FramePoint("time", 17, 30),))
    panel = KeyImageList(view.document, "default")
    qtbot.addWidget(panel)
    toggle_key_image(view.document, "default", image)
    scan = Volume(np.zeros((8, 8, 1, 30), np.uint8), Grid((8, 8, 1), np.eye(4)), modality="US", axes=("time",))
    view.document.add_volume(("default", "CT"), scan)
    assert panel.list.item(0).text() == "CT, frame 17 of 30"


def test_the_frame_is_in_the_result_and_comes_back_and_older_results_have_none(film_view):
    view = film_view
    view.cine.show(2)
    press(view, Key.Key_K)
    context = template(viewport("a")).contexts[0]
    answers = view.document.state.annotation.answers["default"]
    document = json.loads(json.dumps(fields_document(context, answers, {}, {})))
    (written,) = document["__viewr__"]["key_images"]
    assert written.pop("frame") == [{"axis": "time", "number": 3, "of": 5}]
    (older,) = read_key_images([written])
    assert older.frames == ()
    assert is_marked(view.document, "default", older)  # it may have been this frame
    document["__viewr__"]["key_images"][0]["frame"] = [{"axis": "time", "number": 3, "of": 5}]
    answers, _drawings, _unread = read_fields(document, context)
    assert read_key_images(answers["__key_images__"]) == marked(view)


@pytest.mark.parametrize("frame", [
    None, 3, "x", [None], [{"axis": "time"}], [{"axis": 1, "number": 1, "of": 2}],
    [{"axis": "time", "number": 3, "of": 2}], [{"axis": "time", "number": 0, "of": 2}],
])  # fmt: skip
def test_a_frame_that_is_none_is_left_out(frame):
    assert read_points({"frame": frame}) == ()


@pytest.mark.parametrize("data", [
    None, "x", [1], [{"scan": "CT"}],
    [{"orientation": "Transversal", "position": [1, 2], "window": [1, 2], "slice": 1}],
    [{"orientation": "Transversal", "position": [1, 2, float("nan")], "window": [1, 2], "slice": 1}],
])  # fmt: skip
def test_what_is_no_key_image_is_left_out(data):
    assert read_key_images(data) == ()
