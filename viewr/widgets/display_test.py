"""A test picture for the display (after AAPM TG18-QC): grey steps, low contrast, lines, and what to look for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

#: Grey steps, and by how much the small squares in each differ from it.
STEPS = 18
CONTRAST = 4

NOTES = (
    "All steps from black to white can be told apart, and the small square in each step is seen.",
    "The 5 % square is seen on black, the 95 % square on white.",
    "The ramp is smooth: no bands, no colour. The lines are sharp to the corners; no pixel is dead.",
    "A monitor for reading is calibrated to the greyscale standard display function (DICOM PS3.14), at least 250 cd/m² "
    "(mammography 420), in dim light. Grey levels are sent as they are: calibrate the monitor, not the picture.",
    "Click or Esc closes.",
)


class DisplayTest(QWidget):
    """Fills the screen it is opened on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Display test – ViewR")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter, self.width(), self.height())
        finally:
            painter.end()

    def _paint(self, painter: QPainter, width: int, height: int) -> None:
        painter.fillRect(0, 0, width, height, QColor(128, 128, 128))
        margin = height * 0.04
        self._paint_steps(painter, QRectF(margin, margin, width - 2 * margin, height * 0.26))
        self._paint_ends(painter, QRectF(margin, height * 0.34, width * 0.3, height * 0.22))
        self._paint_ramp(painter, QRectF(width * 0.36, height * 0.34, width * 0.28, height * 0.22))
        self._paint_lines(painter, QRectF(width * 0.68, height * 0.34, width * 0.32 - margin, height * 0.22))
        self._paint_notes(painter, QRectF(margin, height * 0.62, width - 2 * margin, height * 0.34))
        painter.setPen(QPen(QColor(255, 255, 255), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))

    def _paint_steps(self, painter: QPainter, area: QRectF) -> None:
        wide = area.width() / STEPS
        for step in range(STEPS):
            level = round(255 * step / (STEPS - 1))
            square = QRectF(area.left() + step * wide, area.top(), wide, area.height())
            painter.fillRect(square, QColor(level, level, level))
            inner = level + (CONTRAST if level < 128 else -CONTRAST)
            side = min(square.width(), square.height()) * 0.34
            small = QRectF(0, 0, side, side)
            small.moveCenter(square.center())
            painter.fillRect(small, QColor(inner, inner, inner))

    def _paint_ends(self, painter: QPainter, area: QRectF) -> None:
        half = area.width() / 2
        for number, (back, front) in enumerate(((0, 13), (255, 242))):
            square = QRectF(area.left() + number * half, area.top(), half, area.height())
            painter.fillRect(square, QColor(back, back, back))
            inset = square.adjusted(half * 0.3, area.height() * 0.3, -half * 0.3, -area.height() * 0.3)
            painter.fillRect(inset, QColor(front, front, front))

    def _paint_ramp(self, painter: QPainter, area: QRectF) -> None:
        ramp = QLinearGradient(area.topLeft(), area.topRight())
        ramp.setColorAt(0, QColor(0, 0, 0))
        ramp.setColorAt(1, QColor(255, 255, 255))
        painter.fillRect(area, ramp)

    def _paint_lines(self, painter: QPainter, area: QRectF) -> None:
        """Lines of one device pixel, upright and level, in halves."""
        scale = self.devicePixelRatioF()
        width, height = max(2, int(area.width() * scale)), max(2, int(area.height() * scale))
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor(0, 0, 0))
        brush = QPainter(image)
        brush.setPen(QPen(QColor(255, 255, 255), 1))
        for x in range(0, width // 2, 2):
            brush.drawLine(x, 0, x, height)
        for y in range(0, height, 2):
            brush.drawLine(width // 2, y, width, y)
        brush.end()
        image.setDevicePixelRatio(scale)
        painter.drawImage(area.topLeft(), image)

    def _paint_notes(self, painter: QPainter, area: QRectF) -> None:
        font = self.font()
        font.setPixelSize(max(12, round(self.height() / 54)))
        painter.setFont(font)
        painter.setPen(QColor(0, 0, 0))
        flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignTop)
        painter.drawText(area, flags, "\n".join(f"•  {note}" for note in NOTES))

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()


def open_display_test(near: QWidget) -> DisplayTest:
    """Show the test on the screen of a widget."""
    # with a parent: else it would go as soon as nobody in Python holds it
    test = DisplayTest(near.window())
    test.setGeometry(near.screen().geometry())
    test.showFullScreen()
    return test
