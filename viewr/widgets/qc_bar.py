"""The bar below the pictures: verdicts, tags, the note and where it is, each with its key."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from viewr.forms.base import nested_row
from viewr.forms.drawing import frame_text, position_text
from viewr.forms.flow import FlowBox
from viewr.forms.text_keys import mark
from viewr.model.template_qc import QcForm
from viewr.model.template_quality import LONGEST_NOTE
from viewr.widgets.qc_buttons import TagChip, VerdictButton
from viewr.workspace.qc_case import QcCase

#: Markers with a button of their own; the others are in the form.
MOST_MARKERS = 3
#: Pixels that all verdicts share before their words go on several lines, and what each has at least.
VERDICTS_WIDTH = 640
SMALLEST_VERDICT = 150


class NoteEdit(QLineEdit):
    """The note on a scan: Enter goes on, Esc gives up."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class QcBar(QWidget):
    """What the reader says of the current scan; it shows the case and asks for changes."""

    #: Option
    verdict_chosen = Signal(object)
    #: Tag
    tag_chosen = Signal(object)
    note_typed = Signal(str)
    note_confirmed = Signal()
    note_given_up = Signal()
    #: the next click in the pictures places a marker
    place_toggled = Signal(bool)
    #: Marker to be shown
    marker_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("qcBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.form: QcForm | None = None
        self.verdicts: list[VerdictButton] = []
        self.chips: list[TagChip] = []
        self.markers: list[QPushButton] = []
        self.note_key = self.place_key = ""
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 8)
        column.setSpacing(6)
        self.subject = QLabel("", self)
        self.subject.setObjectName("taskTitle")
        self.subject.setTextFormat(Qt.TextFormat.PlainText)
        row = nested_row(column)
        row.setSpacing(16)
        left = QVBoxLayout()
        row.addLayout(left)
        left.setSpacing(4)
        left.addWidget(self.subject)
        self._verdict_row = nested_row(left)
        self._verdict_row.setSpacing(8)
        left.addStretch(1)
        right = QGridLayout()
        row.addLayout(right, 1)
        right.setColumnStretch(1, 1)
        right.setVerticalSpacing(6)
        self.flow = FlowBox(self, gap=6, line_gap=5)
        self._tag_label = self._caption("Artefacts")
        right.addWidget(self._tag_label, 0, 0, Qt.AlignmentFlag.AlignTop)
        right.addWidget(self.flow, 0, 1)
        self._note_label = self._caption("Note")
        right.addWidget(self._note_label, 1, 0)
        note_row = QHBoxLayout()
        right.addLayout(note_row, 1, 1)
        self._fill_note_row(note_row)
        right.setRowStretch(2, 1)

    def _caption(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setObjectName("quiet")
        label.setContentsMargins(0, 5, 4, 0)
        return label

    def _fill_note_row(self, row: QHBoxLayout) -> None:
        row.setSpacing(6)
        self.note = NoteEdit(self)
        self.note.setMaxLength(LONGEST_NOTE)
        self.note.textEdited.connect(self.note_typed)
        self.note.returnPressed.connect(self.note_confirmed)
        self.note.given_up.connect(self.note_given_up)
        self.place = QPushButton("Where", self)
        self.place.setCheckable(True)
        self.place.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.place.setToolTip("Click into a picture to say where it is; Undo (Ctrl+Z) takes it back")
        self.place.toggled.connect(self.place_toggled)
        row.addWidget(self.note, 1)
        row.addWidget(self.place)
        self._marker_row = row

    # --- another form ------------------------------------------------------------------------------------------

    def use(self, form: QcForm | None, note_key: str, place_key: str) -> None:
        """Show the buttons of a form, unless they are there already."""
        if (form, note_key, place_key) == (self.form, self.note_key, self.place_key) and self.verdicts:
            return
        self.form, self.note_key, self.place_key = form, note_key, place_key
        self._drop([*self.verdicts, *self.chips])
        self.verdicts, self.chips = [], []
        self.flow.clear()
        options = form.options if form else ()
        for option in options:
            button = VerdictButton(option, self)
            button.limit_width(max(SMALLEST_VERDICT, VERDICTS_WIDTH // len(options)))
            button.clicked.connect(partial(self._give, button))
            self.verdicts.append(button)
            self._verdict_row.addWidget(button)
        for tag in form.tags if form else ():
            chip = TagChip(tag, self.flow)
            chip.clicked.connect(partial(self._cycle, chip))
            self.chips.append(chip)
            self.flow.add(chip)
            chip.show()
        self._show_parts(form)

    def _drop(self, buttons: list[QWidget]) -> None:
        for button in buttons:
            self._verdict_row.removeWidget(button)
            button.hide()
            button.deleteLater()

    def _show_parts(self, form: QcForm | None) -> None:
        has_note, has_marker = bool(form and form.note), bool(form and form.marker)
        self._tag_label.setVisible(bool(self.chips))
        self.flow.setVisible(bool(self.chips))
        self._note_label.setVisible(has_note)
        self.note.setVisible(has_note)
        self.place.setVisible(has_marker)
        self._note_label.setText(f"Note ({self.note_key.upper()})" if self.note_key else "Note")
        self.place.setText(f"Where ({self.place_key.upper()})" if self.place_key else "Where")

    # --- the case ----------------------------------------------------------------------------------------------

    def follow(self, case: QcCase | None) -> None:
        """Show what is said of the current scan."""
        subject = case.current if case is not None else None
        usable = case is not None and subject is not None and not case.document.read_only
        for part in (*self.verdicts, *self.chips, self.note, self.place):
            part.setEnabled(usable)
        self.subject.setText(self._title(case))
        given = case.verdict(case.number) if case is not None and subject is not None else None
        for button in self.verdicts:
            button.setChecked(button.option == given)
        if case is None or subject is None:
            self._show_note("", owed=False)
            self._show_markers(None)
            return
        for chip in self.chips:
            chip.show_value(case.answer(case.number, chip.tag.path))
        self._show_note(case.note, owed=case.note_owed)
        self._show_markers(case)

    def _title(self, case: QcCase | None) -> str:
        if case is None or case.current is None:
            return ""
        text = f"{case.current.form.title}: {case.current.label}"
        count = len(case.subjects)
        text = f"{text}  ({case.number + 1} of {count})" if count > 1 else text
        return self.subject.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 420)

    def _show_note(self, text: str, *, owed: bool) -> None:
        if self.note.text() != text:
            blocker = QSignalBlocker(self.note)
            self.note.setText(text)
            blocker.unblock()
        mark(self.note, "error" if owed else "")
        hint = self.form.note_hint if self.form else ""
        self.note.setPlaceholderText(
            "What is wrong? Enter goes on, Esc takes the verdict back" if owed else hint or "What should others know?"
        )

    def _show_markers(self, case: QcCase | None) -> None:
        for button in self.markers:
            self._marker_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.markers = []
        for marker in case.markers[-MOST_MARKERS:] if case is not None else ():
            button = QPushButton(position_text(marker.pos) + frame_text(marker), self)
            button.setProperty("role", "small")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip("Show this place")
            button.clicked.connect(partial(self.marker_chosen.emit, marker))
            self._marker_row.addWidget(button)
            self.markers.append(button)

    def show_placing(self, placing: bool) -> None:
        """Whether the next click places a marker."""
        blocker = QSignalBlocker(self.place)
        self.place.setChecked(placing)
        blocker.unblock()

    def _give(self, button: VerdictButton) -> None:
        self.verdict_chosen.emit(button.option)

    def _cycle(self, chip: TagChip) -> None:
        self.tag_chosen.emit(chip.tag)
