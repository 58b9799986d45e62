"""The histogram of what a viewport shows, with the ends of its window to be dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QCloseEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from viewr.forms.base import nested_row
from viewr.imaging.histogram import Histogram, count_values
from viewr.model.progress import Progress
from viewr.model.volume import Window
from viewr.render.base import SliceView
from viewr.render.sampling import sample_view
from viewr.widgets import colours
from viewr.widgets.room import close_with_escape
from viewr.widgets.slice_view_display import voxel_on_screen
from viewr.workspace.jobs import Job, Jobs

if TYPE_CHECKING:
    from viewr.model.state import Change
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.slice_view_scene import Scene
    from viewr.workspace.document import ScanKey

_MARGIN = 12
#: Logical pixels around an end of the window in which a press takes it.
_REACH = 7
Grip = Literal["low", "high", "both"]


class HistogramChart(QWidget):
    """Bars, higher with the logarithm of their counts, and the window's two ends."""

    def __init__(self, viewport: SliceViewport, parent: QWidget) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self.histogram: Histogram | None = None
        self._grip: Grip | None = None
        self._start = 0.0, 0.0, 0.0
        self.setMinimumSize(320, 150)
        self.setMouseTracking(True)
        self.setAccessibleName("Histogram; drag the two lines to set the window")

    def show_counts(self, histogram: Histogram | None) -> None:
        self.histogram = histogram
        self.update()

    # --- places ------------------------------------------------------------------------------------------------

    @property
    def window_ends(self) -> tuple[float, float]:
        """Values shown black and white."""
        scene = self._viewport.scene
        window = scene.view.window if scene is not None else Window(1, 0)
        return window.level - window.width / 2, window.level + window.width / 2

    def range(self) -> tuple[float, float]:
        """Values at the left and right end."""
        if self.histogram is None:
            return 0.0, 1.0
        return self.histogram.low, self.histogram.high

    def x_of(self, value: float) -> float:
        """Where a value is; what lies outside is at the edge."""
        low, high = self.range()
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return _MARGIN + share * (self.width() - 2 * _MARGIN)

    def value_at(self, x: float) -> float:
        low, high = self.range()
        return low + (x - _MARGIN) / max(1, self.width() - 2 * _MARGIN) * (high - low)

    # --- mouse -------------------------------------------------------------------------------------------------

    def grip(self, x: float) -> Grip | None:
        """What a press at x would take."""
        low, high = (self.x_of(end) for end in self.window_ends)
        near = min((abs(x - low), "low"), (abs(x - high), "high"))
        if near[0] <= _REACH:
            return "low" if near[1] == "low" else "high"
        return "both" if low < x < high else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.histogram is not None:
            self._grip = self.grip(event.position().x())
            self._start = (self.value_at(event.position().x()), *self.window_ends)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._grip is None:
            shapes = {None: Qt.CursorShape.ArrowCursor, "both": Qt.CursorShape.OpenHandCursor}
            self.setCursor(shapes.get(self.grip(x), Qt.CursorShape.SplitHCursor))
            return
        by = self.value_at(x) - self._start[0]
        low = self._start[1] + (by if self._grip in ("low", "both") else 0)
        high = self._start[2] + (by if self._grip in ("high", "both") else 0)
        if high > low:
            self._viewport.set_window(Window(high - low, (low + high) / 2))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    # --- painting ----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), colours.BACKGROUND)
        if self.histogram is None:
            painter.setPen(colours.QUIET_TEXT)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "no values")
            return
        area = QRectF(_MARGIN, 8, self.width() - 2 * _MARGIN, self.height() - 30)
        self._paint_bars(painter, area, self.histogram)
        self._paint_ends(painter, area)
        self._paint_values(painter, area, self.histogram)

    def _paint_bars(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        heights = bar_heights(histogram.counts) * area.height()
        wide = area.width() / len(heights)
        for number in np.flatnonzero(heights):
            tall = float(heights[number])
            bar = QRectF(area.left() + number * wide, area.bottom() - tall, max(wide, 1.0), tall)
            painter.fillRect(bar, colours.SLIDER_HANDLE)

    def _paint_ends(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = (QPointF(self.x_of(end), 0) for end in self.window_ends)
        painter.setPen(QPen(colours.ACCENT, 1.2, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(low.x(), area.bottom(), high.x(), area.top()))
        painter.setPen(QPen(colours.ACCENT, 2))
        for end in (low, high):
            painter.drawLine(QLineF(end.x(), area.top(), end.x(), area.bottom()))

    def _paint_values(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        painter.setPen(colours.QUIET_TEXT)
        words = QRectF(area.left(), area.bottom() + 3, area.width(), 18)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft, f"{histogram.least:.5g}")
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, f"{histogram.most:.5g}")
        low, high = self.window_ends
        painter.setPen(colours.ACCENT)
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter, f"window {low:.4g} to {high:.4g}")


def bar_heights(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Heights from 0 to 1 with the logarithm of the counts: air would dwarf everything else."""
    logarithms = np.log1p(counts.astype(np.float64))
    return np.asarray(logarithms / max(float(logarithms.max()), 1e-12))


class HistogramPanel(QWidget):
    """A small window: the chart, and whether it counts the slice or the whole scan."""

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport.window(), Qt.WindowType.Tool)
        self._viewport = viewport
        self._jobs = Jobs(1, self)
        self._counted: tuple[Any, ...] = ()
        self._closed = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Histogram of {viewport.scan_key[1]}")
        self._build()
        self._count()
        viewport.document.changed.connect(self._on_changed)
        viewport.document.filled.connect(self._on_filled)
        # The task may be left while this is open.
        viewport.destroyed.connect(self.close)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        row = nested_row(column)
        group = QButtonGroup(self)
        self.of_slice, self.of_scan = QRadioButton("This slice", self), QRadioButton("Whole scan", self)
        for button in (self.of_slice, self.of_scan):
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.of_slice.setChecked(True)
        self.of_slice.toggled.connect(self._count)
        self.chart = HistogramChart(self._viewport, self)
        column.addWidget(self.chart, 1)
        self.note = QLabel("", self)
        self.note.setObjectName("quiet")
        column.addWidget(self.note)
        self.resize(420, 270)
        close_with_escape(self)

    def _on_changed(self, change: Change) -> None:
        if not self._closed:
            self.chart.update()
            self._count()

    def _on_filled(self, key: ScanKey, _k: int) -> None:
        """Count again once the whole scan is there."""
        loaded = self._viewport.loaded()
        if not self._closed and key == self._viewport.scan_key and (loaded is None or loaded.all()):
            self._counted = ()
            self._count()

    def _count(self, _checked: bool = False) -> None:
        """Count anew if the slice, the scan or the choice is another."""
        scene = self._viewport.scene
        if scene is None:
            return
        slab = scene.view.projection, scene.view.slab_slices
        key = (scene.volume, self.of_slice.isChecked() and (scene.stack, scene.index, scene.view.frame, slab))
        if key == self._counted:
            return
        self._counted = key
        self.setWindowTitle(f"Histogram of {scene.look.scan}")
        self.note.setText("counting …")
        view = slice_of(scene) if self.of_slice.isChecked() else None
        array, loaded = scene.volume.array, self._viewport.loaded()
        job: Job = self._jobs.start(count_shown, array, loaded, view, scene.volume.padding, kind="histogram")
        job.done.connect(self._show)

    def _show(self, histogram: Histogram | None) -> None:
        scene = self._viewport.scene
        unit = scene.volume.unit if scene is not None else ""
        voxels = f"{histogram.total:,} values" if histogram is not None else ""
        self.note.setText(f"{voxels}{f' in {unit}' if unit else ''}; heights are logarithmic" if voxels else "")
        self.chart.show_counts(histogram)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closed = True
        self._jobs.shut_down()
        super().closeEvent(event)


def slice_of(scene: Scene) -> SliceView:
    """The recipe of the whole shown slice, a voxel a pixel."""
    step = voxel_on_screen(scene)
    size = (max(1, round(scene.stack.extent[0] / step)), max(1, round(scene.stack.extent[1] / step)))
    plane = scene.stack.plane(scene.index)
    return SliceView(scene.volume, plane, size, step, scene.view.window, frame=scene.view.frame,
                     projection=scene.view.projection, slab_slices=scene.view.slab_slices)  # fmt: skip


def count_shown(
    array: npt.NDArray[Any], loaded: npt.NDArray[np.bool_] | None, view: SliceView | None,
    padding: tuple[float, float] | None, progress: Progress,
) -> Histogram | None:  # fmt: skip
    """Count the values of a slice, or of the whole scan; blocking.

    Parameters
    ----------
    loaded : ndarray of bool, shape (k,), optional
        Slices that are there; the others hold zeros, which do not count.
    """
    if view is None:
        there = array if loaded is None or loaded.all() else array[:, :, loaded]
        return count_values(there, padding, progress)
    part = sample_view(view)
    pixels = part.pixels if part.inside is None else part.pixels[part.inside]
    return count_values(pixels, padding, progress)


def open_histogram(viewport: SliceViewport) -> HistogramPanel:
    """The histogram of what a viewport shows, in a window of its own."""
    panel = HistogramPanel(viewport)
    panel.show()
    return panel
