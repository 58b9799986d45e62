"""A control that this program does not know: its value is shown and passed through unchanged."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from PySide6.QtWidgets import QWidget

from viewr.forms.base import Control, Host, LabelPlace, breakable, wrapped_label
from viewr.model.template import Field


class Placeholder(Control):
    """Shows the value of an unknown control, read-only."""

    label_place: ClassVar[LabelPlace] = "above"

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._value: Any = None
        self._text = wrapped_label("", self, role="value")
        self.adopt(self._text)
        note = f"ViewR does not know the control {field.control or 'without a name'}; its value is kept as it is."
        self.column.addWidget(wrapped_label(note, self, role="note"))

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        text = "no value" if value is None else value if isinstance(value, str) else json.dumps(value, indent=1)
        self._text.setText(breakable(text))
