"""Mammograms in viewports: chest walls together at one scale, moved and turned by the mouse as it goes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import drag, one, press, viewport, views, volume, wheel

MIDDLE = Qt.MouseButton.MiddleButton
HANGING = {"R": ("P", "L"), "L": ("A", "R")}


def mammogram(side: str, shape=(30, 60, 1)):
    scan = volume(shape, (1, 1, 1), frame="", modality="MG", placed=False, laterality=side, view_position="CC",
                  toward=HANGING[side])  # fmt: skip
    scan.array[:] = 1000
    return scan


@pytest.fixture
def pair(qtbot):
    grid = views(qtbot, viewport("a", annotation=""), viewport("b", scan="L", x=1, annotation=""), size=(802, 400))
    grid.document.add_volume(("default", "CT"), mammogram("R"))
    grid.document.add_volume(("default", "L"), mammogram("L", (26, 50, 1)))
    grid.document.look(strip=False)
    QApplication.processEvents()
    return grid


def test_chest_walls_meet_between_the_views_at_one_scale(pair):
    a, b = one(pair, "a"), one(pair, "b")
    assert a.scene.to_xy((29.5, 0, 0))[0] == pytest.approx(a.width())
    assert b.scene.to_xy((-0.5, 0, 0))[0] == pytest.approx(0)
    assert a.scene.mm_per_pixel == b.scene.mm_per_pixel == pytest.approx(60 / a.height())


@pytest.mark.parametrize("side", "ab")
def test_the_picture_goes_with_the_mouse_from_where_it_hangs(pair, side):
    view = one(pair, side)
    before = np.array(view.scene.to_xy((0.0, 0.0, 0.0)))
    drag(view, QPoint(200, 200), QPoint(190, 203), QPoint(170, 206), button=MIDDLE)
    np.testing.assert_allclose(view.scene.to_xy((0.0, 0.0, 0.0)), np.add(before, (-30, 6)))
    wheel(view, 120, QPoint(200, 200), Qt.KeyboardModifier.ControlModifier)
    kept = np.array(view.scene.to_xy((0.0, 0.0, 0.0)))
    drag(view, QPoint(100, 100), QPoint(110, 90), QPoint(140, 80), button=MIDDLE)
    np.testing.assert_allclose(view.scene.to_xy((0.0, 0.0, 0.0)), np.add(kept, (40, -20)))


def test_a_move_that_is_taken_back_leaves_it_where_it_hung(pair):
    view = one(pair, "a")
    before = view.scene.to_xy((0.0, 0.0, 0.0))
    drag(view, QPoint(200, 200), QPoint(150, 230), button=MIDDLE, release=False)
    press(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view, MIDDLE, Qt.KeyboardModifier.NoModifier, QPoint(150, 230))
    assert view.scene.to_xy((0.0, 0.0, 0.0)) == pytest.approx(before)
