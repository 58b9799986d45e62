"""Opening tasks of the list: never one whose results wait in the outbox, also if another program put them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.opening import OpenedTask, Services, open_first, open_task

if TYPE_CHECKING:
    from viewr.workspace.outbox import Outbox


def results_wait(task_id: str) -> ViewrError:
    """Why a task is not opened whose results wait."""
    return ViewrError(f"The results of task {task_id} wait in the outbox.", "See what they wait for there.")


def open_listed(
    services: Services, outbox: Outbox, task_id: str, read_only: bool, steal: bool, resumes: bool, progress: Progress
) -> OpenedTask:
    """`open_task`, after a look at what really is in the outbox; blocking."""
    if not read_only and task_id in _waiting(services, outbox):
        raise results_wait(task_id)
    return open_task(services, task_id, read_only, steal, resumes, progress)


def open_next(services: Services, outbox: Outbox, after: str, progress: Progress) -> OpenedTask:
    """Open the first task that can be opened, beginning behind the task `after`; blocking."""
    ids = [task.id for task in services.supervisor.tasks(progress=progress)]
    place, passed = ids.index(after) + 1 if after in ids else 0, _waiting(services, outbox) | {after}
    return open_first(services, [task_id for task_id in ids[place:] + ids[:place] if task_id not in passed], progress)


def _waiting(services: Services, outbox: Outbox) -> set[str]:
    outbox.pending()
    return outbox.index.on(services.supervisor.url)
