"""Where voxels and pictures lie in the patient: the only code that changes coordinate space.

Spaces: *ijk* are voxel indices (column, row, slice; whole numbers are voxel centres); *lps* is the DICOM patient
coordinate system in mm (+x left, +y posterior, +z head; DICOM PS3.3 C.7.6.2.1.1); *uv* are pixels of a picture.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Orientation = Literal["Transversal", "Coronal", "Sagittal"]
#: What readers call the planes; templates and results keep their own words.
PLANE_NAMES: dict[Orientation, str] = {"Transversal": "Axial", "Coronal": "Coronal", "Sagittal": "Sagittal"}

#: Letters of the patient's axes, (negative, positive) along x, y, z of LPS.
LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))


def _read_only(values: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    array = np.array(values, dtype=np.float64).reshape(shape)
    array.setflags(write=False)
    return array


def direction_letters(direction_lps: npt.ArrayLike, limit: float = 0.2) -> str:
    """Letters of a direction in the patient, the strongest first ("A", oblique "AR").

    Parameters
    ----------
    direction_lps : array_like, shape (3,)
        Any length but zero.
    limit : float
        Components weaker than this share of the unit vector are left out (as DICOM PS3.3 C.7.6.1.1.1 allows).
    """
    unit = np.asarray(direction_lps, dtype=np.float64)
    unit = unit / np.linalg.norm(unit)
    order = np.argsort(-np.abs(unit), kind="stable")
    letters = [LETTERS[axis][int(unit[axis] > 0)] for axis in order if abs(unit[axis]) >= limit]
    return "".join(letters)


@dataclass(frozen=True, eq=False)
class Grid:
    """The voxel grid of a scan.

    Attributes
    ----------
    shape : tuple of int
        Voxels along i (column), j (row), k (slice).
    affine : ndarray, shape (4, 4), float64
        Maps voxel centres (i, j, k, 1) to patient LPS, mm; may be sheared (gantry tilt).
    slice_positions : ndarray, shape (k, 3), float64, or None
        LPS of the centre of voxel (0, 0, k), where the slices are uneven; then `affine` is the best fit.
    frame_of_reference : str
        DICOM frame of reference UID, "" if unknown: only grids that share one may be linked.
    """

    shape: tuple[int, int, int]
    affine: FloatArray
    slice_positions: FloatArray | None = None
    frame_of_reference: str = ""
    inverse: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "affine", _read_only(self.affine, (4, 4)))
        if abs(np.linalg.det(self.affine[:3, :3])) < 1e-12:
            raise ValueError("the affine of a grid must be invertible")
        object.__setattr__(self, "inverse", _read_only(np.linalg.inv(self.affine), (4, 4)))
        if self.slice_positions is not None:
            positions = _read_only(self.slice_positions, (self.shape[2], 3))
            object.__setattr__(self, "slice_positions", positions)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxel centres along i, j, k, mm."""
        i, j, k = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(i), float(j), float(k)

    @property
    def directions(self) -> FloatArray:
        """Unit directions of i, j, k in LPS as columns, shape (3, 3)."""
        return np.asarray(self.affine[:3, :3] / np.linalg.norm(self.affine[:3, :3], axis=0))

    @property
    def normal(self) -> FloatArray:
        """Unit normal of the slices, pointing the way k grows; differs from the k direction when tilted."""
        across = np.cross(self.affine[:3, 0], self.affine[:3, 1])
        across /= np.linalg.norm(across)
        return np.asarray(across * (np.sign(across @ self.affine[:3, 2]) or 1.0))

    def to_lps(self, points_ijk: npt.ArrayLike) -> FloatArray:
        """Patient coordinates of voxel positions.

        Parameters
        ----------
        points_ijk : array_like, shape (n, 3) or (3,)
            Voxel indices; fractions lie between centres.

        Returns
        -------
        ndarray, the same shape, float64
            LPS, mm, along the true slice positions where they are uneven.
        """
        points = np.asarray(points_ijk, dtype=np.float64)
        if self.slice_positions is None:
            return np.asarray(points @ self.affine[:3, :3].T + self.affine[:3, 3])
        in_plane = points[..., :2] @ self.affine[:3, :2].T
        return np.asarray(in_plane + self._slice_origin(points[..., 2]))

    def to_ijk(self, points_lps: npt.ArrayLike) -> FloatArray:
        """Voxel positions (fractions between centres) of patient coordinates; the inverse of `to_lps`."""
        points = np.asarray(points_lps, dtype=np.float64)
        if self.slice_positions is None:
            return np.asarray(points @ self.inverse[:3, :3].T + self.inverse[:3, 3])
        k = self._slice_index(points)
        in_plane = (points - self._slice_origin(k)) @ np.linalg.pinv(self.affine[:3, :2]).T
        return np.concatenate([in_plane, k[..., None]], axis=-1)

    def _slice_origin(self, k: FloatArray) -> FloatArray:
        """LPS of (0, 0, k); between slices linear, beyond the ends with the end's own step."""
        positions = self.slice_positions
        assert positions is not None
        if len(positions) == 1:
            return np.asarray(positions[0] + k[..., None] * self.affine[:3, 2])
        low = np.clip(np.floor(k).astype(int), 0, len(positions) - 2)
        step = positions[low + 1] - positions[low]
        return np.asarray(positions[low] + (k - low)[..., None] * step)

    def _slice_index(self, points_lps: FloatArray) -> FloatArray:
        """Fractional k of points, by their distance along the slice normal."""
        positions = self.slice_positions
        assert positions is not None
        depths = positions @ self.normal
        depth = points_lps @ self.normal
        if len(depths) == 1:
            return np.asarray((depth - depths[0]) / (self.affine[:3, 2] @ self.normal))
        low = np.clip(np.searchsorted(depths, depth, side="right") - 1, 0, len(depths) - 2)
        return np.asarray(low + (depth - depths[low]) / (depths[low + 1] - depths[low]))

    def contains(self, point_lps: npt.ArrayLike) -> bool:
        """Whether a patient position lies in a voxel of the grid."""
        index = self.to_ijk(point_lps)
        return bool(np.all(index >= -0.5) and np.all(index < np.array(self.shape) - 0.5))

    @property
    def center_lps(self) -> FloatArray:
        return self.to_lps((np.array(self.shape) - 1) / 2)

    @property
    def tilt_degrees(self) -> float:
        """Angle between the direction in which slices follow each other and their normal; 0 where upright."""
        cosine = float(self.directions[:, 2] @ self.normal)
        return float(np.degrees(np.arccos(min(1.0, cosine))))

    @property
    def is_even(self) -> bool:
        """Whether one affine is true for all slices."""
        return self.slice_positions is None

    def shares_space_with(self, other: Grid) -> bool:
        """Whether positions mean the same in both: one known frame of reference. Only such scans may be linked."""
        return self.frame_of_reference != "" and self.frame_of_reference == other.frame_of_reference

    def nearest_axes(self) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
        """How to show the voxels along the patient without resampling.

        Returns
        -------
        order : tuple of int
            Which of i, j, k runs nearest to x, y, z of LPS.
        flipped : tuple of bool
            Whether it runs against it. ``array.transpose(order)`` with these axes reversed runs to L, P and H.
        """
        steps = np.abs(self.directions)
        best = max(itertools.permutations(range(3)), key=lambda order: sum(steps[row, order[row]] for row in range(3)))
        flipped = [bool(self.directions[row, best[row]] < 0) for row in range(3)]
        return (best[0], best[1], best[2]), (flipped[0], flipped[1], flipped[2])

    @property
    def letters(self) -> tuple[str, str, str]:
        """Letters of the directions in which i, j and k grow ("L", "P", "H"; oblique "LP")."""
        i, j, k = self.directions.T
        return direction_letters(i), direction_letters(j), direction_letters(k)

    @property
    def plane(self) -> Orientation:
        """Anatomical name of the plane of acquisition."""
        names: tuple[Orientation, ...] = ("Sagittal", "Coronal", "Transversal")
        return names[int(np.argmax(np.abs(self.normal)))]


@dataclass(frozen=True, eq=False)
class Plane:
    """A picture's plane in the patient.

    Attributes
    ----------
    center : ndarray, shape (3,)
        LPS, mm, of the middle of the picture.
    right, down : ndarray, shape (3,)
        Unit directions in which the picture's columns and rows run; perpendicular.
    """

    center: FloatArray
    right: FloatArray
    down: FloatArray

    def __post_init__(self) -> None:
        for name in ("center", "right", "down"):
            object.__setattr__(self, name, _read_only(getattr(self, name), (3,)))

    @cached_property
    def normal(self) -> FloatArray:
        """Unit normal, away from the viewer (right x down)."""
        return _read_only(np.cross(self.right, self.down), (3,))

    @property
    def letters(self) -> tuple[str, str, str, str]:
        """Letters at the left, right, top and bottom edge."""
        return _edge_letters(tuple(self.right.tolist()), tuple(self.down.tolist()))


@lru_cache(maxsize=64)
def _edge_letters(right: tuple[float, ...], down: tuple[float, ...]) -> tuple[str, str, str, str]:
    """Letters of the four edges; kept, since the slices of a stack share them."""
    ways = (np.negative(right), np.array(right), np.negative(down), np.array(down))
    left, right_edge, top, bottom = (direction_letters(way) for way in ways)
    return left, right_edge, top, bottom


#: right and down of each anatomical plane: the patient seen from the feet, from the front, from the left.
_VIEWS: dict[Orientation, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "Transversal": ((1, 0, 0), (0, 1, 0)),
    "Coronal": ((1, 0, 0), (0, 0, -1)),
    "Sagittal": ((0, 1, 0), (0, 0, -1)),
}


def anatomical_plane(orientation: Orientation, center_lps: npt.ArrayLike) -> Plane:
    """The plane along the patient's own axes, in the radiological convention."""
    right, down = _VIEWS[orientation]
    return Plane(np.asarray(center_lps, np.float64), np.array(right, np.float64), np.array(down, np.float64))


def acquisition_plane(grid: Grid, orientation: Orientation, center_lps: npt.ArrayLike) -> Plane:
    """The plane along the grid's own axes that is nearest to an anatomical one.

    Pages through true slices where the acquisition is (nearly) along the patient, so nothing is interpolated. The
    in-plane axes keep the radiological convention: each is the grid axis nearest to it, flipped as needed.
    """
    right, down = (np.array(axis, np.float64) for axis in _VIEWS[orientation])
    axes = grid.directions.T
    first = int(np.argmax(np.abs(axes @ right)))
    rest = [axis for axis in range(3) if axis != first]
    second = max(rest, key=lambda axis: abs(float(axes[axis] @ down)))
    u = axes[first] * (np.sign(axes[first] @ right) or 1.0)
    v = axes[second] * (np.sign(axes[second] @ down) or 1.0)
    v = v - (v @ u) * u
    return Plane(np.asarray(center_lps, np.float64), u, v / np.linalg.norm(v))
