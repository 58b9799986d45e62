"""Contours drawn in the views, in groups."""

from __future__ import annotations

from typing import ClassVar

from viewr.forms.drawing import CONTOUR_TOOL, contour_area, group_of
from viewr.forms.drawn_control import DrawnControl
from viewr.forms.options import option_index
from viewr.model.annotation import Drawn
from viewr.model.contour import Contour


class CSOEdit(DrawnControl):
    """The contours of the field, each with its group and area."""

    tool: ClassVar[str] = CONTOUR_TOOL
    noun: ClassVar[str] = "contour"
    draw_text: ClassVar[str] = "Draw"
    headings: ClassVar[tuple[str, ...]] = ("", "Area")

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
        return f"{contour_area(contour):.1f} mm²" if contour.closed else "open"
