"""Head MR sessions: T1, FLAIR with white-matter lesions, and repeats that quality control should refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.demo.patients import DemoSeries
from viewr.demo.phantoms.dicom import Study, add_plane, base_dataset, slice_datasets, uid
from viewr.demo.phantoms.head import Head, compose, fields_of, tissues
from viewr.demo.phantoms.shapes import Field, Points, pictured
from viewr.model.geometry import Grid

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"

T1_VALUES = {
    "white": 640, "grey": 450, "csf": 120, "fat": 860, "muscle": 330, "bone": 45, "marrow": 520,
    "gland": 480, "vitreous": 130, "lens": 300, "lesion": 500,
}  # fmt: skip
FLAIR_VALUES = {
    "white": 330, "grey": 430, "csf": 55, "fat": 560, "muscle": 210, "bone": 35, "marrow": 300,
    "gland": 380, "vitreous": 60, "lens": 130, "lesion": 760,
}  # fmt: skip


@dataclass(frozen=True)
class Protocol:
    """How a head is scanned: the grid, the contrast, and what goes wrong."""

    scan: int
    kind: str
    description: str
    grid: Grid
    thickness: float
    values: Mapping[str, float]
    dicom: Mapping[str, Any]
    #: Axes of [k, j, i] computed at half resolution first.
    refine: tuple[int, ...] = ()
    noise: float = 14.0
    motion_mm: float = 0.0


def rotation(x_deg: float, y_deg: float, z_deg: float) -> npt.NDArray[np.float64]:
    """Rotation about x, then y, then z, as a 3x3 matrix."""
    result = np.eye(3)
    for axis, angle in enumerate(np.radians([x_deg, y_deg, z_deg])):
        a, b = [n for n in range(3) if n != axis]
        turn = np.eye(3)
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = (-np.sin(angle), np.sin(angle)) if axis != 1 else (np.sin(angle), -np.sin(angle))
        result = turn @ result
    return result


def centred_grid(
    directions: npt.NDArray[np.float64], spacing: tuple[float, float, float], shape: tuple[int, int, int],
    centre: tuple[float, float, float],
) -> Grid:  # fmt: skip
    """The grid whose middle lies at `centre` (LPS mm); `directions` of i, j, k as columns."""
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing
    affine[:3, 3] = centre - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape, affine)


_SAGITTAL = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
T1_GRID = centred_grid(rotation(2, 1.5, 3) @ _SAGITTAL, (1.25, 1.25, 1.35), (192, 192, 128), (0, -3, -18))
FLAIR_GRID = centred_grid(rotation(-9, 1.5, 2), (0.9, 0.96, 4.0), (256, 256, 38), (0, -3, 0))
QUICK_T1_GRID = centred_grid(rotation(2, 1.5, 3) @ _SAGITTAL, (1.9, 1.9, 2.2), (128, 128, 78), (0, -3, -18))
QUICK_FLAIR_GRID = centred_grid(rotation(-7, 0, -2), (1.3, 1.38, 5.0), (176, 176, 30), (0, -3, 0))

T1 = Protocol(
    2, "T1", "T1 MPRAGE sag", T1_GRID, 1.35, T1_VALUES,
    {"ScanningSequence": ["GR", "IR"], "SequenceVariant": ["SP", "MP"], "MRAcquisitionType": "3D",
     "RepetitionTime": 2300.0, "EchoTime": 2.9, "InversionTime": 900.0, "FlipAngle": 9.0, "EchoTrainLength": 1,
     "InPlanePhaseEncodingDirection": "ROW"}, refine=(0, 1, 2),
)  # fmt: skip
FLAIR = Protocol(
    3, "FLAIR", "FLAIR ax obl", FLAIR_GRID, 3.6, FLAIR_VALUES,
    {"ScanningSequence": ["SE", "IR"], "SequenceVariant": ["SK"], "MRAcquisitionType": "2D",
     "RepetitionTime": 9000.0, "EchoTime": 120.0, "InversionTime": 2500.0, "FlipAngle": 150.0, "EchoTrainLength": 18,
     "InPlanePhaseEncodingDirection": "ROW"}, refine=(1, 2), noise=11.0,
)  # fmt: skip
T1_MOTION = replace(T1, scan=4, kind="T1_repeat", description="T1 MPRAGE sag repeat", motion_mm=3.5)
QUICK_T1 = replace(T1, grid=QUICK_T1_GRID, thickness=2.2)
QUICK_FLAIR = replace(FLAIR, grid=QUICK_FLAIR_GRID, thickness=4.5)

#: Session, head, how often it moved and how noisy it is; the first is the one to segment.
_YOUNG = Head(seed=31, lesions=2)
SESSIONS: tuple[tuple[Study, Head, tuple[Protocol, ...]], ...] = (
    (Study("DEMO01", "DEMO01_MR1", "Head MR", "20240304", "101500", "F", "064Y"), Head(seed=7, atrophy=1.15),
     (T1, FLAIR, T1_MOTION)),
    (Study("DEMO05", "DEMO05_MR1", "Head MR", "20240305", "090000", "M", "041Y"), _YOUNG,
     (QUICK_T1, replace(QUICK_FLAIR, motion_mm=5.0))),
    (Study("DEMO06", "DEMO06_MR1", "Head MR", "20240306", "113000", "M", "078Y"),
     Head(seed=52, atrophy=1.5, lesions=22), (replace(QUICK_T1, noise=70.0), QUICK_FLAIR)),
)  # fmt: skip


def head_sessions(*labels: str) -> list[DemoSeries]:
    """All series of the head MR sessions with these labels."""
    result = []
    for study, head, protocols in (entry for entry in SESSIONS if entry[0].session in labels):
        clean: dict[int, Field] = {}
        for protocol in protocols:
            key = id(protocol.grid)
            if key not in clean:
                clean[key] = head_picture(head, protocol)
            result.append(_series(study, protocol, acquired(clean[key], protocol, head.seed + protocol.scan)))
    return result


def head_picture(head: Head, protocol: Protocol) -> Field:
    """The head on the grid of a protocol [k, j, i], with its contrast, without noise or motion."""

    def picture(fields: Mapping[str, Field], points: Points) -> Field:
        return compose(protocol.values, tissues(fields, points))

    return pictured(protocol.grid, partial(fields_of, head), picture, protocol.refine)


def acquired(image: Field, protocol: Protocol, seed: int) -> npt.NDArray[np.uint16]:
    """The picture as a scanner gives it: coil shading, motion, Rician noise, 12 bits."""
    rng = np.random.default_rng(seed)
    image = image * _shading(image.shape)
    if protocol.motion_mm:
        image = moved(image, protocol.motion_mm / protocol.grid.spacing[0], rng)
    real = image + np.float32(protocol.noise) * rng.standard_normal(image.shape, np.float32)
    imaginary = np.float32(protocol.noise) * rng.standard_normal(image.shape, np.float32)
    return np.clip(np.sqrt(real * real + imaginary * imaginary), 0, 4095).astype(np.uint16)


def moved(image: Field, amplitude: float, rng: np.random.Generator) -> Field:
    """Ghosts and blur of a head that nods during the scan: each phase-encoding line is shifted on its own."""
    lines = image.shape[2]
    frequency = np.fft.fftfreq(lines)
    order = np.fft.fftshift(np.arange(lines)).argsort()
    shift = amplitude * (np.sin(order * 0.9) * 0.6 + np.cumsum(rng.normal(size=lines) * 0.09)[order])
    # The middle of k-space is spared: the head is recognisable, its edges are not.
    shift *= np.clip(np.abs(frequency) * 40, 0.15, 1)
    turned = np.fft.fft(image, axis=2) * np.exp(-2j * np.pi * frequency * shift).astype(np.complex64)
    return np.abs(np.fft.ifft(turned, axis=2)).astype(np.float32)


def _shading(shape: tuple[int, ...]) -> Field:
    """Brightness of the receiver coils: a smooth quadratic, 0.8 to 1.2."""
    k, j, i = (np.linspace(-1, 1, n, dtype=np.float32).reshape([-1 if a == d else 1 for a in range(3)])
               for d, n in enumerate(shape))  # fmt: skip
    return np.asarray(0.9 + 0.10 * i + 0.16 * i * i + 0.14 * j * j - 0.05 * k, np.float32)


def _series(study: Study, protocol: Protocol, voxels: npt.NDArray[np.uint16]) -> DemoSeries:
    base = base_dataset(study, protocol.scan, MR_IMAGE, "MR", protocol.description)
    base.ImageType = ["ORIGINAL", "PRIMARY", "M", "NORM"]
    base.BodyPartExamined = "HEAD"
    base.ScanOptions = ""
    base.MagneticFieldStrength = 3.0
    base.ProtocolName = protocol.description
    for keyword, value in protocol.dicom.items():
        setattr(base, keyword, value)
    add_plane(base, study, protocol.grid, protocol.thickness)
    base.SpacingBetweenSlices = protocol.grid.spacing[2]
    base.BitsStored, base.HighBit = 12, 11
    top = float(np.percentile(voxels[:, ::4, ::4], 99.5))
    base.WindowCenter, base.WindowWidth = round(top / 2), round(top)
    datasets = slice_datasets(base, protocol.grid, lambda k: voxels[k])
    return DemoSeries(
        study.subject, study.session, "xnat:mrSessionData", str(protocol.scan), protocol.kind, "xnat:mrScanData",
        protocol.description, datasets,
    )  # fmt: skip


def frame_of_reference(session: str) -> str:
    """Frame of reference that all series of a demo session share."""
    return uid(session, "frame")
