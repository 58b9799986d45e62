"""A reader in quality control going from case to case: no verdict waits for a server, the last can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewr.workspace.qc_pace import Pace

if TYPE_CHECKING:
    from viewr.workspace.desk import Desk
    from viewr.workspace.task_session import TaskSession


@dataclass(frozen=True)
class QcProgress:
    """How far a run has come.

    Attributes
    ----------
    done, left, later : int
        Cases with a verdict, cases without one (the present one and those put aside included), cases put aside.
    seconds_per_case : float
        Median of the last intervals without pauses; 0 before the first verdict.
    elapsed : float
        Seconds since the run began.
    """

    done: int = 0
    left: int = 0
    later: int = 0
    seconds_per_case: float = 0.0
    elapsed: float = 0.0


class QcRun(QObject):
    """One run through the cases of a list; made in the thread of the GUI, with a desk.

    The sessions it gives have been started; whoever shows one retires its document when it shows it no more.
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
        self._desk = desk
        self._pace = Pace()
        self._current: TaskSession | None = None

    @property
    def current(self) -> TaskSession | None:
        """The case on the screen."""
        return self._current

    @property
    def can_go_back(self) -> bool:
        """Whether there is a case before this one."""
        return False

    @property
    def progress(self) -> QcProgress:
        return QcProgress(seconds_per_case=self._pace.seconds_per_case, elapsed=self._pace.elapsed)

    def start(self, first_task_id: str) -> None:
        """Begin with a task of the desk's list; the others with its template follow. `case_ready` or `ended` comes."""
        self.waiting.emit(f"Opening task {first_task_id} …")

    def finish(self) -> None:
        """The answers of the present case are complete: keep them, and show the next case at once.

        Its `done` goes out with the next verdict but one, after a minute, or when the run ends.
        """

    def later(self) -> None:
        """Put the present case aside without a verdict; it comes again at the end."""

    def back(self) -> None:
        """The case before again: its verdict is taken back if the study was not told yet, else it is corrected."""

    def leave(self) -> None:
        """End the run: give all locks back and let everything held back go out."""
