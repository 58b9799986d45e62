"""Numbers typed over a viewport: its window, and how large the screen is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QPointF, QRectF, Qt
from PySide6.QtGui import QDoubleValidator, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from viewr.model.volume import Window
from viewr.widgets import habits
from viewr.widgets import slice_view_paint as paint
from viewr.widgets.slice_view_bars import on_opacity_slider
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.slice_view_texts import scan_notes

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

_LEAST_WIDTH = 1e-6
#: Length of the bar that is measured, logical pixels.
_BAR = 400


def window_text_area(scene: Scene) -> QRectF:
    """Where the window is written: in the lower left, above the zoom."""
    step = paint.line_height(scene.size)
    return QRectF(0, scene.size[1] - paint.MARGIN - 2 * step, scene.size[0] / 2, step)


def tip_at(scene: Scene, place: QPointF) -> str:
    """What a mouse that rests at a place is told; "" in the picture itself."""
    if QRectF(0, 0, scene.size[0] / 2, 70).contains(place):
        return "\n".join(scan_notes(scene.volume))
    if scene.view.fused and on_opacity_slider(place):
        return f"Opacity of {scene.look.fused}: {scene.look.fused_opacity:.0%}. Drag, or Alt and wheel"
    if window_text_area(scene).contains(place):
        return "Double click to type the window"
    return ""


class _NumberWithPoint(QDoubleValidator):
    """Numbers with a decimal point; the comma of other keyboards becomes one as it is typed."""

    def validate(self, text: str, place: int) -> object:
        return super().validate(text.replace(",", "."), place)


class WindowEditor(QFrame):
    """Width and level of a viewport's window, to be typed; Return takes them, Esc leaves them."""

    def __init__(self, viewport: SliceViewport, window: Window) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self.setObjectName("windowEditor")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        self.width_edit = self._number("Width", row, _LEAST_WIDTH)
        self.level_edit = self._number("Level", row)
        self.width_edit.setToolTip("More than 0")
        self.width_edit.setText(f"{window.width:g}")
        self.level_edit.setText(f"{window.level:g}")
        self.adjustSize()
        self.move(4, viewport.height() - self.height() - 4)
        self.show()
        self.width_edit.setFocus()
        self.width_edit.selectAll()

    def _number(self, name: str, row: QHBoxLayout, least: float | None = None) -> QLineEdit:
        row.addWidget(QLabel(name, self))
        edit = QLineEdit(self)
        edit.setAccessibleName(f"{name} of the window")
        validator = _NumberWithPoint(edit)
        validator.setLocale(QLocale.c())
        if least is not None:
            validator.setBottom(least)
        edit.setValidator(validator)
        edit.setMaximumWidth(76)
        edit.returnPressed.connect(self._take)
        row.addWidget(edit)
        return edit

    def _take(self) -> None:
        if self.width_edit.hasAcceptableInput() and self.level_edit.hasAcceptableInput():
            self._viewport.set_window(Window(float(self.width_edit.text()), float(self.level_edit.text())))
            self._leave()

    def _leave(self) -> None:
        self._viewport.setFocus()
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        # No other key may reach the viewport: a letter would take a tool.
        event.accept()


def type_window(viewport: SliceViewport) -> WindowEditor | None:
    """Open the editor over a viewport."""
    return WindowEditor(viewport, viewport.scene.view.window) if viewport.scene is not None else None


class _Bar(QWidget):
    """A bar to hold a ruler against."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(_BAR + 20, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self.palette().windowText().color(), 2))
        painter.drawLine(10, 20, 10 + _BAR, 20)
        for x in (10, 10 + _BAR):
            painter.drawLine(x, 8, x, 32)
        painter.end()


class Calibration(QDialog):
    """Asks how long a bar is, for pictures in true size on this screen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Calibrate this screen")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._screen = parent.screen()
        column = QVBoxLayout(self)
        words = QLabel("Hold a ruler against the screen. How long is the bar, from line to line?", self)
        words.setWordWrap(True)
        column.addWidget(words)
        column.addWidget(_Bar(self))
        form = QFormLayout()
        column.addLayout(form)
        self.length = QDoubleSpinBox(self)
        self.length.setRange(10, 2000)
        self.length.setDecimals(1)
        self.length.setSuffix(" mm")
        self.length.setValue(habits.screen_pixel(parent).mm * _BAR)
        form.addRow("Length", self.length)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def accept(self) -> None:
        """Keep the width of the screen that follows from the bar's length."""
        width = self.length.value() / _BAR * self._screen.geometry().width()
        habits.calibrate(self._screen.name(), width)
        super().accept()


def calibrate_screen(viewport: SliceViewport) -> None:
    """Open the dialog for the screen that a viewport is on."""
    dialog = Calibration(viewport)
    dialog.accepted.connect(viewport.update)
    dialog.open()
