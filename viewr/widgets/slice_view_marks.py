"""Everything over the picture of a viewport, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewr.widgets import colours
from viewr.widgets import slice_view_bars as bars
from viewr.widgets import slice_view_paint as paint
from viewr.widgets.habits import screen_pixel
from viewr.widgets.key_image_list import is_key_image
from viewr.widgets.slice_view_crosshair import paint_crosshair, shows_cross
from viewr.widgets.slice_view_frames import HEIGHT, axis_of, frame_words, paint_frames
from viewr.widgets.slice_view_linking import paint_reference
from viewr.widgets.slice_view_missing import paint_missing
from viewr.widgets.slice_view_reading import paint_unseen, paint_unseen_frames
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.slice_view_texts import (
    Line,
    edge_letters,
    head_lines,
    is_highlighted,
    scale_note,
    slice_lines,
    view_lines,
)

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def paint_marks(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    """Hatching, drawings, cross-hair, words, frame."""
    paint_missing(painter, viewport, scene)
    look = viewport.document.state.look
    if not look.overlays_hidden:
        viewport.hand.paint(painter, scene)
    paint_reference(painter, viewport, scene)
    if look.crosshair and shows_cross(viewport, scene):
        paint_crosshair(painter, viewport, scene)
    _paint_highlight(painter, scene)
    paint_words(painter, viewport, scene)
    if scene.stack.count > 1:
        paint.paint_slider(painter, scene.size, scene.index, scene.stack.count)
        paint_unseen(painter, viewport, scene)
    paint_frames(painter, scene, viewport.cine.playing)
    paint_unseen_frames(painter, viewport, scene)
    if scene.view.fused:
        bars.paint_opacity(painter, scene)
    viewport.paint_drag(painter)
    if look.active == viewport.key:
        _frame(painter, scene.size, colours.ACCENT, 2)


def paint_nothing(painter: QPainter, viewport: SliceViewport) -> None:
    """A viewport without a volume says which scan it waits for."""
    scan = viewport.scan_key[1]
    size = (viewport.width(), viewport.height())
    lettering = paint.Lettering(painter, *size, viewport.devicePixelRatioF())
    lettering.line(scan, paint.MARGIN, paint.MARGIN - 3, size[0] - 2 * paint.MARGIN, bold=True)
    coming = viewport.scan_key not in viewport.document.unavailable
    words = ("not loaded yet" if coming else "cannot be shown") if scan else "no scan"
    lettering.centred(words, size[0] / 2, size[1] / 2, colours.QUIET_TEXT, 13)
    if viewport.document.state.look.active == viewport.key:
        _frame(painter, size, colours.ACCENT, 2)


def _frame(painter: QPainter, size: tuple[int, int], colour: QColor, width: int) -> None:
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRect(QRectF(half, half, size[0] - width, size[1] - width))


def paint_box(painter: QPainter, box: QRectF) -> None:
    """The rubber band of a drag."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.SHADOW, 3), QPen(colours.ACCENT, 1.2, Qt.PenStyle.DashLine)):
        painter.setPen(pen)
        painter.drawRect(box)


def _paint_highlight(painter: QPainter, scene: Scene) -> None:
    """Mark the slices of the template's interval, by bars inside the frame of the active viewport."""
    if is_highlighted(scene):
        for y in (2, scene.size[1] - 5):
            painter.fillRect(QRectF(2, y, scene.size[0] - 4, 3), colours.HIGHLIGHT)


def paint_words(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    size, scale = scene.size, scene.scale
    loaded = viewport.loaded()
    counts = None if loaded is None else (int(np.count_nonzero(loaded)), len(loaded))
    corners: dict[str, list[Line]] = {
        "top left": head_lines(scene, counts),
        "top right": [*slice_lines(scene), *([Line("key image", "mark")] if is_key_image(viewport) else []),
                      *map(Line, frame_words(scene, viewport.cine.speed_shown))],
        "bottom left": view_lines(scene, screen_pixel(viewport)),
        "bottom right": viewport.read_out.lines(scene),
    }
    raised = HEIGHT - 2 if axis_of(scene) is not None else 0
    room = size[0], size[1] - raised
    paint.paint_letters(painter, room, scale, edge_letters(scene.volume, scene.view.plane))
    paint.paint_corners(painter, room, scale, corners)
    paint_scale(painter, scene, len(corners["bottom left"]), raised)
    bars.paint_colour_bars(painter, scene, 2 + len(scene.view.fused))


def paint_scale(painter: QPainter, scene: Scene, lines_below: int, raised: int) -> None:
    room = scene.size[0] * 0.75
    bottom = scene.size[1] - paint.MARGIN - lines_below * paint.line_height(scene.size) - 9 - raised
    note = scale_note(scene.volume)
    lettering = paint.Lettering(painter, *scene.size, scene.scale)
    if note is None:
        lettering.line("uncalibrated", paint.MARGIN, bottom - 11, room, colour=colours.QUIET_TEXT)
    else:
        paint.paint_scale_bar(painter, lettering, paint.MARGIN, bottom, scene.mm_per_pixel, room, note)
