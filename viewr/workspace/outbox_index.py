"""Which tasks have results in the outbox, known without reading a file.

A copy of what the folders say and nothing more: it is made anew from them at the start and at each look at the outbox,
so whatever a killed program left, or another program put in, is in it then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from viewr.workspace.outbox_plan import Submission

#: What is known of a submission: its task.
Task = Mapping[str, str]


class OutboxIndex:
    """The tasks of what waits, by the id of the submission; safe from several threads.

    Parameters
    ----------
    read : callable
        Reads the folders and calls `settle`; used once, by the first who asks before anybody has read them.
    """

    def __init__(self, read: Callable[[], object]) -> None:
        self._read = read
        self._guard = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._changed: dict[str, int] = {}
        self._number = 0
        self._known = False

    @property
    def tasks(self) -> dict[str, Task]:
        """Submission -> its task."""
        if not self._known:
            self._read()
        with self._guard:
            return dict(self._tasks)

    def on(self, server: str) -> set[str]:
        """Tasks of a server that have results here."""
        return {task["id"] for task in self.tasks.values() if task.get("server") == server}

    def put(self, submission: Submission) -> None:
        """A submission is in the outbox now."""
        with self._guard:
            self._tasks[submission.id] = submission.task
            self._note(submission.id)

    def drop(self, submission_id: str) -> None:
        """A submission has left the outbox."""
        with self._guard:
            self._tasks.pop(submission_id, None)
            self._note(submission_id)

    def begin(self) -> int:
        """The folders are going to be read; the answer is for `settle`."""
        with self._guard:
            return self._number

    def settle(self, since: int, found: Iterable[Submission]) -> None:
        """Take over what was read; what changed while it was read is known better already."""
        with self._guard:
            later = {one for one, number in self._changed.items() if number > since}
            kept = {one: task for one, task in self._tasks.items() if one in later}
            self._tasks = {item.id: item.task for item in found if item.id not in later} | kept
            self._known = True

    def _note(self, submission_id: str) -> None:
        self._number += 1
        self._changed[submission_id] = self._number
