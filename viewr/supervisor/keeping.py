"""Which tasks this program holds, so that none stays locked behind it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection
from typing import Protocol

from viewr.model.errors import LockedError, NetworkError, SupervisorError
from viewr.supervisor.client import SupervisorClient
from viewr.supervisor.connection import TaskGoneError

log = logging.getLogger(__name__)


class HeldNotes(Protocol):
    """Where the numbers of held tasks are written, for the next start and for other running programs."""

    def left(self) -> set[str]:
        """Tasks that programs which have ended did not give back; asked for once, they are ours then."""

    def elsewhere(self) -> set[str]:
        """Tasks that other running programs of this account hold."""

    def write(self, task_ids: Collection[str]) -> bool:
        """Note the tasks that this program holds; False if that was not possible."""

    def close(self) -> None:
        """The program ends."""


class LockKeeper:
    """Takes locks, remembers them across a crash, and gives them back; safe from several threads.

    The supervisor knows people, not programs: a lock that another program of the same reader holds looks like ours,
    and is left alone.

    Parameters
    ----------
    client : SupervisorClient
        In whose name locks are held.
    notes : HeldNotes, optional
        Where the numbers of held tasks are written, so that a lock left behind by a crash is found at the next
        start; locks of a whole list are never asked for.
    """

    def __init__(self, client: SupervisorClient, notes: HeldNotes | None = None) -> None:
        self._client = client
        self._notes = notes
        self._held: set[str] = set()
        self._seen: set[str] = set()
        self._behind = notes.left() if notes is not None else set()
        self._guard = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._uses: Counter[str] = Counter()

    @property
    def held(self) -> frozenset[str]:
        """Numbers of the tasks that are locked by this program, as far as it knows."""
        with self._guard:
            return frozenset(self._held)

    def take(self, task_id: str, *, steal: bool = False) -> None:
        """Lock a task and make sure of it, also if it is counted as held; `LockedError` names another holder.

        Waits for a release of this task that is under way.
        """
        with self._turn(task_id):
            if task_id not in self.held or not self._ask(task_id):
                self._take(task_id, steal)
            self._uses[task_id] += 1

    def _take(self, task_id: str, steal: bool) -> None:
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
        self._seen.add(task_id)

    def confirm(self, task_id: str) -> bool:
        """Whether the lock is still ours, asked anew; to be called before each upload."""
        with self._turn(task_id):
            return self._ask(task_id)

    def had(self, task_id: str) -> bool:
        """Whether this program has had the lock, and not given it back; if it is gone now, somebody took it."""
        return task_id in self._seen

    def use(self, task_id: str) -> int:
        """Stands for the present use of a task, for `release`; another after the next `take`."""
        return self._uses[task_id]

    def release(self, task_id: str, use: int | None = None) -> None:
        """Give a task back; fine when it is not held.

        Parameters
        ----------
        use : int, optional
            Only if the task was not taken again since `use` said this.
        """
        with self._turn(task_id):
            if task_id in self.held and use in (None, self._uses[task_id]):
                self._release(task_id)

    def release_all(self) -> None:
        """Give every task back, as far as the network allows; those left are found at the next start."""
        for task_id in sorted(self.held):
            with self._turn(task_id):
                self._give_back(task_id)

    def left_behind(self) -> list[str]:
        """Tasks that an earlier run held and that are still locked in our name: to resume or to release."""
        mine = []
        elsewhere = self._elsewhere()
        for task_id in sorted(self._behind - self.held):
            if task_id not in elsewhere and self._still_mine(task_id):
                mine.append(task_id)
            else:
                self._behind.discard(task_id)
        self._write()
        return mine

    def adopt(self, task_id: str) -> None:
        """Count a task left behind as held again."""
        self._behind.discard(task_id)
        self._seen.add(task_id)
        self._note(task_id, held=True)

    def forget(self, task_id: str) -> None:
        """Leave the lock of a task to another program of the same reader."""
        self._behind.discard(task_id)
        self._seen.discard(task_id)
        self._note(task_id, held=False)

    def close(self) -> None:
        """The program ends; what it still holds is found at the next start."""
        if self._notes is not None:
            self._notes.close()

    # --- inside ------------------------------------------------------------------------------------------------

    def _turn(self, task_id: str) -> threading.Lock:
        """One request about the lock of a task at a time: they must not overtake each other."""
        with self._guard:
            return self._turns.setdefault(task_id, threading.Lock())

    def _ask(self, task_id: str) -> bool:
        mine = self._client.lock(task_id).mine
        if mine:
            self._seen.add(task_id)
        else:
            self._note(task_id, held=False)
        return mine

    def _still_mine(self, task_id: str) -> bool:
        try:
            return self._client.lock(task_id).mine
        except TaskGoneError:
            return False

    def _release(self, task_id: str) -> None:
        if task_id not in self._elsewhere():
            self._client.release_lock(task_id)
        self._seen.discard(task_id)
        self._note(task_id, held=False)

    def _give_back(self, task_id: str) -> None:
        try:
            self._release(task_id)
        except (NetworkError, SupervisorError):
            log.warning("the lock of task %s could not be released", task_id)

    def _elsewhere(self) -> set[str]:
        return self._notes.elsewhere() if self._notes is not None else set()

    def _note(self, task_id: str, *, held: bool) -> None:
        with self._guard:
            if held:
                self._held.add(task_id)
            else:
                self._held.discard(task_id)
        self._write()

    def _write(self) -> None:
        if self._notes is not None:
            with self._guard:
                self._notes.write(self._held | self._behind)
