"""Values that came with the task, shown but not changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtWidgets import QFormLayout, QPlainTextEdit, QWidget

from viewr.forms.base import Control, Host, LabelPlace, breakable, wrapped_label
from viewr.forms.options import option_text
from viewr.model.template import Field


class JSONDisplay(Control):
    """The JSON as it came."""

    label_place: ClassVar[LabelPlace] = "above"

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._value: Any = None
        content = field.extra.get("content")
        self._content: dict[str, Mapping[str, Any]] = {
            str(key): spec if isinstance(spec, Mapping) else {}
            for key, spec in (content.items() if isinstance(content, Mapping) else ())
        }
        self._lines = QFormLayout()
        self.column.addLayout(self._lines)
        self._lines.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._texts = {key: wrapped_label("", self, role="value") for key in self._content}
        for key, spec in self._content.items():
            self._lines.addRow(wrapped_label(str(spec.get("label") or key), self, role="field"), self._texts[key])
        self.raw = QPlainTextEdit(self)
        self.raw.setReadOnly(True)
        self.raw.setTabChangesFocus(True)
        rows = field.extra.get("textrows")
        lines = rows if isinstance(rows, int) and rows > 0 else 3
        self.raw.setFixedHeight(lines * self.raw.fontMetrics().lineSpacing() + 14)
        self.adopt(self.raw)
        self.raw.setVisible(not self._content)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        held = value if isinstance(value, Mapping) else {}
        for key, text in self._texts.items():
            shown = held.get(key)
            if self._content[key].get("type") == "boolean" and shown is not None:
                shown = bool(shown)
            plain = json.dumps(shown, ensure_ascii=False) if isinstance(shown, (dict, list)) else option_text(shown)
            text.setText(breakable(plain) or "–")
        self.raw.setPlainText("" if value is None else json.dumps(value, indent=1, ensure_ascii=False, default=str))
        # a value that the template does not describe is shown whole
        self.raw.setVisible(not self._content or not isinstance(value, (Mapping, type(None))))

    def set_editable(self, editable: bool) -> None:
        """Nothing: nobody edits it."""

    def focus_widget(self) -> QWidget:
        return self.raw
