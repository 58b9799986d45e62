"""The menu of a measure, marker or contour under the mouse: what to do with it, and all that the view can do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu

from viewr.model.annotation import DrawingKey, Drawn
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.measure import MEASURES, TITLES, Measure
from viewr.tools.base import REACH
from viewr.tools.marker import deletion, without_item
from viewr.widgets.slice_view_menu import build_menu, fill_menu
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.tool_context import belongs

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Form controls whose drawings the reader may delete.
_EDITABLE = {"MarkerEdit", "Landmarks", "CSOEdit"}


def menu_at(viewport: SliceViewport, scene: Scene, place: QPoint) -> QMenu:
    """The menu for a place of a viewport: that of the drawing which lies there, else that of the view."""
    found = drawing_at(viewport, scene, (place.x(), place.y()))
    if found is None:
        return build_menu(viewport, scene)
    key, item = found
    viewport.document.look(selected=(key, item.id))
    menu = QMenu(viewport)
    menu.setToolTipsVisible(True)
    action = menu.addAction(f"Delete {_name(item)}", partial(_delete, viewport, key, item))
    action.setEnabled(_may_delete(viewport, key))
    if isinstance(item, Measure) and item.text:
        menu.addAction("Copy its figures", partial(_copy, item))
        menu.addAction("List of measures and key images …", partial(_list_measures, viewport))
    menu.addSeparator()
    fill_menu(menu.addMenu("This view"), viewport, scene)
    return menu


def drawing_at(viewport: SliceViewport, scene: Scene, place: tuple[float, float]) -> tuple[DrawingKey, Drawn] | None:
    """The drawing of the shown slice nearest to a place of the widget, if it is within reach of the mouse."""
    state, found = viewport.document.state, list[tuple[float, DrawingKey, Drawn]]()
    if state.look.overlays_hidden:
        return None
    for key, drawn in state.annotation.drawings.items():
        near = [item for item in drawn if key[0] == viewport.key[0] and belongs(viewport, scene.volume, item)]
        found += [(_distance(scene, item, np.array(place)), key, item) for item in near]
    best = min(found, key=_first, default=None)
    return best[1:] if best is not None and best[0] <= REACH else None


def _first(found: tuple[float, DrawingKey, Drawn]) -> float:
    return found[0]


def _distance(scene: Scene, item: Drawn, place: np.ndarray) -> float:
    """How far a drawing is from a place, logical pixels; infinite where it is not on the shown slice."""
    lines = _lines(item)
    points_lps = np.array([point for line in lines for point in line], np.float64).reshape(-1, 3)
    depths = (points_lps - scene.view.plane.center) @ scene.stack.direction
    if not len(points_lps) or np.abs(depths).max() > scene.stack.thickness / 2:
        return float("inf")
    return min(_from_line(scene.view.to_uv(np.array(line, np.float64)) / scene.scale, place) for line in lines if line)


def _lines(item: Drawn) -> list[tuple[tuple[float, float, float], ...]]:
    """What is drawn of an object, as open lines through points of the patient."""
    if isinstance(item, Measure):
        return [*item.lines, *((point,) for point in item.points)]
    if isinstance(item, Marker):
        return [(item.pos,)]
    points = tuple(item.path_points or item.seed_points)
    return [(*points, points[0]) if item.closed and points else points]


def _from_line(line_uv: np.ndarray, place: np.ndarray) -> float:
    """Distance of a place from an open line, shape (n, 2)."""
    starts, ways = line_uv[:-1], np.diff(line_uv, axis=0)
    if not len(ways):
        return float(np.linalg.norm(line_uv[0] - place))
    lengths = np.maximum((ways**2).sum(axis=1), 1e-12)
    shares = np.clip(((place - starts) * ways).sum(axis=1) / lengths, 0, 1)
    return float(np.linalg.norm(starts + shares[:, None] * ways - place, axis=1).min())


# --- what is done ----------------------------------------------------------------------------------------------------


def _name(item: Drawn) -> str:
    if isinstance(item, Measure):
        return item.label or f"the {TITLES[item.kind].lower().replace('cobb', 'Cobb')}"
    return "the contour" if isinstance(item, Contour) else f"the marker {item.name}".rstrip()


def _may_delete(viewport: SliceViewport, key: DrawingKey) -> bool:
    document = viewport.document
    if key[1] == MEASURES:
        return not document.read_only or document.for_looking
    field = viewport.hand.context.fields.field(key)
    return not document.read_only and field is not None and field.control in _EDITABLE


def _delete(viewport: SliceViewport, key: DrawingKey, item: Drawn) -> None:
    viewport.document.edit(deletion(item), partial(without_item, key=key, item_id=item.id))
    viewport.document.look(selected=None)


def _copy(measure: Measure) -> None:
    QApplication.clipboard().setText(f"{measure.title}: {measure.text}")


def _list_measures(viewport: SliceViewport) -> None:
    from viewr.widgets.measure_window import open_measures

    open_measures(viewport)
