"""Automatic windows of a viewport: robust percentiles, then the full range, which takes its time in a large scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewr.model.progress import Progress
from viewr.model.volume import Volume, Window
from viewr.widgets.slice_view_window import automatic, find_range, known_range
from viewr.workspace.jobs import Jobs

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


class RangeFinder(QObject):
    """Looks for the lowest and highest value of a scan beside the GUI, and shows them in one viewport."""

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._jobs = Jobs(1, self)
        self._volume: Volume | None = None
        self._window: Window | None = None
        viewport.destroyed.connect(self._jobs.shut_down)

    def ask(self, volume: Volume, now: Window | None, *, keep: bool) -> None:
        self._volume, self._window = volume, now
        job = self._jobs.start(_find, volume, keep, kind="range")
        job.done.connect(self._show)

    def _show(self, window: Window) -> None:
        """Unless the reader has gone on to another scan or window."""
        scene = self._viewport.scene
        if scene is not None and scene.volume is self._volume and scene.look.window == self._window:
            self._viewport.set_window(window)


def _find(volume: Volume, keep: bool, _progress: Progress) -> Window:
    return find_range(volume, keep=keep)


def next_automatic(viewport: SliceViewport) -> None:
    """The automatic window; asked for again, the full range."""
    scene = viewport.scene
    if scene is None:
        return
    window = automatic(scene.volume)
    if scene.look.window != window:
        viewport.set_window(window)
        return
    whole = viewport.scan_key not in viewport.document.arriving
    known = known_range(scene.volume) if whole else None
    if known is not None:
        viewport.set_window(known)
        return
    finder = viewport.findChild(RangeFinder) or RangeFinder(viewport)
    finder.ask(scene.volume, window, keep=whole)
