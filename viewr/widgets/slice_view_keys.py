"""The keys of a viewport."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from viewr.widgets import slice_view_display as display
from viewr.widgets.quadrants import next_quadrant
from viewr.widgets.slice_view_layout_menu import LAYOUT_KEYS
from viewr.widgets.slice_view_menu import show_volume
from viewr.widgets.slice_view_window import windows_of

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

Key = Qt.Key


def _first(viewport: SliceViewport) -> None:
    viewport.show_slice(0)


def _last(viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        viewport.show_slice(viewport.scene.stack.count - 1)


def _on(viewport: SliceViewport) -> None:
    viewport.page(1)


def _back(viewport: SliceViewport) -> None:
    viewport.page(-1)


def _closer(viewport: SliceViewport) -> None:
    viewport.zoom_at(QPointF(viewport.rect().center()), 0.87)


def _farther(viewport: SliceViewport) -> None:
    viewport.zoom_at(QPointF(viewport.rect().center()), 1 / 0.87)


def _next(viewport: SliceViewport) -> None:
    viewport.activate_next(1)


def _previous(viewport: SliceViewport) -> None:
    viewport.activate_next(-1)


def _smaller_brush(viewport: SliceViewport) -> None:
    viewport.scale_brush(-1)


def _larger_brush(viewport: SliceViewport) -> None:
    viewport.scale_brush(1)


def _invert(viewport: SliceViewport) -> None:
    viewport.toggle_inverted()


def _fit(viewport: SliceViewport) -> None:
    viewport.fit()


def _reset(viewport: SliceViewport) -> None:
    viewport.reset()


def _crosshair(viewport: SliceViewport) -> None:
    viewport.toggle_crosshair()


def _overlays(viewport: SliceViewport) -> None:
    viewport.toggle_overlays()


def _straighten(viewport: SliceViewport) -> None:
    viewport.straighten()


def _compare(viewport: SliceViewport) -> None:
    viewport.compare_next()


def _strip(viewport: SliceViewport) -> None:
    viewport.toggle_strip()


def _reference_lines(viewport: SliceViewport) -> None:
    viewport.toggle_reference_lines()


def _play(viewport: SliceViewport) -> None:
    viewport.cine.toggle()


def _next_frame(viewport: SliceViewport) -> None:
    viewport.cine.step(1)


def _frame_before(viewport: SliceViewport) -> None:
    viewport.cine.step(-1)


def _volume(viewport: SliceViewport) -> None:
    show_volume(viewport)


#: Keys without a modifier; tools have theirs in `tools.catalog`.
KEYS: dict[Qt.Key, Callable[[SliceViewport], None]] = {
    Key.Key_Up: _back, Key.Key_PageUp: _back, Key.Key_Down: _on, Key.Key_PageDown: _on,
    Key.Key_Return: _play, Key.Key_Enter: _play, Key.Key_Right: _next_frame, Key.Key_Left: _frame_before,
    Key.Key_F10: next_quadrant,
    Key.Key_Home: _first, Key.Key_End: _last, Key.Key_Tab: _next, Key.Key_Backtab: _previous,
    Key.Key_Plus: _closer, Key.Key_Equal: _closer, Key.Key_Minus: _farther,
    Key.Key_BracketLeft: _smaller_brush, Key.Key_BracketRight: _larger_brush,
    Key.Key_I: _invert, Key.Key_F: _fit, Key.Key_R: _reset, Key.Key_X: _crosshair,
    Key.Key_Z: _straighten, Key.Key_H: _overlays, Key.Key_Space: _overlays, Key.Key_G: display.toggle_outline,
    Key.Key_T: display.turn_clockwise, Key.Key_J: display.mirror, Key.Key_U: display.put_upside_down,
    Key.Key_S: display.next_size, Key.Key_N: display.next_interpolation, Key.Key_L: display.next_lut,
    Key.Key_P: display.next_projection, Key.Key_Y: display.toggle_fusion,
    Key.Key_F9: _strip, Key.Key_F11: _volume, Key.Key_Q: _reference_lines, Key.Key_K: _compare,
    Key.Key_Comma: display.weaker, Key.Key_Period: display.stronger,
}  # fmt: skip

_SILENT = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def press_key(viewport: SliceViewport, event: QKeyEvent) -> bool:
    """Do what a key stands for; False if it stands for nothing here."""
    key = Key(event.key())
    if event.modifiers() & ~_SILENT:
        return False
    if key == Key.Key_Escape:
        return viewport.cancel()
    if viewport.hand.key(key):
        return True
    if Key.Key_0 <= key <= Key.Key_9:
        return _window_key(viewport, key - Key.Key_0)
    if key in LAYOUT_KEYS:
        viewport.set_layout(LAYOUT_KEYS[key])
        return True
    action = KEYS.get(key)
    if action is None:
        return False
    action(viewport)
    return True


def _window_key(viewport: SliceViewport, digit: int) -> bool:
    """0: automatic, then full range; from 1: stored windows, then those of the modality."""
    if viewport.scene is None:
        return False
    if digit == 0:
        viewport.auto_window()
        return True
    windows = windows_of(viewport.scene.volume)
    if digit <= len(windows):
        viewport.set_window(windows[digit - 1])
    return digit <= len(windows)
