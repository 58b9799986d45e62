"""The histogram window: what it counts, and its lines that set the window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from tests.widgets.viewing import move, one, press, shown, viewport, views
from viewr.widgets.histogram import bar_heights, open_histogram


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def panel(grid, qtbot):
    panel = open_histogram(one(grid))
    qtbot.waitUntil(lambda: panel.chart.histogram is not None)
    yield panel
    if isValid(panel):
        panel.close()


def test_it_counts_the_shown_slice_then_the_scan(panel, grid, qtbot):
    view = one(grid)
    counted = panel.chart.histogram
    assert (counted.least, counted.most, counted.total) == (100 * shown(view), 100 * shown(view), 40 * 40)
    press(view, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: panel.chart.histogram.least == 1900)
    QTest.mouseClick(panel.of_scan, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.chart.histogram.total == 40 * 40 * 20)
    assert (panel.chart.histogram.least, panel.chart.histogram.most) == (0, 1900)
    assert "32,000 values in HU" in panel.note.text()


def test_slices_that_are_still_to_come_do_not_count(grid, qtbot):
    view = one(grid)
    loaded = view.document.arriving["default", "CT"] = np.zeros(20, bool)
    loaded[3:5] = True
    panel = open_histogram(view)
    QTest.mouseClick(panel.of_scan, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.chart.histogram is not None and panel.chart.histogram.total == 2 * 40 * 40)
    assert (panel.chart.histogram.least, panel.chart.histogram.most) == (300, 400)
    loaded[:] = True
    view.document.volume_filled(("default", "CT"), 19)
    qtbot.waitUntil(lambda: panel.chart.histogram.total == 20 * 40 * 40)
    panel.close()


def test_its_lines_set_the_window(panel, grid, qtbot):
    view = one(grid)
    view.look_at(window=None)
    QTest.mouseClick(panel.of_scan, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.chart.histogram.most == 1900)
    view.set_window(type(view.scene.view.window)(1000, 1000))  # 500 to 1500
    chart = panel.chart
    low, target = chart.x_of(500), chart.x_of(900)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(low), 40))
    move(chart, QPoint(round(target), 40), Qt.MouseButton.LeftButton)
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(target), 40))
    window = view.scene.view.window
    assert window.level + window.width / 2 == pytest.approx(1500)
    assert window.level - window.width / 2 == pytest.approx(900, abs=6)  # a pixel is 5 HU
    middle = round((chart.x_of(900) + chart.x_of(1500)) / 2)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(middle, 40))
    move(chart, QPoint(middle - 40, 40), Qt.MouseButton.LeftButton)
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(middle - 40, 40))
    assert view.scene.view.window.width == pytest.approx(window.width)
    assert view.scene.view.window.level < window.level - 100
    assert not panel.grab().isNull()


def test_it_goes_with_its_viewport(panel, grid):
    one(grid).deleteLater()
    for _ in range(2):  # the viewport, then its histogram
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(panel)


def test_heights_are_logarithmic():
    heights = bar_heights(np.array([0, 1, 3, 7]))
    assert heights.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert bar_heights(np.zeros(3, np.int64)).tolist() == [0, 0, 0]


def test_another_slab_or_point_in_time_is_counted_anew(panel, grid, qtbot):
    view = one(grid)
    here = 100 * shown(view)
    view.look_at(projection="max", slab_slices=3)
    qtbot.waitUntil(lambda: panel.chart.histogram.most == here + 100)
    view.look_at(projection="min")
    qtbot.waitUntil(lambda: panel.chart.histogram.most == here - 100)


def test_escape_closes_it(panel, qtbot):
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    with qtbot.waitSignal(panel.destroyed):
        QTest.keyClick(panel, Qt.Key.Key_Escape)
