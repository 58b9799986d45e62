"""The grid of a container: labels and controls where the template puts them, in as many columns as the width allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from viewr.forms.base import Control, LabelPlace, wrapped_label
from viewr.model.template import Field

#: Width in average characters from which labels stand beside their controls, and which a column needs at least.
BESIDE_CHARACTERS = 44
COLUMN_CHARACTERS = 22
#: The most of a column that labels take.
LABEL_SHARE = 0.42


@dataclass(frozen=True)
class Place:
    """Where a field stands in its container, counted from 0; `span` is in columns."""

    field: Field
    column: int
    row: int
    span: int = 1


def places(fields: Iterable[Field]) -> list[Place]:
    """Fields in visual order (row by row), with empty rows and columns left out and collisions moved down."""
    taken: set[tuple[int, int]] = set()
    cells: list[tuple[int, int, Field]] = []
    for field in fields:
        x, y = field.x, field.y
        while (x, y) in taken:
            y += 1
        taken.add((x, y))
        cells.append((y, x, field))
    cells.sort(key=lambda cell: cell[:2])
    columns = {x: at for at, x in enumerate(sorted({x for _, x, _ in cells}))}
    rows = {y: at for at, y in enumerate(sorted({y for y, _, _ in cells}))}
    last = {y: max(columns[x] for yy, x, _ in cells if yy == y) for y in rows} if len(columns) > 1 else {}
    return [
        Place(field, columns[x], rows[y], len(columns) - columns[x] if last.get(y, 0) == columns[x] else 1)
        for y, x, field in cells
    ]


@dataclass
class _Entry:
    place: Place
    control: Control


class FieldGrid(QWidget):
    """Controls of one container, with their labels.

    Labels stand beside the controls where there is room, else above; where the columns of the template would be too
    narrow, the fields stand below each other in reading order.
    """

    def __init__(
        self, fields: Sequence[Field], parent: QWidget | None = None, container: Control | None = None
    ) -> None:
        super().__init__(parent)
        self.container = container
        self.parent_path = ""
        self.places = places(fields)
        self.controls: list[Control] = []
        self._entries: list[_Entry] = []
        self._columns = 1 + max((place.column for place in self.places), default=0)
        self._mode: tuple[bool, LabelPlace] = (False, "beside")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(7)
        # room to spare goes below the last row, not between the rows
        self._grid.setRowStretch(2 * len(self.places) + 2, 1)

    def add(self, place: Place, control: Control) -> None:
        """Take in the control of one of `places`."""
        if control.label_place != "own":
            text = control.title + (" *" if control.required else "")
            control.label = wrapped_label(text, self, role="field")
            control.label.setToolTip(control.toolTip())
            control.label.setBuddy(control.focus_widget())
        self.controls.append(control)
        entry = _Entry(place, control)
        self._entries.append(entry)
        if len(self._entries) == 1:
            self._mode = self._wanted_mode()
            self._stretch_columns()
        self._put(entry, len(self._entries) - 1)

    def path_of(self, field: Field) -> str:
        """The path of a field of this grid."""
        return f"{self.parent_path}/{field.name}" if self.parent_path else field.name

    def rebase(self, parent_path: str) -> list[Control]:
        """Stand for another parent from now on; gives all controls whose path changed."""
        self.parent_path = parent_path
        return [moved for control in self.controls for moved in control.rebase(self.path_of(control.field))]

    # --- inside ------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        mode = self._wanted_mode()
        if mode != self._mode:
            self._mode = mode
            self._place_all()
        else:
            self._size_labels()

    def _outer_width(self) -> int:
        """Width of the outermost grid: nested boxes place their labels as the form around them does."""
        width, parent = self.width(), self.parentWidget()
        while parent is not None:
            if isinstance(parent, FieldGrid):
                width = parent.width()
            parent = parent.parentWidget()
        return width

    def _wanted_mode(self) -> tuple[bool, LabelPlace]:
        character = max(1, self.fontMetrics().averageCharWidth())
        stacked = self._columns > 1 and self.width() / self._columns < COLUMN_CHARACTERS * character
        room = self._outer_width() if stacked or self._columns == 1 else self.width() / self._columns
        return stacked, "beside" if room >= BESIDE_CHARACTERS * character else "above"

    def _place_all(self) -> None:
        self.setUpdatesEnabled(False)
        while self._grid.count():
            self._grid.takeAt(0)
        self._stretch_columns()
        for number, entry in enumerate(self._entries):
            self._put(entry, number)
        self._size_labels()
        self.setUpdatesEnabled(True)

    def _stretch_columns(self) -> None:
        for column in range(2 * self._columns):
            used = column < 2 or not self._mode[0]
            self._grid.setColumnStretch(column, column % 2 if used else 0)
            self._grid.setColumnMinimumWidth(column, 0)

    def _put(self, entry: _Entry, number: int) -> None:
        stacked, labels = self._mode
        place, control = entry.place, entry.control
        column, row, span = (0, number, 1) if stacked else (place.column, place.row, place.span)
        wide = 2 * (span if control.label_place != "beside" else 1)
        left, below = 2 * column, 2 * row + 1
        if control.label is None:
            self._grid.addWidget(control, below, left, 1, wide, Qt.AlignmentFlag.AlignTop)
        elif labels == "beside" and control.label_place == "beside":
            # 5: the text of a label stands on the line of the text in its control
            control.label.setContentsMargins(0, 5, 0, 0)
            self._grid.addWidget(control.label, below, left, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(control, below, left + 1, Qt.AlignmentFlag.AlignTop)
        else:
            control.label.setContentsMargins(0, 2, 0, 0)
            self._grid.addWidget(control.label, 2 * row, left, 1, wide, Qt.AlignmentFlag.AlignBottom)
            self._grid.addWidget(control, below, left, 1, wide, Qt.AlignmentFlag.AlignTop)

    def _size_labels(self) -> None:
        """Give the labels of each column as much as the longest needs, but never most of the column."""
        stacked, labels = self._mode
        columns = 1 if stacked else self._columns
        room = int(LABEL_SHARE * self.width() / columns)
        for column in range(columns):
            texts = [
                entry.control.label
                for entry in self._entries
                if entry.control.label is not None
                and entry.control.label_place == "beside"
                and (stacked or entry.place.column == column)
            ]
            needed = max((text.fontMetrics().horizontalAdvance(text.text()) + 4 for text in texts), default=0)
            width = min(needed, room) if labels == "beside" else 0
            self._grid.setColumnMinimumWidth(2 * column, width)
            for text in texts:
                text.setMaximumWidth(width or 16777215)
