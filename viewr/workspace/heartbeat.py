"""How long the thread of the GUI was not free: what a reader feels as a stutter."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

#: Milliseconds between two beats.
BEAT = 5


class Heartbeat(QObject):
    """Measures the longest time between two turns of the event loop.

    Attributes
    ----------
    longest : float
        Milliseconds, since the first `start` or the last `reset`.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.longest = 0.0
        self._last: float | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._last = None

    def pause(self) -> None:
        """Count up to now, then nothing until `start` (while a screenshot is taken, say)."""
        self._beat()
        self.stop()

    def reset(self) -> float:
        """Give the longest block so far, in milliseconds, and begin anew."""
        longest, self.longest = self.longest, 0.0
        return longest

    def _beat(self) -> None:
        now = perf_counter()
        if self._last is not None:
            self.longest = max(self.longest, (now - self._last) * 1000 - BEAT)
        self._last = now
