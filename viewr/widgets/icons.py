"""The program's own icons, drawn in code: crisp at any scale and in any colour."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPolygonF

#: All are drawn in a square of this many units.
UNITS = 24.0


def _window(p: QPainter, colour: QColor) -> None:
    """Half dark, half bright."""
    circle = QRectF(4, 4, 16, 16)
    p.drawEllipse(circle)
    p.setBrush(colour)
    p.drawPie(circle, 90 * 16, -180 * 16)


def _crosshair(p: QPainter, colour: QColor) -> None:
    p.drawLines([QLineF(12, 3, 12, 9), QLineF(12, 15, 12, 21), QLineF(3, 12, 9, 12), QLineF(15, 12, 21, 12)])
    p.setBrush(colour)
    p.drawEllipse(QPointF(12, 12), 0.8, 0.8)


def _pan(p: QPainter, colour: QColor) -> None:
    p.drawLines([QLineF(12, 3, 12, 21), QLineF(3, 12, 21, 12)])
    for angle in range(0, 360, 90):
        p.save()
        p.translate(12, 12)
        p.rotate(angle)
        p.drawPolyline(QPolygonF([QPointF(-2.8, -6.2), QPointF(0, -9), QPointF(2.8, -6.2)]))
        p.restore()


def _box(p: QPainter, colour: QColor) -> None:
    """A dashed box, half of it bright."""
    pen = QPen(p.pen())
    p.fillRect(QRectF(12, 5, 8, 14), colour)
    pen.setStyle(Qt.PenStyle.DotLine)
    p.setPen(pen)
    p.drawRect(QRectF(4, 5, 16, 14))


def _outline(p: QPainter, colour: QColor) -> None:
    """The rim of a shape like a lesion's."""
    rim = QPainterPath(QPointF(5, 8))
    rim.cubicTo(8, 2, 14, 8, 18, 5)
    rim.cubicTo(23, 8, 17, 12, 20, 16)
    rim.cubicTo(17, 23, 12, 16, 8, 20)
    rim.cubicTo(1, 19, 7, 13, 5, 8)
    p.drawPath(rim)


def _brush(p: QPainter, colour: QColor) -> None:
    p.drawLine(QLineF(20, 4, 12.5, 11.5))
    bristles = QPainterPath(QPointF(11, 10.5))
    bristles.lineTo(13.5, 13)
    bristles.cubicTo(13, 18, 9, 20, 3.5, 19.5)
    bristles.cubicTo(6, 18, 6, 12, 11, 10.5)
    p.setBrush(colour)
    p.drawPath(bristles)


def _eraser(p: QPainter, colour: QColor) -> None:
    p.drawLine(QLineF(9, 20, 20, 20))
    p.save()
    p.translate(11.5, 11.5)
    p.rotate(-45)
    p.drawRoundedRect(QRectF(-8.5, -4, 16, 8), 1.5, 1.5)
    p.setBrush(colour)
    p.drawRect(QRectF(-8.5, -4, 6, 8))
    p.restore()


def _turn(p: QPainter, colour: QColor) -> None:
    p.drawArc(QRectF(5, 7.5, 14, 12), -70 * 16, 230 * 16)
    p.drawPolyline(QPolygonF([QPointF(5.2, 6), QPointF(5.4, 11.6), QPointF(11, 11)]))


def _turn_back(p: QPainter, colour: QColor) -> None:
    p.translate(UNITS, 0)
    p.scale(-1, 1)
    _turn(p, colour)


def _eye(p: QPainter, colour: QColor) -> None:
    lid = QPainterPath(QPointF(3, 12))
    lid.quadTo(12, 2.5, 21, 12)
    lid.quadTo(12, 21.5, 3, 12)
    p.drawPath(lid)
    p.setBrush(colour)
    p.drawEllipse(QPointF(12, 12), 2.6, 2.6)


def _eye_shut(p: QPainter, colour: QColor) -> None:
    _eye(p, colour)
    p.drawLine(QLineF(5, 19.5, 19, 4.5))


def _marker(p: QPainter, colour: QColor) -> None:
    pin = QPainterPath(QPointF(12, 21))
    pin.cubicTo(5, 13, 5.5, 4, 12, 4)
    pin.cubicTo(18.5, 4, 19, 13, 12, 21)
    p.drawPath(pin)
    p.setBrush(colour)
    p.drawEllipse(QPointF(12, 10), 2, 2)


def _polygon(p: QPainter, colour: QColor) -> None:
    points = [QPointF(12 + 8 * math.sin(n * 1.2566), 12 - 8 * math.cos(n * 1.2566)) for n in range(5)]
    p.drawPolygon(QPolygonF(points))
    p.setBrush(colour)
    for point in points:
        p.drawEllipse(point, 1.4, 1.4)


def _ruler(p: QPainter, colour: QColor) -> None:
    p.translate(12, 12)
    p.rotate(-45)
    p.drawRoundedRect(QRectF(-10, -4, 20, 8), 1.2, 1.2)
    p.drawLines([QLineF(x, -4, x, -0.6 if x else 1.2) for x in (-6.0, -3.0, 0.0, 3.0, 6.0)])


def _layout(p: QPainter, colour: QColor) -> None:
    """One large view and two small ones."""
    p.drawRoundedRect(QRectF(3.5, 4.5, 17, 15), 1.5, 1.5)
    p.drawLines([QLineF(13, 4.5, 13, 19.5), QLineF(13, 12, 20.5, 12)])


def _compare(p: QPainter, colour: QColor) -> None:
    """Two views, one of them bright."""
    p.drawRoundedRect(QRectF(3.5, 5, 7.5, 14), 1.2, 1.2)
    p.setBrush(colour)
    p.drawRoundedRect(QRectF(14, 5, 6.5, 14), 1.2, 1.2)


def _scans(p: QPainter, colour: QColor) -> None:
    """A row of small pictures above a large one."""
    for x in (3.5, 10.0, 16.5):
        p.drawRect(QRectF(x, 4, 4, 4))
    p.drawRoundedRect(QRectF(3.5, 11.5, 17, 8.5), 1.2, 1.2)


def _contrast(p: QPainter, colour: QColor) -> None:
    """Steps from dark to bright."""
    p.drawRect(QRectF(3.5, 6, 17, 12))
    for step in range(4):
        grey = QColor(colour)
        grey.setAlphaF(step / 3)
        p.fillRect(QRectF(3.5 + 4.25 * step, 6, 4.25, 12), grey)


def _fusion(p: QPainter, colour: QColor) -> None:
    """Two discs and what they share."""
    first, second = QPainterPath(), QPainterPath()
    first.addEllipse(QPointF(9.2, 12), 6, 6)
    second.addEllipse(QPointF(14.8, 12), 6, 6)
    p.fillPath(first.intersected(second), colour)
    p.drawPath(first)
    p.drawPath(second)


def _slab(p: QPainter, colour: QColor) -> None:
    """Slices behind one another."""
    p.drawPolygon(QPolygonF([QPointF(4, 8), QPointF(12, 4), QPointF(20, 8), QPointF(12, 12)]))
    for y in (12, 16):
        p.drawPolyline(QPolygonF([QPointF(4, y), QPointF(12, y + 4), QPointF(20, y)]))


def _volume(p: QPainter, colour: QColor) -> None:
    """A cube."""
    p.drawPolygon(QPolygonF([QPointF(12, 3.5), QPointF(19.5, 7.7), QPointF(19.5, 16.3), QPointF(12, 20.5),
                             QPointF(4.5, 16.3), QPointF(4.5, 7.7)]))  # fmt: skip
    p.drawLines([QLineF(12, 12, 12, 20.5), QLineF(12, 12, 4.5, 7.7), QLineF(12, 12, 19.5, 7.7)])


def _play(p: QPainter, colour: QColor) -> None:
    p.setBrush(colour)
    p.drawPolygon(QPolygonF([QPointF(7, 5), QPointF(18.5, 12), QPointF(7, 19)]))


def _reset(p: QPainter, colour: QColor) -> None:
    """Round and back to where it began."""
    p.drawArc(QRectF(5, 5, 14, 14), 60 * 16, 290 * 16)
    p.drawPolyline(QPolygonF([QPointF(15.8, 10.2), QPointF(19.2, 10.2), QPointF(19.2, 6.4)]))


def _more(p: QPainter, colour: QColor) -> None:
    p.drawLines([QLineF(4, y, 20, y) for y in (7.0, 12.0, 17.0)])


def _help(p: QPainter, colour: QColor) -> None:
    p.drawEllipse(QPointF(12, 12), 8.5, 8.5)
    mark = QPainterPath(QPointF(9.3, 9.8))
    mark.cubicTo(9.3, 5.8, 14.7, 5.8, 14.7, 9.6)
    mark.cubicTo(14.7, 11.8, 12, 11.6, 12, 13.9)
    p.drawPath(mark)
    p.setBrush(colour)
    p.drawEllipse(QPointF(12, 16.7), 0.5, 0.5)


_DRAWINGS: dict[str, Callable[[QPainter, QColor], None]] = {
    "window": _window, "box": _box, "crosshair": _crosshair, "pan": _pan, "brush": _brush, "eraser": _eraser,
    "undo": _turn, "redo": _turn_back, "eye": _eye, "eye-shut": _eye_shut, "marker": _marker, "landmark": _marker,
    "polygon": _polygon, "outline": _outline, "ruler": _ruler, "layout": _layout, "compare": _compare,
    "scans": _scans, "contrast": _contrast, "fusion": _fusion, "slab": _slab, "volume": _volume, "play": _play,
    "reset": _reset, "more": _more, "help": _help,
}  # fmt: skip


def _pixmap(name: str, colour: str, size: int, scale: float) -> QPixmap:
    pixmap = QPixmap(round(size * scale), round(size * scale))
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / UNITS, size / UNITS)
    painter.setPen(QPen(QColor(colour), 1.7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    _DRAWINGS[name](painter, QColor(colour))
    painter.end()
    return pixmap


def icon(name: str, palette: QPalette, size: int = 20) -> QIcon:
    """An icon in the colours of a palette, for screens of any scale; needs a running application."""
    text = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText).name()
    faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
    return _icon(name, text, faint, size)


@lru_cache(maxsize=64)
def _icon(name: str, text: str, faint: str, size: int) -> QIcon:
    result = QIcon()
    for scale in (1.0, 1.5, 2.0, 3.0):
        result.addPixmap(_pixmap(name, text, size, scale), QIcon.Mode.Normal)
        result.addPixmap(_pixmap(name, faint, size, scale), QIcon.Mode.Disabled)
    return result


def swatch(colour: tuple[int, int, int], size: int = 14) -> QIcon:
    """A filled square of a label's colour."""
    result = QIcon()
    for scale in (1.0, 2.0):
        pixmap = QPixmap(round(size * scale), round(size * scale))
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 90), 1))
        painter.setBrush(QColor(*colour))
        painter.drawRoundedRect(QRectF(0.5, 0.5, size - 1, size - 1), 3, 3)
        painter.end()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected, QIcon.Mode.Active):
            result.addPixmap(pixmap, mode)
    return result
