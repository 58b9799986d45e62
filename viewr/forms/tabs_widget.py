"""Fields on several tabs; only what is on the open one takes room."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QFrame, QTabBar, QVBoxLayout, QWidget

from viewr.forms.base import Control, Host, LabelPlace, wrapped_label
from viewr.forms.grid import FieldGrid
from viewr.model.template import Field


class TabsWidget(Control):
    """The answers of the fields on all tabs, as one object; the tabs themselves add no level."""

    label_place: ClassVar[LabelPlace] = "own"
    answers: ClassVar[bool] = False

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self.column.setSpacing(0)
        if field.label:
            self.column.addWidget(wrapped_label(field.label, self, role="heading"))
        self.bar = QTabBar(self)
        self.bar.setAccessibleName(self.title)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setUsesScrollButtons(True)
        self.column.addWidget(self.bar)
        frame = QFrame(self)
        frame.setProperty("role", "page")
        pages = QVBoxLayout(frame)
        pages.setContentsMargins(10, 10, 10, 10)
        self.column.addWidget(frame)
        for name, fields in field.tabs:
            self.bar.addTab(name.replace("&", "&&"))
            grid = FieldGrid(fields, self.host, frame, self)
            grid.setVisible(not self.grids)
            pages.addWidget(grid)
            self.grids.append(grid)
        for grid in reversed(self.grids):
            host.fill(grid, path)
        #: how far the form was scrolled when a tab was left
        self._scrolled: dict[int, int] = {}
        self._index = self.bar.currentIndex()
        self.bar.currentChanged.connect(self._open)

    def value(self) -> dict[str, Any]:
        return {control.field.name: control.value() for grid in self.grids for control in grid.controls}

    def set_value(self, value: Any) -> None:
        """Nothing: the fields inside show their own answers."""

    def set_editable(self, editable: bool) -> None:
        """Nothing: tabs stay open to the reader, the fields inside know for themselves."""

    def focus_widget(self) -> QWidget:
        return self.bar

    def reveal(self, child: Control) -> None:
        for index, grid in enumerate(self.grids):
            if child in grid.controls:
                self.bar.setCurrentIndex(index)

    def _open(self, index: int) -> None:
        self._scrolled[self._index] = self.host.scrolled()
        self._index = index
        for number, grid in enumerate(self.grids):
            grid.setVisible(number == index)
        if index in self._scrolled:
            self.host.scroll_to(self._scrolled[index])
