"""Looking for a text in an editor: a line below it, hidden until it is asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from viewr.forms.text_keys import mark
from viewr.widgets.yaml_editor import YamlEditor


class FindStrip(QWidget):
    """Ctrl+F shows it, Enter goes to the next place, Shift+Enter to the one before, Esc back to the text."""

    def __init__(self, editor: YamlEditor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 8, 3)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Find in the template")
        self.line.setAccessibleName("Find in the template")
        self.line.textEdited.connect(self._look_again)
        self.none = QLabel("", self)
        self.none.setObjectName("quiet")
        self.before = QPushButton("↑", self)
        self.before.setToolTip("The place before (Shift+Enter)")
        self.before.setAccessibleName("The place before")
        self.before.clicked.connect(self._go_back)
        self.next = QPushButton("↓", self)
        self.next.setToolTip("The next place (Enter)")
        self.next.setAccessibleName("The next place")
        self.next.clicked.connect(self._go_on)
        row.addWidget(self.line, 1)
        for part in (self.none, self.before, self.next):
            row.addWidget(part)
        self._key = QShortcut(QKeySequence("Ctrl+F"), editor, self.ask)
        self.hide()

    def ask(self) -> None:
        """Show the line, with what is selected in the text."""
        chosen = self._editor.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.line.setText(chosen)
        self.show()
        self.line.setFocus()
        self.line.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._editor.setFocus()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._find(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _look_again(self, _text: str) -> None:
        """What is typed is looked for from the beginning of the place that was found."""
        cursor = self._editor.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self._editor.setTextCursor(cursor)
        self._find(back=False)

    def _go_on(self) -> None:
        self._find(back=False)

    def _go_back(self) -> None:
        self._find(back=True)

    def _find(self, *, back: bool) -> None:
        text = self.line.text()
        found = self._editor.find_next(text, back=back)
        self.none.setText("" if found or not text else "Not there")
        mark(self.line, "" if found or not text else "error")
