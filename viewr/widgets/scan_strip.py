"""The scans of a context as small pictures above its viewports, to be dragged into one."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QToolButton, QWidget

from viewr.forms.base import harmless_tip
from viewr.imaging.window import default_lut
from viewr.model.state import Change, Look
from viewr.model.volume import Volume
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.hanging import hung_stack
from viewr.render.stack import build_stack
from viewr.widgets import colours
from viewr.widgets.scan_carry import ScanCarry
from viewr.widgets.slice_view_paint import text_font
from viewr.widgets.slice_view_scene import fitting_zoom
from viewr.widgets.slice_view_window import default_window
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.layouts import shown_keys, swap_scan

#: Logical pixels of a picture in the strip.
PICTURE = QSize(92, 62)
_NAME = 18


def thumbnail(volume: Volume, scale: float) -> QPixmap:
    """The middle slice as it was acquired, hung as in the viewports, in the scan's own window."""
    stack = hung_stack(volume, build_stack(volume, volume.grid.plane))
    size = (round(PICTURE.width() * scale), round(PICTURE.height() * scale))
    view = SliceView(volume, stack.plane(stack.count // 2), size, fitting_zoom(stack, size), default_window(volume),
                     lut=default_lut(volume), interpolation="linear")  # fmt: skip
    pixmap = QPixmap.fromImage(CpuRenderer().picture(view))
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class ScanTile(QWidget):
    """One scan: pressed and moved it is carried, double-clicked it goes into the active viewport."""

    def __init__(self, document: Document, scan: ScanKey, parent: QWidget) -> None:
        super().__init__(parent)
        self.document, self.scan = document, scan
        self.picture = QPixmap()
        self.in_use = False
        self._press: QPoint | None = None
        self._carry: ScanCarry | None = None
        self.setObjectName(f"scan:{scan[1]}")
        self.setAccessibleName(f"Scan {scan[1]}")
        self.setFixedSize(PICTURE.width() + 4, PICTURE.height() + _NAME + 4)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._describe()

    def _describe(self) -> None:
        volume = self.document.volumes.get(self.scan)
        name = volume.name if volume is not None else ""
        words = f"{self.scan[1]}: {name}" if name and name != self.scan[1] else self.scan[1]
        tip = f"{words}\nDrag it into a view, or double-click to show it in the active one."
        self.setToolTip(harmless_tip(tip))

    def renew(self) -> None:
        """Make the picture, once all slices are there."""
        volume = self.document.volumes.get(self.scan)
        if volume is not None and self.picture.isNull() and self.scan not in self.document.arriving:
            self.picture = thumbnail(volume, self.devicePixelRatioF())
            self._describe()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        area = QRectF(2, 2, PICTURE.width(), PICTURE.height())
        painter.fillRect(area, colours.BACKGROUND)
        painter.setFont(text_font(False, 11))
        if self.picture.isNull():
            painter.setPen(colours.QUIET_TEXT)
            missing = self.scan in self.document.unavailable
            words = "cannot be shown" if missing else "loading …"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)
        else:
            painter.drawPixmap(area.topLeft(), self.picture)
        if self.in_use or self.underMouse():
            painter.setPen(QPen(colours.ACCENT if self.in_use else colours.QUIET_TEXT, 1.5))
            painter.drawRect(area)
        painter.setPen(self.palette().windowText().color())
        room = QRectF(2, area.bottom() + 2, area.width(), _NAME - 2)
        name = painter.fontMetrics().elidedText(self.scan[1], Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, name)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.scan in self.document.volumes:
            self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        far = (event.position().toPoint() - self._press).manhattanLength() >= QApplication.startDragDistance()
        if self._carry is None and far:
            self._carry = ScanCarry(self.document, self.scan, self.picture)
            self.grabKeyboard()
        if self._carry is not None:
            self._carry.move(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        carry = self._let_go()
        if carry is not None:
            carry.drop(event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        carry = self._let_go() if event.key() == Qt.Key.Key_Escape else None
        if carry is not None:
            carry.cancel()
        else:
            super().keyPressEvent(event)

    def _let_go(self) -> ScanCarry | None:
        carry, self._carry, self._press = self._carry, None, None
        if carry is not None:
            self.releaseKeyboard()
        return carry

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        active = self.document.state.look.active
        if active is not None and active[0] == self.scan[0] and self.scan in self.document.volumes:
            swap_scan(self.document, active, self.scan[1])


class ScanStrip(QWidget):
    """The row of scans; it can be hidden, and comes by itself where the template leaves scans out.

    Parameters
    ----------
    known : container of str or None
        Scans that the template shows in its own way; None: all.
    """

    def __init__(
        self, document: Document, context: str, known: Container[str] | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("scanStrip")
        self.document, self._context, self._known = document, context, known
        self.tiles: dict[str, ScanTile] = {}
        self._build()
        self._pictures = QTimer(self, singleShot=True, interval=0)
        self._pictures.timeout.connect(self._next_picture)
        self._coming = QTimer(self, singleShot=True, interval=0)
        self._coming.timeout.connect(self._come)
        document.changed.connect(self._on_changed)
        document.filled.connect(self._on_filled)
        self._follow(document.state.look)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(4)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFixedHeight(PICTURE.height() + _NAME + 8)
        self._holder = QWidget(self._area)
        self._row = QHBoxLayout(self._holder)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self._area.setWidget(self._holder)
        row.addWidget(self._area, 1)
        close = QToolButton(self)
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip("Hide the row of scans (F9 shows it again)")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self._hide)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def _hide(self) -> None:
        self.document.look(strip=False)

    def _on_changed(self, change: Change) -> None:
        self._follow(change.after.look)

    def _come(self) -> None:
        if self.document.state.look.strip is None:
            self.document.look(strip=True)

    def _on_filled(self, key: ScanKey, _k: int) -> None:
        tile = self.tiles.get(key[1]) if key[0] == self._context else None
        if tile is not None and tile.picture.isNull():
            self._pictures.start()

    def _follow(self, look: Look) -> None:
        """Tiles for the scans that are there, and whether they are on the screen."""
        scans = [scan for owner, scan in self.document.volumes if owner == self._context]
        for scan in scans:
            if scan not in self.tiles:
                self.tiles[scan] = ScanTile(self.document, (self._context, scan), self._holder)
                self._row.insertWidget(len(self.tiles) - 1, self.tiles[scan])
        used = {look.viewports[key].scan for key in shown_keys(look, self._context)}
        for scan, tile in self.tiles.items():
            if tile.in_use != (scan in used):
                tile.in_use = scan in used
                tile.update()
        self.setVisible(bool(look.strip))
        if look.strip is None and self._known is not None and any(scan not in self._known for scan in scans):
            self._coming.start()
        if not self.isHidden() and any(tile.picture.isNull() for tile in self.tiles.values()):
            self._pictures.start()

    def _next_picture(self) -> None:
        """One picture at a time, so that the window goes on answering."""
        for tile in self.tiles.values():
            if tile.picture.isNull():
                tile.renew()
                if not tile.picture.isNull():
                    self._pictures.start()
                    return


def toggle_strip(document: Document) -> None:
    """Hide the row of scans, or show it."""
    document.look(strip=not document.state.look.strip)
