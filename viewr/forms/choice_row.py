"""A check box or radio button whose text wraps, with its answer key printed beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QHBoxLayout, QLabel, QRadioButton, QSizePolicy, QWidget

from viewr.forms.base import breakable, make_room
from viewr.forms.options import Colour, dot
from viewr.forms.text_keys import mark


class _ClickableText(QLabel):
    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # accepted, or the release would go to whoever took the press
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        event.accept()


class ChoiceRow(QWidget):
    """A button with its text beside it.

    Qt's own buttons do not wrap their text, so that long answers would be cut off in a narrow form.
    """

    def __init__(
        self,
        button: QAbstractButton,
        text: str,
        key: str = "",
        parent: QWidget | None = None,
        colour: Colour | None = None,
    ) -> None:
        super().__init__(parent)
        self.text = text
        self._button = button
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 3, 4, 3)
        row.setSpacing(7)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        if colour:
            row.addWidget(_swatch(colour, self), 0, Qt.AlignmentFlag.AlignTop)
        self.words = _ClickableText(breakable(text), self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        make_room(self.words)
        self.words.setBuddy(button)
        self.words.clicked.connect(button.click)
        row.addWidget(self.words, 1)
        if key:
            row.addWidget(key_cap(key, self), 0, Qt.AlignmentFlag.AlignTop)
        button.setAccessibleName(text)
        button.installEventFilter(self)
        self.setProperty("role", "choice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # the button has no text of its own around which the style could draw its focus
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            mark(self, "focus" if event.type() == QEvent.Type.FocusIn else "")
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """As wide as the whole text on one line."""
        hint = super().sizeHint()
        words = self.words.fontMetrics().horizontalAdvance(self.words.text()) + 2
        return QSize(hint.width() - self.words.sizeHint().width() + words, hint.height())


class CheckRow(ChoiceRow):
    """A check box with its text."""

    def __init__(self, text: str, key: str = "", parent: QWidget | None = None) -> None:
        self.button = QCheckBox()
        super().__init__(self.button, text, key, parent)


class RadioRow(ChoiceRow):
    """A radio button with its text."""

    def __init__(
        self, text: str, key: str = "", parent: QWidget | None = None, colour: Colour | None = None
    ) -> None:
        self.button = QRadioButton()
        super().__init__(self.button, text, key, parent, colour)


def _swatch(colour: Colour, parent: QWidget) -> QLabel:
    """The colour of an option beside its text."""
    label = QLabel(parent)
    picture = dot(colour)
    picture.setDevicePixelRatio(2)
    label.setPixmap(picture)
    return label


def key_cap(key: str, parent: QWidget) -> QLabel:
    """The key that gives an answer, drawn as a key."""
    cap = QLabel(key.upper() if len(key) == 1 else key, parent)
    cap.setTextFormat(Qt.TextFormat.PlainText)
    cap.setProperty("role", "key")
    cap.setAccessibleName(f"key {key}")
    return cap
