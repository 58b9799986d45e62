"""A reader in quality control going from case to case: no verdict waits for a server, the last can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewr.model.errors import LockedError, ViewrError
from viewr.supervisor.connection import TaskGoneError
from viewr.workspace.filelock import InUseError
from viewr.workspace.opening import NotQueuedError, OpenedTask
from viewr.workspace.outbox import new_id
from viewr.workspace.outbox_plan import ToldError
from viewr.workspace.qc_pace import Pace
from viewr.workspace.taking_back import TakenBack, correction_notice, open_correction, take_back

if TYPE_CHECKING:
    from viewr.supervisor.client import TaskSummary
    from viewr.workspace.desk import Desk
    from viewr.workspace.jobs import Job
    from viewr.workspace.task_session import TaskSession

#: How many verdicts can be taken back before the study is told.
HELD_BACK = 2
#: Tasks that somebody else has or had: passed over without a word, and asked for once more at the end.
OF_OTHERS = (LockedError, NotQueuedError, TaskGoneError, InUseError)


@dataclass(frozen=True)
class QcProgress:
    """How far a run has come.

    Attributes
    ----------
    done, left, later : int
        Cases with a verdict, cases without one (the present one and those put aside included, not those known to be
        somebody else's or faulty), cases put aside.
    seconds_per_case : float
        Median of the last intervals without pauses and corrections; 0 before the first verdict.
    elapsed : float
        Seconds since the run began.
    """

    done: int = 0
    left: int = 0
    later: int = 0
    seconds_per_case: float = 0.0
    elapsed: float = 0.0


@dataclass(frozen=True)
class _Given:
    """A case with a verdict."""

    task_id: str
    submission: str


class QcRun(QObject):
    """One run through the cases of a list; made in the thread of the GUI, with a desk.

    The sessions it gives have been started; whoever shows one retires its document when it shows it no more. After
    `back` the present one comes again.
    """

    #: TaskSession to be shown now
    case_ready = Signal(object)
    #: TaskSession that will most likely come next, whole: its widgets can be built while the reader looks at another
    upcoming = Signal(object)
    #: a sentence: why the next case is not there yet
    waiting = Signal(str)
    #: a sentence: no case is left
    ended = Signal(str)
    #: QcProgress
    progress_changed = Signal(object)
    #: a sentence that the reader should see
    notice = Signal(str)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._ahead = desk, desk.prefetch
        self._pace = Pace()
        self._current: TaskSession | None = None
        self._order: list[str] = []
        self._given: list[_Given] = []
        self._put_aside: set[str] = set()
        self._passed: set[str] = set()
        self._of_others: set[str] = set()
        self._judged: set[str] = set()
        self._leaving: dict[str, TaskSession] = {}
        self._template = ""
        self._returning = self._back_wanted = self._asked_again = self._over = False
        self._ahead.ready.connect(self._on_ready)
        self._ahead.whole.connect(self._tell_upcoming)
        self._ahead.failed.connect(self._on_failed)
        self._ahead.delayed.connect(self._on_delayed)

    # --- what it is --------------------------------------------------------------------------------------------

    @property
    def current(self) -> TaskSession | None:
        """The case on the screen."""
        return self._current

    @property
    def can_go_back(self) -> bool:
        """Whether there is a case before this one."""
        return bool(self._given) and not self._goes_back

    @property
    def progress(self) -> QcProgress:
        coming = {task_id for task_id in self._order if self._ahead.error_of(task_id) is None}
        coming |= {self._current.identity.id} if self._current else set()
        return QcProgress(
            len({given.task_id for given in self._given}), len(coming), len(self._put_aside & coming),
            self._pace.seconds_per_case, self._pace.elapsed,
        )  # fmt: skip

    # --- what the reader does ----------------------------------------------------------------------------------

    def start(self, first_task_id: str) -> None:
        """Begin with a task of the desk's list; the others with its template follow. `case_ready` or `ended` comes."""
        self._order = [first_task_id]
        self.waiting.emit(f"Opening task {first_task_id} …")
        self._ahead.expect(self._order)
        if any(task.id == first_task_id for task in self._desk.tasks):
            self._take_in(self._desk.tasks)
        else:
            self._ask_for_more()

    def finish(self) -> None:
        """The answers of the present case are complete: keep them, and show the next case at once.

        Its `done` goes out with the next verdict but one, after a minute, or when the run ends. If something is
        missing the session's `submit_failed` says so, and the case stays.
        """
        session = self._current
        if session is None or self._goes_back or session.delivering:
            return
        given = _Given(session.identity.id, new_id())
        if not session.corrects:
            self._desk.outbox.holds.hold(given.submission)
        session.submitted.connect(partial(self._on_kept, given))
        session.submit_failed.connect(partial(self._on_not_kept, given))
        self._given.append(given)
        self._leaving[given.submission] = session
        session.submit(given.submission)
        if given in self._given:
            self._put_aside.discard(given.task_id)
            for older in self._given[:-HELD_BACK]:
                self._desk.outbox.holds.let_go(older.submission)
            self._pace.begin() if given.task_id in self._judged else self._pace.verdict()
            self._judged.add(given.task_id)
            self._advance()

    def later(self) -> None:
        """Put the present case aside without a verdict; it comes again at the end."""
        session = self._current
        if session is None or self._goes_back or session.delivering:
            return
        session.close(release=True, keep_draft=not session.corrects)
        task_id = session.identity.id
        if session.corrects:
            self._given.append(_Given(task_id, new_id()))  # it stays as the study knows it
        else:
            self._put_aside.add(task_id)
            self._order.append(task_id)
        self._pace.begin()
        self._advance()

    def back(self) -> None:
        """The case before again: its verdict is taken back if the study was not told yet, else it is corrected."""
        if not self.can_go_back or (self._current is not None and self._current.delivering):
            return
        given = self._given[-1]
        if given.submission in self._leaving:
            self._back_wanted = True  # its results are on their way to the disk
            self.waiting.emit(f"Opening task {given.task_id} again …")
            return
        self._returning = True
        self._given.pop()
        self.waiting.emit(f"Opening task {given.task_id} again …")
        outbox = self._desk.outbox
        seized = outbox.holds.seize(given.submission)
        if seized or outbox.has(given.submission):
            back = TakenBack(outbox, given.submission, seized)
            self._await(given, self._desk.jobs.start(take_back, self._desk.services, back), taken_back=True)
        else:
            self._correct(given)

    def _correct(self, given: _Given) -> None:
        job = self._desk.jobs.start(open_correction, self._desk.services, given.task_id)
        self._await(given, job, taken_back=False)

    def _await(self, given: _Given, job: Job, *, taken_back: bool) -> None:
        # no bound method: Qt would forget it with a run that ends meanwhile, and nobody gave the lock back
        job.done.connect(partial(self._on_back))
        job.failed.connect(partial(self._on_not_back, given, taken_back))

    def leave(self) -> None:
        """End the run: give all locks back and let everything held back go out. The present work is kept as a draft."""
        if self._over:
            return
        self._over, self._back_wanted = True, False
        if self._current is not None:
            self._current.close(release=True, keep_draft=not self._current.corrects)
            self._current = None
        self._ahead.clear()
        self._desk.outbox.holds.let_go()
        self._desk.upload()

    # --- the next case -----------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Show the next case, or say what it waits for."""
        self._current = None
        shown = self._show_ready()
        self._expect()
        self._tell_progress()  # before the end is told, which shows it
        if not shown:
            self._say_what_is_waited_for()

    def _show_ready(self) -> bool:
        self._drop_hopeless()
        while task_id := self._ahead.first_ready():
            session = self._ahead.take(task_id)
            if session is not None:
                self._show(session)
                return True
        return False

    def _show(self, session: TaskSession) -> None:
        task_id = session.identity.id
        self._order = [other for other in self._order if other != task_id]
        self._current = session
        session.start()
        session.document.wake()  # it may have been shown before
        session.document.changed.connect(self._ahead.sign)
        self._ahead.sign()
        self.case_ready.emit(session)

    def _drop_hopeless(self) -> None:
        """Tasks that others work on are passed over; what else is wrong is told when their turn has come."""
        while self._order and (error := self._ahead.error_of(self._order[0])):
            task_id = self._order.pop(0)
            if isinstance(error, OF_OTHERS):
                self._of_others.add(task_id)
            else:
                self._passed.add(task_id)
                self.notice.emit(f"Task {task_id} was passed over. {error.message}")

    def _say_what_is_waited_for(self) -> None:
        if self._order:
            self.waiting.emit(f"Opening task {self._order[0]} …")
        elif not self._asked_again:
            self.waiting.emit("Asking whether there are more tasks …")
            self._ask_for_more()
        else:
            self.ended.emit(f"No case is left; you have judged {self.progress.done}.")

    def _expect(self) -> None:
        self._ahead.expect(self._order)
        self._tell_upcoming()

    def _ask_for_more(self) -> None:
        """Tasks may have come since the list was asked for, or been given back by those who had them."""
        self._asked_again = True
        self._of_others.clear()
        job = self._desk.jobs.start(_list_tasks, self._desk)
        job.done.connect(self._take_in)
        job.failed.connect(self._on_no_list)

    def _take_in(self, tasks: list[TaskSummary]) -> None:
        if self._over:
            return
        template = self._template or next((task.template_ref for task in tasks if task.id in self._order), "")
        self._template = template
        known = {*self._order, *self._passed, *self._of_others, *self._desk.pending_tasks()}
        known |= {given.task_id for given in self._given}
        known |= {self._current.identity.id} if self._current else set()
        fitting = [task.id for task in tasks if task.template_ref == template]
        place = fitting.index(self._order[0]) + 1 if self._order and self._order[0] in fitting else 0
        self._order += [task_id for task_id in fitting[place:] + fitting[:place] if task_id not in known]
        if self._current is None and not self._goes_back:
            self._advance()
        else:
            self._expect()
            self._tell_progress()

    def _on_no_list(self, error: ViewrError) -> None:
        if not self._over:
            self.notice.emit(f"It is not known whether there are more tasks. {error.message}")
            self._take_in([])

    def _on_ready(self, _task_id: str) -> None:
        if self._waits:
            self._pace.begin()
            self._advance()

    def _on_failed(self, _task_id: str, _error: ViewrError) -> None:
        if self._waits:
            self._advance()
        elif not self._over:
            self._tell_progress()

    def _on_delayed(self, _task_id: str, error: ViewrError) -> None:
        if self._waits:
            self.waiting.emit(f"{error.message} It is tried again by itself.")

    @property
    def _waits(self) -> bool:
        return self._current is None and not self._goes_back and not self._over and bool(self._order)

    @property
    def _goes_back(self) -> bool:
        return self._returning or self._back_wanted

    def _tell_upcoming(self, _task_id: str = "") -> None:
        session = self._ahead.peek(self._ahead.first_ready()) if not self._over else None
        if session is not None and session.is_ready and self._current is not None:
            self.upcoming.emit(session)

    def _tell_progress(self) -> None:
        self.progress_changed.emit(self.progress)

    # --- what became of a verdict ------------------------------------------------------------------------------

    def _on_kept(self, given: _Given, _submission: str) -> None:
        self._leaving.pop(given.submission, None)
        if self._back_wanted:
            self._back_wanted = False
            self.back()

    def _on_not_kept(self, given: _Given, error: ViewrError) -> None:
        """The disk is full, say: the case comes again with what was answered; while it is in sight it just stays."""
        session = self._leaving.pop(given.submission, None)
        self._desk.outbox.holds.forget(given.submission)
        self._given = [other for other in self._given if other is not given]
        self._back_wanted = False
        if session is None:
            return
        if session is self._current:
            self.notice.emit(error.message)
            return
        session.close(release=True, keep_draft=True)
        if self._over:
            return
        self._order.append(given.task_id)
        self.notice.emit(f"The verdict on task {given.task_id} could not be kept; it comes again. {error.message}")
        if self._waits:
            self._advance()
        else:
            self._expect()
            self._tell_progress()

    def _on_back(self, opened: OpenedTask) -> None:
        self._returning = False
        self._pace.begin()
        session = self._desk.make_session(opened)
        if self._over:
            session.close(release=True, keep_draft=not session.corrects)
            return
        if self._current is not None:
            self._order.insert(0, self._current.identity.id)
            self._ahead.put_back(self._current)
        if session.corrects:
            self.notice.emit(correction_notice(opened.identity.id))
        self._show(session)
        self._expect()
        self._tell_progress()

    def _on_not_back(self, given: _Given, taken_back: bool, error: ViewrError) -> None:
        self._returning = False
        if self._over:
            self._desk.outbox.holds.let_go(given.submission)
            self._desk.upload()
            return
        waits, told = self._desk.outbox.has(given.submission), isinstance(error, ToldError)
        if told and not waits:  # it went out a moment ago
            self._returning = True
            self._correct(given)
            return
        if waits or not taken_back:
            self._given.append(given)
        else:
            self._order.append(given.task_id)
        if self._current is None:
            self._advance()
        else:
            self._current.document.wake()
            self.case_ready.emit(self._current)
        self.notice.emit(
            f"The study is being told of task {given.task_id}. Go back again when that is through." if told
            else f"Task {given.task_id} cannot be opened again. {error.message}"
        )  # fmt: skip


def _list_tasks(desk: Desk, progress: object) -> list[TaskSummary]:
    return desk.signed_in.supervisor.tasks()
