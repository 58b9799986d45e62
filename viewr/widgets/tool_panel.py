"""The tools of a context: what is in the hand, which label, how large a brush."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from viewr.model.template import Context
from viewr.workspace.document import Document


class ToolPanel(QWidget):
    """Tool buttons, labels with their colours, brush size."""

    def __init__(self, document: Document, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.context = document, context
