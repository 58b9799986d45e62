"""How the tiles of a contact sheet lie and look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewr.model.marker import Marker
from viewr.widgets import colours
from viewr.widgets.slice_view_paint import Lettering, text_font
from viewr.widgets.slice_view_texts import edge_letters
from viewr.workspace.contact_sheet import Sheet
from viewr.workspace.frames import is_shown_frame

#: Between tiles, logical pixels.
GAP = 3
#: Width below which a tile says too little; then the sheet scrolls.
LEAST_TILE = 118
#: Widths that tiles may have if the reader chose no number.
SMALLEST_GOOD, GOOD, LARGEST_GOOD = 120, 145, 210
#: Share of the height that may stay empty.
ROOM_LEFT = 0.22
#: Numbers of tiles that the reader pages through; after the last one come all slices.
NUMBERS = (4, 6, 9, 12, 16, 20, 25, 30, 36, 48, 60, 80, 120)
_TEXT = 11
_LINE = 15


@dataclass(frozen=True)
class Layout:
    """Where tiles are.

    Attributes
    ----------
    tile : QSize
        Of each tile, logical pixels.
    """

    columns: int
    rows: int
    tile: QSize

    @property
    def height(self) -> int:
        """Of all rows."""
        return self.rows * (self.tile.height() + GAP) + GAP

    def rect(self, place: int) -> QRect:
        """The area of a tile, before scrolling."""
        row, column = divmod(place, self.columns)
        step = self.tile + QSize(GAP, GAP)
        return QRect(GAP + column * step.width(), GAP + row * step.height(), self.tile.width(), self.tile.height())

    def place(self, x: int, y: int) -> int | None:
        """The tile at a position, before scrolling; there may be fewer tiles than places."""
        column, row = (x - GAP) // (self.tile.width() + GAP), (y - GAP) // (self.tile.height() + GAP)
        inside = 0 <= column < self.columns and 0 <= row < self.rows
        return row * self.columns + column if inside else None


def lay_out(area: QSize, number: int, aspect: float) -> Layout:
    """As few columns as let all tiles be seen at once; more, and scrolling, where they would be too small.

    Few tiles that are higher than wide leave room at the side rather than below.

    Parameters
    ----------
    aspect : float
        Height of a tile by its width.
    """
    if number == 1:  # alone it is as large as fits, whatever it leaves beside it
        width = min(area.width() - 2 * GAP, int((area.height() - 2 * GAP) / aspect))
        return Layout(1, 1, QSize(max(LEAST_TILE, width), max(1, round(max(LEAST_TILE, width) * aspect))))
    for columns in range(1, number + 1):
        width = (area.width() - GAP) // columns - GAP
        rows = -(-number // columns)
        if width < LEAST_TILE:
            break
        if rows * (round(width * aspect) + GAP) + GAP <= area.height():
            return Layout(columns, rows, QSize(width, max(1, round(width * aspect))))
    width, columns = max((_width(area, columns, number, aspect), columns) for columns in range(1, number + 1))
    if width >= LEAST_TILE:
        return Layout(columns, -(-number // columns), QSize(width, max(1, round(width * aspect))))
    columns = max(1, (area.width() - GAP) // (LEAST_TILE + GAP))
    width = max(24, (area.width() - GAP) // columns - GAP)
    return Layout(columns, -(-number // columns), QSize(width, max(1, round(width * aspect))))


def _width(area: QSize, columns: int, number: int, aspect: float) -> int:
    """The width at which all tiles are in sight."""
    high = (area.height() - GAP) // -(-number // columns) - GAP
    return min((area.width() - GAP) // columns - GAP, int(high / aspect))


def good_number(area: QSize, aspect: float) -> int:
    """How many tiles fill the area well: of those of a good size if they leave little empty, else the fullest."""
    width, height = area.width() - GAP, area.height() - GAP
    found = []
    for across in range(max(1, width // LARGEST_GOOD), max(1, width // SMALLEST_GOOD) + 1):
        tile = max(1, width // across - GAP)
        high = max(1, round(tile * aspect)) + GAP
        down = max(1, height // high)
        empty = max(0.0, 1 - down * high / max(1, height))
        found.append((empty > ROOM_LEFT, abs(tile - GOOD) if empty <= ROOM_LEFT else empty, across * down))
    return min(found)[2]


@lru_cache(maxsize=64)
def spread(count: int, number: int) -> tuple[int, ...]:
    """Some of `count` slices, evenly; the outermost are left out, where there is mostly air."""
    if number >= count:
        return tuple(range(count))
    return tuple(int((place + 0.5) * count / number) for place in range(number))


def paint_words(
    painter: QPainter, area: QRect, scale: float, sheet: Sheet, index: int, scan: str, *, first: bool = False,
    pixels: int = _TEXT,
) -> None:  # fmt: skip
    """Scan, slice number and position of a tile; on the first one the letters of the patient's sides."""
    painter.save()
    painter.translate(area.topLeft())
    lettering = Lettering(painter, area.width(), area.height(), scale)
    room, line = area.width() - 6.0, _LINE * pixels / _TEXT
    lettering.line(scan, 3, 1, room, bold=True, pixels=pixels)
    number = f"{index + 1}/{sheet.count}"
    wide = lettering.line(number, 3, area.height() - line - 1, room, pixels=pixels)
    if where := "frame" if sheet.frames else sheet.places[index]:
        if pixels == _TEXT and not lettering.fits(where, room - wide - 4):
            where = where.removesuffix(" mm")
        lettering.line(where, area.width() - 3, area.height() - line - 1, room - wide - 4, right=True, pixels=pixels,
                       colour=colours.QUIET_TEXT)  # fmt: skip
    if first:
        _paint_letters(lettering, area, sheet, index)
    painter.restore()


def _paint_letters(lettering: Lettering, area: QRect, sheet: Sheet, index: int) -> None:
    plane = sheet.stack.plane(0 if sheet.frames else index)
    left, right, top, bottom = edge_letters(sheet.volume, plane)
    wide, high = area.width(), area.height()
    for letter, x, y in ((left, 8, high / 2), (right, wide - 8, high / 2), (top, wide / 2, 9 + _LINE),
                         (bottom, wide / 2, high - 9 - _LINE)):  # fmt: skip
        if letter:
            lettering.centred(letter, x, y, colours.LETTER, 13, bold=True)


def paint_markers(painter: QPainter, area: QRect, sheet: Sheet, index: int, markers: Sequence[Marker]) -> None:
    """A ring around each marker that lies in the slice of a tile."""
    if not markers:
        return
    view = sheet.view(index, (area.width(), area.height()))
    for marker in markers:
        frame = is_shown_frame(sheet.volume, (index,), marker.frames) if sheet.frames else True
        if frame and (sheet.frames or sheet.stack.index_of(marker.pos) == index):
            x, y = view.to_uv(marker.pos)
            for colour, width in ((colours.SHADOW, 4.0), (colours.HIGHLIGHT, 1.8)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(QPointF(area.x() + x, area.y() + y), 7, 7)


def paint_message(painter: QPainter, area: QRect, text: str) -> None:
    """A sentence where pictures will be."""
    painter.setFont(text_font(pixels=13))
    painter.setPen(colours.QUIET_TEXT)
    painter.drawText(QRectF(area.adjusted(12, 12, -12, -12)), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                     text)  # fmt: skip
