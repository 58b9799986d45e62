"""Tips that end in the key of what a button does; they change when the reader changes keys."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from viewr.widgets import keymap


class KeyTips(QObject):
    """The tips of some widgets."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._tips: dict[QWidget, tuple[str, tuple[str, ...]]] = {}
        keymap.notifier.changed.connect(self._renew)

    def add(self, widget: QWidget, text: str, *names: str) -> None:
        """Give a widget a tip with the first key of each action; the text alone is its name for screen readers."""
        self._tips[widget] = text, names
        widget.setAccessibleName(text)
        self._show(widget)

    def _renew(self) -> None:
        for widget in self._tips:
            self._show(widget)

    def _show(self, widget: QWidget) -> None:
        text, names = self._tips[widget]
        keys = ", ".join(key for key in (keymap.hint(name, "") for name in names) if key)
        widget.setToolTip(f"{text} ({keys})" if keys else text)
