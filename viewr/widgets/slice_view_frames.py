"""The slider at the lower edge of a viewport that pages through points in time, and the words that go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QMouseEvent, QPainter, QPolygonF

from viewr.widgets import colours
from viewr.widgets import slice_view_paint as paint
from viewr.widgets.slice_view_scene import Scene
from viewr.workspace.frames import FrameAxis, frame_at, frame_axes, frame_seconds

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Height at the lower edge that belongs to the slider, logical pixels.
HEIGHT = 12
#: Where its track begins; the sign that plays and stops is before it.
_LEFT = 24
_SIGN = 20


def axis_of(scene: Scene) -> FrameAxis | None:
    """The axis that the slider pages through; None where there is none."""
    axes = frame_axes(scene.volume)
    return axes[0] if axes else None


def on_frame_slider(scene: Scene, position: QPointF) -> bool:
    inside = position.x() < scene.size[0] - paint.SLIDER_WIDTH
    return inside and position.y() >= scene.size[1] - HEIGHT and axis_of(scene) is not None


def on_sign(position: QPointF) -> bool:
    """Whether a place on the slider is that of the sign that plays and stops."""
    return position.x() < _SIGN


def track(scene: Scene) -> tuple[float, float]:
    """Left end and length of the slider's track."""
    return _LEFT, max(1.0, scene.size[0] - _LEFT - paint.SLIDER_WIDTH - paint.MARGIN)


def point_at(scene: Scene, axis: FrameAxis, x: float) -> int:
    """The point to which a press at x takes."""
    left, length = track(scene)
    return min(axis.count - 1, max(0, round((x - left) / length * (axis.count - 1))))


def paint_frames(painter: QPainter, scene: Scene, playing: bool) -> None:
    axis = axis_of(scene)
    if axis is None:
        return
    left, length = track(scene)
    y = scene.size[1] - 7.0
    painter.fillRect(QRectF(left, y, length, 2), colours.SLIDER_TRACK)
    wide = max(10.0, length / axis.count)
    x = left + (length - wide) * frame_at(scene.look, axis) / (axis.count - 1)
    painter.fillRect(QRectF(x, y - 1, wide, 4), colours.FRAMES)
    painter.fillRect(QRectF(5, y - 6, 14, 11), colours.SHADOW)
    if playing:
        for bar in (8.0, 13.0):
            painter.fillRect(QRectF(bar, y - 4, 3, 8), colours.FRAMES)
        return
    painter.setPen(colours.FRAMES)
    painter.setBrush(colours.FRAMES)
    painter.drawPolygon(QPolygonF([QPointF(8, y - 4), QPointF(8, y + 4), QPointF(16, y)]))


def frame_words(scene: Scene, speed: float | None) -> list[str]:
    """A line for each named axis: which point, its time, and how fast it is played."""
    words = []
    for axis in frame_axes(scene.volume):
        point = frame_at(scene.look, axis)
        name = "frame" if axis.name == "time" else axis.name
        seconds = frame_seconds(scene.volume, axis, point)
        at = f"  {seconds:.2f} s" if seconds is not None else ""
        words.append(f"{name} {point + 1}/{axis.count}{at}")
    if words and speed is not None:
        words[0] += f"  {speed:.3g}/s"
    return words


class FrameDrag:
    """The point in time goes with the handle at the lower edge; the sign plays and stops."""

    def __init__(self, viewport: SliceViewport, start: QPointF) -> None:
        self._viewport = viewport
        self._sign = on_sign(start)
        if self._sign:
            viewport.cine.toggle()
        else:
            viewport.cine.stop()
            self._go(start)

    def move(self, event: QMouseEvent) -> None:
        if not self._sign:
            self._go(event.position())

    def end(self, event: QMouseEvent | None) -> None:
        pass

    def _go(self, position: QPointF) -> None:
        scene, axis = self._viewport.scene, self._viewport.cine.axis
        if scene is not None and axis is not None:
            self._viewport.cine.show(point_at(scene, axis, position.x()))
