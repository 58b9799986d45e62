"""Where viewports stand on a screen: cells of the template, of a layout, or as many as there are."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtWidgets import QGridLayout, QWidget

from viewr.model.state import Look, ViewportKey
from viewr.model.template import Viewport
from viewr.widgets import colours
from viewr.widgets.slice_view import SliceViewport
from viewr.workspace.layouts import LAYOUTS, Cell, away_keys, shown_keys

GAP = 2


class ViewportArea(QWidget):
    """Viewports in their cells, with thin gaps between them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), colours.GAP)
        self.setPalette(palette)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._places: dict[ViewportKey, Cell] = {}

    def lay_in(self, widget: QWidget) -> None:
        """Something that is shown where no viewport is."""
        self._grid.addWidget(widget, 0, 0)

    def place(self, places: Mapping[ViewportKey, Cell], widgets: Mapping[ViewportKey, SliceViewport]) -> None:
        """Show viewports, each in its cell; those that were here before and are no more become invisible."""
        for key in self._places:
            self._grid.removeWidget(widgets[key])
            if key not in places and widgets[key].parent() is self:
                widgets[key].hide()
        for line in range(max(self._grid.columnCount(), self._grid.rowCount())):
            self._grid.setColumnStretch(line, 0)
            self._grid.setRowStretch(line, 0)
        self._places = dict(places)
        for key, (x, y, columns, rows) in places.items():
            self._grid.addWidget(widgets[key], y, x, rows, columns)
            for column in range(x, x + columns):
                self._grid.setColumnStretch(column, 1)
            for row in range(y, y + rows):
                self._grid.setRowStretch(row, 1)
            widgets[key].show()


def places_in_grid(look: Look, context: str, viewports: tuple[Viewport, ...]) -> dict[ViewportKey, Cell]:
    """The cells of a context's viewports beside its form: but for those in the second window."""
    keys = [key for key in shown_keys(look, context) if key not in look.away]
    if look.maximised in keys:
        return {look.maximised: (0, 0, 1, 1)}
    layout = look.layouts.get(context)
    if layout is None:
        left = [viewport for viewport in viewports if (context, viewport.name) in keys]
        placed = cells(tuple(left))
        reach = spans([place for _viewport, place in placed])
        return {(context, viewport.name): (*place, *reach[place]) for viewport, place in placed}
    if len(keys) == len(LAYOUTS[layout.name]):
        return dict(zip(keys, LAYOUTS[layout.name], strict=True))
    return evenly(keys)


def places_away(look: Look, context: str) -> dict[ViewportKey, Cell]:
    """The cells of the viewports in the second window."""
    keys = away_keys(look, context)
    if look.maximised in keys:
        return {look.maximised: (0, 0, 1, 1)}
    return evenly(keys)


def evenly(keys: list[ViewportKey]) -> dict[ViewportKey, Cell]:
    """Rows of equal cells; the last one of a row that is not full takes the rest of it."""
    columns = max(1, math.ceil(math.sqrt(len(keys))))
    places: dict[ViewportKey, Cell] = {}
    for number, key in enumerate(keys):
        x, y = number % columns, number // columns
        places[key] = (x, y, columns - x if number == len(keys) - 1 else 1, 1)
    return places


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
