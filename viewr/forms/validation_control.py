"""A condition on the answers that must hold before the task can be done."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from viewr.forms.base import Control, Host, LabelPlace, nested_row, wrapped_label
from viewr.forms.text_keys import mark
from viewr.model.scope import Results
from viewr.model.template import Field


class ValidationControl(Control):
    """True while the condition holds; None if it cannot be evaluated, which blocks nothing."""

    label_place: ClassVar[LabelPlace] = "own"
    answers: ClassVar[bool] = False

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._value: bool | None = None
        row = nested_row(self.column)
        row.setSpacing(8)
        self.sign = QLabel(self)
        self.sign.setProperty("role", "sign")
        self.sign.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        self.text = wrapped_label(self.title, self)
        row.addWidget(self.text, 1)
        # the jump from the list of what is missing ends here
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_value(None)

    def value(self) -> bool | None:
        return self._value

    def set_value(self, value: object) -> None:
        self._value = None if value is None else bool(value)
        signs = {True: ("✓", "ok", "holds"), False: ("✗", "error", "does not hold yet"),
                 None: ("?", "", "cannot be evaluated; it blocks nothing")}  # fmt: skip
        sign, state, words = signs[self._value]
        self.sign.setText(sign)
        mark(self.sign, state)
        self.setAccessibleName(f"{self.title}: {words}")
        self.text.setToolTip(f"This condition {words}.")

    def set_editable(self, editable: bool) -> None:
        """Nothing: nobody edits it."""

    def follow_outcome(self, outcome: Results) -> None:
        value = outcome.conditions.get(self.path)
        if value is not self._value:
            self.set_value(value)
