"""What a viewport's keys and menu do to those around it: layouts, comparing, the row of scans, the second window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewr.widgets.scan_strip import toggle_strip
from viewr.workspace import layouts

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def set_layout(viewport: SliceViewport, name: str, _checked: bool = False) -> None:
    """Another layout of the context; "" is the template's."""
    layouts.set_layout(viewport.document, viewport.key[0], name)


def compare_next(viewport: SliceViewport, _checked: bool = False) -> None:
    """Another scan beside this one; the next one when asked for again."""
    layouts.compare_next(viewport.document, viewport.key)


def compare_with(viewport: SliceViewport, scan: str, _checked: bool = False) -> None:
    layouts.compare_with(viewport.document, viewport.key, scan)


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
