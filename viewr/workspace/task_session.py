"""The open task: its document, its scans as they arrive, its journal and its lock.

`viewr.workspace.opening.open_task` asks the servers (blocking, as a job); `TaskSession` is made of its answer in the
thread of the GUI. `Desk.open` does both.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewr.model.errors import ViewrError
from viewr.model.task import TaskContent
from viewr.model.template import Template
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.jobs import Jobs

if TYPE_CHECKING:
    from viewr.archive.base import Archive
    from viewr.supervisor.client import SupervisorClient
    from viewr.workspace.folders import Folders
    from viewr.workspace.opening import OpenedTask, TaskIdentity


class TaskSession(QObject):
    """A task while it is open.

    Attributes
    ----------
    identity : TaskIdentity
        Server, uri, id and project of the task, and the reader; for display and for file names.
    template : Template
    content : TaskContent
    document : Document
        The state; `Document.changed`, `Document.filled`.
    read_only : bool
        Opened while somebody else (`holder`) holds it, or to look at only: nothing can be edited or submitted.
    resumed : bool
        The task came back from its journal, with what was drawn and the undo stack.
    notices : list of str
        Sentences that the reader should see, in the order they came.
    failed : dict of (context, scan name) to ViewrError
        Scans that cannot be shown.
    """

    #: (context, scan name), files that have arrived, files in all
    progress = Signal(object, object, object)
    #: (context, scan name): all its voxels are there
    scan_ready = Signal(object)
    #: (context, scan name), ViewrError
    scan_failed = Signal(object, object)
    #: every scan is there or has failed
    ready = Signal()
    #: a sentence that the reader should see
    notice = Signal(str)
    #: ViewrError while the journal cannot be written (full disk), None when it can again
    journal_trouble = Signal(object)
    #: id of the submission, which is safe in the outbox
    submitted = Signal(str)
    #: ViewrError; the task is open as before
    submit_failed = Signal(object)

    def __init__(
        self,
        opened: OpenedTask,
        archive: Archive,
        jobs: Jobs,
        folders: Folders,
        supervisor: SupervisorClient | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.identity: TaskIdentity
        self.template: Template
        self.content: TaskContent
        self.document: Document
        self.read_only: bool
        self.holder: str
        self.resumed: bool
        self.started: datetime
        self.notices: list[str] = []
        self.failed: dict[ScanKey, ViewrError] = {}
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What a window is called by: template and experiment label."""
        raise NotImplementedError

    @property
    def is_ready(self) -> bool:
        """Whether every scan is there or has failed."""
        raise NotImplementedError

    @property
    def unsaved(self) -> bool:
        """Whether there are edits since the last `save_draft` or the opening."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin to fetch the scans, that of the first viewport first; signals come from now on."""
        raise NotImplementedError

    def save_draft(self) -> None:
        """Mark the work so far; drafts stay in the journal on this machine."""
        raise NotImplementedError

    def obstacles(self) -> list[str]:
        """Why the task cannot be submitted now, one sentence each; empty if it can."""
        raise NotImplementedError

    def submit(self) -> None:
        """Put the results into the outbox; `submitted` or `submit_failed` follows. The session is over after it."""
        raise NotImplementedError

    def hand_back(self, note: str, *, abort: bool = False) -> None:
        """Give the task back with a note; `submitted` or `submit_failed` follows.

        Parameters
        ----------
        abort : bool
            True: the task cannot be done by anybody (status `aborted`); False: it stays queued for another reader.
        """
        raise NotImplementedError

    def close(self, *, release: bool = True, keep_draft: bool = True) -> None:
        """Leave without submitting.

        Parameters
        ----------
        release : bool
            Give the lock back, in the background.
        keep_draft : bool
            Keep the journal, so that the task can be resumed; False throws the work away.
        """
        raise NotImplementedError
