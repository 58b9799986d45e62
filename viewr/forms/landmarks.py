"""Named points, each placed at most once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTreeWidgetItem

from viewr.forms.drawing import LANDMARK_TOOL, frame_text, landmark_specs, missing_landmarks, position_text
from viewr.forms.drawn_control import DrawnControl
from viewr.model.annotation import Drawn
from viewr.model.drawn_json import marker_value
from viewr.model.marker import Marker
from viewr.model.state import Look


class Landmarks(DrawnControl):
    """The landmarks that are placed, with their names; after one is placed, the next that is missing has its turn."""

    tool: ClassVar[str] = LANDMARK_TOOL
    noun: ClassVar[str] = "landmark"
    delete_text: ClassVar[str] = "Clear"
    headings: ClassVar[tuple[str, ...]] = ("Landmark", "Position (mm)")

    @property
    def specs(self) -> list[Mapping[str, Any]]:
        """The landmarks of the template: name, category, type."""
        return landmark_specs(self.field)

    def value(self) -> list[dict[str, Any]]:
        placed = self._placed()
        known = [placed[str(spec["name"])] for spec in self.specs if str(spec["name"]) in placed]
        return [marker_value(item) for item in (*known, *self._strays())]

    def _placed(self) -> dict[str, Marker]:
        return {item.name: item for item in self.drawn() if isinstance(item, Marker)}

    def _strays(self) -> list[Marker]:
        """Landmarks of an earlier result that the template does not have."""
        names = {str(spec["name"]) for spec in self.specs}
        return [item for item in self.drawn() if isinstance(item, Marker) and item.name not in names]

    def missing(self) -> list[str]:
        """Names of the landmarks that are not placed."""
        return missing_landmarks(self.field, self.drawn())

    def hint(self) -> str:
        done = len(self.specs) - len(self.missing())
        return f"{done} of {len(self.specs)} placed."

    def lines(self) -> list[tuple[Drawn | None, tuple[str, ...], int]]:
        placed = self._placed()
        found: list[tuple[Drawn | None, tuple[str, ...], int]] = []
        for spec in self.specs:
            name, category = str(spec["name"]), str(spec.get("category") or "")
            marker = placed.get(name)
            text = f"{name} ({category})" if category and category != name else name
            where = position_text(marker.pos) + frame_text(marker) if marker else "not placed"
            found.append((marker, (text, where), int(spec.get("type") or 0)))
        for marker in self._strays():
            text = f"{marker.name or 'without a name'} (not one of this template)"
            found.append((marker, (text, position_text(marker.pos) + frame_text(marker)), marker.type))
        return found

    # --- whose turn it is --------------------------------------------------------------------------------------

    def _chosen_spec(self) -> Mapping[str, Any] | None:
        item = self.list.currentItem()
        index = self.list.indexOfTopLevelItem(item) if item is not None else -1
        return self.specs[index] if 0 <= index < len(self.specs) else None

    def draw_fields(self) -> dict[str, Any]:
        missing = self.missing()
        spec = self._chosen_spec()
        # a chosen one that is placed already is placed anew only if none is missing
        if spec is None or (str(spec["name"]) not in missing and missing):
            spec = next((one for one in self.specs if not missing or str(one["name"]) in missing), None)
        return self._turn(spec)

    def _turn(self, spec: Mapping[str, Any] | None) -> dict[str, Any]:
        name, kind = (str(spec["name"]), int(spec.get("type") or 0)) if spec else ("", 0)
        return {"target": self.key, "tool": self.tool, "target_name": name, "group": kind}

    def follow_drawings(self) -> None:
        super().follow_drawings()
        if self.drawing:
            # not now: other parts have not seen this change yet
            QTimer.singleShot(0, self, self._next_turn)

    def follow_look(self, before: Look, after: Look) -> None:
        super().follow_look(before, after)
        if self.drawing:
            names = [str(spec["name"]) for spec in self.specs]
            if after.target_name in names:
                self.choose(names.index(after.target_name))
                self.note.setText(f"Click in a view: {after.target_name}. Esc stops.")

    def _next_turn(self) -> None:
        if not self.drawing or self.host.document.state.look.target_name not in self._placed():
            return
        missing = self.missing()
        if missing:
            spec = next(spec for spec in self.specs if str(spec["name"]) == missing[0])
            self.host.document.look(**self._turn(spec))
        else:
            self.stop()

    def _line_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        spec = self._chosen_spec()
        if spec is not None and self.drawing and self.chosen() is None:
            self.host.document.look(**self._turn(spec))
        super()._line_clicked(item, column)
