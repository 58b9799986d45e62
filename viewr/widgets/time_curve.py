"""Values over time: of the voxel under the localizer and of the ellipses that were measured on the scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewr.forms.base import nested_row
from viewr.imaging.measure import curve_at, curve_in
from viewr.model.geometry import FloatArray
from viewr.model.measure import MEASURES, Measure
from viewr.model.state import Change
from viewr.model.volume import Volume
from viewr.widgets import colours
from viewr.widgets.plotting import PlotLibrary
from viewr.widgets.room import close_with_escape
from viewr.widgets.slice_view_texts import short_position
from viewr.workspace.frames import FrameAxis

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Milliseconds between two drawings while the localizer moves.
EVERY = 60
_COLOURS = (colours.CROSSHAIR, colours.MEASURE, colours.FRAMES, colours.LETTER, colours.ACCENT, colours.WARNING)


def open_time_curve(viewport: SliceViewport) -> TimeCurve:
    """Open the window of a viewport's curves."""
    window = TimeCurve(viewport)
    window.show()
    return window


def seconds_of(volume: Volume, axis: FrameAxis) -> tuple[FloatArray, str]:
    """Where the points of an axis are drawn, and what the axis is called."""
    points = np.arange(axis.count, dtype=np.float64)
    if axis.name in ("time", "phase") and volume.frame_time_ms:
        return points * volume.frame_time_ms / 1000, "Time (s)"
    return points + 1, axis.name.capitalize()


class TimeCurve(QWidget):
    """A window beside the viewports; follows the localizer, and moves the point in time when its line is dragged."""

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport, Qt.WindowType.Tool)
        self._viewport = viewport
        self._plot: Any = None
        self._lines: list[Any] = []
        self._now: Any = None
        self.curves: dict[str, FloatArray] = {}
        self._kept: dict[str, FloatArray] = {}
        self._scan = viewport.scan_key
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Time curve of {viewport.scan_key[1]} – ViewR")
        self.resize(560, 320)
        close_with_escape(self)
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=EVERY)
        self._timer.timeout.connect(self._draw)
        viewport.document.changed.connect(self._on_changed)
        self._library = PlotLibrary(self)
        self._library.ready.connect(self._begin)
        self._library.load()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        row = nested_row(layout)
        self._fill(row)
        self._waiting = QLabel("Preparing the plot …", self)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self._waiting, 1)

    def _fill(self, row: QHBoxLayout) -> None:
        self.words = QLabel("", self)
        self.words.setObjectName("quiet")
        self.keep_button = QPushButton("Keep this curve", self)
        self.keep_button.setToolTip("The curve under the localizer stays, to compare others with it")
        self.keep_button.clicked.connect(self._keep)
        self.copy_button = QPushButton("Copy", self)
        self.copy_button.setToolTip("All curves as a table")
        self.copy_button.clicked.connect(self.copy)
        row.addWidget(self.words, 1)
        row.addWidget(self.keep_button)
        row.addWidget(self.copy_button)

    def _begin(self) -> None:
        import pyqtgraph

        plot = self._plot = pyqtgraph.PlotWidget(self, background=self.palette().color(self.backgroundRole()))
        plot.setMenuEnabled(False)
        plot.showGrid(x=True, y=True, alpha=0.25)
        plot.addLegend(offset=(-8, 8))
        self._now = pyqtgraph.InfiniteLine(movable=True, angle=90, pen=pyqtgraph.mkPen(QColor(colours.FRAMES), width=2))
        self._now.sigDragged.connect(self._on_dragged)
        plot.addItem(self._now)
        layout = self.layout()
        assert layout is not None
        layout.removeWidget(self._waiting)
        self._waiting.hide()
        layout.addWidget(plot)
        self._draw()

    # --- what is drawn -----------------------------------------------------------------------------------------

    def _on_changed(self, _change: Change) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _found(self) -> dict[str, FloatArray]:
        """Curves by what they are called."""
        scene, axis = self._viewport.scene, self._viewport.cine.axis
        if scene is None or axis is None:
            return {}
        frame = scene.look.frame
        found: dict[str, FloatArray | None] = {
            short_position(scene.position): curve_at(scene.volume, frame, axis.number, scene.position)
        }
        for measure in self._ellipses():
            found[measure.title] = curve_in(scene.volume, frame, axis.number, measure)
        return {name: values for name, values in found.items() if values is not None}

    def _ellipses(self) -> list[Measure]:
        context, scan = self._viewport.scan_key
        drawn = self._viewport.document.state.annotation.drawings.get((context, MEASURES), ())
        return [item for item in drawn if isinstance(item, Measure) and item.scan == scan and item.kind == "ellipse"]

    def _draw(self) -> None:
        scene, axis = self._viewport.scene, self._viewport.cine.axis
        if self._plot is None or scene is None or axis is None:
            self.words.setText("This scan has one point in time.")
            return
        import pyqtgraph

        self._follow_scan()
        self.curves = {**self._kept, **self._found()}
        times, name = seconds_of(scene.volume, axis)
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = [
            self._plot.plot(times, values, name=title, pen=pyqtgraph.mkPen(_COLOURS[n % len(_COLOURS)], width=2))
            for n, (title, values) in enumerate(self.curves.items())
        ]
        self._plot.setLabel("bottom", name)
        self._plot.setLabel("left", scene.volume.unit or "Value")
        self._now.setValue(times[self._viewport.cine.point])
        self.words.setText("" if self.curves else "Move the localizer into the scan.")

    def _follow_scan(self) -> None:
        """Curves that were kept of another scan go: they have other times, other values, other points."""
        if self._viewport.scan_key != self._scan:
            self._scan = self._viewport.scan_key
            self._kept.clear()
            self.setWindowTitle(f"Time curve of {self._scan[1]} – ViewR")

    def _on_dragged(self) -> None:
        scene, axis = self._viewport.scene, self._viewport.cine.axis
        if scene is not None and axis is not None:
            times, _name = seconds_of(scene.volume, axis)
            self._viewport.cine.stop()
            self._viewport.cine.show(int(np.argmin(np.abs(times - self._now.value()))))

    # --- what the reader asks for ------------------------------------------------------------------------------

    def _keep(self) -> None:
        scene = self._viewport.scene
        name = short_position(scene.position) if scene is not None else ""
        if name in self.curves:
            self._kept[name] = self.curves[name]

    def copy(self) -> None:
        """All curves as a table for the clipboard: a row for each point."""
        scene, axis = self._viewport.scene, self._viewport.cine.axis
        if scene is None or axis is None:
            return
        times, name = seconds_of(scene.volume, axis)
        rows = ["\t".join([name, *self.curves])]
        for number, at in enumerate(times):
            rows.append("\t".join([f"{at:.6g}", *(f"{values[number]:.6g}" for values in self.curves.values())]))
        QApplication.clipboard().setText("\n".join(rows))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            self._plot.setBackground(self.palette().color(self.backgroundRole()))
