"""Soft shapes and noise from which the demo patients are built.

Fields are float32 arrays [k, j, i] (slice, row, column). A shape is its signed distance in mm, negative inside; the
distances are approximate far from the surface and good near it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import Grid

Field = npt.NDArray[np.float32]
Point = tuple[float, float, float]


class Points(NamedTuple):
    """Patient coordinates of voxels: LPS mm, three arrays that broadcast to [k, j, i]."""

    x: Field
    y: Field
    z: Field

    def moved(self, centre: Point) -> Points:
        """The same points seen from `centre`."""
        return Points(*(axis - np.float32(shift) for axis, shift in zip(self, centre, strict=True)))


def points_of(grid: Grid, indices: Sequence[range]) -> Points:
    """Patient coordinates of the voxels of a grid at `indices` along i, j, k.

    Axes that do not take part stay of length one, so that shapes on straight grids cost little.
    """
    axes = [
        np.asarray(index, np.float32).reshape([-1 if axis == 2 - d else 1 for axis in range(3)])
        for d, index in enumerate(indices)
    ]
    rows = []
    for row in grid.affine[:3]:
        value: Field = np.full((1, 1, 1), row[3], np.float32)
        for axis, factor in zip(axes, row[:3], strict=True):
            if abs(factor) > 1e-9:
                value = value + axis * np.float32(factor)
        rows.append(value)
    return Points(*rows)


def ellipsoid(points: Points, centre: Point, radii: Point) -> Field:
    """Signed distance from an ellipsoid along the patient's axes."""
    a, b, c = (np.float32(1 / r**2) for r in radii)
    x, y, z = points.moved(centre)
    # Squares first: on straight grids they are short.
    x, y, z = x * x * a, y * y * b, z * z * c
    norm = np.sqrt(x + y + z)
    slope = np.sqrt(x * a + y * b + z * c + np.float32(1e-9))
    return np.asarray((norm - 1) * norm / slope, np.float32)


def spot(points: Points, centre: Point, radii: Point) -> Field:
    """As `ellipsoid`, in half the time; good near the surface alone, and radii should be alike."""
    x, y, z = points.moved(centre)
    b, c = np.float32(radii[0] / radii[1]), np.float32(radii[0] / radii[2])
    x, y, z = x * x, y * y * (b * b), z * z * (c * c)
    return np.asarray((x + y + z - np.float32(radii[0] ** 2)) * np.float32(0.5 / radii[0]), np.float32)


def capsule(points: Points, start: Point, end: Point, radii: tuple[float, float]) -> Field:
    """Signed distance from a rod with round ends, its radius changing from `radii[0]` to `radii[1]`."""
    x, y, z = points.moved(start)
    a, b, c = (np.float32(e - s) for s, e in zip(start, end, strict=True))
    scale = 1 / (a * a + b * b + c * c)
    share = np.clip(x * (a * scale) + y * (b * scale) + z * (c * scale), 0, 1)
    x, y, z = x - share * a, y - share * b, z - share * c
    distance = np.sqrt(x * x + y * y + z * z)
    if radii[0] == radii[1]:
        return np.asarray(distance - np.float32(radii[0]), np.float32)
    return np.asarray(distance - share * np.float32(radii[1] - radii[0]) - np.float32(radii[0]), np.float32)


def tube(points: Points, path: Sequence[Point], radii: Sequence[float]) -> Field:
    """Signed distance from a bent rod through the points of `path`."""
    parts = [capsule(points, path[n], path[n + 1], (radii[n], radii[n + 1])) for n in range(len(path) - 1)]
    return union(*parts)


def union(*shapes: Field) -> Field:
    """What lies in any of the shapes."""
    result = shapes[0]
    for shape in shapes[1:]:
        result = np.minimum(result, shape)
    return result


def blend(a: Field, b: Field, width: float) -> Field:
    """Union with a rounded seam of about `width` mm."""
    near = np.clip(1 - np.abs(a - b) / np.float32(width), 0, None)
    return np.asarray(np.minimum(a, b) - near * near * np.float32(width / 4), np.float32)


def soft(distance: npt.NDArray[np.floating[Any]], edge: float = 1.2) -> Field:
    """Share of a voxel inside a shape: 1 inside, 0 outside, a ramp of `edge` mm between."""
    share = distance * np.float32(-1 / edge)
    share += np.float32(0.5)
    return np.asarray(np.clip(share, 0, 1, out=share), np.float32)


def paint(image: Field, value: float | Field, share: npt.NDArray[np.floating[Any]]) -> None:
    """Replace that share of each voxel by `value`, in place."""
    image += (np.asarray(value, np.float32) - image) * share


class Waves(NamedTuple):
    """Smooth random field of one wavelength, and the length of its gradient (1/mm)."""

    value: Field
    slope: Field


def waves(points: Points, wavelength: float, rng: np.random.Generator, count: int = 16) -> Waves:
    """Sum of `count` plane waves of random direction; its zero surfaces are folded sheets."""
    directions = rng.normal(size=(count, 3))
    directions *= 2 * np.pi / wavelength / np.linalg.norm(directions, axis=1, keepdims=True)
    phases = rng.uniform(0, 2 * np.pi, count)
    value, slopes = np.float32(0), [np.float32(0)] * 3
    for direction, phase in zip(directions.astype(np.float32), phases.astype(np.float32), strict=True):
        angle = points.x * direction[0] + points.y * direction[1] + points.z * direction[2] + phase
        value = value + np.cos(angle)
        sine = np.sin(angle)
        slopes = [slope + sine * d for slope, d in zip(slopes, direction, strict=True)]
    a, b, c = slopes
    return Waves(np.asarray(value, np.float32), np.asarray(np.sqrt(a * a + b * b + c * c), np.float32))


def doubled(field: Field, axis: int) -> Field:
    """Twice as many samples less one, linear between the old ones."""
    shape = [2 * n - 1 if a == axis else n for a, n in enumerate(field.shape)]
    result = np.empty(shape, field.dtype)
    source, target = np.moveaxis(field, axis, 0), np.moveaxis(result, axis, 0)
    target[::2] = source
    target[1::2] = (source[:-1] + source[1:]) * field.dtype.type(0.5)
    return result


def refined(field: Field, axes: Sequence[int], shape: tuple[int, ...]) -> Field:
    """`doubled` along `axes`, cut to `shape`; axes of length one are left to broadcasting."""
    # Rows first, while they are few: samples that lie apart in memory are the dear ones.
    for axis in sorted(axes, reverse=True):
        if field.shape[axis] > 1:
            field = doubled(field, axis)
    return field[tuple(slice(n) for n in shape)]


def pictured(
    grid: Grid,
    fields_at: Callable[[Points], Mapping[str, Field]],
    picture: Callable[[Mapping[str, Field], Points], Field],
    refine: Sequence[int] = (),
    block: int = 16,
) -> Field:
    """The picture [k, j, i] of a body on a grid.

    Parameters
    ----------
    fields_at : callable
        Smooth fields at points; computed at every second voxel along the axes in `refine`, then interpolated.
    picture : callable
        Brightness of each voxel, from its fields and its place.
    refine : sequence of int
        Axes of [k, j, i].
    block : int, even
        Slices at a time: few enough for the processor's cache, which makes it several times faster.
    """
    result = np.empty(grid.shape[::-1], np.float32)
    for start in range(0, len(result), block):
        fine = [range(grid.shape[0]), range(grid.shape[1]), range(start, min(start + block, len(result)))]
        coarse = [range(r.start, r.start + 2 * (len(r) // 2) + 1, 2) if 2 - d in refine else r
                  for d, r in enumerate(fine)]  # fmt: skip
        shape = tuple(len(r) for r in reversed(fine))
        fields = {name: refined(field, refine, shape) for name, field in fields_at(points_of(grid, coarse)).items()}
        result[start : start + block] = picture(fields, points_of(grid, fine))
    return result


def smooth_doubled(field: Field) -> Field:
    """Twice as many samples along each axis, by quadratic B-splines; periodic."""
    for axis in range(field.ndim):
        before, after = np.roll(field, 1, axis), np.roll(field, -1, axis)
        pair = np.stack([0.75 * field + 0.25 * before, 0.75 * field + 0.25 * after], axis + 1)
        field = np.asarray(pair.reshape([n * 2 if a == axis else n for a, n in enumerate(field.shape)]), np.float32)
    return field


def fractal(shape: tuple[int, ...], octaves: int, gain: float, rng: np.random.Generator) -> Field:
    """Cloudy noise, periodic, mean 0 and standard deviation 1; each finer octave is `gain` times as strong."""
    sizes = [max(2, -(-n // 2**octaves)) for n in shape]
    field = rng.standard_normal(sizes, np.float32)
    strength = 1.0
    for _ in range(octaves):
        strength *= gain
        field = smooth_doubled(field)
        field += np.float32(strength) * rng.standard_normal(field.shape, np.float32)
    field = field[tuple(slice(n) for n in shape)]
    return np.asarray((field - field.mean()) / field.std(), np.float32)
