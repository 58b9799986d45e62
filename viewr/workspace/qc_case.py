"""One case of quality control: which scan is to be judged, its verdict, tags and note; and when the case is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from viewr.model.annotation import Annotation, with_drawing
from viewr.model.answers import ROW_ID, get_answer, with_answer
from viewr.model.frame_point import frame_points
from viewr.model.marker import Marker, Point, next_id
from viewr.model.template_qc import Option, QcForm, Tag, qc_forms
from viewr.workspace.document import Document

if TYPE_CHECKING:
    from viewr.model.state import Change
    from viewr.model.template import Template


@dataclass(frozen=True)
class Subject:
    """What gets one verdict: a scan with a row of its own, or all scans of a context.

    Attributes
    ----------
    row : str
        Id of the row; "" without a listing.
    scans : tuple of str
        Scans of the context, by their names in the template.
    """

    form: QcForm
    row: str
    label: str
    scans: tuple[str, ...]

    def path(self, inside: str) -> str:
        """Path in the context of a field of this subject."""
        return f"{self.form.listing}/{self.row}/{inside}" if self.form.listing else inside


def subjects_of(template: Template, annotation: Annotation) -> tuple[Subject, ...]:
    """All that is to be judged, in the order of the template."""
    found: list[Subject] = []
    forms = qc_forms(template)
    for form in forms:
        if form.listing:
            found += _rows(form, annotation)
        else:
            found.append(Subject(form, "", form.scan or form.context, (form.scan,) if form.scan else form.scans))
    return tuple(found)


def _rows(form: QcForm, annotation: Annotation) -> Iterator[Subject]:
    rows = get_answer(annotation.answers.get(form.context, {}), form.listing) or []
    for number, row in enumerate(rows, 1):
        name = str(row.get("scan") or "")
        yield Subject(form, str(row.get(ROW_ID)), name or f"{number}", (name,) if name else ())


class QcCase(QObject):
    """The verdicts of an open task, by keys.

    Answers live in the document; here is only which subject is current, and whether a note is still owed.

    Parameters
    ----------
    document : Document
    template : Template
    """

    #: another subject is current, or an answer changed
    changed = Signal()
    #: the verdict that was just given asks for a note
    note_wanted = Signal()
    #: the note that went with the bad verdict which was corrected
    note_dropped = Signal(str)
    #: every subject has its verdict
    completed = Signal()

    def __init__(self, document: Document, template: Template, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document, self.template = document, template
        self.subjects = subjects_of(template, document.state.annotation)
        self.number = next((n for n in range(len(self.subjects)) if self.verdict(n) is None), 0)
        self.note_owed = False
        self._judged: list[int] = []
        self._before: tuple[Any, Any] = (None, None)
        document.changed.connect(self._on_changed)

    # --- what is known -----------------------------------------------------------------------------------------

    @property
    def current(self) -> Subject | None:
        return self.subjects[self.number] if self.subjects else None

    def answer(self, number: int, inside: str) -> Any:
        """The value of a field of a subject."""
        subject = self.subjects[number]
        answers = self.document.state.annotation.answers.get(subject.form.context, {})
        return get_answer(answers, subject.path(inside)) if inside else None

    def verdict(self, number: int) -> Option | None:
        """The verdict on a subject, None while it has none."""
        form = self.subjects[number].form
        value = self.answer(number, form.field)
        same = (option for option in form.options if type(option.value) is type(value) and option.value == value)
        return next(same, None)

    @property
    def note(self) -> str:
        """The note on the current subject."""
        return str(self.answer(self.number, self.current.form.note) or "") if self.current else ""

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Where the current subject is wrong."""
        key = self.marker_key
        drawn = self.document.state.annotation.drawings.get(key, ()) if key else ()
        return tuple(item for item in drawn if isinstance(item, Marker))

    @property
    def marker_key(self) -> tuple[str, str] | None:
        """The field that holds the markers of the current subject; None if the template has none."""
        subject = self.current
        if subject is None or not subject.form.marker:
            return None
        return subject.form.context, subject.path(subject.form.marker)

    @property
    def unjudged(self) -> list[str]:
        """Labels of the subjects without a verdict."""
        return [one.label for number, one in enumerate(self.subjects) if self.verdict(number) is None]

    # --- what the reader does ----------------------------------------------------------------------------------

    def select(self, number: int) -> None:
        """Judge another subject; a note that is still owed keeps the reader where they are."""
        if 0 <= number < len(self.subjects) and number != self.number and not self.note_owed:
            self.number = number
            self.changed.emit()

    def give(self, option: Option) -> None:
        """Give the current subject a verdict; the next one without any follows, or the end of the case.

        The note that a bad verdict had to have goes with it, in the same undo step, when it becomes a good one; on a
        questionable scan it may well stand.
        """
        subject = self.current
        if subject is None or self.document.read_only:
            return
        if self.note_owed:
            self.withdraw()
        form = subject.form
        self._before = self.answer(self.number, form.field), self.answer(self.number, form.note)
        before = self.verdict(self.number)
        corrected = before is not None and before.bad and option.grade == "usable" and bool(self.note)
        answers = [(form.field, option.value), *([(form.note, None)] if corrected else [])]
        dropped = self.note if corrected else ""
        self._edit(f"Verdict “{option.text}” on {subject.label}", *answers)
        self._judged.append(self.number)
        if option.bad and form.note and not self.note.strip():
            self.note_owed = True
            self.changed.emit()
            self.note_wanted.emit()
        else:
            self.go_on()
        if dropped:
            self.note_dropped.emit(dropped)

    def cycle(self, tag: Tag) -> None:
        """Say the next thing of a tag: present, absent, unknown."""
        if self.current is not None:
            value = tag.next(self.answer(self.number, tag.path))
            self._edit(f"Tag “{tag.label}” of {self.current.label}", (tag.path, value))

    def write_note(self, text: str) -> None:
        """Take in the note as it is typed; one undo step."""
        subject = self.current
        if subject is not None and subject.form.note and text != self.note:
            merge = f"{subject.form.context}:{subject.path(subject.form.note)}"
            self._edit(f"Note on {subject.label}", (subject.form.note, text), merge=merge)

    def confirm_note(self) -> bool:
        """Go on after the note; False while it is owed and empty."""
        if self.note_owed and not self.note.strip():
            return False
        if self.note_owed:
            self.note_owed = False
            self.go_on()
        return True

    def withdraw(self) -> None:
        """Take back the verdict that asks for a note, and what was written of the note."""
        subject = self.current
        if subject is None or not self.note_owed:
            return
        self.note_owed = False
        self._judged.pop()
        verdict, note = self._before
        text = f"Take back the verdict on {subject.label}"
        self._edit(text, (subject.form.field, verdict), (subject.form.note, note))
        self.changed.emit()

    @property
    def can_step_back(self) -> bool:
        """Whether a verdict was given since the case came."""
        return bool(self._judged)

    def step_back(self) -> bool:
        """Go back to the subject that was judged last; False if none was since the case came."""
        if self.note_owed:
            self.withdraw()
            return True
        if not self._judged:
            return False
        self.number = self._judged.pop()
        self.changed.emit()
        return True

    def go_on(self) -> None:
        """To the next subject without a verdict, or to the end."""
        count = len(self.subjects)
        order = [(self.number + step) % count for step in range(1, count)]
        following = next((number for number in order if self.verdict(number) is None), None)
        if following is not None:
            self.number = following
            self.changed.emit()
        elif self.verdict(self.number) is not None:
            self.changed.emit()
            self.completed.emit()

    def _edit(self, text: str, *answers: tuple[str, Any], merge: str = "") -> None:
        subject = self.subjects[self.number]
        pairs = [(subject.path(inside), value) for inside, value in answers if inside]
        self.document.edit(text, partial(_with_answers, context=subject.form.context, pairs=pairs), merge)

    def _on_changed(self, change: Change) -> None:
        if change.before.annotation is not change.after.annotation:
            self.changed.emit()


def marked_frame(marker: Marker) -> int | None:
    """The frame of a film that a marker is on, from 0; None where it is on none."""
    return marker.frames[0].number - 1 if marker.frames else None


def place_marker(case: QcCase, point: Point, scan: str, frame: int | None = None) -> None:
    """Say where the current subject is wrong; where one place more is too many, the oldest gives way.

    Parameters
    ----------
    point : tuple of float
        LPS, mm.
    scan : str
        The scan of the context on which it was placed.
    frame : int or None
        The frame of a film, from 0.
    """
    key, subject = case.marker_key, case.current
    if key is None or subject is None:
        return
    held = case.document.state.annotation.drawings.get(key, ())
    volume = case.document.volumes.get((subject.form.context, scan))
    frames = frame_points(volume, (frame,)) if volume is not None and frame is not None else ()
    placed = Marker(point, id=next_id(held), scan=scan, frames=frames)
    most = subject.form.most_markers
    kept = held[-(most - 1):] if most > 1 else held if most == 0 else ()
    case.document.edit(f"Say where it is on {subject.label}", partial(with_drawing, key=key, drawn=(*kept, placed)))


def _with_answers(annotation: Annotation, context: str, pairs: list[tuple[str, Any]]) -> Annotation:
    return reduce(lambda held, pair: with_answer(held, context, *pair), pairs, annotation)
