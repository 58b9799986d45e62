"""Submissions whose end waits a while, so that the reader can take a verdict back.

Only the running program holds them, and others see that by a locked file: after a crash nothing is held back any more,
and is due at once.
"""

from __future__ import annotations

import logging
import math
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from viewr.model.errors import ViewrError
from viewr.workspace.disk import make_private
from viewr.workspace.filelock import FileLock, Owner, owner_of

log = logging.getLogger(__name__)

#: How the locked files begin that tell other running programs of the same account.
MARK = ".held-"
#: Steps that end a case: from the first of them on a verdict is known to others.
ENDING = ("quality", "done")
#: Seconds for which a verdict can be taken back at the longest.
HOLD = 60.0


class Holds:
    """Which submissions are held back, and until when; safe from several threads.

    Parameters
    ----------
    folder : Path, optional
        The outbox, where other programs look.
    """

    def __init__(self, clock: Callable[[], float] = time.time, folder: Path | None = None) -> None:
        self._clock, self._folder = clock, folder
        self._marks: dict[str, FileLock] = {}
        self._guard = threading.Lock()
        self._until: dict[str, float] = {}
        self._known: set[str] = set()

    def hold(self, submission: str, seconds: float = HOLD) -> None:
        """Hold one back, before it is put into the outbox."""
        with self._guard:
            self._until[submission] = self._clock() + seconds
            self._known.add(submission)
            self._mark(submission)

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
                    self._end(one)

    def seize(self, submission: str) -> bool:
        """Make sure that it does not end, to take it back; False if that is too late."""
        with self._guard:
            if submission in self._until:
                self._until[submission] = math.inf
            return submission in self._until

    def forget(self, submission: str) -> None:
        """It was taken back, or could not be."""
        with self._guard:
            self._end(submission)

    def passes(self, submission: str) -> bool:
        """Whether it may end now; from then on it cannot be taken back."""
        with self._guard:
            if self._until.get(submission, 0.0) > self._clock():
                return False
            self._end(submission)
            return True

    def elsewhere(self, submission: str) -> bool:
        """Whether another running program holds it back."""
        if self._folder is None:
            return False
        owner = owner_of(self._folder / f"{MARK}{submission}")
        return owner is not None and owner != Owner(os.getpid(), socket.gethostname())

    def until(self, submission: str) -> float:
        """When it may end, seconds since 1970; 0 if it is not held back, infinite while it is taken back."""
        with self._guard:
            return self._until.get(submission, 0.0)

    # --- inside ------------------------------------------------------------------------------------------------

    def _mark(self, submission: str) -> None:
        if self._folder is None or submission in self._marks:
            return
        lock = FileLock(self._folder / f"{MARK}{submission}")
        try:
            make_private(self._folder)
            lock.acquire()
        except (OSError, ViewrError) as exc:
            log.warning("other programs cannot be told what is held back: %s", type(exc).__name__)
        else:
            self._marks[submission] = lock

    def _end(self, submission: str) -> None:
        self._until.pop(submission, None)
        lock = self._marks.pop(submission, None)
        if lock is not None:
            lock.release(remove=True)
