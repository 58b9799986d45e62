"""A coarse picture while the hand moves, where the true one takes too long; the true one as soon as the hand rests."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.slice_view_scene import Scene

#: Values that are found before the reader notices a delay: one new plane of a slab, but not all of them.
AT_ONCE = 1_200_000
#: Values of a coarse picture.
COARSE = 300_000
#: Milliseconds without another picture after which the hand rests.
REST = 80
#: Milliseconds for which the window does not answer while the true picture is being made.
PACE = 15


class Drafts(QObject):
    """Makes the pictures of one viewport, coarse ones where the true one would keep the hand waiting.

    Only the picture is coarse: what is read out under the pointer comes from the voxels, as always.
    """

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._draft: tuple[SliceView, QImage] | None = None
        self._due: SliceView | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.go_on)

    @property
    def shown(self) -> bool:
        """Whether the picture on the screen is a coarse one, soon to be replaced."""
        return self._draft is not None

    def make(self, scene: Scene) -> tuple[QImage, SliceView | None]:
        """The picture of a scene, and its view; None instead of it while the picture is a coarse one."""
        renderer, view = self._viewport.renderer, scene.view
        if self._draft is not None and self._draft[0] == view:
            return self._draft[1], None
        begun = perf_counter()
        draft = self._coarse(view)
        image = draft or renderer.picture(view)
        self._viewport.times.append((perf_counter() - begun) * 1000)
        image.setDevicePixelRatio(scene.scale)
        self._draft = (view, image) if draft else None
        self._timer.start(REST) if draft else self._timer.stop()
        return image, None if draft else view

    def _coarse(self, view: SliceView) -> QImage | None:
        """A coarse picture, if the true one takes long and is not due yet."""
        renderer = self._viewport.renderer
        if view == self._due or not isinstance(renderer, CpuRenderer) or renderer.work(view) <= AT_ONCE:
            return None
        return renderer.draft(view, COARSE)

    def go_on(self) -> None:
        """The hand rests: find some of what the true picture needs; the window answers in between."""
        renderer = self._viewport.renderer
        begun = perf_counter()
        while self._draft is not None and isinstance(renderer, CpuRenderer) and renderer.prepare(self._draft[0]):
            if (perf_counter() - begun) * 1000 >= PACE:
                self._timer.start(0)
                return
        if self._draft is not None:
            # What is lacking now is never kept, for want of room.
            self._due, self._draft = self._draft[0], None
            self._viewport.update()
