"""The head of a scan's contact sheet: its name, what the archive calls it, and its verdict."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from viewr.widgets.colours import text_on

#: Width of the bar that has the colour of the verdict.
BAR = 6
_PAD = 8


class SheetHeader(QAbstractButton):
    """A press makes the scan the one that the verdict keys are for."""

    def __init__(self, scan: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scan = scan
        self._description = ""
        self._verdict = ""
        self._colour: QColor | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._tell()

    def describe(self, description: str) -> None:
        """What the archive calls the scan; "" as long as it is not there."""
        self._description = description if description != self.scan else ""
        self._tell()

    def show_verdict(self, text: str, colour: QColor | None) -> None:
        """Show a verdict in its colour; "" for none."""
        self._verdict, self._colour = text, colour
        self._tell()

    @property
    def verdict(self) -> str:
        """The words of the verdict."""
        return self._verdict

    def _tell(self) -> None:
        words = [self.scan, self._description, f"verdict {self._verdict}" if self._verdict else "no verdict yet"]
        self.setAccessibleName(", ".join(word for word in words if word))
        self.setToolTip("\n".join(word for word in words if word))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, self.fontMetrics().height() + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette, area = self.palette(), self.rect()
        accent = palette.color(QPalette.ColorRole.Highlight)
        painter.fillRect(area, palette.color(QPalette.ColorRole.Button))
        if self.isChecked():
            painter.fillRect(QRect(0, area.height() - 3, area.width(), 3), accent)
        left = area.adjusted(0, 0, 0, 0)
        left.setWidth(BAR)
        painter.fillRect(left, self._colour or palette.color(QPalette.ColorRole.Mid))
        self._paint_words(painter, area.adjusted(BAR + _PAD, 0, -_PAD, -2))
        painter.end()

    def _paint_words(self, painter: QPainter, area: QRect) -> None:
        middle, plain = Qt.AlignmentFlag.AlignVCenter, self.font()
        bold = QFont(plain)
        bold.setBold(True)
        painter.setFont(bold)
        wide = self._paint_verdict(painter, area)
        room = max(24, area.width() - wide - _PAD)
        name = painter.fontMetrics().elidedText(self.scan, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.drawText(area, middle, name)
        used = painter.fontMetrics().horizontalAdvance(name) + _PAD
        painter.setFont(plain)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        text = painter.fontMetrics().elidedText(self._description, Qt.TextElideMode.ElideRight, max(0, room - used))
        painter.drawText(area.adjusted(used, 0, 0, 0), middle, text)

    def _paint_verdict(self, painter: QPainter, area: QRect) -> int:
        """The verdict on its colour, at the right end; gives its width."""
        if not self._verdict:
            return 0
        colour = self._colour or self.palette().color(QPalette.ColorRole.Mid)
        text = painter.fontMetrics().elidedText(self._verdict, Qt.TextElideMode.ElideRight, area.width() // 2)
        metrics = painter.fontMetrics()
        plate = QRect(0, 0, metrics.horizontalAdvance(text) + 2 * _PAD, metrics.height() + 4)
        plate.moveCenter(area.center())
        plate.moveRight(area.right())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(text_on(colour))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        return plate.width()
