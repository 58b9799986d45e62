"""Quality control on the screen: contact sheets of all scans of a case, a verdict by one key, and on to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewr.forms.validation import form_problems
from viewr.model.template_qc import Option, Tag, qc_forms
from viewr.widgets.messages import MessageBar
from viewr.widgets.qc_bar import QcBar
from viewr.widgets.qc_buttons import option_colour
from viewr.widgets.qc_keyboard import take_key
from viewr.widgets.qc_keys import COMMANDS, command_keys
from viewr.widgets.qc_pictures import QcPictures
from viewr.widgets.qc_side import QcSide
from viewr.widgets.qc_top import QcTop
from viewr.widgets.sheet_board import Mark, SheetBoard
from viewr.workspace.opening import absent_notice
from viewr.workspace.qc_case import QcCase, marked_frame, place_marker
from viewr.workspace.qc_run import QcProgress
from viewr.workspace.taking_back import correction_notice

if TYPE_CHECKING:
    from viewr.model.errors import ViewrError
    from viewr.model.marker import Marker, Point
    from viewr.workspace.document import ScanKey
    from viewr.workspace.jobs import Jobs
    from viewr.workspace.task_session import TaskSession


class QcView(QWidget):
    """One page for a whole run: it shows one case after the other, and asks for what the run does.

    Attributes
    ----------
    case : QcCase or None
        The case on the screen; None while the next one is waited for.
    keys : dict
        Command -> its key, which is never one of the template's.
    """

    finish_requested = Signal()
    later_requested = Signal()
    back_requested = Signal()
    leave_requested = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session: TaskSession | None = None
        self.case: QcCase | None = None
        self.side: QcSide | None = None
        self.keys: dict[str, str] = dict.fromkeys(COMMANDS, "")
        self._warned = self._finishing = self._finish_when_ready = False
        self._can_go_back = False
        self._progress = QcProgress()
        self._build(jobs)
        self._connect()
        self._add_shortcuts()

    # --- building ----------------------------------------------------------------------------------------------

    def _build(self, jobs: Jobs) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.top = QcTop(self)
        self.messages = MessageBar(self)
        self.pictures = QcPictures(jobs, self)
        self.bar = QcBar(self)
        column.addWidget(self.top)
        column.addWidget(self.messages)
        self._middle = QHBoxLayout()
        column.addLayout(self._middle, 1)
        self._middle.setSpacing(2)
        self._middle.addWidget(self.pictures, 1)
        column.addWidget(self.bar)

    def _connect(self) -> None:
        top, bar, pictures = self.top, self.bar, self.pictures
        top.leave.clicked.connect(self.leave)
        pictures.end.leave_requested.connect(self.leave)
        top.back.clicked.connect(self.go_back)
        top.later.clicked.connect(self.put_aside)
        top.form.toggled.connect(self._show_form)
        top.sop.toggled.connect(self._show_sop)
        top.full.clicked.connect(pictures.toggle_full)
        top.number_changed.connect(pictures.change_number)
        top.plane.clicked.connect(pictures.next_plane)
        top.beside.clicked.connect(pictures.toggle_beside)
        bar.verdict_chosen.connect(self.give)
        bar.tag_chosen.connect(self.cycle)
        bar.note_typed.connect(self._type_note)
        bar.note_confirmed.connect(self._confirm_note)
        bar.note_given_up.connect(self.give_up_note)
        bar.place_toggled.connect(self._start_placing)
        bar.marker_chosen.connect(self._show_marker)
        pictures.scan_chosen.connect(self._select_scan)
        pictures.placed.connect(self._place)
        pictures.changed.connect(self._show_picture_state)
        pictures.notice.connect(self.messages.tell)

    def _add_shortcuts(self) -> None:
        top = self.top
        for keys, slot in (
            ("F1", top.sop.click), ("Ctrl+E", top.form.click), ("Ctrl+L", top.leave.click),
            ("Ctrl+Z", self._undo), ("Ctrl+Shift+Z", self._redo), ("Ctrl+Y", self._redo),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), self, slot)

    @property
    def board(self) -> SheetBoard:
        return self.pictures.board

    # --- what the run says -------------------------------------------------------------------------------------

    def show_case(self, session: TaskSession, *, take_keys: bool = True) -> None:
        """Show a case, ready for its first verdict; without `take_keys` the keyboard stays where it is."""
        self.drop_case()
        session.document.wake()  # it may be the one that was just dropped
        self.session, self.case = session, QcCase(session.document, session.template)
        self._use_template(session)
        self._listen(session, on=True)
        self.case.changed.connect(self._follow)
        self.case.note_wanted.connect(self.bar.note.setFocus)
        self.case.note_dropped.connect(self._on_note_dropped)
        self.case.completed.connect(self._complete)
        self.pictures.open_case(session, self._scan_keys())
        several = len(self.board.columns) > 1
        self.top.show_case(session.title, several=several, sop=bool(session.template.sop.strip()))
        self._show_parts(True)
        self._follow()
        if take_keys:
            self.pictures.take_keys()
        self._tell_notices(session)
        if not self.case.subjects:
            self.messages.tell("The task names no scan to judge.", "Put it aside, and open it from the list.")

    def _tell_notices(self, session: TaskSession) -> None:
        """What opening has to say; scans that may lack are told quietly, since that may be so in each case."""
        names = list(dict.fromkeys(scan for _, scan in session.document.unavailable))
        if session.corrects:
            self.messages.tell(correction_notice(session.identity.id), kind="warning")
        quiet = {absent_notice(name): name for name in names}
        for notice in session.notices:
            if notice not in quiet:
                self.messages.tell(notice)
        self.top.show_absent([quiet[notice] for notice in session.notices if notice in quiet])

    def show_waiting(self, sentence: str) -> None:
        """Say why the next case is not there yet."""
        self.drop_case()
        self.pictures.waiting.say(sentence)
        self._show_page(self.pictures.waiting)

    def show_end(self, sentence: str) -> None:
        """Show the counts of the run."""
        self.drop_case()
        self.pictures.end.show_end(sentence, self._progress)
        self._show_page(self.pictures.end)
        self.pictures.end.button.setFocus()

    def show_progress(self, progress: QcProgress, can_go_back: bool) -> None:
        """Show how far one is, and whether there is a case before this one."""
        self._progress, self._can_go_back = progress, can_go_back
        self.top.show_progress(progress, can_go_back or (self.case is not None and self.case.can_step_back))

    def pause(self, sentence: str) -> None:
        """Another case is on its way and takes the place of this one, which nobody can judge meanwhile."""
        self._finishing = True
        self.messages.tell(sentence)

    def resume(self) -> None:
        """The case could not be finished or left: it is the reader's again."""
        self._finishing = False
        self._follow()

    def drop_case(self) -> None:
        """Show no case any more; its document falls silent, what shows it goes with the next turn of the event loop."""
        self._finishing = self._finish_when_ready = self._warned = False
        self.pictures.close_case()
        if self.session is None or self.case is None:
            return
        self._listen(self.session, on=False)
        self.session.document.retire()
        if self.side is not None:
            self.side.hide()
            self.side.deleteLater()
        self.case.deleteLater()
        self.session = self.case = self.side = None

    def _show_page(self, page: QWidget) -> None:
        self.pictures.setCurrentWidget(page)
        self.top.show_case("Quality control", several=False, sop=False)
        self._show_parts(False)

    def _show_parts(self, shown: bool) -> None:
        """What is of use only while there is a case."""
        for part in (self.bar, self.top.sheet_bar):
            part.setVisible(shown)
        for button in (self.top.later, self.top.form):
            button.setEnabled(shown)

    def _use_template(self, session: TaskSession) -> None:
        self.keys = command_keys(qc_forms(session.template))
        self.top.show_keys(self.keys)
        self.side = QcSide(session, self)
        self._middle.addWidget(self.side)
        self.top.form.setChecked(False)
        self.side.show_sop(self.top.sop.isChecked())

    def _listen(self, session: TaskSession, *, on: bool) -> None:
        for signal, slot in (
            (session.scan_failed, self._on_scan_failed), (session.notice, self.messages.tell),
            (session.submit_failed, self._on_not_kept), (session.ready, self._on_ready),
            (session.journal_trouble, self._on_journal_trouble),
        ):  # fmt: skip
            if on:
                signal.connect(slot)
            else:
                signal.disconnect(slot)

    def _on_scan_failed(self, _key: ScanKey, error: ViewrError) -> None:
        self.messages.tell_error(error)

    def _on_not_kept(self, error: ViewrError) -> None:
        """The verdict could not be kept, the disk is full perhaps: the case is the reader's again."""
        self.messages.tell_error(error)
        self.resume()

    def _on_journal_trouble(self, error: ViewrError | None) -> None:
        if error is None:
            self.messages.tell("The draft is kept on disk again.")
        else:
            self.messages.tell_error(error)

    # --- the case as it is -------------------------------------------------------------------------------------

    def _scan_keys(self) -> list[ScanKey]:
        """All scans that verdicts are about, in their order; then the others of the session."""
        if self.case is None or self.session is None:
            return []
        keys: list[ScanKey] = []
        missing = self.session.document.unavailable
        for one in self.case.subjects:
            judged = [(one.form.context, scan) for scan in one.scans]
            # one that is not there has no room beside those that are
            keys += [key for key in judged if key not in missing] or judged
        others = [(form.context, scan) for form in qc_forms(self.session.template) for scan in form.scans]
        return list(dict.fromkeys(keys + [key for key in others if key not in missing]))

    def _follow(self) -> None:
        """Show the answers as they are."""
        case = self.case
        if case is None:
            return
        form = case.current.form if case.current is not None else None
        self.bar.use(form, self.keys["note"], self.keys["place"])
        self.bar.follow(case)
        marks, current = self._marks(case)
        self.board.mark(marks, current)
        for key, column in self.board.columns.items():
            column.view.show_markers(case.markers if key in current else ())
        self.top.show_progress(self._progress, self._can_go_back or case.can_step_back)
        self.pictures.follow_scan()
        self._show_row()
        self._show_picture_state()

    def _marks(self, case: QcCase) -> tuple[dict[ScanKey, Mark], list[ScanKey]]:
        marks: dict[ScanKey, Mark] = {}
        for number, subject in enumerate(case.subjects):
            verdict = case.verdict(number)
            mark = Mark(verdict.text, option_colour(verdict)) if verdict is not None else Mark()
            marks.update(dict.fromkeys(((subject.form.context, scan) for scan in subject.scans), mark))
        now = case.current
        return marks, [(now.form.context, scan) for scan in now.scans] if now is not None else []

    def _show_picture_state(self) -> None:
        self.top.show_sheet(*self.pictures.shown, self.keys["plane"])
        self.top.show_mode(self.pictures.is_full, self.board.beside)
        self.bar.show_placing(self.pictures.placing)

    def _select_scan(self, key: ScanKey) -> None:
        subjects = self.case.subjects if self.case is not None else ()
        for number, one in enumerate(subjects):
            if self.case is not None and one.form.context == key[0] and key[1] in one.scans:
                self.case.select(number)
                break
        self._follow()

    def step_scan(self, step: int) -> None:
        """To the next or last scan of the case."""
        if self.case is not None and self.case.subjects:
            self.case.select((self.case.number + step) % len(self.case.subjects))

    # --- verdicts ----------------------------------------------------------------------------------------------

    def give(self, option: Option) -> None:
        """Give the verdict; not on what nobody can have seen yet."""
        if self.case is None or self._finishing:
            return
        subject = self.case.current
        keys = [(subject.form.context, scan) for scan in subject.scans] if subject is not None else []
        if self.pictures.unseen(keys):
            self.messages.tell("The scan is not there yet: wait for its pictures, or put the case aside.")
        elif not self.pictures.unpainted(keys):  # else pressed twice, or while the case before was in sight
            self._finish_when_ready = False
            self.case.give(option)

    def _on_note_dropped(self, note: str) -> None:
        gone = self._finishing or self.sender() is not self.case
        hint = "Back (⌫) leads there again." if gone else "Undo (Ctrl+Z) brings both back."
        self.messages.tell(f"The note “{note}” went with the bad verdict.", hint)

    def cycle(self, tag: Tag) -> None:
        """Say the next thing of a tag."""
        if self.case is not None and not self._finishing:
            self.case.cycle(tag)

    def _type_note(self, text: str) -> None:
        if self.case is not None:
            self.case.write_note(text)

    def _confirm_note(self) -> None:
        """Enter in the note: on to the next, or back to the pictures if no verdict waits for it."""
        if self.case is not None and self.case.confirm_note():
            self.pictures.take_keys()

    def give_up_note(self) -> None:
        """Esc in the note: the verdict that asked for it is taken back."""
        if self.case is not None and self.case.note_owed:
            self.case.withdraw()
        self.pictures.take_keys()

    def _complete(self) -> None:
        """Every scan has its verdict: go on, unless the template asks for more."""
        assert self.session is not None
        if not self.session.is_ready:
            self._finish_when_ready = True
            self.messages.tell("The verdict is kept; the next case comes when the last scan is loaded.")
            return
        if self.side is not None:
            self.side.finish_editing()
        problems = self._problems()
        if problems:
            self.messages.clear()
            for text in problems:
                self.messages.tell(text, kind="warning")
            return
        self._finishing = True
        self.messages.clear()
        self.finish_requested.emit()

    def _on_ready(self) -> None:
        ends, self._finish_when_ready = self._finish_when_ready, False
        if ends and self.case is not None and not (self.case.note_owed or self.case.unjudged):
            self._complete()

    def _problems(self) -> list[str]:
        """Why the case is not done, one sentence each; the form shows the first field."""
        assert self.session is not None
        texts = list(self.session.obstacles())
        shown = False
        for context in self.session.template.contexts:
            for problem in form_problems(context, self.session.document.state):
                if problem.blocking:
                    texts.append(problem.message)
                    shown = shown or self._show_field(context.name, problem.path)
        return list(dict.fromkeys(texts))

    def _show_field(self, context: str, path: str) -> bool:
        if self.side is None:
            return False
        self.top.form.setChecked(True)
        form = self.side.show_form(context)
        return form is not None and form.show_field(path)

    # --- moving on ---------------------------------------------------------------------------------------------

    def go_back(self) -> None:
        """To the verdict before: in this case, else in the case before."""
        if self._finishing:
            return
        self._finish_when_ready = False
        if self.case is not None and self.case.step_back():
            self.pictures.take_keys()
        elif self._can_go_back:
            self.messages.clear()
            self.back_requested.emit()

    def put_aside(self) -> None:
        """Later: the case comes again at the end."""
        if self.case is not None and not self._finishing:
            self._finishing = True
            self.messages.clear()
            self.later_requested.emit()

    def leave(self) -> None:
        """Leave; with verdicts that are only half given, say so first."""
        if self._half_done() and not self._warned and self.case is not None:
            self._warned = True
            names = ", ".join(self.case.unjudged) or "the note"
            hint = "Leave again to go anyway; what you said is kept as a draft."
            self.messages.tell(f"This case is not finished: {names}.", hint, kind="warning")
            return
        self.leave_requested.emit()

    def _half_done(self) -> bool:
        if self.case is None or self.session is None or self._finishing or self.session.read_only:
            return False
        return self.case.note_owed or (bool(self.case.unjudged) and self.session.unsaved)

    # --- where it is -------------------------------------------------------------------------------------------

    def _start_placing(self, wanted: bool) -> None:
        key = self.case.marker_key if self.case is not None else None
        if wanted and key is not None and not self._finishing:
            self.pictures.start_placing(key)
        else:
            self.pictures.stop_placing()
        self._show_picture_state()

    def _place(self, key: ScanKey, point: Point, frame: int | None) -> None:
        if self.case is not None:
            place_marker(self.case, point, key[1], frame)

    def _show_marker(self, marker: Marker) -> None:
        subject = self.case.current if self.case is not None else None
        if subject is not None:
            scan = marker.scan if marker.scan in subject.scans else next(iter(subject.scans), "")
            self.pictures.enlarge((subject.form.context, scan), marker.pos, marked_frame(marker))

    # --- the rest ----------------------------------------------------------------------------------------------

    def _undo(self) -> None:
        if self.session is not None and not self._finishing:
            self.session.document.undo()

    def _redo(self) -> None:
        if self.session is not None and not self._finishing:
            self.session.document.redo()

    def _show_form(self, wanted: bool) -> None:
        if self.side is not None:
            subject = self.case.current if self.case is not None else None
            self.side.show_form(subject.form.context if wanted and subject is not None else None)
            self._show_row()

    def _show_row(self) -> None:
        subject = self.case.current if self.case is not None else None
        if self.side is not None and subject is not None:
            self.side.show_row(subject.form.context, subject.form.listing, subject.row)

    def _show_sop(self, wanted: bool) -> None:
        if self.side is not None:
            self.side.show_sop(wanted)

    # --- keys --------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.window().windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        handle = self.window().windowHandle()
        if handle is not None:
            handle.removeEventFilter(self)
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # of the window itself: keys come here before whatever has the focus
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return take_key(self, event)
        return super().eventFilter(watched, event)
