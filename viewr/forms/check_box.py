"""A yes-or-no answer, with the alert that the template asks for beside it."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from viewr.forms.base import Control, Host, LabelPlace, nested_row, wrapped_label
from viewr.forms.choice_row import CheckRow
from viewr.model.template import THREE_STATES, Field

State = Qt.CheckState
_ANSWERS = {State.Unchecked: False, State.PartiallyChecked: None, State.Checked: True}


class CheckBox(Control):
    """Checked, or not; an answer that was never given shows as not checked, a tag nobody looked for as half checked."""

    label_place: ClassVar[LabelPlace] = "own"

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        text = self.title + (" *" if self.required else "")
        self.row = CheckRow(text, str(field.extra.get("key") or ""), self)
        self.column.addWidget(self.row)
        self.box = self.row.button
        self.box.setTristate(THREE_STATES in field.extra)
        self.box.setAccessibleName(self.title)
        self.box.setAccessibleDescription(field.documentation)
        self.box.clicked.connect(self._clicked)
        self.alert = wrapped_label("", self, role="alert")
        indent = nested_row(self.column)
        indent.setContentsMargins(22, 0, 0, 0)
        indent.addWidget(self.alert)
        self.alert.hide()

    def value(self) -> bool | None:
        return _ANSWERS[self.box.checkState()]

    def set_value(self, value: Any) -> None:
        unknown = value is None and self.box.isTristate()
        self.box.setCheckState(State.PartiallyChecked if unknown else State.Checked if value else State.Unchecked)
        self._show_alert(value)

    def set_editable(self, editable: bool) -> None:
        self.row.setEnabled(editable)

    def focus_widget(self) -> QWidget:
        return self.box

    def press_key(self, key: str) -> bool:
        if key != self.field.extra.get("key") or not self.box.isEnabled():
            return False
        self.box.click()
        return True

    def _clicked(self, _checked: bool) -> None:
        self._show_alert(self.value())
        self.value_changed.emit(self.value())

    def _show_alert(self, value: Any) -> None:
        wish = None if value is None else self.field.extra.get("alert_on_checked" if value else "alert_on_unchecked")
        state = "is checked" if value else "is not checked"
        self.alert.setText(wish if isinstance(wish, str) else f"Please note: “{self.title}” {state}.")
        self.alert.setVisible(bool(wish))
