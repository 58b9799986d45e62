"""Markers as a table of their kinds and coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from viewr.forms.marker_edit import MarkerEdit
from viewr.model.annotation import Drawn
from viewr.model.marker import Marker


class MarkerView(MarkerEdit):
    """As MarkerEdit; kinds have the names of `type_names`, positions a column for each coordinate."""

    headings: ClassVar[tuple[str, ...]] = ("Marker", "L–R", "P–A", "H–F")

    def kind_text(self, marker: Marker) -> str:
        names = self.field.extra.get("type_names")
        name = names.get(str(marker.type)) if isinstance(names, Mapping) else None
        return str(name) if name else super().kind_text(marker)

    def lines(self) -> list[tuple[Drawn | None, tuple[str, ...], int]]:
        markers = [item for item in self.drawn() if isinstance(item, Marker)]
        return [(item, (self.kind_text(item), *(f"{part:.1f}" for part in item.pos)), item.type) for item in markers]
