"""How long-running work reports, and how it learns that it is no longer wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable

from viewr.model.errors import Cancelled


class Progress:
    """Handed to a blocking function as its last argument.

    Parameters
    ----------
    listener : callable, optional
        Called as ``listener(done, total)`` in the thread that does the work.
    """

    def __init__(self, listener: Callable[[int, int], None] | None = None) -> None:
        self._listener = listener
        self._cancelled = threading.Event()

    def report(self, done: int, total: int) -> None:
        """Tell how far the work is; raises `Cancelled` when nobody wants it any more."""
        self.check()
        if self._listener is not None:
            self._listener(done, total)

    def check(self) -> None:
        """Raise `Cancelled` when nobody wants the result any more."""
        if self._cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Ask the work to stop at its next report; safe from any thread."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()
