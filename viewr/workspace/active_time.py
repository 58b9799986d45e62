"""How long a reader has really worked on a task."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds without a sign of life after which the reader is taken to be away.
PAUSE = 60.0


class ActiveTime:
    """Adds up the time between signs of life, but for pauses.

    Parameters
    ----------
    before : float
        Seconds from an earlier sitting.
    """

    def __init__(self, before: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = before
        self._last = clock()

    def sign(self) -> None:
        """The reader did something."""
        now = self._clock()
        if now - self._last < PAUSE:
            self._total += now - self._last
        self._last = now

    @property
    def seconds(self) -> int:
        return round(self._total)
