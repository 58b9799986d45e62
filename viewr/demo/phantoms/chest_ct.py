"""A chest CT of 300 slices with lung nodules at known places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.demo.patients import DemoSeries
from viewr.demo.phantoms.dicom import Study, add_plane, base_dataset, slice_datasets
from viewr.demo.phantoms.shapes import Field, Points, paint, pictured, points_of, soft
from viewr.demo.phantoms.thorax import NODULES, add_lung_details, branches, ct_numbers, fields_of
from viewr.model.geometry import Grid

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
STUDY = Study("DEMO02", "DEMO02_CT1", "Chest CT", "20240311", "142000", "M", "067Y")

_PIXEL, _STEP = 0.72, 1.0
#: 512 x 512 x 300 voxels, slices from the feet upwards; LPS mm.
GRID = Grid((512, 512, 300), np.array(
    [[_PIXEL, 0, 0, -184.0], [0, _PIXEL, 0, -172.0], [0, 0, _STEP, 0.0], [0, 0, 0, 1.0]]
))  # fmt: skip
#: Every second voxel of it: what is computed; the rest is interpolated.
_COARSE = Grid((257, 257, 151), np.array(
    [[2 * _PIXEL, 0, 0, -184.0], [0, 2 * _PIXEL, 0, -172.0], [0, 0, 2 * _STEP, 0.0], [0, 0, 0, 1.0]]
))  # fmt: skip
NOISE_HU = 14.0


def chest_session() -> list[DemoSeries]:
    """The chest CT as one series."""
    base = base_dataset(STUDY, 2, CT_IMAGE, "CT", "Chest 1.0 mm CE")
    base.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    base.BodyPartExamined = "CHEST"
    base.ContrastBolusAgent = "Invented contrast medium"
    add_ct(base)
    base.ConvolutionKernel = "B45"
    base.WindowCenter, base.WindowWidth = [40.0, -600.0], [400.0, 1500.0]
    base.WindowCenterWidthExplanation = ["SOFT TISSUE", "LUNG"]
    add_plane(base, STUDY, GRID, 1.0)
    slices = list(chest_slices())
    return [DemoSeries(
        STUDY.subject, STUDY.session, "xnat:ctSessionData", "2", "CT_CHEST", "xnat:ctScanData", "Chest 1.0 mm CE",
        slice_datasets(base, GRID, lambda k: slices[k]),
    )]  # fmt: skip


def add_ct(base: Any) -> None:
    """What every CT series says about tube, reconstruction and CT numbers."""
    base.KVP = 120
    base.XRayTubeCurrent = 210
    base.Exposure = 100
    base.GantryDetectorTilt = 0
    base.RescaleIntercept, base.RescaleSlope, base.RescaleType = -1024, 1, "HU"
    base.BitsStored, base.HighBit = 12, 11


def chest_picture() -> Field:
    """CT numbers [k, j, i] on the coarse grid, without noise."""
    image = pictured(_COARSE, fields_of, lambda fields, points: ct_numbers(fields, points, 2.0), (0, 1, 2), block=16)
    points = points_of(_COARSE, [range(n) for n in _COARSE.shape])
    add_lung_details(image, points, branches(), NODULES, 1.8)
    paint(image, 60.0, table_of(points))
    return image


def table_of(points: Points) -> Field:
    """Share of each voxel taken by the shell of the patient table."""
    bend = np.float32(128) - (points.x / np.float32(46)) ** 2
    distance = np.abs(points.y - bend) - 1.5
    return soft(np.maximum(distance, np.abs(points.x) - 178), 2.0)


def chest_slices() -> Iterator[npt.NDArray[np.uint16]]:
    """Stored pixels [j, i] of each slice: CT number + 1024, with noise."""
    coarse = np.round(chest_picture() + 1024).astype(np.int16)
    noise = noise_block((640, 640), 8, NOISE_HU, seed=21)
    rng = np.random.default_rng(22)
    for k in range(GRID.shape[2]):
        low = coarse[k // 2]
        plane = low if k % 2 == 0 else (low + coarse[k // 2 + 1]) >> 1
        fine = _doubled_plane(plane)[:512, :512]
        j, i, layer = (int(rng.integers(n)) for n in (128, 128, 8))
        fine = fine + noise[layer, j : j + 512, i : i + 512]
        yield np.clip(fine, 0, 4095).astype(np.uint16)


def _doubled_plane(plane: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """`doubled` along both axes, in whole numbers."""
    rows = np.empty((2 * plane.shape[0] - 1, plane.shape[1]), np.int16)
    rows[::2], rows[1::2] = plane, (plane[:-1] + plane[1:]) >> 1
    result = np.empty((rows.shape[0], 2 * plane.shape[1] - 1), np.int16)
    result[:, ::2], result[:, 1::2] = rows, (rows[:, :-1] + rows[:, 1:]) >> 1
    return result


def noise_block(shape: tuple[int, int], layers: int, strength: float, seed: int) -> npt.NDArray[np.int16]:
    """Grainy noise of a CT reconstruction, as layers to be cut from at random places."""
    rng = np.random.default_rng(seed)
    grain = rng.standard_normal((layers, *shape), np.float32)
    grain = grain + np.roll(grain, 1, 1) + np.roll(grain, 1, 2) - 0.5 * np.roll(grain, 2, 1)
    return np.round(grain * np.float32(strength / grain.std())).astype(np.int16)
