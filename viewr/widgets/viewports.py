"""All viewports of a context on their grid, with the template's presets above them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from viewr.model.state import Change, Look, ViewportKey
from viewr.model.template import Context, Preset, Template
from viewr.widgets.renderers import Renderers
from viewr.widgets.scan_strip import ScanStrip
from viewr.widgets.second_window import AwayNote, SecondWindow, is_elsewhere
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.slice_view_readout import tell_pointed
from viewr.widgets.tool_context import DrawingFields
from viewr.widgets.viewport_area import GAP, ViewportArea, places_away, places_in_grid
from viewr.widgets.volume_view_open import VolumePlace
from viewr.workspace.document import Document
from viewr.workspace.layouts import Cell, away_keys, bring_back
from viewr.workspace.look import apply_preset, initial_look

#: More presets than these leave no room beside them.
ROOM_FOR_PRESETS = 4


class ViewportGrid(QWidget):
    """The viewports of one context.

    Viewports that the document's look does not know yet are added to it as the template describes them.

    Attributes
    ----------
    viewports : dict
        Viewport key -> its widget.
    second : SecondWindow or None
        The window for a second monitor, once it was asked for.
    """

    def __init__(
        self,
        document: Document,
        template: Template,
        context_name: str,
        parent: QWidget | None = None,
        renderers: Renderers | None = None,
    ) -> None:
        super().__init__(parent)
        self.document, self._renderers = document, renderers
        self.context: Context = template.context(context_name)
        self.viewports: dict[ViewportKey, SliceViewport] = {}
        self.second: SecondWindow | None = None
        self._note: AwayNote | None = None
        self._coupled = tuple(context.name for context in template.contexts) if template.link_localizers else ()
        self._fields = DrawingFields(template)
        self._complete_look(template)
        self._presets = presets_of(template, self.context)
        self._known_scans = None if template.quality else scans_of(self.context, self._presets)
        self._build()
        self._arrange(document.state.look)
        document.changed.connect(self._on_changed)

    def _complete_look(self, template: Template) -> None:
        start, look = initial_look(template), self.document.state.look
        viewports = {**start.viewports, **look.viewports}
        if viewports.keys() != look.viewports.keys():
            self.document.look(viewports=viewports, labels={**start.labels, **look.labels},
                               context=look.context or start.context, active=look.active or start.active)  # fmt: skip

    def _build(self) -> None:
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        self._bar: QWidget | None = None
        if self._presets:
            column.addWidget(self._preset_bar())
        column.addWidget(ScanStrip(self.document, self.context.name, self._known_scans, self))
        self._area = ViewportArea(self)
        self.volume_place = VolumePlace(self._area, self.viewports, self)
        column.addWidget(self.volume_place, 1)

    def _widget(self, key: ViewportKey) -> SliceViewport:
        """The widget of a viewport; made when it is first shown."""
        if key not in self.viewports:
            self.viewports[key] = SliceViewport(
                self.document, key, self._coupled, self._renderers, self._fields, self._area
            )
            self.viewports[key].pointed.connect(self._on_pointed)
        return self.viewports[key]

    def _on_pointed(self) -> None:
        source = self.sender()
        if isinstance(source, SliceViewport):
            tell_pointed(source, self.viewports.values())

    def _preset_bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setObjectName("presetBar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(4)
        for number, preset in enumerate(self._presets, 1):
            button = QPushButton(preset.name, bar)
            if number < 10:
                button.setText(f"{preset.name}  Alt+{number}")
                QShortcut(QKeySequence(f"Alt+{number}"), self, partial(self.apply, preset))
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self.apply, preset))
            row.addWidget(button)
        row.addStretch(1)
        self._bar = bar
        return bar

    def add_bar(self, bar: QWidget) -> None:
        """Put buttons beside the presets if there is room, else into a row of their own."""
        row = self._bar.layout() if self._bar is not None and len(self._presets) <= ROOM_FOR_PRESETS else None
        if row is None:
            holder = QWidget(self)
            holder.setObjectName("presetBar")
            row = QHBoxLayout(holder)
            row.setContentsMargins(4, 2, 4, 2)
            self._column.insertWidget(0, holder)
            row.addStretch(1)
        row.addWidget(bar)

    def apply(self, preset: Preset, _checked: bool = False) -> None:
        """Show what a preset of the template asks for."""
        self.document.look(viewports=apply_preset(self.document.state.look, preset))

    @property
    def active(self) -> SliceViewport | None:
        """The active viewport, if it is one of these."""
        key = self.document.state.look.active
        return self.viewports.get(key) if key else None

    def acting_viewport(self) -> SliceViewport | None:
        """The active viewport, else the first that is on the screen."""
        return self.active or next((port for port in self.viewports.values() if port.isVisible()), None)

    def _on_changed(self, change: Change) -> None:
        before, after = change.before.look, change.after.look
        name = self.context.name
        held = any(widget.hasFocus() for widget in self.viewports.values())
        moved = before.maximised != after.maximised or before.layouts.get(name) != after.layouts.get(name)
        moved = moved or before.away != after.away
        if moved:
            self._arrange(after)
        if held and (moved or before.active != after.active) and self.active is not None:
            # the keys go on to the viewport that became active
            self.active.setFocus()
            if is_elsewhere(self.active):
                self.active.activateWindow()

    def _arrange(self, look: Look) -> None:
        for viewport in self.context.viewports:
            self._widget((self.context.name, viewport.name))
        places = places_in_grid(look, self.context.name, self.context.viewports)
        for key in places:
            self._widget(key)
        away = places_away(look, self.context.name)
        for key in away:
            self._widget(key)
        self._area.place(places, self.viewports)
        self._place_away(away, nothing_left=not places)
        for key, widget in self.viewports.items():
            if key not in places and key not in away:
                widget.hide()
        if look.maximised in self.viewports and self.isVisible():
            # not now: it has no size yet
            QTimer.singleShot(0, self, self._focus_maximised)

    def _place_away(self, places: dict[ViewportKey, Cell], nothing_left: bool) -> None:
        if self.second is None and places:
            self.second = SecondWindow(self)
            self.second.closed.connect(self.bring_back)
            self._note = AwayNote(self._area)
            self._note.back.connect(self.bring_back)
            self._area.lay_in(self._note)
        if self.second is not None and self._note is not None:
            self.second.place(places, self.viewports)
            self._note.setVisible(bool(places) and nothing_left)

    def bring_back(self) -> None:
        """All viewports of the second window beside the form again."""
        bring_back(self.document, away_keys(self.document.state.look, self.context.name))

    def _focus_maximised(self) -> None:
        alone = self.document.state.look.maximised
        if alone is not None and alone in self.viewports:
            self.viewports[alone].setFocus()


def presets_of(template: Template, context: Context) -> tuple[Preset, ...]:
    """The presets that change a viewport of the context."""
    names = {viewport.name for viewport in context.viewports}
    names |= {f"{context.name}.{name}" for name in names}
    return tuple(preset for preset in template.presets if names & set(preset.viewports))


def scans_of(context: Context, presets: tuple[Preset, ...]) -> set[str]:
    """The scans that the template shows: in a viewport, or by a preset."""
    by_presets = {str(values.get("scan")) for preset in presets for values in preset.viewports.values()}
    return {viewport.scan for viewport in context.viewports} | by_presets
