"""From the outbox back to work: taken back while the study does not know, corrected after that; run as jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.journal_read import journal_path
from viewr.workspace.opening import OpenedTask, Services, open_task
from viewr.workspace.opening_ahead import correction_notice, open_correction
from viewr.workspace.outbox_plan import read_plan, refuse_told

if TYPE_CHECKING:
    from viewr.workspace.outbox import Outbox


def take_back(services: Services, outbox: Outbox, submission: str, progress: Progress) -> OpenedTask:
    """End a submission that waits, and open its task again with the work as it was; blocking.

    Raises
    ------
    ToldError
        The study was told of it, or may have been, perhaps a moment ago: it can be corrected.
    ViewrError
        It cannot end, and goes on; or it has ended, and the task cannot be opened: its work is a draft.
    """
    refuse_told(outbox.folder / submission)
    item = read_plan(outbox.folder / submission)
    task = item.task
    path = journal_path(services.folders.journals, task["server"], task["uri"], task["user"])
    outbox.take_back_now(submission, path)
    if item.what == "correction":
        return _told_apart(open_correction(services, task["id"], progress))
    return open_task(services, task["id"], False, False, True, progress)


def correct(
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
    return _told_apart(open_correction(services, task_id, progress))


def _told_apart(opened: OpenedTask) -> OpenedTask:
    """With a word on what the study will hear of it."""
    if opened.status != "done":
        return opened
    return replace(opened, notices=(correction_notice(opened.identity.id), *opened.notices))
