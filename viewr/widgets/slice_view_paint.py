"""Words and marks over the picture: texts at the corners, letters, scale bar, slider, hatching."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from viewr.widgets import colours
from viewr.widgets.slice_view_texts import Line

MARGIN = 8
FONT_PIXELS = 12
#: In views whose shorter side has at least so many logical pixels words are larger: their reader sits farther away.
LARGE_VIEW, LARGE_FONT_PIXELS = 640, 14
#: Width at the right edge that belongs to the slider.
SLIDER_WIDTH = 12


@lru_cache(maxsize=4)
def text_font(bold: bool = False, pixels: int = FONT_PIXELS) -> QFont:
    font = QFont("DejaVu Sans")
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


@lru_cache(maxsize=8)
def _metrics(bold: bool, pixels: int) -> QFontMetricsF:
    return QFontMetricsF(text_font(bold, pixels))


@lru_cache(maxsize=2048)
def _advance(text: str, bold: bool, pixels: int) -> float:
    """Width of a text; kept, since each page step asks for the same lines again."""
    return _metrics(bold, pixels).horizontalAdvance(text)


def font_pixels(size: tuple[float, float]) -> int:
    """Size of the words in a view."""
    return LARGE_FONT_PIXELS if min(size) >= LARGE_VIEW else FONT_PIXELS


def line_height(size: tuple[float, float]) -> float:
    """Height of a line of words in a view."""
    return _metrics(False, font_pixels(size)).height()


@lru_cache(maxsize=1024)
def _elided(text: str, bold: bool, pixels: int, room: float) -> str:
    return _metrics(bold, pixels).elidedText(text, Qt.TextElideMode.ElideRight, room)


#: Under every text: white letters stay legible on bone.
_PLATE = QColor(0, 0, 0, 165)
#: Shifts of the dark copies under a text; cheaper than stroking its outline, and a page step brings new texts.
_RIM = ((-1, 0), (1, 0), (0, -1), (0, 1))


@lru_cache(maxsize=1024)
def text_image(text: str, colour: str, bold: bool, pixels: int, scale: float) -> QImage:
    """A line of text, outlined on a dark plate, legible on any picture; kept, since most lines stay as they are."""
    metrics = _metrics(bold, pixels)
    width, height = metrics.horizontalAdvance(text) + 4, metrics.height() + 2
    size = QSize(max(1, round(width * scale)), max(1, round(height * scale)))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(_PLATE)
    painter = QPainter(image)
    painter.setFont(text_font(bold, pixels))
    painter.setPen(QColor(0, 0, 0, 170))
    for x, y in _RIM:
        painter.drawText(QPointF(2 + x, 1 + y + metrics.ascent()), text)
    painter.setPen(QColor(colour))
    painter.drawText(QPointF(2, 1 + metrics.ascent()), text)
    painter.end()
    return image


class Lettering:
    """Draws outlined lines at the edges of a viewport, elided to the room they have."""

    def __init__(self, painter: QPainter, width: float, height: float, scale: float) -> None:
        self._painter = painter
        self.width, self.height, self._scale = width, height, scale
        self.pixels = font_pixels((width, height))

    def wide(self, text: str, pixels: int = 0, bold: bool = False) -> float:
        """Width of a line on its plate."""
        return _advance(text, bold, pixels or self.pixels) + 4

    def fits(self, text: str, room: float) -> bool:
        """Whether a line of the usual size has room."""
        return _advance(text, False, FONT_PIXELS) <= room

    def line(
        self, text: str, x: float, y: float, room: float, *, right: bool = False, bold: bool = False,
        colour: QColor = colours.TEXT, pixels: int = 0,
    ) -> float:  # fmt: skip
        """Draw a line whose left (or right) end is at x and whose top is at y; returns its width."""
        pixels = pixels or self.pixels
        shown = _elided(text, bold, pixels, room)
        if not shown:
            return 0.0
        image = text_image(shown, colour.name(), bold, pixels, self._scale)
        wide = image.width() / self._scale
        left = x - wide + 2 if right else x - 2
        self._painter.drawImage(QPointF(round(left), round(y)), image)
        return wide

    def centred(self, text: str, x: float, y: float, colour: QColor, pixels: int, bold: bool = False) -> None:
        """Draw a line with its middle at (x, y)."""
        image = text_image(text, colour.name(), bold, pixels, self._scale)
        size = image.width() / self._scale, image.height() / self._scale
        self._painter.drawImage(QPointF(round(x - size[0] / 2), round(y - size[1] / 2)), image)


#: Half of the width that the letter in the middle of an edge takes, and the gap between two lines, logical pixels.
_LETTER, _BETWEEN = 12, 6
_BOLD = ("head", "mark")
_KINDS = {"plain": colours.TEXT, "head": colours.TEXT, "quiet": colours.QUIET_TEXT, "warning": colours.WARNING,
          "mark": colours.HIGHLIGHT, "fused": colours.FUSION}  # fmt: skip


def paint_corners(
    painter: QPainter, size: tuple[int, int], scale: float, corners: dict[str, list[Line]]
) -> None:
    """Lines at the four corners; what stands at the same height shares the width."""
    lettering = Lettering(painter, *size, scale)
    step = line_height(size)
    most = max(1, int((size[1] / 2 - 14 - MARGIN) // step))
    for edge in ("top", "bottom"):
        columns = [corners.get(f"{edge} {side}", [])[:most] for side in ("left", "right")]
        for row, (left, right) in enumerate(rows_of(columns[0], columns[1], from_below=edge == "bottom")):
            y = size[1] - MARGIN - step * (row + 1) if edge == "bottom" else MARGIN - 3 + row * step
            rooms = rooms_of(lettering, left, right, lettered=row == 0)
            for line, room, at_right in ((left, rooms[0], False), (right, rooms[1], True)):
                if line is not None:
                    x = size[0] - MARGIN - SLIDER_WIDTH if at_right else MARGIN
                    text = _shown(lettering, line, room)
                    lettering.line(text, x, y, room, right=at_right, bold=line.kind in _BOLD, colour=_KINDS[line.kind])


def rows_of(left: list[Line], right: list[Line], *, from_below: bool) -> list[tuple[Line | None, Line | None]]:
    """Lines of two corners by their height, beginning at the edge of the view."""
    if from_below:
        left, right = left[::-1], right[::-1]
    return list(zip_longest(left, right))


def rooms_of(lettering: Lettering, left: Line | None, right: Line | None, *, lettered: bool) -> tuple[float, float]:
    """Widths for two lines at one height: in the row of the letter its halves, else as they need it."""
    if lettered:
        half = lettering.width / 2 - MARGIN - _LETTER
        return half, half - SLIDER_WIDTH
    total = lettering.width - 2 * MARGIN - SLIDER_WIDTH - _BETWEEN
    for short in (False, True):
        needed = [_needed(lettering, line, short) for line in (left, right)]
        if sum(needed) <= total:
            return total - needed[1], total - needed[0]
    for_right = max(total / 2, total - needed[0])
    return total - min(needed[1], for_right), for_right


def _needed(lettering: Lettering, line: Line | None, short: bool) -> float:
    if line is None:
        return 0.0
    return lettering.wide((line.short if short else "") or line.text, bold=line.kind in _BOLD)


def _shown(lettering: Lettering, line: Line, room: float) -> str:
    """What of a line is written: all of it, or what is short enough."""
    text = line.text
    for shorter in (line.short, line.short.replace("  ", " "), line.shortest):
        if shorter and lettering.wide(text, bold=line.kind in _BOLD) > room:
            text = shorter
    return text


def paint_letters(
    painter: QPainter, size: tuple[int, int], scale: float, letters: tuple[str, str, str, str]
) -> None:
    """Orientation letters in the middle of the left, right, top and bottom edge."""
    width, height = size
    lettering = Lettering(painter, width, height, scale)
    places = ((MARGIN + 8, height / 2), (width - MARGIN - SLIDER_WIDTH - 8, height / 2),
              ((width - SLIDER_WIDTH) / 2, MARGIN + 6), ((width - SLIDER_WIDTH) / 2, height - MARGIN - 8))  # fmt: skip
    for letter, (x, y) in zip(letters, places, strict=True):
        if letter:
            lettering.centred(letter, x, y, colours.LETTER, lettering.pixels + 2, bold=True)


def nice_length(most_mm: float) -> float:
    """The longest of 1, 2, 5, 10, 20, 50 ... mm that is no longer."""
    factor = 10.0 ** -6
    best = factor
    while factor <= most_mm:
        for step in (1, 2, 5):
            if step * factor <= most_mm:
                best = step * factor
        factor *= 10
    return best


def length_text(mm: float) -> str:
    if mm >= 10:
        return f"{mm / 10:g} cm"
    return f"{mm:g} mm" if mm >= 0.1 else f"{mm * 1000:g} µm"


def paint_scale_bar(painter: QPainter, lettering: Lettering, left: float, bottom: float, mm_per_pixel: float,
                    room: float, note: str) -> None:  # fmt: skip
    """A bar of a round length, with its length in words beside it."""
    length = nice_length(room * 0.28 * mm_per_pixel)
    pixels = length / mm_per_pixel
    path = QPainterPath(QPointF(left + 0.5, bottom - 5))
    path.lineTo(left + 0.5, bottom)
    path.lineTo(left + pixels + 0.5, bottom)
    path.lineTo(left + pixels + 0.5, bottom - 5)
    for colour, width in ((colours.SHADOW, 3.5), (colours.SCALE, 1.4)):
        painter.strokePath(path, QPen(colour, width))
    words = length_text(length) + (f", {note}" if note else "")
    lettering.line(words, left + pixels + 6, bottom - lettering.pixels + 1, room - pixels - 8)


def slider_handle(size: tuple[int, int], index: int, count: int) -> QRectF:
    """Where the slider's handle is."""
    track = size[1] - 2 * MARGIN
    tall = max(14.0, track / max(count, 1))
    top = MARGIN + (track - tall) * (index / (count - 1) if count > 1 else 0)
    return QRectF(size[0] - SLIDER_WIDTH + 4, top, 4, tall)


def slider_index(size: tuple[int, int], y: float, count: int) -> int:
    """The slice to which a press at height y takes."""
    track = max(1.0, size[1] - 2 * MARGIN)
    return min(count - 1, max(0, round((y - MARGIN) / track * (count - 1))))


def paint_slider(painter: QPainter, size: tuple[int, int], index: int, count: int) -> None:
    painter.fillRect(QRectF(size[0] - SLIDER_WIDTH + 5, MARGIN, 2, size[1] - 2 * MARGIN), colours.SLIDER_TRACK)
    painter.fillRect(slider_handle(size, index, count), colours.SLIDER_HANDLE)


def paint_hatch(painter: QPainter, area: QRectF | QPolygonF) -> None:
    """The mark of what has not been loaded: never black, which would look like an image."""
    path = QPainterPath()
    if isinstance(area, QPolygonF):
        path.addPolygon(area)
    else:
        path.addRect(area)
    painter.fillPath(path, colours.HATCH_BACKGROUND)
    painter.fillPath(path, QBrush(colours.HATCH, Qt.BrushStyle.BDiagPattern))
