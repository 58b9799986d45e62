"""What the mouse does in a viewport: one small class a drag, whose memory is its own."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from viewr.model.geometry import Plane
from viewr.model.volume import Window
from viewr.widgets import keymap
from viewr.widgets.habits import habits
from viewr.widgets.scan_carry import ScanDrag
from viewr.widgets.slice_view_bars import on_opacity_slider, opacity_at
from viewr.widgets.slice_view_crosshair import MoveDrag, TurnDrag, grip
from viewr.widgets.slice_view_display import change_gamma, change_opacity, set_fused_opacity, thicken
from viewr.widgets.slice_view_frames import FrameDrag, on_frame_slider
from viewr.widgets.slice_view_paint import slider_index
from viewr.widgets.slice_view_scene import ZOOM_LIMITS, Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

#: Logical pixels that a press may wander and still be a click.
CLICK_REACH = 4.0
#: Share of the window's width by which one pixel of a drag changes it.
WINDOW_SPEED = 0.006
ZOOM_SPEED = 0.008
#: Sides of a box that is meant as one, logical pixels.
SMALLEST_BOX = 3.0
#: Held with the left button to carry a view's scan into another view.
CARRY = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


_BUTTONS = {Qt.MouseButton.LeftButton: "left", Qt.MouseButton.MiddleButton: "middle",
            Qt.MouseButton.RightButton: "right"}  # fmt: skip


class Drag(Protocol):
    """A drag in progress."""

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved with the button down."""

    def end(self, event: QMouseEvent | None) -> None:
        """The button came up; None: the drag was cancelled."""


class WindowDrag:
    """Right and left change the width, down and up the level, or as the reader's habits have it.

    Parameters
    ----------
    fused : bool
        The window of the scan that is laid over the slice, not that of the slice.
    """

    def __init__(self, viewport: SliceViewport, scene: Scene, start: QPointF, fused: bool = False) -> None:
        self._viewport, self._start = viewport, start
        self._fused = fused
        self._before = scene.look.fused_window if fused else scene.look.window
        self._window = scene.view.fused[-1].window if fused else scene.view.window

    def move(self, event: QMouseEvent) -> None:
        wider, higher = window_moves(event.position() - self._start)
        scale = max(self._window.width, 1e-6)
        width = scale * math.exp(wider * WINDOW_SPEED)
        level = self._window.level + higher * scale * WINDOW_SPEED
        self._show(Window(width, level, linear=self._window.linear))

    def end(self, event: QMouseEvent | None) -> None:
        if event is None:
            self._show(self._before)

    def _show(self, window: Window | None) -> None:
        if self._fused:
            self._viewport.look_at(fused_window=window)
        else:
            self._viewport.look_at(window=window)


def window_moves(by: QPointF) -> tuple[float, float]:
    """How far a drag widens the window, and how far it raises it, in pixels."""
    right, down = by.x(), by.y()
    wider, higher = (-down, right) if habits().window_drag_swapped else (right, down)
    return wider, -higher if habits().window_drag_up_raises else higher


class BoxDrag:
    """A rubber band; let go, the window is that of the values in it."""

    def __init__(self, viewport: SliceViewport, start: QPointF) -> None:
        self._viewport, self._start = viewport, start
        self.box = QRectF(start, start)

    def move(self, event: QMouseEvent) -> None:
        self.box = QRectF(self._start, event.position()).normalized()
        self._viewport.update()

    def end(self, event: QMouseEvent | None) -> None:
        self._viewport.update()
        if self._viewport.document.state.look.tool == "box":
            self._viewport.document.look(tool="window")
        if event is not None and min(self.box.width(), self.box.height()) >= SMALLEST_BOX:
            window = window_of_box(self._viewport, self.box)
            if window is not None:
                self._viewport.set_window(window)
            elif (scene := self._viewport.scene) is not None:
                colour = "channel" in scene.volume.axes
                why = "A colour picture has no window." if colour else "There are no values in the box."
                self._viewport.hand.context.tell(why)


def window_of_box(viewport: SliceViewport, box: QRectF) -> Window | None:
    """The automatic window of the values that a box on the screen shows; None if there are none."""
    from viewr.imaging.window import auto_window

    scene = viewport.scene
    if scene is None:
        return None
    size = (max(1, round(box.width() * scene.scale)), max(1, round(box.height() * scene.scale)))
    middle = np.asarray(scene.to_lps(box.center().x(), box.center().y()))
    plane = Plane(middle, scene.view.plane.right, scene.view.plane.down)
    values = viewport.renderer.sample(replace(scene.view, plane=plane, size=size, overlays=(), fused=()))
    if values.ndim > 2 or not np.isfinite(values).any():
        return None
    return replace(auto_window(values, scene.volume.padding), name="Box")


class PanDrag:
    """The picture goes with the mouse."""

    def __init__(self, viewport: SliceViewport, scene: Scene, start: QPointF) -> None:
        # That of the look: what a fitted mammogram is moved by to the edge of its view comes on top of it anyway.
        self._viewport, self._start, self._before, self._zoom = viewport, start, scene.look.pan_mm, scene.mm_per_pixel

    def move(self, event: QMouseEvent) -> None:
        by = (event.position() - self._start) * self._zoom
        self._viewport.look_at(pan_mm=(self._before[0] - by.x(), self._before[1] - by.y()))

    def end(self, event: QMouseEvent | None) -> None:
        if event is None:
            self._viewport.look_at(pan_mm=self._before)


class ZoomDrag:
    """Up zooms in about the place of the press; without a move it is a click for the menu."""

    def __init__(self, viewport: SliceViewport, scene: Scene, start: QPointF) -> None:
        self._viewport, self._scene, self._start = viewport, scene, start
        self._moved = False

    def move(self, event: QMouseEvent) -> None:
        by = event.position() - self._start
        if not self._moved and by.manhattanLength() < CLICK_REACH:
            return
        self._moved = True
        factor = math.exp(by.y() * ZOOM_SPEED)
        self._viewport.look_at(**zoomed(self._scene, self._start, factor))

    def end(self, event: QMouseEvent | None) -> None:
        if event is None:
            look = self._scene.look
            self._viewport.look_at(mm_per_pixel=look.mm_per_pixel, pan_mm=look.pan_mm)
        elif not self._moved:
            self._viewport.show_menu(event.globalPosition().toPoint())


class LocalizerDrag:
    """The localizer goes with the mouse."""

    def __init__(self, viewport: SliceViewport, start: QPointF) -> None:
        self._viewport = viewport
        self._before = viewport.position
        viewport.point_at(start)

    def move(self, event: QMouseEvent) -> None:
        self._viewport.point_at(event.position())

    def end(self, event: QMouseEvent | None) -> None:
        if event is None and self._before is not None:
            self._viewport.move_to(self._before)


class SliderDrag:
    """The slice goes with the handle at the right edge."""

    def __init__(self, viewport: SliceViewport, start: QPointF) -> None:
        self._viewport = viewport
        self._go(start)

    def move(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def end(self, event: QMouseEvent | None) -> None:
        pass

    def _go(self, position: QPointF) -> None:
        scene = self._viewport.scene
        if scene is not None:
            self._viewport.show_slice(slider_index(scene.size, position.y(), scene.stack.count))


class OpacityDrag:
    """The opacity of the scan that is laid over the slice goes with the handle at the left edge."""

    def __init__(self, viewport: SliceViewport, start: QPointF) -> None:
        self._viewport = viewport
        self._before = viewport.document.state.look.viewports[viewport.key].fused_opacity
        self._go(start)

    def move(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def end(self, event: QMouseEvent | None) -> None:
        if event is None:
            set_fused_opacity(self._viewport, self._before)

    def _go(self, position: QPointF) -> None:
        set_fused_opacity(self._viewport, opacity_at(self._viewport.height(), position.y()))


class ToolDrag:
    """The tool in the hand has the mouse."""

    def __init__(self, viewport: SliceViewport) -> None:
        self._viewport = viewport

    def move(self, event: QMouseEvent) -> None:
        self._viewport.tool_pointer("move", event)

    def end(self, event: QMouseEvent | None) -> None:
        if event is None:
            self._viewport.cancel_tool()
        else:
            self._viewport.tool_pointer("release", event)


def zoomed(scene: Scene, anchor: QPointF, factor: float) -> dict[str, Any]:
    """Zoom and pan after the mm of a pixel were multiplied by `factor`, with the place under `anchor` kept there."""
    before = scene.mm_per_pixel
    after = min(max(before * factor, ZOOM_LIMITS[0]), ZOOM_LIMITS[1])
    x, y = anchor.x() - scene.size[0] / 2, anchor.y() - scene.size[1] / 2
    pan = scene.pan_mm
    return {"mm_per_pixel": after, "pan_mm": (pan[0] + x * (before - after), pan[1] + y * (before - after))}


def start_drag(viewport: SliceViewport, scene: Scene, event: QMouseEvent) -> Drag | None:
    """The drag that a press of the mouse begins."""
    viewport.hand.context.message = ""
    button, start = _BUTTONS.get(event.button(), ""), event.position()
    if button == "left" and viewport.on_slider(start):
        return SliderDrag(viewport, start)
    if button == "left" and on_frame_slider(scene, start):
        return FrameDrag(viewport, start)
    held = viewport.held.use() if button == "left" else ""
    wanted = held.removeprefix("hold.") or keymap.mouse_action(button, event)
    if wanted == "pan":
        return PanDrag(viewport, scene, start)
    if wanted == "zoom":
        return ZoomDrag(viewport, scene, start)
    if wanted == "crosshair" and viewport.document.state.look.tool == "window" and not event.modifiers():
        return LocalizerDrag(viewport, start)
    if button != "left":
        return None
    if scene.view.fused and on_opacity_slider(start):
        return OpacityDrag(viewport, start)
    return _tool_drag(viewport, scene, event)


def _tool_drag(viewport: SliceViewport, scene: Scene, event: QMouseEvent) -> Drag | None:
    tool = viewport.document.state.look.tool
    keys = event.modifiers()
    if keys & CARRY == CARRY:
        return ScanDrag(viewport, event.position())
    viewing = viewport.hand.spec.kind == "view"
    # With Ctrl too: some desktops keep a drag with Alt alone for moving windows.
    if viewing and scene.view.fused and keys & Qt.KeyboardModifier.AltModifier:
        return WindowDrag(viewport, scene, event.position(), fused=True)
    if tool == "box" or (viewing and keys & Qt.KeyboardModifier.ControlModifier):
        return BoxDrag(viewport, event.position())
    if viewport.hand.grab(event):
        return ToolDrag(viewport)
    held = grip(viewport, scene, event.position())
    if held == "turn":
        return TurnDrag(viewport, scene, event.position())
    if held == "move" and tool != "crosshair":
        return MoveDrag(viewport, scene, event.position())
    if tool == "crosshair":
        return LocalizerDrag(viewport, event.position())
    if tool == "pan":
        return PanDrag(viewport, scene, event.position())
    if tool == "zoom":
        return ZoomDrag(viewport, scene, event.position())
    if viewport.tool_pointer("press", event):
        return ToolDrag(viewport)
    return WindowDrag(viewport, scene, event.position())


def turn_shifted(viewport: SliceViewport, notches: int) -> None:
    """The brush, while one is in the hand; else the points in time, if there are any."""
    if viewport.hand.spec.kind != "voxel" and viewport.cine.axis is not None:
        viewport.cine.step(-notches)
    else:
        viewport.scale_brush(notches)


def turn_wheel(viewport: SliceViewport, notches: int, event: QWheelEvent) -> None:
    """What the wheel does with what is held, see `key_profiles.MOUSE`."""
    wanted = keymap.mouse_action("wheel", event)
    if wanted == "slab":
        thicken(viewport, notches)
    elif wanted == "zoom":
        viewport.zoom_at(event.position(), 0.87**notches)
    elif wanted == "brush":
        turn_shifted(viewport, notches)
    elif wanted == "strength":
        fused = viewport.scene is not None and viewport.scene.view.fused
        (change_opacity if fused else change_gamma)(viewport, notches)
    else:
        viewport.page(-notches)


class WheelNotches:
    """Whole notches out of the wheel's turns, also of those that report parts of a notch."""

    NOTCH = 120

    def __init__(self) -> None:
        self._rest = 0

    def turned(self, delta: int) -> int:
        """Notches completed by a turn, positive away from the user."""
        if self._rest and (self._rest > 0) != (delta > 0):
            self._rest = 0
        self._rest += delta
        notches = int(self._rest / self.NOTCH)
        self._rest -= notches * self.NOTCH
        return notches


def window_scaled(window: Window, factor: float) -> Window:
    """The window made wider or narrower about its level."""
    return replace(window, width=window.width * factor, name="")
