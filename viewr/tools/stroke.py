"""Which voxels a disc in a plane touches on its way from one place to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Grid, Plane
from viewr.model.labelmap import Box
from viewr.model.marker import Point

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Touched:
    """Voxels as a box and a mask of its shape."""

    box: Box
    mask: BoolArray


def touched_voxels(grid: Grid, plane: Plane, start: Point, end: Point, radius: float) -> Touched | None:
    """Voxels of the plane's layer whose centres the disc covers while it moves from `start` to `end`.

    The layer holds, for each column of voxels along the grid axis nearest to the plane's normal, the one voxel nearest
    to the plane; along the slices of the grid that is the slice shown. The voxels right under the way are always
    touched, however small the disc.

    Parameters
    ----------
    start, end : Point
        Middles of the disc, LPS mm, on the plane.
    radius : float
        mm; distances are measured in the plane, true to the patient.

    Returns
    -------
    Touched or None
        None if no voxel of the grid is touched.
    """
    ends = np.array([start, end], np.float64)
    through, first, second = _axes(grid, plane)
    low, high = _reach(grid, plane, ends, radius)
    a = np.arange(max(0, low[first]), min(grid.shape[first], high[first] + 1))
    b = np.arange(max(0, low[second]), min(grid.shape[second], high[second] + 1))
    if not len(a) or not len(b):
        return None
    layer = _layer(grid, plane, through, first, second, a, b)
    index = np.empty((len(a), len(b), 3))
    index[..., first], index[..., second], index[..., through] = a[:, None], b[None, :], layer
    near = _distances(grid.to_lps(index), plane, ends) <= radius
    near |= _under_way(grid, ends, first, second, a, b)
    near &= (layer >= 0) & (layer < grid.shape[through])
    return _as_box(near, layer, (through, first, second), a, b)


def _axes(grid: Grid, plane: Plane) -> tuple[int, int, int]:
    """The grid axis nearest to the normal, and the two others."""
    along = np.abs(grid.affine[:3, :3].T @ plane.normal)
    if grid.slice_positions is not None and len(grid.slice_positions) > 1:
        steps = np.diff(grid.slice_positions, axis=0) @ plane.normal
        along[2] = np.abs(steps).mean()
    through = int(np.argmax(along))
    first, second = (axis for axis in range(3) if axis != through)
    return through, first, second


def _reach(grid: Grid, plane: Plane, ends: FloatArray, radius: float) -> tuple[IntArray, IntArray]:
    """Voxel indices between which the disc's way lies, with a voxel to spare."""
    turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    circle = radius * 1.02 * (np.cos(turns)[:, None] * plane.right + np.sin(turns)[:, None] * plane.down)
    index = grid.to_ijk((ends[:, None, :] + circle).reshape(-1, 3))
    return np.floor(index.min(axis=0) - 0.5).astype(np.intp), np.ceil(index.max(axis=0) + 0.5).astype(np.intp)


def _layer(
    grid: Grid, plane: Plane, through: int, first: int, second: int, a: IntArray, b: IntArray
) -> IntArray:
    """Index along `through` of the voxel nearest to the plane, for each (a, b), shape (len(a), len(b))."""
    normal = plane.normal
    depth = float(plane.center @ normal)
    positions = grid.slice_positions
    if positions is None or len(positions) == 1:
        pace = normal @ grid.affine[:3, :3]
        rest = depth - normal @ grid.to_lps((0.0, 0.0, 0.0)) - pace[first] * a[:, None] - pace[second] * b[None, :]
        return np.floor(rest / pace[through] + 0.5).astype(np.intp)
    return _uneven_layer(positions @ normal, normal @ grid.affine[:3, :2], depth, through, a, b)


def _uneven_layer(
    slices: FloatArray, pace: FloatArray, depth: float, through: int, a: IntArray, b: IntArray
) -> IntArray:
    """As `_layer` where each slice has its own position; `slices` are theirs along the normal.

    The second of the two other axes is k unless k itself goes through the plane.
    """
    if through != 2:
        rest = depth - slices[b][None, :] - pace[1 - through] * a[:, None]
        return np.floor(rest / pace[through] + 0.5).astype(np.intp)
    rest = depth - pace[0] * a[:, None] - pace[1] * b[None, :]
    order = np.argsort(slices)
    number = np.interp(rest, slices[order], order.astype(np.float64), left=-1, right=-1)
    return np.floor(number + 0.5).astype(np.intp)


def _distances(points_lps: FloatArray, plane: Plane, ends: FloatArray) -> FloatArray:
    """Distance in the plane of points from the straight way between two ends, mm."""
    offset = points_lps - ends[0]
    u, v = offset @ plane.right, offset @ plane.down
    way = ends[1] - ends[0]
    du, dv = float(way @ plane.right), float(way @ plane.down)
    length = du * du + dv * dv
    if length > 0:
        share = np.clip((u * du + v * dv) / length, 0, 1)
        u, v = u - share * du, v - share * dv
    return np.asarray(np.hypot(u, v))


def _under_way(grid: Grid, ends: FloatArray, first: int, second: int, a: IntArray, b: IntArray) -> BoolArray:
    """The columns of voxels that the middle of the disc crosses."""
    index = grid.to_ijk(ends)[:, [first, second]]
    count = int(np.ceil(2 * np.abs(index[1] - index[0]).max())) + 1
    crossed = np.floor(np.linspace(index[0], index[1], count + 1) + 0.5).astype(np.intp) - (a[0], b[0])
    inside = (crossed >= 0).all(axis=1) & (crossed[:, 0] < len(a)) & (crossed[:, 1] < len(b))
    result = np.zeros((len(a), len(b)), np.bool_)
    result[crossed[inside, 0], crossed[inside, 1]] = True
    return result


def _as_box(
    near: BoolArray, layer: IntArray, axes: tuple[int, int, int], a: IntArray, b: IntArray
) -> Touched | None:
    rows, columns = np.nonzero(near)
    if not len(rows):
        return None
    index: list[IntArray] = [rows, rows, rows]
    for axis, places in zip(axes, (layer[rows, columns], a[rows], b[columns]), strict=True):
        index[axis] = places
    low = [int(places.min()) for places in index]
    high = [int(places.max()) + 1 for places in index]
    mask = np.zeros([end - first for first, end in zip(low, high, strict=True)], np.bool_, order="F")
    mask[tuple(places - first for places, first in zip(index, low, strict=True))] = True
    return Touched(((low[0], low[1], low[2]), (high[0], high[1], high[2])), mask)
