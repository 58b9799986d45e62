"""Markers, contours and the marks of the tools, over the picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewr.model.annotation import DrawingKey, Drawn
from viewr.model.answers import row_numbers
from viewr.model.contour import Contour
from viewr.model.marker import Marker, Point
from viewr.model.measure import Measure
from viewr.model.template import Group
from viewr.tools.base import Preview
from viewr.widgets import colours
from viewr.widgets.slice_view_measures import paint_measure, paint_other_frame
from viewr.widgets.slice_view_paint import Lettering, text_font
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.tool_context import DrawingFields, belongs, on_shown_frame

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Slices beyond which a marker is not drawn; until there it fades.
FADE_SLICES = 2.5


def paint_drawings(painter: QPainter, viewport: SliceViewport, scene: Scene, fields: DrawingFields) -> None:
    """All drawings of the context that belong to this place in the patient."""
    state = viewport.document.state
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for key, drawn in state.annotation.drawings.items():
        if key[0] != viewport.key[0]:
            continue
        for item in drawn:
            if belongs(viewport, scene.volume, item):
                words = partial(drawn_words, viewport, key, item, fields)
                if isinstance(item, Measure) and not on_shown_frame(viewport, item):
                    paint_other_frame(painter, scene, item)
                    continue
                _paint_item(painter, scene, key, item, fields, (key, item.id) == state.look.selected, words)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def drawn_words(viewport: SliceViewport, key: DrawingKey, item: Drawn, fields: DrawingFields) -> str:
    """What is written beside a drawing: the number of its row in the listing, then which one of its field it is."""
    rows = row_numbers(viewport.document.state.annotation.answers.get(key[0], {}), key[1])
    number = ".".join(str(row) for row in rows)
    own = item.name if isinstance(item, Marker) else ""
    if not own and isinstance(item, Marker) and item.id and not (number and fields.limit(key) == 1):
        own = str(item.id)
    return f"{number}{'.' if own.isdigit() else ' '}{own}" if number and own else number or own


def _paint_item(
    painter: QPainter,
    scene: Scene,
    key: DrawingKey,
    item: Drawn,
    fields: DrawingFields,
    selected: bool,
    words: Callable[[], str],
) -> None:
    if isinstance(item, Measure):
        paint_measure(painter, scene, item, selected)
    elif isinstance(item, Marker):
        paint_marker(painter, scene, item, fields.group(key, item.type), selected, words)
    else:
        paint_contour(painter, scene, item, fields.group(key, item.group), selected, words)


# --- markers -------------------------------------------------------------------------------------------------------


def marker_strength(distance_slices: float) -> float:
    """How strongly a marker is drawn: wholly on its slice, fading on the two next to it, then not."""
    if distance_slices <= 0.5:
        return 1.0
    return 0.0 if distance_slices > FADE_SLICES else 0.55 - 0.15 * distance_slices


def paint_marker(
    painter: QPainter, scene: Scene, marker: Marker, group: Group, selected: bool, words: Callable[[], str]
) -> None:
    """A marker; its words, asked for only where they are written, stand on its own slice."""
    strength = marker_strength(abs(scene.distance(marker.pos)) / scene.stack.thickness)
    if strength <= 0 or group.marker_type == "None":
        return
    x, y = scene.to_xy(marker.pos)
    radius = max(3.0, group.marker_size / 2 + 1)
    painter.setOpacity(strength)
    _outlined(painter, group.marker_type, QPointF(x, y), radius, QColor(*group.color), max(1, group.line_width))
    painter.setOpacity(1.0)
    if selected and strength == 1.0:
        painter.setPen(QPen(colours.SELECTED, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, y), radius + 4, radius + 4)
    if strength == 1.0:
        _write(painter, scene, words(), QPointF(x + radius, y - radius), QColor(*group.color))


def _write(painter: QPainter, scene: Scene, words: str, corner: QPointF, colour: QColor) -> None:
    """Small words to the upper right of a place."""
    lettering = Lettering(painter, *scene.size, scene.scale)
    lettering.line(words, corner.x() + 4, corner.y() - 13, 140, colour=colour, pixels=11)


def _outlined(
    painter: QPainter, shape: str, middle: QPointF, radius: float, colour: QColor, width: float
) -> None:
    """A marker's shape, with a dark rim so that it shows on bright tissue too."""
    for pen in (QPen(colours.SHADOW, width + 2), QPen(colour, width)):
        painter.setPen(pen)
        _draw_shape(painter, shape, middle, radius, pen.color())


def _draw_shape(painter: QPainter, shape: str, middle: QPointF, radius: float, colour: QColor) -> None:
    x, y = middle.x(), middle.y()
    painter.setBrush(colour if shape == "Dot" else Qt.BrushStyle.NoBrush)
    if shape in ("Dot", "Circle"):
        painter.drawEllipse(middle, radius, radius)
    elif shape == "Square":
        painter.drawRect(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
    elif shape == "Triangle":
        painter.drawPolygon(QPolygonF([QPointF(x, y - radius), QPointF(x + radius, y + radius),
                                       QPointF(x - radius, y + radius)]))  # fmt: skip
    else:
        painter.drawLines(_strokes(shape, x, y, radius))


def _strokes(shape: str, x: float, y: float, radius: float) -> list[QLineF]:
    upright = [QLineF(x - radius, y, x + radius, y), QLineF(x, y - radius, x, y + radius)]
    reach = radius * 0.75
    slanted = [QLineF(x - reach, y - reach, x + reach, y + reach), QLineF(x - reach, y + reach, x + reach, y - reach)]
    return {"Plus": upright, "Cross": slanted, "Asterisk": upright + slanted}.get(shape, upright)


# --- contours ------------------------------------------------------------------------------------------------------


def paint_contour(
    painter: QPainter, scene: Scene, contour: Contour, group: Group, selected: bool, words: Callable[[], str]
) -> None:
    """A line on its own plane; in planes that cut it, the points where it passes through."""
    colour = QColor(*group.color)
    points = np.array(contour.path_points or contour.seed_points, np.float64)
    if not len(points):
        return
    depths = (points - scene.view.plane.center) @ scene.stack.direction
    if np.abs(depths).max() <= scene.stack.thickness / 2:
        line = _on_screen(scene, points)
        _paint_line(painter, line, colour, max(1, group.line_width), contour.closed)
        _write(painter, scene, words(), max(line, key=lambda point: point.x() - point.y()), colour)
        if selected:
            _paint_corners(painter, _on_screen(scene, np.array(contour.seed_points)), colour)
    elif depths.min() < 0 < depths.max():
        _paint_crossings(painter, scene, points, depths, contour.closed, colour)


def _on_screen(scene: Scene, points_lps: np.ndarray) -> list[QPointF]:
    return [QPointF(u, v) for u, v in scene.view.to_uv(points_lps) / scene.scale]


def _paint_line(painter: QPainter, points: list[QPointF], colour: QColor, width: float, closed: bool) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.SHADOW, width + 1.6), QPen(colour, width)):
        painter.setPen(pen)
        if closed:
            painter.drawPolygon(QPolygonF(points))
        else:
            painter.drawPolyline(QPolygonF(points))


def _paint_corners(painter: QPainter, points: list[QPointF], colour: QColor) -> None:
    painter.setPen(QPen(colours.SHADOW, 1))
    painter.setBrush(colour)
    for point in points:
        painter.drawRect(QRectF(point.x() - 3, point.y() - 3, 6, 6))


def _paint_crossings(
    painter: QPainter, scene: Scene, points: np.ndarray, depths: np.ndarray, closed: bool, colour: QColor
) -> None:
    following, after = np.roll(points, -1, axis=0), np.roll(depths, -1)
    if not closed:
        points, following, depths, after = points[:-1], following[:-1], depths[:-1], after[:-1]
    crossing = (depths < 0) != (after < 0)
    share = depths[crossing] / (depths[crossing] - after[crossing])
    places = points[crossing] + share[:, None] * (following[crossing] - points[crossing])
    painter.setPen(QPen(colours.SHADOW, 1))
    painter.setBrush(colour)
    for point in _on_screen(scene, places):
        painter.drawEllipse(point, 2.5, 2.5)


# --- the tools -----------------------------------------------------------------------------------------------------


def paint_preview(painter: QPainter, scene: Scene, preview: Preview) -> None:
    """The line of a contour or the measure that is being drawn, if this is its plane."""
    if preview.measure is not None:
        paint_measure(painter, scene, preview.measure, True)
        return
    if not preview.line or abs(scene.distance(preview.line[0])) > scene.stack.thickness / 2:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _paint_line(painter, [_point(scene, place) for place in preview.line], colours.PREVIEW, 1.4, False)
    _paint_corners(painter, [_point(scene, place) for place in preview.corners], colours.PREVIEW)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _point(scene: Scene, place: Point) -> QPointF:
    return QPointF(*scene.to_xy(place))


def paint_brush(painter: QPainter, scene: Scene, place: QPointF, diameter_mm: float) -> None:
    """The outline of what a press would touch."""
    radius = max(1.5, diameter_mm / 2 / scene.mm_per_pixel)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.SHADOW, 2.6), QPen(colours.BRUSH, 1.2)):
        painter.setPen(pen)
        painter.drawEllipse(place, radius, radius)
    if radius > 12:
        painter.drawPoint(place)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_message(painter: QPainter, scene: Scene, sentence: str) -> None:
    """Why nothing happens, on a dark band in the lower part of the view."""
    width, height = scene.size
    band = QRectF(0, height * 0.72, width, 26)
    painter.fillRect(band, QColor(0, 0, 0, 190))
    painter.setFont(text_font())
    painter.setPen(colours.WARNING)
    painter.drawText(band.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)
