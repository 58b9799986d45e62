"""There is one copy of a scan's voxels, whatever the number of views and whatever they show of it."""

from __future__ import annotations

import resource
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.widgets.test_oblique import turn_line
from tests.widgets.viewing import one, viewport, views, volume, wheel
from viewr.render.cpu import CpuRenderer

PLANES = ("Transversal", "Coronal", "Sagittal")
WAYS = (
    {"interpolation": "nearest"},
    {"interpolation": "linear"},
    {"projection": "max", "slab_slices": 5},
)


def resident() -> int:
    """Bytes of this process in memory, those that VTK took too."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.fixture
def six(qtbot):
    """Two views of each plane, over a scan of 51 MB."""
    grid = views(qtbot, *(viewport(f"{name}{n}", name, x=x, y=n) for x, name in enumerate(PLANES) for n in (0, 1)),
                 size=(600, 400))  # fmt: skip
    grid.document.add_volume(("default", "CT"), volume((320, 320, 250)))
    QApplication.processEvents()
    yield grid
    grid.close()


def show_all(grid):
    """Each way of showing the scan in each view, and some slices of it."""
    for fields in WAYS:
        for view in grid.viewports.values():
            view.look_at(**fields)
            wheel(view, -120)
            QApplication.processEvents()


@pytest.mark.parametrize("turned", [False, True])
def test_six_views_of_a_scan_hold_no_copy_of_it(six, turned):
    size = six.document.volumes["default", "CT"].array.nbytes
    tracemalloc.start()
    try:
        if turned:
            turn_line(one(six, "Transversal0"), 25, far=60)
        show_all(six)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < size / 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is read as Linux tells it")
def test_planes_that_vtk_cuts_hold_no_copy_either(qtbot, six):
    turn_line(one(six, "Transversal0"), 25, far=60)
    show_all(six)
    # What VTK itself needs is loaded now; another scan of the same size takes its own voxels and nothing more.
    other = volume((320, 320, 250))
    assert np.count_nonzero(other.array) > 0
    before = resident()
    six.document.add_volume(("default", "T2"), other)
    for view in six.viewports.values():
        view.show_scan("T2")
    show_all(six)
    assert all(isinstance(view.renderer, CpuRenderer) for view in six.viewports.values())
    assert any(view.scene.stack.oblique for view in six.viewports.values())
    assert resident() - before < other.array.nbytes / 2
