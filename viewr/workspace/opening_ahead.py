"""What is asked of the servers before a task's turn has come, and for a task that is done already; run as jobs."""

from __future__ import annotations

from dataclasses import dataclass

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.earlier import saved_since
from viewr.workspace.journal_read import journal_path
from viewr.workspace.look_keeping import with_look
from viewr.workspace.opening import (
    OpenedTask,
    Services,
    check_status,
    content_digest,
    journal_of,
    look_up,
    open_task,
    with_journal,
)
from viewr.workspace.outbox import Outbox


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


@dataclass(frozen=True, eq=False)
class TakenBack:
    """A submission that is to end, so that its task can be worked on again; its `Holds.seize` said yes."""

    outbox: Outbox
    submission: str


def reopen(services: Services, task_id: str, back: TakenBack, progress: Progress) -> OpenedTask:
    """End a submission and open its task again with the work as it was; blocking.

    Raises
    ------
    ViewrError
        The submission cannot end, and goes on; or it has ended, and the task cannot be opened: its work is a draft.
    """
    item = next((item for item in back.outbox.pending() if item.id == back.submission), None)
    if item is None:
        back.outbox.holds.forget(back.submission)
        raise ViewrError(f"The results of task {task_id} cannot be taken back.", "See the outbox.")
    path = journal_path(services.folders.journals, item.task["server"], item.task["uri"], item.task["user"])
    back.outbox.take_back_held(back.submission, path)
    return open_task(services, task_id, False, False, True, progress)


def open_correction(services: Services, task_id: str, progress: Progress) -> OpenedTask:
    """Lock a task that is done already and begin with one's own last answers; blocking.

    Raises
    ------
    ViewrError
        The task cannot be worked on, or somebody else has judged it since; the lock is given back.
    """
    services.keeper.take(task_id)
    try:
        opened = look_up(services, task_id, False, ("done", "queued"), "mine", progress)
        _check_newest(services, opened)
        return with_journal(opened, services.folders, True)
    except BaseException:
        services.keeper.release(task_id)
        raise


def correction_notice(task_id: str) -> str:
    """What is said when a task that the study knows of is opened."""
    return (f"The study was told of your verdict on task {task_id}. What you change now is written as a newer result; "
            "the study is not told again.")  # fmt: skip


def _check_newest(services: Services, opened: OpenedTask) -> None:
    """Refuse to write over what somebody else has found since; the newest result is what the study takes."""
    one = opened.identity
    for place in opened.fields.values():
        other = saved_since(services.archive, place, one.user, one.uri)
        if other:
            raise ViewrError(f"'{other}' has judged task {one.id} after you.", "Agree with them who corrects it.")
