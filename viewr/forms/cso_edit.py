"""Contours drawn in the views, in groups."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLineEdit, QTreeWidgetItem, QWidget

from viewr.forms.base import Host, nested_row
from viewr.forms.combo_box import CalmComboBox
from viewr.forms.drawing import CONTOUR_TOOL, contour_area, frame_text, group_of, swatch
from viewr.forms.drawn_control import DrawnControl
from viewr.forms.options import option_index
from viewr.model.annotation import Annotation, DrawingKey, Drawn, with_drawing
from viewr.model.contour import Contour
from viewr.model.template import Field


def with_contour(annotation: Annotation, key: DrawingKey, contour: Contour) -> Annotation:
    """The annotation with another contour instead of that of the same id."""
    held = annotation.drawings.get(key, ())
    return with_drawing(annotation, key, tuple(contour if item.id == contour.id else item for item in held))


class CSOEdit(DrawnControl):
    """The contours of the field, each with its group and area; the chosen one can be named and put into a group."""

    tool: ClassVar[str] = CONTOUR_TOOL
    noun: ClassVar[str] = "contour"
    draw_text: ClassVar[str] = "Draw"
    how_to: ClassVar[str] = "Click from corner to corner; Enter or the first corner closes it. Esc stops."
    headings: ClassVar[tuple[str, ...]] = ("", "Area")

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        self._name: QLineEdit | None = None
        super().__init__(field, path, host, parent)
        row = nested_row(self.column)
        self._name = QLineEdit(self)
        self._name.setPlaceholderText("Name of the chosen contour")
        self._name.setAccessibleName(f"{self.title}: name of the chosen contour")
        self._name.setMinimumWidth(60)
        self._name.editingFinished.connect(self._rename)
        self._regroup = CalmComboBox(self)
        self._regroup.setAccessibleName(f"{self.title}: group of the chosen contour")
        self._regroup.setToolTip("The group of the chosen contour")
        for group in field.groups:
            self._regroup.addItem(swatch(group), group.label)
        self._regroup.activated.connect(self._put_into_group)
        row.addWidget(self._name, 1)
        row.addWidget(self._regroup, 1)
        self._show_chosen()

    def own_group_selector(self) -> bool:
        return not isinstance(self.field.extra.get("cso_type"), str)

    def group(self) -> int:
        kind = self.field.extra.get("cso_type")
        if not isinstance(kind, str):
            return super().group()
        value = self.host.sibling_value(self.path, kind)
        if isinstance(value, (int, float)):
            return int(value)
        return max(0, option_index([group.label for group in self.field.groups], value))

    def hint(self) -> str:
        number = len(self.drawn())
        return f"{number} contour{'s' if number != 1 else ''}." if number else "Nothing drawn yet."

    def lines(self) -> list[tuple[Drawn | None, tuple[str, ...], int]]:
        contours = [item for item in self.drawn() if isinstance(item, Contour)]
        return [(item, (self._line_text(item), self._area_text(item)), item.group) for item in contours]

    def _line_text(self, contour: Contour) -> str:
        group = group_of(self.field.groups, contour.group)
        name = group.label if group else str(self.field.extra.get("group_label") or "Contour")
        return f"{name}: {contour.label}" if contour.label else f"{name} {contour.id}"

    def _area_text(self, contour: Contour) -> str:
        return (f"{contour_area(contour):.1f} mm²" if contour.closed else "open") + frame_text(contour)

    # --- the chosen contour ------------------------------------------------------------------------------------

    def _chosen_contour(self) -> Contour | None:
        drawn = self.chosen()
        return drawn if isinstance(drawn, Contour) else None

    def _line_changed(self, now: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        super()._line_changed(now, before)
        self._show_chosen()

    def _show_buttons(self) -> None:
        super()._show_buttons()
        self._show_chosen()

    def _show_chosen(self) -> None:
        if self._name is None:
            return
        contour = self._chosen_contour()
        can_edit = contour is not None and self._editable
        self._name.setVisible(can_edit)
        self._regroup.setVisible(can_edit and len(self.field.groups) > 1)
        if contour is not None:
            blocker = QSignalBlocker(self._name)
            if self._name.text() != contour.label:
                self._name.setText(contour.label)
            self._regroup.setCurrentIndex(contour.group if contour.group < len(self.field.groups) else -1)
            blocker.unblock()

    def _rename(self) -> None:
        contour = self._chosen_contour()
        if contour is not None and self._name is not None and self._name.text().strip() != contour.label:
            self._replace("Name", replace(contour, label=self._name.text().strip()))

    def _put_into_group(self, index: int) -> None:
        contour = self._chosen_contour()
        if contour is not None and index != contour.group:
            self._replace("Group", replace(contour, group=index))

    def _replace(self, what: str, contour: Contour) -> None:
        change = partial(with_contour, key=self.key, contour=contour)
        self.host.document.edit(f"{what} of a contour of “{self.title}”", change)
