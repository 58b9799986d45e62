"""Linear values along the axes of a grid: between neighbours on one axis, then on the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray
from viewr.render.lattice import IntArray, Lattice
from viewr.render.scratch import Scratch

AnyArray = npt.NDArray[Any]

#: Nearer than this share of a voxel to a slice, the slice is shown as it is.
DEPTH_EPSILON = 1e-4
#: Values that are worked on at a time, so that no step leaves the processor's cache; but never fewer rows than these.
_AT_ONCE, _ROWS = 50_000, 100


@dataclass(frozen=True, eq=False)
class Steps:
    """Where positions lie between the voxels of an axis.

    Attributes
    ----------
    low, high : ndarray of int, shape (positions,)
        Voxels before and after; the edge voxel holds to its border.
    share : ndarray, shape (positions,)
        Share of the later one.
    """

    low: IntArray
    high: IntArray
    share: AnyArray

    @property
    def span(self) -> slice:
        """The voxels that are read at all; positions run steadily up or down."""
        return slice(int(min(self.low[0], self.low[-1])), int(max(self.high[0], self.high[-1])) + 1)

    def part(self, rows: slice) -> Steps:
        return Steps(self.low[rows], self.high[rows], self.share[rows])

    def begin_at(self, first: int) -> Steps:
        """The same in an array of which the voxels before `first` were left out."""
        return Steps(self.low - first, self.high - first, self.share)


def float_type(dtype: np.dtype[Any]) -> type[np.floating[Any]]:
    """What values between voxels are: float32 where it holds every voxel exactly."""
    return np.float32 if dtype.itemsize <= 2 or dtype == np.float32 else np.float64


def neighbours(positions: FloatArray, size: int) -> Steps:
    """Voxels around positions on an axis of `size` voxels."""
    clipped = np.clip(positions, 0, size - 1)
    low = np.minimum(clipped.astype(np.intp), max(size - 2, 0))
    return Steps(low, np.minimum(low + 1, size - 1), clipped - low)


def slice_of(array: AnyArray, lattice: Lattice, index: int) -> AnyArray:
    """One slice as [row, column[, channel]]; a view, no copy."""
    order = (lattice.through, lattice.y_axis, lattice.x_axis, *range(3, array.ndim))
    return np.asarray(array.transpose(order)[index])


def between_voxels(
    array: AnyArray, lattice: Lattice, x: FloatArray, y: FloatArray, result: AnyArray, scratch: Scratch | None = None
) -> None:
    """Linear values of voxels [i, j, k[, channel]] at columns x and rows y of a lattice, written into `result`.

    Parameters
    ----------
    x, y : ndarray, shape (width,), (height,)
        Voxel positions along the lattice's axes, all inside.
    result : ndarray, shape (height, width[, channel]), contiguous
        Of the type that `float_type` says.
    scratch : Scratch, optional
        Where the steps in between are made.
    """
    scratch = scratch or Scratch()
    across, along = (neighbours(at, array.shape[axis]) for at, axis in ((x, lattice.x_axis), (y, lattice.y_axis)))
    source = _Source(array, lattice, across.span, result.dtype)
    spare = (1,) * (result.ndim - 2)
    kind = result.dtype
    across = Steps(across.low - source.first, across.high - source.first, across.share.astype(kind).reshape(-1, *spare))
    along = Steps(along.low, along.high, along.share.astype(kind).reshape(-1, 1, *spare))
    step = max(_ROWS, _AT_ONCE // max(len(x), source.width))
    for top in range(0, len(y), step):
        rows = slice(top, min(top + step, len(y)))
        _write_rows(source, along.part(rows), across, result[rows], scratch)


def _write_rows(source: _Source, along: Steps, across: Steps, target: AnyArray, scratch: Scratch) -> None:
    """Some rows of the result; the axis that makes the part smaller comes first."""
    span = along.span
    voxels, along = source.rows(span, scratch), along.begin_at(span.start)
    first, second = ((along, 0), (across, 1)) if len(target) <= len(voxels) else ((across, 1), (along, 0))
    halfway = _mix(voxels, *first, scratch.empty("halfway", _mixed_shape(voxels, *first), voxels.dtype), scratch)
    _mix(halfway, *second, target, scratch)


def _mixed_shape(source: AnyArray, steps: Steps, axis: int) -> tuple[int, ...]:
    return (*source.shape[:axis], len(steps.low), *source.shape[axis + 1 :])


def _mix(source: AnyArray, steps: Steps, axis: int, target: AnyArray, scratch: Scratch) -> AnyArray:
    np.take(source, steps.low, axis=axis, out=target, mode="clip")
    later = scratch.empty("later", target.shape, target.dtype)
    np.take(source, steps.high, axis=axis, out=later, mode="clip")
    later -= target
    later *= steps.share
    target += later
    return target


class _Source:
    """Columns of the slice at the lattice's depth; mixed of two slices where it lies between them."""

    def __init__(self, array: AnyArray, lattice: Lattice, columns: slice, kind: np.dtype[Any]) -> None:
        self.first, self.width = columns.start, columns.stop - columns.start
        depth = neighbours(np.array([lattice.depth]), array.shape[lattice.through])
        self._share = float(depth.share[0])
        near, far = int(depth.low[0]), int(depth.high[0])
        if self._share > 1 - DEPTH_EPSILON:
            near, self._share = far, 0.0
        self._kind = kind
        self._near = slice_of(array, lattice, near)[:, columns]
        self._far = slice_of(array, lattice, far)[:, columns] if self._share >= DEPTH_EPSILON else None

    def rows(self, span: slice, scratch: Scratch) -> AnyArray:
        """Voxels of some rows, side by side in memory."""
        near = self._read(self._near[span], "near", scratch)
        if self._far is not None:
            far = self._read(self._far[span], "far", scratch)
            far -= near
            far *= self._kind.type(self._share)
            near += far
        return near

    def _read(self, voxels: AnyArray, name: str, scratch: Scratch) -> AnyArray:
        read = scratch.empty(name, voxels.shape, self._kind)
        np.copyto(read, voxels)
        return read
