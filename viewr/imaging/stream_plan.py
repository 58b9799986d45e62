"""Guesses, from the slices that are there, how a series that is still arriving will lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewr.imaging.frame import Frame
from viewr.imaging.grouping import SAME_PLACE_MM, depths
from viewr.model.geometry import Grid

FloatArray = npt.NDArray[np.float64]
#: How far, as a share of the gap, a slice may lie from its guessed place.
_OFF = 0.05


@dataclass(frozen=True)
class Plan:
    """Where slices go: k = (depth - start) / gap, or in the order of `places` where gaps differ.

    Attributes
    ----------
    start, gap : float
        Depth of slice 0 along the normal and distance to the next, mm.
    count : int
        Slices there will be.
    places : ndarray or None
        Depth of each slice, where no even spacing fits.
    """

    start: float
    gap: float
    count: int
    grid: Grid
    places: FloatArray | None = None

    def slice_of(self, depth: float) -> int | None:
        """The k of a slice, None if it has no place in this plan."""
        if self.places is not None:
            k = int(np.argmin(np.abs(self.places - depth)))
            return k if abs(self.places[k] - depth) <= SAME_PLACE_MM else None
        index = (depth - self.start) / self.gap
        k = round(index)
        return k if abs(index - k) <= _OFF and 0 <= k < self.count else None


def plan_for(frames: Sequence[Frame], expected: int, before: Plan | None = None) -> Plan | None:
    """The plan that has a place for every frame; None for fewer than two places.

    Parameters
    ----------
    frames : sequence of Frame
        Of one layout and orientation, each with a place.
    expected : int
        How many slices were announced, 0 if nobody knows.
    before : Plan, optional
        The plan that the last frame did not fit; tells on which side the stack grows.
    """
    depth = depths(frames)
    distinct = _distinct(depth)
    if len(distinct) < 2:
        return None
    gap, ends = _gap(frames, depth, distinct, expected)
    off = (distinct - distinct[0]) / gap
    if np.abs(off - np.rint(off)).max() > _OFF:
        return _uneven_plan(frames, distinct)
    start, count = _extent(distinct, gap, expected, ends, before)
    return Plan(start, gap, count, _even_grid(frames, depth, start, gap, count))


def _distinct(depth: FloatArray) -> FloatArray:
    ordered = np.sort(depth)
    return ordered[np.concatenate([[True], np.diff(ordered) > SAME_PLACE_MM])]


def _gap(
    frames: Sequence[Frame], depth: FloatArray, distinct: FloatArray, expected: int
) -> tuple[float, tuple[float, float] | None]:
    """Distance between slices and, where instance numbers tell, the depths of the first and the last."""
    number = np.array([frame.order[0] for frame in frames])
    spread = number.max() - number.min()
    if spread > 0:
        slope, origin = np.polyfit(number, depth, 1)
        gap = abs(float(slope))
        if gap > SAME_PLACE_MM and np.abs(origin + slope * number - depth).max() < _OFF * gap:
            ends = sorted((origin + slope, origin + slope * max(expected, 2)))
            fits = number.min() >= 1 and number.max() <= expected
            return gap, (float(ends[0]), float(ends[1])) if fits else None
    return float(np.diff(distinct).min()), None


def _extent(
    distinct: FloatArray, gap: float, expected: int, ends: tuple[float, float] | None, before: Plan | None
) -> tuple[float, int]:
    """Depth of the first slice and how many there will be."""
    here = round(float(distinct[-1] - distinct[0]) / gap) + 1
    count = max(expected, here)
    if ends is not None and ends[0] - _OFF * gap <= distinct[0] and distinct[-1] <= ends[1] + _OFF * gap:
        return _aligned(ends[0], float(distinct[0]), gap), max(expected, here)
    if before is not None and before.places is None and distinct[0] < before.start - gap / 2:
        return float(distinct[-1]) - (count - 1) * gap, count
    return float(distinct[0]), count


def _aligned(wanted: float, known: float, gap: float) -> float:
    """The depth nearest to `wanted` that lies whole gaps from a known slice."""
    return known - round((known - wanted) / gap) * gap


def _in_plane(frame: Frame) -> FloatArray:
    assert frame.orientation is not None
    i, j = frame.spacing or (1.0, 1.0)
    return np.stack([frame.orientation[:3] * i, frame.orientation[3:] * j], axis=1)


def _even_grid(frames: Sequence[Frame], depth: FloatArray, start: float, gap: float, count: int) -> Grid:
    """The grid through the two slices furthest apart, so that a tilt shows."""
    low, high = int(np.argmin(depth)), int(np.argmax(depth))
    first, last = frames[low].position, frames[high].position
    assert first is not None
    assert last is not None
    step = (last - first) / (depth[high] - depth[low]) * gap
    affine = np.eye(4)
    affine[:3, :2], affine[:3, 2] = _in_plane(frames[0]), step
    affine[:3, 3] = first - step * round((depth[low] - start) / gap)
    shape = (frames[0].columns, frames[0].rows, count)
    return Grid(shape, affine, None, frames[0].header.text("FrameOfReferenceUID"))


def _uneven_plan(frames: Sequence[Frame], distinct: FloatArray) -> Plan:
    """Only the slices that are there, each where it lies."""
    depth = depths(frames)
    nearest = [int(np.argmin(np.abs(depth - place))) for place in distinct]
    positions = np.array([frames[n].position for n in nearest])
    affine = np.eye(4)
    affine[:3, :2] = _in_plane(frames[0])
    affine[:3, 2], affine[:3, 3] = (positions[-1] - positions[0]) / (len(positions) - 1), positions[0]
    grid = Grid((frames[0].columns, frames[0].rows, len(distinct)), affine, positions,
                frames[0].header.text("FrameOfReferenceUID"))
    return Plan(float(distinct[0]), float(np.diff(distinct).min()), len(distinct), grid, distinct)
