"""The open task: its document, its scans as they arrive, its journal and its lock.

`viewr.workspace.opening.open_task` asks the servers (blocking, as a job); `TaskSession` is made of its answer in the
thread of the GUI. `Desk.open` does both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from viewr.model.errors import ViewrError
from viewr.model.state import Change, LabelmapKey, State
from viewr.model.task_time import stamp
from viewr.workspace.active_time import ActiveTime
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.field_time import FieldTime, times_to_json
from viewr.workspace.jobs import Job, Jobs
from viewr.workspace.journal_read import replay
from viewr.workspace.labelmap_loading import LoadedMap, from_journal, load_labelmap, same_grid
from viewr.workspace.look import initial_look
from viewr.workspace.look_keeping import LookKeeping
from viewr.workspace.opening import LabelmapPlan, OpenedTask, begin_journal, is_required
from viewr.workspace.opening_ahead import release_lock
from viewr.workspace.outbox import Outbox, new_id
from viewr.workspace.quality import unjudged
from viewr.workspace.read_record import ReadRecord, demanded, film_frames
from viewr.workspace.scan_loading import in_process
from viewr.workspace.scan_queue import ScanQueue
from viewr.workspace.submit import Snapshot, deliver, deliver_directly, deliver_hand_back

if TYPE_CHECKING:
    from viewr.archive.base import Archive
    from viewr.model.volume import Volume
    from viewr.supervisor.keeping import LockKeeper
    from viewr.workspace.folders import Folders
    from viewr.workspace.journal import Journal
    from viewr.workspace.scan_loading import ScanSource

#: Milliseconds between two notes of the working time in the journal.
CLOCK_EVERY = 30_000
#: Milliseconds after which newly seen slices go into the journal.
SEEN_EVERY = 500


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
    submission : str
        Id under which its results went into the outbox, or are on their way there.

    Parameters
    ----------
    keeper : LockKeeper, optional
        Holds the lock of the task; None without a supervisor.
    direct : bool
        Results are written to the archive (a local folder) at once, without the outbox.
    scans : ScanSource, optional
        Where the scans come from; fetched in the threads of this program when left out.
    outbox : Outbox, optional
        Where the results go; the one of the user's folders when left out.
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
        keeper: LockKeeper | None = None,
        parent: QObject | None = None,
        *,
        direct: bool = False,
        scans: ScanSource | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened, self._direct = opened, direct
        self._archive, self._jobs, self._keeper = archive, jobs, keeper
        self.identity = opened.identity
        self.template, self.content = opened.template, opened.content
        self.read_only, self.holder = opened.read_only, opened.holder
        self.resumed = bool(opened.recovered and opened.recovered.steps)
        self.notices = list(opened.notices)
        self.failed: dict[ScanKey, ViewrError] = dict(opened.missing)
        self.outbox = outbox or Outbox(folders.outbox)
        self.submission = ""
        self._journal = opened.journal
        self._active = ActiveTime(opened.recovered.active_seconds if opened.recovered else 0.0)
        #: told by the form where the keyboard is
        self.field_time = FieldTime(opened.recovered.field_seconds if opened.recovered else None)
        self._misfits: set[LabelmapKey] = set()
        self._unrecorded: list[LoadedMap] = []
        self._maps_due = {plan.key: plan for plan in opened.labelmaps}
        self._started = self._ready_told = self._delivering = self._over = False
        self._newly_seen: set[ScanKey] = set()
        self.document = self._make_document()
        self._look = LookKeeping(self.document, opened, jobs, folders.looks, self._tell)
        self._queue = ScanQueue(opened.scans, scans or in_process(archive, folders), jobs, self.document, self)
        self._connect()

    # --- building ----------------------------------------------------------------------------------------------

    def _make_document(self) -> Document:
        opened, recovered = self._opened, self._opened.recovered
        plans = {plan.key: plan for plan in opened.labelmaps}
        held = recovered.labelmaps if recovered else {}
        maps = {key: from_journal(plans[key], labelmap) for key, labelmap in held.items() if key in plans}
        look = opened.kept.look if opened.kept else initial_look(opened.template)
        document = Document(State(opened.annotation, look=look), maps, parent=self)
        if recovered:
            replay(document, recovered)
        named = {(context.name, scan.name) for context in opened.template.contexts for scan in context.scans}
        document.unavailable |= named - set(opened.scans)
        document.recorder = self._journal
        document.seen = ReadRecord(recovered.read if recovered else None)
        document.seen.on_change = self._on_seen
        document.commit()  # a stroke that was under way when the program ended
        document.read_only = document.for_looking = opened.read_only
        return document

    def _connect(self) -> None:
        self.document.changed.connect(self._on_changed)
        self._queue.progress.connect(self.progress)
        self._queue.fetched.connect(self._on_fetched)
        self._queue.failed.connect(self._on_scan_failed)
        self._queue.notice.connect(self._tell)
        self._clock = QTimer(self, interval=CLOCK_EVERY)
        self._clock.timeout.connect(self._note_time)
        self._seen_clock = QTimer(self, interval=SEEN_EVERY, singleShot=True)
        self._seen_clock.timeout.connect(self._note_seen)
        if self._journal is not None:
            self._keep_journal(self._journal)

    def _keep_journal(self, journal: Journal) -> None:
        self.document.recorder = journal
        journal.on_trouble = self.journal_trouble.emit
        self._clock.start()
        self._look.begin(journal.path)

    # --- what it is --------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """What a window is called by: template and experiment label."""
        return f"{self._opened.template_label} – {self.identity.label}" if self.identity.label else self.template.name

    @property
    def is_ready(self) -> bool:
        """Whether every scan is there or has failed."""
        return self._started and self._queue.is_idle and not self._maps_under_way

    @property
    def delivering(self) -> bool:
        """Whether the results are being written at this moment."""
        return self._delivering

    @property
    def is_over(self) -> bool:
        """Whether it was submitted or left."""
        return self._over

    @property
    def unsaved(self) -> bool:
        """Whether there are edits since the last `save_draft` or the opening."""
        return not self.document.stack.isClean()

    @property
    def active_seconds(self) -> int:
        """How long the reader has worked on the task."""
        return self._active.seconds

    @property
    def corrects(self) -> bool:
        """Whether the task is done already and its results are corrected."""
        return self._opened.status == "done"

    @property
    def content_sha256(self) -> str:
        """Stands for the content of the task when it was opened."""
        return self._opened.content_sha256

    @property
    def scan_bytes(self) -> int:
        """What the voxels of the scans take."""
        return sum(volume.array.nbytes for volume in self.document.volumes.values())

    # --- scans -------------------------------------------------------------------------------------------------

    def take_up(self, folders: Folders) -> None:
        """The turn of a task that was prepared ahead has come: its journal and the reader's time begin.

        Raises
        ------
        ViewrError
            If somebody began a journal of it meanwhile, or none can be made.
        """
        if self._journal is None and not self.read_only:
            self._opened = begin_journal(replace(self._opened, started=stamp(datetime.now(UTC)) + "Z"), folders)
            self._journal = self._opened.journal
            assert self._journal is not None
            for loaded in self._unrecorded:
                self._journal.labelmap(loaded.plan.key, loaded.labelmap, loaded.packed)
            self._unrecorded.clear()
            self._keep_journal(self._journal)
        self._active = ActiveTime(float(self._active.seconds))

    def start(self) -> None:
        """Begin to fetch the scans, that of the first viewport first; signals come from now on."""
        if self._started:
            return
        self._started = True
        self._queue.start()
        if self.is_ready:
            QTimer.singleShot(0, self._check_ready)

    def _on_fetched(self, key: ScanKey) -> None:
        volume = self.document.volumes[key]
        for plan in [plan for plan in self._maps_due.values() if plan.space == key]:
            if plan.key in self.document.labelmaps:
                self._check_grid(plan.key, volume)
                del self._maps_due[plan.key]
            else:
                job = self._jobs.start(load_labelmap, plan, volume.grid, self._archive)
                job.done.connect(self._on_map)
                job.failed.connect(partial(self._on_map_failed, plan.key))
        self.scan_ready.emit(key)
        self._check_ready()

    def _on_map(self, loaded: LoadedMap) -> None:
        if self._over:
            return
        key = loaded.plan.key
        self._maps_due.pop(key, None)
        if self._journal is not None:
            self._journal.labelmap(key, loaded.labelmap, loaded.packed)
        else:
            self._unrecorded.append(loaded)
        self.document.add_labelmap(key, loaded.labelmap)
        if loaded.notice:
            self._tell(loaded.notice)
        self._check_ready()

    def _on_map_failed(self, key: LabelmapKey, error: Exception) -> None:
        if self._over:
            return
        self._maps_due.pop(key, None)
        self._misfits.add(key)
        self._tell(f"Annotation '{key[1]}' cannot be loaded. {error}")
        self._check_ready()

    def _check_grid(self, key: LabelmapKey, volume: Volume) -> None:
        """What was drawn before belongs to the grid it was drawn on; on another it would be wrong."""
        if same_grid(self.document.labelmaps[key].grid, volume.grid):
            return
        self._misfits.add(key)
        self.document.labelmaps[key].editable = False
        self._tell(f"The scan of annotation '{key[1]}' was replaced since you drew on it. What you drew is kept, but "
                   "it does not belong to the scan that is shown.")  # fmt: skip

    def _on_scan_failed(self, key: ScanKey, error: ViewrError) -> None:
        self.failed[key] = error
        for plan in [plan for plan in self._maps_due.values() if plan.space == key]:
            del self._maps_due[plan.key]
        self.scan_failed.emit(key, error)
        self._check_ready()

    @property
    def _maps_under_way(self) -> bool:
        there = self.document.volumes
        return any(plan.space in there and plan.space not in self.failed for plan in self._maps_due.values())

    def _check_ready(self) -> None:
        if self.is_ready and not self._over and not self._ready_told:
            self._ready_told = True
            self.ready.emit()

    # --- what the reader does ----------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        if change.kind != "load":
            self._active.sign()
            self.field_time.sign()

    def _note_time(self) -> None:
        if self._journal is not None and not self._delivering:
            self._journal.clock(self._active.seconds, times_to_json(self.field_time.seconds))

    def _on_seen(self, key: ScanKey) -> None:
        self._newly_seen.add(key)
        if not self._seen_clock.isActive():
            self._seen_clock.start()

    def _note_seen(self) -> None:
        """Keep what was seen, for the next start."""
        if self._journal is not None and not self._delivering and not self._over:
            for key in sorted(self._newly_seen):
                self._journal.read(*key, self.document.seen.ranges[key])
            self._newly_seen.clear()

    def _tell(self, sentence: str) -> None:
        self.notices.append(sentence)
        self.notice.emit(sentence)

    def save_draft(self) -> None:
        """Mark the work so far; drafts stay in the journal on this machine."""
        if self._delivering or self._over:
            return
        self.document.commit()
        if self._journal is not None:
            self._note_time()
            self._note_seen()
            self._journal.draft(stamp(datetime.now(UTC)) + "Z")
        self.document.stack.setClean()

    def obstacles(self) -> list[str]:
        """Why the task cannot be submitted now, one sentence each; empty if it can."""
        if self.read_only:
            return ["The task is open to look at only."]
        found = [] if self.is_ready else ["The scans are still being loaded."]
        if self.template.mode != "qc":  # there the verdict may be that a scan is not usable
            found += [f"The scan '{key[1]}' is missing. {error.message}" for key, error in self.failed.items()]
        rows = unjudged(self.document.state.annotation, self.template, self._opened.scans)
        found += [f"Scan '{name}' has no verdict." for name in rows]
        found += [
            f"There is no label map '{plan.key[1]}', because its scan '{plan.space[1]}' is not there. Hand the task "
            "back, or leave it and open it anew." for plan in self._without_map()
        ]  # fmt: skip
        found += [
            f"What was drawn as '{key[1]}' does not belong to the scan that is shown. Hand the task back, or "
            "leave it and open it anew." for key in sorted(self._misfits)
        ]  # fmt: skip
        return found

    def _without_map(self) -> list[LabelmapPlan]:
        """Editable annotations that the result would lack, although their scans are not optional."""
        if not self.is_ready:
            return []
        there = self._misfits | set(self.document.labelmaps)
        plans = [plan for plan in self._opened.labelmaps if plan.spec.editable and plan.space[1]]
        plans = [plan for plan in plans if plan.key not in there and is_required(self.content, plan.space)]
        # in quality control the verdict may be that a scan is not usable
        return [plan for plan in plans if not (self.template.mode == "qc" and plan.space in self.failed)]

    def snapshot(self) -> Snapshot:
        """The task as it is now, to be written; nothing may edit the label maps meanwhile."""
        document = self.document
        editable = {plan.key for plan in self._opened.labelmaps if plan.spec.editable}
        maps = {key: labelmap for key, labelmap in document.labelmaps.items() if key in editable - self._misfits}
        uids = {key: volume.series_uid for key, volume in document.volumes.items()}
        return Snapshot(
            self._opened, document.state.annotation, maps, uids, dict(self._queue.digests), self._active.seconds,
            self.field_time.seconds, dict(document.seen.ranges),
            {key: volume.grid.shape[2] for key, volume in document.volumes.items()},
            {key: frames for key, volume in document.volumes.items() if (frames := film_frames(volume))},
        )  # fmt: skip

    def submit(self, submission: str = "") -> None:
        """Put the results into the outbox; `submitted` or `submit_failed` follows. The session is over after it.

        Nothing happens while results are being written already.

        Parameters
        ----------
        submission : str
            Id that it gets; "" makes one.
        """
        if self._delivering or self._over:
            return
        obstacles = self.obstacles()
        if obstacles:
            self.submit_failed.emit(ViewrError(obstacles[0], "The task stays open."))
            return
        submission = self._freeze(submission)
        if self._direct:
            job = self._jobs.start(deliver_directly, self.snapshot(), self._journal, self._archive)
        else:
            job = self._jobs.start(deliver, self.snapshot(), submission, self._journal, self.outbox)
        self._follow(job)

    def hand_back(self, note: str, *, abort: bool = False) -> None:
        """Give the task back with a note; `submitted` or `submit_failed` follows.

        Nothing happens while results are being written already.

        Parameters
        ----------
        abort : bool
            True: the task cannot be done by anybody (status `aborted`); False: it stays queued for another reader.
        """
        if self._delivering or self._over:
            return
        if self.read_only or self._direct:
            self.submit_failed.emit(ViewrError("There is nobody to hand this back to."))
            return
        submission = self._freeze()
        snapshot = self.snapshot()
        self._follow(self._jobs.start(deliver_hand_back, snapshot, note, abort, submission, self._journal, self.outbox))

    def _freeze(self, submission: str = "") -> str:
        """No edits while the results are written; returns the id of the submission."""
        self.document.commit()
        self.document.read_only = self._delivering = True
        self.submission = submission or new_id()
        return self.submission

    def _follow(self, job: Job) -> None:
        job.done.connect(self._on_delivered)
        job.failed.connect(self._on_submit_failed)

    def _on_delivered(self, submission: str) -> None:
        self._delivering = False
        self._end()
        self.submitted.emit(submission)

    def _on_submit_failed(self, error: Exception) -> None:
        if self._over:
            return
        self.document.read_only = self._delivering = False
        self.submit_failed.emit(error)

    def close(self, *, release: bool = True, keep_draft: bool = True) -> None:
        """Leave without submitting.

        Parameters
        ----------
        release : bool
            Give the lock back, in the background.
        keep_draft : bool
            Keep the journal, so that the task can be resumed; False throws the work away.
        """
        if self._over:
            return
        if self._delivering:  # the journal belongs to the delivery, which goes on
            self._end()
            return
        if self._journal is not None:
            self._look.finish()
            self.document.commit()
            self._note_time()
            self._note_seen()
            read = demanded(self.template) and self.document.seen.ranges
            worthless = not (self.document.stack.count() or self.resumed or read)
            if not self._journal.close(remove=worthless or not keep_draft):
                self._tell("The last of your work could not be saved: the disk is full.")
        self._end()
        if release and self._keeper is not None and not self.read_only:
            task_id = self.identity.id
            self._jobs.start(release_lock, self._keeper, task_id, self._keeper.use(task_id))

    def _end(self) -> None:
        self._over = True
        self._look.stop()
        self._clock.stop()
        self._seen_clock.stop()
        self.document.seen.on_change = None
        self._queue.stop()
        self.document.recorder = None
        self.document.read_only = True
        # Deleted here, in its own thread: Python may collect garbage in any.
        self.deleteLater()
