"""Key images: marked by K, listed, found again, undone, in the result."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.widgets.viewing import one, press, template, viewport, views
from viewr.model.key_image import KeyImage, key_images, read_key_images
from viewr.model.result import fields_document, read_fields
from viewr.model.volume import Window
from viewr.widgets.key_image_list import KeyImageList

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
    assert panel.list.item(0).text() == "CT, transversal, slice 6"
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


@pytest.mark.parametrize("data", [
    None, "x", [1], [{"scan": "CT"}],
    [{"orientation": "Transversal", "position": [1, 2], "window": [1, 2], "slice": 1}],
    [{"orientation": "Transversal", "position": [1, 2, float("nan")], "window": [1, 2], "slice": 1}],
])  # fmt: skip
def test_what_is_no_key_image_is_left_out(data):
    assert read_key_images(data) == ()
