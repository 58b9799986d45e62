"""Tasks made ready before their turn: looked up, locked, their scans fetched and decoded; so nobody waits for them.

A case is whole when nothing has to be asked for any more. Locks are taken for the next few only, and given back as soon
as the reader does something else; whoever else works on a task is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from viewr.model.errors import NetworkError, SignInError, ViewrError
from viewr.workspace.opening import OpenedTask, Services
from viewr.workspace.opening_ahead import TakenLock, lock_task, prepare_task, release_lock
from viewr.workspace.prefetch_scans import fetch_ahead

if TYPE_CHECKING:
    from viewr.workspace.jobs import Jobs
    from viewr.workspace.scan_loading import ScanSource
    from viewr.workspace.task_session import TaskSession

#: Milliseconds before anything is started: the case that was just taken is painted first.
SOON = 20
#: Milliseconds without a sign of the reader after which the locks of the next cases are given back.
IDLE = 5 * 60_000
#: Milliseconds before a server that did not answer is asked again.
RETRY_EVERY = 5000


@dataclass(frozen=True)
class Limits:
    """How far ahead cases are made ready.

    Attributes
    ----------
    whole : int
        Cases in memory.
    fetched : int
        Cases whose scans are on the disk, those in memory included.
    locked : int
        Cases that are locked.
    memory_bytes : int
        What the voxels in memory may take; the next case is there in any case.
    disk_bytes : int
        What the voxels of the others may take.
    """

    whole: int = 3
    fetched: int = 8
    locked: int = 2
    memory_bytes: int = 4 << 30
    disk_bytes: int = 5 << 30


def limits_of(cases: int, memory_gb: float, cache_gb: float) -> Limits:
    """How far ahead, from what the reader has set; a quarter of the cache on the disk is for cases to come."""
    cases = max(1, cases)
    memory, disk = int(memory_gb * 2**30), int(cache_gb * 2**28)
    return Limits(cases, max(cases, Limits.fetched), min(Limits.locked, cases), memory, disk)


@dataclass(eq=False)
class _Case:
    """A task on its way."""

    task_id: str
    opened: OpenedTask | None = None
    session: TaskSession | None = None
    error: ViewrError | None = None
    digest: str = ""
    under_way: set[str] = field(default_factory=set)
    locked: bool = False
    use: int = 0
    on_disk: int | None = None
    resting: bool = False
    dropped: bool = False

    @property
    def ready(self) -> bool:
        """It can be shown, and nobody has to be asked."""
        return self.session is not None and self.locked and self.error is None


class Prefetch(QObject):
    """Makes the next tasks of a list ready; lives in the thread of the GUI, works in jobs.

    Parameters
    ----------
    make_session : callable
        Makes a session of a task that was opened.
    scans : ScanSource
        Where scans come from.
    in_use : callable
        Whether a task is open on the screen: then its lock is not for us to give back.
    """

    #: task id: it can be taken
    ready = Signal(str)
    #: task id: all its scans are there, too
    whole = Signal(str)
    #: task id, ViewrError: it cannot be worked on, and is not tried again
    failed = Signal(str, object)
    #: task id, ViewrError: a server does not answer; it is asked again
    delayed = Signal(str, object)

    def __init__(
        self,
        services: Services,
        jobs: Jobs,
        scans: ScanSource,
        make_session: Callable[[OpenedTask], TaskSession],
        in_use: Callable[[str], bool],
        limits: Limits | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.limits = limits or Limits()
        self._services, self._jobs, self._scans, self._make_session = services, jobs, scans, make_session
        self._in_use = in_use
        self._cases: dict[str, _Case] = {}
        self._locks = self.limits.locked
        self._paused = self._closed = False
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._step)
        self._idle = QTimer(self, singleShot=True, interval=IDLE)
        self._idle.timeout.connect(self.pause)
        self._again = QTimer(self, singleShot=True, interval=RETRY_EVERY)
        self._again.timeout.connect(self._try_again)

    # --- what is asked for -------------------------------------------------------------------------------------

    @property
    def waiting_for(self) -> list[str]:
        """Tasks that are made ready, in the order of their turn."""
        return list(self._cases)

    def expect(self, task_ids: Sequence[str], *, locks: bool = True) -> None:
        """Make these tasks ready, in this order, and let go of all others.

        Parameters
        ----------
        locks : bool
            Take the locks of the next ones; without them scans are fetched to the disk and nothing gets ready.
        """
        wanted = list(dict.fromkeys(task_ids))
        for task_id in [task_id for task_id in self._cases if task_id not in set(wanted)]:
            self._drop(self._cases.pop(task_id))
        self._cases = {task_id: self._cases.get(task_id) or _Case(task_id) for task_id in wanted}
        self._locks = self.limits.locked if locks else 0
        self._soon.start()
        if wanted and not self._idle.isActive() and not self._paused:
            self._idle.start()

    def clear(self) -> None:
        """Let go of everything: locks are given back."""
        self.expect(())

    def first_ready(self) -> str:
        """The next task, if it can be taken; "" if not. What cannot be worked on, or not now, is passed over."""
        case = next((case for case in self._cases.values() if case.error is None and not case.resting), None)
        return case.task_id if case is not None and case.ready else ""

    def peek(self, task_id: str) -> TaskSession | None:
        """The session of a task that is being made ready."""
        case = self._cases.get(task_id)
        return case.session if case is not None else None

    def error_of(self, task_id: str) -> ViewrError | None:
        """Why a task cannot be worked on."""
        case = self._cases.get(task_id)
        return case.error if case is not None else None

    def take(self, task_id: str) -> TaskSession | None:
        """The session of a task that is ready, for the one who asks: who closes it gives its lock back.

        Returns
        -------
        TaskSession or None
            None if it is not ready; `failed` has said so if it cannot be worked on any more.
        """
        case = self._cases.get(task_id)
        if case is None or not case.ready:
            return None
        assert case.session is not None
        try:
            case.session.take_up(self._services.folders)
        except ViewrError as error:
            self._fail(case, error)
            return None
        del self._cases[task_id]
        self._soon.start()
        return case.session

    def put_back(self, session: TaskSession) -> None:
        """Keep a session that was taken, as the first in turn: its lock is held and its work is kept."""
        task_id = session.identity.id
        use = self._services.keeper.use(task_id)
        case = _Case(task_id, session=session, digest=session.content_sha256, locked=True, use=use)
        self._cases = {task_id: case, **{key: other for key, other in self._cases.items() if key != task_id}}
        self._soon.start()

    def pause(self) -> None:
        """The reader is away: give the locks back, keep the rest."""
        self._paused = True
        for case in self._cases.values():
            self._unlock(case)

    def sign(self, _change: object = None) -> None:
        """The reader is there: what was given back is taken again."""
        if self._cases:
            self._idle.start()
        if self._paused:
            self._paused = False
            self._soon.start()

    def close(self) -> None:
        """The program ends; whoever closes it gives the locks back."""
        self._closed = True
        self._soon.stop()
        self._idle.stop()
        self._again.stop()
        for case in self._cases.values():
            case.dropped = True
            self._end(case)
        self._cases.clear()

    # --- what is due -------------------------------------------------------------------------------------------

    def _step(self) -> None:
        """Start whatever is due; called after everything that happens."""
        if self._closed:
            return
        good = [case for case in self._cases.values() if case.error is None]
        near = good[: self.limits.fetched]
        for case in [] if self._paused else good[: self._locks]:
            self._lock(case)
        self._prepare(near)
        if self._load([case for case in good if not case.resting][: self.limits.whole] if self._locks else []):
            self._fetch(near)

    def _try_again(self) -> None:
        for case in self._cases.values():
            case.resting = False
        self._step()

    def _start(self, case: _Case, what: str, function: Callable[..., object], *args: object) -> None:
        case.under_way.add(what)
        job = self._jobs.start(function, *args)
        job.done.connect(partial(getattr(self, f"_on_{what}"), case))
        job.failed.connect(partial(self._on_failed, case, what))

    def _prepare(self, near: list[_Case]) -> None:
        """Look up one task at a time."""
        if any("prepare" in case.under_way for case in near):
            return
        due = [case for case in near if case.opened is None and case.session is None and not case.resting]
        if due:
            self._start(due[0], "prepare", prepare_task, self._services, due[0].task_id)

    def _lock(self, case: _Case) -> None:
        if not (case.locked or case.resting or "lock" in case.under_way):
            self._start(case, "lock", lock_task, self._services, case.task_id)

    def _fetch(self, near: list[_Case]) -> None:
        """Bring the scans of one case at a time to the disk."""
        full = sum(case.on_disk or 0 for case in near) >= self.limits.disk_bytes
        if full or any("fetch" in case.under_way for case in near):
            return
        for case in near:
            if case.opened is not None and case.session is None and case.on_disk is None:
                self._start(case, "fetch", fetch_ahead, self._scans, case.opened.scans)
                return

    def _load(self, near: list[_Case]) -> bool:
        """Bring cases into memory, one after the other; True when all that may be there are."""
        taken = 0
        for number, case in enumerate(near):
            if case.session is None:
                if case.opened is None or (number and taken * (number + 1) > self.limits.memory_bytes * number):
                    return case.opened is not None
                self._make(case)
            if case.session is None or not case.session.is_ready:
                return False
            taken += case.session.scan_bytes
        return True

    def _make(self, case: _Case) -> None:
        assert case.opened is not None
        session = case.session = self._make_session(case.opened)
        session.ready.connect(partial(self._on_whole, case))
        session.start()
        self._tell_ready(case)

    # --- what came of it ---------------------------------------------------------------------------------------

    def _on_prepare(self, case: _Case, opened: OpenedTask) -> None:
        case.under_way.discard("prepare")
        if case.dropped:
            if opened.journal is not None:
                opened.journal.close()
            return
        case.opened = opened
        self._compare(case)
        self._step()

    def _on_lock(self, case: _Case, lock: TakenLock) -> None:
        case.under_way.discard("lock")
        case.locked, case.digest, case.use = True, lock.content_sha256, lock.use
        if self._closed:
            return
        if case.dropped or self._paused:
            self._unlock(case)
            return
        self._compare(case)
        self._tell_ready(case)
        self._step()

    def _on_fetch(self, case: _Case, size: int) -> None:
        case.under_way.discard("fetch")
        case.on_disk = size
        self._step()

    def _on_whole(self, case: _Case) -> None:
        if not case.dropped and case.task_id in self._cases:
            if case.ready:
                self.whole.emit(case.task_id)
            self._step()

    def _compare(self, case: _Case) -> None:
        """What was prepared from another content than the task has now is prepared anew."""
        if case.opened is None or not case.digest or case.opened.content_sha256 == case.digest:
            return
        self._end(case)
        case.opened = case.session = None
        case.on_disk = None

    def _tell_ready(self, case: _Case) -> None:
        if case.ready:
            assert case.session is not None
            self.ready.emit(case.task_id)
            if case.session.is_ready and case.task_id in self._cases:
                self.whole.emit(case.task_id)

    def _on_failed(self, case: _Case, what: str, error: Exception) -> None:
        case.under_way.discard(what)
        if case.dropped:
            return
        if what == "fetch":
            case.on_disk = 0  # its turn will tell
            self._step()
        elif isinstance(error, (NetworkError, SignInError)):
            case.resting = True
            self._again.start()
            self.delayed.emit(case.task_id, error)
        else:
            told = error if isinstance(error, ViewrError) else _defect(case.task_id, error)
            self._fail(case, told)

    def _fail(self, case: _Case, error: ViewrError) -> None:
        case.error = error
        self._end(case)
        case.opened = case.session = None
        self._unlock(case)
        self.failed.emit(case.task_id, error)
        self._step()

    # --- letting go --------------------------------------------------------------------------------------------

    def _drop(self, case: _Case) -> None:
        case.dropped = True
        self._end(case)
        self._unlock(case)

    def _end(self, case: _Case) -> None:
        """Let go of the scans, and of the journal of an earlier sitting."""
        if case.session is not None:
            case.session.close(release=False)
        elif case.opened is not None and case.opened.journal is not None:
            case.opened.journal.close()

    def _unlock(self, case: _Case) -> None:
        if case.locked:
            case.locked = False
            if not self._in_use(case.task_id):
                self._jobs.start(release_lock, self._services.keeper, case.task_id, case.use)


def _defect(task_id: str, error: Exception) -> ViewrError:
    return ViewrError(f"Task {task_id} cannot be opened: {type(error).__name__}.", "Please report this; see the log.")
