"""The cross-hair: its lines are where the other planes cut this one; taken hold of, they move and turn."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QGuiApplication, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF

from viewr.model.reformat import ORIENTATIONS
from viewr.render.stack import has_patient_axes
from viewr.widgets import colours
from viewr.widgets.slice_view_scene import Scene
from viewr.workspace.reformatting import axes_from, reformat_of, set_axes, turn, turns_others

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Half of the gap in the middle of the cross-hair, logical pixels: the place itself stays free to see.
GAP = 9
#: Logical pixels from a line at which it can be taken hold of.
REACH = 4.0
#: Logical pixels from the middle within which the cross-hair is moved, beyond which it is turned.
MIDDLE = 16.0
#: Logical pixels that a press on a line may wander before the line turns.
SLACK = 3.0

Grip = Literal["move", "turn"]
#: Tools with which a line can be taken hold of: those that draw keep their press.
_TOOLS = ("window", "crosshair")


def shows_cross(viewport: SliceViewport, scene: Scene) -> bool:
    """Whether a viewport shows where it stands: a linked one always, others with the localizer in the hand."""
    with_tool = viewport.document.state.look.tool == "crosshair" and has_patient_axes(scene.volume)
    return scene.linked or with_tool


def directions(viewport: SliceViewport, scene: Scene) -> list[tuple[float, float]]:
    """Directions of the lines in the picture (right, down), unit vectors."""
    axes = reformat_of(viewport.document, viewport.key)
    if axes is None:
        return [(1.0, 0.0), (0.0, 1.0)]
    plane = scene.view.plane
    lines = []
    for orientation in ORIENTATIONS:
        # the line in both planes is perpendicular to both normals: turned by a quarter from the other one's shadow
        other = axes.normal(orientation)
        u, v = -float(other @ plane.down), float(other @ plane.right)
        length = math.hypot(u, v)
        if length > 0.05:
            lines.append((u / length, v / length))
    return lines


def grip(viewport: SliceViewport, scene: Scene, place: QPointF) -> Grip | None:
    """What a press at a place would take hold of."""
    look = viewport.document.state.look
    if not (look.crosshair and scene.linked and look.tool in _TOOLS) or viewport.on_slider(place):
        return None
    x, y = scene.to_xy(scene.position)
    u, v = place.x() - x, place.y() - y
    far = math.hypot(u, v)
    if far <= MIDDLE:
        return "move" if far <= GAP + REACH else None
    near = any(abs(u * along[1] - v * along[0]) <= REACH for along in directions(viewport, scene))
    return "turn" if near and turns_others(viewport.document, viewport.key) else None


class TurnDrag:
    """The lines turn about their middle with the mouse, and with them the two other planes."""

    def __init__(self, viewport: SliceViewport, scene: Scene, start: QPointF) -> None:
        self._viewport, self._start = viewport, start
        self._middle = QPointF(*scene.to_xy(scene.position))
        self._normal = scene.view.plane.normal
        self._before = viewport.document.state.look.axes.get(viewport.key[0])
        self._axes = axes_from(viewport.document, viewport.key)
        self._turning = False

    def move(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._axes is None or (not self._turning and (place - self._start).manhattanLength() < SLACK):
            return
        self._turning = True
        angle = self._angle(place) - self._angle(self._start)
        turn(self._viewport.document, self._viewport.key[0], self._axes, self._normal, angle)

    def _angle(self, place: QPointF) -> float:
        """From right to down, radians."""
        by = place - self._middle
        return math.atan2(by.y(), by.x())

    def end(self, event: QMouseEvent | None) -> None:
        if event is None:
            set_axes(self._viewport.document, self._viewport.key[0], self._before)


class MoveDrag:
    """The localizer goes with the mouse, by as much as the mouse; a click leaves it where it is."""

    def __init__(self, viewport: SliceViewport, scene: Scene, start: QPointF) -> None:
        self._viewport, self._scene, self._start = viewport, scene, start
        self._moving = False

    def move(self, event: QMouseEvent) -> None:
        place, scene = event.position(), self._scene
        if not self._moving and (place - self._start).manhattanLength() < SLACK:
            return
        self._moving = True
        ways = (scene.to_lps(at.x(), at.y()) for at in (place, self._start))
        x, y, z = (before + there - here for before, there, here in zip(scene.position, *ways, strict=True))
        self._viewport.move_to((x, y, z))

    def end(self, event: QMouseEvent | None) -> None:
        if event is None and self._moving:
            self._viewport.move_to(self._scene.position)


def paint_crosshair(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    x, y = scene.to_xy(scene.position)
    far = float(scene.size[0] + scene.size[1])
    held = viewport.grip == "turn"
    painter.setPen(QPen(colours.CROSSHAIR_HELD if held else colours.CROSSHAIR, 2 if held else 1))
    slanted = scene.stack.oblique or held
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, slanted)
    for u, v in directions(viewport, scene):
        painter.drawLines([QLineF(x + u * GAP * side, y + v * GAP * side, x + u * far * side, y + v * far * side)
                           for side in (-1, 1)])  # fmt: skip
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def cursor_of(held: Grip) -> QCursor:
    """The mouse pointer that tells what a press would do."""
    if held == "move":
        return QCursor(Qt.CursorShape.SizeAllCursor)
    return _turn_cursor(QGuiApplication.primaryScreen().devicePixelRatio())


@lru_cache(maxsize=4)
def _turn_cursor(scale: float) -> QCursor:
    """Two arrows on a circle."""
    pixmap = QPixmap(round(24 * scale), round(24 * scale))
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0), 4.0), (QColor(255, 255, 255), 1.8)):
        painter.setPen(QPen(colour, width))
        painter.setBrush(colour)
        for start, side in ((20, 1), (200, -1)):
            painter.drawArc(QRectF(4, 4, 16, 16), start * 16, 130 * 16)
            tip = QPointF(12 + side * 8, 12 - side * 1)
            painter.drawPolygon(QPolygonF([tip, tip + QPointF(-3, -side * 3), tip + QPointF(3, -side * 3)]))
    painter.end()
    return QCursor(pixmap, 12, 12)
