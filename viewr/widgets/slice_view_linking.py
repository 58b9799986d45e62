"""Zoom, middle and window that viewports share, and lines where the active one cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from viewr.model.geometry import FloatArray
from viewr.model.state import ViewportKey
from viewr.widgets import colours
from viewr.widgets.slice_view_paint import Lettering
from viewr.widgets.slice_view_scene import Scene, SceneMaker, fitting_zoom
from viewr.workspace.document import Document
from viewr.workspace.linking import window_peers, zoom_peers
from viewr.workspace.localizer import shift_between

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

_ZOOM, _WINDOW = {"mm_per_pixel", "pan_mm"}, {"window", "inverted"}


class Neighbours:
    """What the other viewports of a context show, as far as the document tells."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._makers: dict[ViewportKey, SceneMaker] = {}

    def scene(self, key: ViewportKey) -> Scene | None:
        """The scene of another viewport, but for its size."""
        maker = self._makers.setdefault(key, SceneMaker(self._document, key))
        return maker.make((100, 100), 1.0, on_screen=False)


def shared_fields(viewport: SliceViewport, scene: Scene, fields: dict[str, Any]) -> dict[ViewportKey, dict[str, Any]]:
    """What to change in this viewport, and in those that share its zoom or window, when fields of it change."""
    document = viewport.document
    changed: dict[ViewportKey, dict[str, Any]] = {viewport.key: fields}
    if peers := zoom_peers(document, viewport.key) if _ZOOM & fields.keys() else []:
        if fields.get("mm_per_pixel", 1.0) is None:
            fields["mm_per_pixel"] = fitting_zoom(scene.stack, scene.size)
        zoom = fields.get("mm_per_pixel") or scene.mm_per_pixel
        for key in peers:
            changed.setdefault(key, {}).update(mm_per_pixel=zoom, **_same_middle(viewport, scene, fields, key))
    if _WINDOW & fields.keys():
        shared = {name: fields[name] for name in _WINDOW & fields.keys()}
        for key in window_peers(document, viewport.key):
            changed.setdefault(key, {}).update(shared)
    return changed


def _same_middle(viewport: SliceViewport, scene: Scene, fields: dict[str, Any], key: ViewportKey) -> dict[str, Any]:
    """The pan that brings the same place of the patient into the middle of another viewport, as far as it can."""
    other = viewport.neighbours.scene(key)
    shift = shift_between(viewport.document, viewport.key, key)
    if other is None or shift is None:
        return {}
    own = scene.stack.plane(scene.index, fields.get("pan_mm", scene.look.pan_mm))
    there = other.stack.plane(other.index, other.look.pan_mm)
    way = own.center + np.asarray(shift) - there.center
    way = way - (way @ own.normal) * own.normal
    pan = other.look.pan_mm
    return {"pan_mm": (pan[0] + float(way @ there.right), pan[1] + float(way @ there.down))}


# --- reference lines -----------------------------------------------------------------------------------------------


def reference_line(viewport: SliceViewport, scene: Scene) -> tuple[FloatArray, int] | None:
    """Where the active viewport's slice cuts this one: the ends of the line, LPS mm, shape (2, 3), and its number."""
    active = viewport.document.state.look.active
    if active is None or active == viewport.key or active[0] != viewport.key[0]:
        return None
    shift = shift_between(viewport.document, active, viewport.key)
    other = viewport.neighbours.scene(active) if shift is not None else None
    if shift is None or other is None or not other.stack.crosses(scene.view.plane):
        return None
    corners = other.stack.corners(other.index) + np.asarray(shift)
    depths = (corners - scene.view.plane.center) @ scene.view.plane.normal
    ends = []
    for number in range(4):
        near, far = depths[number], depths[(number + 1) % 4]
        if (near < 0) != (far < 0):
            ends.append(corners[number] + near / (near - far) * (corners[(number + 1) % 4] - corners[number]))
    return (np.array(ends), other.index + 1) if len(ends) == 2 else None


def paint_reference(painter: QPainter, viewport: SliceViewport, scene: Scene) -> None:
    """The line, dashed, with the number of the active viewport's slice."""
    found = reference_line(viewport, scene) if viewport.document.state.look.reference_lines else None
    if found is None:
        return
    ends, number = found
    (x0, y0), (x1, y1) = scene.view.to_uv(ends) / scene.scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for pen in (QPen(colours.SHADOW, 3), QPen(colours.REFERENCE, 1.4, Qt.PenStyle.DashLine)):
        painter.setPen(pen)
        painter.drawLine(QLineF(x0, y0, x1, y1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    right = max((QPointF(x0, y0), QPointF(x1, y1)), key=lambda point: point.x() - point.y() * 1e-3)
    x = min(right.x(), scene.size[0] - 50.0)
    Lettering(painter, *scene.size, scene.scale).line(str(number), x - 4, right.y() - 16, 60, right=True,
                                                      colour=colours.REFERENCE, pixels=11)  # fmt: skip
