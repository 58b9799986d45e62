"""A hand on mouse and keyboard: works the window with the events that Qt gets from a real mouse and keyboard.

Used by the tour and by tests of the whole program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QWheelEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from viewr.model.errors import ViewrError
from viewr.workspace.heartbeat import Heartbeat

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
W = TypeVar("W", bound=QWidget)


class PilotError(ViewrError):
    """What the pilot waited for did not come, or is not on the screen."""


def _picture(windows: list[QWidget]) -> QImage:
    """Windows side by side, as on as many monitors."""
    pictures = [window.grab().toImage() for window in windows]
    if len(pictures) == 1:
        return pictures[0]
    size = QSize(sum(picture.width() for picture in pictures), max(picture.height() for picture in pictures))
    whole = QImage(size, QImage.Format.Format_RGB32)
    whole.fill(Qt.GlobalColor.darkGray)
    painter, left = QPainter(whole), 0
    for picture in pictures:
        picture.setDevicePixelRatio(1.0)
        painter.drawImage(left, 0, picture)
        left += picture.width()
    painter.end()
    return whole


class Pilot:
    """Works one window.

    Parameters
    ----------
    window : QWidget
        A window of its own, shown.
    folder : Path, optional
        Where screenshots go.
    """

    def __init__(self, window: QWidget, folder: Path | None = None, heartbeat: Heartbeat | None = None) -> None:
        self.window = window
        self._folder = folder
        self._heartbeat = heartbeat
        self._shots = 0

    # --- waiting and looking -----------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], object], what: str, seconds: float = 30.0) -> None:
        """Let the program run until something holds; raises `PilotError` naming what did not come."""
        end = perf_counter() + seconds
        while not condition():
            if perf_counter() > end:
                raise PilotError(f"After {seconds:.0f} s there is still not: {what}.")
            self.pause(10)

    def pause(self, milliseconds: int = 50) -> None:
        """Let the program run; in an event loop, since `QTest.qWait` keeps the interpreter from other threads."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def shot(self, name: str, beside: QWidget | None = None) -> None:
        """Save a picture of the window, and of another one beside it."""
        self.pause(60)
        if self._folder is None:
            return
        self._shots += 1
        path = self._folder / f"{self._shots:02d}-{name}.png"
        if self._heartbeat is not None:
            self._heartbeat.pause()
        if not _picture([self.window, beside] if beside else [self.window]).save(str(path)):
            raise PilotError(f"The screenshot '{path}' cannot be written.")
        if self._heartbeat is not None:
            self._heartbeat.start()

    def find(self, kind: type[W], text: str, inside: QWidget | None = None) -> W:
        """The visible widget of a kind with this text, name or accessible name."""
        for widget in (inside or self.window).findChildren(kind):
            names = (getattr(widget, "text", str)(), widget.objectName(), widget.accessibleName())
            if widget.isVisible() and text in names:
                return widget
        raise PilotError(f"There is no visible {kind.__name__} '{text}'.")

    # --- the mouse ---------------------------------------------------------------------------------------------

    def _place(self, widget: QWidget, at: QPoint | None) -> tuple[QWindow, QPoint]:
        """The native window that the point lies in, and the point there."""
        if not widget.isVisible() or not widget.window().windowHandle():
            raise PilotError(f"The {type(widget).__name__} '{widget.objectName()}' is not on the screen.")
        point = at if at is not None else widget.rect().center()
        return widget.window().windowHandle(), widget.mapTo(widget.window(), point)

    def click(
        self, widget: QWidget, at: QPoint | None = None,
        modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT,
    ) -> None:  # fmt: skip
        """Press and release a button in the middle of a widget, or at a point of it."""
        window, point = self._place(widget, at)
        QTest.mouseMove(window, point)
        QTest.mouseClick(window, button, modifiers, point)
        self.pause(20)

    def double_click(self, widget: QWidget, at: QPoint | None = None) -> None:
        window, point = self._place(widget, at)
        QTest.mouseMove(window, point)
        QTest.mouseDClick(window, LEFT, NONE, point)
        self.pause(20)

    def move(self, widget: QWidget, at: QPoint) -> None:
        window, point = self._place(widget, at)
        QTest.mouseMove(window, point)
        self.pause(10)

    def drag(
        self, widget: QWidget, points: Iterable[QPoint], button: Qt.MouseButton = LEFT,
        modifiers: Qt.KeyboardModifier = NONE,
    ) -> None:  # fmt: skip
        """Press at the first point, pass the others, release at the last."""
        first, *rest = points
        window, point = self._place(widget, first)
        QTest.mouseMove(window, point)
        QTest.mousePress(window, button, modifiers, point)
        for at in rest:
            point = self._place(widget, at)[1]
            QTest.mouseMove(window, point)
            self.pause(8)
        QTest.mouseRelease(window, button, modifiers, point)
        self.pause(20)

    def wheel(self, widget: QWidget, notches: int, at: QPoint | None = None,
              modifiers: Qt.KeyboardModifier = NONE) -> None:  # fmt: skip
        """Turn the wheel; one event a notch, towards the reader for negative numbers."""
        self._place(widget, at)
        point = at if at is not None else widget.rect().center()
        delta = QPoint(0, 120 if notches > 0 else -120)
        for _ in range(abs(notches)):
            # Not `QTest.wheelEvent`: it misses its place on screens with a scale factor.
            event = QWheelEvent(QPointF(point), QPointF(widget.mapToGlobal(point)), QPoint(), delta,
                                Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
            QApplication.sendEvent(widget, event)
            self.pause(10)

    # --- the keyboard ------------------------------------------------------------------------------------------

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press a key wherever the focus is."""
        window = (QApplication.activeModalWidget() or self.window).window().windowHandle()
        QTest.keyClick(window, key, modifiers)
        self.pause(20)

    def type(self, widget: QWidget, text: str) -> None:
        """Click into a widget and type."""
        self.click(widget)
        window = widget.window().windowHandle()
        for character in text:
            QTest.keyClick(window, ord(character))
        self.pause(20)
