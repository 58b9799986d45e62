"""A number, typed with a decimal point or comma, with its unit and limits."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from viewr.forms.base import Control, Host, nested_row, wrapped_label
from viewr.forms.options import option_text
from viewr.forms.text_keys import TextKeys, mark
from viewr.model.template import Field


def parse_number(text: str, whole: bool = False) -> int | float | None:
    """The number that a text says; None if it says none.

    Raises
    ------
    ValueError
        If the text is neither empty nor a finite number, or not a whole one where it must be.
    """
    text = text.strip().replace("\u2212", "-").replace("\u00a0", "")
    if not text:
        return None
    # a single comma is a decimal comma, whatever the locale
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not set(text) <= set("0123456789+-.eE"):
        raise ValueError(f"{text} is not a number")
    number = float(text)
    if not math.isfinite(number) or (whole and number != int(number)):
        raise ValueError(f"{text} is not a {'whole' if whole else 'finite'} number")
    digits = text.lstrip("+-").isdigit()
    return int(text) if digits else int(number) if whole else number


def number_text(value: Any) -> str:
    """A number as the reader sees it, always with a decimal point."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(int(value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _limit(field: Field, name: str) -> float | None:
    value = field.extra.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def range_text(field: Field) -> str:
    """The sentence about the limits of a number; "" if there are none."""
    low, high, unit = _limit(field, "min"), _limit(field, "max"), str(field.extra.get("unit") or "")
    unit = f" {unit}" if unit else ""
    if low is not None and high is not None:
        return f"Between {number_text(low)} and {number_text(high)}{unit}."
    if low is not None:
        return f"{number_text(low)}{unit} or more."
    return f"{number_text(high)}{unit} or less." if high is not None else ""


def in_range(field: Field, value: Any) -> bool:
    """Whether a number keeps the limits of its field; no number keeps all."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    low, high = _limit(field, "min"), _limit(field, "max")
    return (low is None or value >= low) and (high is None or value <= high)


def unfit_text(field: Field, value: Any) -> str:
    """The sentence about an answer that the field cannot hold."""
    shown = option_text(value) if not isinstance(value, (dict, list, tuple)) else "a list"
    if field.options:
        return f"“{shown}” is no longer an option. Choose another one."
    kinds = {"Integer": "a whole number", "Boolean": "true or false"}
    kind = kinds.get(field.type, "a number" if field.control == "NumberEdit" or field.type == "Float" else "an answer")
    return f"“{shown}” is not {kind}. Correct it, or leave it empty."


class _NumberLine(QLineEdit):
    """A line whose up and down keys go through numbers."""

    def __init__(self, control: NumberEdit) -> None:
        super().__init__(control)
        self._control = control

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        step = steps.get(Qt.Key(event.key()), 0)
        if step and not self.isReadOnly():
            self._control.step_by(step)
        else:
            super().keyPressEvent(event)


class NumberEdit(Control):
    """A number; None while the line is empty or says none.

    What was typed and is no number stays the answer until it is corrected: the task cannot be done before that.
    """

    merges: ClassVar[bool] = True

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self.edit = _NumberLine(self)
        self.edit.setMinimumWidth(60)
        self.edit.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.edit.setAccessibleName(self.title)
        self.edit.setAccessibleDescription(f"{field.documentation} {range_text(field)}".strip())
        TextKeys(host.document, self.edit)
        row = nested_row(self.column)
        row.setSpacing(6)
        row.addWidget(self.edit, 1)
        self._add_unit(row)
        self.fault = wrapped_label("", self, role="error")
        self.fault.hide()
        self.column.addWidget(self.fault)
        self.edit.textEdited.connect(self._edited)
        self.edit.editingFinished.connect(self._check)

    def _add_unit(self, row: QHBoxLayout) -> None:
        unit = str(self.field.extra.get("unit") or "")
        if unit:
            label = QLabel(unit, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", "unit")
            label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            row.addWidget(label)

    @property
    def _whole(self) -> bool:
        return self.field.type == "Integer"

    def value(self) -> int | float | None:
        try:
            return parse_number(self.edit.text(), self._whole)
        except ValueError:
            return None

    def answer(self) -> Any:
        """The number, else what was typed, else None."""
        return self.value() if self._is_number() else self.edit.text()

    def set_value(self, value: Any) -> None:
        # "1." and "1,0" are typed on the way to 1.05: leave what says the same number
        if not (self.edit.text().strip() and self.answer() == value):
            self.edit.setText(number_text(value))
        self._check()

    def set_editable(self, editable: bool) -> None:
        self.edit.setReadOnly(not editable)

    def focus_widget(self) -> QWidget:
        return self.edit

    def step_by(self, steps: int) -> None:
        """Go up or down by the step of the template (1 if it names none), within the limits."""
        step = _limit(self.field, "step") or 1.0
        low, high = _limit(self.field, "min"), _limit(self.field, "max")
        held = self.value()
        number = (low if low is not None else 0.0) if held is None else round(held + steps * step, 10)
        number = max(number, low) if low is not None else number
        number = min(number, high) if high is not None else number
        text = number_text(float(number))
        self.edit.setText(text)
        self._check()
        self.value_changed.emit(self.value())

    def _edited(self, _text: str) -> None:
        self._show_fault("")
        self.value_changed.emit(self.answer())

    def _is_number(self) -> bool:
        try:
            parse_number(self.edit.text(), self._whole)
        except ValueError:
            return False
        return True

    def _check(self) -> None:
        if not self._is_number():
            self._show_fault(unfit_text(self.field, self.edit.text()))
            return
        self._show_fault("" if in_range(self.field, self.value()) else range_text(self.field))

    def _show_fault(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        mark(self.edit, "error" if text else "")
