"""The page of quality control on trial: one case that is never sent, and no run around it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from viewr.widgets.qc_view import QcView
from viewr.workspace.contact_sheet import sheets_of
from viewr.workspace.jobs import Jobs
from viewr.workspace.task_session import TaskSession


class TrialQc(QcView):
    """As readers of quality control see it, but for what belongs to a run: its list, its counts, the next case."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self._jobs = jobs
        for part in (self.top.leave, self.top.counts):
            part.hide()
            part.setEnabled(False)
        self.finish_requested.connect(self._on_finish)
        self.later_requested.connect(self._on_later)

    def try_case(self, session: TaskSession) -> None:
        """Show a case; the keyboard stays where the author types, and the sheets of the same scans are kept."""
        if self.session is not None:
            sheets_of(session, self._jobs).take_over(sheets_of(self.session, self._jobs))
        self.messages.clear()
        self.show_case(session, take_keys=False)

    def _on_finish(self) -> None:
        self.resume()
        self.messages.tell("Every verdict is given: here readers get the next case.",
                           "Back (⌫) corrects the last verdict; nothing is sent from a trial.")  # fmt: skip

    def _on_later(self) -> None:
        self.resume()
        self.messages.tell("Here readers get the next case, and this one again at the end.")
