"""Cine: the points in time of a scan one after the other, at the speed of the data."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer

from viewr.workspace.document import Document
from viewr.workspace.frames import RATE_LIMITS, FrameAxis, frame_at, frame_axes, frame_rate, show_frame

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Factor of one step faster or slower.
RATE_STEP = 1.25
#: Share of a point's time by which clocks may differ.
_ROUNDING = 1e-3

#: All cines of a document: views of one scan show the same point, so that one of them plays for all.
_cines: WeakKeyDictionary[Document, WeakSet[Cine]] = WeakKeyDictionary()


class Cine(QObject):
    """Plays the scan of one viewport.

    Attributes
    ----------
    rate : float
        Pictures a second; None: as the data say.
    shown, left_out : int
        Points that playing has brought onto the screen, and those whose time went by before.
    """

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.rate: float | None = None
        self.shown = self.left_out = 0
        self._active, self._begun = False, 0.0
        self._first = self._expected = self._turn = self._painted = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._go_on)
        _cines.setdefault(viewport.document, WeakSet()).add(self)

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
        """Whether the scan that is shown here plays, whichever of its views began that."""
        return self._player is not None

    @property
    def _player(self) -> Cine | None:
        return next((one for one in self._beside() if one._active), None)

    def _beside(self) -> list[Cine]:
        """The cines of all views of the scan, this one among them."""
        key = self._viewport.scan_key
        held = [one for one in _cines.get(self._viewport.document, ()) if shiboken6.isValid(one)]
        return [one for one in held if one._viewport.scan_key == key]

    @property
    def speed(self) -> float:
        """Pictures a second."""
        scene = self._viewport.scene
        return self.rate or (frame_rate(scene.volume) if scene is not None else RATE_LIMITS[0])

    @property
    def speed_shown(self) -> float | None:
        """The speed while the scan is playing."""
        player = self._player
        return player.speed if player is not None else None

    def toggle(self) -> None:
        if self.playing:
            self.stop()
        elif self.axis is not None:
            self._start()

    def stop(self) -> None:
        """Stop the scan that is shown here."""
        for one in self._beside():
            one._active = False
            one._timer.stop()
            one._viewport.update()

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
        player = self._player
        if player is not None and player is not self:
            player.faster(steps)
            return
        self.rate = min(max(self.speed * RATE_STEP**steps, RATE_LIMITS[0]), RATE_LIMITS[1])
        if self._active:
            self._start()
        self._viewport.update()

    def _start(self) -> None:
        self._active = True
        self._begun, self._first = time.perf_counter(), self.point
        self._expected, self._turn, self._painted = self._first, 0, -1
        self._wait()

    def _wait(self) -> None:
        """Until the time of the next point, whatever the last one took."""
        due = self._begun + (self._turn + 1) / self.speed
        self._timer.start(max(1, math.ceil((due - time.perf_counter()) * 1000)))

    def _go_on(self) -> None:
        """The point whose time it is: where painting is slower than the data, points are left out, never the beat."""
        if not self._active:
            return
        axis = self.axis
        led_away = self.point != self._expected  # by a key image, a measure in the list, another view of the scan
        if axis is None or led_away or not self._viewport.isVisible():
            self._end()
            return
        turn = int((time.perf_counter() - self._begun) * self.speed + _ROUNDING)
        if turn > self._turn:
            self._count(turn - self._turn)
            self._turn, self._expected = turn, (self._first + turn) % axis.count
            self.show(self._expected)
        if self._active:
            self._wait()

    def _end(self) -> None:
        self._active = False
        for one in self._beside():
            one._viewport.update()

    def _count(self, points: int) -> None:
        """What became of the point before, and those between it and the next one."""
        painted = self._viewport.painted
        reached = painted != self._painted
        self.shown += reached
        self.left_out += points - reached
        self._painted = painted
