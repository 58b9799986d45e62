"""How long a page step of a slab of 30 slices takes, along the axes of the grid and oblique; without a GPU."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QGuiApplication

from benchmarks._timing import best_p99, row, show
from benchmarks.oblique import turned
from benchmarks.paging import ct_volume
from viewr.model.geometry import Plane
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.sampling import normal_step
from viewr.render.stack import build_stack
from viewr.widgets.slice_view_draft import COARSE

SLICES = 30


def _to_and_fro(number: int, count: int) -> int:
    return count - 1 - abs(number % (2 * count - 2) - count + 1)


def page(volume: Volume, planes: list[Plane], projection: Literal["max", "mean"]) -> float:
    """p99 of a picture of the next plane, ms."""
    renderer = CpuRenderer(reuse=True)

    def step(number: int) -> None:
        renderer.picture(SliceView(volume, planes[_to_and_fro(number, len(planes))], (600, 600), 0.6, Window(1000, 40),
                                   interpolation="linear", projection=projection, slab_slices=SLICES))  # fmt: skip

    return best_p99(step, 60)


def turning(volume: Volume) -> tuple[float, float]:
    """p99 of the coarse picture of a slab that turns; and the longest part of the work on the true one; ms."""
    renderer = CpuRenderer(reuse=True)

    def view(number: int) -> SliceView:
        return SliceView(volume, turned(volume, number), (600, 600), 0.6, Window(1000, 40), interpolation="linear",
                         projection="max", slab_slices=SLICES)  # fmt: skip

    def draft(number: int) -> None:
        renderer.work(view(number))
        renderer.draft(view(number), COARSE)

    def part(number: int) -> None:
        if not renderer.prepare(views[number // (SLICES + 1) % len(views)]):
            renderer.picture(views[number // (SLICES + 1) % len(views)])

    views = [view(number) for number in range(20)]
    return best_p99(draft, 60), best_p99(part, 10 * (SLICES + 1))


def peer(volume: Volume, planes: list[Plane]) -> float:
    """p99 of the same maximum by SimpleITK: the slab is cut out, projected, and resampled to the screen; ms."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(volume.array.T)
    image.SetSpacing(volume.spacing)
    image.SetOrigin(volume.grid.affine[:3, 3].tolist())

    def step(number: int) -> None:
        k = int(volume.grid.to_ijk(planes[number % len(planes)].center)[2])
        slab = sitk.MaximumProjection(image[:, :, k - 14 : k + 16], 2)
        sitk.Resample(slab, [600, 600, 1], sitk.Transform(), sitk.sitkLinear,
                      [-180.0, -180.0, slab.GetOrigin()[2]], [0.6, 0.6, 1.0])  # fmt: skip

    return best_p99(step, 60)


def measure() -> list[dict[str, Any]]:
    """All measurements."""
    application = QGuiApplication.instance() or QGuiApplication([])
    volume = ct_volume()
    rows = []
    for orientation in ("Transversal", "Coronal", "Sagittal"):
        stack = build_stack(volume, orientation)
        planes = [stack.plane(stack.count // 2 - 30 + n) for n in range(60)]
        for projection in ("max", "mean"):
            line = row(
                f"slab of {SLICES}, {orientation}, {projection}, p99", page(volume, planes, projection), "ms", 33.0
            )
            if (orientation, projection) == ("Transversal", "max"):
                other = peer(volume, planes)
                line |= {"peer": "SimpleITK", "peer_value": round(other, 3), "ratio": round(other / line["value"], 2)}
            rows.append(line)
    turn = np.deg2rad(20)
    middle = volume.grid.center_lps
    right, down = np.array([np.cos(turn), np.sin(turn), 0]), np.array([-np.sin(turn), np.cos(turn), 0.3])
    down /= np.linalg.norm(down)
    normal = np.cross(right, down)
    step = normal_step(volume.grid, Plane(middle, right, down))
    planes = [Plane(middle + (n - 30) * step * normal, right, down) for n in range(60)]
    rows.append(row(f"slab of {SLICES}, oblique, max, p99", page(volume, planes, "max"), "ms", 33.0))
    coarse, part = turning(volume)
    rows.append(row(f"slab of {SLICES} turned, coarse picture, p99", coarse, "ms", 33.0))
    rows.append(row(f"slab of {SLICES} turned, true picture at rest, longest block, p99", part, "ms", 100.0))
    del application
    return rows


if __name__ == "__main__":
    show(measure())
