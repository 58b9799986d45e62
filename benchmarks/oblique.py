"""How long an oblique picture of 512 x 512 takes, linear, beside SimpleITK and VTK; without a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QGuiApplication

from benchmarks._timing import best_p99, row, show
from benchmarks.paging import ct_volume
from viewr.model.geometry import FloatArray, Plane
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer

SIDE, MM = 512, 0.6


def turned(volume: Volume, number: int) -> Plane:
    """Planes that turn a little from one to the next, so that nothing can be used again."""
    angle = np.deg2rad(15 + number % 40)
    right = np.array([np.cos(angle), np.sin(angle), 0])
    down = np.array([-0.6 * np.sin(angle), 0.6 * np.cos(angle), 0.8])
    return Plane(volume.grid.center_lps, right, down)


def ours(volume: Volume) -> Callable[[int], None]:
    renderer = CpuRenderer(reuse=True)

    def step(number: int) -> None:
        renderer.picture(SliceView(volume, turned(volume, number), (SIDE, SIDE), MM, Window(1000, 40),
                                   interpolation="linear"))  # fmt: skip

    return step


def _corner(plane: Plane) -> FloatArray:
    return np.asarray(plane.center + (0.5 - SIDE / 2) * MM * (plane.right + plane.down))


def by_simpleitk(volume: Volume) -> Callable[[int], None]:
    """Resampling alone, to float; no picture."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(volume.array.T)
    image.SetSpacing(volume.spacing)
    image.SetOrigin(volume.grid.affine[:3, 3].tolist())

    def step(number: int) -> None:
        plane = turned(volume, number)
        axes = np.stack([plane.right, plane.down, plane.normal], axis=1)
        sitk.Resample(image, [SIDE, SIDE, 1], sitk.Transform(), sitk.sitkLinear, _corner(plane).tolist(),
                      [MM, MM, 1.0], axes.ravel().tolist(), 0.0, sitk.sitkFloat32)  # fmt: skip

    return step


def by_vtk(volume: Volume) -> Callable[[int], None]:
    """Reslicing alone, in a pipeline that stands; no picture."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkImagingCore import vtkImageReslice

    image = vtkImageData()
    image.SetDimensions(*volume.array.shape)
    image.SetSpacing(*volume.spacing)
    image.SetOrigin(*volume.grid.affine[:3, 3])
    image.GetPointData().SetScalars(numpy_to_vtk(volume.array.reshape(-1, order="F")))
    cut = vtkImageReslice()
    cut.SetInputData(image)
    cut.SetOutputDimensionality(2)
    cut.SetOutputSpacing(MM, MM, 1)
    cut.SetOutputOrigin(0, 0, 0)
    cut.SetOutputExtent(0, SIDE - 1, 0, SIDE - 1, 0, 0)
    cut.SetInterpolationModeToLinear()

    def step(number: int) -> None:
        plane = turned(volume, number)
        cut.SetResliceAxesDirectionCosines(*plane.right, *plane.down, *plane.normal)
        cut.SetResliceAxesOrigin(*_corner(plane))
        cut.Update()

    return step


def measure() -> list[dict[str, Any]]:
    """All measurements."""
    application = QGuiApplication.instance() or QGuiApplication([])
    volume = ct_volume()
    value = best_p99(ours(volume), 60)
    rows = []
    for name, make in (("SimpleITK", by_simpleitk), ("vtkImageReslice", by_vtk)):
        other = best_p99(make(volume), 60)
        rows.append(row(f"oblique {SIDE} x {SIDE}, linear, p99, beside {name}", value, "ms", 25.0)
                    | {"peer": name, "peer_value": round(other, 3), "ratio": round(other / value, 2)})  # fmt: skip
    del application
    return rows


if __name__ == "__main__":
    show(measure())
