"""Messages between readers, each with its author and time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from viewr.forms.base import Control, Host, LabelPlace, breakable, nested_row, wrapped_label
from viewr.forms.text_box import GrowingText
from viewr.model.template import Field

Message = Mapping[str, Any]


def messages_of(value: Any) -> list[Message]:
    """The messages of an answer; a plain text, as older results have it, is one message without author."""
    if isinstance(value, str):
        return [{"author": "", "time": "", "text": value}] if value else []
    held = value if isinstance(value, (list, tuple)) else []
    return [item if isinstance(item, Mapping) else {"author": "", "time": "", "text": str(item)} for item in held]


def _text_of(message: Message) -> str:
    """What a message says; one of another program that has no text is shown as it is."""
    if message.get("text"):
        return str(message["text"])
    rest = {key: value for key, value in message.items() if key not in ("author", "time", "text")}
    return json.dumps(rest, ensure_ascii=False, default=str) if rest else ""


class ConversationWidget(Control):
    """A list of messages, with a place to write the next."""

    label_place: ClassVar[LabelPlace] = "above"

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._value: Any = None
        self._box = QVBoxLayout()
        self._box.setSpacing(6)
        self.column.addLayout(self._box)
        self.draft = GrowingText(self, fewest=2)
        self.draft.setPlaceholderText("Write a message")
        self.adopt(self.draft)
        line = nested_row(self.column)
        line.addStretch(1)
        self.button = QPushButton("Add message", self)
        self.button.setProperty("role", "small")
        self.button.setToolTip("A message that is not added yet is added when you save, leave or submit")
        self.button.clicked.connect(self.send)
        line.addWidget(self.button)
        self.draft.textChanged.connect(self._show_button)
        self._show_button()

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        while (item := self._box.takeAt(0)) is not None:
            held = item.widget()
            if held is not None:
                held.hide()
                held.deleteLater()
        for message in messages_of(value):
            self._box.addWidget(self._bubble(message))

    def set_editable(self, editable: bool) -> None:
        allowed = editable and bool(self.field.extra.get("editable", True))
        self.draft.setVisible(allowed)
        self.button.setVisible(allowed)

    def focus_widget(self) -> QWidget:
        return self.draft

    def send(self) -> None:
        """Add what was written to the conversation."""
        text = self.draft.toPlainText().strip()
        if not text:
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._value = [*messages_of(self._value), {"author": self.host.user, "time": now, "text": text}]
        self.draft.setPlainText("")
        self.value_changed.emit(self._value)
        self.set_value(self._value)

    def finish(self) -> None:
        if not self.draft.isHidden():
            self.send()

    def _bubble(self, message: Message) -> QFrame:
        bubble = QFrame(self)
        bubble.setProperty("role", "message")
        column = QVBoxLayout(bubble)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(2)
        time = str(message.get("time") or "").replace("T", " ")[:16]
        head = " · ".join(part for part in (str(message.get("author") or "unknown author"), time) if part)
        column.addWidget(wrapped_label(head, bubble, role="note"))
        column.addWidget(wrapped_label(breakable(_text_of(message)), bubble))
        return bubble

    def _show_button(self) -> None:
        self.button.setEnabled(bool(self.draft.toPlainText().strip()))
