"""One line of text, or of another type that the template asks for."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from viewr.forms.base import Control, Host, wrapped_label
from viewr.forms.number_edit import number_text, unfit_text
from viewr.forms.text_keys import TextKeys, mark
from viewr.model.template import Field
from viewr.model.template_values import UNFIT, coerce, typed_answer


def line_text(value: Any) -> str:
    """An answer as it stands in the line."""
    if isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else number_text(value)
    return "" if value is None else str(value)


class LineEdit(Control):
    """Text as it was typed, "" where there is none; a number or truth value if the field is of such a type."""

    merges: ClassVar[bool] = True

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self.edit = QLineEdit(self)
        self.edit.setMinimumWidth(60)
        TextKeys(host.document, self.edit)
        self.adopt(self.edit)
        #: Only a text that must be something else can be wrong; in long forms each label counts.
        self.fault = self._add_fault() if field.type != "String" else None
        self.edit.textEdited.connect(self._edited)
        self.edit.editingFinished.connect(self._check)

    def _add_fault(self) -> QLabel:
        fault = wrapped_label("", self, role="error")
        fault.hide()
        self.column.addWidget(fault)
        return fault

    def value(self) -> Any:
        value = coerce(self.field, self.edit.text())
        return None if value is UNFIT else value

    def set_value(self, value: Any) -> None:
        # setting the same text again would move the cursor, and "1." is typed on the way to 1.5
        if not (self.edit.text().strip() and typed_answer(self.field, self.edit.text()) == value):
            self.edit.setText(line_text(value))
        self._check()

    def set_editable(self, editable: bool) -> None:
        # read-only, not disabled: text can still be selected, copied and scrolled
        self.edit.setReadOnly(not editable)

    def focus_widget(self) -> QWidget:
        return self.edit

    def _edited(self, text: str) -> None:
        self._show_fault("")
        self.value_changed.emit(typed_answer(self.field, text))

    def _check(self) -> None:
        text = self.edit.text()
        self._show_fault(unfit_text(self.field, text) if coerce(self.field, text) is UNFIT else "")

    def _show_fault(self, text: str) -> None:
        if self.fault is None:
            return
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        mark(self.edit, "error" if text else "")
