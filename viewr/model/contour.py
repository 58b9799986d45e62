"""Contours drawn on a plane in the patient (a CSO, contour segmentation object, of the original)."""

from __future__ import annotations

from dataclasses import dataclass

from viewr.model.frame_point import FramePoint
from viewr.model.marker import Point


@dataclass(frozen=True)
class Contour:
    """One contour; all points in patient LPS, mm.

    Attributes
    ----------
    seed_points : tuple of points
        Placed by the user; they define the contour.
    path_points : tuple of points
        The line through the seeds in drawing order, seeds included; for a polygon the seeds themselves.
    plane_origin, plane_normal : point
        The plane it was drawn on; the normal has unit length.
    group : int
        Index into the groups of its form field.
    frames : tuple of FramePoint
        The frame of the scan on which it was drawn; empty if the scan has none, or that is not known.
    """

    id: int
    seed_points: tuple[Point, ...]
    path_points: tuple[Point, ...]
    plane_origin: Point
    plane_normal: Point
    group: int = 0
    label: str = ""
    closed: bool = True
    tool: str = "polygon"
    scan: str = ""
    frames: tuple[FramePoint, ...] = ()
