"""The viewports of the template over the contact sheets: a scan in full, with all tools."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from viewr.model.geometry import Orientation
from viewr.model.marker import Point
from viewr.model.template import Template
from viewr.widgets.tool_panel import ToolPanel
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.frames import frame_axes, show_frame
from viewr.workspace.localizer import show_point
from viewr.workspace.look import show_scan


class QcEnlarged(QWidget):
    """The viewports of one context of the case; made when they are first asked for."""

    def __init__(self, document: Document, template: Template, context: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.template, self.context = document, template, context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        # labels and brush need a column of their own; the tools alone are one line
        paints = bool(template.context(context).annotations)
        parts = QSplitter(Qt.Orientation.Horizontal if paints else Qt.Orientation.Vertical, self)
        self.panel = ToolPanel(document, template.context(context), parts)
        self.grid = ViewportGrid(document, template, context, parts)
        self.panel.setMaximumWidth(300) if paints else self.panel.setMaximumHeight(self.panel.sizeHint().height())
        parts.setStretchFactor(1, 1)
        parts.setChildrenCollapsible(False)
        column.addWidget(parts)

    def show_scan(
        self, key: ScanKey, point: Point | None, orientation: Orientation | None, frame: int | None = None
    ) -> None:
        """Show a scan, at a point and a frame of it; the viewport of the same plane takes the keys."""
        look = self.document.state.look
        viewports = show_scan(look, self.template, self.context, key[1])
        self.document.look(viewports=viewports, context=self.context)
        if point is not None:
            show_point(self.document, self.context, point, key[1])
        ports = list(self.grid.viewports)
        if frame is not None:
            self._show_frame(key, frame)
        fitting = [port for port in ports if viewports[port].orientation == orientation]
        active = next(iter(fitting or ports), None)
        if active is not None:
            self.document.look(active=active)
            self.grid.viewports[active].setFocus()

    def _show_frame(self, key: ScanKey, frame: int) -> None:
        volume, looks = self.document.volumes.get(key), self.document.state.look.viewports
        axes = frame_axes(volume) if volume is not None else ()
        port = next((port for port in self.grid.viewports if looks[port].scan == key[1]), None)
        if axes and port is not None:
            show_frame(self.document, port, axes[0], frame)

    def put_down(self) -> bool:
        """End what the hand is doing, or show all viewports again; False if there was nothing of both."""
        look = self.document.state.look
        if self.grid.active is not None and self.grid.active.cancel():
            return True
        if look.target is not None:
            self.document.look(target=None, target_name="", tool="window")
        elif look.maximised is not None:
            self.document.look(maximised=None)
        else:
            return False
        return True
