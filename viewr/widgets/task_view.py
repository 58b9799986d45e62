"""An open task on the screen: viewports, tools and form as the template lays them out, and what to do with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import plain_label
from viewr.forms.form import Form
from viewr.model.errors import NetworkError
from viewr.model.scope import FormulaGraph
from viewr.templates.mdl import expand_layout
from viewr.widgets import keymap
from viewr.widgets.answer_keys import add_answer_keys
from viewr.widgets.empty_parts import EmptyForm, EmptyParts, places_tools
from viewr.widgets.hand_back import HandBack
from viewr.widgets.key_tips import KeyTips
from viewr.widgets.layout_rules import LayoutRules
from viewr.widgets.mdl_layout import build_layout
from viewr.widgets.messages import MessageBar
from viewr.widgets.renderers import Renderers
from viewr.widgets.shortcuts import Shortcuts
from viewr.widgets.slice_view_keys import press_key, release_key
from viewr.widgets.sop import SopPanel
from viewr.widgets.submit_lines import answer_lines, missing_lines
from viewr.widgets.submit_sheet import SheetLine, SubmitSheet
from viewr.widgets.task_keys import acting_viewport, port_for_keys
from viewr.widgets.tool_panel import ToolPanel
from viewr.widgets.unread_slices import UNREAD, show_unread, unread_lines
from viewr.widgets.view_bar import ViewBar
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.look import look_at_scan
from viewr.workspace.taking_back import correction_notice
from viewr.workspace.task_session import TaskSession

if TYPE_CHECKING:
    from viewr.model.errors import ViewrError
    from viewr.model.state import Change
    from viewr.model.template import Context
    from viewr.model.volume import Volume
    from viewr.workspace.document import ScanKey


#: Milliseconds after a change until what is missing is listed anew.
RECHECK_AFTER = 150
#: Milliseconds for which the bar says what was undone.
TOLD_FOR = 4000
_TOLD = {"undo": "Undone", "redo": "Done again"}


class TaskView(QWidget):
    """One open task.

    Attributes
    ----------
    grids, forms, panels : dict
        The viewports, the form and the tools of each context.
    """

    #: the reader leaves without submitting: keep the draft and the lock is given back
    leave_requested = Signal()
    #: the results are safe in the outbox; True: go on with the next task
    finished = Signal(bool)
    keys_requested = Signal()
    settings_requested = Signal()
    #: all parts are there
    built = Signal()

    def __init__(
        self, session: TaskSession, parent: QWidget | None = None, *, confirm: bool = False,
        renderers: Renderers | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._renderers = renderers
        self.session = session
        self.grids: dict[str, ViewportGrid] = {}
        self.forms: dict[str, Form] = {}
        self.panels: dict[str, ToolPanel] = {}
        self._next = False
        self._tips = KeyTips(self)
        # in quality control a verdict is the last word, and there are thousands
        self._confirm = confirm and session.template.mode != "qc"
        self.messages = MessageBar(self)
        self._build()
        self._pieces = self._build_pieces()
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_next)
        self._connect()
        self._add_shortcuts()
        for notice in session.notices:
            self.messages.tell(notice)
        if session.corrects:
            self.messages.tell(correction_notice(session.identity.id), kind="warning")
        for error in session.failed.values():
            self.messages.tell_error(error)

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar())
        layout.addWidget(self.messages)
        self.hand_back = HandBack(self)
        self.hand_back.confirmed.connect(self._hand_back)
        layout.addWidget(self.hand_back)
        self.sheet = SubmitSheet(self)
        self.sheet.confirmed.connect(self._confirmed)
        self.sheet.field_wanted.connect(self._show_field)
        layout.addWidget(self.sheet)
        self._recheck = QTimer(self, interval=RECHECK_AFTER, singleShot=True)
        self._recheck.timeout.connect(self._list_missing)
        self._told = QTimer(self, interval=TOLD_FOR, singleShot=True)
        self._told.timeout.connect(self._show_status)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setChildrenCollapsible(False)
        self.sop = SopPanel(self.session.template.sop, self)
        self.sop.hide()
        self.splitter.addWidget(self.sop)
        layout.addWidget(self.splitter, 1)

    def _bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("taskBar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 5, 10, 5)
        self.title = QLabel(self.session.title, bar)
        self.title.setObjectName("taskTitle")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.status = plain_label("", bar)
        self.status.setObjectName("quiet")
        self.leave = self._button("Task list", "Leave; the work so far stays on this machine as a draft", "task.leave")
        self.sop_button = self._button("Procedure", "The study's procedure beside the work", "task.procedure")
        self.sop_button.setCheckable(True)
        self.save = self._button("Save draft", "Keep the work so far on this machine", "task.save")
        self.submit = self._button("Submit", "Send the results to the archive", "task.submit")
        self.submit_next = self._button("Submit and next", "Send the results, open the next task", "task.submit_next")
        self.submit_next.setObjectName("primary")
        self.more = QToolButton(bar)
        self.more.setText("More")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        self.undo_action = menu.addAction("Undo", self.session.document.undo)
        self.redo_action = menu.addAction("Redo", self.session.document.redo)
        menu.aboutToShow.connect(self._name_undo)
        menu.addSeparator()
        self.tags_menu = menu.addMenu("Tags of the scans")
        self.tags_menu.aboutToShow.connect(self._list_scans)
        self.give_back_action = menu.addAction("Hand the task back …", self._ask_hand_back)
        menu.addSeparator()
        menu.addAction("Keys and mouse" + keymap.hint("program.keys"), self.keys_requested.emit)
        menu.addAction("Settings …" + keymap.hint("program.settings"), self.settings_requested.emit)
        self.more.setMenu(menu)
        for widget in (self.leave, self.title, self.status):
            row.addWidget(widget)
        row.addStretch(1)
        for button in (self.sop_button, self.more, self.save, self.submit, self.submit_next):
            row.addWidget(button)
        return bar

    def _button(self, text: str, tip: str, action: str) -> QPushButton:
        button = QPushButton(text, self)
        self._tips.add(button, tip, action)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def build(self) -> None:
        """Build viewports, tools and forms in pieces, so that the window goes on answering; `built` follows."""
        self._builder.start()

    def _build_next(self) -> None:
        if next(self._pieces, None) is None:
            self._builder.stop()
            self.built.emit()

    def _build_pieces(self) -> Iterator[QWidget]:
        session, parts = self.session, dict[tuple[str, str], QWidget]()
        layout = expand_layout(session.template)
        for context in session.template.contexts:
            name = context.name
            parts[(name, "viewports")] = self.grids[name] = ViewportGrid(
                session.document, session.template, name, renderers=self._renderers
            )
            self._add_view_bar(self.grids[name])
            yield self.grids[name]
            graph = FormulaGraph(context)
            yield self.grids[name]
            form = Form(session.document, context, user=session.identity.user, graph=graph)
            parts[(name, "qa_fields")] = self.forms[name] = form
            if not context.fields:
                # who only looks has the lists behind the ruler: pictures must not move under a first measure
                lists = not places_tools(layout, name) and not session.read_only
                parts[(name, "qa_fields")] = EmptyForm(form, lists=lists)
            self.forms[name].row_chosen.connect(partial(self._show_scan_of_row, name))
            self.forms[name].told.connect(self.messages.tell)
            self.forms[name].entered.connect(partial(session.field_time.enter, name))
            yield self.forms[name]
            parts[(name, "editor")] = self.panels[name] = ToolPanel(session.document, context)
            yield self.panels[name]
        rules = LayoutRules(session.document, session.template, self)
        work = build_layout(layout, parts, rules)
        EmptyParts(work, parts.values(), self)
        for part in parts.values():
            if part.parent() is None:  # without a place in the layout; else it would outlive the task
                part.setParent(self)
                part.hide()
        yield work
        self.splitter.insertWidget(0, work)
        self.splitter.setStretchFactor(0, 1)
        add_answer_keys(self, self.forms.values())
        yield work

    def scrolled(self) -> dict[str, int]:
        """How far the form of each context is scrolled down, in pixels."""
        return {name: form.scrolled() for name, form in self.forms.items()}

    def scroll_to(self, places: Mapping[str, int]) -> None:
        """Scroll the forms to where they were."""
        for name, pixels in places.items():
            if pixels and name in self.forms:
                self.forms[name].scroll_to(pixels)

    def _add_view_bar(self, grid: ViewportGrid) -> None:
        bar = ViewBar(self.session.document, grid.acting_viewport, grid)
        bar.keys_requested.connect(self.keys_requested)
        grid.add_bar(bar)

    def _connect(self) -> None:
        session = self.session
        self.leave.clicked.connect(self.leave_requested)
        self.sop_button.toggled.connect(self._show_sop)
        self.save.clicked.connect(self._save)
        self.submit.clicked.connect(partial(self._submit, False))
        self.submit_next.clicked.connect(partial(self._submit, True))
        session.progress.connect(self._on_progress)
        session.ready.connect(self._show_status)
        session.scan_failed.connect(self._on_scan_failed)
        session.notice.connect(self.messages.tell)
        session.journal_trouble.connect(self._on_journal_trouble)
        session.submitted.connect(self._on_submitted)
        session.submit_failed.connect(self._on_submit_failed)
        session.document.changed.connect(self._on_changed)
        self.sop_button.setVisible(bool(session.template.sop.strip()))
        local = not session.identity.server
        for button in (self.save, self.submit):
            button.setVisible(not session.read_only)
        self.submit_next.setVisible(not session.read_only and not local)
        self.give_back_action.setEnabled(self._can_hand_back)
        if local:
            self.leave.setText("Close")
            self.submit.setText("Save results")
            self._tips.add(self.submit, "Write the results into their folder", "task.submit")
            self.submit.setAccessibleName("Save results")
        self._show_status()

    def _add_shortcuts(self) -> None:
        self._shortcuts = Shortcuts(self, "task")

    @property
    def context(self) -> Context:
        """The context in sight."""
        shown = (name for name, grid in self.grids.items() if grid.isVisible())
        return self.session.template.context(next(shown, self.session.template.contexts[0].name))

    # --- keys --------------------------------------------------------------------------------------------------

    def take_keys(self) -> None:
        """Give the keyboard to the views: a reader pages and measures at once, without a click."""
        port = acting_viewport(self)
        if port is not None:
            port.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        port = port_for_keys(self)
        if port is None or not press_key(port, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        port = port_for_keys(self)
        if port is None or not release_key(port, event):
            super().keyReleaseEvent(event)

    # --- what is shown -----------------------------------------------------------------------------------------

    def _show_sop(self, wanted: bool) -> None:
        self.sop.setVisible(wanted)
        if wanted:
            width = self.splitter.width()
            self.splitter.setSizes([width - min(380, width // 3), min(380, width // 3)])

    def _show_status(self) -> None:
        session = self.session
        if session.read_only:
            holder = session.holder
            text = f"Read-only: {holder} is working on it" if holder else "Read-only"
            if not session.identity.server:
                text = "To look at only; with --results DIR you can draw and take notes"
        elif not session.is_ready:
            text = "Loading …"
        else:
            text = "Unsaved changes" if session.unsaved else ("Draft kept" if session.document.stack.count() else "")
        self.status.setText(text)

    def _on_changed(self, change: Change) -> None:
        if change.kind != "look":
            self._show_status()
            if change.kind in _TOLD:
                self.status.setText(f"{_TOLD[change.kind]}: {change.text}")
                self._told.start()
            if self.sheet.isVisible():
                self._follow_sheet()

    def _follow_sheet(self) -> None:
        if self.sheet.asking:
            self.sheet.hide()  # what it shows is no longer what goes out
        else:
            self._recheck.start()

    def _show_scan_of_row(self, context: str, path: str, row: Mapping[str, Any]) -> None:
        """In a session's list of scans, show the one whose verdict is asked for."""
        template, scan = self.session.template, row.get("scan")
        known = [spec.name for spec in template.context(context).scans]
        if path == (template.quality or {}).get("listing") and scan in known:
            self.session.document.look(**look_at_scan(self.session.document.state.look, template, context, str(scan)))

    def _on_progress(self, key: ScanKey, done: int, total: int) -> None:
        self.status.setText(f"Loading {key[1]}: {done} of {total}" if done < total else "")
        if done >= total:
            self._show_status()

    def _on_scan_failed(self, key: ScanKey, error: ViewrError) -> None:
        self.session.document.unavailable.add(key)
        for port in (port for grid in self.grids.values() for port in grid.viewports.values()):
            port.update()
        if isinstance(error, NetworkError):
            again = "Your work is kept: go to the task list and open the task again once the server answers."
            self.messages.tell(f"Scans are missing. {error.message}", again, kind="error")
        else:
            self.messages.tell_error(error)
        self._show_status()

    def _on_journal_trouble(self, error: ViewrError | None) -> None:
        if error is None:
            self.messages.tell("The draft is kept on disk again.")
        else:
            self.messages.tell_error(error)

    # --- what the reader does ----------------------------------------------------------------------------------

    def finish_editing(self) -> None:
        """Take in what was typed but not added yet; to be called before the task is left."""
        if not self.session.document.read_only:
            for form in self.forms.values():
                form.finish_editing()

    def _save(self) -> None:
        self.finish_editing()
        self.session.save_draft()
        self._show_status()

    def _submit(self, go_on: bool) -> None:
        """Submit, unless something is missing: then say what; ask once more where the reader wants that."""
        self.finish_editing()
        self._next = go_on
        template, state = self.session.template, self.session.document.state
        if self._is_hindered():
            return
        if self._confirm and not (self.sheet.isVisible() and self.sheet.asking):
            self.sheet.ask(answer_lines(template, state), (self.submit_next if go_on else self.submit).text())
            return
        self._deliver()

    def _deliver(self) -> None:
        self.sheet.hide()
        self._set_busy(True)
        self.session.submit()

    def _is_hindered(self) -> bool:
        """Whether something is missing; then it is listed, and the first field is brought into view."""
        obstacles = list(dict.fromkeys(self.session.obstacles()))
        missing = self._missing()
        if obstacles:
            self.messages.clear()
        for text in obstacles:
            self.messages.tell(text, kind="warning")
        if missing:
            self.sheet.show_missing(missing)
            self._show_field(missing[0].context, missing[0].path)
        return bool(obstacles or missing)

    def _list_missing(self) -> None:
        """The list shrinks while the reader works it off."""
        if self.sheet.isVisible() and not self.sheet.asking:
            self.sheet.show_missing(self._missing())

    def _missing(self) -> list[SheetLine]:
        template, document = self.session.template, self.session.document
        return [*missing_lines(template, document.state), *unread_lines(template, document)]

    def _confirmed(self) -> None:
        self.finish_editing()
        if not self._is_hindered():
            self._deliver()

    def _show_field(self, context: str, path: str) -> None:
        if path.startswith(UNREAD) and context in self.grids:
            show_unread(self.grids[context].viewports.values(), path.removeprefix(UNREAD))
        elif path and context in self.forms:
            self.forms[context].show_field(path)

    def _name_undo(self) -> None:
        """Say what would be undone and done again."""
        stack = self.session.document.stack
        for action, able, text, word in ((self.undo_action, stack.canUndo(), stack.undoText(), "Undo"),
                                         (self.redo_action, stack.canRedo(), stack.redoText(), "Redo")):  # fmt: skip
            action.setText((f"{word}: {text}" if text else word) + keymap.hint(f"task.{word.lower()}"))
            action.setEnabled(able)

    def _list_scans(self) -> None:
        """One entry for each scan that is there."""
        self.tags_menu.clear()
        for key, volume in self.session.document.volumes.items():
            self.tags_menu.addAction(f"{key[1]} …", partial(self._show_tags, volume, key[1]))
        if self.tags_menu.isEmpty():
            self.tags_menu.addAction("No scan is loaded yet").setEnabled(False)

    def _show_tags(self, volume: Volume, scan: str) -> None:
        from viewr.widgets.tag_browser import open_tag_browser

        open_tag_browser(volume, scan, self.window())

    def _ask_hand_back(self) -> None:
        self.hand_back.ask()

    def _hand_back(self, note: str, abort: bool) -> None:
        self.finish_editing()
        self._next = False
        self._set_busy(True)
        self.session.hand_back(note, abort=abort)

    @property
    def _can_hand_back(self) -> bool:
        return not self.session.read_only and bool(self.session.identity.server)

    def _set_busy(self, busy: bool) -> None:
        for button in (self.submit, self.submit_next, self.save, self.leave):
            button.setEnabled(not busy)
        self.give_back_action.setEnabled(not busy and self._can_hand_back)
        if busy:
            self.hand_back.hide()
            self.sheet.hide()

    def _on_submitted(self, _submission: str) -> None:
        self.finished.emit(self._next)

    def _on_submit_failed(self, error: ViewrError) -> None:
        self._set_busy(False)
        self.messages.tell_error(error)
