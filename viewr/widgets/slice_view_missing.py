"""Hatching of what holds no data, yet or at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF

from viewr.model.geometry import FloatArray, Grid
from viewr.model.marker import Point
from viewr.model.volume import Volume
from viewr.widgets import colours
from viewr.widgets import slice_view_paint as paint
from viewr.widgets.slice_view_scene import Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def paint_missing(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    """Hatch the slices without data: the whole picture, or the strips where it cuts through them."""
    absent = absent_slices(viewport, scene)
    stack = scene.stack
    if absent is None or not absent.any():
        return
    if stack.axis == 2 and stack.voxels is not None:
        if absent[stack.voxels[scene.index]]:
            area = _volume_area(scene)
            paint.paint_hatch(painter, area)
            words = "not loaded yet" if viewport.loaded() is not None else "no data in this slice"
            lettering = paint.Lettering(painter, *scene.size, scene.scale)
            lettering.centred(words, area.center().x(), area.center().y() + 24, colours.TEXT, 13)
        return
    for strip in missing_strips(scene, absent):
        paint.paint_hatch(painter, strip)


def absent_slices(viewport: SliceViewport, scene: Scene) -> np.ndarray | None:
    """Which slices k hold no data; None if all do."""
    return absent_of(scene.volume, viewport.loaded())


def absent_of(volume: Volume, loaded: np.ndarray | None) -> np.ndarray | None:
    """Which slices k of a volume hold no data, of which only some are `loaded`; None if all hold data."""
    if loaded is not None:
        return ~loaded
    if not volume.missing:
        return None
    absent = np.zeros(volume.grid.shape[2], np.bool_)
    absent[list(volume.missing)] = True
    return absent


def lacks_data(volume: Volume, loaded: np.ndarray | None, points_lps: Sequence[Point]) -> bool:
    """Whether any place lies in a slice that holds no data: the zeros there are no values."""
    absent = absent_of(volume, loaded)
    if absent is None or not absent.any() or not points_lps:
        return False
    slices = np.floor(volume.grid.to_ijk(np.array(points_lps))[:, 2] + 0.5).astype(int)
    low, high = max(int(slices.min()), 0), min(int(slices.max()), len(absent) - 1)
    return bool(absent[low : high + 1].any())


def _volume_area(scene: Scene) -> QRectF:
    """The rectangle that the volume takes in the picture."""
    plane = scene.stack.middle
    x, y = scene.to_xy((plane.center[0], plane.center[1], plane.center[2]))
    wide, tall = (length / scene.mm_per_pixel for length in scene.stack.extent)
    return QRectF(x - wide / 2, y - tall / 2, wide, tall)


def missing_strips(scene: Scene, absent: np.ndarray) -> list[QPolygonF]:
    """Where the picture cuts through runs of slices without data, logical pixels; any plane."""
    steps = np.diff(np.concatenate([[0], absent.astype(np.int8), [0]]))
    runs = zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)
    return [strip for first, end in runs if not (strip := _cut(scene, int(first), int(end))).isEmpty()]


def _cut(scene: Scene, first: int, end: int) -> QPolygonF:
    """The part of the picture within slices `first` to before `end` of the volume."""
    width, height = scene.view.size
    corners = scene.view.to_lps(np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64))
    for direction, least, most in _walls(scene.volume.grid, first, end):
        corners = _clipped(corners, direction, least)
        corners = _clipped(corners, -direction, -most)
        if not len(corners):
            return QPolygonF()
    return QPolygonF([QPointF(u, v) for u, v in scene.view.to_uv(corners) / scene.scale])


def _walls(grid: Grid, first: int, end: int) -> list[tuple[FloatArray, float, float]]:
    """Directions, and between which places along them some slices lie."""
    walls = []
    for axis in (0, 1):
        row, shift = grid.inverse[axis, :3], float(grid.inverse[axis, 3])
        walls.append((row, -0.5 - shift, grid.shape[axis] - 0.5 - shift))
    middle = (np.array(grid.shape) - 1) / 2
    edges = grid.to_lps([(middle[0], middle[1], first - 0.5), (middle[0], middle[1], end - 0.5)]) @ grid.normal
    return [*walls, (grid.normal, float(edges.min()), float(edges.max()))]


def _clipped(corners: FloatArray, direction: FloatArray, least: float) -> FloatArray:
    """The part of a convex polygon that lies beyond a wall."""
    depths = corners @ direction - least
    kept: list[FloatArray] = []
    for here, there, near, far in zip(corners, np.roll(corners, -1, axis=0), depths, np.roll(depths, -1), strict=True):
        if near >= 0:
            kept.append(here)
        if (near < 0) != (far < 0):
            kept.append(here + near / (near - far) * (there - here))
    return np.array(kept)
