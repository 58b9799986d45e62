"""What is asked of the servers before a task's turn has come; run as jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewr.model.progress import Progress
from viewr.workspace.look_keeping import with_look
from viewr.workspace.opening import (
    OpenedTask,
    Services,
    check_status,
    content_digest,
    journal_of,
    look_up,
    with_journal,
)

if TYPE_CHECKING:
    from viewr.supervisor.keeping import LockKeeper


@dataclass(frozen=True)
class TakenLock:
    """A lock that is ours.

    Attributes
    ----------
    content_sha256 : str
        Of the content that the task has now; what was prepared from another must be prepared anew.
    use : int
        What `LockKeeper.release` wants.
    """

    content_sha256: str
    use: int


def prepare_task(services: Services, task_id: str, progress: Progress) -> OpenedTask:
    """Find everything that a task needs, ahead of its turn: no lock is taken; blocking.

    The journal is begun when the task's turn comes (`begin_journal`), unless there is one to go on from.

    Raises
    ------
    ViewrError
        The task cannot be worked on.
    """
    opened = look_up(services, task_id, False, ("queued",), None, progress)
    journal = journal_of(opened.identity, services.folders)
    if journal.exists():
        return with_journal(opened, services.folders, True)
    return with_look(opened, journal, services.folders)


def lock_task(services: Services, task_id: str, progress: Progress) -> TakenLock:
    """Take the lock of a task ahead of its turn, and make sure that it is to be done; blocking.

    Raises
    ------
    LockedError
        Somebody else holds the task.
    ViewrError
        The task is not queued any more, or the supervisor does not answer; the lock is given back.
    """
    services.keeper.take(task_id)
    use = services.keeper.use(task_id)
    try:
        task = services.supervisor.task(task_id)
        check_status(task, ("queued",))
        progress.check()
    except BaseException:
        services.keeper.release(task_id, use)
        raise
    return TakenLock(content_digest(task), use)


def release_lock(keeper: LockKeeper, task_id: str, use: int, _progress: object) -> None:
    """Give a lock back, unless the task was taken again since `LockKeeper.use` said this; blocking."""
    keeper.release(task_id, use)
