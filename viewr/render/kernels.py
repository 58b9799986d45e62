"""Weights of voxels along one axis of a grid: linear, cubic, and averages where a pixel spans many voxels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray

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


def weigh(source: AnyArray, table: Taps, axis: int) -> AnyArray:
    """Weighted sums along an axis of [row, column[, channel]], whose first element there is voxel `table.span.start`.

    By a sparse matrix, which reads each voxel once for each pixel that it has a share in.
    """
    matrix = _matrix(table, source.dtype)
    turned = np.ascontiguousarray(np.moveaxis(source, axis, 0))
    mixed = matrix @ turned.reshape(turned.shape[0], -1)
    return np.ascontiguousarray(np.moveaxis(mixed.reshape(-1, *turned.shape[1:]), 0, axis))


@lru_cache(maxsize=8)
def _matrix(table: Taps, dtype: np.dtype[Any]) -> Any:
    from scipy import sparse

    index, weights = table.table
    rows = np.repeat(np.arange(len(index)), index.shape[1])
    shape = (len(index), table.span.stop - table.span.start)
    columns = (index - table.span.start).ravel()
    return sparse.csr_matrix((weights.ravel().astype(dtype), (rows, columns)), shape=shape)
