"""The reader's desk: the servers they are signed in to, the list of tasks, what waits to be uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewr.model.progress import Progress
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs

if TYPE_CHECKING:
    from viewr.archive.base import Archive
    from viewr.net.http import HttpOptions
    from viewr.supervisor.client import ServerInfo, SupervisorClient
    from viewr.workspace.journal_read import JournalInfo
    from viewr.workspace.outbox import Waiting


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
    password: str
    archive_user: str = ""
    archive_password: str = ""
    http: HttpOptions | None = None


@dataclass(frozen=True, eq=False)
class SignedIn:
    """The clients of a reader who is signed in."""

    user: str
    supervisor: SupervisorClient
    archive: Archive
    server: ServerInfo


def sign_in(account: Account, folders: Folders, progress: Progress) -> SignedIn:
    """Sign in to supervisor and archive; blocking, run as a job, then make a `Desk` of the answer.

    Raises
    ------
    SignInError, NetworkError
        Naming which of the two servers it is.
    """
    raise NotImplementedError


class Desk(QObject):
    """Everything between the windows and the servers; made in the thread of the GUI after `sign_in`."""

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
    #: a sentence that the reader should see
    notice = Signal(str)

    def __init__(self, signed_in: SignedIn, jobs: Jobs, folders: Folders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        raise NotImplementedError

    def refresh(self) -> None:
        """Ask for the tasks again; `tasks_changed` or `tasks_failed` follows."""
        raise NotImplementedError

    def open(self, task_id: str, *, read_only: bool = False, steal: bool = False, resume: bool = True) -> None:
        """Open a task; `opened` or `open_failed` follows.

        Parameters
        ----------
        steal : bool
            Take the lock from who holds it (superusers, after they have confirmed it).
        resume : bool
            Go on from a journal of this task if there is one; False puts it aside and begins anew.
        """
        raise NotImplementedError

    def open_next(self, after: str = "") -> None:
        """Open the first task of the list that can be opened, beginning behind the task `after`."""
        raise NotImplementedError

    def resumable(self) -> list[JournalInfo]:
        """Tasks on these servers with work that is only on this machine."""
        raise NotImplementedError

    def waiting(self) -> list[Waiting]:
        """What has not reached the archive yet, and why."""
        raise NotImplementedError

    def retry(self, submission: str = "") -> None:
        """Try now what waits; with an id also what was held for the reader's decision."""
        raise NotImplementedError

    def close(self) -> None:
        """Sign out and stop the background work; what waits stays in the outbox."""
        raise NotImplementedError
