"""DICOM files whose elements are compressed as a whole, unpacked no further than they may be needed."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import BinaryIO

from viewr.imaging.dicom_tags import DEFLATED, EXPLICIT_LE

_HEADER = 1 << 24
_META = 4096
_CHUNK = 1 << 16


def start_of(path: Path) -> bytes:
    """As much of a file as holds its meta information."""
    with open(path, "rb") as file:
        return file.read(_META)


def is_deflated(start: bytes) -> bool:
    """Whether a file's meta information says so."""
    return start[128:132] == b"DICM" and _uid_at(start) >= 0


def _uid_at(start: bytes) -> int:
    """Where the transfer syntax stands, -1 if it is another one: (0002,0010) UI, two bytes of length."""
    at = start.find(b"\x02\x00\x10\x00UI", 132) + 8
    return at if at > 8 and start[at : at + len(DEFLATED)] == DEFLATED.encode() else -1


def open_inflated(path: Path, pixels: int = 0) -> BinaryIO:
    """The file, unpacked and marked as explicit little endian if it is deflated.

    Parameters
    ----------
    pixels : int
        Bytes of pixels that it announces. A few kilobytes may unpack to gigabytes: what goes far beyond this is left.
    """
    start = start_of(path)
    if not is_deflated(start):
        return open(path, "rb")
    data = path.read_bytes()
    begin = _end_of_meta(start)
    plain = bytearray(data[:begin])
    at = _uid_at(start)
    plain[at : at + len(DEFLATED)] = EXPLICIT_LE.encode().ljust(len(DEFLATED), b"\0")
    plain += _inflated(data[begin:], _HEADER + 2 * pixels)
    return io.BytesIO(plain)


def _inflated(data: bytes, limit: int) -> bytes:
    """As much as can be unpacked; what comes before damage counts."""
    unpacker, parts, total = zlib.decompressobj(-zlib.MAX_WBITS), [], 0
    for start in range(0, len(data), _CHUNK):
        try:
            parts.append(unpacker.decompress(data[start : start + _CHUNK], limit - total))
        except zlib.error:
            break
        total += len(parts[-1])
        if total >= limit or unpacker.eof:
            break
    return b"".join(parts)


def _end_of_meta(start: bytes) -> int:
    """By its length element (0002,0000), which stands first."""
    length = int.from_bytes(start[140:144], "little") if start[132:138] == b"\x02\x00\x00\x00UL" else 0
    return 144 + length
