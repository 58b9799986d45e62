"""Slices of a shown volume that arrive by the hundred, taken in a few times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from viewr.widgets.slice_view_scene import Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Milliseconds between two pictures of a volume that is arriving.
PACE = 120
#: Milliseconds between two paints for the count of slices alone.
COUNT_PACE = 500


class Arrivals(QObject):
    """The slices that one viewport has not taken in yet: the first is shown at once, the others gather."""

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._slices: set[int] = set()
        self._above = False
        self._timer = QTimer(self, singleShot=True, interval=PACE)
        self._timer.timeout.connect(self._take_in)
        self._counted = QElapsedTimer()

    def add(self, k: int) -> None:
        self._slices.add(k)
        if not self._timer.isActive():
            self._take_in()

    def add_above(self) -> None:
        """A slice of the scan that is laid over the shown one."""
        self._above = True
        if not self._timer.isActive():
            self._take_in()

    def _take_in(self) -> None:
        scene = self._viewport.scene
        if self._above:
            self._above = False
            self._timer.start()
            self._viewport.forget_picture()
        if not self._slices or scene is None:
            return
        self._timer.start()
        slices, self._slices = self._slices, set()
        if shows_any(scene, slices):
            self._viewport.forget_picture()
            self._counted.start()
            return
        # Pictures of other slices are made of what has come meanwhile.
        self._viewport.renderer.release()
        if self._viewport.renew_scene() or not self._counted.isValid() or self._counted.elapsed() >= COUNT_PACE:
            self._viewport.update()
            self._counted.start()


def shows_any(scene: Scene, slices: set[int]) -> bool:
    """Whether a slice of the volume is in the picture; one along another axis or through many shows all."""
    stack = scene.stack
    if stack.voxels is None or stack.axis != 2 or scene.view.projection != "none":
        return True
    return int(stack.voxels[scene.index]) in slices
