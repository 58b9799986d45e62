"""From the task list into quality control and back: ties a run to its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewr.model.template_qc import qc_forms
from viewr.widgets.qc_view import QcView
from viewr.workspace.contact_sheet import sheets_of
from viewr.workspace.qc_run import QcProgress, QcRun

if TYPE_CHECKING:
    from viewr.workspace.desk import Desk
    from viewr.workspace.jobs import Jobs
    from viewr.workspace.task_session import TaskSession


class QcPages(QObject):
    """One run with its page, from the first case until the reader leaves.

    Attributes
    ----------
    view : QcView
        To be shown by the window; it goes with `close`.
    """

    #: the reader is through, or has had enough
    left = Signal()
    #: TaskSession on the screen
    case_shown = Signal(object)

    def __init__(self, desk: Desk, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.run = QcRun(desk, self)
        self.view = QcView(jobs)
        run, view = self.run, self.view
        run.case_ready.connect(self._on_case)
        run.upcoming.connect(self._on_upcoming)
        run.waiting.connect(self._on_waiting)
        run.ended.connect(view.show_end)
        run.progress_changed.connect(self._on_progress)
        run.notice.connect(self._on_notice)
        view.finish_requested.connect(run.finish)
        view.later_requested.connect(run.later)
        view.back_requested.connect(run.back)
        view.leave_requested.connect(self._leave)

    def start(self, task_id: str) -> None:
        """Begin with a task of the list."""
        self.view.show_progress(self.run.progress, False)
        self.view.show_waiting("Opening the first case …")
        self.run.start(task_id)

    def close(self) -> None:
        """End the run: what is judged goes out, locks are given back."""
        self.view.drop_case()
        self.run.leave()
        self.view.deleteLater()
        self.deleteLater()

    def _on_case(self, session: TaskSession) -> None:
        self._on_progress(self.run.progress)
        self.view.show_case(session)
        self.case_shown.emit(session)

    def _on_waiting(self, sentence: str) -> None:
        if self.run.current is not None and self.view.session is self.run.current:
            self.view.pause(sentence)  # it stays if the case before cannot be opened again
        else:
            self.view.show_waiting(sentence)

    def _on_upcoming(self, session: TaskSession) -> None:
        """Have the sheets of the next case made while the reader looks at this one."""
        sheets = sheets_of(session, self._jobs)
        for context in session.template.contexts:
            for form in qc_forms(session.template):
                for scan in context.scans if form.context == context.name else ():
                    sheets.sheet((context.name, scan.name), self.view.board.plane)

    def _on_progress(self, progress: QcProgress) -> None:
        self.view.show_progress(progress, self.run.can_go_back)

    def _on_notice(self, sentence: str) -> None:
        self.view.messages.tell(sentence)
        if self.run.current is self.view.session:
            self.view.resume()

    def _leave(self) -> None:
        self.left.emit()
