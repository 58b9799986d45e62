"""Buttons with their keys printed on them: verdicts, and tags with their three states."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from viewr.forms.base import harmless_tip
from viewr.model.template_qc import Option, Tag, tag_state
from viewr.widgets.colours import GRADES, text_on

_PAD = 10
HEIGHT = 54
#: Pixels that a verdict may take in width, and lines that its words may take.
MOST_WIDTH = 260
MOST_LINES = 3
_SIGNS = {"present": "present", "absent": "absent", "unknown": "?"}


def option_colour(option: Option) -> QColor:
    """The colour of a verdict: the template's, else that of its meaning."""
    return QColor(*option.colour) if option.colour is not None else GRADES[option.grade]


def wrapped(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """A text on lines of a width, pixels; of what is too long for `MOST_LINES` beginning and end are left."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > MOST_LINES:
        rest = " ".join(lines[MOST_LINES - 1 :])
        lines = [*lines[: MOST_LINES - 1], rest]
    return [metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, width) for line in lines]


class KeyButton(QAbstractButton):
    """A button with a key cap and words."""

    def __init__(self, key: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{text}, key {key.upper()}" if key else text)

    def cap_width(self) -> int:
        """Room of the key cap with the gap behind it."""
        wide = self.fontMetrics().horizontalAdvance(self.key.upper())
        return max(wide, self.fontMetrics().averageCharWidth()) + 10 + 8 if self.key else 0

    def paint_cap(self, painter: QPainter, left: int, middle: int, colour: QColor) -> None:
        """The key as it is printed on the keyboard."""
        if not self.key:
            return
        high = self.fontMetrics().height() + 2
        area = QRectF(left + 0.5, middle - high / 2 + 0.5, self.cap_width() - 9, high - 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1))
        painter.drawRoundedRect(area, 3, 3)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.key.upper())

    def colour(self, role: QPalette.ColorRole) -> QColor:
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        return self.palette().color(group, role)


class VerdictButton(KeyButton):
    """One verdict; filled with its colour once it is given."""

    def __init__(self, option: Option, parent: QWidget | None = None) -> None:
        super().__init__(option.key, option.text, parent)
        self.option = option
        self._most = MOST_WIDTH
        self.setCheckable(True)
        told = option.grade in ("", option.text.lower())
        self.setToolTip(harmless_tip(option.text if told else f"{option.text} means {option.grade} in the archive"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def limit_width(self, pixels: int) -> None:
        """How wide it may become before its words go on lines below each other."""
        self._most = pixels
        self.updateGeometry()

    def nextCheckState(self) -> None:
        """The verdict in the document decides, not the press."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """One verdict: after the first click another scan or case may be in sight."""

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        natural = max(104, metrics.horizontalAdvance(self.text()) + self.cap_width() + 2 * _PAD + 8)
        return QSize(min(natural, max(104, self._most)), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.cap_width() + 64, HEIGHT)

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setBold(True)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, area = option_colour(self.option), QRectF(self.rect()).adjusted(1, 1, -1, -1)
        given = self.isChecked()
        hovered = self.underMouse() and self.isEnabled()
        ground = self.colour(QPalette.ColorRole.Light if hovered else QPalette.ColorRole.Button)
        painter.setBrush(colour if given else ground)
        painter.setPen(QPen(self.colour(QPalette.ColorRole.Highlight) if self.hasFocus() else colour, 2))
        painter.drawRoundedRect(area, 6, 6)
        if not given:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRect(QRectF(area.left() + 5, area.bottom() - 6, area.width() - 10, 3))
        words = text_on(colour) if given else self.colour(QPalette.ColorRole.ButtonText)
        middle = self.height() // 2 - (0 if given else 2)
        self.paint_cap(painter, _PAD, middle, words)
        painter.setPen(words)
        left = _PAD + self.cap_width()
        self._paint_text(painter, QRect(left, 0, self.width() - left - _PAD, 2 * middle))
        painter.end()

    def _paint_text(self, painter: QPainter, room: QRect) -> None:
        """On one line if that has room, else smaller and on several."""
        painter.setFont(self._font())
        lines = [self.text()]
        if painter.fontMetrics().horizontalAdvance(self.text()) > room.width():
            painter.setFont(self.font())
            lines = wrapped(self.text(), painter.fontMetrics(), room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))


class TagChip(KeyButton):
    """One tag; its state is in words, not in colour alone."""

    def __init__(self, tag: Tag, parent: QWidget | None = None) -> None:
        super().__init__(tag.key, tag.label, parent)
        self.tag = tag
        self.state = "unknown"
        self.setToolTip(harmless_tip(f"{tag.label}: each press of the key goes to the next state"))

    def show_value(self, value: object) -> None:
        self.state = tag_state(value)
        self.setAccessibleDescription(self.state)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        signs = max(metrics.horizontalAdvance(sign) for sign in _SIGNS.values())
        words = min(220, metrics.horizontalAdvance(self.text()))
        return QSize(words + signs + self.cap_width() + 2 * _PAD + 4, metrics.height() + 9)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        present = self.state == "present"
        role = QPalette.ColorRole
        ground = GRADES["questionable"] if present else self.colour(role.Light if self.underMouse() else role.Button)
        painter.setBrush(ground)
        painter.setPen(QPen(self.colour(role.Highlight if self.hasFocus() else role.Mid), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        words = text_on(ground) if present else self.colour(role.ButtonText)
        self.paint_cap(painter, 6, self.height() // 2, words)
        quiet = words if present else self.colour(role.PlaceholderText)
        painter.setPen(quiet)
        sign, room = _SIGNS[self.state], self.rect().adjusted(6 + self.cap_width(), 0, -_PAD, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, sign)
        painter.setPen(words)
        room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(sign) - 6)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
