"""Notes which slices a viewport has shown for long enough, and paints beside the slider which are left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter

from viewr.model.read_ranges import mask_of, ranges_of
from viewr.widgets import colours
from viewr.widgets.slice_view_paint import MARGIN, SLIDER_WIDTH
from viewr.workspace.read_record import SEEN_AFTER, ScanKey

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.slice_view_scene import Scene


class Reading(QObject):
    """Watches what one viewport paints.

    A slice counts from the moment it was painted; true slices of the scan alone count, not cuts through many or
    slabs, in which a slice is seen only where it is brighter or darker than the others.
    """

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._shown: tuple[ScanKey, int] | None = None
        self._since = 0.0
        self._timer = QTimer(self, interval=SEEN_AFTER, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_due)

    def painted(self, scene: Scene) -> None:
        """A picture has reached the screen."""
        if not self._in_sight():
            self._forget()
            return
        shown = self._slice_of(scene)
        if shown == self._shown:
            return
        self.ended()
        self._shown, self._since = shown, time.monotonic()
        if shown is not None:
            self._timer.start()

    def ended(self) -> None:
        """What was shown is not on the screen any more."""
        if self._shown is not None and (time.monotonic() - self._since) * 1000 >= SEEN_AFTER:
            self._note()
        self._forget()

    def _forget(self) -> None:
        self._shown = None
        self._timer.stop()

    def _on_due(self) -> None:
        if not self._in_sight():
            self._forget()
        elif self._shown is not None and self._note():
            self._viewport.update()

    def _note(self) -> bool:
        assert self._shown is not None
        return self._viewport.document.seen.add(*self._shown)

    def _in_sight(self) -> bool:
        window = self._viewport.window()
        handle = window.windowHandle()
        return self._viewport.isVisible() and not window.isMinimized() and handle is not None and handle.isExposed()

    def _slice_of(self, scene: Scene) -> tuple[ScanKey, int] | None:
        slab = scene.view.projection != "none" and scene.view.slab_slices > 1
        if slab or scene.stack.axis != 2 or scene.stack.voxels is None:
            return None
        k = int(scene.stack.voxels[scene.index])
        loaded = self._viewport.loaded()
        there = loaded is None or (k < len(loaded) and bool(loaded[k]))
        return (self._viewport.scan_key, k) if there else None


def paint_unseen(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    """A thin bar beside the slider: the slices that have not been seen."""
    stack = scene.stack
    if stack.axis != 2 or stack.voxels is None or stack.count < 2:
        return
    ranges = viewport.document.seen.ranges.get(viewport.scan_key, ())
    left = ~mask_of(ranges, scene.volume.grid.shape[2])[np.asarray(stack.voxels)]
    step = (scene.size[1] - 2 * MARGIN) / stack.count
    for first, last in ranges_of(left):
        tall = max(1.0, (last - first + 1) * step)
        painter.fillRect(QRectF(scene.size[0] - SLIDER_WIDTH + 0.5, MARGIN + first * step, 2.5, tall), colours.UNSEEN)
