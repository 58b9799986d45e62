"""Paging in napari, run by the interpreter that has it: prints p99 of a step of one view of 600 x 600, ms."""

from __future__ import annotations

import time

import napari
import numpy as np
from qtpy.QtWidgets import QApplication

STEPS = 150


def main() -> None:
    values = np.random.default_rng(1).integers(-1000, 2000, (300, 512, 512), dtype=np.int16)
    viewer = napari.Viewer(show=True)
    viewer.add_image(values, contrast_limits=(-460, 540), interpolation2d="linear")
    labels = np.zeros(values.shape, np.uint8)
    labels[100:200, 180:330, 180:330] = 1
    viewer.add_labels(labels, opacity=0.5)
    viewer.window.resize(1100, 800)
    canvas = viewer.window._qt_viewer.canvas
    canvas.native.setFixedSize(600, 600)
    drawn: list[object] = []
    canvas._scene_canvas.events.draw.connect(drawn.append)
    taken = []
    for number in range(STEPS):
        start, before = time.perf_counter(), len(drawn)
        viewer.dims.set_current_step(0, 100 + number % 90)
        while len(drawn) == before and time.perf_counter() - start < 2:
            QApplication.processEvents()
        taken.append((time.perf_counter() - start) * 1e3)
    print(f"p99 {np.percentile(taken[10:], 99)}")
    viewer.close()


if __name__ == "__main__":
    main()
