"""What a viewport's keys and menu do to those around it: layouts, comparing, the row of scans, the second window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewr.render.hanging import is_hung
from viewr.widgets.scan_strip import toggle_strip
from viewr.widgets.slice_view_scene import fitting_zoom
from viewr.workspace import layouts

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def set_layout(viewport: SliceViewport, name: str, _checked: bool = False) -> None:
    """Another layout of the context; "" is the template's."""
    layouts.set_layout(viewport.document, viewport.key[0], name)


def compare_next(viewport: SliceViewport, _checked: bool = False) -> None:
    """Another scan beside this one; the next one when asked for again."""
    layouts.compare_next(viewport.document, viewport.key)
    _show_at_one_scale(viewport)


def compare_with(viewport: SliceViewport, scan: str, _checked: bool = False) -> None:
    layouts.compare_with(viewport.document, viewport.key, scan)
    _show_at_one_scale(viewport)


def _show_at_one_scale(viewport: SliceViewport) -> None:
    """Both scans that are compared as large as the larger one can be shown; mammograms have one scale anyway."""
    document, context = viewport.document, viewport.key[0]
    held = document.state.look.layouts.get(context)
    if held is None or held.before is None:
        return
    main, other = ((context, name) for name in held.cells)
    scenes = [viewport.neighbours.scene(key) for key in (main, other)]
    if any(scene is None or is_hung(scene.volume) for scene in scenes):
        return
    place = viewport.parentWidget()
    grid = place.layout() if place is not None else None
    if grid is not None:
        grid.activate()  # the sizes of the pair, not of before
    size = viewport.width(), viewport.height()
    zoom = max(fitting_zoom(scene.stack, size) for scene in scenes if scene is not None)
    document.look_viewport(other, mm_per_pixel=zoom)
    if viewport.key == main:
        viewport.look_at(mm_per_pixel=zoom, pan_mm=(0.0, 0.0))  # its peer gets the same middle
    else:
        document.look_viewport(main, mm_per_pixel=zoom)


def toggle_scans(viewport: SliceViewport, _checked: bool = False) -> None:
    """The row of scans."""
    toggle_strip(viewport.document)


def toggle_away(viewport: SliceViewport, _checked: bool = False) -> None:
    """Into the second window, or back."""
    away = viewport.key in viewport.document.state.look.away
    (layouts.bring_back if away else layouts.move_away)(viewport.document, [viewport.key])


def move_all_away(viewport: SliceViewport, _checked: bool = False) -> None:
    document = viewport.document
    layouts.move_away(document, layouts.shown_keys(document.state.look, viewport.key[0]))


def toggle_reference_lines(viewport: SliceViewport, _checked: bool = False) -> None:
    document = viewport.document
    document.look(reference_lines=not document.state.look.reference_lines)
