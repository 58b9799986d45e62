"""A scan made small enough to be rendered whole: at most 256 voxels along each side, on one true affine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Grid
from viewr.model.progress import Progress
from viewr.model.volume import Volume

#: Voxels along a side of the copy that is rendered when nothing moves, and while something does.
LARGEST, DRAFT = 256, 128
#: Values that a stored voxel can have: the mappers work with 15 bits.
LEVELS = 32767
#: Voxels that slices may be shifted against each other before it is worth while to resample them.
SHIFT = 0.02

Stored = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class ReducedVolume:
    """A copy of a scan for the volume view.

    Attributes
    ----------
    array : ndarray, shape (k, j, i), uint16, C order
        0 to 32767; the value of a voxel is ``low + step * array``. Slowest axis first, as VTK has it.
    affine : ndarray, shape (4, 4)
        Maps voxel centres (i, j, k, 1) to LPS, mm; may be sheared (gantry tilt), oblique or left-handed.
    """

    array: Stored
    affine: FloatArray
    low: float
    step: float


def reduce_volume(
    volume: Volume, frame: tuple[int, ...] = (), limit: int = LARGEST, progress: Progress | None = None
) -> ReducedVolume:
    """The copy of a volume that is rendered, by the mean of the voxels that fall together.

    Parameters
    ----------
    frame : tuple of int
        Point on each named axis of the volume; missing ones are the first.
    """
    voxels = frame_of(volume, frame)
    low, step = _scale(voxels)
    grid = volume.grid
    shape = tuple(min(size, limit) for size in grid.shape)
    places, ends = _even_slices(grid, shape[2])
    slices = _SmallSlices(volume, voxels, low, shape)
    out = np.empty(shape[::-1], np.uint16)
    for k, place in enumerate(places):
        if progress is not None:
            progress.check()
        small = slices.at(place)
        small -= np.float32(low)
        small *= np.float32(1 / step)
        small += np.float32(0.5)
        np.clip(small, 0, LEVELS, out=small)
        out[k] = small
    return ReducedVolume(out, _affine(grid, shape, ends), low, step)


def frame_of(volume: Volume, frame: tuple[int, ...]) -> npt.NDArray[np.generic]:
    """The voxels [i, j, k] at one point of the named axes."""
    count = volume.array.ndim - 3
    index: Any = (..., *(*frame, *[0] * count)[:count])
    return np.asarray(volume.array[index])


def draft_of(array: Stored, limit: int = DRAFT) -> tuple[Stored, tuple[int, int, int]]:
    """A still smaller copy for while the view moves, and how many voxels became one along i, j, k."""
    factors = tuple(-(-size // limit) for size in array.shape)
    cut = array[tuple(slice(0, size // f * f) for size, f in zip(array.shape, factors, strict=True))]
    total = np.zeros([size // f for size, f in zip(cut.shape, factors, strict=True)], np.uint32)
    for a in range(factors[0]):
        for b in range(factors[1]):
            for c in range(factors[2]):
                total += cut[a :: factors[0], b :: factors[1], c :: factors[2]]
    small = (total // int(np.prod(factors))).astype(np.uint16)
    return small, (factors[2], factors[1], factors[0])


def _scale(voxels: npt.NDArray[np.generic]) -> tuple[float, float]:
    """Lowest value and the step of a stored one; of integers the step is whole, mostly 1."""
    if voxels.dtype.kind != "f":
        low, high = float(voxels.min()), float(voxels.max())
        return low, max(1.0, float(np.ceil((high - low) / LEVELS)))
    lows, highs = [], []
    for k in range(voxels.shape[2]):
        finite = voxels[:, :, k][np.isfinite(voxels[:, :, k])]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    low, high = (min(lows), max(highs)) if lows else (0.0, 1.0)
    return low, (high - low) / LEVELS or 1.0


class _Averager:
    """Makes `count` voxels of `size` along an axis, each the mean of its share."""

    def __init__(self, size: int, count: int) -> None:
        self._factor = size // count if size % count == 0 else 0
        self._weights = None if self._factor else _shares(size, count)

    def along_columns(self, plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Shape (i, j) to (fewer i, j)."""
        if self._weights is not None:
            return np.asarray(self._weights @ plane)
        if self._factor == 1:
            return plane
        total = plane[:: self._factor].copy()
        for first in range(1, self._factor):
            total += plane[first :: self._factor]
        return np.asarray(total / np.float32(self._factor))

    def along_rows(self, plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Shape (i, j) to (fewer j, i): turned over, as the result is wanted."""
        return np.asarray(self.along_columns(plane.T))


def _shares(size: int, count: int) -> npt.NDArray[np.float32]:
    """How much of each of `size` voxels is in each of `count`, shape (count, size)."""
    edges = np.arange(count + 1) * (size / count)
    first = np.maximum(edges[:-1, None], np.arange(size)[None])
    last = np.minimum(edges[1:, None], np.arange(1, size + 1)[None])
    return np.asarray(np.clip(last - first, 0, None) * (count / size), np.float32)


# --- slices ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where a slice of the copy is taken from: the slices first to last with their weights, shifted in the plane."""

    weights: dict[int, float]
    shift: tuple[float, float] = (0.0, 0.0)


def _even_slices(grid: Grid, count: int) -> tuple[list[_Place], FloatArray]:
    """Where the slices of the copy come from, and the LPS of the first and last one's voxel (0, 0)."""
    size = grid.shape[2]
    middles = (np.arange(count) + 0.5) * (size / count) - 0.5
    ends = grid.to_lps(np.array([[0, 0, middles[0]], [0, 0, middles[-1]]]))
    if grid.is_even:
        shares = _shares(size, count)
        return [_Place({int(k): float(row[k]) for k in np.flatnonzero(row)}) for row in shares], ends
    share = np.linspace(0, 1, count)[:, None]
    sources = grid.to_ijk(ends[0] + share * (ends[1] - ends[0]))
    return [_between(source, size) for source in sources], ends


def _between(source_ijk: FloatArray, size: int) -> _Place:
    i, j, k = (float(value) for value in source_ijk)
    below = min(max(int(np.floor(k)), 0), size - 1)
    above, part = min(below + 1, size - 1), min(max(k - below, 0.0), 1.0)
    weights = {below: 1.0} if part < 1e-6 or above == below else {below: 1.0 - part, above: part}
    return _Place(weights, (i, j) if max(abs(i), abs(j)) > SHIFT else (0.0, 0.0))


class _SmallSlices:
    """Slices of a volume at the size of its copy; each is made once, since neighbours of the copy share them."""

    def __init__(self, volume: Volume, voxels: npt.NDArray[np.generic], low: float, shape: tuple[int, ...]) -> None:
        self._voxels, self._padding, self._low = voxels, volume.padding, np.float32(low)
        sizes = volume.grid.shape
        self._halve = [_Averager(sizes[axis], shape[axis]) for axis in (0, 1)]
        self._factors = [sizes[axis] / shape[axis] for axis in (0, 1)]
        self._kept: dict[int, npt.NDArray[np.float32]] = {}

    def at(self, place: _Place) -> npt.NDArray[np.float32]:
        """A slice of the copy, shape (j, i); what lies outside is the lowest value."""
        self._kept = {k: kept for k, kept in self._kept.items() if k >= min(place.weights)}
        total = sum(np.float32(weight) * self._small(k) for k, weight in place.weights.items())
        if place.shift == (0.0, 0.0):
            return np.asarray(total)
        from scipy.ndimage import shift

        by = (-place.shift[1] / self._factors[1], -place.shift[0] / self._factors[0])
        return np.asarray(shift(np.asarray(total), by, order=1, mode="constant", cval=float(self._low)), np.float32)

    def _small(self, k: int) -> npt.NDArray[np.float32]:
        if k not in self._kept:
            self._kept[k] = self._halve[1].along_rows(self._halve[0].along_columns(self._full(k)))
        return self._kept[k]

    def _full(self, k: int) -> npt.NDArray[np.float32]:
        """The values of a slice of the scan, shape (i, j); what is no number or padding is the lowest."""
        stored: Any = self._voxels[:, :, k]
        values: npt.NDArray[np.float32] = stored.astype(np.float32)
        if self._padding is not None:
            values[(stored >= self._padding[0]) & (stored <= self._padding[1])] = self._low
        if stored.dtype.kind == "f":
            values[~np.isfinite(values)] = self._low
        return values


def _affine(grid: Grid, shape: tuple[int, ...], ends: FloatArray) -> FloatArray:
    """Of the copy; its voxel (0, 0, 0) is the middle of those that became one."""
    factors = [size / count for size, count in zip(grid.shape, shape, strict=True)]
    affine = np.eye(4)
    affine[:3, 0] = grid.affine[:3, 0] * factors[0]
    affine[:3, 1] = grid.affine[:3, 1] * factors[1]
    affine[:3, 2] = (ends[1] - ends[0]) / (shape[2] - 1) if shape[2] > 1 else grid.affine[:3, 2]
    inside = grid.affine[:3, 0] * (factors[0] - 1) / 2 + grid.affine[:3, 1] * (factors[1] - 1) / 2
    affine[:3, 3] = ends[0] + inside
    return affine
