"""Notes which slices and frames a viewport has shown for long enough, and paints beside the sliders which are left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter

from viewr.model.frame_point import is_film
from viewr.model.read_ranges import mask_of, ranges_of
from viewr.widgets import colours
from viewr.widgets.slice_view_frames import HEIGHT, track
from viewr.widgets.slice_view_paint import MARGIN, SLIDER_WIDTH
from viewr.workspace.frames import frame_at, frame_axes
from viewr.workspace.read_record import SEEN_AFTER, ScanKey, film_frames, seen_after

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.slice_view_scene import Scene


#: Share of a slice's area that must lie in the viewport for it to be seen.
LEAST_SHARE = 0.5


class Reading(QObject):
    """Watches what one viewport paints.

    A slice counts from the moment it was painted, at whichever point in time; of a film each frame counts. True slices
    of the scan alone count, not cuts through many or slabs, in which a slice is seen only where it is brighter or
    darker than the others; and none of which more than half lies outside of the viewport.
    """

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._shown: tuple[ScanKey, int] | None = None
        self._since, self._needed = 0.0, SEEN_AFTER
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
            self._need(seen_after(scene.volume))
            self._timer.start()

    def _need(self, milliseconds: int) -> None:
        if milliseconds != self._needed:
            self._needed = milliseconds
            self._timer.setInterval(milliseconds)

    def ended(self) -> None:
        """What was shown is not on the screen any more."""
        if self._shown is not None and (time.monotonic() - self._since) * 1000 >= self._needed:
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
        if slab or scene.stack.axis != 2 or scene.stack.voxels is None or share_in_view(scene) < LEAST_SHARE:
            return None
        k = int(scene.stack.voxels[scene.index])
        loaded = self._viewport.loaded()
        there = loaded is None or (k < len(loaded) and bool(loaded[k]))
        shown = frame_at(scene.look, frame_axes(scene.volume)[0]) if is_film(scene.volume) else k
        return (self._viewport.scan_key, shown) if there else None


def share_in_view(scene: Scene) -> float:
    """How much of the slice's area lies in the viewport, 0 to 1."""
    share = 1.0
    for size, extent, shift in zip(scene.view.size, scene.stack.extent, scene.pan_mm, strict=True):
        half = size * scene.view.mm_per_pixel / 2
        inside = min(extent / 2, shift + half) - max(-extent / 2, shift - half)
        share *= max(0.0, inside) / extent
    return share


def paint_unseen_frames(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    """The same above the slider of a film: the frames that have not been seen."""
    count = film_frames(scene.volume)
    left, length = track(scene)
    for first, last in viewport.document.seen.unseen(viewport.scan_key, count) if count else ():
        wide = max(1.0, (last - first + 1) * length / count)
        painter.fillRect(QRectF(left + first * length / count, scene.size[1] - HEIGHT, wide, 2.5), colours.UNSEEN)


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
