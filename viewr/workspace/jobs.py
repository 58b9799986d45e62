"""Background work: plain blocking functions in threads, their results delivered in the thread of the GUI.

The only place, with `app.py`, that catches every exception: what a function raises reaches `Job.failed`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from viewr.model.errors import Cancelled, ViewrError
from viewr.model.progress import Progress

log = logging.getLogger(__name__)


class Job(QObject):
    """One piece of work under way; exactly one of `done` and `failed` comes, neither after `cancel`.

    Signals arrive in the thread that started the job, always after `start` has returned.
    """

    progressed = Signal(object, object)
    done = Signal(object)
    failed = Signal(object)
    ended = Signal(object)
    _report = Signal(object, object)
    _answer = Signal(object, object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.progress = Progress(self._report.emit)
        self._report.connect(self._on_report, Qt.ConnectionType.QueuedConnection)
        self._answer.connect(self._on_answer, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Ask the work to stop; nothing of it will be delivered any more."""
        self.progress.cancel()

    def run(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Do the work; called in a worker thread."""
        try:
            result, error = function(*args, self.progress), None
        except Cancelled:
            self.progress.cancel()
            result, error = None, None
        except Exception as exc:
            result, error = None, exc
            if not isinstance(exc, ViewrError):
                log.exception("defect in background work %s", self.name)
        self._answer.emit(result, error)

    def _on_report(self, done: int, total: int) -> None:
        if not self.progress.cancelled:
            self.progressed.emit(done, total)

    def _on_answer(self, result: object, error: object) -> None:
        if not self.progress.cancelled:
            if error is None:
                self.done.emit(result)
            else:
                self.failed.emit(error)
        self.ended.emit(self)


class Jobs(QObject):
    """Starts work in a few threads; at most one job of a named kind is wanted at a time."""

    def __init__(self, threads: int = 8, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="viewr-job")
        self._running: set[Job] = set()
        self._kinds: dict[str, Job] = {}

    def start(self, function: Callable[..., Any], *args: Any, kind: str = "") -> Job:
        """Run ``function(*args, progress)`` in the background.

        Parameters
        ----------
        kind : str
            A newer job of the same kind cancels the older one, whose answer is dropped.
        """
        job = Job(kind or getattr(function, "__name__", "job"))
        if kind:
            if kind in self._kinds:
                self._kinds[kind].cancel()
            self._kinds[kind] = job
        self._running.add(job)
        job.ended.connect(self._forget)
        self._pool.submit(job.run, function, args)
        return job

    @property
    def busy(self) -> int:
        """How many jobs are under way."""
        return len(self._running)

    def shut_down(self) -> None:
        """Cancel everything and wait for the threads; every request in them has a time-out."""
        for job in self._running:
            job.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _forget(self, job: Job) -> None:
        self._running.discard(job)
        # A job and its progress refer to each other; left to Python, the thread that happens to collect garbage
        # would destroy an object of another thread.
        job.deleteLater()
        if self._kinds.get(job.name) is job:
            del self._kinds[job.name]
