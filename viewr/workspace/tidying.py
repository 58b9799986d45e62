"""What a program that was killed left behind: put in order at the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.audit import Audit
from viewr.workspace.folders import Folders
from viewr.workspace.journal_read import JournalInfo, find_journals, put_aside, read_journal
from viewr.workspace.outbox import Outbox
from viewr.workspace.submit_steps import Servers

if TYPE_CHECKING:
    from viewr.supervisor.keeping import LockKeeper


def tidy_up(servers: Servers, outbox: Outbox, folders: Folders, progress: Progress) -> list[str]:
    """After a crash: journals whose work is in the outbox go there, locks that nobody needs are given back.

    Returns
    -------
    list of str
        What the reader should know.
    """
    for info in find_journals(folders.journals):
        progress.check()
        if info.owner is None:
            _tidy_journal(info, outbox, servers.audit)
    if servers.supervisor is None or servers.keeper is None:
        return []
    server, user = servers.supervisor.url, servers.supervisor.user
    journals = [
        info for info in find_journals(folders.journals)
        if (info.task.get("server"), info.task.get("user")) == (server, user)
    ]  # fmt: skip
    drafts = {info.task_id for info in journals if info.owner is None}
    pending = {item.task["id"] for item in outbox.pending() if item.task.get("server") == server}
    _tidy_locks(servers.keeper, drafts | pending, {info.task_id for info in journals if info.owner is not None})
    return [f"Task {task_id} holds work that is only on this machine; open it to go on." for task_id in sorted(drafts)]


def _tidy_locks(keeper: LockKeeper, needed: set[str], open_now: set[str]) -> None:
    """Locks that a crash left: ours again while there is work, else given back; what is open now has its keeper."""
    for task_id in keeper.left_behind():
        if task_id in open_now:
            keeper.forget(task_id)
            continue
        keeper.adopt(task_id)
        if task_id not in needed:
            keeper.release(task_id, use=0)  # unless the reader opened it meanwhile


def _tidy_journal(info: JournalInfo, outbox: Outbox, audit: Audit) -> None:
    try:
        submission = read_journal(info.path).submission
    except ViewrError:
        return
    if submission and outbox.has(submission):
        outbox.attach_journal(submission, info.path)
    elif submission and audit.has("delivered", submission):
        info.path.unlink(missing_ok=True)
    elif info.task.get("status") == "done":
        put_aside(info.path)  # a correction that was not finished: the list does not offer its task any more
