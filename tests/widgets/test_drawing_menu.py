"""Measures and marks under a hand that holds no tool: taken hold of, deleted by key and by a right click."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.widgets.viewing import at, drag, move, one, press, viewport, views
from viewr.model.annotation import with_drawing
from viewr.model.marker import Marker
from viewr.model.measure import MEASURES
from viewr.widgets.slice_view_measures import words_beside

KEY = ("default", MEASURES)
Key = Qt.Key


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid):
    return one(grid)


@pytest.fixture
def measured(view):
    """A distance of 28 mm on the shown slice; no tool in the hand."""
    press(view, Key.Key_D)
    drag(view, at(view, 5, 29, 20), at(view, 33, 29, 20))
    press(view, Key.Key_Escape)
    assert view.document.state.look.tool == "window"
    return view


def taken(view):
    return view.document.state.annotation.drawings.get(KEY, ())


def menu_of(view, place):
    QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=place)
    QApplication.processEvents()
    return next(menu for menu in view.findChildren(QMenu) if menu.isVisible())


def words(menu):
    return [action.text().split("\t")[0] for action in menu.actions()]


def test_an_end_is_dragged_without_a_tool_and_the_window_stays(measured):
    window = measured.scene.view.window
    drag(measured, at(measured, 33, 29, 20), at(measured, 30, 29, 20), at(measured, 15, 29, 20))
    assert taken(measured)[0].values[0].number == pytest.approx(10, abs=0.5)
    assert measured.scene.view.window == window
    measured.document.undo()
    assert taken(measured)[0].values[0].number == pytest.approx(28, abs=0.5)


def test_beside_a_measure_the_drag_is_that_of_the_window(measured):
    window, before = measured.scene.view.window, taken(measured)
    drag(measured, at(measured, 10, 10, 20), at(measured, 15, 12, 20))
    assert measured.scene.view.window != window
    assert taken(measured) == before


def test_escape_takes_the_drag_of_a_measure_back(measured):
    before = taken(measured)
    drag(measured, at(measured, 33, 29, 20), at(measured, 15, 29, 20), release=False)
    press(measured, Key.Key_Escape)
    QTest.mouseRelease(measured, Qt.MouseButton.LeftButton)
    assert taken(measured) == before


def test_the_mouse_pointer_tells_that_a_measure_can_be_taken(measured):
    move(measured, at(measured, 20, 29, 20))
    assert measured.cursor().shape() == Qt.CursorShape.SizeAllCursor
    move(measured, at(measured, 10, 5, 20))
    assert measured.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_hidden_measures_are_not_taken_hold_of(measured):
    before = taken(measured)
    press(measured, Key.Key_H)
    drag(measured, at(measured, 33, 29, 20), at(measured, 15, 29, 20))
    assert taken(measured) == before


def test_delete_removes_the_selected_measure_without_a_tool(measured):
    QTest.mouseClick(measured, Qt.MouseButton.LeftButton, pos=at(measured, 20, 29, 20))
    press(measured, Key.Key_Delete)
    assert taken(measured) == ()
    assert measured.document.stack.undoText() == "Delete a measure"


def test_a_right_click_on_a_measure_deletes_it_or_copies_its_figures(measured):
    menu = menu_of(measured, at(measured, 20, 29, 20))
    assert words(menu)[:2] == ["Delete the distance", "Copy its figures"]
    menu.actions()[1].trigger()
    assert QApplication.clipboard().text().startswith("Distance 1: 28")
    menu.actions()[0].trigger()
    menu.close()
    assert taken(measured) == ()
    measured.document.undo()
    assert len(taken(measured)) == 1


def test_a_right_click_beside_it_is_the_menu_of_the_view(measured):
    menu = menu_of(measured, at(measured, 10, 5, 20))
    assert words(menu)[0] == "Fit into the view"
    menu.close()


def test_a_measure_of_another_slice_has_no_menu(measured):
    measured.page(1)
    menu = menu_of(measured, at(measured, 20, 29, 18))
    assert words(menu)[0] == "Fit into the view"
    menu.close()


def marked(view):
    marker = Marker((20.0, 10.0, 20.0), id=1, scan="CT")
    view.document.edit("Place a marker", lambda a: with_drawing(a, ("default", "points"), (marker,)))


def test_a_marker_of_the_form_is_deleted_by_a_right_click(view):
    marked(view)
    menu = menu_of(view, at(view, 20, 10, 20))
    menu.actions()[0].trigger()
    menu.close()
    assert view.document.state.annotation.drawings.get(("default", "points"), ()) == ()
    assert view.document.stack.undoText() == "Delete a marker"


def test_in_a_task_for_reading_only_the_marker_stays(view):
    marked(view)
    view.document.read_only = view.document.for_looking = True
    menu = menu_of(view, at(view, 20, 10, 20))
    assert not menu.actions()[0].isEnabled()
    menu.close()


def test_figures_stand_where_there_is_room_for_them():
    line = [QPointF(50, 80), QPointF(150, 90)]
    assert words_beside(line, 100, 300) == (158, 90)
    assert words_beside([QPointF(150, 80), QPointF(280, 90)], 100, 300) == (42, 80)
    assert words_beside([QPointF(50, 80), QPointF(280, 90)], 100, 300) == (200, 90)


def test_figures_at_the_right_edge_are_whole(view):
    """Their plate does not reach under the slider."""
    for k in range(20):  # the bar beside the slider changes with time
        view.document.seen.add(("default", "CT"), k)
    press(view, Key.Key_O)
    drag(view, at(view, 20, 20, 20), at(view, 38, 38, 20))
    empty = view.grab().toImage()
    press(view, Key.Key_H)
    hidden = view.grab().toImage()
    edge = range(view.width() - 10, view.width() - 6)
    differing = [y for y in range(view.height()) for x in edge if empty.pixel(x, y) != hidden.pixel(x, y)]
    assert differing == []
