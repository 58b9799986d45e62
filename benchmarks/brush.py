"""How long a piece of a brush stroke takes on 512 x 512 x 600, until it is on the screen; without a GPU."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks._timing import best_p99, row, show
from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.template import AnnotationSpec, Context, Template, Viewport
from viewr.model.volume import Volume
from viewr.tools.base import GestureRunner, Pointer
from viewr.tools.brush import brush
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

LABELS = (Label(1, "Lesion"),)


def one_viewport(shape: tuple[int, int, int]) -> tuple[Document, ViewportGrid, SliceViewport]:
    """One viewport of 800 x 800 on a volume with an empty label map."""
    context = Context("default", viewports=(Viewport("v", "CT", "lab"),),
                      annotations=(AnnotationSpec("lab", True, LABELS),))  # fmt: skip
    document = Document()
    views = ViewportGrid(document, Template("bench", (context,)), "default")
    values = np.zeros(shape, np.int16, order="F")
    grid = Grid(shape, np.diag([0.7, 0.7, 1, 1.0]))
    document.add_volume(("default", "CT"), Volume(values, grid, "CT", "HU"))
    document.add_labelmap(("default", "lab"), empty_labelmap(grid, LABELS))
    views.resize(800, 800)
    views.show()
    QApplication.processEvents()
    return document, views, views.viewports["default", "v"]


def stroke_step(shape: tuple[int, int, int], diameter: float) -> float:
    """p99 of one move of a stroke, ms."""
    document, views, viewport = one_viewport(shape)
    document.look(brush_mm=diameter)
    scene = viewport.scene
    assert scene is not None
    runner = GestureRunner(viewport.hand.context)

    def pointer(kind: Any, number: int) -> Pointer:
        place = 400 + 200 * np.cos(number / 20), 400 + 200 * np.sin(number / 20)
        return Pointer(kind, scene.to_lps(*place), place, scene.view.plane, scene.mm_per_pixel)

    def step(number: int) -> None:
        if not runner.active or number % 60 == 0:
            runner.feed(pointer("release", number))
            runner.start(brush, pointer("press", number))
            document.look(labels={("default", "lab"): 1 + number // 60 % 2})
        runner.feed(pointer("move", number))
        QApplication.processEvents()

    taken = best_p99(step)
    runner.cancel()
    views.close()
    return taken


def measure() -> list[dict[str, Any]]:
    """All measurements."""
    application = QApplication.instance() or QApplication([])
    rows = []
    for shape in ((512, 512, 100), (512, 512, 600)):
        for diameter in (10.0, 100.0):
            name = f"brush {diameter:g} mm on {shape[0]} x {shape[1]} x {shape[2]}, p99"
            rows.append(row(name, stroke_step(shape, diameter), "ms", 16.0))
    application.processEvents()
    return rows


if __name__ == "__main__":
    show(measure())
