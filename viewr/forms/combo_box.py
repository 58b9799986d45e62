"""One of several options, in a drop-down list."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from viewr.forms.base import Control, Host
from viewr.forms.options import colour_icon, option_colours, option_index, option_keys, option_text
from viewr.model.template import Field


class CalmComboBox(QComboBox):
    """A drop-down list that leaves the wheel to the form, so that scrolling never changes an answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)


class ComboBox(Control):
    """The chosen option, None while none is chosen."""

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self.box = CalmComboBox(self)
        self.box.addItem("–", None)
        self.keys = option_keys(field)
        for option, key, colour in zip(field.options, self.keys, option_colours(field), strict=True):
            text = f"{option_text(option)}   [{key}]" if key else option_text(option)
            self.box.addItem(colour_icon(colour), text)
        self._options: list[Any] = list(field.options)
        self.adopt(self.box)
        self.box.activated.connect(self._activated)

    def value(self) -> Any:
        index = self.box.currentIndex()
        return self._options[index - 1] if index > 0 else None

    def set_value(self, value: Any) -> None:
        known = len(self.field.options)
        while len(self._options) > known:
            self._options.pop()
            self.box.removeItem(self.box.count() - 1)
        index = option_index(self._options, value)
        if index < 0 and value not in (None, ""):
            # an answer from before that the template no longer offers stays until the reader changes it
            self._options.append(value)
            self.box.addItem(f"{option_text(value)} (no longer an option)")
            index = known
        self.box.setCurrentIndex(index + 1)

    def focus_widget(self) -> QWidget:
        return self.box

    def press_key(self, key: str) -> bool:
        if not key or key not in self.keys or not self.isEnabled():
            return False
        self.box.setCurrentIndex(self.keys.index(key) + 1)
        self.value_changed.emit(self.value())
        return True

    def _activated(self, _index: int) -> None:
        self.value_changed.emit(self.value())
