"""Any number of entries with the same fields: a table of all, and the fields of the current one below it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import Control, Host, LabelPlace, plain_tip, wrapped_label
from viewr.forms.drawing import jump
from viewr.forms.flow import FlowBox
from viewr.forms.grid import FieldGrid
from viewr.forms.number_edit import number_text
from viewr.forms.options import option_text
from viewr.forms.rows import Row, rows_of, unused_id, with_inserted, with_moved
from viewr.model.answers import ROW_ID, without_row
from viewr.model.scope import Results
from viewr.model.state import Look
from viewr.model.template import DRAWN_CONTROLS, SCAN_ROWS, Field, walk_fields
from viewr.model.template_values import start_values

#: Rows of the table in sight at least and at most; more scroll.
FEWEST_ROWS = 2
MOST_ROWS = 8


class ListingWidget(Control):
    """The rows, as objects that hold a stable id while the task is open.

    Where the rows are the scans of the session, they can be filled in and moved, but not added or deleted.
    """

    label_place: ClassVar[LabelPlace] = "own"

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._rows: list[Row] = []
        self._current = ""
        self._editable = True
        self._fixed = SCAN_ROWS in field.extra
        self._scores: Results = Results()
        self._columns = self._column_fields()
        frame = QFrame(self)
        frame.setProperty("role", "box")
        self._inside = QVBoxLayout(frame)
        self._inside.setContentsMargins(10, 8, 10, 10)
        self._inside.setSpacing(6)
        self.column.addWidget(frame)
        self._inside.addWidget(wrapped_label(self.title + (" *" if self.required else ""), frame, role="heading"))
        self.table = self._make_table(frame)
        self._inside.addWidget(self.table)
        self._make_buttons(frame)
        self._heading = wrapped_label("", frame, role="subheading")
        self._inside.addWidget(self._heading)
        self._grid: FieldGrid | None = None
        self._show_rows()

    # --- parts -------------------------------------------------------------------------------------------------

    def _column_fields(self) -> list[Field]:
        """The children in the columns of the table: those that the template names, else the first three."""
        known = dict(walk_fields(self.field.children))
        known |= {child.name: child for child in reversed(self.field.children)}
        named = [known[name] for name in self.field.columns if name in known]
        return named or [child for child in self.field.children if not child.is_container][:3]

    def _make_table(self, parent: QWidget) -> QTableWidget:
        table = QTableWidget(0, len(self._columns), parent)
        table.setAccessibleName(self.title)
        for column, child in enumerate(self._columns):
            heading = QTableWidgetItem(child.label or child.name)
            heading.setToolTip(plain_tip(heading.text()))
            table.setHorizontalHeaderItem(column, heading)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setCornerButtonEnabled(False)
        table.setWordWrap(False)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        header = table.horizontalHeader()
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.currentCellChanged.connect(self._row_chosen)
        keys = {"Insert": self.add, "Delete": self.delete, "Ctrl+D": self.duplicate,
                "Alt+Up": self.move_up, "Alt+Down": self.move_down}  # fmt: skip
        for key, act in keys.items():
            QShortcut(QKeySequence(key), table, act, context=Qt.ShortcutContext.WidgetShortcut)
        return table

    def _make_buttons(self, parent: QWidget) -> None:
        line = FlowBox(parent)
        self.buttons: dict[str, QPushButton] = {}
        acts = (
            ("Add", self.add, "Add an entry (Insert)"),
            ("Duplicate", self.duplicate, "Add a copy of this entry, without what is drawn for it (Ctrl+D)"),
            ("Delete", self.delete, "Delete this entry and what is drawn for it (Delete)"),
            ("↑", self.move_up, "Move this entry up (Alt+Up)"),
            ("↓", self.move_down, "Move this entry down (Alt+Down)"),
        )
        for text, act, tip in acts[3:] if self._fixed else acts:
            button = QPushButton(text, line)
            button.setProperty("role", "small")
            button.setToolTip(tip)
            button.setAccessibleName(f"{self.title}: {tip.partition(' (')[0]}")
            button.clicked.connect(act)
            line.add(button)
            self.buttons[text] = button
        self._inside.addWidget(line)

    # --- value -------------------------------------------------------------------------------------------------

    def value(self) -> list[Row]:
        return list(self._rows)

    def set_value(self, value: Any) -> None:
        before = [row.get(ROW_ID) for row in self._rows]
        self._rows = rows_of(value)
        ids = [str(row.get(ROW_ID)) for row in self._rows]
        if self._current not in ids:
            # the row that took the place of the one that is gone, else the last
            gone = before.index(self._current) if self._current in before else 0
            self._current = ids[min(gone, len(ids) - 1)] if ids else ""
        self._show_rows()

    def set_editable(self, editable: bool) -> None:
        self._editable = editable
        self._show_buttons()

    def focus_widget(self) -> QWidget:
        return self.table

    def rebase(self, path: str) -> list[Control]:
        self.path = path
        self._current = ""
        return [self]

    def reveal_row(self, row_id: str) -> None:
        if any(str(row.get(ROW_ID)) == row_id for row in self._rows):
            self._current = row_id
            self._show_rows()

    def follow_outcome(self, outcome: Results) -> None:
        if outcome.scores != self._scores.scores:
            self._scores = outcome
            self._fill_table()

    def follow_drawings(self) -> None:
        self._fill_table()

    def follow_look(self, before: Look, after: Look) -> None:
        """The row of an object that was chosen in a view is the current one."""
        chosen = after.selected
        if chosen is None or chosen == before.selected or chosen[0][0] != self.host.context.name:
            return
        start = f"{self.path}/"
        row = chosen[0][1][len(start) :].partition("/")[0] if chosen[0][1].startswith(start) else ""
        if row and row != self._current:
            self.reveal_row(row)

    @property
    def current_row(self) -> str:
        """The id of the row whose fields are shown; "" if there is none."""
        return self._current

    # --- what the reader does ----------------------------------------------------------------------------------

    def _ask(self, text: str, change: Any) -> None:
        self.host.document.edit(f"{text} “{self.title}”", change)

    def _insert(self, text: str, row: Row, after: str = "") -> None:
        context = self.host.context.name
        new = unused_id(self.host.document.state.annotation, context, self.path)
        self._ask(text, partial(with_inserted, context=context, listing=self.path, row=row, row_id=new, after=after))
        self.reveal_row(new)

    def add(self) -> None:
        """Add a row with the start values of the template."""
        if self._editable and not self._fixed:
            self._insert("Add to", start_values(self.field.children))

    def duplicate(self) -> None:
        """Add a copy of the current row; what is drawn stays with the first."""
        row = next((row for row in self._rows if row.get(ROW_ID) == self._current), None)
        if row is not None and self._editable and not self._fixed:
            self._insert("Duplicate in", row, self._current)

    def delete(self) -> None:
        """Delete the current row with what is drawn for it; undo brings both back."""
        if self._current and self._editable and not self._fixed:
            context, row = self.host.context.name, self._current
            start = f"{self.path}/{row}/"
            drawings = self.host.document.state.annotation.drawings
            drawn = sum(len(held) for key, held in drawings.items() if key[0] == context and key[1].startswith(start))
            self._ask("Delete from", partial(without_row, context=context, listing=self.path, row_id=row))
            if drawn and not self.host.document.read_only:
                objects = f"{drawn} drawn object{'s' if drawn != 1 else ''}"
                self.host.tell(f"The entry of “{self.title}” was deleted with {objects}. Undo brings all back.")

    def move_up(self) -> None:
        self._move(-1)

    def move_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        if self._current and self._editable:
            context, row = self.host.context.name, self._current
            self._ask("Reorder", partial(with_moved, context=context, listing=self.path, row_id=row, step=step))

    def _row_chosen(self, row: int, _column: int, _old_row: int, _old_column: int) -> None:
        if 0 <= row < len(self._rows):
            self._current = str(self._rows[row].get(ROW_ID))
            self._show_editor()
            self._show_buttons()
            self._reach_drawings()
            self.host.chose_row(self.path, self._rows[row])

    def _reach_drawings(self) -> None:
        """Show in the views what is drawn for the row; a tool that draws for this listing goes to the row's field."""
        document, context = self.host.document, self.host.context.name
        look = document.state.look
        start, inside = f"{self.path}/", f"{self.path}/{self._current}/"
        fields: dict[str, Any] = {}
        if look.target is not None and look.target[0] == context and look.target[1].startswith(start):
            rest = look.target[1][len(start) :].partition("/")[2]
            fields["target"] = (context, inside + rest)
        drawings = document.state.annotation.drawings
        document.look(**fields)
        for child_path, child in walk_fields(self.field.children):
            drawn = drawings.get((context, inside + child_path), ()) if child.control in DRAWN_CONTROLS else ()
            if drawn:
                key = (context, inside + child_path)
                jump(document, context, drawn[0], selected=(key, drawn[0].id))
                return

    # --- showing -----------------------------------------------------------------------------------------------

    def _show_rows(self) -> None:
        self._fill_table()
        self._show_editor()
        self._show_buttons()

    def _fill_table(self) -> None:
        blocker = QSignalBlocker(self.table)
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            for column, child in enumerate(self._columns):
                self._fill_cell(number, column, self._cell_text(row, child))
            if row.get(ROW_ID) == self._current:
                self.table.setCurrentCell(number, max(0, self.table.currentColumn()))
        blocker.unblock()
        self._fit_table()

    def _fill_cell(self, row: int, column: int, text: str) -> None:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
            item.setToolTip(plain_tip(text))

    def _cell_text(self, row: Row, child: Field) -> str:
        path = f"{self.path}/{row.get(ROW_ID)}/{child.name}"
        if child.control in DRAWN_CONTROLS:
            drawn = self.host.document.state.annotation.drawings.get((self.host.context.name, path), ())
            if child.extra.get("max_number") == 1:
                return "placed" if drawn else "–"
            return str(len(drawn)) if drawn else "–"
        value = self._scores.scores.get(path, row.get(child.name))
        if isinstance(value, (dict, list, tuple)):
            return f"{len(value)}" if isinstance(value, (list, tuple)) else "…"
        if isinstance(value, float):
            return number_text(value)
        return option_text(value)

    def _fit_table(self) -> None:
        lines = [self.table.rowHeight(number) for number in range(min(len(self._rows), MOST_ROWS))]
        lines += [self.table.verticalHeader().defaultSectionSize()] * (FEWEST_ROWS - len(lines))
        header = self.table.horizontalHeader().sizeHint().height()
        bar = self.table.horizontalScrollBar().sizeHint().height() if len(self._columns) > 4 else 0
        self.table.setFixedHeight(sum(lines) + header + bar + 2 * self.table.frameWidth() + 2)

    def _show_editor(self) -> None:
        ids = [str(row.get(ROW_ID)) for row in self._rows]
        if self._current not in ids:
            grows = self._editable and not self._fixed
            self._heading.setText("No entry yet. Press Add for the first." if grows else "No entry.")
            if self._grid is not None:
                self._grid.hide()
            return
        self._heading.setText(f"Entry {ids.index(self._current) + 1} of {len(ids)}")
        base = f"{self.path}/{self._current}"
        if self._grid is None:
            self._grid = FieldGrid(self.field.children, self.host, self, self)
            self.grids = [self._grid]
            self._inside.addWidget(self._grid)
            self.host.fill(self._grid, base)
        elif self._grid.parent_path != base:
            self.host.rebased(self._grid.rebase(base))
        self._grid.show()

    def _show_buttons(self) -> None:
        ids = [str(row.get(ROW_ID)) for row in self._rows]
        index = ids.index(self._current) if self._current in ids else -1
        if not self._fixed:
            self.buttons["Add"].setEnabled(self._editable)
            for name in ("Duplicate", "Delete"):
                self.buttons[name].setEnabled(self._editable and index >= 0)
        self.buttons["↑"].setEnabled(self._editable and index > 0)
        self.buttons["↓"].setEnabled(self._editable and 0 <= index < len(ids) - 1)
