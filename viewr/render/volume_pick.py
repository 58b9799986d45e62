"""What a place in the picture of a volume is in the patient: the first surface, or the maximum, along the ray."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Grid
from viewr.model.labelmap import Labelmap
from viewr.render.volume_labels import invisible
from viewr.render.volume_presets import Transfer

#: Share of the light that a surface has swallowed when it counts as met, and that anything must swallow at all.
MET, SOMETHING = 0.5, 0.02

#: Lowest and highest i, j, k that are shown, in voxels of the scan.
ClipBox = tuple[tuple[float, float, float], tuple[float, float, float]]
#: A point and a unit direction.
Ray = tuple[FloatArray, FloatArray]


def whole_box(grid: Grid) -> ClipBox:
    """All of a grid, to the outer faces of its voxels."""
    high = tuple(size - 0.5 for size in grid.shape)
    return (-0.5, -0.5, -0.5), (high[0], high[1], high[2])


def ray_points(grid: Grid, box: ClipBox, through_lps: npt.ArrayLike, along: npt.ArrayLike) -> FloatArray:
    """Points of a ray inside a box, from the reader away, half a voxel apart; shape (n, 3), LPS, n may be 0."""
    origin, direction = np.asarray(through_lps, np.float64), np.asarray(along, np.float64)
    step = min(grid.spacing) / 2
    reach = sum(size * spacing for size, spacing in zip(grid.shape, grid.spacing, strict=True))
    middle = float((grid.center_lps - origin) @ direction)
    places = np.arange(middle - reach, middle + reach, step)
    points = origin + places[:, None] * direction
    inside = contains(box, grid.to_ijk(points))
    return np.asarray(points[inside])


def contains(box: ClipBox, points_ijk: FloatArray) -> npt.NDArray[np.bool_]:
    low, high = box
    return np.asarray(np.all((points_ijk >= np.array(low)) & (points_ijk <= np.array(high)), axis=-1))


def pick_maximum(voxels: npt.NDArray[np.generic], grid: Grid, points_lps: FloatArray) -> FloatArray | None:
    """The middle of the brightest voxel on a ray; the first of several.

    Parameters
    ----------
    voxels : ndarray, shape grid.shape
    points_lps : ndarray, shape (n, 3)
        As `ray_points` gives them.
    """
    if not len(points_lps):
        return None
    index = _nearest(grid, points_lps)
    values = voxels[tuple(index.T)].astype(np.float64)
    values[~np.isfinite(values)] = -np.inf
    return grid.to_lps(index[int(np.argmax(values))].astype(np.float64))


def pick_surface(
    voxels: npt.NDArray[np.generic], grid: Grid, points_lps: FloatArray, transfer: Transfer, unit_mm: float
) -> FloatArray | None:
    """Where half of what a ray swallows is swallowed; None where it meets nothing.

    Parameters
    ----------
    unit_mm : float
        Millimetres over which the transfer's opacities hold.
    """
    if len(points_lps) < 2:
        return None
    values = _linear(voxels, grid, points_lps)
    places, opacities = np.array(transfer.opacities).T
    # what is no number is drawn as the lowest value
    opacity = np.interp(np.where(np.isfinite(values), values, -np.inf), places, opacities)
    step = float(np.linalg.norm(points_lps[1] - points_lps[0]))
    left = np.cumprod((1 - np.clip(opacity, 0, 1 - 1e-9)) ** (step / unit_mm))
    swallowed = 1 - left
    if swallowed[-1] < SOMETHING:
        return None
    return np.asarray(points_lps[int(np.argmax(swallowed >= min(MET, swallowed[-1] / 2)))])


def pick_label(labelmap: Labelmap, points_lps: FloatArray) -> int | None:
    """Number of the first point of a ray that lies in a voxel whose label is seen."""
    index = np.rint(labelmap.grid.to_ijk(points_lps)).astype(int)
    inside = np.all((index >= 0) & (index < np.array(labelmap.grid.shape)), axis=1)
    met = np.zeros(len(index), bool)
    values = labelmap.array[tuple(index[inside].T)]
    met[inside] = (values != 0) & ~np.isin(values, invisible(labelmap))
    return int(np.argmax(met)) if met.any() else None


def _nearest(grid: Grid, points_lps: FloatArray) -> npt.NDArray[np.intp]:
    index = np.rint(grid.to_ijk(points_lps)).astype(np.intp)
    return np.clip(index, 0, np.array(grid.shape) - 1)


def _linear(voxels: npt.NDArray[np.generic], grid: Grid, points_lps: FloatArray) -> FloatArray:
    """Values between voxels; beyond the outer ones' middles theirs."""
    last = np.array(grid.shape) - 1
    index = np.clip(grid.to_ijk(points_lps), 0, last)
    low = np.minimum(np.floor(index).astype(np.intp), np.maximum(last - 1, 0))
    part = index - low
    total = np.zeros(len(index))
    with np.errstate(invalid="ignore"):  # infinity beside a point is no number at it
        for corner in np.ndindex(2, 2, 2):
            weight = np.prod(np.where(np.array(corner) == 1, part, 1 - part), axis=1)
            total += weight * voxels[tuple(np.minimum(low + corner, last).T)]
    return total


def pick(
    voxels: npt.NDArray[np.generic], grid: Grid, ray: Ray, box: ClipBox | None, transfer: Transfer,
    labelmaps: Iterable[Labelmap] = (), unit_mm: float = 1.0,
) -> FloatArray | None:  # fmt: skip
    """The place that a reader means who points into a volume; None where there is nothing.

    Parameters
    ----------
    voxels : ndarray, shape grid.shape
    ray : (point, direction)
        LPS, mm; the direction of unit length, away from the reader.
    box : ClipBox or None
        Part of the scan that is shown; None: the scan is hidden.
    labelmaps : iterable of Labelmap
        Those whose surfaces are shown; the first surface hides what is behind it.
    """
    origin, along = ray
    surfaces = []
    for labelmap in labelmaps:
        points = ray_points(labelmap.grid, whole_box(labelmap.grid), origin, along)
        if len(points) and (met := pick_label(labelmap, points)) is not None:
            surfaces.append(points[met])
    nearest = min(surfaces, key=along.__matmul__, default=None)
    if box is None or (nearest is not None and transfer.blend == "maximum"):
        return nearest
    points = ray_points(grid, box, origin, along)
    if transfer.blend == "maximum":
        return pick_maximum(voxels, grid, points)
    found = pick_surface(voxels, grid, points, transfer, unit_mm)
    both = [point for point in (nearest, found) if point is not None]
    return min(both, key=along.__matmul__, default=None)
