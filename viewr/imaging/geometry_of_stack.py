"""From the positions of slices to a grid, and what must be said about them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewr.imaging.frame import Frame
from viewr.model.geometry import Grid

FloatArray = npt.NDArray[np.float64]

#: Slices that lie no further, in mm, from an even stack are taken as even.
EVEN_MM = 0.05
_TILT_DEGREES = 0.1
#: Modalities whose pictures are slices of the patient.
_OF_THE_BODY = {"CT", "MR", "PT", "NM", "RTDOSE"}


def grid_of(frames: Sequence[Frame], slices: int, warnings: list[str]) -> Grid:
    """The grid of a stack sorted along its normal; what is unusual goes to `warnings`."""
    first = frames[0]
    shape = (first.columns, first.rows, slices)
    reference = first.header.text("FrameOfReferenceUID")
    if not first.placed:
        return Grid(shape, _flat_affine(first, warnings))
    positions = np.array([frame.position for frame in frames[:slices]])
    across = _in_plane(first, warnings)
    if slices == 1:
        return Grid(shape, _affine(across, _lone_step(first), positions[0]), None, reference)
    step, origin, uneven = _fit(positions)
    affine = _affine(across, step, origin)
    if not uneven or not _tell_drift(positions, affine, warnings):
        _tell_tilt(affine, warnings)
    _tell_gaps(positions, affine, warnings)
    return Grid(shape, affine, positions if uneven else None, reference)


def _affine(across: FloatArray, step: FloatArray, origin: FloatArray) -> FloatArray:
    affine = np.eye(4)
    affine[:3, :2], affine[:3, 2], affine[:3, 3] = across, step, origin
    return affine


def _in_plane(frame: Frame, warnings: list[str]) -> FloatArray:
    """Steps along i and j, as columns (3, 2)."""
    assert frame.orientation is not None
    if frame.spacing is None:
        warnings.append("The images do not say their pixel spacing; 1 mm is shown and nothing can be measured.")
    i, j = frame.spacing or (1.0, 1.0)
    return np.stack([frame.orientation[:3] * i, frame.orientation[3:] * j], axis=1)


def _flat_affine(frame: Frame, warnings: list[str]) -> FloatArray:
    """A picture without a place lies at the origin, as if transversal."""
    if frame.header.text("Modality") in _OF_THE_BODY:
        warnings.append("The image does not say where in the patient it lies; no directions are shown.")
    i, j = frame.spacing or _aspect(frame)
    if frame.spacing is None:
        warnings.append("The image does not say its pixel spacing; nothing can be measured in mm.")
    return np.diag([i, j, frame.number("SliceThickness", 1.0) or 1.0, 1.0])


def _aspect(frame: Frame) -> tuple[float, float]:
    ratio = frame.numbers("PixelAspectRatio")
    return (1.0, ratio[0] / ratio[1]) if len(ratio) == 2 and min(ratio) > 0 else (1.0, 1.0)


def _lone_step(frame: Frame) -> FloatArray:
    """What stands for the slice step where there is one slice: its spacing, else its thickness."""
    assert frame.orientation is not None
    normal = np.cross(frame.orientation[:3], frame.orientation[3:])
    step = frame.number("SpacingBetweenSlices") or frame.number("SliceThickness") or 1.0
    return normal / np.linalg.norm(normal) * abs(step)


def _fit(positions: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """Step and origin of the even stack nearest to the positions, and whether they depart from it."""
    index = np.arange(len(positions))[:, None]
    step = (positions[-1] - positions[0]) / (len(positions) - 1)
    off = np.linalg.norm(positions[0] + index * step - positions, axis=1).max()
    if off <= EVEN_MM:
        return step, positions[0], False
    centre = positions.mean(axis=0)
    around = index - index.mean()
    step = (around * (positions - centre)).sum(axis=0) / float((around * around).sum())
    return step, centre - index.mean() * step, True


def _tell_drift(positions: FloatArray, affine: FloatArray, warnings: list[str]) -> bool:
    """Says where slices lie beside the straight line, upright or slanted, along which the others follow each other."""
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    depth = positions @ (normal / np.linalg.norm(normal))
    aside = positions - depth[:, None] * (normal / np.linalg.norm(normal))
    line = np.median(np.diff(aside, axis=0) / np.diff(depth)[:, None], axis=0)
    off = aside - depth[:, None] * line
    apart = np.linalg.norm(off - np.median(off, axis=0), axis=1)
    if apart.max() <= 2 * EVEN_MM:
        return False
    warnings.append(f"Slices lie up to {apart.max():.1f} mm beside the line of the others; each is kept where it lies.")
    return True


def _tell_tilt(affine: FloatArray, warnings: list[str]) -> None:
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    cosine = abs(normal @ affine[:3, 2]) / np.linalg.norm(normal) / np.linalg.norm(affine[:3, 2])
    angle = float(np.degrees(np.arccos(min(1.0, cosine))))
    if angle > _TILT_DEGREES:
        warnings.append(f"The slices are tilted by {angle:.1f} degrees against their stack (gantry tilt); "
                        "positions are shown as they are.")


def _tell_gaps(positions: FloatArray, affine: FloatArray, warnings: list[str]) -> None:
    """Says where slices are missing or the spacing changes."""
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    depth = positions @ (normal / np.linalg.norm(normal))
    gaps = np.diff(depth)
    usual = float(np.sort(gaps)[(len(gaps) - 1) // 2])
    ratio = gaps / usual
    whole = np.rint(ratio)
    wide = np.flatnonzero((whole >= 2) & (np.abs(ratio - whole) < 0.02 * whole))
    regular = np.abs(ratio - 1) < 0.02
    regular[wide] = True
    if len(gaps) > 1 and len(wide) and regular.all():
        axis = int(np.argmax(np.abs(normal)))
        for k in wide:
            _tell_missing(int(k), int(whole[k]) - 1, positions[k : k + 2, axis], int(whole[:k].sum()), warnings)
        return
    off = float(np.abs(np.linspace(depth[0], depth[-1], len(depth)) - depth).max())
    spread = f"({gaps.min():.2f} to {gaps.max():.2f} mm)"
    if off > EVEN_MM:
        warnings.append(f"The slices are unevenly spaced {spread}; each is kept where it lies.")
    elif gaps.max() - gaps.min() > EVEN_MM:
        warnings.append(f"The slices are not quite even {spread}; one spacing fits all to {off:.2f} mm.")


def _tell_missing(k: int, count: int, ends: FloatArray, before: int, warnings: list[str]) -> None:
    first = before + 2
    which = f"Slice {first} is" if count == 1 else f"Slices {first} to {first + count - 1} are"
    warnings.append(f"{which} missing between {ends[0]:.1f} and {ends[1]:.1f} mm.")
