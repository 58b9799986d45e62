"""Submissions whose end waits a while, so that the reader can take a verdict back.

Only this run of the program knows of them: after a crash nothing is held back, and is due at once.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

#: Steps that end a case: from the first of them on a verdict is known to others.
ENDING = ("quality", "done")
#: Seconds for which a verdict can be taken back at the longest.
HOLD = 60.0


class Holds:
    """Which submissions are held back, and until when; safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._until: dict[str, float] = {}
        self._known: set[str] = set()

    def hold(self, submission: str, seconds: float = HOLD) -> None:
        """Hold one back, before it is put into the outbox."""
        with self._guard:
            self._until[submission] = self._clock() + seconds
            self._known.add(submission)

    @property
    def known(self) -> frozenset[str]:
        """What is or was held back, whether or not it has gone out since."""
        with self._guard:
            return frozenset(self._known)

    def let_go(self, submission: str = "") -> None:
        """Hold one back no longer; "" means all but those that are being taken back."""
        with self._guard:
            ids = [submission] if submission else list(self._until)
            for one in ids:
                if self._until.get(one) != math.inf:
                    self._until.pop(one, None)

    def seize(self, submission: str) -> bool:
        """Make sure that it does not end, to take it back; False if that is too late."""
        with self._guard:
            if submission in self._until:
                self._until[submission] = math.inf
            return submission in self._until

    def forget(self, submission: str) -> None:
        """It was taken back, or could not be."""
        with self._guard:
            self._until.pop(submission, None)

    def passes(self, submission: str) -> bool:
        """Whether it may end now; from then on it cannot be taken back."""
        with self._guard:
            if self._until.get(submission, 0.0) > self._clock():
                return False
            self._until.pop(submission, None)
            return True

    def until(self, submission: str) -> float:
        """When it may end, seconds since 1970; 0 if it is not held back, infinite while it is taken back."""
        with self._guard:
            return self._until.get(submission, 0.0)
