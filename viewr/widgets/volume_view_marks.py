"""What of the document is shown in the volume: contours and markers as bodies, the localizer as three lines."""

from __future__ import annotations

import numpy as np

from viewr.model.contour import Contour
from viewr.model.geometry import Grid
from viewr.model.marker import Marker, Point
from viewr.model.state import ViewportKey
from viewr.model.volume import Volume
from viewr.render.volume_messages import Ball, Colour, Line
from viewr.render.volume_pick import contains, whole_box
from viewr.widgets import colours
from viewr.widgets.tool_context import DrawingFields
from viewr.workspace.document import Document
from viewr.workspace.localizer import may_link

#: Radius of a marker's ball as a share of the scan's size: small, or it would hide what it marks.
BALL_SHARE = 0.005
LINE_WIDTH, LOCALIZER_WIDTH = 3.0, 1.5
_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def lines_of(document: Document, key: ViewportKey, scan: str, fields: DrawingFields) -> tuple[Line, ...]:
    """The contours that belong to this scan's place in the patient."""
    lines = []
    for drawing, items in document.state.annotation.drawings.items():
        for item in items if drawing[0] == key[0] else ():
            if isinstance(item, Contour) and len(item.path_points) > 1 and belongs(document, key[0], scan, item.scan):
                colour = _colour(fields.group(drawing, item.group).color)
                lines.append(Line(item.path_points, colour, LINE_WIDTH, item.closed))
    return tuple(lines)


def markers_of(
    document: Document, key: ViewportKey, scan: str, fields: DrawingFields
) -> list[tuple[Marker, tuple[int, int, int]]]:
    """The markers that belong to this scan's place in the patient, with their colours."""
    found = []
    for drawing, items in document.state.annotation.drawings.items():
        for item in items if drawing[0] == key[0] else ():
            if isinstance(item, Marker) and belongs(document, key[0], scan, item.scan):
                red, green, blue = fields.group(drawing, item.type).color[:3]
                found.append((item, (red, green, blue)))
    return found


def balls_of(markers: list[tuple[Marker, tuple[int, int, int]]], grid: Grid) -> tuple[Ball, ...]:
    size = max(size * spacing for size, spacing in zip(grid.shape, grid.spacing, strict=True))
    return tuple(Ball(marker.pos, _colour(colour), size * BALL_SHARE) for marker, colour in markers)


def localizer_lines(grid: Grid, position: Point) -> tuple[Line, ...]:
    """Lines through the localizer along the patient's axes, as far as the scan goes; none outside of it."""
    colour = (colours.CROSSHAIR.redF(), colours.CROSSHAIR.greenF(), colours.CROSSHAIR.blueF())
    reach = sum(size * spacing for size, spacing in zip(grid.shape, grid.spacing, strict=True))
    steps = np.linspace(-reach, reach, 2001)
    lines = []
    for axis in _AXES:
        points = np.array(position) + steps[:, None] * np.array(axis)
        inside = points[contains(whole_box(grid), grid.to_ijk(points))]
        if len(inside) > 1:
            first, last = inside[0].tolist(), inside[-1].tolist()
            lines.append(Line((tuple(first), tuple(last)), colour, LOCALIZER_WIDTH))
    return tuple(lines)


def belongs(document: Document, context: str, scan: str, origin: str) -> bool:
    """Whether the place of what was drawn on one scan means the same in another."""
    if not origin or origin == scan:
        return True
    first: Volume | None = document.volumes.get((context, origin))
    second = document.volumes.get((context, scan))
    return first is None or (second is not None and may_link(first, second))


def _colour(rgb: tuple[int, ...]) -> Colour:
    return rgb[0] / 255, rgb[1] / 255, rgb[2] / 255
