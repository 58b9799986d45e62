"""Opening the volume view beside the viewports of a context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from viewr.model.geometry import FloatArray
from viewr.model.state import ViewportKey
from viewr.model.volume import Volume
from viewr.widgets.slice_view import SliceViewport

if TYPE_CHECKING:
    from viewr.widgets.volume_view import VolumeView


def no_volume(volume: Volume) -> str:
    """Why a scan never is a volume, one sentence; "" if it is one."""
    if "channel" in volume.axes:
        return "This scan is in colour: it is shown in slices, not as a volume."
    if min(volume.array.shape[:3]) < 2:
        return "This scan has only one slice: there is no volume to show."
    return ""


class VolumePlace(QSplitter):
    """The viewports of a context and, if wanted, a volume view at their right.

    Parameters
    ----------
    slices : QWidget
        What holds the viewports.
    viewports : mapping
        All viewports of the context, also those in the second window.

    Attributes
    ----------
    view : VolumeView or None
    """

    def __init__(self, slices: QWidget, viewports: Mapping[ViewportKey, SliceViewport], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.viewports = viewports
        self.setChildrenCollapsible(False)
        self.setHandleWidth(4)
        self._slices = slices
        self.view: VolumeView | None = None
        self.addWidget(slices)

    def toggle(self, viewport: SliceViewport) -> None:
        """Show the scan of a viewport as a volume; if it is shown, close the view."""
        shown = self.view is not None and self.view.scan_key == viewport.scan_key
        self.close_volume()
        if not shown:
            self._open(viewport)

    def close_volume(self) -> None:
        """Close the view; its process ends and its memory is free again."""
        view, self.view = self.view, None
        if view is not None:
            view.pictures.close()
            view.hide()
            view.deleteLater()
            self._slices.show()

    def _open(self, viewport: SliceViewport) -> None:
        # not before it is wanted: it takes as long to import as a picture to paint
        from viewr.widgets.volume_view import VolumeView

        view = VolumeView(viewport.document, viewport.key, viewport.hand.context.fields, self._rectangles, self)
        self.view = view
        if viewport.renderers is not None:
            view.pictures.rays = "cpu" if viewport.renderers.choice == "cpu" else "auto"
            view.pictures.trouble.connect(viewport.renderers.notice)
        view.close_requested.connect(self.close_volume)
        view.alone_toggled.connect(self._toggle_alone)
        self.addWidget(view)
        half = max(self.width() // 2, 1)
        self.setSizes([half, half])
        view.canvas.setFocus()

    def _toggle_alone(self) -> None:
        self._slices.setVisible(not self._slices.isVisible())

    def _rectangles(self) -> list[FloatArray]:
        """Corners of what each visible viewport shows, LPS."""
        ports = [port for port in self.viewports.values() if port.isVisible() and port.scene]
        return [np.array([port.scene.to_lps(x, y) for x in (0, port.width()) for y in (0, port.height())])
                for port in ports if port.scene is not None]  # fmt: skip


def place_of(viewport: SliceViewport) -> VolumePlace | None:
    """Where the volume view of a viewport goes, also of one in the second window; None if it stands alone."""
    windows = [viewport.window(), *QApplication.topLevelWidgets()]
    places = [place for window in windows for place in window.findChildren(VolumePlace)]
    return next((place for place in places if place.viewports.get(viewport.key) is viewport), None)


def toggle_volume(viewport: SliceViewport) -> None:
    """Open or close the volume view of a viewport's scan, or say in the viewport why there is none."""
    place, scene = place_of(viewport), viewport.scene
    why = no_volume(scene.volume) if scene is not None else ""
    if why and place is not None and place.view is None:
        viewport.hand.context.tell(why)
    elif place is not None:
        place.toggle(viewport)
