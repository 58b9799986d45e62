"""One line of text."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QLineEdit, QWidget

from viewr.forms.base import Control, Host
from viewr.forms.text_keys import TextKeys
from viewr.model.template import Field


class LineEdit(Control):
    """Text as it was typed; "" where there is none."""

    merges: ClassVar[bool] = True

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self.edit = QLineEdit(self)
        self.edit.setMinimumWidth(60)
        TextKeys(host.document, self.edit)
        self.adopt(self.edit)
        self.edit.textEdited.connect(self._edited)

    def value(self) -> str:
        return self.edit.text()

    def set_value(self, value: Any) -> None:
        text = "" if value is None else str(value)
        # setting the same text again would move the cursor
        if text != self.edit.text():
            self.edit.setText(text)

    def set_editable(self, editable: bool) -> None:
        # read-only, not disabled: text can still be selected, copied and scrolled
        self.edit.setReadOnly(not editable)

    def focus_widget(self) -> QWidget:
        return self.edit

    def _edited(self, text: str) -> None:
        self.value_changed.emit(text)
