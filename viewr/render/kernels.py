"""Weights of voxels along one axis of a grid: linear, cubic, and averages where a pixel spans many voxels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray
from viewr.render.scratch import Scratch

AnyArray = npt.NDArray[Any]
IntArray = npt.NDArray[np.intp]


#: Exactly two voxels a pixel, give or take rounding, is not worth the slower way.
_ALMOST_ONE = 1.001


@dataclass(frozen=True, eq=False)
class Taps:
    """Which voxels along an axis make each pixel, and with what weights.

    Attributes
    ----------
    table : (ndarray of int, ndarray of float), shape (pixels, taps) each
        Voxel indices, and weights that sum to 1 for each pixel.
    span : slice
        The voxels that are read at all.
    """

    table: tuple[IntArray, FloatArray]
    span: slice


def stretch(positions: FloatArray) -> float:
    """How many times its width a kernel is drawn out: 1 for pixels of up to two voxels, then one less than these.

    Up to two voxels a pixel, kernels of the voxels' own width miss none of them; so small reductions stay as sharp as
    other programs show them. Beyond, every voxel has a share in the picture and thin structures cannot fall between
    pixels.
    """
    if len(positions) < 2:
        return 1.0
    wide = abs(float(positions[-1] - positions[0])) / (len(positions) - 1) - 1.0
    return wide if wide > _ALMOST_ONE else 1.0


def taps(positions: FloatArray, size: int, interpolation: str, averaged: bool = False) -> Taps:
    """Weights at positions along an axis of `size` voxels; beyond its ends the last voxel counts again.

    Parameters
    ----------
    positions : ndarray, shape (pixels,)
        Voxel positions of the pixel centres, evenly spaced.
    interpolation : str
        "cubic" is Catmull-Rom (Keys 1981 with a = -0.5), everything else linear.
    averaged : bool
        Draw the kernel out by `stretch`.
    """
    wide = stretch(positions) if averaged else 1.0
    reach = (2 if interpolation == "cubic" else 1) * wide
    first = np.floor(positions - reach).astype(np.intp) + 1
    raw = first[:, None] + np.arange(int(np.ceil(2 * reach)))
    distance = np.abs(positions[:, None] - raw) / wide
    weights = _catmull_rom(distance) if interpolation == "cubic" else np.maximum(1 - distance, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    index = np.clip(raw, 0, size - 1)
    return Taps((index, weights), slice(int(index.min()), int(index.max()) + 1))


def four_taps(positions: FloatArray, size: int) -> tuple[IntArray, FloatArray]:
    """Voxels and Catmull-Rom weights of positions in any order, shape (positions, 4) each."""
    raw = np.floor(positions).astype(np.intp)[:, None] + np.arange(-1, 3)
    return np.clip(raw, 0, size - 1), _catmull_rom(np.abs(positions[:, None] - raw))


def _catmull_rom(distance: FloatArray) -> FloatArray:
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return np.asarray(np.where(distance < 1, near, np.where(distance < 2, far, 0.0)))


def weigh(
    source: AnyArray, table: Taps, axis: int, kind: npt.DTypeLike, finite: bool, scratch: Scratch | None = None
) -> AnyArray:
    """Weighted sums along an axis of [row, column[, channel]], whose first element there is voxel `table.span.start`.

    Parameters
    ----------
    kind : dtype
        float32 or float64, of the result.
    finite : bool
        Every voxel is a number; else the slower way is taken, in which one that is not spoils only the pixels that it
        has a share in.
    scratch : Scratch, optional
        Where the result may be left until the next one along this axis.
    """
    scratch = scratch or Scratch()
    first_axis = np.moveaxis(source, axis, 0)
    if not finite:
        flat = np.ascontiguousarray(first_axis, kind).reshape(len(first_axis), -1)
        mixed = _matrix(table, np.dtype(kind)) @ flat
    elif axis == 0:
        mixed = _weigh_rows(source.reshape(len(source), -1), table, kind, scratch)
    else:
        last_axis = np.ascontiguousarray(np.moveaxis(source, axis, -1), kind)
        mixed = _weigh_columns(last_axis.reshape(-1, last_axis.shape[-1]), table, kind, scratch)
        mixed = mixed.reshape(*last_axis.shape[:-1], -1)
        return np.ascontiguousarray(np.moveaxis(mixed, -1, axis))
    return np.ascontiguousarray(np.moveaxis(mixed.reshape(-1, *first_axis.shape[1:]), 0, axis))


#: Multiplications of a matrix product that is not shared out among threads: those would wait for one another.
_PRODUCTS = 1 << 18


def _weigh_rows(source: AnyArray, table: Taps, kind: npt.DTypeLike, scratch: Scratch) -> AnyArray:
    """Some rows of the result at a time, by a small matrix, from voxels that are converted just before."""
    result = scratch.empty("weighed rows", (len(table.table[0]), source.shape[1]), kind)
    step = _at_once(table, 16, 4)
    for top in range(0, len(result), step):
        rows = slice(top, top + step)
        first, matrix = _dense(table, rows, kind)
        wide = max(1, _PRODUCTS // matrix.size)
        for left in range(0, source.shape[1], wide):
            part = source[first : first + matrix.shape[1], left : left + wide]
            voxels = scratch.empty("voxels", part.shape, kind)
            np.copyto(voxels, part)
            np.matmul(matrix, voxels, out=result[rows, left : left + wide])
    return result


def _weigh_columns(source: AnyArray, table: Taps, kind: npt.DTypeLike, scratch: Scratch) -> AnyArray:
    result = scratch.empty("weighed columns", (len(source), len(table.table[0])), kind)
    step = _at_once(table, 64, 8)
    for left in range(0, result.shape[1], step):
        columns = slice(left, left + step)
        first, matrix = _dense(table, columns, kind)
        tall = max(1, _PRODUCTS // matrix.size)
        for top in range(0, len(source), tall):
            part = source[top : top + tall, first : first + matrix.shape[1]]
            np.matmul(part, matrix.T, out=result[top : top + tall, columns])
    return result


def _at_once(table: Taps, voxels: int, least: int) -> int:
    """Pixels whose weights make one matrix: few of its elements are to be zeros."""
    apart = (table.span.stop - table.span.start) / len(table.table[0])
    return max(least, min(32, int(voxels / apart)))


def _dense(table: Taps, pixels: slice, kind: npt.DTypeLike) -> tuple[int, AnyArray]:
    """Element from which on some pixels are made, and the weights, shape (pixels, elements)."""
    index, weights = table.table[0][pixels], table.table[1][pixels]
    first = int(index.min())
    matrix = np.zeros((len(index), int(index.max()) + 1 - first), kind)
    places: Any = (np.arange(len(index))[:, None], index - first)
    np.add.at(matrix, places, weights)
    return first - table.span.start, matrix


@lru_cache(maxsize=8)
def _matrix(table: Taps, dtype: np.dtype[Any]) -> Any:
    from scipy import sparse

    index, weights = table.table
    rows = np.repeat(np.arange(len(index)), index.shape[1])
    shape = (len(index), table.span.stop - table.span.start)
    columns = (index - table.span.start).ravel()
    return sparse.csr_matrix((weights.ravel().astype(dtype), (rows, columns)), shape=shape)
