"""Undo and redo keys in text fields go to the document, so that there is one history and not one per field."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from viewr.workspace.document import Document


class TextKeys(QObject):
    """Takes the undo and redo keys of a text field before the field does."""

    def __init__(self, document: Document, field: QWidget) -> None:
        super().__init__(field)
        self._document = document
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Undo):
                self._document.undo()
                return True
            if event.matches(QKeySequence.StandardKey.Redo):
                self._document.redo()
                return True
        return super().eventFilter(watched, event)


def mark(widget: QWidget, state: str) -> None:
    """Give a widget a state that the style sheet knows ("error", "warning" or "")."""
    if widget.property("state") != state:
        widget.setProperty("state", state)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
