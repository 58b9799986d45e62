"""What the tour shows of the views themselves: oblique planes, a scan beside another, two windows."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from viewr.tour.pilot import PilotError
from viewr.tour.reader import TourReader
from viewr.widgets.slice_view import SliceViewport

_SHIFT = Qt.KeyboardModifier.ShiftModifier


def show_views(reader: TourReader, viewport: SliceViewport, other: SliceViewport) -> None:
    """Oblique, compared, and in two windows; afterwards all is as it was."""
    turn_lines(reader, viewport, 25.0)
    reader.shot("oblique")
    reader.pilot.key(Qt.Key.Key_Z)
    if other.scene is None or other.scene.stack.oblique:
        raise PilotError("The axes are not straight again.")
    reader.pilot.key(Qt.Key.Key_C, _SHIFT)
    reader.shot("compared")
    reader.pilot.key(Qt.Key.Key_F8)
    use_second_window(reader, other)


def turn_lines(reader: TourReader, viewport: SliceViewport, degrees: float) -> None:
    """Take hold of the upright line of the cross-hair and turn it clockwise."""
    reader.pilot.click(viewport, button=Qt.MouseButton.MiddleButton)
    scene = viewport.scene
    if scene is None:
        raise PilotError(f"The viewport '{viewport.key[1]}' shows nothing.")
    x, y = scene.to_xy(scene.position)
    far = 0.25 * min(scene.size)
    angles = [math.radians(degrees * step / 8 - 90) for step in range(9)]
    places = [QPoint(round(x + far * math.cos(angle)), round(y + far * math.sin(angle))) for angle in angles]
    reader.pilot.drag(viewport, places)
    if not reader.view.session.document.state.look.axes:
        raise PilotError("The line of the cross-hair did not turn.")


def use_second_window(reader: TourReader, viewport: SliceViewport) -> None:
    """One view in a window of its own, and back."""
    reader.pilot.click(viewport, button=Qt.MouseButton.MiddleButton)
    reader.pilot.key(Qt.Key.Key_F9, _SHIFT)
    grid = reader.view.grids[reader.context]
    second: QWidget | None = grid.second
    reader.pilot.wait(lambda: viewport.isVisible() and viewport.window() is grid.second, "the second window")
    assert second is not None
    reader.pilot.shot(f"{reader.name}-two-windows", beside=second)
    QTest.keyClick(viewport, Qt.Key.Key_F9, _SHIFT)
    reader.pilot.wait(lambda: viewport.isVisible() and viewport.window() is not second, "the view back in its place")
    reader.pilot.window.activateWindow()
    reader.pilot.pause(100)
