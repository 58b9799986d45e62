"""The value under the mouse: of the slice that is shown, and at the same place in the other scans on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import at, drag, move, one, press, shown, viewport, views, volume
from viewr.widgets.slice_view_display import lay_over
from viewr.workspace.linking import set_links

B = ("default", "b")


def words(view) -> list[str]:
    return [line.text for line in view.read_out.lines(view.scene)]


def beside(qtbot, **fields):
    """The CT in a and c; in b a PET of half the voxels, whose value tells i + 10 j + 1000 k."""
    grid = views(qtbot, viewport("a"), viewport("b", scan="PET", x=1), viewport("c", "Coronal", x=2), size=(1000, 340))
    pet = volume((20, 20, 10), (2, 2, 4), modality="PT", unit="SUVbw", **fields)
    i, j, k = np.indices(pet.array.shape)
    pet.array[:] = i + 10 * j + 1000 * k
    grid.document.add_volume(("default", "PET"), pet)
    QApplication.processEvents()
    return grid


def test_keys_that_page_turn_and_zoom_leave_the_read_out_true(qtbot):
    grid = views(qtbot, viewport("a"))
    view = one(grid)
    move(view, at(view, 5, 6, 20))
    assert view.value_at_pointer() == "1000 HU"
    press(view, Qt.Key.Key_Down)
    assert view.value_at_pointer() == f"{100 * shown(view)} HU" != "1000 HU"
    assert view.pointer[2] == 2.0 * shown(view)
    move(view, QPoint(30, 40))
    view.look_at(turned=1)
    assert view.pointer == pytest.approx(view.scene.to_lps(30.5, 40.5))
    view.look_at(mm_per_pixel=0.05, pan_mm=(1.0, 2.0))
    assert view.pointer == pytest.approx(view.scene.to_lps(30.5, 40.5))


def test_the_other_scan_tells_its_value_at_the_same_place(qtbot):
    grid = beside(qtbot)
    a, b, c = (one(grid, name) for name in "abc")
    move(a, at(a, 12, 22, 20))
    assert words(a)[0] == "1000 HU"
    assert words(b) == ["same place  5116 SUVbw"]  # voxel 6, 11, 5
    assert words(c) == []  # the same scan once more
    move(b, at(b, 30, 8, 16))
    assert words(a) == ["same place  1000 HU"]  # b shows slice 5 of its own, at 20 mm
    assert words(c) == ["same place  1000 HU"]
    b.leaveEvent(None)
    assert words(a) == words(b) == words(c) == []


def test_it_follows_when_the_slice_under_the_mouse_changes(qtbot):
    grid = beside(qtbot)
    a, b = one(grid, "a"), one(grid, "b")
    set_links(grid.document, "default", position=False)
    move(a, at(a, 12, 22, 20))
    painted = b.painted
    press(a, Qt.Key.Key_Down)
    press(a, Qt.Key.Key_Down)
    QApplication.processEvents()
    depth = shown(a) * 2
    assert depth == 16
    assert words(b) == ["same place  4116 SUVbw"]
    assert b.painted > painted  # its corner was painted anew although its slice stayed


def test_unknown_places_have_no_value_and_aligned_ones_the_right_one(qtbot):
    grid = beside(qtbot, frame="9.9")
    a, b = one(grid, "a"), one(grid, "b")
    move(a, at(a, 12, 22, 20))
    assert words(b) == []
    grid.document.look(aligned={("default", "1.2", "9.9"): (4.0, -6.0, 8.0)})
    move(a, at(a, 12, 22, 20))
    k = round((2.0 * shown(a) + 8) / 4)
    assert words(b) == [f"same place  {1000 * k + 88} SUVbw"]  # voxel 8, 8


def test_outside_of_the_other_scan_nothing_is_told(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="small", x=1), size=(802, 400))
    grid.document.add_volume(("default", "small"), volume((10, 10, 20), modality="MR"))
    QApplication.processEvents()
    a, b = one(grid, "a"), one(grid, "b")
    move(a, at(a, 30, 30, 20))
    assert words(b) == []
    move(a, at(a, 5, 5, 20))
    assert words(b) == ["same place  1000 HU"]


def test_slices_of_the_scan_laid_over_that_have_not_come_have_no_value(qtbot):
    grid = beside(qtbot)
    a = one(grid, "a")
    lay_over(a, "PET")
    grid.document.arriving["default", "PET"] = np.arange(10) != 5
    move(a, at(a, 12, 22, 20))
    assert a.fused_value_at_pointer() == "no data"
    assert words(a)[0] == "no data"
    press(a, Qt.Key.Key_Down)
    press(a, Qt.Key.Key_Down)
    assert a.fused_value_at_pointer() == "4116 SUVbw"


def test_a_drag_of_the_window_keeps_both(qtbot):
    grid = beside(qtbot)
    a, b = one(grid, "a"), one(grid, "b")
    drag(a, QPoint(100, 100), QPoint(120, 90))
    assert words(a)
    assert words(b)
