"""The parts of a viewport's menu about what stands beside it: layouts, scans to compare with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from viewr.widgets import slice_view_around as around
from viewr.widgets.keymap import hint
from viewr.widgets.slice_view_menu_display import add_check
from viewr.workspace.layouts import TITLES, comparable

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def add_layouts(menu: QMenu, viewport: SliceViewport) -> None:
    held = viewport.document.state.look.layouts.get(viewport.key[0])
    now = held.name if held else ""
    for name, title in TITLES.items():
        add_check(menu, title + hint(f"layout.{name}"), name == now, partial(around.set_layout, viewport, name))


def add_second_window(menu: QMenu, viewport: SliceViewport) -> None:
    away = viewport.key in viewport.document.state.look.away
    add_check(menu, "This view" + hint("layout.away"), away, partial(around.toggle_away, viewport))
    menu.addAction("All views" + hint("layout.all_away"), partial(around.move_all_away, viewport))


def add_scans(menu: QMenu, viewport: SliceViewport) -> None:
    """The scans of the context, to be shown here; and the row of them that can be dragged."""
    now = viewport.scan_key[1]
    for owner, scan in viewport.document.volumes:
        if owner == viewport.key[0]:
            add_check(menu, scan, scan == now, partial(viewport.show_scan, scan))
    menu.addSeparator()
    shown = bool(viewport.document.state.look.strip)
    text = "Row of scans to drag from" + hint("layout.strip")
    add_check(menu, text, shown, partial(around.toggle_scans, viewport))


def add_comparing(menu: QMenu, viewport: SliceViewport) -> None:
    """The scans that can stand beside this one; those that the template shows nowhere, such as priors, first."""
    scans = comparable(viewport.document, viewport.key)
    for scan in scans:
        menu.addAction(scan, partial(around.compare_with, viewport, scan))
    if scans:
        menu.addSeparator()
        menu.addAction("The next one" + hint("layout.compare"), partial(around.compare_next, viewport))
    menu.setEnabled(bool(scans))
