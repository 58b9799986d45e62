"""The clipping box of a volume: in voxels of the scan for the reader, in shares of the copy for what renders it.

A *share* is a place along an axis of the copy, 0 at its first voxel's outer face and 1 at its last one's. It is the
same for every coarseness of the copy, so that a picture never clips by the measure of another one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewr.model.geometry import FloatArray, Grid
from viewr.render.volume_camera import VolumeCamera
from viewr.render.volume_pick import ClipBox, whole_box

#: Voxels that the clipping box keeps at least, along each axis.
THINNEST = 1.0
#: Logical pixels that a handle keeps from the edges of the picture, behind which a face may lie.
MARGIN = 12.0
#: Sine of the angle between the reader's eye and an axis under which a drag along it means nothing.
STEEPEST = 0.2
#: Sine of the angle between the reader's eye and a face under which it looks neither here nor there.
EDGE_ON = 1e-3


@dataclass(frozen=True, eq=False)
class CopyFrame:
    """Where the copy lies that is rendered: a box with straight edges, though the scan's slices may be uneven.

    Attributes
    ----------
    affine : ndarray, shape (4, 4)
        Voxel centres of the copy (i, j, k) to LPS, mm.
    shape : tuple of int
        Voxels of the copy along i, j, k.
    """

    affine: FloatArray
    shape: tuple[int, int, int]

    def to_lps(self, shares: FloatArray) -> FloatArray:
        """Patient positions, mm, of shares; shape (n, 3) or (3,)."""
        voxels = np.asarray(shares) * np.array(self.shape) - 0.5
        return np.asarray(voxels @ self.affine[:3, :3].T + self.affine[:3, 3])

    def to_shares(self, points_lps: FloatArray) -> FloatArray:
        """Inverse of `to_lps`."""
        voxels = np.linalg.solve(self.affine[:3, :3], (np.asarray(points_lps) - self.affine[:3, 3]).T).T
        return np.asarray((voxels + 0.5) / np.array(self.shape))


def share_of(place: float, axis: int, grid: Grid, frame: CopyFrame) -> float:
    """The share of a place along an axis of the scan, in its voxels; of its outer faces exactly 0 and 1."""
    size = grid.shape[axis]
    if grid.is_even or axis != 2 or not -0.5 < place < size - 0.5:
        return (place + 0.5) / size
    share = float(frame.to_shares(grid.to_lps(np.array([0.0, 0.0, place])))[2])
    return min(max(share, 0.0), 1.0)


def place_of(share: float, axis: int, grid: Grid, frame: CopyFrame) -> float:
    """Inverse of `share_of`; shares beyond the copy are its outer faces."""
    size = grid.shape[axis]
    share = min(max(share, 0.0), 1.0)
    if grid.is_even or axis != 2 or share in (0.0, 1.0):
        return share * size - 0.5
    place = float(grid.to_ijk(frame.to_lps(np.array([0.0, 0.0, share])))[2])
    return min(max(place, -0.5), size - 0.5)


def shares_of(clip: ClipBox, grid: Grid, frame: CopyFrame) -> FloatArray:
    """The box in shares, shape (2, 3): the lower faces, the upper ones."""
    return np.array([[share_of(side[axis], axis, grid, frame) for axis in range(3)] for side in clip])


def crop_of(clip: ClipBox, grid: Grid, frame: CopyFrame) -> tuple[float, ...] | None:
    """Lowest and highest share along i, then j, then k that are shown; None: all is shown."""
    if clip == whole_box(grid):
        return None
    return tuple(float(value) for value in shares_of(clip, grid, frame).T.ravel())


def with_face(clip: ClipBox, axis: int, upper: bool, place: float) -> ClipBox:
    """The box with one face moved; it never passes the opposite one."""
    sides = [list(clip[0]), list(clip[1])]
    if upper:
        sides[1][axis] = max(place, sides[0][axis] + THINNEST)
    else:
        sides[0][axis] = min(place, sides[1][axis] - THINNEST)
    low, high = sides
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


# --- handles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Handle:
    """A face of the box, to be taken in the picture by its middle.

    Attributes
    ----------
    at : ndarray, shape (2,)
        Where it is in the picture, logical pixels; at its edge where the face lies outside.
    share : float
        Of its face.
    per_share : ndarray, shape (2,)
        How far the picture of the face goes for a share of 1.
    depth : float
        mm from the reader; the nearer of two handles hides the other.
    behind : bool
        Whether the face looks away from the reader.
    """

    axis: int
    upper: bool
    at: FloatArray
    share: float
    per_share: FloatArray
    depth: float
    behind: bool

    def dragged(self, step_uv: tuple[float, float]) -> float:
        """The share after a drag by logical pixels: what lies beside the axis does nothing."""
        return self.share + float(np.array(step_uv) @ self.per_share / (self.per_share @ self.per_share))


def handles_of(shares: FloatArray, frame: CopyFrame, camera: VolumeCamera, size: tuple[float, float]) -> list[Handle]:
    """Handles of the faces that can be moved in this picture, the nearest to the reader first.

    An axis that runs along the reader's eye has none: no drag in the picture says how far it goes.

    Parameters
    ----------
    shares : ndarray, shape (2, 3)
        As `shares_of` gives them.
    size : tuple of float
        Of the picture, logical pixels.
    """
    found, away = [], _hidden_faces(frame, camera)
    for axis in range(3):
        along = frame.affine[:3, axis] * frame.shape[axis]
        seen = along - (along @ camera.forward) * camera.forward
        if np.linalg.norm(seen) < STEEPEST * np.linalg.norm(along):
            continue
        per_share = np.array([along @ camera.plane.right, along @ camera.plane.down]) / camera.mm_per_pixel
        for upper in (False, True):
            middle = shares.mean(axis=0)
            middle[axis] = shares[int(upper), axis]
            lps = frame.to_lps(middle)
            at = np.clip(camera.to_uv(lps, size), MARGIN, np.maximum(np.array(size) - MARGIN, MARGIN))
            depth = float((lps - camera.plane.center) @ camera.forward)
            found.append(Handle(axis, upper, at, float(middle[axis]), per_share, depth, (axis, int(upper)) in away))
    return sorted(found, key=_depth)


def _depth(handle: Handle) -> float:
    return handle.depth


def handle_at(handles: list[Handle], point_uv: tuple[float, float], reach: float) -> Handle | None:
    """The handle under a position of the picture; of several the nearest to the reader."""
    return next((handle for handle in handles if np.linalg.norm(handle.at - point_uv) <= reach), None)


@dataclass(frozen=True, eq=False)
class Edge:
    """A line of the picture, from and to logical pixels; `hidden`: both of its faces look away from the reader."""

    first: FloatArray
    last: FloatArray
    hidden: bool


def edges_of(shares: FloatArray, frame: CopyFrame, camera: VolumeCamera, size: tuple[float, float]) -> list[Edge]:
    """The twelve edges of the box as the picture shows them."""
    signs = np.array([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    corners = frame.to_lps(np.stack([shares[signs[:, axis], axis] for axis in range(3)], axis=1))
    seen = camera.to_uv(corners, size)
    away = _hidden_faces(frame, camera)
    edges = []
    for first in range(8):
        for axis in range(3):
            if signs[first, axis] == 0:
                second = first + (4, 2, 1)[axis]
                faces = [(other, int(signs[first, other])) for other in range(3) if other != axis]
                edges.append(Edge(seen[first], seen[second], all(face in away for face in faces)))
    return edges


def _hidden_faces(frame: CopyFrame, camera: VolumeCamera) -> set[tuple[int, int]]:
    """(axis, 0 for the lower and 1 for the upper) of the faces that look away from the reader."""
    hidden = set()
    for axis in range(3):
        first, second = (frame.affine[:3, other] for other in range(3) if other != axis)
        out = np.cross(first, second)
        away = float(out @ camera.forward) * np.sign(out @ frame.affine[:3, axis]) / np.linalg.norm(out)
        if abs(away) > EDGE_ON:
            hidden.add((axis, int(away > 0)))
    return hidden
