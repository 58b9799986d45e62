"""From a verdict back to work: taken back while the study does not know, corrected after that; run as jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.earlier import saved_since
from viewr.workspace.journal_read import journal_path
from viewr.workspace.opening import OpenedTask, Services, look_up, with_journal
from viewr.workspace.outbox_plan import read_plan, refuse_told

if TYPE_CHECKING:
    from viewr.workspace.outbox import Outbox


@dataclass(frozen=True, eq=False)
class TakenBack:
    """A submission that is to end, so that its task can be worked on again.

    Attributes
    ----------
    seized : bool
        It was held back, and `Holds.seize` said yes: it does not end until this is settled.
    """

    outbox: Outbox
    submission: str
    seized: bool = False

    def end(self, services: Services) -> None:
        """Out of the outbox, its journal back where it was."""
        task = read_plan(self.outbox.folder / self.submission).task
        path = journal_path(services.folders.journals, task["server"], task["uri"], task["user"])
        if self.seized:
            self.outbox.take_back_held(self.submission, path)
        else:
            self.outbox.take_back_now(self.submission, path)

    def leave(self) -> None:
        """It goes on as if nobody had asked; what was held back can be had back a while longer."""
        if self.seized:
            self.outbox.holds.hold(self.submission)


def take_back(services: Services, back: TakenBack, progress: Progress) -> OpenedTask:
    """End a submission that waits, and open its task again with the work as it was; blocking.

    The servers are asked first: if they do not answer, the submission waits as before.

    Raises
    ------
    ToldError
        The study was told of it, or may have been, perhaps a moment ago: it can be corrected.
    ViewrError
        It cannot end, and goes on; or it has ended, and its work is a draft.
    """
    folder = back.outbox.folder / back.submission
    try:
        refuse_told(folder)
        item = read_plan(folder)
        task_id = item.task["id"]
        services.keeper.take(task_id)
        if item.what == "correction":
            opened = _look_up_told(services, task_id, progress)
        else:
            opened = look_up(services, task_id, False, ("queued",), None, progress)
    except BaseException:
        back.leave()
        raise
    try:
        back.end(services)
        return with_journal(opened, services.folders, True)
    except BaseException:
        if not back.outbox.has(back.submission):  # else the lock is for what is still to be sent
            services.keeper.release(task_id)
        raise


def open_correction(services: Services, task_id: str, progress: Progress) -> OpenedTask:
    """Lock a task that is done already and begin with one's own last answers; blocking.

    Raises
    ------
    ViewrError
        The task cannot be worked on, or somebody else has judged it since; the lock is given back.
    """
    services.keeper.take(task_id)
    try:
        opened = _look_up_told(services, task_id, progress)
        return with_journal(opened, services.folders, True)
    except BaseException:
        services.keeper.release(task_id)
        raise


def correct_sent(
    services: Services,
    outbox: Outbox,
    submission: str,
    task_id: str,
    send_rest: Callable[[Progress], object],
    progress: Progress,
) -> OpenedTask:
    """Open a task whose results the study knows, with the answers as they were sent; blocking.

    Parameters
    ----------
    send_rest : callable
        Runs the outbox: what is still to be done for the submission goes first, since it gives the lock back.

    Raises
    ------
    ViewrError
        The submission is not through, or the task cannot be worked on.
    """
    if outbox.has(submission):
        outbox.retry(submission)
        send_rest(progress)
    if outbox.has(submission):
        raise ViewrError(f"The results of task {task_id} are not through yet.", "Correct them when they are.")
    return open_correction(services, task_id, progress)


def correction_notice(task_id: str) -> str:
    """What is said when a task that the study knows of is opened."""
    return (f"The study knows your answers to task {task_id}. What you change now is written as a newer result; the "
            "study is not told again.")  # fmt: skip


def _look_up_told(services: Services, task_id: str, progress: Progress) -> OpenedTask:
    opened = look_up(services, task_id, False, ("done", "queued"), "mine", progress)
    _check_newest(services, opened)
    return opened


def _check_newest(services: Services, opened: OpenedTask) -> None:
    """Refuse to write over what somebody else has found since; the newest result is what the study takes."""
    one = opened.identity
    for place in opened.fields.values():
        other = saved_since(services.archive, place, one.user, one.uri)
        if other:
            raise ViewrError(f"'{other}' has judged task {one.id} after you.", "Agree with them who corrects it.")
