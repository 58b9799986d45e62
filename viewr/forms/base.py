"""What all form controls share: they show a value, say when the reader changes it, and hold no truth."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewr.model.scope import Results
from viewr.model.state import Look
from viewr.model.template import Context, Field
from viewr.workspace.document import Document

if TYPE_CHECKING:
    from viewr.forms.grid import FieldGrid

#: Where the label of a control stands: beside the control, above it, or the control shows it by itself.
LabelPlace = Literal["beside", "above", "own"]

#: Breaks a line may take inside long words, so that no label is wider than a narrow panel.
_BREAK_AFTER = "_/\\.-"
#: Longer texts are cut where they are shown as labels: Qt lays them out in the window's own thread.
MOST_CHARACTERS = 10_000


def breakable(text: str) -> str:
    """The text with places where a long word may be broken (zero-width spaces, not shown), up to a readable length."""
    words = []
    text = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"
    for word in text.split(" "):
        if len(word) > 14:
            for mark in _BREAK_AFTER:
                word = word.replace(mark, mark + "\u200b")
            word = "\u200b".join(word[at : at + 14] for at in range(0, len(word), 14))
        words.append(word)
    return " ".join(words)


def plain_tip(text: str) -> str:
    """Text of a template as a tooltip that wraps and holds no active content."""
    return f"<qt>{html.escape(text[:MOST_CHARACTERS]).replace(chr(10), '<br>')}</qt>" if text else ""


def harmless_tip(text: str) -> str:
    """Text as a tooltip, as it is unless Qt would take it for HTML and load what it names."""
    return plain_tip(text) if Qt.mightBeRichText(text) else text


def plain_label(text: str, parent: QWidget | None = None) -> QLabel:
    """A label that shows its text as it is, whoever wrote it: Qt's own guess whether it is HTML and load pictures."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def wrapped_label(text: str, parent: QWidget | None = None, role: str = "") -> QLabel:
    """A label of plain text that wraps; `role` picks its look in the style sheet."""
    label = plain_label(breakable(text), parent)
    label.setWordWrap(True)
    # else Qt moves the text of framed labels to the right
    label.setIndent(0)
    make_room(label)
    if role:
        label.setProperty("role", role)
    return label


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction goes from right to left."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def make_room(label: QLabel) -> None:
    """Room for the space at the end of a wrapped line: Qt moves text from right to left by it, out of the label."""
    if is_right_to_left(label.text()):
        label.setContentsMargins(label.fontMetrics().horizontalAdvance(" ") + 1, 0, 0, 0)


def nested_row(column: QVBoxLayout) -> QHBoxLayout:
    """A new row at the end of a column.

    Rows are put into their column while they are empty: PySide6 6.11 wraps each item of a layout that is not, and a
    wrapper that the garbage collector meets after the layout is gone deletes its item once more and ends the program.
    """
    row = QHBoxLayout()
    column.addLayout(row)
    return row


class Host(Protocol):
    """The form, as its controls see it."""

    document: Document
    context: Context
    user: str
    #: Whether the form is wide enough for labels beside the controls.
    labels_beside: bool
    #: Controls are being added one after the other: arranging can wait until it ends.
    holding: bool

    def fill(self, grid: FieldGrid, parent_path: str) -> None:
        """Build the controls of a container, now or piece by piece."""

    def answered(self, control: Control, value: Any) -> None:
        """The reader changed the value of a control."""

    def chose_row(self, path: str, row: Mapping[str, Any]) -> None:
        """The reader chose a row of the listing at `path`."""

    def tell(self, sentence: str) -> None:
        """Say something that the reader should know."""

    def scrolled(self) -> int:
        """How far the form is scrolled down, in pixels."""

    def scroll_to(self, pixels: int) -> None:
        """Scroll so far, once what was opened has found its place."""

    def rebased(self, controls: Sequence[Control]) -> None:
        """These controls stand for other paths than before: show their values."""

    def sibling_value(self, path: str, name: str) -> Any:
        """The value of the field that `name` means for the field at `path`."""


class Control(QWidget):
    """One field of a form.

    Parameters
    ----------
    field : Field
        What the template says about it.
    path : str
        Names joined by "/", rows of listings by their id; changes when a listing shows another row.
    host : Host
        The form.

    Attributes
    ----------
    value_changed : Signal(object)
        The reader changed the value; never emitted by `set_value`.
    """

    value_changed = Signal(object)

    label_place: ClassVar[LabelPlace] = "beside"
    #: Edits in quick succession become one undo step (typing).
    merges: ClassVar[bool] = False
    #: The value is one of the document's answers. False: derived from drawings, formulas or children.
    answers: ClassVar[bool] = True

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.path = path
        self.host = host
        self.label: QLabel | None = None
        #: The control that holds this one.
        self.container: Control | None = None
        #: The grids that hold the controls inside this one.
        self.grids: list[FieldGrid] = []
        #: What the control was last told to show; the form compares with it.
        self.shown: Any = None
        self.setObjectName(field.name)
        #: What the template says to help: `documentation`, and the hint of a line.
        self.help = "\n".join(filter(None, [field.documentation, str(field.extra.get("hint_text") or "")]))
        self.setToolTip(plain_tip(self.help))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.value_changed.connect(self._tell_host)

    @property
    def title(self) -> str:
        """The label, else the name."""
        return self.field.label or self.field.name

    @property
    def required(self) -> bool:
        return bool(self.field.extra.get("required"))

    def value(self) -> Any:
        """The value as the result holds it."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value; emits nothing."""
        raise NotImplementedError

    def set_editable(self, editable: bool) -> None:
        """Let the reader change the value, or only read it."""
        self.setEnabled(editable)

    def set_shown(self, shown: bool) -> None:
        """Show or hide the control with its label; a hidden field keeps its value."""
        for part in (self, self.label):
            if part is not None and part.isHidden() == shown:
                part.setVisible(shown)

    def rebase(self, path: str) -> list[Control]:
        """Stand for another path from now on; gives all controls whose path changed."""
        self.path = path
        return [self, *(moved for grid in self.grids for moved in grid.rebase(path))]

    def focus_widget(self) -> QWidget:
        """Where the keyboard goes when the reader jumps to this field."""
        return self

    def focus_widgets(self) -> list[QWidget]:
        """All parts that the Tab key visits, in visual order."""
        parts = [self, *self.findChildren(QWidget)]
        tab = Qt.FocusPolicy.TabFocus
        # pop-ups of drop-down lists are windows of their own
        return [part for part in parts if part.focusPolicy() & tab and part.window() is self.window()]

    def reveal(self, child: Control) -> None:
        """Open the part that holds a control inside this one."""

    def reveal_row(self, row_id: str) -> None:
        """Show a row of this listing."""

    def follow_outcome(self, outcome: Results) -> None:
        """The formulas have been evaluated anew."""

    def finish(self) -> None:
        """Take in what was typed but not yet given as an answer."""

    def follow_drawings(self) -> None:
        """What was drawn for this field differs from what was shown."""

    def follow_look(self, before: Look, after: Look) -> None:
        """Another tool, target or group is in the hand."""

    def press_key(self, key: str) -> bool:
        """Take an answer key; False if it means nothing here."""
        return False

    def adopt(self, part: QWidget) -> None:
        """Give the part that takes the keyboard its name for screen readers, and take it into the layout."""
        part.setAccessibleName(self.title)
        part.setAccessibleDescription(self.help)
        self.column.addWidget(part)

    def _tell_host(self, value: Any) -> None:
        # a method of its own: a partial of the form's would keep form and controls alive for good
        self.host.answered(self, value)
