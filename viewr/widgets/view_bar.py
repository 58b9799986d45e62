"""A row of buttons above the viewports: what can be done to the active one, for those who know no key yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget
from shiboken6 import isValid

from viewr.model.state import Change
from viewr.tools.catalog import TOOLS
from viewr.widgets import slice_view_around as around
from viewr.widgets import slice_view_menu_display as parts
from viewr.widgets.icons import icon
from viewr.widgets.key_tips import KeyTips
from viewr.widgets.keymap import hint
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.slice_view_layers import fusible
from viewr.widgets.slice_view_layout_menu import add_comparing, add_layouts, add_second_window
from viewr.widgets.slice_view_menu import fill_menu, show_volume
from viewr.workspace.document import Document

ICON_PIXELS = 18
_Fill = Callable[[QMenu, SliceViewport], None]


class ViewBar(QWidget):
    """Buttons for the active viewport of a context.

    Parameters
    ----------
    active : callable
        Gives the viewport that the buttons are for; None while there is none.
    """

    #: the list of all keys
    keys_requested = Signal()

    def __init__(
        self, document: Document, active: Callable[[], SliceViewport | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document, self._active = document, active
        self.buttons: dict[str, QToolButton] = {}
        self.menus: dict[str, QMenu] = {}
        self._tips = KeyTips(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(1)
        self._build()
        self._follow()
        document.changed.connect(self._on_changed)

    # --- parts -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._menu_button("layout", "Layout of the views", _fill_layouts)
        self._menu_button("compare", "Compare with another scan", _fill_comparing, "layout.compare")
        self._button("scans", "Row of scans to drag from", around.toggle_scans, "layout.strip").setCheckable(True)
        self._menu_button("contrast", "Windows", _fill_windows)
        self._menu_button("fusion", "Lay another scan over this one", _fill_fusion, "overlays.fusion")
        self._menu_button("slab", "Slab: several slices at once", _fill_slab, "slices.projection")
        self._menu_button("ruler", "Measure", _fill_measures)
        self.buttons["ruler"].setCheckable(True)
        self._button("volume", "Volume view", show_volume, "layout.volume")
        self._button("play", "Play or stop", _play, "time.play")
        self._button("reset", "Reset the view", _reset, "zoom.reset")
        self._menu_button("more", "All that this view can do; also by a right click on it", _fill_all)
        keys = self._new("help", "Keys and mouse", "program.keys")
        keys.clicked.connect(self.keys_requested)

    def _new(self, name: str, text: str, *actions: str) -> QToolButton:
        button = self.buttons[name] = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_PIXELS, ICON_PIXELS))
        button.setIcon(icon(name, self.palette(), ICON_PIXELS))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._tips.add(button, text, *actions)
        self._row.addWidget(button)
        return button

    def _button(self, name: str, text: str, run: Callable[[SliceViewport], None], action: str) -> QToolButton:
        button = self._new(name, text, action)
        button.clicked.connect(partial(self._run, run))
        return button

    def _menu_button(self, name: str, text: str, fill: _Fill, *actions: str) -> None:
        button = self._new(name, text, *actions)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = self.menus[name] = QMenu(button)
        menu.aboutToShow.connect(partial(self._fill, menu, fill))
        button.setMenu(menu)

    # --- what the reader asks for ------------------------------------------------------------------------------

    def _run(self, run: Callable[[SliceViewport], None], _checked: bool = False) -> None:
        viewport = self._active()
        if viewport is not None:
            run(viewport)
        self._follow()

    def _fill(self, menu: QMenu, fill: _Fill) -> None:
        for old in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            old.deleteLater()
        menu.clear()
        viewport = self._active()
        if viewport is not None and viewport.scene is not None:
            fill(menu, viewport)
        menu.setEnabled(True)
        if menu.isEmpty():
            menu.addAction("Nothing here yet").setEnabled(False)

    # --- following ---------------------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        if change.kind == "load" or change.before.look is not change.after.look:
            self._follow()

    def _follow(self) -> None:
        if not isValid(self):
            return
        viewport = self._active()
        self.buttons["scans"].setChecked(bool(self.document.state.look.strip))
        spec = TOOLS.get(self.document.state.look.tool)
        self.buttons["ruler"].setChecked(spec is not None and spec.kind == "measure")
        self.buttons["play"].setVisible(viewport is not None and viewport.cine.axis is not None)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            for name, button in self.buttons.items():
                button.setIcon(icon(name, self.palette(), ICON_PIXELS))
        super().changeEvent(event)


def _fill_layouts(menu: QMenu, viewport: SliceViewport) -> None:
    add_layouts(menu, viewport)
    menu.addSeparator()
    menu.addAction("This view alone, or all again\tdouble click", viewport.toggle_maximised)
    add_second_window(menu.addMenu("In the second window"), viewport)


def _fill_comparing(menu: QMenu, viewport: SliceViewport) -> None:
    add_comparing(menu, viewport)
    if menu.isEmpty():
        menu.addAction("The task has no other scan").setEnabled(False)


def _fill_windows(menu: QMenu, viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        parts.add_windows(menu, viewport, viewport.scene)


def _fill_fusion(menu: QMenu, viewport: SliceViewport) -> None:
    if viewport.scene is not None and fusible(viewport.document, viewport.scan_key):
        parts.add_fusion(menu, viewport, viewport.scene)
    else:
        menu.addAction("The task has no other scan").setEnabled(False)


def _fill_slab(menu: QMenu, viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        parts.add_slab(menu, viewport, viewport.scene)


def _fill_measures(menu: QMenu, viewport: SliceViewport) -> None:
    for name, spec in TOOLS.items():
        if spec.kind == "measure":
            action = menu.addAction(spec.title + hint(f"tool.{name}"), partial(viewport.document.look, tool=name))
            action.setCheckable(True)
            action.setChecked(viewport.document.state.look.tool == name)
    menu.addSeparator()
    menu.addAction("No tool (window)\tEsc", partial(viewport.document.look, tool="window"))
    menu.addAction("List of measures and key images …", partial(_list_measures, viewport))


def _list_measures(viewport: SliceViewport) -> None:
    from viewr.widgets.measure_window import open_measures

    open_measures(viewport)


def _fill_all(menu: QMenu, viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        fill_menu(menu, viewport, viewport.scene)


def _play(viewport: SliceViewport) -> None:
    viewport.cine.toggle()


def _reset(viewport: SliceViewport) -> None:
    viewport.reset()
