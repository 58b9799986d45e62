"""The part of a viewport's menu that links it with others."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from viewr.model.state import ViewportKey
from viewr.render.stack import has_patient_axes
from viewr.widgets.slice_view_menu_display import add_check
from viewr.widgets.slice_view_scene import Scene
from viewr.workspace.linking import align, is_aligned, set_links, strangers, undo_alignment
from viewr.workspace.localizer import links_of

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def add_linking(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    """What the viewports of the context share, whether this one takes part, and alignment by hand."""
    menu.setToolTipsVisible(True)
    links = links_of(viewport.document, viewport.key[0])
    for name, text in (("position", "Same place in the patient"), ("zoom", "Same zoom and middle"),
                       ("scan_window", "Same window in views of one scan"),
                       ("window", "Same window in all views of a modality")):  # fmt: skip
        add_check(menu, text, getattr(links, name), partial(_switch, viewport, name, not getattr(links, name)))
    menu.addSeparator()
    add_check(menu, "This view takes part", scene.look.linked, viewport.toggle_linked)
    if not has_patient_axes(scene.volume):
        menu.addAction("A projection has no place in the patient to follow").setEnabled(False)
        return
    for other in strangers(viewport.document, viewport.key):
        text = f"Align with '{_name(viewport, other)}' here"
        menu.addAction(text, partial(_align, viewport, other)).setToolTip(
            "First bring both views to the same place of the anatomy, with the localizer (C)."
        )
    if is_aligned(viewport.document, viewport.key):
        menu.addAction("Undo the alignment by hand", partial(_undo_alignment, viewport))


def _name(viewport: SliceViewport, other: ViewportKey) -> str:
    """What another viewport shows, and its own name where that says more."""
    scan = viewport.document.state.look.viewports[other].scan
    return scan if scan == other[1] else f"{scan} in {other[1]}"


def _switch(viewport: SliceViewport, name: str, on: bool, _checked: bool = False) -> None:
    set_links(viewport.document, viewport.key[0], **{name: on})
    if name == "zoom" and on and viewport.scene is not None:
        viewport.look_at(mm_per_pixel=viewport.scene.mm_per_pixel)


def _align(viewport: SliceViewport, other: ViewportKey, _checked: bool = False) -> None:
    align(viewport.document, viewport.key, other)


def _undo_alignment(viewport: SliceViewport, _checked: bool = False) -> None:
    undo_alignment(viewport.document, viewport.key)

