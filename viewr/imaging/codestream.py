"""Sizes that compressed pictures announce in their own headers, looked at before a decoder takes memory or time."""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import NamedTuple

_SEGMENT = Struct(">BBH")
_FRAME = Struct(">BHHB")
_SIZ = Struct(">HH8LH")
#: Markers of frame headers: JPEG's SOF0 to SOF15 without DHT, JPG and DAC; JPEG-LS.
JPEG_2000, LOSSLESS, JPEG_LS = 0x51, 0xC3, 0xF7
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class Announced(NamedTuple):
    """What a stream says of itself; `form` is the marker of its frame header (0xC3 lossless JPEG, 0xF7 JPEG-LS)."""

    form: int
    rows: int
    columns: int
    samples: int


def announced(stream: bytes) -> Announced | None:
    """The header of a JPEG, JPEG-LS or JPEG 2000 stream; None where there is none."""
    try:
        if stream[:4] == b"\xff\x4f\xff\x51":
            return _jpeg_2000(stream)
        return _jpeg(stream)
    except (StructError, IndexError):
        return None


def _jpeg_2000(stream: bytes) -> Announced:
    """ISO 15444-1 A.5.1."""
    _, _, right, bottom, left, top, _, _, _, _, samples = _SIZ.unpack_from(stream, 4)
    return Announced(JPEG_2000, bottom - top, right - left, samples)


def _jpeg(stream: bytes) -> Announced | None:
    position = 2
    while stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker == 0xFF or marker in _ALONE:
            position += 1 if marker == 0xFF else 2
            continue
        _, marker, length = _SEGMENT.unpack_from(stream, position)
        if marker in _FRAMES:
            _, rows, columns, samples = _FRAME.unpack_from(stream, position + 4)
            return Announced(marker, rows, columns, samples)
        position += 2 + length
    return None
