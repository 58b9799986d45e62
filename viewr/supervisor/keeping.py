"""Which tasks this program holds, so that none stays locked behind it."""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from pathlib import Path

from viewr.model.errors import LockedError, NetworkError, SupervisorError
from viewr.supervisor.client import SupervisorClient
from viewr.supervisor.connection import TaskGoneError

log = logging.getLogger(__name__)


class LockKeeper:
    """Takes locks, remembers them across a crash, and gives them back; safe from several threads.

    Parameters
    ----------
    client : SupervisorClient
        In whose name locks are held.
    file : Path, optional
        Where the numbers of held tasks are written, so that a lock left behind by a crash is found at the next
        start; locks of a whole list are never asked for.
    """

    def __init__(self, client: SupervisorClient, file: Path | None = None) -> None:
        self._client = client
        self._file = file
        self._held: set[str] = set()
        self._behind = self._read() if file is not None else set()
        self._guard = threading.Lock()

    @property
    def held(self) -> frozenset[str]:
        """Numbers of the tasks that are locked by this program, as far as it knows."""
        with self._guard:
            return frozenset(self._held)

    def take(self, task_id: str, *, steal: bool = False) -> None:
        """Lock a task and make sure of it; `LockedError` names another holder. No request if held already."""
        if task_id in self.held:
            return
        # Written first: a crash between the two must not leave a lock that nobody remembers.
        self._note(task_id, held=True)
        try:
            self._client.take_lock(task_id, steal=steal)
        except (LockedError, TaskGoneError):
            self._note(task_id, held=False)
            raise
        except (NetworkError, SupervisorError):
            self._give_back(task_id)  # the request may have arrived
            self._behind |= {task_id} & self.held
            self._note(task_id, held=False)
            raise

    def confirm(self, task_id: str) -> bool:
        """Whether the lock is still ours, asked anew; to be called before each upload."""
        mine = self._client.lock(task_id).mine
        if not mine:
            self._note(task_id, held=False)
        return mine

    def release(self, task_id: str) -> None:
        """Give a task back; fine when it is not held."""
        if task_id in self.held:
            self._client.release_lock(task_id)
            self._note(task_id, held=False)

    def release_all(self) -> None:
        """Give every task back, as far as the network allows; those left are found at the next start."""
        for task_id in sorted(self.held):
            self._give_back(task_id)

    def left_behind(self) -> list[str]:
        """Tasks that an earlier run held and that are still locked in our name: to resume or to release."""
        mine = []
        for task_id in sorted(self._behind - self.held):
            try:
                still = self._client.lock(task_id).mine
            except TaskGoneError:
                still = False
            if still:
                mine.append(task_id)
            else:
                self._behind.discard(task_id)
        self._write()
        return mine

    def adopt(self, task_id: str) -> None:
        """Count a task left behind as held again."""
        self._behind.discard(task_id)
        self._note(task_id, held=True)

    def _give_back(self, task_id: str) -> None:
        try:
            self._client.release_lock(task_id)
        except (NetworkError, SupervisorError):
            log.warning("the lock of task %s could not be released", task_id)
        else:
            self._note(task_id, held=False)

    def _note(self, task_id: str, *, held: bool) -> None:
        with self._guard:
            if held:
                self._held.add(task_id)
            else:
                self._held.discard(task_id)
        self._write()

    def _read(self) -> set[str]:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8")) if self._file else []
            return {str(task_id) for task_id in kept}
        except (OSError, ValueError, TypeError):
            return set()

    def _write(self) -> None:
        if self._file is None:
            return
        with self._guard:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                part = self._file.with_name(f".part-{os.getpid()}-{secrets.token_hex(4)}")
                part.write_text(json.dumps(sorted(self._held | self._behind)), encoding="utf-8")
                os.replace(part, self._file)
            except OSError:
                log.warning("the list of held tasks could not be written")
