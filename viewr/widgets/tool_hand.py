"""What the tool in the hand does with the mouse of a viewport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent, QPainter

from viewr.widgets.slice_view_scene import Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


class ToolHand:
    """The tool in the hand, in one viewport."""

    def __init__(self, viewport: SliceViewport) -> None:
        self._viewport = viewport

    def pointer(self, kind: str, event: QMouseEvent) -> bool:
        return False

    def hover(self, event: QMouseEvent) -> None:
        pass

    def leave(self) -> None:
        pass

    def cancel(self) -> bool:
        return False

    def key(self, key: Qt.Key) -> bool:
        return False

    def paint(self, painter: QPainter, scene: Scene) -> None:
        pass
