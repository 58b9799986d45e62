"""The parts of a viewport's menu about what stands beside it: layouts, scans to compare with."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from viewr.widgets.keymap import hint
from viewr.widgets.scan_strip import is_wanted
from viewr.widgets.slice_view_menu_display import add_check
from viewr.workspace.layouts import TITLES, comparable, compare_with

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def add_layouts(menu: QMenu, viewport: SliceViewport) -> None:
    held = viewport.document.state.look.layouts.get(viewport.key[0])
    now = held.name if held else ""
    for name, title in TITLES.items():
        add_check(menu, title + hint(f"layout.{name}"), name == now, partial(viewport.set_layout, name))


def add_scans(menu: QMenu, viewport: SliceViewport) -> None:
    """The scans of the context, to be shown here; and the row of them that can be dragged."""
    now = viewport.scan_key[1]
    for owner, scan in viewport.document.volumes:
        if owner == viewport.key[0]:
            add_check(menu, scan, scan == now, partial(viewport.show_scan, scan))
    menu.addSeparator()
    shown = is_wanted(viewport.document, viewport.key[0])
    add_check(menu, "Row of scans to drag from" + hint("layout.strip"), shown, viewport.toggle_strip)


def add_comparing(menu: QMenu, viewport: SliceViewport) -> None:
    """The scans that can stand beside this one; those that the template shows nowhere, such as priors, first."""
    scans = comparable(viewport.document, viewport.key)
    for scan in scans:
        menu.addAction(scan, partial(_compare, viewport, scan))
    if scans:
        menu.addSeparator()
        menu.addAction("The next one" + hint("layout.compare"), viewport.compare_next)
    menu.setEnabled(bool(scans))


def _compare(viewport: SliceViewport, scan: str, _checked: bool = False) -> None:
    compare_with(viewport.document, viewport.key, scan)
