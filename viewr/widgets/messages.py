"""Messages inside the window: one sentence, what to do, and never a dialog in the middle of the work."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStyle, QToolButton, QVBoxLayout, QWidget

from viewr.model.errors import ViewrError

#: Older messages give way; the log keeps them all.
MOST = 4
#: More notes than these are one line, until the reader wants to see them all.
MOST_NOTES = 2


def error_text(error: BaseException) -> tuple[str, str]:
    """Sentence and hint of an error, in words for a reader also where it is a defect."""
    if isinstance(error, ViewrError):
        return error.message, error.hint
    return "Something went wrong inside the program.", "Your work is kept. The log file tells more; please report it."


class MessageBar(QWidget):
    """A stack of messages; each stays until it is dismissed, repeated or replaced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, QWidget] = {}
        self._unfolded = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What stands there, oldest first."""
        return list(self._rows)

    def tell(self, text: str, hint: str = "", *, kind: str = "info") -> None:
        """Show a sentence.

        Parameters
        ----------
        kind : str
            "info", "warning" or "error"; gives colour and sign.
        """
        self.dismiss(text)
        for old in list(self._rows)[: max(0, len(self._rows) + 1 - MOST)]:
            self.dismiss(old)
        row = self._row(text, hint, kind)
        self._rows[text] = row
        layout = self.layout()
        assert layout is not None
        layout.addWidget(row)
        self._fold()

    def tell_error(self, error: BaseException) -> None:
        self.tell(*error_text(error), kind="error")

    def dismiss(self, text: str) -> None:
        row = self._rows.pop(text, None)
        if row is not None:
            row.hide()
            row.deleteLater()
        self._fold()

    def _fold(self) -> None:
        """Of many notes show the newest alone: they must not take the room of the pictures."""
        self._unfolded &= bool(self._rows)
        notes = [row for row in self._rows.values() if row.property("kind") == "info"]
        folded = notes[:-1] if len(notes) > MOST_NOTES and not self._unfolded else []
        for row in self._rows.values():
            row.setVisible(row not in folded)
            more = row.findChild(QToolButton, "more")
            if more is not None:
                more.setText(f"and {len(folded)} more …")
                more.setVisible(bool(folded) and row is notes[-1])
        self.setVisible(bool(self._rows))

    def _unfold(self) -> None:
        self._unfolded = True
        self._fold()

    def clear(self) -> None:
        for text in list(self._rows):
            self.dismiss(text)

    def _row(self, text: str, hint: str, kind: str) -> QWidget:
        row = QWidget(self)
        row.setObjectName("message")
        row.setProperty("kind", kind)
        row.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(10, 5, 6, 5)
        signs = {"error": QStyle.StandardPixmap.SP_MessageBoxCritical,
                 "warning": QStyle.StandardPixmap.SP_MessageBoxWarning}  # fmt: skip
        sign = QLabel(row)
        icon = self.style().standardIcon(signs.get(kind, QStyle.StandardPixmap.SP_MessageBoxInformation))
        sign.setPixmap(icon.pixmap(16, 16))
        layout.addWidget(sign)
        label = QLabel(f"{text} {hint}".strip(), row)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(label, 1)
        close = QToolButton(row)
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName("Dismiss")
        close.setToolTip("Dismiss")
        close.clicked.connect(partial(self.dismiss, text))
        more = QToolButton(row)
        more.setObjectName("more")
        more.setToolTip("Show all notes")
        more.hide()
        more.clicked.connect(self._unfold)
        layout.addWidget(more)
        layout.addWidget(close)
        return row
