"""Bars at the edges of a viewport: the colours that stand for values, and the opacity of a fused scan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from viewr.model.volume import Window
from viewr.widgets import colours
from viewr.widgets import slice_view_paint as paint
from viewr.widgets.luts import LABELS, lut_image
from viewr.widgets.slice_view_scene import Scene

#: Width at the left edge that belongs to the opacity slider while a scan is laid over another.
OPACITY_WIDTH = 8
_BAR_WIDTH = 10
#: Bars that would be shorter than this are left out.
_SHORTEST = 44
_LONGEST = 160


@dataclass(frozen=True)
class ColourBar:
    """Which colours stand for which values; bounds at the dark and the bright end of the table."""

    lut: str
    low: float
    high: float
    unit: str
    title: str = ""


def colour_bars(scene: Scene) -> list[ColourBar]:
    """The bars that the reader needs: none for grey alone, where the window says it all."""
    bars = []
    view = scene.view
    if view.lut not in ("grey", LABELS) and "channel" not in scene.volume.axes:
        reverse = view.inverted != scene.volume.inverted
        bars.append(_bar(view.lut, view.window, scene.volume.unit, "", reverse))
    for fused in view.fused:
        bars.append(_bar(fused.lut, fused.window, fused.volume.unit, scene.look.fused, fused.volume.inverted))
    return bars


def _bar(lut: str, window: Window, unit: str, title: str, reverse: bool) -> ColourBar:
    low, high = window.bounds
    return ColourBar(lut, high if reverse else low, low if reverse else high, unit, title)


@lru_cache(maxsize=8)
def _upright(lut: str, height: int) -> QImage:
    return lut_image(lut, (1, height), upright=True)


def paint_colour_bars(painter: QPainter, scene: Scene, lines_below: int) -> None:
    """In the lower half of the right edge, beside the slider, with the values at their ends.

    Parameters
    ----------
    lines_below : int
        Lines of text in the corner underneath.
    """
    bars = colour_bars(scene)
    step = paint.line_height(scene.size)
    top = scene.size[1] / 2 + 18
    bottom = scene.size[1] - paint.MARGIN - step * (lines_below + 1)
    if not bars or bottom - top - 2 * step < _SHORTEST:
        return
    x = float(scene.size[0] - paint.SLIDER_WIDTH - paint.MARGIN - _BAR_WIDTH)
    for bar in bars:
        x -= _paint_bar(painter, scene, bar, x, max(top, bottom - _LONGEST), bottom) + 10


def _paint_bar(painter: QPainter, scene: Scene, bar: ColourBar, x: float, top: float, bottom: float) -> float:
    """One bar whose left side is at x; returns the width that it takes to the left."""
    lettering = paint.Lettering(painter, *scene.size, scene.scale)
    step = paint.line_height(scene.size)
    area = QRectF(x, top + step, _BAR_WIDTH, bottom - top - 2 * step)
    painter.drawImage(area, _upright(bar.lut, 256))
    painter.setPen(QPen(colours.SCALE, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)  # whoever painted before may have left one
    painter.drawRect(area)
    right = x + _BAR_WIDTH
    unit = f" {bar.unit}" if bar.unit else ""
    high = lettering.line(end_text(bar.high, bar.low) + unit, right, top - 1, 90, right=True, pixels=11)
    low = lettering.line(end_text(bar.low, bar.high), right, bottom - step + 1, 90, right=True, pixels=11)
    return max(high, low, _BAR_WIDTH)


def end_text(value: float, other: float) -> str:
    """The value at an end of a bar; what is nothing beside the other end is 0."""
    if abs(value) < abs(value - other) / 500:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"


# --- opacity ---------------------------------------------------------------------------------------------------------


def on_opacity_slider(position: QPointF) -> bool:
    return position.x() < OPACITY_WIDTH


def opacity_at(height: float, y: float) -> float:
    """The opacity to which a press at height y takes; 1 at the top."""
    track = max(1.0, height - 2 * paint.MARGIN)
    return min(1.0, max(0.0, 1 - (y - paint.MARGIN) / track))


def paint_opacity(painter: QPainter, scene: Scene) -> None:
    """The slider at the left edge."""
    track = scene.size[1] - 2 * paint.MARGIN
    painter.fillRect(QRectF(3, paint.MARGIN, 2, track), colours.SLIDER_TRACK)
    y = paint.MARGIN + track * (1 - scene.look.fused_opacity)
    painter.fillRect(QRectF(3, y, 2, paint.MARGIN + track - y), colours.FUSION)
    painter.fillRect(QRectF(1.5, y - 5, 5, 10), colours.FUSION)
