"""The pile of slices that a viewport pages through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Grid, Orientation, Plane, acquisition_plane, anatomical_plane
from viewr.model.reformat import Reformat
from viewr.model.volume import Volume

#: Modalities of projections: without a frame of reference their grids say nothing about the patient.
PROJECTION_MODALITIES = frozenset({"MG", "CR", "DX", "US", "XA", "RF", "XC", "OT", "SC", "IO", "PX"})

#: Paging goes from head to feet, front to back, right to left; as a sign on the plane's normal.
_PAGING = {"Transversal": -1.0, "Coronal": 1.0, "Sagittal": -1.0}


def has_patient_axes(volume: Volume) -> bool:
    """Whether the volume's axes are directions in a patient; else no letter may be shown and nothing is linked."""
    return volume.placed and bool(volume.grid.frame_of_reference or volume.modality not in PROJECTION_MODALITIES)


@dataclass(frozen=True, eq=False)
class SliceStack:
    """The slices of a volume in one orientation, in the order in which they are paged.

    Attributes
    ----------
    middle : Plane
        The plane through the middle of the volume.
    direction : ndarray, shape (3,)
        Unit vector towards the next slice; along the normal of the plane.
    depths : ndarray, shape (count,)
        Position of each slice along `direction`, mm, growing.
    voxels : ndarray of int, shape (count,), or None
        Voxel index of each slice along `axis`, where the slices are true slices of the grid.
    axis : int or None
        The grid axis that is paged through.
    extent : tuple of float
        Width and height in mm that the whole volume takes in the plane.
    oblique : bool
        Along axes that the reader turned.
    """

    middle: Plane
    orientation: Orientation
    direction: FloatArray
    depths: FloatArray
    voxels: npt.NDArray[np.intp] | None
    axis: int | None
    extent: tuple[float, float]
    oblique: bool = False

    @property
    def count(self) -> int:
        return len(self.depths)

    def index_of(self, point_lps: npt.ArrayLike) -> int:
        """The slice nearest to a point; the first or last one for points beyond."""
        return int(np.argmin(np.abs(self.depths - np.asarray(point_lps) @ self.direction)))

    def covers(self, point_lps: npt.ArrayLike) -> bool:
        """Whether a point lies between the first and last slice or within half a slice of them."""
        depth = float(np.asarray(point_lps) @ self.direction)
        half = self.thickness / 2
        return bool(self.depths[0] - half <= depth <= self.depths[-1] + half)

    @property
    def thickness(self) -> float:
        """Typical distance of neighbouring slices, mm."""
        if self.count < 2:
            return 1.0
        # Not np.median: it imports masked arrays at its first call, in the middle of the first picture.
        gaps = np.sort(np.diff(self.depths))
        return float(gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) / 2

    def plane(self, index: int, pan_mm: tuple[float, float] = (0.0, 0.0)) -> Plane:
        """The plane of a slice; its centre is the middle of the volume, shifted right and down by `pan_mm`."""
        middle = self.middle
        through = self.depths[index] - middle.center @ self.direction
        center = middle.center + through * self.direction + pan_mm[0] * middle.right + pan_mm[1] * middle.down
        return Plane(center, middle.right, middle.down)

    def corners(self, index: int) -> FloatArray:
        """Corners of what the volume takes in a slice, in their order, LPS mm, shape (4, 3)."""
        plane = self.plane(index)
        wide, tall = self.extent[0] / 2 * plane.right, self.extent[1] / 2 * plane.down
        return np.array([plane.center + a * wide + b * tall for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))])

    def crosses(self, plane: Plane) -> bool:
        """Whether a plane is clearly not parallel to the slices."""
        return float(np.linalg.norm(np.cross(self.direction, plane.normal))) > 0.02

    def moved(self, point_lps: npt.ArrayLike, index: int) -> FloatArray:
        """The point moved along the normal into a slice."""
        point = np.asarray(point_lps, np.float64)
        return np.asarray(point + (self.depths[index] - point @ self.direction) * self.direction)


def build_stack(volume: Volume, orientation: Orientation, anatomical: bool = False) -> SliceStack:
    """The slices of a volume in the orientation that a viewport asks for.

    Single slices are shown in their own plane whatever the viewport asks for, and so are projections and the slices
    of a tomosynthesis, which are sharp in no other plane.
    """
    grid = volume.grid
    if not has_patient_axes(volume) or volume.modality == "MG":
        return _along_axes(grid, _own_plane(grid), 2, orientation, 0.0)
    if grid.shape[2] == 1:
        orientation = grid.plane
        anatomical = False
    center = grid.center_lps
    if anatomical:
        return _along_patient(grid, anatomical_plane(orientation, center), orientation)
    plane = acquisition_plane(grid, orientation, center)
    return _along_axes(grid, plane, _through_axis(grid, plane), orientation, _PAGING[orientation])


def build_reformat(
    volume: Volume, orientation: Orientation, axes: Reformat, through_lps: npt.ArrayLike, anatomical: bool = False
) -> SliceStack:
    """Slices across axes that the reader turned; one of them goes through a point.

    Where the plane is still that of true slices, those are shown.

    Parameters
    ----------
    through_lps : array_like, shape (3,)
        LPS, mm; the cut goes through the localizer itself, not through the nearest of fixed places.
    """
    grid = volume.grid
    plane = axes.plane(orientation, grid.center_lps)
    own = build_stack(volume, orientation, anatomical)
    if own.axis is not None and _same_directions(own.middle, plane):
        return own
    direction = _PAGING[orientation] * plane.normal
    depths = _depths_through(grid, direction, float(np.asarray(through_lps) @ direction))
    return SliceStack(plane, orientation, direction, depths, None, None, _extent(grid, plane), oblique=True)


def _same_directions(first: Plane, second: Plane) -> bool:
    return bool(np.abs(np.stack([first.right - second.right, first.down - second.down])).max() < 1e-6)


def _depths_through(grid: Grid, direction: FloatArray, depth: float) -> FloatArray:
    """Depths of slices within a grid, a voxel apart along the direction, of which one would be at `depth`."""
    low, high, step = _reach(grid, direction)
    numbers = np.arange(np.ceil((low - depth) / step - 1e-6), np.floor((high - depth) / step + 1e-6) + 1)
    return np.asarray(depth + numbers * step) if len(numbers) else np.array([(low + high) / 2])


def _reach(grid: Grid, direction: FloatArray) -> tuple[float, float, float]:
    """Least and greatest depth of voxel centres, and the distance of neighbours, mm."""
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in grid.shape], indexing="ij")).reshape(3, -1).T
    reach = grid.to_lps(corners) @ direction
    return float(reach.min()), float(reach.max()), float(np.max(np.abs(direction @ grid.affine[:3, :3])))


def _own_plane(grid: Grid) -> Plane:
    """The plane of the slices as they were stored: columns to the right, rows down."""
    right, down, _ = grid.directions.T
    down = down - (down @ right) * right
    return Plane(grid.center_lps, right, down / np.linalg.norm(down))


def _through_axis(grid: Grid, plane: Plane) -> int:
    """The grid axis that the plane does not run along."""
    spread = np.abs(grid.inverse[:3, :3] @ np.stack([plane.right, plane.down], axis=1)).sum(axis=1)
    return int(np.argmin(spread * np.array(grid.spacing)))


def _along_axes(grid: Grid, plane: Plane, axis: int, orientation: Orientation, sign: float) -> SliceStack:
    """True slices of a grid axis; with sign 0 in the order in which they were stored."""
    index = np.tile((np.array(grid.shape) - 1) / 2, (grid.shape[axis], 1))
    index[:, axis] = np.arange(grid.shape[axis])
    points = grid.to_lps(index)
    voxels = np.arange(grid.shape[axis])
    if sign == 0:
        sign = 1.0 if (points[-1] - points[0]) @ plane.normal >= 0 else -1.0
    direction = sign * plane.normal
    depths = points @ direction
    order = np.argsort(depths, kind="stable")
    return SliceStack(plane, orientation, direction, depths[order], voxels[order], axis, _extent(grid, plane))


def _along_patient(grid: Grid, plane: Plane, orientation: Orientation) -> SliceStack:
    direction = _PAGING[orientation] * plane.normal
    low, high, step = _reach(grid, direction)
    count = int(np.floor((high - low) / step + 1e-6)) + 1
    depths = np.asarray((high + low) / 2 + (np.arange(count) - (count - 1) / 2) * step, np.float64)
    return SliceStack(plane, orientation, direction, depths, None, None, _extent(grid, plane))


def _extent(grid: Grid, plane: Plane) -> tuple[float, float]:
    corners = np.array(np.meshgrid(*[(-0.5, size - 0.5) for size in grid.shape], indexing="ij")).reshape(3, -1).T
    points = grid.to_lps(corners)
    return float(np.ptp(points @ plane.right)), float(np.ptp(points @ plane.down))
