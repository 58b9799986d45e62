"""The workbench of template authors: the text at the left, the form and viewports it makes at the right, their
results below.
"""

from __future__ import annotations

import json
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row
from viewr.model.errors import TemplateError, ViewrError
from viewr.model.progress import Progress
from viewr.model.template import Problem, Template, load_template
from viewr.templates.check import check_text
from viewr.widgets.find_strip import FindStrip
from viewr.widgets.messages import MessageBar
from viewr.widgets.template_trial import ScanMaker, TemplateTrial
from viewr.widgets.workbench_upload import UploadStrip
from viewr.widgets.yaml_editor import MOST_CHARACTERS, YamlEditor, too_long
from viewr.workspace.disk import replace_file
from viewr.workspace.draft_text import Draft, DraftFile
from viewr.workspace.jobs import Jobs
from viewr.workspace.local_session import read_file
from viewr.workspace.trial import Outcome, outcome

if TYPE_CHECKING:
    from viewr.supervisor.client import SupervisorClient

#: Milliseconds after the last key until the text is read, and until it is kept on disk.
READ_AFTER = 350
KEEP_AFTER = 800
#: Bytes of a file that is looked into: no character takes more than four.
MOST_BYTES = 4 * MOST_CHARACTERS
#: Problems that are listed at a time.
MOST_PROBLEMS = 100
_SEVERITIES = ("error", "warning", "info")


def read_text(text: str, _progress: Progress) -> tuple[str, list[Problem], Template | None]:
    """What a text says as a template: its problems, and the template unless it is none."""
    problems = check_text(text)
    try:
        return text, problems, load_template(text)
    except TemplateError:
        return text, problems, None


def keep_draft(file: DraftFile, draft: Draft, asked: int, _progress: Progress) -> None:
    """Write a draft down; raises `OSError` where the disk cannot take it."""
    file.keep(draft, asked)


def indented(text: str) -> str:
    """JSON with line breaks; what is none as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def bundled_templates() -> dict[str, str]:
    """Texts of the templates that come with the program, by name."""
    folder = resources.files("viewr.templates") / "bundled"
    return {file.name.removesuffix(".yaml"): file.read_text("utf-8") for file in sorted(folder.iterdir(), key=str)}


class TemplateWorkbench(QWidget):
    """Writing and trying a template.

    Parameters
    ----------
    folder : Path
        Where the text is kept while it is not saved.
    make_scan : callable, optional
        Gives scans to look at.
    """

    leave_requested = Signal()

    def __init__(
        self, jobs: Jobs, folder: Path, make_scan: ScanMaker | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._draft = DraftFile(folder)
        self.path = ""
        self._saved = ""
        self.messages = MessageBar(self)
        self.trial = TemplateTrial(jobs, make_scan, self)
        self.trial.changed.connect(self._ask_results)
        self.trial.refused.connect(self._tell_once)
        self._reading = QTimer(self, singleShot=True, interval=READ_AFTER)
        self._reading.timeout.connect(self._read)
        self._keeping = QTimer(self, singleShot=True, interval=KEEP_AFTER)
        self._keeping.timeout.connect(self._keep)
        self._build()
        self._restore()

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._add_bar(nested_row(layout))
        layout.addWidget(self.messages)
        self.upload = UploadStrip(self._jobs, self)
        self.upload.uploaded.connect(self.messages.tell)
        self.upload.failed.connect(self.messages.tell_error)
        layout.addWidget(self.upload)
        across = QSplitter(Qt.Orientation.Horizontal, self)
        across.addWidget(self._left())
        across.addWidget(self._right())
        across.setStretchFactor(0, 1)
        across.setStretchFactor(1, 2)
        across.setSizes([450, 830])
        layout.addWidget(across, 1)

    def _add_bar(self, row: QHBoxLayout) -> None:
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(8)
        self.leave_button = self._button("Back", "Leave the workbench; the text stays as a draft")
        self.leave_button.clicked.connect(self.leave_requested)
        self.title = QLabel("Template workbench", self)
        self.title.setObjectName("taskTitle")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.sop_button = self._button("Procedure", "The procedure of the template (sop) as readers see it")
        self.sop_button.setCheckable(True)
        self.sop_button.toggled.connect(self.trial.show_sop)
        self.begin_button = QToolButton(self)
        self.begin_button.setText("New from")
        self.begin_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.begin_button)
        for name, text in bundled_templates().items():
            menu.addAction(name, partial(self.begin, text))
        self.begin_button.setMenu(menu)
        self.open_button = self._button("Open …", "Open a template file (Ctrl+O)")
        self.open_button.clicked.connect(self._choose_file)
        self.save_button = self._button("Save", "Save the text (Ctrl+S)")
        self.save_button.clicked.connect(self.save)
        self.save_as_button = self._button("Save as …", "Save the text into another file (Ctrl+Shift+S)")
        self.save_as_button.clicked.connect(self._save_as)
        self.upload_button = self._button("Upload …", "Send the template to the task supervisor")
        self.upload_button.clicked.connect(self._ask_upload)
        self.upload_button.setEnabled(False)
        row.addWidget(self.leave_button)
        row.addWidget(self.title)
        row.addStretch(1)
        for button in (self.sop_button, self.begin_button, self.open_button, self.save_button, self.save_as_button,
                       self.upload_button):  # fmt: skip
            row.addWidget(button)
        for keys, button in (("Ctrl+O", self.open_button), ("Ctrl+S", self.save_button),
                             ("Ctrl+Shift+S", self.save_as_button)):  # fmt: skip
            QShortcut(QKeySequence(keys), self, button.click)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        return button

    def _left(self) -> QWidget:
        column = QSplitter(Qt.Orientation.Vertical, self)
        self.editor = YamlEditor(column)
        self.editor.textChanged.connect(self._on_text)
        self.editor.refused.connect(self._refuse)
        self.problems = QListWidget(column)
        self.problems.setAccessibleName("Problems of the template")
        self.problems.setWordWrap(True)
        self.problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.problems.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.problems.itemClicked.connect(self._go_to_problem)
        self.problems.itemActivated.connect(self._go_to_problem)
        self.finder = FindStrip(self.editor)
        column.addWidget(self._stacked(self.editor, self.finder))
        column.addWidget(self.problems)
        column.setStretchFactor(0, 5)
        column.setStretchFactor(1, 1)
        return column

    def _stacked(self, large: QWidget, small: QWidget) -> QWidget:
        """A part with a small one below it."""
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(large, 1)
        column.addWidget(small)
        return holder

    def _right(self) -> QWidget:
        column = QSplitter(Qt.Orientation.Vertical, self)
        column.addWidget(self.trial)
        self.quality = QLabel("", column)
        self.quality.setTextFormat(Qt.TextFormat.PlainText)
        self.quality.setWordWrap(True)
        self.quality.setContentsMargins(8, 3, 8, 3)
        self.quality.hide()
        self.results = QPlainTextEdit(column)
        self.results.setReadOnly(True)
        self.results.setAccessibleName("Results")
        self.results.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.results.setPlaceholderText("What would be submitted")
        column.addWidget(self._stacked(self.results, self.quality))
        column.setStretchFactor(0, 4)
        column.setStretchFactor(1, 1)
        column.setSizes([600, 110])
        return column

    # --- files -------------------------------------------------------------------------------------------------

    @property
    def unsaved(self) -> bool:
        # the length first: it is asked for at each key
        return self.editor.document().characterCount() != len(self._saved) + 1 \
            or self.editor.toPlainText() != self._saved  # fmt: skip

    def use_supervisor(self, client: SupervisorClient) -> None:
        """Offer to upload to the supervisor of a reader who signed in."""
        self.upload.client = client
        self.upload_button.setEnabled(True)

    def begin(self, text: str) -> None:
        """Begin a new template with a text; what was there goes if it was saved, else nothing happens."""
        if self._may_replace():
            self._take("", text, saved=text)

    def open_file(self, path: Path) -> None:
        """Open a template file, unless there are unsaved changes."""
        if not self._may_replace():
            return
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            self._refuse(f"The file '{path.name}' has {path.stat().st_size} bytes: that is no template.")
            return
        try:
            text = read_file(path)
        except ViewrError as error:
            self.messages.tell_error(error)
            return
        shown = text if not too_long(text) else indented(text)
        reason = too_long(shown)
        if reason:
            self._refuse(reason)
            return
        self._take(str(path), shown, saved=shown)
        if shown is not text:
            self.messages.tell("The file is JSON without line breaks; it is shown, and will be saved, with them.")

    def _tell_once(self, reason: str) -> None:
        if reason not in self.messages.texts:
            self.messages.tell(reason, kind="warning")

    def _refuse(self, reason: str) -> None:
        self.messages.tell(reason, "Write it with line breaks, or in parts.", kind="warning")

    def _may_replace(self) -> bool:
        if self.unsaved:
            self.messages.tell("The text has changes that are not saved.", "Save it first, or undo them (Ctrl+Z).",
                               kind="warning")  # fmt: skip
        return not self.unsaved

    def _take(self, path: str, text: str, saved: str) -> None:
        self.messages.clear()
        self.path = path
        self.editor.setPlainText(text)
        # as the editor holds it: it takes no mark of the byte order, and each end of a line for the same
        self._saved = self.editor.toPlainText() if saved == text else saved
        self._show_title()
        self._reading.start(0)

    def _restore(self) -> None:
        """Go on with what an earlier run left, else with the first template of ours."""
        draft = self._draft.read()
        if draft is None:
            text = bundled_templates()["manual_qa"]
            self._take("", text, saved=text)
            return
        try:
            saved = read_file(Path(draft.path)) if draft.path else ""
        except ViewrError:
            saved = ""
        self._take(draft.path, draft.text, saved=saved)
        self.messages.tell("This is the text that was not saved when the workbench was last left.")

    def _choose_file(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, "Open a template", self.path, "Templates (*.yaml *.yml *.json)")
        if name:
            self.open_file(Path(name))

    def save(self) -> None:
        """Save into the file that the text came from; without one ask for it."""
        if self.path:
            self.save_to(Path(self.path))
        else:
            self._save_as()

    def _save_as(self) -> None:
        name, _kind = QFileDialog.getSaveFileName(self, "Save the template", self.path, "Templates (*.yaml)")
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Save into a file, whole or not at all."""
        text = self.editor.toPlainText()
        try:
            replace_file(path, text.encode("utf-8"))
            self._draft.drop()
        except OSError as exc:
            self.messages.tell(f"The file '{path}' cannot be written: {exc.strerror}.", "Save it elsewhere.",
                               kind="error")  # fmt: skip
            return
        self.path, self._saved = str(path), text
        self._show_title()
        self.messages.tell(f"Saved as {path}.")

    def _keep(self) -> None:
        """Keep what is not saved, outside the thread of the GUI."""
        if self.unsaved:
            draft = Draft(self.path, self.editor.toPlainText())
            job = self._jobs.start(keep_draft, self._draft, draft, self._draft.ask())
            job.failed.connect(self._on_not_kept)
        else:
            self._draft.drop()

    def _on_not_kept(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else error
        self.messages.tell(f"The text cannot be kept on disk: {reason}.", "Save it elsewhere.", kind="error")

    def finish(self) -> None:
        """The workbench goes: keep what is not saved."""
        self._reading.stop()
        self._keeping.stop()
        try:
            if self.unsaved:
                self._draft.keep(Draft(self.path, self.editor.toPlainText()))
            else:
                self._draft.drop()
        except OSError as exc:
            self._on_not_kept(exc)
        self.trial.close_trial()

    def _ask_upload(self) -> None:
        template = self.trial.template
        label = template.name if template is not None else ""
        self.upload.ask(label or Path(self.path).stem, self.editor.toPlainText())

    # --- the text changed --------------------------------------------------------------------------------------

    def _on_text(self) -> None:
        self._show_title()
        self.upload.hide()  # what it asked about is no longer what would go out
        self._reading.start()
        if not self._keeping.isActive():  # also of who types without a pause
            self._keeping.start()

    def _show_title(self) -> None:
        name = Path(self.path).name if self.path else "New template"
        self.title.setText(f"{name}{' *' if self.unsaved else ''}")

    def _read(self) -> None:
        job = self._jobs.start(read_text, self.editor.toPlainText(), kind="read template")
        job.done.connect(self._on_read)

    def _on_read(self, answer: tuple[str, list[Problem], Template | None]) -> None:
        text, problems, template = answer
        if text != self.editor.toPlainText():
            return
        self._show_problems(problems)
        if template is not None:
            self.trial.show_template(template, template.name)

    def _show_problems(self, problems: list[Problem]) -> None:
        self.problems.clear()
        marks: dict[int, str] = {}
        for problem in problems[:MOST_PROBLEMS]:
            where = f"line {problem.line}: " if problem.line else ""
            path = f"{problem.path}: " if problem.path else ""
            item = QListWidgetItem(f"{problem.severity}, {where}{path}{problem.message}", self.problems)
            item.setData(Qt.ItemDataRole.UserRole, problem.line or 0)
            if problem.line:
                marks[problem.line] = min(marks.get(problem.line, "info"), problem.severity, key=_SEVERITIES.index)
        if not problems:
            self.problems.addItem("No problems.")
        if len(problems) > MOST_PROBLEMS:
            self.problems.addItem(f"{len(problems) - MOST_PROBLEMS} more are listed when these are mended.")
        self.editor.set_marks(marks)

    def _go_to_problem(self, item: QListWidgetItem) -> None:
        line = item.data(Qt.ItemDataRole.UserRole)
        if line:
            self.editor.go_to(int(line))

    # --- results -----------------------------------------------------------------------------------------------

    def _ask_results(self) -> None:
        document, template = self.trial.document, self.trial.template
        if document is not None and template is not None:
            job = self._jobs.start(outcome, template, document.state.annotation, kind="trial results")
            job.done.connect(self._on_results)

    def _on_results(self, made: Outcome) -> None:
        place = self.results.verticalScrollBar().value()
        self.quality.setText(made.quality)
        self.quality.setVisible(bool(made.quality))
        self.results.setPlainText(made.text)
        self.results.verticalScrollBar().setValue(place)
