"""What lies under the pointer: pure functions over points in the patient."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from viewr.model.contour import Contour
from viewr.model.geometry import Plane
from viewr.model.marker import Marker, Point


def plane_distance(plane: Plane, point: Point) -> float:
    """Distance of a point from a plane, mm, positive along the normal."""
    return float((np.asarray(point) - plane.center) @ plane.normal)


def in_plane_distance(plane: Plane, first: Point, second: Point) -> float:
    """Distance of two points as seen in a plane, mm."""
    offset = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    return float(np.hypot(offset @ plane.right, offset @ plane.down))


def marker_at(
    markers: Iterable[Marker], plane: Plane, place: Point, reach_mm: float, depth_mm: float
) -> Marker | None:
    """The marker nearest to a place, if it is within reach in the plane and near enough to it in depth."""
    found = [
        (in_plane_distance(plane, place, marker.pos), marker)
        for marker in markers
        if abs(plane_distance(plane, marker.pos)) <= depth_mm
    ]
    near = min(found, key=lambda pair: pair[0], default=None)
    return near[1] if near is not None and near[0] <= reach_mm else None


def on_plane(contour: Contour, plane: Plane, depth_mm: float) -> bool:
    """Whether a contour was drawn on (nearly) this plane."""
    parallel = abs(float(np.asarray(contour.plane_normal) @ plane.normal)) > 0.999
    return parallel and abs(plane_distance(plane, contour.plane_origin)) <= depth_mm


def seed_at(contour: Contour, plane: Plane, place: Point, reach_mm: float) -> int | None:
    """Index of the seed point within reach."""
    distances = [in_plane_distance(plane, place, seed) for seed in contour.seed_points]
    if not distances or min(distances) > reach_mm:
        return None
    return int(np.argmin(distances))


def edge_at(contour: Contour, plane: Plane, place: Point, reach_mm: float) -> int | None:
    """Index of the seed at which the edge within reach begins."""
    seeds = np.array(contour.seed_points, np.float64)
    if len(seeds) < 2:
        return None
    ends = np.roll(seeds, -1, axis=0)
    count = len(seeds) if contour.closed else len(seeds) - 1
    distances = [segment_distance(plane, place, seeds[n], ends[n]) for n in range(count)]
    best = int(np.argmin(distances))
    return best if distances[best] <= reach_mm else None


def segment_distance(plane: Plane, place: Point, start: np.ndarray, end: np.ndarray) -> float:
    """Distance in the plane of a place from a straight piece, mm."""
    axes = np.stack([plane.right, plane.down], axis=1)
    p, a, b = np.asarray(place) @ axes, start @ axes, end @ axes
    way = b - a
    length = float(way @ way)
    share = min(1.0, max(0.0, float((p - a) @ way) / length)) if length > 0 else 0.0
    return float(np.linalg.norm(p - a - share * way))
