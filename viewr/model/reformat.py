"""Reformat axes: three perpendicular directions in the patient along which the views of a context cut.

The picture of each plane stays as upright as it was: turning about the normal of a view leaves that view's picture
alone, and turns the two others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Orientation, Plane
from viewr.model.marker import Point

Rows = tuple[Point, Point, Point]

#: Picture's right and down of each plane, as the number of the axis and its sign.
_ALONG: dict[Orientation, tuple[tuple[int, int], tuple[int, int]]] = {
    "Transversal": ((0, 1), (1, 1)),
    "Coronal": ((0, 1), (2, -1)),
    "Sagittal": ((1, 1), (2, -1)),
}
#: Normal of each plane, away from the viewer.
_THROUGH: dict[Orientation, tuple[int, int]] = {"Transversal": (2, 1), "Coronal": (1, 1), "Sagittal": (0, -1)}
ORIENTATIONS: tuple[Orientation, ...] = ("Transversal", "Coronal", "Sagittal")


def _rows(values: npt.ArrayLike) -> Rows:
    """Perpendicular unit vectors nearest to three directions, the third of them kept."""
    x, _, z = np.asarray(values, np.float64)
    z = z / np.linalg.norm(z)
    x = x - (x @ z) * z
    x = x / np.linalg.norm(x)
    a, b, c = (tuple(float(part) for part in axis) for axis in (x, np.cross(z, x), z))
    return (a[0], a[1], a[2]), (b[0], b[1], b[2]), (c[0], c[1], c[2])


def _turn(about: FloatArray, radians: float) -> FloatArray:
    """Rotation matrix about a unit vector, by the right hand."""
    x, y, z = about
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(radians) * cross + (1 - np.cos(radians)) * cross @ cross)


@dataclass(frozen=True)
class Reformat:
    """Where the three planes of a context lie.

    Attributes
    ----------
    base : Rows
        Axes nearest to the patient's left, back and head, as they were before they were turned; unit vectors, LPS.
    axes : Rows
        The same as they are now.
    """

    base: Rows
    axes: Rows

    def normal(self, orientation: Orientation) -> FloatArray:
        """Unit normal of a plane, away from the viewer, LPS."""
        return _normal(self.axes, orientation)

    def plane(self, orientation: Orientation, center_lps: npt.ArrayLike) -> Plane:
        """The plane of an orientation; its picture is turned from the untilted one by the least possible."""
        base = np.array(self.base)
        right, down = (sign * base[axis] for axis, sign in _ALONG[orientation])
        turn = _least_turn(_normal(self.base, orientation), self.normal(orientation), down)
        return Plane(np.asarray(center_lps, np.float64), turn @ right, turn @ down)

    def turned(self, about_lps: npt.ArrayLike, radians: float) -> Reformat:
        """The axes turned about a unit vector, by the right hand."""
        turn = _turn(np.asarray(about_lps, np.float64), radians)
        return Reformat(self.base, _rows(np.array(self.axes) @ turn.T))


def from_plane(plane: Plane, orientation: Orientation) -> Reformat:
    """Axes that are not turned yet, of which a picture's plane is one."""
    axes = np.zeros((3, 3))
    (right, right_sign), (down, down_sign) = _ALONG[orientation]
    axes[right], axes[down] = right_sign * plane.right, down_sign * plane.down
    through = 3 - right - down
    axes[through] = np.cross(axes[(through + 1) % 3], axes[(through + 2) % 3])
    rows = _rows(axes)
    return Reformat(rows, rows)


def _normal(rows: Rows, orientation: Orientation) -> FloatArray:
    """Picture's right x down: of three perpendicular axes the one that is left over."""
    axis, sign = _THROUGH[orientation]
    return sign * np.array(rows[axis])


def _least_turn(before: FloatArray, after: FloatArray, spare: FloatArray) -> FloatArray:
    """The smallest rotation of one unit vector onto another; onto its opposite, half a turn about `spare`."""
    cosine = float(before @ after)
    if cosine < -1 + 1e-9:
        return _turn(spare, np.pi)
    x, y, z = np.cross(before, after)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1 + cosine))
