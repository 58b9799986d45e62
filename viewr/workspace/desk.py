"""The reader's desk: the servers they are signed in to, the list of tasks, what waits to be uploaded."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import weakref
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from viewr.model.errors import NetworkError, SignInError, ViewrError
from viewr.model.progress import Progress
from viewr.workspace.audit import Audit
from viewr.workspace.farewell import FAREWELL, finish, leave, nothing, run_outbox
from viewr.workspace.filelock import InUseError
from viewr.workspace.folders import Folders
from viewr.workspace.held_tasks import HeldTasks
from viewr.workspace.jobs import Job, Jobs
from viewr.workspace.journal_read import JournalInfo, find_journals
from viewr.workspace.opening import OpenedTask, Services
from viewr.workspace.opening_listed import open_listed, open_next, results_wait
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_waiting import Waiting
from viewr.workspace.prefetch import Limits, Prefetch
from viewr.workspace.scan_loading import in_process
from viewr.workspace.submit_steps import Servers, acceptable
from viewr.workspace.taking_back import TakenBack, correct_sent, take_back
from viewr.workspace.task_session import TaskSession
from viewr.workspace.tidying import tidy_up

if TYPE_CHECKING:
    from viewr.archive.base import Archive
    from viewr.net.http import HttpOptions
    from viewr.supervisor.client import ServerInfo, SupervisorClient, TaskSummary
    from viewr.supervisor.keeping import LockKeeper
    from viewr.workspace.fetch_process import FetchProcess

log = logging.getLogger(__name__)

#: Milliseconds between two requests that keep the archive's session alive (it ends after 15 minutes).
KEEP_ALIVE_EVERY = 5 * 60_000
#: Tasks behind one that was chosen from the list whose scans are fetched to the disk.
SINGLE = 2
#: Milliseconds after which the outbox is looked through at the latest.
OUTBOX_EVERY = 30_000


@dataclass(frozen=True)
class Account:
    """Where to sign in, and as whom; never written to disk.

    Attributes
    ----------
    archive_user, archive_password : str
        Where the archive has an account of its own, or an alias token; "" takes those of the supervisor.
    """

    supervisor_url: str
    archive_url: str
    user: str
    password: str = field(repr=False)
    archive_user: str = ""
    archive_password: str = field(default="", repr=False)
    http: HttpOptions | None = None


@dataclass(frozen=True, eq=False)
class SignedIn:
    """The clients of a reader who is signed in.

    Attributes
    ----------
    scans : FetchProcess, optional
        Fetches scans in a process of its own; without one the threads of this program do.
    """

    user: str
    supervisor: SupervisorClient
    archive: Archive
    server: ServerInfo
    scans: FetchProcess | None = None


def sign_in(account: Account, folders: Folders, progress: Progress, *, fetches: bool = True) -> SignedIn:
    """Sign in to supervisor and archive; blocking, run as a job, then make a `Desk` of the answer.

    Parameters
    ----------
    fetches : bool
        Start the process that fetches scans; not needed where none are shown.

    Raises
    ------
    SignInError, NetworkError
        Naming which of the two servers it is.
    """
    from viewr.archive.xnat import XnatArchive
    from viewr.net.http import HttpOptions
    from viewr.supervisor.client import SupervisorClient
    from viewr.supervisor.template_cache import TemplateCache
    from viewr.workspace.fetch_messages import ArchiveAccount
    from viewr.workspace.fetch_process import FetchProcess

    templates = TemplateCache(folders.cache / "templates")
    supervisor = SupervisorClient(
        account.supervisor_url, account.user, account.password, http=account.http, templates=templates
    )
    server = supervisor.connect()
    progress.check()
    own = bool(account.archive_user)
    user = account.archive_user if own else account.user
    password = account.archive_password if own else account.password
    archive = XnatArchive(account.archive_url, user, password, http=account.http)
    archive.sign_in()
    progress.check()
    if not fetches:
        return SignedIn(account.user, supervisor, archive, server)
    scans = FetchProcess(ArchiveAccount(
        account.archive_url, user, password, str(folders.images), str(folders.volumes), account.http or HttpOptions(),
        folders.cache_bytes,
    ))  # fmt: skip
    scans.start()
    return SignedIn(account.user, supervisor, archive, server, scans)


class Desk(QObject):
    """Everything between the windows and the servers; made in the thread of the GUI after `sign_in`.

    Parameters
    ----------
    application_names : tuple of str
        Programs that this one stands in for when tasks ask for one.
    limits : Limits, optional
        How far ahead tasks are made ready.

    Attributes
    ----------
    prefetch : Prefetch
        The tasks that come next.
    """

    #: list of TaskSummary
    tasks_changed = Signal(object)
    #: ViewrError; the list stays as it was
    tasks_failed = Signal(object)
    #: TaskSession, to be shown and then started with `start()`
    opened = Signal(object)
    #: task id, ViewrError; a `LockedError` names the holder: offer `open(id, read_only=True)`
    open_failed = Signal(str, object)
    #: list of Waiting
    outbox_changed = Signal(object)
    #: id of a submission that is through: everything is in the archive and the task done
    delivered = Signal(str)
    #: a sentence: where the files of a submission are now, or why they are not
    exported = Signal(str)
    #: a sentence that the reader should see
    notice = Signal(str)

    def __init__(
        self,
        signed_in: SignedIn,
        jobs: Jobs,
        folders: Folders,
        parent: QObject | None = None,
        *,
        application_names: tuple[str, ...] = ("ViewR",),
        limits: Limits | None = None,
    ) -> None:
        super().__init__(parent)
        self.signed_in, self.jobs, self.folders = signed_in, jobs, folders
        self.tasks: list[TaskSummary] = []
        self.outbox = Outbox(folders.outbox)
        self._keeper = lock_keeper(signed_in, folders)
        self.services = Services(signed_in.supervisor, signed_in.archive, self._keeper, folders, application_names)
        self._servers = Servers(signed_in.archive, Audit(folders.audit), signed_in.supervisor, self._keeper)
        self._sessions: weakref.WeakSet[TaskSession] = weakref.WeakSet()
        scans = signed_in.scans or in_process(signed_in.archive, folders)
        self.prefetch = Prefetch(self.services, jobs, scans, self.make_session, self.is_open, limits, self)
        self._looking = self._look_again = False
        self._opening = self._uploading = self._again = self._closed = self._goes_on = False
        self._alive = QTimer(self, interval=KEEP_ALIVE_EVERY)
        self._alive.timeout.connect(self._keep_alive)
        self._alive.start()
        self._next_try = QTimer(self, singleShot=True)
        self._next_try.timeout.connect(self.upload)
        job = jobs.start(tidy_up, self._servers, self.outbox, folders)
        job.done.connect(self._on_tidied)
        job.failed.connect(self._on_tidy_failed)

    # --- tasks -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the tasks again; `tasks_changed` or `tasks_failed` follows."""
        job = self.jobs.start(_list_tasks, self.signed_in.supervisor, kind="task list")
        job.done.connect(self._on_tasks)
        job.failed.connect(self.tasks_failed)

    def _on_tasks(self, tasks: list[TaskSummary]) -> None:
        self.tasks = tasks
        self.tasks_changed.emit(tasks)

    def open(self, task_id: str, *, read_only: bool = False, steal: bool = False, resume: bool = True) -> None:
        """Open a task; `opened` or `open_failed` follows.

        Parameters
        ----------
        steal : bool
            Take the lock from who holds it (superusers, after they have confirmed it).
        resume : bool
            Go on from a journal of this task if there is one; False puts it aside and begins anew.
        """
        if not read_only and task_id in self.pending_tasks():
            self.open_failed.emit(task_id, results_wait(task_id))
            return
        if not self._begin_opening(task_id):
            return
        job = self.jobs.start(open_listed, self.services, self.outbox, task_id, read_only, steal, resume)
        job.done.connect(self._on_opened)
        job.failed.connect(partial(self._on_open_failed, task_id))

    def open_next(self, after: str = "") -> None:
        """Open the first task of the list that can be opened, beginning behind the task `after`.

        One that was made ready is there at once. From now on the next ones are made ready.
        """
        self._goes_on = True
        if self._begin_opening(""):
            session = self._take_ready()
            if session is not None:
                self._opening = False
                self._show(session)
                return
            job = self.jobs.start(open_next, self.services, self.outbox, after)
            job.done.connect(self._on_opened)
            job.failed.connect(partial(self._on_open_failed, ""))

    def _begin_opening(self, task_id: str) -> bool:
        if self._opening:
            self._refuse(task_id, "Another task is being opened.", "Wait a moment.")
            return False
        self._opening = True
        return True

    def _refuse(self, task_id: str, message: str, hint: str) -> None:
        self.open_failed.emit(task_id, ViewrError(message, hint))

    def _take_ready(self) -> TaskSession | None:
        """The next task that is ready and has no results waiting."""
        pending = self.pending_tasks()
        while (task_id := self.prefetch.first_ready()) and task_id not in pending:
            session = self.prefetch.take(task_id)
            if session is not None:
                return session
        return None

    def _on_opened(self, opened: OpenedTask) -> None:
        self._opening = False
        self._show(self.make_session(opened))

    def make_session(self, opened: OpenedTask) -> TaskSession:
        """A session of a task that was opened; what it submits goes out."""
        # No parent: a session goes with whoever shows it, and its scans with it.
        clients = self.signed_in
        session = TaskSession(
            opened, clients.archive, self.jobs, self.folders, self._keeper, scans=clients.scans, outbox=self.outbox
        )
        session.submitted.connect(self._on_submitted)
        self._sessions.add(session)
        return session

    def is_open(self, task_id: str) -> bool:
        """Whether a task is on the screen; not one that is only made ready."""
        ahead = self.prefetch.peek(task_id)
        open_now = (session for session in self._sessions if session is not ahead and not session.is_over)
        return any(session.identity.id == task_id for session in open_now)

    def _show(self, session: TaskSession) -> None:
        self.opened.emit(session)
        if session.read_only:
            return
        session.document.changed.connect(self.prefetch.sign)
        if session.is_ready:
            self._look_ahead(session.identity.id)
        else:  # its own scans go first
            session.ready.connect(partial(self._look_ahead, session.identity.id))

    def _look_ahead(self, task_id: str) -> None:
        """Make the tasks behind one ready; their locks are taken only for a reader who goes from task to task."""
        ids = [task.id for task in self.tasks]
        if task_id in ids:
            place, pending = ids.index(task_id) + 1, self.pending_tasks() | {task_id}
            following = [other for other in ids[place:] + ids[:place] if other not in pending]
            self.prefetch.expect(following if self._goes_on else following[:SINGLE], locks=self._goes_on)

    def rest(self) -> None:
        """The reader is not at a task any more: what was made ready is let go."""
        self._goes_on = False
        self.prefetch.clear()

    def _on_open_failed(self, task_id: str, error: Exception) -> None:
        self._opening = False
        self.open_failed.emit(task_id, error)

    def resumable(self) -> list[JournalInfo]:
        """Tasks on these servers with work that is only on this machine."""
        server, user = self.signed_in.supervisor.url, self.signed_in.supervisor.user
        found = find_journals(self.folders.journals)
        return [info for info in found if (info.task.get("server"), info.task.get("user")) == (server, user)]

    # --- outbox ------------------------------------------------------------------------------------------------

    def waiting(self) -> list[Waiting]:
        """What has not reached the archive yet, and why."""
        return self.outbox.waiting(partial(acceptable, self._servers))

    def retry(self, submission: str = "", *, anyway: bool = False) -> None:
        """Try now what waits.

        Parameters
        ----------
        submission : str
            Only this one, also if it was held for the reader's decision; "" tries all that are not held.
        anyway : bool
            Also if its task was changed on the server meanwhile.
        """
        job = self.jobs.start(_mark_for_retry, self.outbox, submission, anyway)
        job.ended.connect(self.upload)

    def take_back(self, submission: str) -> None:
        """End a submission that waits, and open its task again with the work as it was."""
        if self._begin_opening(""):
            self._open_from_outbox(self.jobs.start(take_back, self.services, TakenBack(self.outbox, submission)))

    def correct(self, submission: str, task_id: str) -> None:
        """Open a task that the study knows of, to send a newer result; `opened` or `open_failed` follows."""
        if self._begin_opening(task_id):
            rest = partial(run_outbox, self.outbox, self._servers)
            job = self.jobs.start(correct_sent, self.services, self.outbox, submission, task_id, rest)
            self._open_from_outbox(job)

    def _open_from_outbox(self, job: Job) -> None:
        job.done.connect(self._on_opened)
        job.failed.connect(partial(self._on_open_failed, ""))
        job.ended.connect(self.tell_outbox)

    def export(self, submission: str, folder: str) -> None:
        """Copy the files of a submission into a folder; `exported` tells what came of it."""
        job = self.jobs.start(_export, self.outbox, submission, folder)
        job.done.connect(self._on_exported)
        job.failed.connect(self._on_exported)

    def _on_exported(self, what: object) -> None:
        self.exported.emit(str(what))

    def pending_tasks(self) -> set[str]:
        """Tasks whose results wait in the outbox."""
        return self.outbox.index.on(self.signed_in.supervisor.url)

    def _on_submitted(self, _submission: str) -> None:
        self.tell_outbox()
        self.upload()

    def upload(self) -> None:
        """Look through the outbox in the background; one round at a time."""
        if self._closed:
            return
        if self._uploading:
            self._again = True
            return
        self._uploading, self._again = True, False
        job = self.jobs.start(run_outbox, self.outbox, self._servers)
        job.progressed.connect(self._on_step)
        job.done.connect(self._on_uploaded)
        job.failed.connect(self._on_upload_failed)

    def _on_step(self, _done: int, _total: int) -> None:
        self.tell_outbox()

    def _on_uploaded(self, through: list[str]) -> None:
        self._uploading = False
        for submission in through:
            self.delivered.emit(submission)
        self._plan_next()

    def _on_upload_failed(self, error: Exception) -> None:
        self._uploading = False
        if not isinstance(error, InUseError):
            self.notice.emit(f"The outbox could not be worked on. {error}")
        self._plan_next()

    def _plan_next(self) -> None:
        if self._closed:
            return
        self.tell_outbox()
        if self._again:
            self._next_try.start(0)

    def tell_outbox(self) -> None:
        """Say what waits; looked at in the background, since there may be hundreds."""
        if self._looking or self._closed:
            self._look_again = True
            return
        self._looking, self._look_again = True, False
        job = self.jobs.start(_look, self.outbox, self._servers)
        job.done.connect(self._on_looked)
        job.failed.connect(self._on_not_looked)

    def _on_looked(self, seen: tuple[list[Waiting], float | None]) -> None:
        self._looking = False
        waiting, due = seen
        if due is not None and not (self._uploading or self._again or self._closed):
            wait = max(1000.0, (due - time.time()) * 1000)
            self._next_try.start(int(min(wait, OUTBOX_EVERY)))
        self.outbox_changed.emit(waiting)
        if self._look_again:
            self.tell_outbox()

    def _on_not_looked(self, error: Exception) -> None:
        self._looking = False
        log.warning("the outbox could not be looked at: %s", type(error).__name__)
        self._next_try.start(OUTBOX_EVERY)

    # --- coming and going --------------------------------------------------------------------------------------

    def _on_tidied(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.notice.emit(sentence)
        self.upload()

    def _on_tidy_failed(self, error: Exception) -> None:
        self.notice.emit(f"What an earlier run left could not be looked through. {error}")
        self.upload()

    def _keep_alive(self) -> None:
        self.jobs.start(_keep_alive, self.signed_in.archive, kind="keep alive")

    def close(self) -> None:
        """Sign out and stop the background work; what waits stays in the outbox."""
        if self._closed:
            return
        self._closed = True
        self.prefetch.close()
        under_way = {session.identity.id: session.submission for session in self._sessions if session.delivering}
        for session in list(self._sessions):
            session.close(release=False)
        self._alive.stop()
        self._next_try.stop()
        keep = self.pending_tasks() | set(under_way)
        waits = {*self.outbox.index.tasks, *under_way.values()}
        held_back = self.outbox.holds.known & waits
        coming = held_back & set(under_way.values())
        last = partial(finish, self.outbox, self._servers, coming) if held_back else nothing
        farewell = threading.Thread(target=leave, args=(self.signed_in, self._keeper, keep, last), daemon=True)
        farewell.start()
        farewell.join(2 * FAREWELL if held_back else FAREWELL)


def lock_keeper(signed_in: SignedIn, folders: Folders) -> LockKeeper:
    """The locks of this account, remembered across a crash; to be closed in the end."""
    from viewr.supervisor.keeping import LockKeeper

    name = hashlib.sha256(f"{signed_in.supervisor.url}\n{signed_in.user}".encode()).hexdigest()[:16]
    return LockKeeper(signed_in.supervisor, HeldTasks(folders.data / "locks", name))


def _list_tasks(supervisor: SupervisorClient, progress: Progress) -> list[TaskSummary]:
    return supervisor.tasks(progress=progress)


def _mark_for_retry(outbox: Outbox, submission: str, anyway: bool, _progress: Progress) -> None:
    ids = [submission] if submission else [item.id for item in outbox.pending() if not item.held]
    for submission_id in ids:
        outbox.retry(submission_id, anyway=anyway)


def _export(outbox: Outbox, submission: str, folder: str, _progress: Progress) -> str:
    return f"The files are in '{outbox.export(submission, Path(folder))}'."


def _look(outbox: Outbox, servers: Servers, _progress: Progress) -> tuple[list[Waiting], float | None]:
    return outbox.look(partial(acceptable, servers))


def _keep_alive(archive: Archive, _progress: Progress) -> None:
    try:
        archive.keep_alive()
    except (NetworkError, SignInError) as error:
        log.info("keep alive: %s", error.message)  # the next real request says it
