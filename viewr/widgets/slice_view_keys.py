"""The keys of a viewport: what is bound to them stands in `widgets.actions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from viewr.widgets import keymap
from viewr.widgets.actions import ACTIONS

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


class HeldKeys:
    """A key that means something while it is held and the mouse is dragged, and else what it means when tapped.

    Attributes
    ----------
    action : str
        "hold.pan" or "hold.zoom" while such a key is down, else "".
    """

    def __init__(self) -> None:
        self.action = ""
        self._key = 0
        self._used = False

    def take(self, event: QKeyEvent) -> bool:
        """A key went down; whether it is one that is held (its tap is done when it comes up)."""
        if event.isAutoRepeat():
            return bool(self._key) and event.key() == self._key
        bound = keymap.actions_by_key("hold")
        name = next((bound[name] for name in keymap.pressed(event)[:1] if name in bound), "")
        if name:
            self.action, self._key, self._used = name, event.key(), False
        return bool(name)

    def use(self) -> str:
        """The mouse is dragged: what the held key stands for."""
        self._used = bool(self.action)
        return self.action

    def leave(self, event: QKeyEvent) -> bool:
        """A key came up; whether it was a tap of a key that can be held."""
        if event.isAutoRepeat() or not self._key or event.key() != self._key:
            return False
        tapped = not self._used
        self.forget()
        return tapped

    def forget(self) -> None:
        self.action, self._key, self._used = "", 0, False


def press_key(viewport: SliceViewport, event: QKeyEvent) -> bool:
    """Do what a key stands for; False if it stands for nothing here."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if not held and event.key() == Qt.Key.Key_Escape:
        return viewport.cancel()
    if not held and viewport.hand.key(Qt.Key(event.key())):
        return True
    return viewport.held.take(event) or do_key(viewport, event)


def release_key(viewport: SliceViewport, event: QKeyEvent) -> bool:
    """The end of a key that can be held: without a drag it was a tap."""
    return viewport.held.leave(event) and do_key(viewport, event)


def do_key(viewport: SliceViewport, event: QKeyEvent) -> bool:
    """Do the action of a key."""
    bound = keymap.actions_by_key("view")
    name = next((bound[name] for name in keymap.pressed(event) if name in bound), "")
    return bool(name) and ACTIONS[name].run(viewport) is not False
