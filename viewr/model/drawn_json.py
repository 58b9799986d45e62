"""Markers and contours as result files hold them: world coordinates in mm, DICOM patient axes (LPS).

`scan` is the template's name of the scan on which they were drawn, `frame` which of its frames that was, where it has
several; the original has no such members.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from viewr.model.annotation import Drawn
from viewr.model.contour import Contour
from viewr.model.frame_point import points_value, read_points
from viewr.model.marker import Marker, Point
from viewr.model.measure import Measure, measure_value
from viewr.model.template_item import as_boolean, as_number

#: Members that say where a marker is, the preferred ones first.
_PLACES = (("pos",), ("position",), ("x", "y", "z"))


def drawn_value(item: Drawn) -> dict[str, Any]:
    """A marker, contour or measure as JSON."""
    if isinstance(item, Measure):
        return measure_value(item)
    return marker_value(item) if isinstance(item, Marker) else contour_value(item)


def marker_value(marker: Marker) -> dict[str, Any]:
    rest = json.loads(marker.rest) if marker.rest else {}
    pos = [*marker.pos, *rest.pop("pos", ())]
    value = {"pos": pos, "type": marker.type, "name": marker.name, "id": marker.id, **_scan(marker)}
    return {**value, **rest, **points_value(marker.frames)}


def contour_value(contour: Contour) -> dict[str, Any]:
    return {
        "id": contour.id,
        "group": contour.group,
        "label": contour.label,
        "closed": contour.closed,
        "seed_points": [list(point) for point in contour.seed_points],
        "path_points": [list(point) for point in contour.path_points],
        "plane": {"origin": list(contour.plane_origin), "normal": list(contour.plane_normal)},
        "tool": contour.tool,
        **_scan(contour),
        **points_value(contour.frames),
    }


def _scan(item: Marker | Contour) -> dict[str, Any]:
    return {"scan": item.scan} if item.scan else {}


def read_marker(value: Any, default_id: int) -> Marker | None:
    """A marker of any result file, None if it has no position.

    The position is `pos` or `position`, of three numbers or more (the original writes six: colour, time and user
    follow), or x, y and z. What this program has no use for is kept.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = {"pos": value}
    if not isinstance(value, Mapping):
        return None
    pos = _point(value.get("pos", value.get("position", [value.get("x"), value.get("y"), value.get("z")])))
    if pos is None:
        return None
    kind, number = _whole(value.get("type"), 0), _whole(value.get("id"), default_id)
    name, scan, frames = str(value.get("name") or ""), str(value.get("scan") or ""), read_points(value)
    return Marker(pos, max(0, kind), name, number, scan, frames, _rest(value, {"frame"} if frames else set()))


def _rest(value: Mapping[str, Any], read: set[str]) -> str:
    """The members of a marker besides ours, and coordinates after the third, as JSON; "" if there are none."""
    used = {"type", "name", "id", "scan", *read, *next(keys for keys in _PLACES if keys[0] in value)}
    rest = {str(key): member for key, member in value.items() if key not in used}
    place = value.get("pos", value.get("position"))
    if isinstance(place, Sequence) and len(place) > 3:
        rest["pos"] = list(place[3:])
    return json.dumps(rest, default=str) if rest else ""


def read_contour(value: Any, default_id: int) -> Contour | None:
    """A contour of a result file, None if it has no points or they lie on no plane."""
    if not isinstance(value, Mapping):
        return None
    seeds, path = _points(value.get("seed_points")), _points(value.get("path_points"))
    if seeds is None or path is None or not (seeds or path):
        return None
    plane = value.get("plane") if isinstance(value.get("plane"), Mapping) else {}
    assert isinstance(plane, Mapping)
    origin, normal = _point(plane.get("origin")), _unit(_point(plane.get("normal")))
    if normal is None:
        normal = _normal_of(seeds or path)
    if normal is None:
        return None
    closed = as_boolean(value.get("closed"))
    return Contour(
        id=_whole(value.get("id"), default_id),
        seed_points=seeds or path,
        path_points=path or seeds,
        plane_origin=origin or (seeds or path)[0],
        plane_normal=normal,
        group=max(0, _whole(value.get("group"), 0)),
        label=str(value.get("label") or ""),
        closed=True if closed is None else closed,
        tool=str(value.get("tool") or "polygon"),
        scan=str(value.get("scan") or ""),
        frames=read_points(value),
    )


def _whole(value: Any, default: int) -> int:
    number = as_number(value)
    return default if number is None or abs(number) > 2**53 else int(number)


def _point(value: Any) -> Point | None:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 3:
        return None
    numbers = [as_number(part) for part in value[:3]]
    x, y, z = (None if number is None else float(number) for number in numbers)
    return None if x is None or y is None or z is None else (x, y, z)


def _points(value: Any) -> tuple[Point, ...] | None:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    points = [_point(point) for point in value]
    found = tuple(point for point in points if point is not None)
    return found if len(found) == len(points) else None


def _unit(vector: Point | None) -> Point | None:
    length = math.hypot(*vector) if vector else 0.0
    if vector is None or length < 1e-9:
        return None
    return (vector[0] / length, vector[1] / length, vector[2] / length)


def _normal_of(points: Sequence[Point]) -> Point | None:
    """The normal of the plane through points in drawing order (Newell); None if they lie on a line."""
    total = [0.0, 0.0, 0.0]
    for (ax, ay, az), (bx, by, bz) in zip(points, [*points[1:], points[0]], strict=True):
        total[0] += (ay - by) * (az + bz)
        total[1] += (az - bz) * (ax + bx)
        total[2] += (ax - bx) * (ay + by)
    return _unit((total[0], total[1], total[2]))
