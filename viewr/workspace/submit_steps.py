"""What the outbox does, step by step; each step can be repeated and finds out whether it is done already.

Before anything is written it is made sure that the task is still ours, queued and unchanged; else the work stays here
and the reader is asked. Two requests tell that, and each takes a supervisor a quarter of a second, so the many small
files of one submission share an answer for three seconds. It is asked anew, whatever was known:

- before the first thing that a submission writes, and before the next one after anything went wrong;
- before every file that may take longer to send than an answer holds;
- before the task is set done: that is what nobody can undo.

An answer belongs to one submission; what was found out for another, also of the same task, excuses nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from viewr.archive.base import NameTakenError, NoRightError, ResourceRef
from viewr.model.errors import LockedError
from viewr.model.progress import Progress
from viewr.supervisor.connection import TaskGoneError
from viewr.workspace.outbox import StepFunction
from viewr.workspace.outbox_plan import ChangedError, HeldError, NameClashError, Step, Submission

if TYPE_CHECKING:
    from viewr.archive.base import Archive
    from viewr.supervisor.client import SupervisorClient
    from viewr.supervisor.keeping import LockKeeper
    from viewr.workspace.audit import Audit

#: Seconds for which what was made sure of holds for the small files of the same submission.
FRESH = 3.0
#: Bytes of the largest file that counts as small: a line of 1 Mbit/s takes no longer for it than an answer holds.
SMALL = 256 << 10


@dataclass(frozen=True, eq=False)
class Servers:
    """Where results go; without a supervisor (local folders) nothing is locked or set done."""

    archive: Archive
    audit: Audit
    supervisor: SupervisorClient | None = None
    keeper: LockKeeper | None = None
    #: Submission -> when its task was last found to be ours, as it was
    checked: dict[str, float] = field(default_factory=dict)


def check_hold(servers: Servers, submission: Submission, *, anew: bool = False) -> None:
    """Make sure that the task is still ours, as yet to be done (or to be corrected), and unchanged.

    Parameters
    ----------
    anew : bool
        Ask, however fresh the last answer is.

    Raises
    ------
    HeldError
        It is not; the reader decides.
    """
    supervisor, task_id = servers.supervisor, submission.task["id"]
    if supervisor is None or (_is_fresh(servers, submission) and not anew):
        return
    servers.checked.pop(submission.id, None)
    try:
        _hold(servers, submission)
        task = supervisor.task(task_id)
    except LockedError as error:
        raise _lost(task_id, error.holder or "somebody else") from error
    except TaskGoneError as error:
        raise HeldError(error.message, "Ask the study's coordinator; your results can be exported.") from error
    if task.status != submission.task.get("status", "queued"):
        raise HeldError(f"Task {task_id} was set '{task.status}' by somebody else before your results were uploaded.",
                        "Ask the study's coordinator; your results can be exported.")  # fmt: skip
    digest = hashlib.sha256(task.content.encode()).hexdigest()
    expected = submission.task.get("content_sha256")
    if expected and digest != expected and not submission.anyway:
        raise ChangedError(f"Task {task_id} was changed on the server after you opened it.",
                           "Check that your answers still fit, then upload them anyway, or export them.")  # fmt: skip
    servers.checked[submission.id] = time.monotonic()


def _is_fresh(servers: Servers, submission: Submission) -> bool:
    """Whether all this was made sure of a moment ago."""
    return time.monotonic() - servers.checked.get(submission.id, -FRESH) < FRESH


def _hold(servers: Servers, submission: Submission) -> None:
    """Make sure of the lock; one that this program had and lost is taken again only when the reader asked."""
    assert servers.supervisor is not None
    task_id = submission.task["id"]
    had = servers.keeper is not None and servers.keeper.had(task_id)
    if _is_mine(servers, task_id):
        return
    if had and not submission.asked:
        raise _lost(task_id, servers.supervisor.lock(task_id).holder)
    _take(servers, task_id)


def _lost(task_id: str, holder: str) -> HeldError:
    if holder:
        return HeldError(
            f"Task {task_id} was taken over by {holder} before your results were uploaded.",
            "Agree with them who finishes it. Once they have left it, choose these results and press 'Try now'.",
        )
    return HeldError(
        f"The lock of task {task_id} was taken away before your results were uploaded; nobody holds the task now.",
        "Choose these results and press 'Try now': the task is locked for you again and they are sent.",
    )


def _is_mine(servers: Servers, task_id: str) -> bool:
    assert servers.supervisor is not None
    return servers.keeper.confirm(task_id) if servers.keeper else servers.supervisor.lock(task_id).mine


def _take(servers: Servers, task_id: str) -> None:
    assert servers.supervisor is not None
    if servers.keeper is not None:
        servers.keeper.take(task_id)
    else:
        servers.supervisor.take_lock(task_id)


def upload(servers: Servers, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
    """Store a file under its fresh name; the archive's listing proves it."""
    data = step.data
    item, path = submission.file(data["file"])
    check_hold(servers, submission, anew=item.size > SMALL)
    ref = ResourceRef(data["experiment"], data["scan"], data["resource"])
    try:
        remote = servers.archive.upload(
            ref, item.name, path, ours=step.state == "begun", sending=partial(submission.begin, step),
            progress=progress,
        )  # fmt: skip
    except NameTakenError as error:
        raise NameClashError(error.message, error.hint) from error
    except NoRightError as error:
        raise HeldError(error.message, error.hint) from error
    return {"uri": remote.uri, "size": item.size, "md5": item.md5}


def quality(servers: Servers, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
    """Write a verdict to a scan; it is read back."""
    check_hold(servers, submission)
    data = step.data
    try:
        scan = servers.archive.set_quality(data["experiment"], data["scan"], data["quality"], data["note"])
    except NoRightError as error:
        raise HeldError(error.message, error.hint) from error
    return {"quality": scan.quality}


def done(servers: Servers, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
    """Set the status of the task, once: each time it is set the study moves on."""
    supervisor, status = servers.supervisor, step.data["status"]
    if supervisor is None:
        return {}
    if step.state == "begun" and _status(supervisor, submission) == status:
        return {"status": status}
    check_hold(servers, submission, anew=True)
    submission.begin(step)
    return {"status": supervisor.set_status(submission.task["id"], status)}


def _status(supervisor: SupervisorClient, submission: Submission) -> str:
    try:
        return supervisor.task(submission.task["id"]).status
    except TaskGoneError:
        return ""


def unlock(servers: Servers, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
    """Give the lock back, if it is still ours."""
    supervisor, task_id = servers.supervisor, submission.task["id"]
    if supervisor is None:
        return {}
    try:
        if _is_fresh(servers, submission) or _is_mine(servers, task_id):
            supervisor.release_lock(task_id)
    except TaskGoneError:
        pass
    if servers.keeper is not None:
        servers.keeper.forget(task_id)
    servers.checked.pop(submission.id, None)
    return {}


def record(servers: Servers, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
    """Write down what was delivered."""
    if not servers.audit.has("delivered", submission.id):
        task = submission.task
        kept = {name: task.get(name, "") for name in ("server", "uri", "user", "archive", "experiment", "template")}
        files = [{"name": item.name, "size": item.size, "sha256": item.sha256} for item in submission.files.values()]
        servers.audit.append("delivered", submission.id, {"what": submission.what, **kept, "files": files})
    return {}


#: What the steps of a plan are called.
STEPS: dict[str, Callable[[Servers, Submission, Step, Progress], Mapping[str, Any]]] = {
    "upload": upload,
    "manifest": upload,
    "fields": upload,
    "quality": quality,
    "done": done,
    "unlock": unlock,
    "record": record,
}


def bind_steps(servers: Servers) -> dict[str, StepFunction]:
    """The steps for `Outbox.run`, on these servers."""
    return {name: partial(_do, function, servers) for name, function in STEPS.items()}


def _do(
    function: Callable[[Servers, Submission, Step, Progress], Mapping[str, Any]],
    servers: Servers,
    submission: Submission,
    step: Step,
    progress: Progress,
) -> Mapping[str, Any]:
    try:
        return function(servers, submission, step, progress)
    except BaseException:
        servers.checked.pop(submission.id, None)  # who knows what happened meanwhile
        raise


def acceptable(servers: Servers, submission: Submission) -> str:
    """Why a submission cannot be uploaded with this account, "" if it can."""
    task = submission.task
    server = servers.supervisor.url if servers.supervisor is not None else ""
    user = servers.supervisor.user if servers.supervisor is not None else servers.archive.user
    if task.get("server") == server and task.get("archive") == servers.archive.url and task.get("user") == user:
        return ""
    place = task.get("server") or task.get("archive")
    return f"They go out when {task.get('user')} signs in to {place}."
