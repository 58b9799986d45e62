"""Statistics of voxels under a measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.padding import padding_mask
from viewr.model.frame_point import frame_points
from viewr.model.geometry import FloatArray, Grid
from viewr.model.marker import Point
from viewr.model.measure import LEFT_OUT, Measure, Value, geometric_values
from viewr.model.volume import BY_REGIONS, PixelRegion, Volume


def measured_values(
    measure: Measure, volume: Volume | None, frame: tuple[int, ...], unit: str, lacking: bool = False
) -> tuple[Value, ...]:
    """All figures of a measure.

    Parameters
    ----------
    volume : Volume or None
        The scan it was taken on; without one only lengths, angles and areas.
    frame : tuple of int
        Point on each named axis of the volume but the channel; missing ones are the first.
    unit : str
        Of lengths.
    lacking : bool
        The voxels under it hold no data, or not yet.
    """
    values = geometric_values(*as_scaled(measure, volume, unit))
    if volume is None:
        return values
    under = () if lacking or "channel" in volume.axes else _values_under(measure, volume, frame)
    return (*values, *under, *(point_values(volume, frame) if values or under else ()))


def _values_under(measure: Measure, volume: Volume, frame: tuple[int, ...]) -> tuple[Value, ...]:
    """What the voxels under a measure hold."""
    if measure.kind == "ellipse" and len(measure.points) == 3:
        return ellipse_values(volume, frame, *measure.points, normal=measure.plane_normal)
    if measure.kind == "probe" and measure.points:
        return probe_value(volume, frame, measure.points[0])
    return ()


def as_scaled(measure: Measure, volume: Volume | None, unit: str) -> tuple[Measure, str]:
    """A measure with its points in the scale of the part of the picture that all of them lie in; else in pixels.

    Where parts lie in one another, the smaller one counts. Only for lengths: the points are of no patient any more.
    """
    if volume is None or not volume.regions or not measure.points:
        return measure, unit
    index = volume.grid.to_ijk(np.array(measure.points))
    around = [part for part in volume.regions if part.contains(index[:, :2])]
    if not around and volume.spacing_source != BY_REGIONS:
        return measure, unit
    here = min(around, key=_area).spacing if around else None
    steps = np.array([*(here or (1.0, 1.0)), 1.0])
    points = tuple((float(x), float(y), float(z)) for x, y, z in index * steps)
    return replace(measure, points=points), unit if here else "px"


def _area(part: PixelRegion) -> int:
    return part.area


def point_values(volume: Volume, frame: tuple[int, ...]) -> tuple[Value, ...]:
    """At which points of the named axes values were taken, counted from 1: they stay when another one is shown."""
    return tuple(Value(point.name.capitalize(), point.number, "") for point in frame_points(volume, frame))


def probe_value(volume: Volume, frame: tuple[int, ...], place: Point) -> tuple[Value, ...]:
    """The value of the voxel at a place; empty outside of the volume."""
    if not volume.grid.contains(place):
        return ()
    i, j, k = (int(part) for part in np.floor(volume.grid.to_ijk(place) + 0.5))
    value = float(_at_frame(volume, frame)[i, j, k])
    # A result holds finite numbers only: a measure with another one could not be read again.
    return (Value("", value, volume.unit),) if np.isfinite(value) else ()


def ellipse_values(
    volume: Volume, frame: tuple[int, ...], center: Point, first: Point, second: Point, *, normal: Point
) -> tuple[Value, ...]:
    """Mean, standard deviation, least, greatest and number of the voxels in an ellipse.

    A voxel counts where its centre lies in the ellipse and within half a voxel of its plane, measured along the
    plane's normal: on a slice of the scan these are the voxels of that slice. Padding does not count; how many voxels
    of it were left out is a figure of its own, where there are any.

    Parameters
    ----------
    center, first, second : Point
        Centre and ends of the half axes, LPS, mm.
    normal : Point
        Unit vector of the plane.
    """
    found = ellipse_voxels(volume.grid, center, first, second, normal)
    if found is None:
        return ()
    box, inside = found
    values = _at_frame(volume, frame)[box][inside]
    outside = padding_mask(values, volume.padding)
    left_out = int(np.count_nonzero(outside))
    figures = _statistics(np.asarray(values[~outside], np.float64), volume.unit)
    if not left_out:
        return figures
    return (*(figures or (Value("Voxels", 0.0, ""),)), Value(LEFT_OUT, float(left_out), ""))


def ellipse_voxels(
    grid: Grid, center: Point, first: Point, second: Point, normal: Point
) -> tuple[tuple[slice, ...], npt.NDArray[np.bool_]] | None:
    """A box of voxels and which of them lie in an ellipse; see `ellipse_values`. None where there are none."""
    middle, up = np.array(center), np.array(normal)
    axes = [np.array(end) - middle for end in (first, second)]
    sizes = [float(axis @ axis) for axis in axes]
    half = float(np.max(np.abs(up @ grid.affine[:3, :3]))) / 2
    box = _box(grid, middle, axes, up * half)
    if box is None or min(sizes) == 0:
        return None
    u, v = (_projected(grid, box, middle, axis / size) for axis, size in zip(axes, sizes, strict=True))
    depth = _projected(grid, box, middle, up)
    return box, (u * u + v * v <= 1) & (depth >= -half * (1 + 1e-6)) & (depth < half * (1 - 1e-6))


def curve_at(volume: Volume, frame: tuple[int, ...], axis: int, place: Point) -> FloatArray | None:
    """Values along a named axis of the voxel at a place, the other axes at `frame`; None outside of the volume.

    Parameters
    ----------
    axis : int
        Number among the named axes.
    """
    if not volume.grid.contains(place) or "channel" in volume.axes:
        return None
    i, j, k = (int(part) for part in np.floor(volume.grid.to_ijk(place) + 0.5))
    return np.asarray(_along(volume, frame, axis)[i, j, k], np.float64)


def curve_in(volume: Volume, frame: tuple[int, ...], axis: int, measure: Measure) -> FloatArray | None:
    """Mean along a named axis of the voxels in an ellipse, padding left out; None where there are none.

    Where all are padding at a point, its mean is no number.
    """
    if measure.kind != "ellipse" or len(measure.points) != 3 or "channel" in volume.axes:
        return None
    center, first, second = measure.points
    found = ellipse_voxels(volume.grid, center, first, second, measure.plane_normal)
    if found is None or not found[1].any():
        return None
    values = _along(volume, frame, axis)[found[0]][found[1]]
    counted = ~(padding_mask(values, volume.padding) | np.isnan(values))
    sums, counts = np.where(counted, values, 0).sum(axis=0, dtype=np.float64), counted.sum(axis=0)
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)


def _along(volume: Volume, frame: tuple[int, ...], axis: int) -> npt.NDArray[Any]:
    """Voxels (i, j, k, points of one named axis)."""
    array = volume.array
    for number in range(len(volume.axes) - 1, -1, -1):
        if number != axis:
            point = min(frame[number] if number < len(frame) else 0, array.shape[3 + number] - 1)
            array = array[(slice(None),) * (3 + number) + (point,)]
    return array


def _statistics(values: FloatArray, unit: str) -> tuple[Value, ...]:
    values = values[np.isfinite(values)]
    if not len(values):
        return ()
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return (
        Value("Mean", float(values.mean()), unit), Value("SD", spread, unit), Value("Min", float(values.min()), unit),
        Value("Max", float(values.max()), unit), Value("Voxels", float(len(values)), ""),
    )  # fmt: skip


def _at_frame(volume: Volume, frame: tuple[int, ...]) -> npt.NDArray[Any]:
    """Voxels (i, j, k) of one point of the named axes."""
    array = volume.array
    for number in range(len(volume.axes) - 1, -1, -1):
        point = frame[number] if number < len(frame) else 0
        array = array[(slice(None),) * (3 + number) + (min(point, array.shape[3 + number] - 1),)]
    return array


def _box(grid: Grid, middle: FloatArray, axes: list[FloatArray], up: FloatArray) -> tuple[slice, ...] | None:
    """The voxels among which those of the ellipse are; None if there are none."""
    corners = [middle + a * axes[0] + b * axes[1] + c * up for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]
    index = grid.to_ijk(np.array(corners))
    low = np.maximum(np.floor(index.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(index.max(axis=0)).astype(int) + 1, grid.shape)
    if (low >= high).any():
        return None
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def _projected(grid: Grid, box: tuple[slice, ...], middle: FloatArray, onto: FloatArray) -> FloatArray:
    """Scalar product of each voxel's offset from a point with a vector, shape of the box."""
    i, j, k = (np.arange(part.start, part.stop, dtype=np.float64) for part in box)
    across, along, through = onto @ grid.affine[:3, :3]
    if grid.slice_positions is None:
        slices = k * through + onto @ (grid.affine[:3, 3] - middle)
    else:
        slices = (grid.slice_positions[box[2]] - middle) @ onto
    return np.asarray((i * across)[:, None, None] + (j * along)[None, :, None] + slices[None, None, :])
