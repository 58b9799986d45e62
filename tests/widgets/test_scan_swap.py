"""Scans dragged into viewports from the row of scans, or from another viewport, by a real mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.test_linking import entry
from tests.widgets.viewing import LABELS, drag, one, press, shown, viewport, views, volume, wheel
from viewr.model.labelmap import empty_labelmap
from viewr.widgets.scan_strip import ScanStrip, ScanTile, thumbnail

Key = Qt.Key
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
A, B = ("default", "a"), ("default", "b")


def two(qtbot, **fields):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(802, 602))
    grid.document.add_volume(("default", "prior"), volume(**fields))
    for _ in range(3):
        QApplication.processEvents()
    return grid


def tile(grid, name) -> ScanTile:
    return grid.findChild(ScanTile, f"scan:{name}")


def carry(grid, start, begin, goal, end, keys=NONE, release=True):
    """Press on one widget, move over the screen, let go over another: through the window, as the mouse does."""
    window = grid.window().windowHandle()
    first, last = start.mapTo(grid, begin), goal.mapTo(grid, end)
    QTest.mouseMove(window, first)
    QTest.mousePress(window, LEFT, keys, first)
    for share in np.linspace(0.2, 1, 5):
        QTest.mouseMove(window, first + (last - first) * float(share))
        QApplication.processEvents()
    if release:
        QTest.mouseRelease(window, LEFT, keys, last)
        QApplication.processEvents()


def scans(grid):
    looks = grid.document.state.look.viewports
    return looks[A].scan, looks[B].scan


def test_the_row_comes_by_itself_only_where_the_template_leaves_a_scan_out(qtbot):
    plain = views(qtbot, viewport("a"))
    assert not plain.findChild(ScanStrip).isVisible()
    press(one(plain, "a"), Key.Key_F9)
    assert plain.findChild(ScanStrip).isVisible()
    grid = two(qtbot)
    assert grid.findChild(ScanStrip).isVisible()
    assert [name for name in ("CT", "prior") if tile(grid, name).in_use] == ["CT"]
    press(one(grid, "a"), Key.Key_F9)
    assert not grid.findChild(ScanStrip).isVisible()


def test_a_scan_is_dragged_into_a_view(qtbot):
    grid = two(qtbot)
    carry(grid, tile(grid, "prior"), QPoint(30, 30), one(grid, "b"), QPoint(200, 200))
    assert scans(grid) == ("CT", "prior")
    assert grid.document.state.look.active == B
    assert one(grid, "b").offered == ""
    assert grid.document.state.look.viewports[B].orientation == "Coronal"


def test_the_goal_tells_what_it_would_show_and_escape_lets_go(qtbot):
    grid = two(qtbot)
    carry(grid, tile(grid, "prior"), QPoint(30, 30), one(grid, "b"), QPoint(200, 200), release=False)
    assert (one(grid, "a").offered, one(grid, "b").offered) == ("", "prior")
    QTest.keyClick(grid.window().windowHandle(), Key.Key_Escape)
    QTest.mouseRelease(grid.window().windowHandle(), LEFT, NONE, QPoint(500, 300))
    QApplication.processEvents()
    assert one(grid, "b").offered == ""
    assert scans(grid) == ("CT", "CT")


def test_let_go_beside_the_views_nothing_happens(qtbot):
    grid = two(qtbot)
    carry(grid, tile(grid, "prior"), QPoint(30, 30), grid.findChild(ScanStrip), QPoint(400, 20))
    assert scans(grid) == ("CT", "CT")


def test_from_one_view_to_another_with_ctrl_and_shift(qtbot):
    grid = two(qtbot)
    entry(one(grid, "a"), "Scan", "prior")
    assert scans(grid) == ("prior", "CT")
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    carry(grid, one(grid, "a"), QPoint(90, 90), one(grid, "b"), QPoint(200, 200), keys)
    assert scans(grid) == ("prior", "prior")


def test_a_double_click_fills_the_active_view(qtbot):
    grid = two(qtbot)
    grid.document.look(active=B)
    QTest.mouseDClick(tile(grid, "prior"), LEFT, NONE, QPoint(30, 30))
    assert scans(grid) == ("CT", "prior")


def test_the_same_place_stays_in_the_middle_within_a_frame(qtbot):
    grid = two(qtbot)
    there = volume((60, 60, 20), (0.5, 0.5, 2))
    affine = there.grid.affine.copy()
    affine[:2, 3] = 6
    grid.document.add_volume(("default", "prior"), replace(there, grid=replace(there.grid, affine=affine)))
    view = one(grid, "a")
    wheel(view, 240, QPoint(100, 100), Qt.KeyboardModifier.ControlModifier)
    before, zoom, slice_shown = view.scene.to_lps(200, 300), view.scene.mm_per_pixel, shown(view)
    view.show_scan("prior")
    assert view.scene.to_lps(200, 300)[:2] == pytest.approx(before[:2])
    assert (view.scene.mm_per_pixel, shown(view)) == (zoom, slice_shown)


def test_the_same_place_stays_in_the_middle_also_of_a_turned_picture(qtbot):
    grid = two(qtbot)
    view = one(grid)
    view.look_at(mm_per_pixel=0.05, pan_mm=(4.0, -3.0))
    view.look_at(turned=1, flipped=True)
    middle = view.width() / 2, view.height() / 2
    before = view.scene.to_lps(*middle)
    view.show_scan("prior")
    assert (view.scene.look.turned, view.scene.look.flipped) == (0, False)
    assert view.scene.to_lps(*middle) == pytest.approx(before)


def test_a_label_map_is_neither_shown_nor_painted_on_a_scan_of_another_frame(qtbot):
    grid = two(qtbot, frame="9.9")
    view = one(grid, "a")
    labels = empty_labelmap(grid.document.volumes["default", "CT"].grid, LABELS)
    labels.array[:] = 1
    grid.document.add_labelmap(("default", "lab"), labels)
    assert view.scene.view.overlays
    view.show_scan("prior")
    assert not view.scene.view.overlays
    grid.document.look(tool="eraser")
    drag(view, QPoint(150, 150), QPoint(200, 200))
    assert labels.array.all()
    view.show_scan("CT")
    assert view.scene.view.overlays


def test_a_thumbnail_is_the_middle_slice(qapp):
    scan = volume((40, 40, 21))
    scan.array[:, :, 10] = 2000
    image = thumbnail(scan, 1.0).toImage()
    assert (image.width(), image.height()) == (92, 62)
    assert image.pixelColor(46, 31).red() == 255
    assert image.pixelColor(2, 31).red() == 0


def test_names_of_scans_are_cut_but_told_whole(qtbot):
    grid = two(qtbot)
    grid.document.add_volume(("default", "a scan with a long name"), volume(description="T1 after contrast"))
    assert "T1 after contrast" in tile(grid, "a scan with a long name").toolTip()
