"""A viewport: one slice of one scan, with its words, marks and drawings; the mouse and keys of a reading station.

It holds no truth: what it shows is worked out from the document, and what the reader does is asked of the document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewr.model.marker import Point
from viewr.model.state import Change, ViewportKey
from viewr.model.volume import Window
from viewr.render.base import SliceRenderer, SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.hanging import is_hung
from viewr.tools.base import PointerKind
from viewr.tools.brush import BRUSH_LIMITS
from viewr.widgets import colours
from viewr.widgets.cine import Cine
from viewr.widgets.drawing_menu import menu_at
from viewr.widgets.full_range import next_automatic
from viewr.widgets.renderers import Renderers
from viewr.widgets.scan_carry import paint_offer
from viewr.widgets.slice_view_arrivals import Arrivals
from viewr.widgets.slice_view_crosshair import Grip, cursor_of, grip
from viewr.widgets.slice_view_display import as_at_first
from viewr.widgets.slice_view_draft import Drafts
from viewr.widgets.slice_view_editors import tip_at, type_window, window_text_area
from viewr.widgets.slice_view_keys import HeldKeys, press_key, release_key
from viewr.widgets.slice_view_linking import Neighbours, shared_fields
from viewr.widgets.slice_view_marks import paint_box, paint_marks, paint_nothing
from viewr.widgets.slice_view_mouse import BoxDrag, Drag, WheelNotches, start_drag, turn_wheel, zoomed
from viewr.widgets.slice_view_paint import SLIDER_WIDTH
from viewr.widgets.slice_view_reading import Reading
from viewr.widgets.slice_view_readout import ReadOut
from viewr.widgets.slice_view_scene import Scene, SceneMaker, differs
from viewr.widgets.tool_context import DrawingFields
from viewr.widgets.tool_hand import ToolHand
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.layouts import shown_keys, swap_scan
from viewr.workspace.localizer import move_to
from viewr.workspace.look import changed_viewport
from viewr.workspace.reformatting import set_axes

#: mm of brush for a notch, as a share of its size.
BRUSH_STEP = 1.15


class SliceViewport(QWidget):
    """Shows one viewport of the document.

    Parameters
    ----------
    document : Document
    key : (context, viewport) of `Look.viewports`
    coupled : iterable of str
        Contexts whose localizer moves together with this one's.
    fields : DrawingFields, optional
        How the template wants drawings to look.

    Attributes
    ----------
    painted : int
        Slices that have been on the screen since the start, steps back included.
    times : deque of float
        Milliseconds that the last pictures took.
    skipped : int
        Slices that a page step led to and that never reached the screen.
    """

    #: the place under the mouse is another one, or none any more
    pointed = Signal()

    def __init__(
        self,
        document: Document,
        key: ViewportKey,
        coupled: Iterable[str] = (),
        renderers: Renderers | None = None,
        fields: DrawingFields | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.document, self.key, self.coupled = document, key, tuple(coupled)
        self.renderers = renderers
        self.renderer: SliceRenderer = renderers.make() if renderers is not None else CpuRenderer(reuse=True)
        self.maker = SceneMaker(document, key)
        self.neighbours = Neighbours(document)
        self.held = HeldKeys()
        self.times: deque[float] = deque(maxlen=600)
        self.reading = Reading(self)
        self.drafts = Drafts(self)
        self.hand = ToolHand(self, fields or DrawingFields())
        self.read_out = ReadOut(self)
        self.grip: Grip | None = None
        self.offered = ""
        self.painted = self.skipped = 0
        self._scene: Scene | None = None
        self._shown: SliceView | None = None
        self._image = QImage()
        self._drag: Drag | None = None
        self._notches = WheelNotches()
        self._waiting: int | None = None
        self._arrivals = Arrivals(self)
        self.cine = Cine(self)
        self._prepare()
        document.changed.connect(self._on_changed)
        document.filled.connect(self._on_filled)
        if renderers is not None:
            renderers.changed.connect(self._on_renderers)

    def _prepare(self) -> None:
        self.setObjectName(f"viewport:{self.key[0]}/{self.key[1]}")
        self.setAccessibleName(f"Viewport {self.key[1]}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.renderer.attach(self)

    # --- what is shown -----------------------------------------------------------------------------------------

    @property
    def scene(self) -> Scene | None:
        """What is shown now; None while there is no volume."""
        if self._scene is None:
            self._scene = self.maker.make((self.width(), self.height()), self.devicePixelRatioF())
        return self._scene

    @property
    def position(self) -> Point | None:
        return self.scene.position if self.scene else None

    @property
    def scan_key(self) -> ScanKey:
        look = self.document.state.look.viewports.get(self.key)
        return self.key[0], look.scan if look else ""

    @property
    def picture(self) -> QImage:
        """The picture of the slice without words and marks, in device pixels."""
        scene = self.scene
        if scene is not None and self._shown != scene.view:
            self._image, self._shown = self.drafts.make(scene)
        return self._image

    def loaded(self) -> np.ndarray | None:
        """Which slices k are there, while the volume is still arriving."""
        return self.document.arriving.get(self.scan_key)

    @property
    def pointer(self) -> Point | None:
        """Patient position under the mouse; None while it is elsewhere."""
        return self.read_out.point

    def value_at_pointer(self) -> str:
        """The value under the pointer with its unit, as the picture shows it; "" outside."""
        return self.read_out.value(self.pointer)

    def fused_value_at_pointer(self) -> str:
        """The value of the scan laid over this one, with its unit; "" without one and outside of it."""
        return self.read_out.fused_value()

    def renderer_sample(self, view: SliceView) -> Any:
        return self.renderer.sample(view)[0, 0]

    # --- what the reader asks for ------------------------------------------------------------------------------

    def look_at(self, _checked: bool = False, **fields: Any) -> None:
        """Change how this viewport shows its scan."""
        looks, scene = self.document.state.look.viewports, self.scene
        if self.key not in looks:
            return
        changed = shared_fields(self, scene, fields) if scene is not None else {}
        own = changed_viewport(looks[self.key], changed.pop(self.key, fields))
        others = {key: changed_viewport(looks[key], values) for key, values in changed.items()}
        self.document.look(viewports={**looks, self.key: own, **others})

    def move_to(self, point: Point) -> None:
        move_to(self.document, self.key, point, self.coupled)

    def point_at(self, position: QPointF) -> None:
        """Put the localizer at a position of the widget."""
        if self.scene is not None:
            self.move_to(self.scene.under(position))

    def show_scan(self, scan: str, _checked: bool = False) -> None:
        """Show another scan of the context here."""
        swap_scan(self.document, self.key, scan)

    def show_slice(self, index: int) -> None:
        scene = self.scene
        if scene is not None:
            index = min(max(index, 0), scene.stack.count - 1)
            a, b, c = scene.stack.moved(scene.position, index)
            self.move_to((float(a), float(b), float(c)))

    def page(self, steps: int) -> None:
        """Page some slices on, one after the other: each reaches the screen."""
        for _ in range(abs(steps)):
            scene = self.scene
            if scene is None:
                return
            index = scene.index + (1 if steps > 0 else -1)
            if not 0 <= index < scene.stack.count:
                return
            self.show_slice(index)

    def zoom_at(self, anchor: QPointF, factor: float) -> None:
        if self.scene is not None:
            self.look_at(**zoomed(self.scene, anchor, factor))

    def fit(self) -> None:
        self.look_at(mm_per_pixel=None, pan_mm=(0.0, 0.0))

    def reset(self) -> None:
        """Fit, the scan's own window and colours, straight axes, not turned; slab and interpolation as at first."""
        self.straighten()
        self.look_at(**as_at_first(self.hand.context.fields.start.get(self.key)))

    def straighten(self, _checked: bool = False) -> None:
        """Cut along the axes of the scan or patient again, in all views of the context."""
        set_axes(self.document, self.key[0], None)

    def set_window(self, window: Window, _checked: bool = False) -> None:
        self.look_at(window=window)

    def auto_window(self) -> None:
        """The automatic window; asked for again, the full range."""
        next_automatic(self)

    def toggle_inverted(self, _checked: bool = False) -> None:
        if self.scene is not None:
            self.look_at(inverted=not self.scene.look.inverted)

    def toggle_linked(self, _checked: bool = False) -> None:
        if self.scene is not None:
            here = self.scene.position
            self.look_at(linked=not self.scene.look.linked)
            if not self.document.state.look.viewports[self.key].linked:
                self.move_to(here)

    def toggle_crosshair(self, _checked: bool = False) -> None:
        self.document.look(crosshair=not self.document.state.look.crosshair)

    def toggle_overlays(self, _checked: bool = False) -> None:
        self.document.look(overlays_hidden=not self.document.state.look.overlays_hidden)

    def toggle_maximised(self) -> None:
        now = self.document.state.look.maximised
        self.document.look(maximised=None if now == self.key else self.key)

    def scale_brush(self, notches: int) -> None:
        size = self.document.state.look.brush_mm * BRUSH_STEP**notches
        self.document.look(brush_mm=round(min(max(size, BRUSH_LIMITS[0]), BRUSH_LIMITS[1]), 1))

    def activate(self) -> None:
        if self.document.state.look.active != self.key:
            self.document.look(active=self.key)

    def activate_next(self, step: int = 1) -> None:
        """Make the next viewport of the context the active one."""
        keys = shown_keys(self.document.state.look, self.key[0])
        here = keys.index(self.key) if self.key in keys else -step
        self.document.look(active=keys[(here + step) % len(keys)])

    def show_menu(self, place: QPoint) -> None:
        if self.scene is not None:
            menu = menu_at(self, self.scene, self.mapFromGlobal(place))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    # --- the tool in the hand ----------------------------------------------------------------------------------

    def tool_pointer(self, kind: PointerKind, event: QMouseEvent) -> bool:
        """Give the tool what the mouse did; False if there is no tool to take it."""
        return self.hand.pointer(kind, event)

    def cancel_tool(self) -> None:
        self.hand.cancel()

    def cancel(self) -> bool:
        """Take back the drag or stroke in progress; whether there was one."""
        drag, self._drag = self._drag, None
        if drag is None:
            return self.hand.cancel()
        drag.end(None)
        return True

    def paint_drag(self, painter: QPainter) -> None:
        """The rubber band, if a box is being drawn."""
        if isinstance(self._drag, BoxDrag):
            paint_box(painter, self._drag.box)

    def on_slider(self, position: QPointF) -> bool:
        return self.scene is not None and self.scene.stack.count > 1 and position.x() >= self.width() - SLIDER_WIDTH

    # --- the document changed ----------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        before = self._scene
        if before is not None and change.boxes:
            self.maker.layers.note(change, before.look, before.view)
        self._scene = None
        self.read_out.renew()
        after = self.scene
        if after is None or before is None or before.volume is not after.volume:
            self.update()
        elif before.index != after.index and before.stack is after.stack:
            self._paged(before.index, after.index)
        elif differs(self.key, before, after, change):
            self.update()

    def _paged(self, before: int, after: int) -> None:
        """Another slice: a step of one is painted at once, so that none is skipped however fast the wheel turns."""
        if self._waiting is not None and abs(after - before) == 1:
            self.skipped += 1
        self._waiting = after
        if abs(after - before) == 1 and self.isVisible():
            self.repaint()
        else:
            self.update()

    def _on_filled(self, key: ScanKey, k: int) -> None:
        scene = self._scene
        if key == self.scan_key:
            self._arrivals.add(k)
        elif scene is not None and scene.view.fused and key == (self.key[0], scene.look.fused):
            self._arrivals.add_above()

    def _on_renderers(self) -> None:
        """Another renderer makes the pictures from now on."""
        if self.renderers is not None:
            self.renderer.release()
            self.renderer = self.renderers.make()
            self.forget_picture()

    def forget_picture(self) -> None:
        """The voxels that it was made of have changed."""
        self._shown = self._scene = None
        self.renderer.release()
        self.update()

    def renew_scene(self) -> bool:
        """Work out anew what is shown; whether the picture is another (its window, as slices arrive)."""
        before, self._scene = self._scene, None
        return before is None or self.scene is None or self.scene.view != before.view

    # --- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(400, 400)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            # A painter that outlives its event, in a traceback for one, ends the program.
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        scene = self.scene
        if scene is None:
            painter.fillRect(self.rect(), colours.BACKGROUND)
            paint_nothing(painter, self)
            paint_offer(painter, self)
            return
        painter.drawImage(QPointF(0, 0), self.picture)
        paint_marks(painter, self, scene)
        paint_offer(painter, self)
        self._waiting = None
        self.painted += 1
        self.reading.painted(scene)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scene = None
        if self.scene is not None and is_hung(self.scene.volume):
            self._rescale_others()

    def _rescale_others(self) -> None:
        """Mammograms side by side have one scale, which the size of each may change."""
        parent = self.parentWidget()
        for other in parent.findChildren(SliceViewport) if parent is not None else []:
            if other is not self and other.renew_scene():
                other.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._scene = None
            self.update()
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().event(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        words = tip_at(self.scene, QPointF(event.pos())) if self.scene is not None else ""
        if words:
            QToolTip.showText(event.globalPos(), words, self)
        else:
            QToolTip.hideText()
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.activate()
        super().focusInEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activate()
        if self._drag is not None or self.scene is None:
            return
        self._drag = start_drag(self, self.scene, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag.move(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not event.buttons():
            self.point_at(event.position())
        else:
            self.hand.hover(event)
            self._feel(event.position())
        self.read_out.follow(event.position())

    def _feel(self, position: QPointF) -> None:
        """The mouse pointer tells what of the cross-hair is under it."""
        self.grip = grip(self, self.scene, position) if self.scene is not None else None
        if self.grip is not None and not self.hand.over_measure:
            self.setCursor(cursor_of(self.grip))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is not None:
            drag.end(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.on_slider(event.position()):
            self.mousePressEvent(event)
        elif self.scene is not None and window_text_area(self.scene).contains(event.position()):
            type_window(self)
        elif not self.hand.pointer("double", event):
            self.toggle_maximised()

    def leaveEvent(self, event: QEvent) -> None:
        self.hand.leave()
        self.grip = None
        self.read_out.follow(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.activate()
        turn = event.angleDelta()
        notches = self._notches.turned(turn.y() or turn.x())
        turn_wheel(self, notches, event)
        self.read_out.follow(event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_key(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not release_key(self, event):
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.held.forget()
        super().focusOutEvent(event)


