"""Values of a volume at the pixels of a picture, before window and LUT."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Grid, Plane
from viewr.render.base import SliceView
from viewr.render.kernels import four_taps, stretch, taps, weigh
from viewr.render.lattice import IntArray, Lattice, all_positions, find_lattice, slab_range
from viewr.render.linear import DEPTH_EPSILON, between_voxels, float_type, neighbours, slice_of
from viewr.render.reslice import reslice, reslice_slab
from viewr.render.scratch import Scratch
from viewr.render.shade import LABEL_LUT
from viewr.render.slabs import KeptLayers, Layer, Pile, new_layer, project_layers, squeeze
from viewr.render.stack import PROJECTION_MODALITIES

AnyArray = npt.NDArray[Any]

#: Planes of a slab that a coarse picture takes in at most.
ROUGH_PLANES = 16
#: Rows that are worked on at a time where there are many steps, so that the parts stay in the processor's cache.
CHUNK = 100


@dataclass(frozen=True)
class Manner:
    """How values between voxels are found.

    Attributes
    ----------
    exact : bool
        False: oblique planes may round voxel positions (by 2e-5 voxels, see `reslice`), which is much faster.
    averaged : bool
        Pixels that span more than two voxels of an axis take all of them in (see `kernels.stretch`).
    scratch : Scratch or None
        Where values may be left until the next ones are sampled.
    """

    interpolation: str = "nearest"
    exact: bool = True
    averaged: bool = False
    scratch: Scratch | None = None

    def empty(self, shape: tuple[int, ...], kind: npt.DTypeLike) -> AnyArray:
        return np.empty(shape, kind) if self.scratch is None else self.scratch.empty("values", shape, kind)


@dataclass(frozen=True, eq=False)
class Sampled:
    """Values of the part of a picture that lies in the volume.

    Attributes
    ----------
    values : ndarray, shape (rows, columns[, channel])
        One for each pixel; or, where `repeat` is given, the voxels of the part, fewer than its pixels.
    top, left : int
        Pixel of the picture at which they begin.
    inside : ndarray of bool, shape (rows, columns), or None
        Which of them lie in the volume; None: all.
    repeat : (ndarray, ndarray) or None
        Row and column of `values` that each row and column of pixels shows.
    """

    values: AnyArray
    top: int
    left: int
    inside: npt.NDArray[np.bool_] | None = None
    repeat: tuple[IntArray, IntArray] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of pixels."""
        if self.repeat is not None:
            return len(self.repeat[0]), len(self.repeat[1])
        return self.values.shape[0], self.values.shape[1]

    @property
    def place(self) -> tuple[slice, slice]:
        """Index of the part in the picture."""
        rows, columns = self.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)

    def expand(self, values: AnyArray) -> AnyArray:
        """An array of the shape of `values`, as one of a value for each pixel."""
        if self.repeat is None:
            return values
        return np.asarray(values.take(self.repeat[1], axis=1).take(self.repeat[0], axis=0))

    @property
    def pixels(self) -> AnyArray:
        """Values of each pixel, shape (rows, columns[, channel])."""
        return self.expand(self.values)

    def fits(self, other: Sampled) -> bool:
        """Whether both say the same about which value belongs to which pixel."""
        if (self.repeat is None) != (other.repeat is None) or self.values.shape[:2] != other.values.shape[:2]:
            return False
        if (self.top, self.left) != (other.top, other.left) or self.inside is not None or other.inside is not None:
            return False
        if self.repeat is None or other.repeat is None or self.repeat is other.repeat:
            return True
        return all(np.array_equal(mine, theirs) for mine, theirs in zip(self.repeat, other.repeat, strict=True))


def voxels_3d(array: AnyArray, axes: tuple[str, ...], frame: tuple[int, ...] = ()) -> AnyArray:
    """One point of every named axis but the channel, shape (i, j, k[, channel]); a view, no copy.

    Parameters
    ----------
    frame : tuple of int
        Point on each of these axes, in their order; missing ones are the first, those beyond the end the last.
    """
    picked: list[slice | int] = [slice(None)] * array.ndim
    others = [number for number, name in enumerate(axes, start=3) if name != "channel"]
    for place, number in enumerate(others):
        wanted = frame[place] if place < len(frame) else 0
        picked[number] = min(max(wanted, 0), array.shape[number] - 1)
    return np.asarray(array[tuple(picked)])


def sample_view(
    view: SliceView, exact: bool = True, scratch: Scratch | None = None, kept: KeptLayers | None = None
) -> Sampled:
    """Values of the view's volume, projected through its slab if it has one.

    Parameters
    ----------
    exact : bool
    scratch : Scratch, optional
        As in `Manner`.
    kept : KeptLayers, optional
        Where the planes of an oblique slab are left for the next one.
    """
    array = voxels_3d(view.volume.array, view.volume.axes, view.frame)
    grid = view.volume.grid
    manner = _manner(view, exact, scratch)

    if view.projection == "none" or view.slab_slices < 2:
        return sample_plane(array, grid, view.plane, view.size, view.mm_per_pixel, manner)
    lattice = find_lattice(grid, view.plane, view.size, view.mm_per_pixel)
    if lattice is not None and grid.slice_positions is None:
        thin = _squeeze(array, grid, view, lattice)
        return sample_lattice(thin, replace(lattice, depth=0.0), manner)
    return ObliqueSlab(view, exact).sample(kept or KeptLayers())


def oblique_slab(view: SliceView) -> ObliqueSlab | None:
    """The slab of a view, if it has one and its planes are found one by one."""
    if view.projection == "none" or view.slab_slices < 2:
        return None
    grid = view.volume.grid
    along = grid.slice_positions is None and find_lattice(grid, view.plane, view.size, view.mm_per_pixel) is not None
    return None if along else ObliqueSlab(view, exact=False)


class ObliqueSlab:
    """A slab that does not run along its grid: the projection of parallel pictures, each of which can be kept.

    Parameters
    ----------
    exact : bool
        As in `Manner`.
    """

    def __init__(self, view: SliceView, exact: bool) -> None:
        self._view = view
        self._manner = _manner(view, exact, None)
        family = (view.volume, view.frame, view.size, view.mm_per_pixel, view.projection, self._manner)
        grid = view.volume.grid
        self.pile = Pile(family, slab_planes(grid, view.plane, view.slab_slices), normal_step(grid, view.plane))

    def layer(self, plane: Plane) -> Layer:
        """One of the planes, sampled."""
        view = self._view
        array = voxels_3d(view.volume.array, view.volume.axes, view.frame)
        part = sample_plane(array, view.volume.grid, plane, view.size, view.mm_per_pixel, self._manner)
        return new_layer(*_whole_picture(part, view.size), view.projection)

    def sample(self, kept: KeptLayers) -> Sampled:
        values, inside = project_layers(kept.layers(self.pile, self.layer), self._view.projection)
        return Sampled(values, 0, 0, inside)

    def sample_roughly(self) -> Sampled:
        """Nearly the same in one go, of some of the planes; no number outside, rounded at the border."""
        view, every = self._view, math.ceil(len(self.pile.planes) / ROUGH_PLANES)
        array = voxels_3d(view.volume.array, view.volume.axes, view.frame)
        values = reslice_slab(array, view.volume.grid, self.pile.planes[::every], self.pile.step * every, view.size,
                              view.mm_per_pixel, self._manner.interpolation, view.projection)  # fmt: skip
        return self.sample(KeptLayers()) if values is None else Sampled(values, 0, 0)


def _whole_picture(part: Sampled, size: tuple[int, int]) -> tuple[AnyArray, npt.NDArray[np.bool_] | None]:
    """Values for the whole picture, which may be written, and where they lie in the volume."""
    if part.repeat is None and part.shape == (size[1], size[0]):
        return part.values, part.inside
    values = np.zeros((size[1], size[0], *part.values.shape[2:]), part.values.dtype)
    inside = np.zeros((size[1], size[0]), np.bool_)
    values[part.place] = part.pixels
    inside[part.place] = True if part.inside is None else part.inside
    return values, inside


def _manner(view: SliceView, exact: bool, scratch: Scratch | None) -> Manner:
    # Between a grey value and a coloured one lie colours that no voxel has; so between two labels.
    if view.volume.palette is not None or view.lut == LABEL_LUT:
        return Manner()
    return Manner(view.interpolation, exact, view.volume.modality in PROJECTION_MODALITIES, scratch)


def sample_plane(
    array: AnyArray, grid: Grid, plane: Plane, size: tuple[int, int], mm_per_pixel: float, manner: Manner = Manner()
) -> Sampled:
    """Values of voxels [i, j, k[, channel]] at the pixels of a plane."""
    lattice = find_lattice(grid, plane, size, mm_per_pixel)
    if lattice is not None:
        return sample_lattice(array, lattice, manner)
    if manner.interpolation != "nearest" and not manner.exact:
        values = reslice(array, grid, plane, size, mm_per_pixel, manner.interpolation)
        if values is not None:
            return Sampled(*values)
    return _sample_points(array, grid, plane, size, mm_per_pixel, manner.interpolation)


# --- along the axes ------------------------------------------------------------------------------------------------


def sample_lattice(array: AnyArray, lattice: Lattice, manner: Manner = Manner()) -> Sampled:
    """Values along the axes of the grid, by tables."""
    shape = array.shape
    left, right = _range_inside(lattice.x, shape[lattice.x_axis])
    top, bottom = _range_inside(lattice.y, shape[lattice.y_axis])
    through = shape[lattice.through]
    if left >= right or top >= bottom or not -0.5 <= lattice.depth < through - 0.5:
        return Sampled(np.zeros((0, 0, *shape[3:]), array.dtype), 0, 0)
    x, y = lattice.x[left:right], lattice.y[top:bottom]
    if manner.interpolation == "nearest":
        source = slice_of(array, lattice, int(np.floor(lattice.depth + 0.5)))
        return _take(source, np.floor(y + 0.5).astype(np.intp), np.floor(x + 0.5).astype(np.intp), top, left)
    if manner.interpolation == "cubic" or (manner.averaged and max(stretch(x), stretch(y)) > 1):
        return Sampled(_by_kernel(array, lattice, x, y, manner), top, left)
    result = manner.empty((len(y), len(x), *shape[3:]), float_type(array.dtype))
    between_voxels(array, lattice, x, y, result, manner.scratch)
    return Sampled(result, top, left)


def _range_inside(positions: FloatArray, size: int) -> tuple[int, int]:
    """First and one past the last pixel inside a grid axis; positions run steadily up or down."""
    inside = np.flatnonzero((positions >= -0.5) & (positions < size - 0.5))
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)


def _take(source: AnyArray, rows: IntArray, columns: IntArray, top: int, left: int) -> Sampled:
    """source[rows][:, columns], reading only what is shown; not yet repeated where voxels are larger than pixels."""
    low, first = min(columns[0], columns[-1]), min(rows[0], rows[-1])
    high, last = max(columns[0], columns[-1]) + 1, max(rows[0], rows[-1]) + 1
    if (last - first) * (high - low) <= len(rows) * len(columns):
        part = np.ascontiguousarray(source[first:last, low:high])
        return Sampled(part, top, left, repeat=(rows - first, columns - low))
    if abs(source.strides[1]) <= abs(source.strides[0]):
        return Sampled(np.asarray(source[rows, low:high].take(columns - low, axis=1)), top, left)
    values = source[first:last, columns].take(rows - first, axis=0)
    return Sampled(np.asarray(values), top, left)


def _by_kernel(array: AnyArray, lattice: Lattice, x: FloatArray, y: FloatArray, manner: Manner) -> AnyArray:
    """Values by the kernels of `kernels.taps`: cubic, and pixels that span several voxels."""
    kind = float_type(array.dtype)
    across = taps(x, array.shape[lattice.x_axis], manner.interpolation, manner.averaged)
    along = taps(y, array.shape[lattice.y_axis], manner.interpolation, manner.averaged)
    columns, rows = across.span, along.span
    index, weights = taps(np.array([lattice.depth]), array.shape[lattice.through], manner.interpolation).table
    source: AnyArray | None = None
    for k, weight in zip(index[0], weights[0], strict=True):
        if abs(weight) >= DEPTH_EPSILON:
            part = slice_of(array, lattice, int(k))[rows, columns]
            part = part if weight > 1 - DEPTH_EPSILON else np.multiply(part, kind(weight), dtype=kind, order="C")
            source = part if source is None else source + part
    assert source is not None
    finite = source.dtype.kind != "f" or bool(np.isfinite(source).all())
    first, second = ((along, 0), (across, 1)) if len(y) <= source.shape[0] else ((across, 1), (along, 0))
    halfway = weigh(source, *first, kind, finite, manner.scratch)
    return weigh(halfway, *second, kind, finite, manner.scratch)


# --- any plane -----------------------------------------------------------------------------------------------------


def _sample_points(
    array: AnyArray, grid: Grid, plane: Plane, size: tuple[int, int], mm_per_pixel: float, interpolation: str
) -> Sampled:
    kind = array.dtype if interpolation == "nearest" else float_type(array.dtype)
    read = {"nearest": _read_nearest, "linear": _read_linear, "cubic": _read_cubic}[interpolation]
    values = np.zeros((size[1], size[0], *array.shape[3:]), kind)
    inside = np.zeros((size[1], size[0]), np.bool_)
    flat, strides = _flat(array)
    for top in range(0, size[1], CHUNK):
        rows = slice(top, min(top + CHUNK, size[1]))
        positions = all_positions(grid, plane, size, mm_per_pixel, rows)
        shown = _inside(positions, array.shape)
        if not shown.any():
            continue
        inside[rows] = shown
        points = positions[:, shown]
        values[rows][shown] = read(flat, strides, array.shape, points, kind)
    return Sampled(values, 0, 0, inside)


def _flat(array: AnyArray) -> tuple[AnyArray, tuple[int, int, int]]:
    """The voxels as one row without a copy where memory allows, and the step of each axis in it."""
    shape = array.shape
    tail = shape[3:]
    if array.flags.f_contiguous and not tail:
        return array.reshape(-1, order="F"), (1, shape[0], shape[0] * shape[1])
    if array.flags.c_contiguous:
        return array.reshape(-1, *tail), (shape[1] * shape[2], shape[2], 1)
    return array, (0, 0, 0)


def _inside(positions: FloatArray, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    result = np.ones(positions.shape[1:], np.bool_)
    for axis in range(3):
        result &= positions[axis] >= -0.5
        result &= positions[axis] < shape[axis] - 0.5
    return result


def _at(flat: AnyArray, strides: tuple[int, int, int], index: list[IntArray]) -> AnyArray:
    if strides == (0, 0, 0):
        return np.asarray(flat[index[0], index[1], index[2]])
    return np.take(flat, index[0] * strides[0] + index[1] * strides[1] + index[2] * strides[2], axis=0)


def _read_nearest(
    flat: AnyArray, strides: tuple[int, int, int], shape: tuple[int, ...], points: FloatArray, kind: Any
) -> AnyArray:
    return _at(flat, strides, [np.floor(points[axis] + 0.5).astype(np.intp) for axis in range(3)])


def _read_linear(
    flat: AnyArray, strides: tuple[int, int, int], shape: tuple[int, ...], points: FloatArray, kind: Any
) -> AnyArray:
    i, j, k = (neighbours(points[axis], shape[axis]) for axis in range(3))
    shares = [steps.share.astype(kind).reshape(-1, *(1,) * (len(shape) - 3)) for steps in (i, j, k)]
    edges = []
    for row in (j.low, j.high):
        for slice_ in (k.low, k.high):
            low = _at(flat, strides, [i.low, row, slice_]).astype(kind)
            high = _at(flat, strides, [i.high, row, slice_]).astype(kind)
            edges.append(low + (high - low) * shares[0])
    front = edges[0] + (edges[2] - edges[0]) * shares[1]
    back = edges[1] + (edges[3] - edges[1]) * shares[1]
    return np.asarray(front + (back - front) * shares[2])


def _read_cubic(
    flat: AnyArray, strides: tuple[int, int, int], shape: tuple[int, ...], points: FloatArray, kind: Any
) -> AnyArray:
    index, weights = zip(*[four_taps(points[axis], shape[axis]) for axis in range(3)], strict=True)
    spare = (-1, *(1,) * (len(shape) - 3))
    total: AnyArray = np.zeros((points.shape[1], *shape[3:]), kind)
    for i, j, k in np.ndindex(4, 4, 4):
        share = weights[0][:, i] * weights[1][:, j] * weights[2][:, k]
        voxels = _at(flat, strides, [index[0][:, i], index[1][:, j], index[2][:, k]])
        total += voxels * share.astype(kind).reshape(spare)
    return total


# --- slabs ---------------------------------------------------------------------------------------------------------


def normal_step(grid: Grid, plane: Plane) -> float:
    """Distance of neighbouring voxels along the plane's normal, mm: that of the grid axis most along it."""
    return float(np.max(np.abs(plane.normal @ grid.affine[:3, :3])))


def slab_planes(grid: Grid, plane: Plane, count: int) -> list[Plane]:
    """Parallel planes of a slab around one, a voxel apart."""
    step = normal_step(grid, plane)
    shifts = (np.arange(count) - (count - 1) // 2) * step
    return [Plane(plane.center + shift * plane.normal, plane.right, plane.down) for shift in shifts]


def _squeeze(array: AnyArray, grid: Grid, view: SliceView, lattice: Lattice) -> AnyArray:
    """The slab along an axis of the grid as one slice: voxels are projected first, then sampled once.

    Much less work than sampling every slice at the size of the screen; outside of the volume it has no slices.
    """
    axis = lattice.through
    first, end = slab_range(grid, view.plane, lattice, view.slab_slices)
    slab = array[(slice(None),) * axis + (slice(first, end),)]
    return slab if first >= end else squeeze(slab, axis, view.projection)
