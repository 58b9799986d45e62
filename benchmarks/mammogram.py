"""How long a step takes that pans or zooms a whole mammogram of 3000 x 4000, linear; without a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks._timing import best_p99, row, show
from viewr.model.geometry import Grid
from viewr.model.template import Context, Template, Viewport
from viewr.model.volume import Volume
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

KEY = ("default", "v")
#: One of four viewports of a monitor for mammograms, and the whole of one.
SIZES = ((900, 1200), (2000, 2000))


def mammogram() -> Volume:
    values = np.random.default_rng(1).integers(0, 4096, (3000, 4000, 1), dtype=np.uint16)
    return Volume(np.asfortranarray(values), Grid(values.shape, np.diag([0.07, 0.07, 1, 1.0])), "MG")


def moved(number: int, mm: float) -> dict[str, Any]:
    """Panned by some pixels; nearly all of the picture stays in the viewport."""
    return {"mm_per_pixel": mm, "pan_mm": (number % 40 * mm, number % 30 * mm)}


def zoomed(number: int, mm: float) -> dict[str, Any]:
    """From the whole picture to a quarter of it, in steps of 2 %."""
    return {"mm_per_pixel": mm * 1.02 ** -(number % 36), "pan_mm": (0.0, 0.0)}


def drag(size: tuple[int, int], look: Callable[[int, float], dict[str, Any]]) -> float:
    """p99 of a step until it is painted, ms."""
    context = Context("default", viewports=(Viewport("v", "MG", interpolation="linear"),))
    document = Document()
    grid = ViewportGrid(document, Template("bench", (context,)), "default")
    document.add_volume(("default", "MG"), mammogram())
    grid.resize(*size)
    grid.show()
    QApplication.processEvents()
    mm = max(210 / size[0], 280 / size[1])

    def step(number: int) -> None:
        document.look_viewport(KEY, **look(number, mm))
        QApplication.processEvents()

    taken = best_p99(step)
    grid.close()
    return taken


def peer(size: tuple[int, int]) -> float:
    """p99 of SimpleITK's linear resample of the same to the screen, which leaves voxels out; no picture; ms."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(mammogram().array[..., 0].T)
    image.SetSpacing((0.07, 0.07))
    mm = max(210 / size[0], 280 / size[1])

    def step(number: int) -> None:
        pan = moved(number, mm)["pan_mm"]
        sitk.Resample(image, list(size), sitk.Transform(), sitk.sitkLinear, list(pan), [mm, mm])

    return best_p99(step)


def measure() -> list[dict[str, Any]]:
    """All measurements."""
    application = QApplication.instance() or QApplication([])
    rows = []
    for size in SIZES:
        for name, look in (("pan", moved), ("zoom", zoomed)):
            line = row(f"{name} a mammogram 3000 x 4000 in {size[0]} x {size[1]}, linear, p99", drag(size, look), "ms",
                       33.0)  # fmt: skip
            if name == "pan":
                other = peer(size)
                line |= {"peer": "SimpleITK", "peer_value": round(other, 3), "ratio": round(other / line["value"], 2)}
            rows.append(line)
    application.processEvents()
    return rows


if __name__ == "__main__":
    show(measure())
