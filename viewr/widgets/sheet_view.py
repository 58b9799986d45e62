"""The contact sheet of one scan: some or all of its slices, to be scrolled, pointed at and enlarged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from viewr.model.marker import Marker, Point
from viewr.widgets import colours
from viewr.widgets.sheet_paint import (
    NUMBERS,
    Layout,
    good_number,
    lay_out,
    paint_markers,
    paint_message,
    paint_words,
    spread,
)
from viewr.workspace.contact_sheet import Sheet
from viewr.workspace.localizer import as_point


class SheetView(QAbstractScrollArea):
    """Tiles of one scan.

    Attributes
    ----------
    number : int
        Tiles that the reader asked for; 0: as many as have room in a good size.
    indices : tuple of int
        The slices that are shown, by their place in the stack.
    painted : bool
        The present sheet has been on the screen.
    """

    #: patient position under the pointer (LPS, mm), slice
    clicked = Signal(object, int)
    #: slice under the pointer, -1 for none
    pointed = Signal(int)

    def __init__(self, scan: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scan = scan
        self.sheet: Sheet | None = None
        self.painted = False
        self.number = 0
        self.indices: tuple[int, ...] = ()
        self._message = "Loading …"
        self._markers: tuple[Marker, ...] = ()
        self._layout = Layout(1, 1, QSize(100, 100))
        self._scaled: dict[tuple[int, int, int], QPixmap] = {}
        self._under = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(f"Slices of {scan}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # --- what is shown -----------------------------------------------------------------------------------------

    def show_sheet(self, sheet: Sheet | None, message: str = "Loading …") -> None:
        """Show another scan's pictures, or why there are none."""
        self._message = message
        if sheet is not self.sheet:
            self.sheet, self.painted = sheet, False
            self._scaled.clear()
            self._arrange()
        self.viewport().update()

    def show_markers(self, markers: Sequence[Marker]) -> None:
        if tuple(markers) != self._markers:
            self._markers = tuple(markers)
            self.viewport().update()

    def show_number(self, number: int) -> None:
        """Show more or fewer slices; 0 takes as many as have room."""
        self.number = number
        self._arrange()

    def next_number(self, step: int) -> int:
        """The number of tiles after this one, among those that the reader may choose."""
        if self.sheet is None:
            return self.number
        shown, count = len(self.indices), self.sheet.count
        known = [number for number in NUMBERS if number < count] + [count]
        if step > 0:
            return next((number for number in known if number > shown), count)
        return next((number for number in reversed(known) if number < shown), known[0])

    def page(self, step: int) -> None:
        """Scroll by the height of what is in sight."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + step * bar.pageStep())

    def scroll_to(self, end: bool) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if end else 0)

    def _arrange(self) -> None:
        if self.sheet is None:
            self.indices = ()
            self.verticalScrollBar().setRange(0, 0)
            return
        area, (width, height) = self.maximumViewportSize(), self.sheet.size
        aspect = height / width
        number = min(self.sheet.count, self.number or good_number(area, aspect))
        self._layout = lay_out(area, number, aspect)
        if self._layout.height > area.height():
            narrow = area - QSize(self.verticalScrollBar().sizeHint().width(), 0)
            self._layout = lay_out(narrow, number, aspect)
        self.indices = spread(self.sheet.count, number)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - area.height()))
        bar.setPageStep(max(1, area.height()))
        bar.setSingleStep(max(1, self._layout.tile.height() // 2))
        self._scaled.clear()
        self.viewport().update()

    # --- places ------------------------------------------------------------------------------------------------

    def tile(self, index: int) -> QRect | None:
        """The area of a slice's tile in the viewport; None if the slice is not shown."""
        if index not in self.indices:
            return None
        return self._layout.rect(self.indices.index(index)).translated(0, -self.verticalScrollBar().value())

    def slice_at(self, at: QPoint) -> int:
        """The slice at a position in the viewport, -1 for none."""
        place = self._layout.place(at.x(), at.y() + self.verticalScrollBar().value())
        return self.indices[place] if place is not None and place < len(self.indices) else -1

    def point_at(self, at: QPoint) -> Point | None:
        """The patient position at a position in the viewport, LPS mm."""
        index = self.slice_at(at)
        area = self.tile(index)
        if self.sheet is None or area is None:
            return None
        inside = at - area.topLeft()
        view = self.sheet.view(index, (area.width(), area.height()))
        return as_point(view.to_lps((inside.x() + 0.5, inside.y() + 0.5)))

    def middle(self) -> tuple[Point, int] | None:
        """The middle of the slice under the pointer, else of the middle slice in sight."""
        if self.sheet is None:
            return None
        seen = [index for index in self.indices if self.viewport().rect().intersects(self.tile(index) or QRect())]
        index = self._under if self._under in self.indices else seen[len(seen) // 2] if seen else 0
        return as_point(self.sheet.stack.plane(0 if self.sheet.frames else index).center), index

    # --- Qt ----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(320, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colours.BACKGROUND)
        if self.sheet is None:
            paint_message(painter, self.viewport().rect(), self._message)
        else:
            for place, index in enumerate(self.indices):
                area = self.tile(index)
                if area is not None and area.intersects(event.rect()):
                    self._paint_tile(painter, self.sheet, area, index, first=place == 0)
            self.painted = True
        painter.end()

    def _paint_tile(self, painter: QPainter, sheet: Sheet, area: QRect, index: int, *, first: bool) -> None:
        painter.drawPixmap(area, self._pixmap(sheet, area.size(), index))
        paint_words(painter, area, self.devicePixelRatioF(), sheet, index, self.scan, first=first)
        paint_markers(painter, area, sheet, index, self._markers)
        if index == self._under:
            painter.setPen(QPen(colours.ACCENT, 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _pixmap(self, sheet: Sheet, size: QSize, index: int) -> QPixmap:
        scale = self.devicePixelRatioF()
        key = (index, round(size.width() * scale), round(size.height() * scale))
        if key not in self._scaled:
            self._scaled[key] = QPixmap.fromImage(_fitted(sheet.pictures[index], key[1], key[2]))
        return self._scaled[key]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.slice_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = self.point_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and point is not None:
            self.clicked.emit(point, self.slice_at(event.position().toPoint()))

    def leaveEvent(self, event: object) -> None:
        self._point(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self._point(self.slice_at(event.position().toPoint()))

    def _on_scrolled(self, _value: int) -> None:
        self.viewport().update()
        self._point(-1)

    def _point(self, index: int) -> None:
        if index != self._under:
            self._under = index
            self.pointed.emit(index)
            self.viewport().update()


def _fitted(picture: QImage, width: int, height: int) -> QImage:
    fast = picture.width() == width and picture.height() == height
    how = Qt.TransformationMode.SmoothTransformation
    return picture if fast else picture.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, how)
