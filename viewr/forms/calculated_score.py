"""A value that a formula of the template gives.

It is derived whenever it is needed, here and when the result is written, and stored nowhere in between: so it can
never disagree with the answers it comes from, and undo needs no step for it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QWidget

from viewr.forms.base import Control, Host, breakable, plain_tip, wrapped_label
from viewr.forms.number_edit import number_text
from viewr.forms.options import option_text
from viewr.model.scope import Results
from viewr.model.template import Field


def score_text(field: Field, value: Any) -> str:
    """The result of a formula with its unit; "" if there is none."""
    if value is None:
        return ""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    shown = number_text(round(value, 4) if isinstance(value, float) else value) if number else option_text(value)
    return f"{shown} {field.extra.get('unit') or ''}".strip()


class CalculatedScore(Control):
    """The result of the formula; None while it cannot be computed, and why."""

    answers: ClassVar[bool] = False

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._value: Any = None
        self.text = wrapped_label("–", self, role="value")
        self.adopt(self.text)
        self.fault = wrapped_label("", self, role="note")
        self.fault.hide()
        self.column.addWidget(self.fault)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        self.text.setText(breakable(score_text(self.field, value)) or "–")
        self.text.setAccessibleName(f"{self.title}: {self.text.text()}")

    def set_editable(self, editable: bool) -> None:
        """Nothing: nobody edits it."""

    def follow_outcome(self, outcome: Results) -> None:
        value = outcome.scores.get(self.path)
        if value != self._value or type(value) is not type(self._value):
            self.set_value(value)
        fault = next((problem.message for problem in outcome.problems if problem.path == self.path), "")
        # the formula itself means nothing to the reader; who wrote it finds it in the tooltip
        self.fault.setToolTip(plain_tip(fault))
        self.fault.setText("Cannot be computed from these answers." if fault and value is None else "")
        self.fault.setVisible(bool(self.fault.text()))
