"""Four films beside each other, each at its own rate: what a frame of all takes, and how many are left out."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks._timing import RUNS, best_p99, row, show
from viewr.model.geometry import Grid
from viewr.model.template import Context, Template, Viewport
from viewr.model.volume import Volume, Window
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

#: Seconds that the films play.
PLAYED = 4.0
#: Milliseconds a frame: 30 a second.
FRAME_MS = 1000 / 30
#: Name, modality, shape: two angiographies, an ultrasound in colour, a perfusion of which one slice is shown.
FILMS = (
    ("XA 1", "XA", (512, 512, 1, 90)), ("XA 2", "XA", (512, 512, 1, 60)), ("US", "US", (640, 480, 1, 60, 3)),
    ("MR", "MR", (192, 192, 20, 40)),
)  # fmt: skip


def film(modality: str, shape: tuple[int, ...]) -> Volume:
    """Noise, in Fortran order as the readers give it."""
    axes = ("time", "channel")[: len(shape) - 3]
    values = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    return Volume(
        np.asfortranarray(values), Grid((shape[0], shape[1], shape[2]), np.eye(4)), modality, axes=axes,
        windows=(Window(256, 128),), frame_time_ms=FRAME_MS, placed=modality == "MR", description="Bench",
    )  # fmt: skip


def four_films() -> ViewportGrid:
    """Four viewports of 600 x 500."""
    viewports = tuple(Viewport(name, name, "", n % 2, n // 2, True) for n, (name, _, _) in enumerate(FILMS))
    document = Document()
    grid = ViewportGrid(document, Template("bench", (Context("default", viewports=viewports),)), "default")
    grid.resize(1204, 1004)
    grid.show()
    for name, modality, shape in FILMS:
        document.add_volume(("default", name), film(modality, shape))
    QApplication.processEvents()
    return grid


def frame_of_all(grid: ViewportGrid) -> float:
    """p99 of the next frame of all four, until they are painted, ms."""

    def step(number: int) -> None:
        for viewport in grid.viewports.values():
            axis = viewport.cine.axis
            assert axis is not None
            viewport.cine.show(number % axis.count)
        QApplication.processEvents()

    return best_p99(step)


def left_out(grid: ViewportGrid) -> int:
    """Frames that did not reach the screen while all four play."""
    cines = [viewport.cine for viewport in grid.viewports.values()]
    before = sum(cine.left_out for cine in cines)
    for cine in cines:
        cine.toggle()
    end = time.perf_counter() + PLAYED
    while time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.0005)
    for cine in cines:
        cine.stop()
    return sum(cine.left_out for cine in cines) - before


def measure() -> list[dict[str, Any]]:
    """All measurements."""
    application = QApplication.instance() or QApplication([])
    grid = four_films()
    rows = [
        row("cine, a frame of four films, p99", frame_of_all(grid), "ms", FRAME_MS),
        row(f"cine, four films at 30/s for {PLAYED:.0f} s, left out", min(left_out(grid) for _ in range(RUNS)),
            "frames", 0),
    ]  # fmt: skip
    grid.close()
    del application
    return rows


if __name__ == "__main__":
    show(measure())
