"""Drawn objects as their fields show them: positions, areas, colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtGui import QIcon

from viewr.forms.options import dot
from viewr.model.annotation import Drawn
from viewr.model.contour import Contour
from viewr.model.marker import Marker, Point
from viewr.model.measure import Measure
from viewr.model.template import Field, Group
from viewr.workspace.document import Document
from viewr.workspace.frames import looks_at_points

#: Names of the tools that fill fields, as the tools' catalogue has them.
MARKER_TOOL = "marker"
LANDMARK_TOOL = "landmark"
CONTOUR_TOOL = "polygon"
NO_TOOL = "window"

_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))


def position_text(point: Point, digits: int = 0) -> str:
    """A position in mm with the patient's sides instead of signs: "R 12  A 4  H 31"."""
    parts = (
        f"{plus if round(value, digits) >= 0 else minus} {abs(value):.{digits}f}"
        for value, (plus, minus) in zip(point, _LETTERS, strict=True)
    )
    return "  ".join(parts)


def contour_middle(contour: Contour) -> Point:
    """The mean of the path points, LPS mm; on the plane of the contour."""
    points = contour.path_points or contour.seed_points or (contour.plane_origin,)
    x, y, z = np.mean(np.asarray(points, dtype=float), axis=0)
    return float(x), float(y), float(z)


def contour_area(contour: Contour) -> float:
    """Area of a closed contour in mm2, by its path points on its plane; 0 for an open one."""
    if not contour.closed or len(contour.path_points) < 3:
        return 0.0
    points = np.asarray(contour.path_points, dtype=float)
    points = points - points[0]
    doubled = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0)
    return float(abs(doubled @ np.asarray(contour.plane_normal, dtype=float)) / 2)


def middle(drawn: Drawn) -> Point:
    """Where a drawn object is, LPS mm."""
    if isinstance(drawn, Measure):
        return drawn.points[0]
    return drawn.pos if isinstance(drawn, Marker) else contour_middle(drawn)


def group_of(groups: Sequence[Group], index: int) -> Group | None:
    """The group of a type, None if the template has none of that index."""
    return groups[index] if 0 <= index < len(groups) else None


def landmark_specs(field: Field) -> list[Mapping[str, Any]]:
    """The landmarks of the template: name, category, type."""
    return [spec for spec in field.extra.get("markers") or () if isinstance(spec, Mapping)]


def missing_landmarks(field: Field, drawn: Sequence[Drawn]) -> list[str]:
    """Names of the landmarks that are not placed."""
    placed = {item.name for item in drawn if isinstance(item, Marker)}
    return [str(spec["name"]) for spec in landmark_specs(field) if str(spec["name"]) not in placed]


def swatch(group: Group | None, filled: bool = True) -> QIcon:
    """A dot in the colour of a group; a ring for what is not placed yet."""
    return QIcon(dot(group.color if group else (255, 255, 0), filled))


def frame_text(drawn: Drawn) -> str:
    """The frame that a drawn object is on, to be written behind its place: ", frame 17"; "" without one."""
    return "".join(f", {point.name} {point.number}" for point in drawn.frames)


def jump(document: Document, context: str, drawn: Drawn, **look_fields: Any) -> None:
    """Show a drawn object, on its frame, in all views of a context, linked or not; the rest of the look may follow."""
    look, point = document.state.look, middle(drawn)
    viewports = looks_at_points(document, context, drawn.scan, drawn.frames)
    loose = {key: point for key, view in look.viewports.items() if key[0] == context and not view.linked}
    document.look(cursors={**look.cursors, context: point}, positions={**look.positions, **loose}, viewports=viewports,
                  **look_fields)  # fmt: skip
