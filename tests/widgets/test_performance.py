"""The read-out of speed (F12)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.widgets.viewing import one, press, viewport, views
from viewr.widgets.performance import PerformanceReadout, percentile, viewing_lines
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs


@pytest.mark.parametrize(("share", "value"), [(0.5, 51), (0.99, 100), (1.0, 100), (0.0, 1)])
def test_percentiles(share, value):
    assert percentile(range(100, 0, -1), share) == value
    assert percentile([], share) == 0


def test_slices_and_pictures_are_counted(qtbot):
    grid = views(qtbot, viewport("a"))
    view = one(grid)
    view.times.clear()
    before = view.painted
    for _ in range(3):
        press(view, Qt.Key.Key_Down)
    assert len(view.times) == 3
    slices, pictures, renderer = viewing_lines([view])
    assert slices == f"Slices: {before + 3} painted, 0 skipped"
    assert pictures.endswith("(3)")
    assert renderer == "Renderer: CPU"


def test_it_is_shown_and_taken_away_and_stays_in_its_corner(qtbot, tmp_path):
    grid = views(qtbot, viewport("a"))
    jobs = Jobs()
    cached = tmp_path / "cache" / "images" / "a" / "file"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(bytes(3 << 20))
    readout = PerformanceReadout(grid, jobs, Folders(tmp_path, tmp_path / "cache", 1 << 30))
    readout.toggle()
    assert readout.isVisible()
    assert "Memory: " in readout.text()
    qtbot.waitUntil(lambda: "Image cache: 3 MB of 1.00 GB" in (readout.read() or readout.text()))
    grid.resize(700, 500)
    assert (readout.geometry().right(), readout.geometry().bottom()) == (700 - 13, 500 - 13)
    readout.toggle()
    assert not readout.isVisible()
    jobs.shut_down()
