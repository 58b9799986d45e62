"""Points placed in the views, of one or several kinds."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QTimer

from viewr.forms.drawing import MARKER_TOOL, frame_text, group_of, position_text
from viewr.forms.drawn_control import DrawnControl
from viewr.forms.options import option_index
from viewr.model.annotation import Drawn
from viewr.model.marker import Marker
from viewr.model.scope import Results


class MarkerEdit(DrawnControl):
    """The markers of the field."""

    tool: ClassVar[str] = MARKER_TOOL
    noun: ClassVar[str] = "marker"

    def own_group_selector(self) -> bool:
        return self.field.extra.get("marker_type") is None

    @property
    def most(self) -> int:
        """How many markers there may be; 0: any number."""
        number = self.field.extra.get("max_number", 0)
        return max(0, number) if isinstance(number, int) else 0

    def full(self) -> bool:
        return 0 < self.most <= len(self.drawn())

    def hint(self) -> str:
        if not self.drawn():
            return "Not placed yet."
        if self.full():
            return f"{'The marker is' if self.most == 1 else f'All {self.most} markers are'} placed."
        return f"{len(self.drawn())} of at most {self.most} placed." if self.most else ""

    def group(self) -> int:
        kind = self.field.extra.get("marker_type")
        if isinstance(kind, str):
            return self._group_named(self.host.sibling_value(self.path, kind))
        return int(kind) if isinstance(kind, (int, float)) else super().group()

    def _group_named(self, value: Any) -> int:
        """The group that another field's answer means: an index, or the label of a group."""
        if isinstance(value, (int, float)):
            return int(value)
        text = str(value or "")
        return int(text) if text.isdigit() else max(0, option_index([group.label for group in self.field.groups], text))

    def kind_text(self, marker: Marker) -> str:
        """What kind of marker it is."""
        group = group_of(self.field.groups, marker.type)
        return group.label if group else f"Type {marker.type}" if marker.type else "Marker"

    def lines(self) -> list[tuple[Drawn | None, tuple[str, ...], int]]:
        markers = [item for item in self.drawn() if isinstance(item, Marker)]
        return [
            (item, (self._line_text(item), position_text(item.pos) + frame_text(item)), item.type) for item in markers
        ]

    def _line_text(self, marker: Marker) -> str:
        kind = self.kind_text(marker)
        if marker.name:
            return f"{kind}: {marker.name}"
        # the only one needs no number; in a listing the row has one
        return f"{kind} {marker.id}" if marker.id and self.most != 1 else kind

    def follow_outcome(self, outcome: Results) -> None:
        # another answer may say of which kind the next marker is
        if self.drawing and self.host.document.state.look.group != self.group():
            QTimer.singleShot(0, self, self._take_group)

    def _take_group(self) -> None:
        if self.drawing:
            self.host.document.look(group=self.group())
