"""All that undo covers but for voxels: the answers and what was drawn; and how two of them differ, as data.

A difference is a list of JSON values, so that it can be journalled, replayed and undone without the program that
made it: each says where it is (`path`) and what stood there before and stands there after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from viewr.model.contour import Contour
from viewr.model.frame_point import points_value, read_points
from viewr.model.marker import Marker
from viewr.model.measure import Measure, Value

#: Where drawn objects live: (context name, field path such as "lesions/r3/where").
DrawingKey = tuple[str, str]
Drawn = Marker | Contour | Measure


@dataclass(frozen=True)
class Annotation:
    """Everything the reader has answered and drawn, but for voxels.

    Attributes
    ----------
    answers : mapping
        Context name -> {field name: JSON value}; boxes are mappings, listings lists of rows, each a mapping with a
        stable "__id__"; tabs add no level. Values are never changed in place.
    drawings : mapping
        `DrawingKey` -> the markers or contours of that field, in the order they were made; measures of a context are
        under the path `model.measure.MEASURES`.
    """

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drawings: Mapping[DrawingKey, tuple[Drawn, ...]] = field(default_factory=dict)


def with_drawing(annotation: Annotation, key: DrawingKey, drawn: tuple[Drawn, ...]) -> Annotation:
    """The annotation with other markers or contours in one field."""
    drawings = {**annotation.drawings, key: drawn}
    if not drawn:
        del drawings[key]
    return replace(annotation, drawings=drawings)


def drawn_to_json(item: Drawn) -> dict[str, Any]:
    values = {**asdict(item), **points_value(item.frames)}
    del values["frames"]
    if isinstance(item, Measure):
        return {"drawn": "measure", **values}
    return {"kind": "marker" if isinstance(item, Marker) else "contour", **values}


def _points(values: Any) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in values)


def drawn_from_json(data: Mapping[str, Any]) -> Drawn:
    if data.get("drawn") == "measure":
        return _measure_from_json(data)
    values = {key: value for key, value in data.items() if key not in ("kind", "frame")}
    values["frames"] = read_points(data)
    if data["kind"] == "marker":
        values["pos"] = _points([values["pos"]])[0]
        return Marker(**values)
    for name in ("seed_points", "path_points"):
        values[name] = _points(values[name])
    for name in ("plane_origin", "plane_normal"):
        values[name] = _points([values[name]])[0]
    return Contour(**values)


def _measure_from_json(data: Mapping[str, Any]) -> Measure:
    values = {key: value for key, value in data.items() if key not in ("drawn", "frame")}
    values["frames"] = read_points(data)
    for name in ("plane_origin", "plane_normal"):
        values[name] = _points([values[name]])[0]
    figures = tuple(Value(value["name"], value["number"], value["unit"]) for value in values["values"])
    return Measure(**{**values, "points": _points(values["points"]), "values": figures})


_ABSENT = {"__absent__": True}


def _boxed(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key, _ABSENT)


def _diff_values(path: list[str], before: Any, after: Any, into: list[dict[str, Any]]) -> None:
    if before is after or (type(before) is type(after) and before == after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and _ABSENT not in (before, after):
        for key in {**before, **after}:
            _diff_values([*path, key], _boxed(before, key), _boxed(after, key), into)
        return
    into.append({"path": path, "before": before, "after": after})


def _splice(before: tuple[Drawn, ...], after: tuple[Drawn, ...]) -> tuple[int, int]:
    """How many items two tuples share at the start and, beyond that, at the end."""
    shortest = min(len(before), len(after))
    start = 0
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return start, end


def _diff_drawings(before: Annotation, after: Annotation, into: list[dict[str, Any]]) -> None:
    for key in {**before.drawings, **after.drawings}:
        old, new = before.drawings.get(key, ()), after.drawings.get(key, ())
        if old is new or old == new:
            continue
        start, end = _splice(old, new)
        into.append({
            "drawing": list(key), "at": start,
            "before": [drawn_to_json(item) for item in old[start : len(old) - end]],
            "after": [drawn_to_json(item) for item in new[start : len(new) - end]],
        })  # fmt: skip


def diff(before: Annotation, after: Annotation) -> list[dict[str, Any]]:
    """What leads from one annotation to another, as JSON values; empty if they are equal."""
    changes: list[dict[str, Any]] = []
    _diff_values([], before.answers, after.answers, changes)
    _diff_drawings(before, after, changes)
    return changes


def _set(mapping: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    name, *rest = path
    result = dict(mapping)
    if rest:
        result[name] = _set(mapping.get(name, {}), rest, value)
    elif value == _ABSENT:
        result.pop(name, None)
    else:
        result[name] = value
    return result


def apply_diff(annotation: Annotation, changes: list[dict[str, Any]], *, back: bool = False) -> Annotation:
    """The annotation after (or, going back, before) the changes of a `diff`."""
    take, put = ("after", "before") if back else ("before", "after")
    for change in changes:
        if "drawing" in change:
            key = (change["drawing"][0], change["drawing"][1])
            old = annotation.drawings.get(key, ())
            new = tuple(drawn_from_json(item) for item in change[put])
            start = change["at"]
            annotation = with_drawing(annotation, key, old[:start] + new + old[start + len(change[take]) :])
        else:
            annotation = replace(annotation, answers=_set(annotation.answers, change["path"], change[put]))
    return annotation
