"""A scan that is carried by the mouse, from the strip or from a viewport, to the viewport that shall show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLabel

from viewr.widgets import colours
from viewr.widgets.slice_view_paint import text_font
from viewr.workspace.document import Document, ScanKey

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: From the mouse pointer to the picture that goes with it: never under it, where it would hide the goal.
_BESIDE = QPoint(14, 14)


class ScanCarry:
    """A scan on its way; the viewport under the mouse says that it would take it."""

    def __init__(self, document: Document, scan: ScanKey, picture: QPixmap) -> None:
        self._document, self._scan = document, scan
        self._goal: SliceViewport | None = None
        self._label = QLabel(None, Qt.WindowType.ToolTip | Qt.WindowType.WindowTransparentForInput)
        self._label.setPixmap(picture)

    def move(self, place: QPoint) -> None:
        """The mouse is at a place of the screen."""
        self._label.move(place + _BESIDE)
        self._label.show()
        self._aim(self._viewport_at(place))

    def drop(self, place: QPoint) -> None:
        """Let go: the viewport under the mouse shows the scan."""
        goal = self._viewport_at(place)
        self.cancel()
        if goal is not None:
            goal.activate()
            goal.setFocus()
            goal.show_scan(self._scan[1])

    def cancel(self) -> None:
        self._aim(None)
        self._label.hide()
        self._label.deleteLater()

    def _viewport_at(self, place: QPoint) -> SliceViewport | None:
        from viewr.widgets.slice_view import SliceViewport

        widget = QApplication.widgetAt(place)
        if not isinstance(widget, SliceViewport) or widget.document is not self._document:
            return None
        return widget if widget.key[0] == self._scan[0] else None

    def _aim(self, goal: SliceViewport | None) -> None:
        if goal is self._goal:
            return
        for viewport, name in ((self._goal, ""), (goal, self._scan[1])):
            if viewport is not None:
                viewport.offered = name
                viewport.update()
        self._goal = goal


class ScanDrag:
    """A viewport's own scan goes with the mouse, to another viewport."""

    def __init__(self, viewport: SliceViewport, start: QPointF) -> None:
        self._viewport, self._start = viewport, start
        self._carry: ScanCarry | None = None

    def move(self, event: QMouseEvent) -> None:
        far = (event.position() - self._start).manhattanLength() >= QApplication.startDragDistance()
        if self._carry is None and far:
            picture = QPixmap.fromImage(self._viewport.picture).scaled(
                96, 96, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._carry = ScanCarry(self._viewport.document, self._viewport.scan_key, picture)
        if self._carry is not None:
            self._carry.move(event.globalPosition().toPoint())

    def end(self, event: QMouseEvent | None) -> None:
        if self._carry is None:
            return
        if event is None:
            self._carry.cancel()
        else:
            self._carry.drop(event.globalPosition().toPoint())


def paint_offer(painter: QPainter, viewport: SliceViewport) -> None:
    """What a viewport would show if the mouse let go now."""
    if not viewport.offered:
        return
    area = viewport.rect()
    painter.fillRect(area, QColor(20, 60, 110, 120))
    painter.setFont(text_font(True, 14))
    painter.setPen(colours.TEXT)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, f"Show {viewport.offered} here")
