"""A tile of a contact sheet seen larger, over its neighbours, while the pointer rests on it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewr.widgets import colours
from viewr.widgets.sheet_paint import paint_words
from viewr.widgets.sheet_view import SheetView
from viewr.workspace.contact_sheet import Sheet, make_picture
from viewr.workspace.jobs import Jobs

#: Milliseconds that the pointer must rest: passing over a sheet shows nothing.
REST = 220
#: Longer side of the enlarged picture, by that of the tile.
FACTOR = 2.6


class TileZoom(QWidget):
    """Shows the small picture enlarged at once, the whole detail as soon as it is made."""

    def __init__(self, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._board = parent
        self._sheet: Sheet | None = None
        self._scan = ""
        self._index = -1
        self._image = QImage()
        self._asked: tuple[SheetView, int] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._open)
        self.hide()

    @property
    def slice(self) -> int:
        """The slice that is shown larger, -1 for none."""
        return self._index if self.isVisible() else -1

    def point(self, view: SheetView, index: int) -> None:
        """The pointer is on a slice's tile, or (-1) on none."""
        self.hide()
        self._asked = (view, index) if index >= 0 else None
        if self._asked is None:
            self._rest.stop()
        else:
            self._rest.start()

    def close_now(self) -> None:
        """Show nothing, for example because another case comes."""
        self._rest.stop()
        self._asked, self._sheet, self._image = None, None, QImage()
        self.hide()

    def _open(self) -> None:
        if self._asked is None:
            return
        view, index = self._asked
        tile = view.tile(index)
        if view.sheet is None or tile is None or not view.isVisible():
            return
        self._sheet, self._scan, self._index = view.sheet, view.scan, index
        self.setGeometry(self._area(tile, view.viewport().mapTo(self._board, tile.center())))
        self._image = view.sheet.pictures[index]
        self.show()
        self.raise_()
        self._ask_detail(view.sheet, index)

    def _area(self, tile: QRect, middle: QPoint) -> QRect:
        """As large as the window allows, around the tile, wholly inside."""
        room = self._board.rect().adjusted(6, 6, -6, -6)
        wanted = QSize(round(tile.width() * FACTOR), round(tile.height() * FACTOR))
        size = wanted.scaled(wanted.boundedTo(room.size()), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(QPoint(0, 0), size)
        area.moveCenter(middle)
        area.moveLeft(max(room.left(), min(area.left(), room.right() - area.width())))
        area.moveTop(max(room.top(), min(area.top(), room.bottom() - area.height())))
        return area

    def _ask_detail(self, sheet: Sheet, index: int) -> None:
        scale = self.devicePixelRatioF()
        size = max(1, round(self.width() * scale)), max(1, round(self.height() * scale))
        job = self._jobs.start(make_picture, sheet.view(index, size), kind="enlarged tile")
        job.done.connect(self._on_detail)

    def _on_detail(self, image: QImage) -> None:
        if self.isVisible():
            self._image = image
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.BACKGROUND)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._sheet is not None:
            painter.drawImage(self.rect(), self._image)
            paint_words(painter, self.rect(), self.devicePixelRatioF(), self._sheet, self._index, self._scan,
                        first=True, pixels=13)  # fmt: skip
        painter.setPen(QPen(colours.ACCENT, 2))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
