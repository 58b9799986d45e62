"""What is drawn over the picture of a volume: the cube that says where the patient's sides are, rings, words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTransform

from viewr.model.geometry import FloatArray
from viewr.render.volume_camera import VolumeCamera
from viewr.widgets import colours
from viewr.widgets.slice_view_paint import font_pixels, line_height, text_font, text_image

#: Side of the cube in logical pixels, and its distance from the corner.
CUBE, CUBE_MARGIN = 44.0, 48.0
#: Letter -> the direction of that side, and right and down on it as it is read from outside.
FACES = {
    "L": ((1, 0, 0), (0, 1, 0), (0, 0, -1)), "R": ((-1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "P": ((0, 1, 0), (-1, 0, 0), (0, 0, -1)), "A": ((0, -1, 0), (1, 0, 0), (0, 0, -1)),
    "H": ((0, 0, 1), (-1, 0, 0), (0, 1, 0)), "F": ((0, 0, -1), (1, 0, 0), (0, 1, 0)),
}  # fmt: skip
_FACE, _EDGE = QColor(38, 43, 50, 235), QColor(150, 158, 168)
_LETTER_BOX = 100.0


def visible_faces(camera: VolumeCamera) -> list[str]:
    """Letters of the sides that the reader sees, the most hidden first."""
    towards = {letter: -float(np.array(out) @ camera.forward) for letter, (out, _, _) in FACES.items()}
    return sorted((letter for letter in FACES if towards[letter] > 1e-6), key=towards.__getitem__)


def face_corners(camera: VolumeCamera, letter: str) -> FloatArray:
    """Corners of a side of a cube of unit size around the origin, in units to the right and down; shape (4, 2)."""
    out, right, down = (np.array(axis, np.float64) for axis in FACES[letter])
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2
    points = out / 2 + signs[:, :1] * right + signs[:, 1:] * down
    return np.stack([points @ camera.plane.right, points @ camera.plane.down], axis=1)


def paint_cube(painter: QPainter, camera: VolumeCamera, height: float) -> None:
    """The cube, in the lower left corner of a view of that height."""
    middle = np.array([CUBE_MARGIN, height - CUBE_MARGIN])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for letter in visible_faces(camera):
        corners = middle + CUBE * face_corners(camera, letter)
        face = QPolygonF([QPointF(*corner) for corner in corners.tolist()])
        painter.setPen(QPen(_EDGE, 1.2))
        painter.setBrush(_FACE)
        painter.drawPolygon(face)
        _paint_letter(painter, letter, face)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_letter(painter: QPainter, letter: str, face: QPolygonF) -> None:
    """The letter on its side, turned with it."""
    box = QRectF(0, 0, _LETTER_BOX, _LETTER_BOX)
    onto = QTransform.quadToQuad(QPolygonF([box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]), face)
    if not isinstance(onto, QTransform):
        return  # seen along its edge
    painter.save()
    painter.setTransform(onto, True)
    font = QFont(text_font(True))
    font.setPixelSize(68)
    painter.setFont(font)
    painter.setPen(colours.LETTER)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)
    painter.restore()


def paint_ring(painter: QPainter, at: tuple[float, float], colour: QColor, radius: float = 7.0) -> None:
    """A ring around a place, whether or not something lies before it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.SHADOW, 3.5), QPen(colour, 1.6)):
        painter.setPen(pen)
        painter.drawEllipse(QPointF(*at), radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_words(
    painter: QPainter, lines: Sequence[str], size: tuple[float, float], scale: float, warning: str = ""
) -> None:
    """Lines of text in the upper left corner, and one that warns."""
    pixels, step = font_pixels(size), line_height(size) + 3
    for number, line in enumerate(lines):
        words = text_image(line, colours.TEXT.name(), number == 0, pixels, scale)
        painter.drawImage(QPointF(8, 8 + step * number), words)
    if warning:
        at = QPointF(8, 8 + step * len(lines))
        painter.drawImage(at, text_image(warning, colours.WARNING.name(), False, pixels, scale))


def paint_hints(painter: QPainter, lines: Sequence[str], size: tuple[float, float], scale: float) -> None:
    """Quiet lines of text in the lower right corner; none where there is no room beside the cube."""
    width, height = size
    step = line_height(size) + 2
    images = [text_image(line, colours.QUIET_TEXT.name(), False, font_pixels(size) - 1, scale) for line in lines]
    widest = max(image.width() / scale for image in images)
    if widest + 2 * CUBE_MARGIN + 16 > width:
        return
    for number, image in enumerate(images):
        painter.drawImage(QPointF(width - widest - 8, height - 8 - step * (len(images) - number)), image)


def paint_sentence(painter: QPainter, rect: QRectF, text: str) -> None:
    """A sentence instead of a picture."""
    painter.fillRect(rect, colours.BACKGROUND)
    painter.setPen(colours.QUIET_TEXT)
    painter.setFont(text_font())
    inner = rect.adjusted(24, 24, -24, -24)
    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
