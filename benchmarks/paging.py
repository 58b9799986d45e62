"""How long a page step of three linked viewports takes, and a step of a window drag on a mammogram; without a GPU."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks._timing import best_p99, row, show
from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.template import AnnotationSpec, Context, Template, Viewport
from viewr.model.volume import Volume, Window
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

#: Where `install_napari.sh` installs it.
NAPARI = Path(__file__).resolve().parents[1] / ".real" / "napari"
LABELS = (Label(1, "Lesion"), Label(2, "Edema", colour=(0, 200, 255)))


def ct_volume(shape: tuple[int, int, int] = (512, 512, 300)) -> Volume:
    """Noise like a CT's, in Fortran order as the readers give it."""
    values = np.random.default_rng(1).integers(-1000, 2000, shape, dtype=np.int16)
    grid = Grid(shape, np.array([[0.7, 0, 0, -180], [0, 0.7, 0, -180], [0, 0, 1, -150], [0, 0, 0, 1.0]]))
    return Volume(np.asfortranarray(values), grid, "CT", "HU", description="Bench")


def three_viewports(orientations: tuple[str, str, str], interpolation: str) -> tuple[Document, ViewportGrid]:
    """Three linked viewports of 600 x 600 on one volume with one label map."""
    viewports = tuple(
        Viewport(f"v{n}", "CT", "lab", n, 0, True, name, interpolation=interpolation)  # type: ignore[arg-type]
        for n, name in enumerate(orientations)
    )
    context = Context("default", viewports=viewports, annotations=(AnnotationSpec("lab", True, LABELS),))
    document = Document()
    grid = ViewportGrid(document, Template("bench", (context,)), "default")
    volume = ct_volume()
    labelmap = empty_labelmap(volume.grid, LABELS)
    labelmap.array[180:330, 180:330, 100:200] = 1
    labelmap.array[100:170, 180:330, 100:200] = 2
    document.add_volume(("default", "CT"), volume)
    document.add_labelmap(("default", "lab"), labelmap)
    grid.resize(1804, 600)
    grid.show()
    QApplication.processEvents()
    return document, grid


def page_all(orientations: tuple[str, str, str], interpolation: str) -> tuple[float, int]:
    """p99 of a step that changes every viewport's slice, until all are painted, ms; and slices skipped."""
    document, grid = three_viewports(orientations, interpolation)
    center = np.array(document.volumes["default", "CT"].grid.center_lps)
    reach = np.array([0.7, 0.7, 1.0])

    def step(number: int) -> None:
        place = center + (number % 90 - 45) * reach
        document.look(cursors={"default": (float(place[0]), float(place[1]), float(place[2]))})
        QApplication.processEvents()

    taken = best_p99(step)
    skipped = sum(viewport.skipped for viewport in grid.viewports.values())
    grid.close()
    return taken, skipped


def window_drag() -> float:
    """p99 of one step of a window drag on 3000 x 4000 in 2000 x 2000, ms."""
    values = np.random.default_rng(1).integers(0, 4096, (3000, 4000, 1), dtype=np.uint16)
    volume = Volume(np.asfortranarray(values), Grid(values.shape, np.diag([0.07, 0.07, 1, 1.0])), "MG")
    context = Context("default", viewports=(Viewport("v", "MG"),))
    document = Document()
    grid = ViewportGrid(document, Template("bench", (context,)), "default")
    document.add_volume(("default", "MG"), volume)
    grid.resize(2000, 2000)
    grid.show()
    QApplication.processEvents()

    def step(number: int) -> None:
        document.look_viewport(("default", "v"), window=Window(2000 + number % 500, 1500))
        QApplication.processEvents()

    taken = best_p99(step)
    grid.close()
    return taken


def napari_paging() -> float | None:
    """p99 of a page step of one such view in napari, ms; None where it is not installed or has no screen."""
    python = NAPARI / "bin" / "python"
    if not python.exists() or not os.environ.get("DISPLAY"):
        return None
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb"}
    script = Path(__file__).with_name("_napari_paging.py")
    done = subprocess.run([python, script], env=environment, capture_output=True, text=True, timeout=300)
    found = re.search(r"^p99 ([\d.]+)$", done.stdout, re.MULTILINE)
    return float(found[1]) if found else None


def measure() -> list[dict[str, Any]]:
    """All measurements."""
    application = QApplication.instance() or QApplication([])
    rows = []
    for name, orientations in (
        ("three planes", ("Transversal", "Coronal", "Sagittal")),
        ("three transversal", ("Transversal",) * 3),
    ):
        for interpolation in ("nearest", "linear"):
            taken, skipped = page_all(orientations, interpolation)
            rows.append(row(f"page, {name}, {interpolation}, p99", taken, "ms", 16.7))
            rows.append(row(f"page, {name}, {interpolation}, slices skipped", skipped, "slices", 0))
    peer = napari_paging()
    if peer is not None:
        rows[2] |= {
            "peer": "napari, one view",
            "peer_value": round(peer, 3),
            "ratio": round(peer / rows[2]["value"], 2),
        }
    rows.append(row("window drag 3000 x 4000 in 2000 x 2000, p99", window_drag(), "ms", 33.0))
    application.processEvents()
    return rows


if __name__ == "__main__":
    show(measure())
