"""The form of one context, bound to the document: it shows answers and asks for edits."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from time import perf_counter
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from viewr.forms.base import Control
from viewr.forms.catalog import control_for
from viewr.forms.grid import BESIDE_CHARACTERS, FieldGrid, Place
from viewr.forms.links import Links
from viewr.model.annotation import Annotation
from viewr.model.answers import get_answer, with_answer
from viewr.model.scope import FormulaGraph, Results
from viewr.model.state import Change
from viewr.model.template import Context
from viewr.workspace.document import Document

#: Controls built at once; the others follow in pieces of this many seconds, so that the window never stands still.
FIRST_CONTROLS = 30
PIECE_SECONDS = 0.012
#: Controls after which an endless form waits until the reader comes near its end: each takes 100 kB.
MOST_CONTROLS = 1500
#: Seconds between two arrangements of the controls while the form is being built, and at least so many times as long
#: as the last one took.
SETTLE_SECONDS, SETTLE_SHARE = 0.4, 4.0
#: Milliseconds until tabs and rows that were opened have found their places.
SETTLED_AFTER = 40


class Form(QScrollArea):
    """All fields of a context.

    Parameters
    ----------
    document : Document
        Follows its changes, whoever made them; asks it for edits.
    context : Context
    user : str
        Author of messages that the reader writes.
    graph : FormulaGraph, optional
        Of the context, if it was made before: in a form of thousands of fields that takes its time.

    Attributes
    ----------
    built : Signal()
        The last control of the form is there.
    """

    built = Signal()
    #: path of a listing, the row that the reader chose
    row_chosen = Signal(str, object)
    #: path of the field that has the keyboard now
    entered = Signal(str)
    #: a sentence that the reader should see
    told = Signal(str)

    def __init__(
        self, document: Document, context: Context, parent: QWidget | None = None, user: str = "",
        graph: FormulaGraph | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.document = document
        self.context = context
        self.user = user
        self.labels_beside = True
        self.holding = False
        self._settle_at = 0.0
        self._most = MOST_CONTROLS
        self._scroll_to, self._scroll_due = 0, False
        self._sought: Control | None = None
        self._controls: list[Control] = []
        self._waiting: deque[tuple[FieldGrid, Place]] = deque()
        self._graph = graph or FormulaGraph(context)
        self._outcome = Results()
        self._evaluated: Annotation | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._build_piece)
        self._set_up()
        self._links = Links(self)
        self._links.told.connect(self.told)
        self._build(FIRST_CONTROLS)
        document.changed.connect(self._on_changed)

    def _set_up(self) -> None:
        self.setObjectName("form")
        self.setAccessibleName(f"Form {self.context.name}")
        self.setWidgetResizable(True)
        self.setMinimumWidth(240)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.body = QWidget(self)
        self.body.setObjectName("formBody")
        column = self._column = QVBoxLayout(self.body)
        column.setContentsMargins(12, 12, 12, 12)
        self.grid = FieldGrid(self.context.fields, self, self.body)
        column.addWidget(self.grid)
        self._more = QPushButton("", self.body)
        self._more.hide()
        self._more.clicked.connect(self.build_more)
        column.addWidget(self._more)
        column.addStretch(1)
        self.setWidget(self.body)
        self.fill(self.grid, "")
        self.verticalScrollBar().valueChanged.connect(self._near_end)
        self.verticalScrollBar().rangeChanged.connect(self._scroll_back)
        self.verticalScrollBar().actionTriggered.connect(self._forget_scroll)

    # --- what others ask ---------------------------------------------------------------------------------------

    def control(self, path: str) -> Control:
        """The control of a field, built if it was not yet; raises `KeyError`."""
        self._build_until(path)
        for control in self._controls:
            if control.path == path:
                return control
        raise KeyError(path)

    def controls(self) -> list[Control]:
        """The controls built so far, in visual order."""
        return list(self._in_order(self.grid))

    @property
    def complete(self) -> bool:
        """Whether all controls are built, or so many that the rest waits until the reader wants it."""
        return not self._waiting or not self._more.isHidden()

    def build_all(self) -> None:
        """Build what is still missing, at once."""
        self._build(None)

    def build_more(self) -> None:
        """Go on with a form that is longer than anybody reads."""
        if not self._more.isHidden():
            self._more.hide()
            self._most = len(self._controls) + MOST_CONTROLS
            self._timer.start()

    def _near_end(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - self.viewport().height():
            self.build_more()

    def show_field(self, path: str) -> bool:
        """Open the tabs, boxes and rows around a field, scroll to it and give it the keyboard.

        Returns
        -------
        bool
            False if there is no such field; then the nearest container that exists is shown.
        """
        found = self.reveal(path)
        if found is None:
            return False
        found.focus_widget().setFocus(Qt.FocusReason.OtherFocusReason)
        return found.path == path

    def reveal(self, path: str) -> Control | None:
        """Open what is around a field and scroll to it; the keyboard stays where it is."""
        found = self._reveal(path.split("/"))
        if found is not None:
            self._column.activate()
            self._sought, self._scroll_due = found, False
            self._scroll_there()
            # what was opened just now has its place only after the event loop has seen it
            QTimer.singleShot(0, self, self._scroll_there)
            QTimer.singleShot(SETTLED_AFTER, self, self._end_search)
        return found

    def _scroll_there(self) -> None:
        if self._sought is not None:
            self.ensureWidgetVisible(self._sought, 20, 60)

    def _end_search(self) -> None:
        self._scroll_there()
        self._sought = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._forget_scroll()
        super().wheelEvent(event)

    def press_key(self, key: str) -> bool:
        """Take a key of the template; False if no control knows it.

        `option_keys` give an option, `key` turns a check box and brings the keyboard to any other field.
        """
        shown = [control for control in self.controls() if control.isVisibleTo(self.body)]
        if any(control.press_key(key) for control in shown):
            return True
        named = next((control for control in shown if control.field.extra.get("key") == key), None)
        return named is not None and self.show_field(named.path)

    def finish_editing(self) -> None:
        """Take in what was typed but not yet given as an answer, such as a message that was not sent."""
        for control in self._controls:
            control.finish()

    def refresh(self) -> None:
        """Show everything anew, for example after the document became read-only."""
        for control in self._controls:
            self._show(control)
        self._apply_rules()

    # --- what controls ask -------------------------------------------------------------------------------------

    def fill(self, grid: FieldGrid, parent_path: str) -> None:
        """Build the controls of a container, piece by piece, those of containers before what follows them."""
        grid.parent_path = parent_path
        if not self._more.isHidden():
            # what the reader asked for just now, such as another entry
            self._more.hide()
            self._most = len(self._controls) + len(grid.places) + FIRST_CONTROLS
        self._waiting.extendleft([(grid, place) for place in reversed(grid.places)])
        if self._waiting:
            self._timer.start()

    def answered(self, control: Control, value: Any) -> None:
        """The reader changed a value: ask the document for the edit."""
        control.shown = value
        change = partial(with_answer, context=self.context.name, path=control.path, value=value)
        merge = f"{self.context.name}:{control.path}" if control.merges else ""
        self.document.edit(f"Answer “{control.title}”", change, merge)
        if self.document.read_only:
            self._show(control)

    def chose_row(self, path: str, row: Mapping[str, Any]) -> None:
        """The reader chose a row of a listing."""
        self._links.follow_row(path)
        self.row_chosen.emit(path, row)

    def tell(self, sentence: str) -> None:
        """Say something that the reader should know."""
        self.told.emit(sentence)

    def scrolled(self) -> int:
        """How far the form is scrolled down, in pixels."""
        return self.verticalScrollBar().value()

    def scroll_to(self, pixels: int) -> None:
        """Scroll so far, once what was opened has found its place; a jump to a field goes before."""
        self._scroll_to, self._scroll_due = pixels, self._sought is None
        if self._scroll_due:
            QTimer.singleShot(0, self, self._scroll_back)
            QTimer.singleShot(SETTLED_AFTER, self, self._scroll_back)

    def _scroll_back(self) -> None:
        if self._scroll_due and self._sought is None:
            self.verticalScrollBar().setValue(self._scroll_to)
            # where what was opened needs longer to find its place, the range of the bar grows later
            self._scroll_due = self.verticalScrollBar().value() != self._scroll_to

    def _forget_scroll(self) -> None:
        """The reader scrolls: nothing may scroll back."""
        self._sought, self._scroll_due = None, False

    def rebased(self, controls: Sequence[Control]) -> None:
        """These controls stand for other paths than before: show their values."""
        for control in controls:
            self._show(control)
        self._apply_rules()

    def sibling_value(self, path: str, name: str) -> Any:
        """The value of the field that `name` means for the field at `path`: a sibling, else further out."""
        answers = self._answers()
        inside = path.split("/")[:-1]
        while True:
            value = get_answer(answers, "/".join([*inside, *name.split(".")]))
            if value is not None or not inside:
                return value
            inside.pop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        beside = self.viewport().width() >= BESIDE_CHARACTERS * self.fontMetrics().averageCharWidth()
        if beside != self.labels_beside:
            self.labels_beside = beside
            for grid in self.body.findChildren(FieldGrid):
                grid.rearrange()
        super().resizeEvent(event)

    # --- building ----------------------------------------------------------------------------------------------

    def _build_piece(self) -> None:
        end = perf_counter() + PIECE_SECONDS
        self.holding = True
        self._build(1)
        while self._waiting and perf_counter() < end:
            self._build(1)
        if self._waiting and len(self._controls) >= self._most:
            self._more.setText(f"{len(self._waiting)} more fields: show them")
            self._more.show()
            self._rest()
            return
        # each arrangement costs as much as all controls so far: not after each piece
        self.holding = bool(self._waiting) and perf_counter() < self._settle_at
        if not self.holding:
            self._settle()

    def _settle(self) -> None:
        start = perf_counter()
        for grid in self.body.findChildren(FieldGrid):
            grid.settle()
        now = perf_counter()
        self._settle_at = now + max(SETTLE_SECONDS, SETTLE_SHARE * (now - start))

    def _rest(self) -> None:
        """All that is to be built for now is there."""
        self.holding = False
        self._settle()
        self._timer.stop()
        self._set_tab_order()
        if self._scroll_due:
            self.scroll_to(self._scroll_to)
        self.built.emit()

    def _build(self, number: int | None) -> None:
        fresh: list[Control] = []
        while self._waiting and (number is None or len(fresh) < number):
            grid, place = self._waiting.popleft()
            # a container puts its children first into the queue: the building keeps the visual order
            kind = control_for(place.field)
            control = kind(place.field, grid.path_of(place.field), self, grid)
            control.container = grid.container
            self._controls.append(control)
            grid.add(place, control)
            self._show(control)
            fresh.append(control)
        self._apply_rules(fresh)
        if not self._waiting:
            self._more.hide()
            self._rest()

    def _build_until(self, path: str) -> None:
        while self._waiting and not any(control.path == path for control in self._controls):
            self._build(10)

    def _in_order(self, grid: FieldGrid) -> list[Control]:
        found: list[Control] = []
        for control in grid.controls:
            found.append(control)
            for inner in control.grids:
                found.extend(self._in_order(inner))
        return found

    def _set_tab_order(self) -> None:
        parts = [part for control in self.grid.controls for part in control.focus_widgets()]
        for first, second in pairwise(parts):
            QWidget.setTabOrder(first, second)

    def _reveal(self, names: list[str]) -> Control | None:
        found: Control | None = None
        for length in range(1, len(names) + 1):
            path = "/".join(names[:length])
            self._build_until(path) if length == len(names) else None
            control = next((one for one in self._controls if one.path == path), None)
            if control is None and found is not None:
                found.reveal_row(names[length - 1])
                continue
            if control is not None and found is not None:
                found.reveal(control)
            found = control or found
        return found

    # --- answers -----------------------------------------------------------------------------------------------

    def _answers(self) -> Any:
        return self.document.state.annotation.answers.get(self.context.name, {})

    def _show(self, control: Control) -> None:
        if control.answers:
            control.shown = get_answer(self._answers(), control.path)
            control.set_value(control.shown)
        else:
            control.follow_drawings()

    def _on_changed(self, change: Change) -> None:
        # the document may have moved on since: always show the state as it is, not the one that was sent
        before, state = change.before, self.document.state
        if change.before.annotation is not change.after.annotation:
            self._follow_answers()
            self._follow_drawings(change)
            self._apply_rules()
        if before.look is not state.look:
            for control in self._controls:
                control.follow_look(before.look, state.look)
        self._links.follow(change)

    def _follow_answers(self) -> None:
        answers = self._answers()
        for control in list(self._controls):
            if not control.answers:
                continue
            value = get_answer(answers, control.path)
            if value is not control.shown and not (type(value) is type(control.shown) and value == control.shown):
                control.shown = value
                control.set_value(value)

    def _follow_drawings(self, change: Change) -> None:
        before, after = change.before.annotation.drawings, change.after.annotation.drawings
        if before is after:
            return
        for control in self._controls:
            key = (self.context.name, control.path)
            if before.get(key) is not after.get(key) or control.grids:
                control.follow_drawings()

    # --- formulas ----------------------------------------------------------------------------------------------

    def _apply_rules(self, controls: Sequence[Control] | None = None) -> None:
        """Enable, show and calculate as the formulas of the template say."""
        annotation, name = self.document.state.annotation, self.context.name
        if self._evaluated is not annotation:
            self._evaluated = annotation
            drawings = {path: drawn for (context, path), drawn in annotation.drawings.items() if context == name}
            self._outcome = self._graph.evaluate_all(self._answers(), drawings)
        for control in self._controls if controls is None else controls:
            control.set_shown(self._outcome.visible.get(control.path, control.field.visible))
            control.set_editable(not self.document.read_only and self._outcome.is_editable(control.path))
            control.follow_outcome(self._outcome)
