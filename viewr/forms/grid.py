"""The grid of a container: labels and controls where the template puts them, in as many columns as the width allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewr.forms.base import Control, Host, wrapped_label
from viewr.model.template import Field

#: The least width of a column, in average characters; narrower ones are set below each other.
COLUMN_CHARACTERS = 22
#: Width of a form, and of a column, from which labels stand beside their controls, likewise.
BESIDE_CHARACTERS, BESIDE_IN_COLUMN = 44, 32
#: The most of a column that labels take.
LABEL_SHARE = 0.42
#: Pixels between columns, between label and control, between rows; how far labels stand below the top of a control,
#: so that their text and the text in the control are on one line.
COLUMN_GAP, LABEL_GAP, ROW_GAP, LABEL_DROP = 14, 10, 8, 5

_LARGEST = 16_000_000


def key_text(field: Field) -> str:
    """The key that brings the keyboard to a field, as its label shows it."""
    key = field.extra.get("key")
    return f" [{key.upper() if len(key) == 1 else key}]" if isinstance(key, str) and key else ""


@dataclass(frozen=True)
class Place:
    """Where a field stands in its container, counted from 0; `span` is in columns."""

    field: Field
    column: int
    row: int
    span: int = 1


def places(fields: Iterable[Field]) -> list[Place]:
    """Fields in visual order (row by row), with empty rows and columns left out and collisions moved down."""
    below: dict[tuple[int, int], int] = {}
    cells = [(_free_row(below, field.x, field.y), field.x, field) for field in fields]
    cells.sort(key=itemgetter(0, 1))
    columns = {x: at for at, x in enumerate(sorted({x for _, x, _ in cells}))}
    rows = {y: at for at, y in enumerate(sorted({y for y, _, _ in cells}))}
    last = {y: columns[x] for y, x, _ in cells} if len(columns) > 1 else {}  # cells are sorted: the last one stays
    return [
        Place(field, columns[x], rows[y], len(columns) - columns[x] if last.get(y, 0) == columns[x] else 1)
        for y, x, field in cells
    ]


def _free_row(below: dict[tuple[int, int], int], x: int, y: int) -> int:
    """The first row from `y` on that is free in a column; taken from now on.

    `below` leads from each taken place to one further down, in leaps that grow, since thousands may want one place.
    """
    passed = []
    while (x, y) in below:
        passed.append((x, y))
        y = below[x, y]
    for place in (*passed, (x, y)):
        below[place] = y + 1
    return y


@dataclass(frozen=True)
class _Cell:
    """Where a control goes in a row: left edge and width in pixels."""

    control: Control
    left: int
    width: int


class FieldGrid(QWidget):
    """Controls of one container, with their labels.

    Labels stand beside the controls where the form has room, else above; where the columns of the template would be
    too narrow, the fields stand below each other in reading order. The geometry is a plain function of the width:
    Qt's own layouts do not let the number of columns depend on it.
    """

    def __init__(
        self, fields: Sequence[Field], host: Host, parent: QWidget | None = None, container: Control | None = None
    ) -> None:
        super().__init__(parent)
        self.host = host
        self.container = container
        self.parent_path = ""
        self.places = places(fields)
        self.controls: list[Control] = []
        self._placed: list[tuple[Place, Control]] = []
        self._columns = 1 + max((place.column for place in self.places), default=0)
        self._heights: dict[int, int] = {}
        self._stale = False
        self._needs: dict[Control, int] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, place: Place, control: Control) -> None:
        """Take in the control of one of `places`."""
        if control.label_place != "own":
            text = control.title + (" *" if control.required else "") + key_text(control.field)
            control.label = wrapped_label(text, self, role="field")
            control.label.setToolTip(control.toolTip())
            control.label.setBuddy(control.focus_widget())
            self._needs[control] = control.label.fontMetrics().horizontalAdvance(control.label.text()) + 4
        control.setParent(self)
        self.controls.append(control)
        self._placed.append((place, control))
        for part in (control.label, control):
            if part is not None:
                # out of sight until it is arranged
                part.move(0, _LARGEST)
        self.rearrange()

    def path_of(self, field: Field) -> str:
        """The path of a field of this grid."""
        return f"{self.parent_path}/{field.name}" if self.parent_path else field.name

    def rebase(self, parent_path: str) -> list[Control]:
        """Stand for another parent from now on; gives all controls whose path changed."""
        self.parent_path = parent_path
        return [moved for control in self.controls for moved in control.rebase(self.path_of(control.field))]

    def rearrange(self) -> None:
        """Something needs more room or less: arrange anew once the event loop comes to it."""
        self._heights.clear()
        if self.host.holding:
            self._stale = True
        else:
            self.updateGeometry()

    def settle(self) -> None:
        """Arrange what was added while the form was holding."""
        if self._stale:
            self._stale = False
            self.updateGeometry()
            self._arrange(self.width(), move=True)

    # --- geometry ----------------------------------------------------------------------------------------------

    def heightForWidth(self, width: int) -> int:
        # hidden widgets are not told when their parts change
        if not self.isVisible():
            return self._arrange(width, move=False)
        if width not in self._heights:
            self._heights[width] = self._arrange(width, move=False)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        width = max(self.width(), self.minimumSizeHint().width())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        widths = [control.minimumSizeHint().width() for control in self.controls if not control.isHidden()]
        return QSize(max(widths, default=0), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width(), move=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._heights.clear()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.rearrange()
            if not self.host.holding:
                self._arrange(self.width(), move=True)
        return super().event(event)

    def _rows(self, width: int) -> list[list[_Cell]]:
        """The visible controls row by row, with the left edges and widths that a width of the grid gives them."""
        shown = [(place, control) for place, control in self._placed if not control.isHidden()]
        column = (width - COLUMN_GAP * (self._columns - 1)) // self._columns
        if self._columns > 1 and column < COLUMN_CHARACTERS * self._character():
            return [[_Cell(control, 0, width)] for _, control in shown]
        rows: dict[int, list[_Cell]] = {}
        for place, control in shown:
            left = place.column * (column + COLUMN_GAP)
            wide = column * place.span + COLUMN_GAP * (place.span - 1)
            rows.setdefault(place.row, []).append(_Cell(control, left, wide))
        return [rows[row] for row in sorted(rows)]

    def _character(self) -> int:
        return max(1, self.fontMetrics().averageCharWidth())

    def _label_widths(self, rows: list[list[_Cell]]) -> dict[int, int]:
        """For each left edge, the width of the labels there; empty where labels stand above the controls."""
        widths: dict[int, int] = {}
        for cell in (cell for row in rows for cell in row):
            label = cell.control.label
            if label is not None and self._has_room_beside(cell):
                needed = self._needs[cell.control]
                most = int(LABEL_SHARE * cell.width)
                widths[cell.left] = min(max(needed, widths.get(cell.left, 0)), most)
        return widths

    def _arrange(self, width: int, *, move: bool) -> int:
        rows = self._rows(width)
        labels = self._label_widths(rows)
        top = 0
        for row in rows:
            above = max((self._label_height(cell, labels) for cell in row), default=0)
            tallest = max((self._place(cell, labels, top, above, move) for cell in row), default=0)
            top += above + tallest + ROW_GAP
        return max(0, top - ROW_GAP)

    def _label_height(self, cell: _Cell, labels: dict[int, int]) -> int:
        """Height that the label of a cell takes above the control; 0 if it stands beside it or there is none."""
        label = cell.control.label
        if label is None or self._is_beside(cell, labels):
            return 0
        return label.heightForWidth(cell.width) + 3

    def _has_room_beside(self, cell: _Cell) -> bool:
        wide = cell.width >= BESIDE_IN_COLUMN * self._character()
        return wide and self.host.labels_beside and cell.control.label_place == "beside"

    def _is_beside(self, cell: _Cell, labels: dict[int, int]) -> bool:
        # a narrow cell may stand at the same edge as a wide one
        return cell.left in labels and self._has_room_beside(cell)

    def _place(self, cell: _Cell, labels: dict[int, int], top: int, above: int, move: bool) -> int:
        """Put a control and its label in their places; gives the height they take below what stands above."""
        control, label = cell.control, cell.control.label
        left, width, label_height = cell.left, cell.width, 0
        if label is not None and self._is_beside(cell, labels):
            beside = labels[cell.left]
            label_height = LABEL_DROP + label.heightForWidth(beside)
            if move:
                label.setGeometry(QRect(left, top + above + LABEL_DROP, beside, label_height - LABEL_DROP))
            left, width = left + beside + LABEL_GAP, width - beside - LABEL_GAP
        elif label is not None and move:
            height = label.heightForWidth(width)
            label.setGeometry(QRect(left, top + above - height - 3, width, height))
        height = control.heightForWidth(width) if control.hasHeightForWidth() else control.sizeHint().height()
        if move:
            control.setGeometry(QRect(left, top + above, width, height))
        return max(height, label_height)
