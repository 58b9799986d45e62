"""A cardiac MR in cine: a left ventricle that beats, six slices at twenty points in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.demo.patients import DemoSeries
from viewr.demo.phantoms.dicom import Study, add_plane, base_dataset, image_dataset
from viewr.model.geometry import Grid

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
STUDY = Study("DEMO07", "DEMO07_MR1", "Cardiac MR", "20240308", "101500", "M", "055Y")

POINTS = 20
#: Milliseconds from one point in time to the next.
STEP_MS = 45.0
_PIXEL, _GAP = 1.8, 10.0
#: Short axis through the heart: columns run to the left and front, rows to the feet and left; LPS mm.
GRID = Grid((144, 144, 6), np.array(
    [[0.707 * _PIXEL, 0.408 * _PIXEL, -0.577 * _GAP, -75.0], [-0.707 * _PIXEL, 0.408 * _PIXEL, -0.577 * _GAP, 20.0],
     [0.0, -0.816 * _PIXEL, -0.577 * _GAP, 190.0], [0.0, 0.0, 0.0, 1.0]]
))  # fmt: skip
#: The point at which the ventricle is smallest.
END_SYSTOLE = 8
_CAVITY_MM, _WALL_MM = 24.0, 9.0


def heart_session() -> list[DemoSeries]:
    """One cine series."""
    base = base_dataset(STUDY, 3, MR_IMAGE, "MR", "Cine short axis")
    base.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    base.BodyPartExamined = "HEART"
    base.ScanningSequence, base.SequenceVariant, base.ScanOptions = "GR", "SS", "CG"
    base.MRAcquisitionType = "2D"
    base.RepetitionTime, base.EchoTime, base.FlipAngle = 45.0, 1.4, 55
    base.EchoTrainLength = 1
    base.NumberOfTemporalPositions = POINTS
    base.BitsStored, base.HighBit = 12, 11
    base.WindowCenter, base.WindowWidth = 420, 840
    add_plane(base, STUDY, GRID, 8.0)
    return [DemoSeries(
        STUDY.subject, STUDY.session, "xnat:mrSessionData", "3", "CINE_SAX", "xnat:mrScanData", "Cine short axis",
        [_dataset(base, k, point) for k in range(GRID.shape[2]) for point in range(POINTS)],
    )]  # fmt: skip


def _dataset(base: Any, k: int, point: int) -> Any:
    origin = GRID.to_lps([0, 0, k])
    values = {
        "ImagePositionPatient": [round(float(value), 6) for value in origin],
        "SliceLocation": round(float(origin @ GRID.normal), 6),
        "TemporalPositionIdentifier": point + 1, "TriggerTime": point * STEP_MS, "AcquisitionNumber": point + 1,
    }  # fmt: skip
    return image_dataset(base, k * POINTS + point + 1, heart_slice(k, point), values)


def contraction(point: int) -> float:
    """How far the ventricle has contracted: 0 at the first point, 1 at the end of systole."""
    if point <= END_SYSTOLE:
        return float(np.sin(np.pi / 2 * point / END_SYSTOLE) ** 2)
    return float(np.cos(np.pi / 2 * (point - END_SYSTOLE) / (POINTS - END_SYSTOLE)) ** 2)


def heart_slice(k: int, point: int) -> npt.NDArray[np.uint16]:
    """Pixels [j, i] of a slice at a point in time."""
    x = (np.arange(GRID.shape[0]) - GRID.shape[0] * 0.52)[None, :] * _PIXEL
    y = (np.arange(GRID.shape[1]) - GRID.shape[1] * 0.5)[:, None] * _PIXEL
    taper = 1.0 - 0.09 * k
    squeezed = contraction(point)
    cavity = _CAVITY_MM * taper * (1 - 0.38 * squeezed)
    wall = cavity + _WALL_MM * (1 + 0.45 * squeezed)
    radius = np.hypot(x, y)
    right = np.hypot((x + 40 * taper) / 1.0, y / 1.5) - 20 * taper * (1 - 0.25 * squeezed)
    chest = np.hypot(x / 118, (y + 8) / 122)
    picture = np.where(chest < 1, 150.0, 8.0)
    picture = _over(picture, np.hypot((x - 70) / 52, (y - 6) / 80) * 52 - 52, 35.0)
    picture = _over(picture, right - 4, 170.0)
    picture = _over(picture, right, 620.0)
    picture = _over(picture, radius - wall, 190.0)
    picture = _over(picture, radius - cavity, 700.0)
    for angle in (0.6, 2.4):
        muscle = np.hypot(x - 0.62 * cavity * np.cos(angle), y - 0.62 * cavity * np.sin(angle)) - 4.0 * taper
        picture = _over(picture, muscle, 230.0)
    noise = np.random.default_rng(700 + 31 * k + point).normal(0, 14, picture.shape)
    return np.clip(np.round(np.hypot(picture + noise, noise[::-1])), 0, 4095).astype(np.uint16)


def _over(picture: npt.NDArray[np.float64], distance: npt.NDArray[np.float64], value: float) -> npt.NDArray[np.float64]:
    """Lay a shape over a picture; its border is a pixel wide."""
    share = np.clip(0.5 - distance / _PIXEL, 0, 1)
    return np.asarray(picture * (1 - share) + value * share)
