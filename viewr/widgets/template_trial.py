"""A template at work, on demo patients or placeholders: what its reader would see, to be tried."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from viewr.archive.folder import FolderArchive
from viewr.model.labelmap import empty_labelmap
from viewr.model.progress import Progress
from viewr.model.state import Change
from viewr.model.template import Context, Template
from viewr.model.volume import Volume
from viewr.widgets.task_view import TaskView
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.task_session import TaskSession
from viewr.workspace.trial import placeholder, scan_modalities, trial_results, trial_task

#: Makes a scan of a modality; None if there is none of it.
ScanMaker = Callable[[str, Progress], Volume | None]


class TemplateTrial(QWidget):
    """Shows one template after the other; answers go on from one to the next, as far as their fields are there.

    Parameters
    ----------
    make_scan : callable, optional
        Gives scans to look at; placeholders stand in where it has none.
    """

    #: the answers or drawings changed, or another template is shown
    changed = Signal()

    def __init__(self, jobs: Jobs, make_scan: ScanMaker | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._make_scan = jobs, make_scan
        self._folder = tempfile.TemporaryDirectory(prefix="viewr-trial-")
        self.view: TaskView | None = None
        self._sop_wanted = False
        self._coming: TaskView | None = None
        self._scans: dict[str, Volume] = {}
        # Empty when it is set, and only one view at a time stays in it.
        self._layout = QStackedLayout(self)

    @property
    def template(self) -> Template | None:
        """What is shown."""
        return self.view.session.template if self.view is not None else None

    @property
    def document(self) -> Document | None:
        return self.view.session.document if self.view is not None else None

    def show_template(self, template: Template, label: str) -> None:
        """Build a template's view; it takes the place of the one that is shown when it is whole."""
        self._drop(self._coming)
        answers = trial_results(self.view.session.template, self.view.session.document.state.annotation) \
            if self.view is not None else {}  # fmt: skip
        place = Path(self._folder.name)
        session = TaskSession(
            trial_task(template, label, answers), FolderArchive(place), self._jobs,
            Folders(place / "data", place / "cache"),
        )  # fmt: skip
        view = self._coming = TaskView(session, self)
        bar = view.findChild(QWidget, "taskBar")
        if bar is not None:
            bar.hide()
        view.hide()
        view.built.connect(self._on_built)
        session.start()
        view.build()

    def show_sop(self, wanted: bool) -> None:
        """Show the procedure beside the pictures, in the templates to come, too."""
        self._sop_wanted = wanted
        if self.view is not None:
            self.view.sop_button.setChecked(wanted and bool(self.view.session.template.sop.strip()))

    def close_trial(self) -> None:
        """Let everything go; nothing of a trial is kept."""
        for view in (self.view, self._coming):
            self._drop(view)
        self.view = self._coming = None
        self._folder.cleanup()

    def _on_built(self) -> None:
        view, self._coming = self._coming, None
        if view is None:
            return
        before, self.view = self.view, view
        self._layout.addWidget(view)
        self._layout.setCurrentWidget(view)
        if before is not None:
            view.scroll_to(before.scrolled())
        self.show_sop(self._sop_wanted)
        self._drop(before)
        view.session.document.changed.connect(self._on_changed)
        self._show_scans(view.session.template)
        self.changed.emit()

    def _drop(self, view: TaskView | None) -> None:
        if view is not None:
            view.session.document.retire()
            view.session.close()
            self._layout.removeWidget(view)
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
        if volume is None or self.view is None:
            return
        self._scans[modality] = volume
        for key, wanted in scan_modalities(self.view.session.template).items():
            if wanted == modality:
                self._add(key, volume)

    def _add(self, key: ScanKey, volume: Volume) -> None:
        """Show a scan, with an empty label map for each annotation that is shown on it."""
        document = self.document
        if document is None or self.template is None:
            return
        document.add_volume(key, volume)
        context: Context = self.template.context(key[0])
        for spec in context.annotations:
            shown = any(port.annotation == spec.name and port.scan == key[1] for port in context.viewports)
            if shown and "channel" not in volume.axes:
                labelmap = empty_labelmap(volume.grid, spec.labels)
                document.add_labelmap((context.name, spec.name), labelmap)
