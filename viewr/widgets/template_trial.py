"""A template at work, on demo patients or placeholders: what its reader would see, to be tried."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from viewr.archive.folder import FolderArchive
from viewr.model.labelmap import empty_labelmap
from viewr.model.progress import Progress
from viewr.model.state import Change
from viewr.model.template import Context, Template
from viewr.model.template_qc import qc_wish
from viewr.model.volume import Volume
from viewr.widgets.task_view import TaskView
from viewr.widgets.trial_bar import TrialBar
from viewr.widgets.trial_qc import TrialQc
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.task_session import TaskSession
from viewr.workspace.trial import begins_in_qc, placeholder, scan_modalities, too_many, trial_results, trial_task

#: Makes a scan of a modality; None if there is none of it.
ScanMaker = Callable[[str, Progress], Volume | None]


class TemplateTrial(QWidget):
    """Shows one template after the other; answers go on from one to the next, as far as their fields are there.

    Parameters
    ----------
    make_scan : callable, optional
        Gives scans to look at; placeholders stand in where it has none.

    Attributes
    ----------
    session : TaskSession or None
        What is shown; nothing of it is ever sent.
    view : TaskView or None
        The task with its form; None while the page of quality control is shown.
    page : TrialQc or None
        The page of quality control, once it was shown.
    """

    #: the answers or drawings changed, or another template is shown
    changed = Signal()
    #: a sentence: why a template cannot be tried
    refused = Signal(str)

    def __init__(self, jobs: Jobs, make_scan: ScanMaker | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._make_scan = jobs, make_scan
        self._folder = tempfile.TemporaryDirectory(prefix="viewr-trial-")
        self.session: TaskSession | None = None
        self.view: TaskView | None = None
        self.page: TrialQc | None = None
        #: what the author chose; None: as readers would begin
        self._qc_wanted: bool | None = None
        self._sop_wanted = False
        self._coming: TaskView | None = None
        self._scans: dict[str, Volume] = {}
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = TrialBar(self)
        self.bar.qc_wanted.connect(self._choose)
        self.bar.fresh_wanted.connect(self._start_over)
        column.addWidget(self.bar)
        # only one view at a time stays in it, and the page of quality control
        self._pages = QStackedWidget(self)
        column.addWidget(self._pages, 1)

    @property
    def template(self) -> Template | None:
        """What is shown."""
        return self.session.template if self.session is not None else None

    @property
    def document(self) -> Document | None:
        return self.session.document if self.session is not None else None

    def show_template(self, template: Template, label: str) -> None:
        """Build a template's view; it takes the place of the one that is shown when it is whole.

        One that is too large for a trial leaves the last one in sight; `refused` says why.
        """
        reason = too_many(template)
        if reason:
            self.refused.emit(reason)
            return
        answers = trial_results(self.session.template, self.session.document.state.annotation) \
            if self.session is not None else {}  # fmt: skip
        self._show(template, label, answers)

    def _show(self, template: Template, label: str, answers: Mapping[str, object]) -> None:
        self._drop(self._coming.session if self._coming is not None else None, self._coming)
        self._coming = None
        place = Path(self._folder.name)
        session = TaskSession(
            trial_task(template, label, answers), FolderArchive(place), self._jobs,
            Folders(place / "data", place / "cache"),
        )  # fmt: skip
        session.document.unavailable.clear()  # they come from elsewhere
        session.start()
        if self._as_qc(template):
            self._show_qc(session)
        else:
            self._build_view(session)

    def _as_qc(self, template: Template) -> bool:
        wanted = self._qc_wanted
        return begins_in_qc(template) if wanted is None else wanted and bool(qc_wish(template))

    def _build_view(self, session: TaskSession) -> None:
        view = self._coming = TaskView(session, self._pages)
        bar = view.findChild(QWidget, "taskBar")
        if bar is not None:
            bar.hide()
        view.hide()
        view.built.connect(self._on_built)
        view.build()

    def _choose(self, qc: bool) -> None:
        """As in quality control, or the task with its form; in the templates to come, too."""
        self._qc_wanted = qc
        if self.session is not None:
            self.show_template(self.session.template, self.session.template.name)

    def _start_over(self) -> None:
        if self.session is not None:
            self._show(self.session.template, self.session.template.name, {})

    def show_sop(self, wanted: bool) -> None:
        """Show the procedure beside the pictures, in the templates to come, too."""
        self._sop_wanted = wanted
        if self.session is None:
            return
        button = self.view.sop_button if self.view is not None else self.page.top.sop if self.page is not None else None
        if button is not None:
            button.setChecked(wanted and bool(self.session.template.sop.strip()))

    def close_trial(self) -> None:
        """Let everything go; nothing of a trial is kept."""
        if self.page is not None:
            self.page.drop_case()
        self._drop(self.session, self.view)
        self._drop(self._coming.session if self._coming is not None else None, self._coming)
        self.session = self.view = self._coming = None
        self._folder.cleanup()

    def _show_qc(self, session: TaskSession) -> None:
        before, view, self.session, self.view = self.session, self.view, session, None
        if self.page is None:
            self.page = TrialQc(self._jobs, self._pages)
            self._pages.addWidget(self.page)
        self._show_scans(session.template)
        self.page.try_case(session)
        self._pages.setCurrentWidget(self.page)
        self._drop(before, view)
        self._follow(session)

    def _on_built(self) -> None:
        view, self._coming = self._coming, None
        if view is None:
            return
        before, shown, self.session, self.view = self.session, self.view, view.session, view
        if self.page is not None:
            self.page.drop_case()
        self._pages.addWidget(view)
        self._pages.setCurrentWidget(view)
        if shown is not None:
            view.scroll_to(shown.scrolled())
        self._drop(before, shown)
        self._show_scans(view.session.template)
        self._follow(view.session)

    def _follow(self, session: TaskSession) -> None:
        self.show_sop(self._sop_wanted)
        self.bar.show_choice(offered=bool(qc_wish(session.template)), qc=self.view is None)
        session.document.changed.connect(self._on_changed)
        self.changed.emit()

    def _drop(self, session: TaskSession | None, view: TaskView | None) -> None:
        if session is not None:
            session.document.retire()
            session.close()
        if view is not None:
            self._pages.removeWidget(view)
            view.deleteLater()

    def _on_changed(self, change: Change) -> None:
        if change.before.annotation is not change.after.annotation:
            self.changed.emit()

    # --- scans -------------------------------------------------------------------------------------------------

    def _show_scans(self, template: Template) -> None:
        for key, modality in scan_modalities(template).items():
            if modality in self._scans:
                self._add(key, self._scans[modality])
                continue
            self._add(key, placeholder(modality))
            if self._make_scan is not None:
                job = self._jobs.start(self._make_scan, modality, kind=f"trial scan {modality}")
                job.done.connect(partial(self._on_scan, modality))

    def _on_scan(self, modality: str, volume: Volume | None) -> None:
        if volume is None or self.template is None:
            return
        self._scans[modality] = volume
        for key, wanted in scan_modalities(self.template).items():
            if wanted == modality:
                self._add(key, volume)

    def _add(self, key: ScanKey, volume: Volume) -> None:
        """Show a scan, with an empty label map for each annotation that is shown on it."""
        if self.session is None:
            return
        document, template = self.session.document, self.session.template
        document.add_volume(key, volume)
        context: Context = template.context(key[0])
        for spec in context.annotations:
            shown = any(port.annotation == spec.name and port.scan == key[1] for port in context.viewports)
            if shown and "channel" not in volume.axes:
                labelmap = empty_labelmap(volume.grid, spec.labels)
                document.add_labelmap((context.name, spec.name), labelmap)
        self.session.scan_ready.emit(key)
