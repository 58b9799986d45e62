"""Cine: the points in time of a scan one after the other, at the speed of the data."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from viewr.workspace.frames import RATE_LIMITS, FrameAxis, frame_at, frame_axes, frame_rate, show_frame

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Factor of one step faster or slower.
RATE_STEP = 1.25


class Cine(QObject):
    """Plays the scan of one viewport.

    Attributes
    ----------
    rate : float
        Pictures a second; None: as the data say.
    """

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.rate: float | None = None
        self._begun = 0.0
        self._first = self._expected = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._go_on)

    @property
    def axis(self) -> FrameAxis | None:
        """The axis that is played: the first one with more than one point."""
        scene = self._viewport.scene
        axes = frame_axes(scene.volume) if scene is not None else ()
        return axes[0] if axes else None

    @property
    def point(self) -> int:
        """The point that is shown."""
        scene, axis = self._viewport.scene, self.axis
        return frame_at(scene.look, axis) if scene is not None and axis is not None else 0

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Pictures a second."""
        scene = self._viewport.scene
        return self.rate or (frame_rate(scene.volume) if scene is not None else RATE_LIMITS[0])

    @property
    def speed_shown(self) -> float | None:
        """The speed while it is playing."""
        return self.speed if self.playing else None

    def toggle(self) -> None:
        if self.playing:
            self.stop()
        elif self.axis is not None:
            self._start()

    def stop(self) -> None:
        self._timer.stop()
        self._viewport.update()

    def step(self, by: int) -> None:
        """One point on or back; at the end it begins anew."""
        axis = self.axis
        if axis is not None:
            self.stop()
            self.show((self.point + by) % axis.count)

    def show(self, point: int) -> None:
        axis = self.axis
        if axis is not None:
            show_frame(self._viewport.document, self._viewport.key, axis, point)

    def faster(self, steps: int = 1) -> None:
        """Change the speed; slower with negative steps."""
        self.rate = min(max(self.speed * RATE_STEP**steps, RATE_LIMITS[0]), RATE_LIMITS[1])
        if self.playing:
            self._start()
        self._viewport.update()

    def _start(self) -> None:
        self._begun, self._first = time.perf_counter(), self.point
        self._expected = self._first
        self._timer.start(max(1, int(500 / self.speed)))

    def _go_on(self) -> None:
        """The point whose time it is: where painting is slower than the data, points are left out, never the beat."""
        axis = self.axis
        led_away = self.point != self._expected  # by a key image, a measure in the list, another view of the scan
        if axis is None or led_away or not self._viewport.isVisible():
            self.stop()
            return
        point = (self._first + int((time.perf_counter() - self._begun) * self.speed)) % axis.count
        if point != self.point:
            self._expected = point
            self.show(point)
