"""Where the pixels of a picture lie in a voxel grid.

Most pictures run along the axes of their grid: then one table of voxel positions for the columns and one for the rows
say it all. Any other plane needs a position for each pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Grid, Plane

IntArray = npt.NDArray[np.intp]

#: Share of a voxel by which a plane along the axes may drift across the picture.
DRIFT = 1e-3


@dataclass(frozen=True, eq=False)
class Lattice:
    """A picture whose columns and rows each run along one axis of the grid.

    Attributes
    ----------
    x_axis, y_axis, through : int
        Grid axes (0 = i) of the picture's columns and rows, and the one that stays.
    x, y : ndarray, shape (width,), (height,)
        Voxel positions of the pixel centres along `x_axis` and `y_axis`.
    depth : float
        Voxel position along `through`.
    """

    x_axis: int
    y_axis: int
    through: int
    x: FloatArray
    y: FloatArray
    depth: float


def pixel_offsets(size: int, mm_per_pixel: float) -> FloatArray:
    """Distances of the pixel centres from the middle, mm."""
    return np.asarray((np.arange(size, dtype=np.float64) + 0.5 - size / 2) * mm_per_pixel)


@lru_cache(maxsize=64)
def find_lattice(grid: Grid, plane: Plane, size: tuple[int, int], mm_per_pixel: float) -> Lattice | None:
    """Tables of the picture in the grid, or None where its plane does not run along the axes."""
    across = pixel_offsets(size[0], mm_per_pixel)
    along = pixel_offsets(size[1], mm_per_pixel)
    row = grid.to_ijk(plane.center + across[:, None] * plane.right)
    column = grid.to_ijk(plane.center + along[:, None] * plane.down)
    moves_x = _moves(grid, plane.center, plane.right, across)
    moves_y = _moves(grid, plane.center, plane.down, along)
    if moves_x.sum() > 1 or moves_y.sum() > 1 or (moves_x & moves_y).any():
        return None
    middle = grid.to_ijk(plane.center)
    if grid.slice_positions is not None and not _is_straight(grid, plane, across, along, row, column, middle):
        return None
    return _tables(moves_x, moves_y, row, column, middle)


def _moves(grid: Grid, center: FloatArray, direction: FloatArray, offsets: FloatArray) -> npt.NDArray[np.bool_]:
    """Which grid axes the pixels move along; one pixel alone, as under the pointer, lies as its neighbours would."""
    reach = 10 * max(grid.spacing)
    ends = np.array([offsets[0], offsets[-1]] if len(offsets) > 1 else [-reach, reach])
    first, last = grid.to_ijk(center + ends[:, None] * direction)
    return np.asarray(np.abs(last - first) > DRIFT)


def slab_range(grid: Grid, plane: Plane, lattice: Lattice, count: int) -> tuple[int, int]:
    """First and one past the last voxel, through the picture, of a slab of `count` around its plane."""
    forward = float(plane.normal @ grid.affine[:3, lattice.through]) > 0
    before = (count - 1) // 2
    after = count - 1 - before
    here = int(np.floor(lattice.depth + 0.5))
    low, high = (here - before, here + after) if forward else (here - after, here + before)
    return max(0, low), min(grid.shape[lattice.through], high + 1)


def _tables(
    moves_x: npt.NDArray[np.bool_], moves_y: npt.NDArray[np.bool_], row: FloatArray, column: FloatArray,
    middle: FloatArray,
) -> Lattice:  # fmt: skip
    free = [axis for axis in range(3) if not moves_x[axis] and not moves_y[axis]]
    x_axis = int(np.argmax(moves_x)) if moves_x.any() else free.pop(0)
    y_axis = int(np.argmax(moves_y)) if moves_y.any() else free.pop(0)
    through = 3 - x_axis - y_axis
    return Lattice(x_axis, y_axis, through, row[:, x_axis], column[:, y_axis], float(middle[through]))


def _is_straight(
    grid: Grid, plane: Plane, across: FloatArray, along: FloatArray, row: FloatArray, column: FloatArray,
    middle: FloatArray,
) -> bool:  # fmt: skip
    """Whether uneven slices leave the axes independent: rows and columns together predict the corners."""
    for x in (0, -1):
        edge = plane.center + across[x] * plane.right + along[:, None] * plane.down
        if np.abs(grid.to_ijk(edge) - (row[x] + column - middle)).max() > DRIFT:
            return False
    return True


def all_positions(grid: Grid, plane: Plane, size: tuple[int, int], mm_per_pixel: float, rows: slice) -> FloatArray:
    """Voxel positions of every pixel centre of some rows, shape (3, rows, width)."""
    across = pixel_offsets(size[0], mm_per_pixel)
    along = pixel_offsets(size[1], mm_per_pixel)[rows]
    if grid.slice_positions is not None:
        points = plane.center + along[:, None, None] * plane.down + across[None, :, None] * plane.right
        return np.ascontiguousarray(np.moveaxis(grid.to_ijk(points), -1, 0))
    turn = grid.inverse[:3, :3]
    origin = grid.to_ijk(plane.center)
    start = origin[:, None] + np.outer(turn @ plane.down, along)
    return start[:, :, None] + np.outer(turn @ plane.right, across)[:, None, :]
