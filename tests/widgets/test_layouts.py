"""Layouts by key, extra viewports, a prior beside the current scan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.test_linking import entry
from tests.widgets.viewing import one, press, shown, viewport, views, volume
from viewr.model.geometry import Grid
from viewr.widgets.viewport_area import evenly, places_in_grid
from viewr.workspace.layouts import comparable, compare_with, set_layout, shown_keys
from viewr.workspace.localizer import links_of

Key = Qt.Key


def two(qtbot, *others, **fields):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(802, 602))
    for name in others:
        grid.document.add_volume(("default", name), volume(**fields))
    grid.document.look(strip=False)
    grid.activateWindow()
    qtbot.waitUntil(grid.isActiveWindow)
    one(grid, "a").setFocus()
    return grid


def boxes(grid):
    """Name -> left, top, width and height on the screen, of the viewports in sight."""
    QApplication.processEvents()
    found = {}
    for (_context, name), view in grid.viewports.items():
        if view.isVisible():
            box = view.geometry()
            found[name] = (box.x(), box.y(), box.width(), box.height())
    return found


def test_each_layout_is_one_key_away(qtbot):
    grid = two(qtbot)
    press(one(grid, "a"), Key.Key_F2)
    assert boxes(grid) == {"a": (0, 0, 802, 602)}
    press(one(grid, "a"), Key.Key_F4)
    assert boxes(grid) == {"a": (0, 0, 802, 300), "b": (0, 302, 802, 300)}
    press(one(grid, "a"), Key.Key_F3)
    assert boxes(grid) == {"a": (0, 0, 400, 602), "b": (402, 0, 400, 602)}
    press(one(grid, "a"), Key.Key_F5)
    assert [box[0] for box in boxes(grid).values()] == pytest.approx([0, 268, 536], abs=2)
    press(one(grid, "a"), Key.Key_F6)
    assert boxes(grid) == {"a": (0, 0, 400, 300), "b": (402, 0, 400, 300), "extra 1": (0, 302, 400, 300),
                           "extra 2": (402, 302, 400, 300)}  # fmt: skip
    press(one(grid, "a"), Key.Key_F7)
    large = boxes(grid)["a"]
    small = [boxes(grid)[name] for name in ("b", "extra 1", "extra 2")]
    assert large[3] == 602
    assert large[2] > 1.9 * small[0][2]
    assert [box[3] for box in small] == pytest.approx([199, 199, 199], abs=2)
    press(one(grid, "a"), Key.Key_F8)
    assert set(boxes(grid)) == {"a", "b"}
    assert grid.document.state.look.layouts == {}


def test_extra_viewports_show_what_no_other_shows(qtbot):
    grid = two(qtbot, "prior")
    press(one(grid, "a"), Key.Key_F6)
    looks = grid.document.state.look.viewports
    assert (looks["default", "extra 1"].scan, looks["default", "extra 1"].orientation) == ("prior", "Transversal")
    assert (looks["default", "extra 2"].scan, looks["default", "extra 2"].orientation) == ("CT", "Sagittal")
    assert one(grid, "extra 2").scene.linked
    one(grid, "a").page(3)
    assert shown(one(grid, "extra 1")) == shown(one(grid, "a"))


def test_a_smaller_layout_keeps_the_active_viewport_and_its_keys(qtbot):
    grid = two(qtbot)
    one(grid, "b").setFocus()
    press(one(grid, "b"), Key.Key_F2)
    assert set(boxes(grid)) == {"b"}
    assert one(grid, "b").hasFocus()
    press(one(grid, "b"), Key.Key_F6)
    press(one(grid, "b"), Key.Key_Tab)
    assert grid.active is one(grid, "extra 1")
    assert one(grid, "extra 1").hasFocus()
    press(one(grid, "extra 1"), Key.Key_F3)
    assert grid.active is one(grid, "a")
    assert one(grid, "a").hasFocus()


def test_tab_goes_round_what_is_on_the_screen(qtbot):
    grid = two(qtbot)
    press(one(grid, "a"), Key.Key_F6)
    press(one(grid, "a"), Key.Key_F3)
    press(one(grid, "a"), Key.Key_Tab)
    press(one(grid, "b"), Key.Key_Tab)
    assert grid.active is one(grid, "a")


def test_a_viewport_of_a_layout_is_maximised_and_restored(qtbot):
    grid = two(qtbot)
    press(one(grid, "a"), Key.Key_F6)
    one(grid, "extra 1").toggle_maximised()
    assert boxes(grid) == {"extra 1": (0, 0, 802, 602)}
    one(grid, "extra 1").toggle_maximised()
    assert len(boxes(grid)) == 4


def test_shift_c_puts_a_prior_beside_and_the_next_one_and_back(qtbot):
    grid = two(qtbot, "prior", "older", frame="9.9")
    QTest.keyClick(one(grid, "a"), Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    extra = one(grid, "extra 1")
    assert boxes(grid) == {"a": (0, 0, 400, 602), "extra 1": (402, 0, 400, 602)}
    look = grid.document.state.look.viewports["default", "extra 1"]
    assert (look.scan, look.orientation, look.annotation) == ("prior", "Transversal", "")
    assert extra.scene.stranger  # another frame of reference: never linked without a word
    assert entry(extra, "Linking", "Align with 'CT in a' here")
    one(grid, "a").page(4)
    assert shown(extra) == shown(one(grid, "a"))
    one(grid, "a").setFocus()
    QTest.keyClick(one(grid, "a"), Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    assert grid.document.state.look.viewports["default", "extra 1"].scan == "older"
    assert extra.scene.by_hand  # the same frame of reference as the prior
    QTest.keyClick(one(grid, "a"), Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    assert set(boxes(grid)) == {"a", "b"}


def test_compare_from_the_menu(qtbot):
    grid = two(qtbot, "prior")
    assert comparable(grid.document, ("default", "b")) == ["prior"]
    assert entry(one(grid, "b"), "Compare with", "prior")
    assert set(boxes(grid)) == {"b", "extra 1"}
    assert grid.document.state.look.viewports["default", "extra 1"].orientation == "Coronal"
    assert one(grid, "extra 1").scene.linked


def test_a_viewport_of_the_template_named_like_an_extra_one_is_left_alone(qtbot):
    grid = views(qtbot, viewport("extra 1"), size=(400, 400))
    set_layout(grid.document, "default", "2 beside")
    assert shown_keys(grid.document.state.look, "default") == [("default", "extra 1"), ("default", "extra 2")]


def test_cells_without_a_hole():
    assert list(evenly([("c", str(n)) for n in range(5)]).values()) == [
        (0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1), (0, 1, 1, 1), (1, 1, 2, 1)]  # fmt: skip


def test_what_is_in_the_second_window_leaves_no_hole(qtbot):
    grid = two(qtbot)
    press(one(grid, "a"), Key.Key_F6)
    grid.document.look(away=(("default", "b"),))
    look = grid.document.state.look
    places = places_in_grid(look, "default", grid.context.viewports)
    assert places == {("default", "a"): (0, 0, 1, 1), ("default", "extra 1"): (1, 0, 1, 1),
                      ("default", "extra 2"): (0, 1, 2, 1)}  # fmt: skip


def test_a_view_that_was_not_linked_stays_where_it_is_when_it_is_compared(qtbot):
    grid = views(qtbot, viewport("a", linked=False), size=(802, 602))
    grid.document.add_volume(("default", "prior"), volume(modality="MR"))
    one(grid, "a").page(5)
    there = shown(one(grid, "a"))
    compare_with(grid.document, ("default", "a"), "prior")
    assert shown(one(grid, "a")) == shown(one(grid, "extra 1")) == there
    one(grid, "a").page(1)
    assert shown(one(grid, "extra 1")) == there - 1


def test_an_extra_view_does_not_repeat_another_after_a_comparison(qtbot):
    grid = two(qtbot)
    compare_with(grid.document, ("default", "a"), "CT")
    assert grid.document.state.look.viewports["default", "extra 1"].orientation == "Transversal"
    press(one(grid, "a"), Key.Key_F6)
    looks = grid.document.state.look.viewports
    shown = [(looks["default", name].scan, looks["default", name].orientation) for name in boxes(grid)]
    assert shown[:3] == [("CT", "Transversal"), ("CT", "Coronal"), ("CT", "Sagittal")]


def test_compared_scans_have_one_scale_and_zoom_together_until_the_end(qtbot):
    grid = two(qtbot)
    large = volume((80, 80, 20), (1, 1, 2))
    grid.document.add_volume(("default", "large"), large)
    main = one(grid, "a")
    before = main.scene.mm_per_pixel
    QTest.keyClick(main, Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()
    extra = one(grid, "extra 1")
    # the larger scan is 80 mm wide, a view 400 pixels
    assert main.scene.mm_per_pixel == extra.scene.mm_per_pixel == pytest.approx(80 / 400)
    center = main.scene.to_lps(main.width() / 2, main.height() / 2)
    assert extra.scene.to_lps(extra.width() / 2, extra.height() / 2) == pytest.approx(center, abs=0.2)
    extra.zoom_at(QPointF(200, 300), 0.5)
    assert main.scene.mm_per_pixel == pytest.approx(40 / 400)
    assert one(grid, "b").scene.look.mm_per_pixel is None
    press(main, Key.Key_F8)
    assert main.scene.mm_per_pixel == before
    assert not links_of(grid.document, "default").zoom


def test_extra_views_of_an_oblique_scan_cut_it_differently(qtbot):
    """Slices at 45 degrees are the nearest ones to two of the patient's planes."""
    grid = two(qtbot)
    half = 0.5**0.5
    affine = np.eye(4)
    affine[:3, :3] = np.array([[half, 0, half * 5], [-half, 0, half * 5], [0, -1, 0]])
    slices = volume((40, 40, 8))
    oblique = replace(slices, grid=Grid((40, 40, 8), affine, frame_of_reference="1.2"))
    grid.document.add_volume(("default", "CT"), oblique)
    QApplication.processEvents()
    press(one(grid, "a"), Key.Key_F6)
    QApplication.processEvents()
    normals = [view.scene.view.plane.normal for view in grid.viewports.values() if view.scene is not None]
    names = {view.scene.look.orientation for view in grid.viewports.values() if view.scene is not None}
    assert names == {"Transversal", "Coronal", "Sagittal"}
    sagittal = next(view for view in grid.viewports.values() if view.scene.look.orientation == "Sagittal")
    others = [view for view in grid.viewports.values() if view.scene.look.orientation != "Sagittal"]
    for view in others:
        assert abs(float(view.scene.view.plane.normal @ sagittal.scene.view.plane.normal)) < 0.9
    assert len(normals) == 4
