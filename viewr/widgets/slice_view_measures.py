"""Measures over the picture: their lines, the places to take hold of them, their figures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewr.model.measure import LEFT_OUT, Measure
from viewr.widgets import colours
from viewr.widgets.slice_view_paint import SLIDER_WIDTH, Lettering
from viewr.widgets.slice_view_scene import Scene

_WIDTH = 1.6
_PIXELS = 12
_ROW = 15
_ROOM = 220
#: How strongly a measure of another frame is drawn.
OTHER_FRAME = 0.4
#: Between a measure and its figures, logical pixels.
_GAP = 8
#: What has its own line beside an ellipse.
_STATISTICS = frozenset({"Area", "Mean", "SD", "Min", "Max", "Voxels"})


def paint_measure(painter: QPainter, scene: Scene, measure: Measure, selected: bool) -> None:
    """A measure, on the slices it was taken on."""
    if not _on_slice(scene, measure):
        return
    colour = colours.SELECTED if selected else colours.MEASURE
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    lines = [[QPointF(*scene.to_xy(point)) for point in line] for line in measure.lines]
    for line in lines:
        _paint_line(painter, line, colour)
    for point in measure.points:
        _paint_handle(painter, QPointF(*scene.to_xy(point)), colour, selected)
    if measure.kind == "angle" and len(measure.points) == 3:
        _paint_arc(painter, lines[0], colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    _write(painter, scene, measure, [point for line in lines for point in line], colour)


def paint_other_frame(painter: QPainter, scene: Scene, measure: Measure) -> None:
    """A measure of another point in time of the same slice: where it is, and whose; its figures hold there alone."""
    if not _on_slice(scene, measure):
        return
    painter.setOpacity(OTHER_FRAME)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    lines = [[QPointF(*scene.to_xy(point)) for point in line] for line in measure.lines]
    for line in lines:
        _paint_line(painter, line, colours.MEASURE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    words = ", ".join(f"{point.name} {point.number}" for point in measure.frames)
    lettering = Lettering(painter, *scene.size, scene.scale)
    around = [point for line in lines for point in line]
    x, y = words_beside(around, lettering.wide(words, _PIXELS), scene.size[0] - SLIDER_WIDTH)
    lettering.line(words, x, y - _ROW / 2, _ROOM, colour=colours.MEASURE, pixels=_PIXELS)
    painter.setOpacity(1.0)


def _on_slice(scene: Scene, measure: Measure) -> bool:
    points = np.array(measure.points, np.float64)
    depths = (points - scene.view.plane.center) @ scene.stack.direction
    return bool(np.abs(depths).max() <= scene.stack.thickness / 2)


def _paint_line(painter: QPainter, line: list[QPointF], colour: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.SHADOW, _WIDTH + 1.6), QPen(colour, _WIDTH)):
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(line))


def _paint_handle(painter: QPainter, place: QPointF, colour: QColor, selected: bool) -> None:
    """A small plus at each end; a square to take hold of where the measure is selected."""
    x, y = place.x(), place.y()
    if selected:
        painter.setPen(QPen(colours.SHADOW, 1))
        painter.setBrush(colour)
        painter.drawRect(QRectF(x - 3, y - 3, 6, 6))
        return
    for pen in (QPen(colours.SHADOW, 3), QPen(colour, 1.4)):
        painter.setPen(pen)
        painter.drawLines([QLineF(x - 4, y, x + 4, y), QLineF(x, y - 4, x, y + 4)])


def _paint_arc(painter: QPainter, line: list[QPointF], colour: QColor) -> None:
    """The angle between both arms, near its vertex."""
    first, second = QLineF(line[1], line[0]), QLineF(line[1], line[2])
    radius = min(first.length(), second.length(), 60) * 0.35
    sweep = first.angleTo(second)
    sweep = sweep - 360 if sweep > 180 else sweep
    box = QRectF(line[1].x() - radius, line[1].y() - radius, 2 * radius, 2 * radius)
    painter.setPen(QPen(colour, 1.2))
    painter.drawArc(box, round(first.angle() * 16), round(sweep * 16))


def figures(measure: Measure) -> list[str]:
    """The figures as they are written beside a measure, a line each."""
    values = {value.name: value for value in measure.values}
    lines = [measure.label] if measure.label else []
    if values.keys() >= _STATISTICS:
        mean, spread = values["Mean"], values["SD"]
        lines.append(f"{values['Area'].text}, {values['Voxels'].number:.0f} voxels")
        if LEFT_OUT in values:
            lines.append(f"({values[LEFT_OUT].number:.0f} padding left out)")
        lines.append(f"{mean.number:.4g} ± {spread.number:.3g} {mean.unit}".rstrip())
        lines.append(f"{values['Min'].number:.5g} to {values['Max'].number:.5g} {mean.unit}".rstrip())
        own = _STATISTICS | {LEFT_OUT}
        return lines + [f"{value.name} {value.text}" for value in measure.values if value.name not in own]
    return lines + [f"{value.name} {value.text}".strip() for value in measure.values]


def words_beside(line: list[QPointF], wide: float, room: float) -> tuple[float, float]:
    """Where words stand beside a line: left end and middle height; to its right, else to its left, else over it."""
    right, left = max(line, key=QPointF.x), min(line, key=QPointF.x)
    if right.x() + _GAP + wide <= room:
        return right.x() + _GAP, right.y()
    if left.x() - _GAP - wide >= 0:
        return left.x() - _GAP - wide, left.y()
    return max(2.0, room - wide), right.y()


def _write(painter: QPainter, scene: Scene, measure: Measure, line: list[QPointF], colour: QColor) -> None:
    """The figures beside the measure, whole and inside of the view."""
    words = figures(measure)
    lettering = Lettering(painter, *scene.size, scene.scale)
    wide = max((min(lettering.wide(text, _PIXELS), _ROOM) for text in words), default=0)
    x, height = words_beside(line, wide, scene.size[0] - SLIDER_WIDTH)
    y = min(max(height - _ROW * len(words) / 2, 2), scene.size[1] - _ROW * len(words) - 2)
    for number, text in enumerate(words):
        lettering.line(text, x, y + number * _ROW, _ROOM, colour=colour, pixels=_PIXELS)
