"""Real scans at chosen patient positions: values as SimpleITK gives them, pictures as window and table say."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from PySide6.QtGui import QImage

from tests.data import SHARED, needs_real_scans
from tests.render.test_sampling import assert_same, by_sitk
from viewr.imaging.series import read_folder
from viewr.imaging.window import auto_window
from viewr.model.geometry import Orientation, Plane, acquisition_plane, anatomical_plane
from viewr.model.volume import Volume
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.sampling import slab_planes, voxels_3d

#: Folder, which volume of it, point on its named axes.
SERIES = {
    "CT of the chest": ("ct-chest-philips", 0, ()),
    "enhanced MR in time": ("mr-enhanced-philips", 0, (3,)),
    "EPI in time": ("mr-epi4d-ge", 1, (5,)),
    "localizer": ("mr-localizer-ge", 0, ()),
    "another localizer": ("mr-localizer-ge", 1, ()),
    "mosaic": ("mr-mosaic-siemens", 1, (1,)),
    "second echo": ("mr-multiecho-siemens/dicom", 1, ()),
    "tilted T1": ("mr-t1-philips", 0, ()),
    "PET": ("pet-ge", 0, ()),
    "cropped CT": ("petct-cropped-ge", 0, ()),
    "cropped PET": ("petct-cropped-ge", 2, ()),
    "thin CT": ("seg-ct-ge", 0, ()),
    "mammogram": ("projection", 0, ()),
}
ORIENTATIONS: tuple[Orientation, ...] = ("Transversal", "Coronal", "Sagittal")
SIZE = (120, 110)

pytestmark = needs_real_scans


@lru_cache(maxsize=1)
def read(folder: str) -> tuple[Volume, ...]:
    return tuple(read_folder(SHARED / folder).volumes)


def load(name: str) -> tuple[Volume, tuple[int, ...]]:
    folder, number, frame = SERIES[name]
    return read(folder)[number], frame


def turned(plane: Plane) -> Plane:
    """Turned about two of its own axes."""
    a, b = np.deg2rad(21), np.deg2rad(-13)
    right = np.cos(a) * plane.right + np.sin(a) * plane.normal
    down = np.cos(b) * plane.down + np.sin(b) * np.cross(plane.down, right)
    down -= (down @ right) * right
    return Plane(plane.center, right, down / np.linalg.norm(down))


def planes(volume: Volume, orientation: Orientation) -> dict[str, Plane]:
    """Planes a little beside the middle, that no voxel lies in exactly."""
    at = volume.grid.to_lps((np.array(volume.grid.shape) - 1) / 2 + 0.31 * (np.array(volume.grid.shape) > 1))
    own = acquisition_plane(volume.grid, orientation, at)
    return {
        "along the scan": own,
        "along the patient": anatomical_plane(orientation, at),
        "oblique": turned(own),
        "turned by a quarter": Plane(own.center, own.down, -own.right),
        "mirrored": Plane(own.center, -own.right, own.down),
    }


def scale(volume: Volume, plane: Plane) -> float:
    """Millimetres a pixel: the volume fills most of the picture, at no more than two voxels a pixel."""
    corners = np.array(np.meshgrid(*[(0, size) for size in volume.grid.shape])).reshape(3, -1).T
    extent = np.ptp(volume.grid.to_lps(corners) @ np.stack([plane.right, plane.down], axis=1), axis=0)
    return float(min(max(extent) / 100, 1.9 * min(volume.grid.spacing[:2])))


def greens(image: QImage) -> np.ndarray:
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return (pixels[:, : image.width()] >> 8 & 255).astype(int)


def single(volume: Volume, frame: tuple[int, ...]) -> Volume:
    """The frame alone, as a volume without named axes."""
    return replace(volume, array=voxels_3d(volume.array, volume.axes, frame), axes=())


def assert_true(view: SliceView) -> None:
    """The sample as SimpleITK has it; the picture as the window's formula makes it of the sample."""
    volume = view.volume
    alone = single(volume, view.frame)
    sample = CpuRenderer().sample(view)
    np.testing.assert_array_equal(sample, CpuRenderer().sample(replace(view, volume=alone, frame=())))
    spread = float(np.ptp(alone.array.astype(np.float64)))
    assert_same(replace(view, volume=alone, frame=()), 0.0 if view.interpolation == "nearest" else 1e-5 * spread)
    low, high = view.window.bounds
    share = np.clip((sample.astype(np.float64) - low) / (high - low), 0, 1)
    share = 1 - share if volume.inverted else share
    expected = np.floor(np.nan_to_num(share) * 255 + 0.5)
    wrong = np.abs(greens(CpuRenderer().picture(view)) - expected)
    assert wrong.max() <= 1  # a value on the edge between two grey levels may fall to either side
    assert (wrong > 0).mean() < 0.01


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", SERIES)
def test_values_as_simpleitk_and_picture_as_the_window(name, orientation):
    volume, frame = load(name)
    window = auto_window(voxels_3d(volume.array, volume.axes, frame))
    covered = []
    for plane in planes(volume, orientation).values():
        for interpolation in ("nearest", "linear"):
            view = SliceView(volume, plane, SIZE, scale(volume, plane), window,
                             interpolation=interpolation, frame=frame)  # type: ignore[arg-type]  # fmt: skip
            assert_true(view)
            covered.append(np.isfinite(CpuRenderer().sample(view)).mean())
    assert max(covered) > (0.01 if volume.grid.shape[2] < 10 else 0.15)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", ["CT of the chest", "tilted T1", "cropped PET"])
@pytest.mark.parametrize("projection", ["max", "min", "mean"])
def test_slabs_as_simpleitk_plane_by_plane(name, orientation, projection):
    volume, _ = load(name)
    # Slabs of slices of the scan itself project voxels; so the plane goes through voxel centres.
    at = volume.grid.to_lps(np.array(volume.grid.shape) // 2)
    own = acquisition_plane(volume.grid, orientation, at)
    for plane, interpolation in ((own, "nearest"), (turned(own), "nearest"), (turned(own), "linear")):
        view = SliceView(volume, plane, SIZE, scale(volume, plane) * 0.97, auto_window(volume.array),
                         interpolation=interpolation, projection=projection, slab_slices=4)  # type: ignore[arg-type]  # fmt: skip
        layers = np.array([by_sitk(replace(view, plane=one)) for one in slab_planes(volume.grid, plane, 4)])
        there = np.isfinite(layers)
        if projection == "mean":
            count = np.where(there.any(axis=0), there.sum(axis=0), np.nan)
            expected = np.where(there, layers, 0).sum(axis=0) / count
        else:
            expected = (np.fmax if projection == "max" else np.fmin).reduce(layers)
        close = np.isclose(CpuRenderer().sample(view), expected, rtol=1e-5, atol=0.02, equal_nan=True)
        assert close.mean() > 0.995
