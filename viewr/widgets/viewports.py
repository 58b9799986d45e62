"""All viewports of a context on their grid, with the template's presets above them."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from viewr.model.state import Change, Look, ViewportKey
from viewr.model.template import Context, Preset, Template, Viewport
from viewr.widgets import colours
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.tool_context import DrawingFields
from viewr.workspace.document import Document
from viewr.workspace.look import apply_preset, initial_look

GAP = 2


class ViewportGrid(QWidget):
    """The viewports of one context.

    Viewports that the document's look does not know yet are added to it as the template describes them.

    Attributes
    ----------
    viewports : dict
        Viewport key -> its widget.
    """

    def __init__(
        self, document: Document, template: Template, context_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.context: Context = template.context(context_name)
        self.viewports: dict[ViewportKey, SliceViewport] = {}
        self._coupled = tuple(context.name for context in template.contexts) if template.link_localizers else ()
        self._fields = DrawingFields(template)
        self._complete_look(template)
        self._presets = presets_of(template, self.context)
        self._build()
        self._arrange(document.state.look)
        document.changed.connect(self._on_changed)

    def _complete_look(self, template: Template) -> None:
        start, look = initial_look(template), self.document.state.look
        viewports = {**start.viewports, **look.viewports}
        if viewports.keys() != look.viewports.keys():
            self.document.look(viewports=viewports, labels={**start.labels, **look.labels},
                               context=look.context or start.context, active=look.active or start.active)  # fmt: skip

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        if self._presets:
            column.addWidget(self._preset_bar())
        self._area = QWidget(self)
        self._area.setAutoFillBackground(True)
        palette = self._area.palette()
        palette.setColor(self._area.backgroundRole(), colours.GAP)
        self._area.setPalette(palette)
        self._grid = QGridLayout(self._area)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        column.addWidget(self._area, 1)
        placed = cells(self.context.viewports)
        reach = spans([place for _viewport, place in placed])
        for viewport, place in placed:
            self._add(viewport, place, reach[place])

    def _add(self, viewport: Viewport, place: tuple[int, int], reach: tuple[int, int]) -> None:
        (x, y), (columns, rows) = place, reach
        key = (self.context.name, viewport.name)
        widget = SliceViewport(self.document, key, self._coupled, fields=self._fields, parent=self._area)
        self.viewports[key] = widget
        self._grid.addWidget(widget, y, x, rows, columns)
        self._grid.setColumnStretch(x, 1)
        self._grid.setRowStretch(y, 1)

    def _preset_bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("presetBar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(4)
        for number, preset in enumerate(self._presets, 1):
            button = QPushButton(preset.name, bar)
            if number < 10:
                button.setText(f"{preset.name}  Alt+{number}")
                QShortcut(QKeySequence(f"Alt+{number}"), self, partial(self.apply, preset))
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self.apply, preset))
            row.addWidget(button)
        row.addStretch(1)
        return bar

    def apply(self, preset: Preset, _checked: bool = False) -> None:
        """Show what a preset of the template asks for."""
        self.document.look(viewports=apply_preset(self.document.state.look, preset))

    @property
    def active(self) -> SliceViewport | None:
        """The active viewport, if it is one of these."""
        key = self.document.state.look.active
        return self.viewports.get(key) if key else None

    def _on_changed(self, change: Change) -> None:
        before, after = change.before.look, change.after.look
        if before.maximised != after.maximised:
            self._arrange(after)
        if before.active != after.active and self.isVisible():
            self._focus_active(before.active)

    def _focus_active(self, before: ViewportKey | None) -> None:
        """The keys go on to the viewport that became active, if they were with one of these."""
        held = self.viewports.get(before) if before else None
        if held is not None and held.hasFocus() and self.active is not None:
            self.active.setFocus()

    def _arrange(self, look: Look) -> None:
        alone = look.maximised if look.maximised in self.viewports else None
        for key, widget in self.viewports.items():
            widget.setVisible(alone in (None, key))
        for line in range(self._grid.columnCount()):
            self._grid.setColumnStretch(line, int(self._holds(alone, column=line)))
        for line in range(self._grid.rowCount()):
            self._grid.setRowStretch(line, int(self._holds(alone, row=line)))
        if alone is not None and self.isVisible():
            # not now: it has no size yet
            QTimer.singleShot(0, self, self._focus_maximised)

    def _focus_maximised(self) -> None:
        alone = self.document.state.look.maximised
        if alone is not None and alone in self.viewports:
            self.viewports[alone].setFocus()

    def _holds(self, alone: ViewportKey | None, column: int = -1, row: int = -1) -> bool:
        """Whether a column or row has a visible viewport."""
        for index in range(self._grid.count()):
            item = self._grid.itemAt(index)
            at = cast(tuple[int, int, int, int], self._grid.getItemPosition(index))
            widget = item.widget() if item else None
            shown = isinstance(widget, SliceViewport) and alone in (None, widget.key)
            if shown and (at[1] == column or at[0] == row):
                return True
        return False


def cells(viewports: tuple[Viewport, ...]) -> list[tuple[Viewport, tuple[int, int]]]:
    """Column and row of each viewport, without the empty columns and rows before and between them."""
    columns = sorted({viewport.x for viewport in viewports})
    rows = sorted({viewport.y for viewport in viewports})
    return [(viewport, (columns.index(viewport.x), rows.index(viewport.y))) for viewport in viewports]


def spans(places: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """Columns and rows that each place takes: cells that the template leaves empty go to the viewport above them,
    else to the one at their left, so that no part of the screen is wasted.
    """
    taken = set(places)
    columns, rows = (1 + max((place[axis] for place in places), default=0) for axis in (0, 1))
    reach = dict.fromkeys(places, (1, 1))
    for x, y in sorted(places):
        below = 1
        while y + below < rows and (x, y + below) not in taken:
            taken.add((x, y + below))
            below += 1
        reach[(x, y)] = (1, below)
    for x, y in sorted(places):
        high, right = reach[(x, y)][1], 1
        while x + right < columns and not any((x + right, y + down) in taken for down in range(high)):
            taken.update((x + right, y + down) for down in range(high))
            right += 1
        reach[(x, y)] = (right, high)
    return reach


def presets_of(template: Template, context: Context) -> tuple[Preset, ...]:
    """The presets that change a viewport of the context."""
    names = {viewport.name for viewport in context.viewports}
    names |= {f"{context.name}.{name}" for name in names}
    return tuple(preset for preset in template.presets if names & set(preset.viewports))
