"""Several lines of text, in a box that grows with them."""

from __future__ import annotations

from math import ceil
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QSignalBlocker
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from viewr.forms.base import Control, Host, LabelPlace
from viewr.forms.line_edit import line_text
from viewr.forms.text_keys import TextKeys
from viewr.model.template import Field
from viewr.model.template_values import UNFIT, coerce, typed_answer

#: Lines shown at least and at most; longer text scrolls.
FEWEST_LINES = 3
MOST_LINES = 14


class GrowingText(QPlainTextEdit):
    """A plain text field as high as its text."""

    def __init__(self, parent: QWidget | None = None, fewest: int = FEWEST_LINES) -> None:
        super().__init__(parent)
        self._fewest = fewest
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        self.fit()

    def show_text(self, text: str) -> None:
        """Show a text without telling; the same text again leaves the cursor where it is."""
        if text != self.toPlainText():
            blocker = QSignalBlocker(self)
            self.setPlainText(text)
            blocker.unblock()

    def fit(self) -> None:
        """Take the height that the text needs."""
        lines = min(max(ceil(self.document().size().height()), self._fewest), MOST_LINES)
        around = 2 * self.frameWidth() + 2 * round(self.document().documentMargin())
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + around + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()


class TextBox(Control):
    """Text as it was typed, "" where there is none; a number or truth value if the field is of such a type."""

    label_place: ClassVar[LabelPlace] = "above"
    merges: ClassVar[bool] = True

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self.edit = GrowingText(self)
        TextKeys(host.document, self.edit)
        self.adopt(self.edit)
        self.edit.textChanged.connect(self._edited)

    def value(self) -> Any:
        value = coerce(self.field, self.edit.toPlainText())
        return None if value is UNFIT else value

    def set_value(self, value: Any) -> None:
        if not (self.edit.toPlainText().strip() and typed_answer(self.field, self.edit.toPlainText()) == value):
            self.edit.show_text(line_text(value))

    def set_editable(self, editable: bool) -> None:
        self.edit.setReadOnly(not (editable and self.field.extra.get("editable", True)))

    def focus_widget(self) -> QWidget:
        return self.edit

    def _edited(self) -> None:
        # Qt also says "changed" when only the look did
        answer = typed_answer(self.field, self.edit.toPlainText())
        if answer != ("" if self.shown is None and isinstance(answer, str) else self.shown):
            self.value_changed.emit(answer)
