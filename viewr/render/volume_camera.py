"""From where a volume is looked at: an eye without perspective, so that a mm of the patient is as long everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import FloatArray, Plane
from viewr.model.marker import Point

#: right and down of the picture, LPS: what the reader's left hand, say, is towards.
DIRECTIONS: dict[str, tuple[Point, Point]] = {
    "A": ((1, 0, 0), (0, 0, -1)),
    "P": ((-1, 0, 0), (0, 0, -1)),
    "L": ((0, 1, 0), (0, 0, -1)),
    "R": ((0, -1, 0), (0, 0, -1)),
    "H": ((-1, 0, 0), (0, 1, 0)),
    "F": ((1, 0, 0), (0, 1, 0)),
}

#: Radians of turn for a drag across the shorter side of the view.
TURN_PER_SIDE = np.pi
#: mm of the patient on a pixel.
ZOOM_LIMITS = (0.002, 20.0)


@dataclass(frozen=True, eq=False)
class VolumeCamera:
    """A parallel projection of the patient.

    Attributes
    ----------
    plane : Plane
        Its centre (LPS, mm) is in the middle of the picture; the reader looks along its normal.
    mm_per_pixel : float
        Millimetres of the patient per logical pixel.
    """

    plane: Plane
    mm_per_pixel: float

    def to_uv(self, points_lps: npt.ArrayLike, size: tuple[float, float]) -> FloatArray:
        """Positions in a picture of `size` logical pixels of patient positions.

        Parameters
        ----------
        points_lps : array_like, shape (n, 3) or (3,)
            LPS, mm.

        Returns
        -------
        ndarray, shape (n, 2) or (2,)
            From the left and the top edge; pixel (x, y) covers x to x + 1.
        """
        offset = np.asarray(points_lps, np.float64) - self.plane.center
        shift = np.stack([offset @ self.plane.right, offset @ self.plane.down], axis=-1)
        return np.asarray(shift / self.mm_per_pixel + np.array(size) / 2)

    def to_lps(self, point_uv: tuple[float, float], size: tuple[float, float]) -> FloatArray:
        """Patient position, in the plane of the camera, of a position in the picture; inverse of `to_uv`."""
        u, v = (np.array(point_uv) - np.array(size) / 2) * self.mm_per_pixel
        return np.asarray(self.plane.center + u * self.plane.right + v * self.plane.down)

    @property
    def forward(self) -> FloatArray:
        """Unit direction in which the reader looks, LPS."""
        return self.plane.normal

    def turned(self, right: float, down: float) -> VolumeCamera:
        """The view after the patient was turned, as by a hand on its front, by angles to the right and down.

        Parameters
        ----------
        right, down : float
            Radians.
        """
        about_down = _rotation(self.plane.down, -right)
        about_right = _rotation(self.plane.right, down)
        return self._rotated(about_right @ about_down)

    def rolled(self, angle: float) -> VolumeCamera:
        """The picture turned clockwise by an angle in radians."""
        return self._rotated(_rotation(self.forward, angle))

    def spun(self, angle: float) -> VolumeCamera:
        """The patient turned about its own long axis (a rotating MIP), radians."""
        return self._rotated(_rotation(np.array([0.0, 0.0, 1.0]), angle))

    def panned(self, u: float, v: float) -> VolumeCamera:
        """The picture moved right and down by logical pixels."""
        shift = (u * self.plane.right + v * self.plane.down) * self.mm_per_pixel
        return replace(self, plane=Plane(self.plane.center - shift, self.plane.right, self.plane.down))

    def zoomed(self, factor: float, anchor_uv: tuple[float, float], size: tuple[float, float]) -> VolumeCamera:
        """More (factor above 1) or less mm on a pixel; what is at the anchor stays there."""
        zoom = min(max(self.mm_per_pixel * factor, ZOOM_LIMITS[0]), ZOOM_LIMITS[1])
        offset = np.array(anchor_uv) - np.array(size) / 2
        shift = (offset[0] * self.plane.right + offset[1] * self.plane.down) * (self.mm_per_pixel - zoom)
        return VolumeCamera(Plane(self.plane.center + shift, self.plane.right, self.plane.down), zoom)

    def seen_from(self, letter: str) -> VolumeCamera:
        """The view from one of the patient's sides (A, P, L, R, H, F), the same point in the middle."""
        right, down = DIRECTIONS[letter]
        return replace(self, plane=Plane(self.plane.center, np.array(right), np.array(down)))

    def _rotated(self, rotation: FloatArray) -> VolumeCamera:
        # made square again: thousands of small turns would bend it
        right = rotation.T @ self.plane.right
        down = rotation.T @ self.plane.down
        right = right / np.linalg.norm(right)
        down = down - (down @ right) * right
        return replace(self, plane=Plane(self.plane.center, right, down / np.linalg.norm(down)))


def _rotation(axis: npt.ArrayLike, angle: float) -> FloatArray:
    """Matrix of a turn about a unit axis by radians (Rodrigues)."""
    x, y, z = np.asarray(axis, np.float64)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross))


def whole_view(corners_lps: npt.ArrayLike, size: tuple[float, float], letter: str = "A") -> VolumeCamera:
    """A camera at one of the patient's sides that shows a box whole, with room to turn it.

    Parameters
    ----------
    corners_lps : array_like, shape (8, 3)
    size : tuple of float
        Logical pixels.
    """
    corners = np.asarray(corners_lps, np.float64)
    center = (corners.min(axis=0) + corners.max(axis=0)) / 2
    right, down = (np.array(axis, np.float64) for axis in DIRECTIONS[letter])
    reach = 2 * float(np.linalg.norm(corners - center, axis=1).max())
    extent = (float(np.ptp(corners @ right)), float(np.ptp(corners @ down)))
    # nearer to what fits now than to what fits at every angle: the corners are mostly air
    zoom = max((0.75 * extent[axis] + 0.25 * reach) / max(size[axis], 1.0) for axis in (0, 1))
    return VolumeCamera(Plane(center, right, down), min(max(zoom, ZOOM_LIMITS[0]), ZOOM_LIMITS[1]))


def corners_of(shape: tuple[int, int, int]) -> FloatArray:
    """Voxel positions of the eight corners of a grid, shape (8, 3); the outer faces of its voxels."""
    edges = [(-0.5, size - 0.5) for size in shape]
    return np.array(np.meshgrid(*edges, indexing="ij"), np.float64).reshape(3, -1).T
