"""How fast a reader gets through the cases."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable

#: Intervals that the pace is taken from.
LAST = 20
#: Seconds between two verdicts beyond which the reader was away.
PAUSE = 120.0


class Pace:
    """Seconds a case, over the last ones; pauses do not count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._intervals: deque[float] = deque(maxlen=LAST)
        self._began = self._last = clock()

    def begin(self) -> None:
        """A case is on the screen, after a wait that was not the reader's."""
        self._last = self._clock()

    def verdict(self) -> None:
        """The reader is through with a case."""
        now = self._clock()
        if now - self._last <= PAUSE:
            self._intervals.append(now - self._last)
        self._last = now

    @property
    def seconds_per_case(self) -> float:
        """Median of the last intervals; 0 before there is one."""
        return statistics.median(self._intervals) if self._intervals else 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._began
