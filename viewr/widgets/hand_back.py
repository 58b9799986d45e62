"""Handing a task back with a note: inline, so that the images stay in sight while the reason is written."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from viewr.forms.base import nested_row
from viewr.widgets.room import hide_with_escape


class HandBack(QWidget):
    """A strip above the work; hidden until asked for."""

    #: note, whether nobody can do the task
    confirmed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self.setProperty("kind", "warning")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addWidget(QLabel("Why can this task not be done? The note goes to the archive with the task.", self))
        row = nested_row(layout)
        self.note = QLineEdit(self)
        self.note.setPlaceholderText("For example: the FLAIR is of another patient position")
        self.note.setMaxLength(2000)
        self.note.textChanged.connect(self._on_note)
        self.abort = QCheckBox("Nobody can do it", self)
        self.abort.setToolTip("Sets the task to 'aborted': it leaves all lists. Otherwise it stays for other readers.")
        self.button = QPushButton("Hand back", self)
        self.button.clicked.connect(self._confirm)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.clicked.connect(self.hide)
        row.addWidget(self.note, 1)
        for widget in (self.abort, self.button, self.cancel_button):
            row.addWidget(widget)
        hide_with_escape(self)
        self._on_note("")
        self.hide()

    def ask(self) -> None:
        self.show()
        self.note.setFocus()

    def _on_note(self, text: str) -> None:
        self.button.setEnabled(bool(text.strip()))

    def _confirm(self) -> None:
        self.hide()
        self.confirmed.emit(self.note.text().strip(), self.abort.isChecked())
