"""How fast the program is at this moment, in a corner of the window (F12)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from viewr.archive.cache import Cache
from viewr.widgets.slice_view import SliceViewport
from viewr.workspace.folders import Folders
from viewr.workspace.heartbeat import Heartbeat
from viewr.workspace.jobs import Jobs

#: Milliseconds between two read-outs, and read-outs between two looks at the cache, which has many files.
EVERY = 500
_CACHE_EVERY = 20
_MARGIN = 12


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def viewing_lines(viewports: Sequence[SliceViewport]) -> list[str]:
    """Slices and pictures of all viewports together."""
    times = [ms for port in viewports for ms in port.times]
    painted, skipped = sum(port.painted for port in viewports), sum(port.skipped for port in viewports)
    names = sorted({type(port.renderer).__name__.removesuffix("Renderer").upper() for port in viewports})
    shown, left_out = sum(port.cine.shown for port in viewports), sum(port.cine.left_out for port in viewports)
    return [
        f"Slices: {painted} painted, {skipped} skipped",
        *([f"Cine: {shown} frames shown, {left_out} left out"] if shown or left_out else []),
        f"Pictures: p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms ({len(times)})",
        f"Renderer: {', '.join(names) or 'none'}",
    ]


def _bytes_text(count: int) -> str:
    return f"{count / 2**30:.2f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"


class PerformanceReadout(QLabel):
    """The read-out; the mouse goes through it. Its heart beats only while it is shown."""

    def __init__(self, window: QWidget, jobs: Jobs, folders: Folders) -> None:
        super().__init__(window)
        self.setObjectName("performance")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._jobs, self._folders = jobs, folders
        self._cache, self._turn, self._worst = -1, 0, 0.0
        self.heartbeat = Heartbeat(self)
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self.read)
        window.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Show it or take it away."""
        self.setVisible(self.isHidden())
        if self.isHidden():
            self.heartbeat.stop()
            self._timer.stop()
        else:
            self._worst, self._turn = 0.0, 0
            self.heartbeat.start()
            self._timer.start()
            self.read()
            self.raise_()

    def read(self) -> None:
        """Show the figures of now."""
        block = self.heartbeat.reset()
        self._worst = max(self._worst, block)
        if self._turn % _CACHE_EVERY == 0:
            job = self._jobs.start(_cache_size, self._folders, kind="cache size")
            job.done.connect(self._on_cache)
        self._turn += 1
        ports = [port for port in self.window().findChildren(SliceViewport) if port.isVisible()]
        cache = _bytes_text(self._cache) if self._cache >= 0 else "…"
        memory = resident_bytes()
        self.setText("\n".join([
            *viewing_lines(ports),
            f"Longest block: {block:.0f} ms now, {self._worst:.0f} ms since F12",
            f"Memory: {_bytes_text(memory) if memory is not None else 'not told by this system'}",
            f"Image cache: {cache} of {_bytes_text(self._folders.cache_bytes)}",
        ]))  # fmt: skip
        self._place()

    def _on_cache(self, size: int) -> None:
        self._cache = size

    def _place(self) -> None:
        self.adjustSize()
        room = self.window().size()
        self.move(room.width() - self.width() - _MARGIN, room.height() - self.height() - _MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)


def _cache_size(folders: Folders, progress: object) -> int:
    return Cache(folders.images, folders.cache_bytes).size()


def resident_bytes() -> int | None:
    """Memory of this process now; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
