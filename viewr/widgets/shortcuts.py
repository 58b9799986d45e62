"""Keys that work wherever the keyboard is, in a task or the whole window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from viewr.widgets import keymap
from viewr.widgets.actions import ACTIONS, Scope


class Shortcuts(QObject):
    """The keys of one scope; they change when the reader changes them.

    Parameters
    ----------
    owner : QWidget
        What the actions are done to.
    """

    def __init__(self, owner: QWidget, scope: Scope) -> None:
        super().__init__(owner)
        self._owner, self._scope = owner, scope
        self._made: list[QShortcut] = []
        self._make()
        keymap.notifier.changed.connect(self._make)

    def _make(self) -> None:
        for shortcut in self._made:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        bound = keymap.actions_by_key(self._scope)
        self._made = [QShortcut(QKeySequence(key), self._owner) for key in bound]
        for shortcut, name in zip(self._made, bound.values(), strict=True):
            shortcut.activated.connect(partial(ACTIONS[name].run, self._owner))
