"""Measures: lengths, angles and statistics that a reader takes in the patient, each with its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from viewr.model.frame_point import FramePoint, points_value, read_points
from viewr.model.geometry import FloatArray, Plane
from viewr.model.marker import Point

MeasureKind = Literal["probe", "distance", "angle", "cobb", "bidirectional", "ellipse"]

#: In place of a field's path, in `Annotation.drawings`: measures belong to a context, not to a field of the form.
MEASURES = "__measurements__"

#: Name of the figure that tells how many voxels were padding, outside of the image, and did not count.
LEFT_OUT = "Padding left out"

#: Places that the reader sets for a measure of each kind.
PLACES: dict[MeasureKind, int] = {
    "probe": 1, "distance": 2, "angle": 3, "cobb": 4, "bidirectional": 3, "ellipse": 2,
}  # fmt: skip

TITLES: dict[MeasureKind, str] = {
    "probe": "Value", "distance": "Distance", "angle": "Angle", "cobb": "Cobb angle", "bidirectional": "Two diameters",
    "ellipse": "Ellipse",
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One figure of a measure: its name, the number and its unit."""

    name: str
    number: float
    unit: str

    @property
    def text(self) -> str:
        """The figure as it is shown, with its unit."""
        if self.unit == "°":
            return f"{self.number:.1f}°"
        if self.name and not self.unit and float(self.number).is_integer():
            return f"{self.number:.0f}"
        digits = 1 if abs(self.number) >= 10 else 2
        shown = f"{self.number:.0f}" if abs(self.number) >= 10000 else f"{self.number:.{digits}f}"
        return f"{shown} {self.unit}".rstrip()


@dataclass(frozen=True)
class Measure:
    """One measure; all points in patient LPS, mm.

    Attributes
    ----------
    points : tuple of points
        probe: the place; distance: both ends; angle: end, vertex, end; cobb: two lines of two ends each;
        bidirectional: ends of the long, then of the short axis; ellipse: centre and the ends of two half axes at a
        right angle. While it is being drawn there may be fewer.
    plane_origin, plane_normal : point
        The plane it was taken on; the normal has unit length.
    values : tuple of Value
        What was measured, when it was last changed.
    frames : tuple of FramePoint
        The frame of the scan on which it was taken; empty if the scan has none, or that is not known.
    """

    kind: MeasureKind
    points: tuple[Point, ...]
    plane_origin: Point
    plane_normal: Point
    id: int = 0
    scan: str = ""
    label: str = ""
    values: tuple[Value, ...] = ()
    frames: tuple[FramePoint, ...] = ()

    @property
    def title(self) -> str:
        return self.label or f"{TITLES[self.kind]} {self.id}"

    @property
    def lines(self) -> tuple[tuple[Point, ...], ...]:
        """What is drawn of it, as open lines."""
        points = self.points
        if self.kind in ("cobb", "bidirectional"):
            return tuple(points[first : first + 2] for first in range(0, len(points), 2))
        if self.kind == "ellipse" and len(points) == 3:
            return (_ring(points),)
        return (points,)

    @property
    def text(self) -> str:
        """All figures on one line."""
        return ", ".join(f"{value.name} {value.text}".lstrip() for value in self.values)


def _point(values: npt.ArrayLike) -> Point:
    x, y, z = (float(value) for value in np.asarray(values, np.float64))
    return x, y, z


def _ring(points: tuple[Point, ...]) -> tuple[Point, ...]:
    center, first, second = (np.array(point) for point in points)
    turn = np.linspace(0, 2 * np.pi, 73)[:, None]
    ring = center + np.cos(turn) * (first - center) + np.sin(turn) * (second - center)
    return tuple(_point(point) for point in ring)


# --- from places to points -----------------------------------------------------------------------------------------


def points_from_places(kind: MeasureKind, places: Sequence[Point], plane: Plane) -> tuple[Point, ...]:
    """The points of a measure from the places that the reader has set so far.

    An ellipse is set by two corners of its box, along the picture's axes; two diameters by the ends of the long one
    and by an end of the short one, whose other end is opposite.
    """
    if kind == "ellipse" and len(places) == 2:
        return _boxed_ellipse(np.array(places[0]), np.array(places[1]), plane)
    if kind == "bidirectional" and len(places) == 3:
        return (*places[:2], *_short_axis(places[0], places[1], np.array(places[2]), plane))
    return tuple(places)


def _boxed_ellipse(first: FloatArray, second: FloatArray, plane: Plane) -> tuple[Point, ...]:
    center, half = (first + second) / 2, (second - first) / 2
    across, along = abs(half @ plane.right) * plane.right, abs(half @ plane.down) * plane.down
    return _point(center), _point(center + across), _point(center + along)


def _short_axis(start: Point, end: Point, place: FloatArray, plane: Plane) -> tuple[Point, Point]:
    """Both ends of the short axis through a place, which is one of them."""
    foot, across = _foot(start, end, place, plane)
    reach = (place - foot) @ across
    return _point(foot + reach * across), _point(foot - reach * across)


def _foot(start: Point, end: Point, place: FloatArray, plane: Plane) -> tuple[FloatArray, FloatArray]:
    """The point of a line nearest to a place, and the unit vector at a right angle to the line, in the plane."""
    a, way = np.array(start), np.array(end) - np.array(start)
    length = float(way @ way)
    share = min(1.0, max(0.0, float((place - a) @ way) / length)) if length > 0 else 0.0
    across = np.cross(plane.normal, way)
    size = float(np.linalg.norm(across))
    return a + share * way, across / size if size > 0 else plane.down


# --- changing a point ----------------------------------------------------------------------------------------------


def with_point(measure: Measure, number: int, place: Point, plane: Plane) -> tuple[Point, ...]:
    """The points after one of them was dragged to a place; what must stay at a right angle stays so."""
    if measure.kind == "ellipse":
        return _with_half_axis(measure.points, number, np.array(place), plane)
    if measure.kind == "bidirectional" and len(measure.points) == 4:
        return _with_axis_end(measure.points, number, np.array(place), plane)
    return (*measure.points[:number], place, *measure.points[number + 1 :])


def moved(measure: Measure, by: npt.ArrayLike) -> tuple[Point, ...]:
    """The points, all moved by a vector."""
    return tuple(_point(np.array(point) + np.asarray(by)) for point in measure.points)


def _with_half_axis(points: tuple[Point, ...], number: int, place: FloatArray, plane: Plane) -> tuple[Point, ...]:
    center, first, second = (np.array(point) for point in points)
    if number == 0:
        return tuple(_point(point + place - center) for point in (center, first, second))
    axis = place - center
    other = np.cross(plane.normal, axis)
    size = float(np.linalg.norm(other))
    if size == 0:
        return points
    kept = np.linalg.norm((second if number == 1 else first) - center)
    side = 1.0 if number == 1 else -1.0
    turned = center + side * other / size * kept
    pair = (place, turned) if number == 1 else (turned, place)
    return _point(center), _point(pair[0]), _point(pair[1])


def _with_axis_end(points: tuple[Point, ...], number: int, place: FloatArray, plane: Plane) -> tuple[Point, ...]:
    """An end of the long axis takes the short one along; one of the short axis keeps to the right angle."""
    start, end, one, other = points
    if number < 2:
        foot, across = _foot(start, end, np.array(one), plane)
        way = np.array(end) - np.array(start)
        share = float((foot - np.array(start)) @ way) / max(float(way @ way), 1e-12)
        reaches = [float((np.array(point) - foot) @ across) for point in (one, other)]
        start, end = (_point(place), end) if number == 0 else (start, _point(place))
        middle = np.array(start) + share * (np.array(end) - np.array(start))
        _, across = _foot(start, end, middle, plane)
        return start, end, _point(middle + reaches[0] * across), _point(middle + reaches[1] * across)
    before, across = _foot(start, end, np.array(one), plane)
    foot, _ = _foot(start, end, place, plane)
    kept = np.array(other if number == 2 else one) + foot - before
    dragged = foot + ((place - foot) @ across) * across
    return (start, end, _point(dragged), _point(kept)) if number == 2 else (start, end, _point(kept), _point(dragged))


# --- values --------------------------------------------------------------------------------------------------------


def geometric_values(measure: Measure, unit: str = "mm") -> tuple[Value, ...]:
    """Lengths, angles and areas of a measure that has all its points.

    Parameters
    ----------
    unit : str
        Of lengths: "mm", or "px" where the image does not say how large its pixels are.
    """
    points = [np.array(point) for point in measure.points]
    if measure.kind == "distance" and len(points) == 2:
        return (Value("", _length(points[0], points[1]), unit),)
    if measure.kind == "angle" and len(points) == 3:
        return (Value("", _angle(points[0] - points[1], points[2] - points[1]), "°"),)
    if measure.kind == "cobb" and len(points) == 4:
        angle = _angle(points[1] - points[0], points[3] - points[2])
        return (Value("", min(angle, 180 - angle), "°"),)
    if measure.kind == "bidirectional" and len(points) >= 2:
        pairs = [("Long", points[:2]), ("Short", points[2:])]
        return tuple(Value(name, _length(*ends), unit) for name, ends in pairs if len(ends) == 2)
    if measure.kind == "ellipse" and len(points) == 3:
        area = np.pi * _length(points[0], points[1]) * _length(points[0], points[2])
        length, _, whence = unit.partition(" ")
        return (Value("Area", float(area), f"{length}² {whence}".strip()),)
    return ()


def _length(first: FloatArray, second: FloatArray) -> float:
    return float(np.linalg.norm(second - first))


def _angle(first: FloatArray, second: FloatArray) -> float:
    """Angle between two vectors, degrees; 0 where one has no length."""
    sizes = float(np.linalg.norm(first) * np.linalg.norm(second))
    if sizes == 0:
        return 0.0
    return float(np.degrees(np.arccos(np.clip(first @ second / sizes, -1, 1))))


# --- as JSON -------------------------------------------------------------------------------------------------------


def measure_value(measure: Measure) -> dict[str, Any]:
    """A measure as result files hold it."""
    return {
        "id": measure.id, "kind": measure.kind, "label": measure.label, "scan": measure.scan,
        "points": [list(point) for point in measure.points],
        "plane": {"origin": list(measure.plane_origin), "normal": list(measure.plane_normal)},
        "values": [{"name": value.name, "value": value.number, "unit": value.unit} for value in measure.values],
        **points_value(measure.frames),
    }  # fmt: skip


def read_measure(data: Any) -> Measure | None:
    """A measure of a result file; None if it is not one of ours."""
    try:
        kind = cast(MeasureKind, data["kind"])
        points = tuple(_finite(point) for point in data["points"])
        plane = data["plane"]
        origin, normal = _finite(plane["origin"]), _finite(plane["normal"])
        values = tuple(_read_value(value) for value in data.get("values", ()))
        number, scan, label = int(data["id"]), str(data.get("scan", "")), str(data.get("label", ""))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    wanted = {"bidirectional": 4, "ellipse": 3}
    if kind not in get_args(MeasureKind) or len(points) != wanted.get(kind, PLACES[kind]):
        return None
    return Measure(kind, points, origin, normal, number, scan, label, values, read_points(data))


def _finite(values: Any) -> Point:
    point = _point(values)
    if not np.isfinite(point).all():
        raise ValueError("not finite")
    return point


def _read_value(data: Mapping[str, Any]) -> Value:
    return Value(str(data["name"]), float(data["value"]), str(data["unit"]))
