"""What lies under the mouse: in the viewport that it is over, and at the same place in other scans on the screen."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect

from viewr.model.marker import Point
from viewr.widgets.slice_view_missing import lacks_data
from viewr.widgets.slice_view_paint import line_height
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.slice_view_texts import Line, fused_view, point_view, pointer_lines, value_text
from viewr.workspace.localizer import moved, shift_between

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Lines of text in the corner of the read-out, at most.
_LINES = 4


class ReadOut:
    """The read-out of one viewport: the place is that under the mouse also when the slice changes below it."""

    def __init__(self, viewport: SliceViewport) -> None:
        self._viewport = viewport
        self._tip: QPointF | None = None
        self._source: weakref.ref[SliceViewport] | None = None

    @property
    def point(self) -> Point | None:
        """Patient position under the mouse; None while it is elsewhere."""
        scene = self._viewport.scene
        return scene.under(self._tip) if scene is not None and self._tip is not None else None

    def follow(self, position: QPointF | None) -> None:
        """The mouse is at a place of the widget, or left it."""
        told = self._tip is not None or position is not None
        self._tip = position
        self._viewport.update()
        if told:
            self._viewport.pointed.emit()

    def renew(self) -> None:
        """The slice under the mouse is another one."""
        if self._tip is not None:
            self._viewport.pointed.emit()

    def value(self, point: Point | None) -> str:
        """The value at a place with its unit, as the picture shows it; "" outside and without a place."""
        viewport, scene = self._viewport, self._viewport.scene
        if scene is None or point is None:
            return ""
        if lacks_data(scene.volume, viewport.loaded(), (point,)):
            return "no data"
        return value_text(viewport.renderer_sample(point_view(scene, point)), scene.volume.unit)

    def fused_value(self) -> str:
        """The value of the scan laid over this one under the mouse; "" without one and outside of it."""
        scene, point = self._viewport.scene, self.point
        if scene is None or point is None or not scene.view.fused:
            return ""
        above = scene.view.fused[-1].volume
        if lacks_data(above, self._viewport.document.arriving.get((self._viewport.key[0], scene.look.fused)), (point,)):
            return "no data"
        return value_text(self._viewport.renderer_sample(fused_view(scene, point)), above.unit)

    # --- the mouse is over another viewport ----------------------------------------------------------------------

    def hear(self, source: SliceViewport) -> None:
        """The mouse moved over another viewport, or left it."""
        viewport = self._viewport
        wanted = source.pointer is not None and source is not viewport and source.scan_key != viewport.scan_key
        if source is not viewport and source.pointer is not None:
            self._tip = None  # it cannot be here too
        if not wanted and self._source is None:
            return
        self._source = weakref.ref(source) if wanted else None
        tall = round(line_height((viewport.width(), viewport.height())) * _LINES) + 12
        viewport.update(QRect(viewport.width() // 2, viewport.height() - tall, viewport.width(), tall))

    def value_there(self) -> str:
        """The value at the place under a mouse that is over another scan; "" where that is not known here."""
        source = self._source() if self._source is not None else None
        point = source.pointer if source is not None else None
        if source is None or point is None:
            return ""
        shift = shift_between(self._viewport.document, source.key, self._viewport.key)
        return self.value(moved(point, shift)) if shift is not None else ""

    def lines(self, scene: Scene) -> list[Line]:
        """Bottom right of the viewport."""
        if (point := self.point) is not None:
            return pointer_lines(scene, self.value(point), point, self.fused_value())
        value = self.value_there()
        return [Line(f"same place  {value}", "plain", value)] if value else []


def tell_pointed(source: SliceViewport, viewports: Iterable[SliceViewport]) -> None:
    """Show the values of the other scans at the place under the mouse."""
    for viewport in viewports:
        if viewport.isVisible():
            viewport.read_out.hear(source)
