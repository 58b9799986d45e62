"""A titled box of fields that can be folded away."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from viewr.forms.base import Control, Host, LabelPlace, nested_row
from viewr.forms.grid import FieldGrid
from viewr.model.template import Field


class Fold(QToolButton):
    """The title of something that can be folded away."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.setProperty("role", "fold")
        self.setCheckable(True)
        self.setChecked(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setArrowType(Qt.ArrowType.DownArrow)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._turn)

    def _turn(self, opened: bool) -> None:
        self.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)


class BoxWidget(Control):
    """The answers of the fields inside, as one object."""

    label_place: ClassVar[LabelPlace] = "own"
    answers: ClassVar[bool] = False

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        frame = QFrame(self)
        frame.setProperty("role", "box")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(10, 6, 10, 10)
        inside.setSpacing(6)
        self.fold = Fold(self.title, frame)
        self._fill_header(nested_row(inside))
        grid = FieldGrid(field.children, self.host, frame, self)
        inside.addWidget(grid)
        self.grids = [grid]
        self.fold.toggled.connect(grid.setVisible)
        self.column.addWidget(frame)
        self.fold.setChecked(not field.extra.get("collapsed"))
        host.fill(grid, path)

    def _fill_header(self, header: QHBoxLayout) -> None:
        align = str(self.field.extra.get("align_title", "Left")).lower()
        if align in ("right", "center"):
            header.addStretch(1)
        header.addWidget(self.fold)
        if align in ("left", "center"):
            header.addStretch(1)

    def value(self) -> dict[str, Any]:
        return {control.field.name: control.value() for grid in self.grids for control in grid.controls}

    def set_value(self, value: Any) -> None:
        """Nothing: the fields inside show their own answers."""

    def set_editable(self, editable: bool) -> None:
        """Nothing: folding stays possible, the fields inside know for themselves."""

    def focus_widget(self) -> QWidget:
        return self.fold

    def reveal(self, child: Control) -> None:
        self.fold.setChecked(True)
