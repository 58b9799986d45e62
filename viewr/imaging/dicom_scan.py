"""A fast walk over the elements of a DICOM file in little-endian form, up to its pixels.

pydicom reads every element of every file; a stack of hundreds needs some sixty elements of each. Only what is found
at the top level is kept, as bytes. Whatever this walk does not understand it refuses with `ScanError`, and the caller
asks pydicom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError

from viewr.imaging.dicom_tags import DEFLATED, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, KIND, PIXEL_TAGS, WANTED

_EXPLICIT = Struct("<HH2sH")
_IMPLICIT = Struct("<HHL")
_LONG = Struct("<L")
#: VRs whose length takes four bytes after two reserved ones (DICOM PS3.5 7.1.2).
_LONG_VRS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
_SHORT_VRS = frozenset(
    (b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
     b"ST", b"TM", b"UI", b"UL", b"US")
)
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DEEPEST = 30
_STRAY = 8


class ScanError(Exception):
    """The file is not in the plain form; pydicom may still read it."""


class NeedMore(Exception):
    """The header goes on behind the bytes at hand."""


@dataclass(slots=True)
class Scanned:
    """What the walk found."""

    values: dict[str, bytes] = field(default_factory=dict)
    syntax: str = ""
    implicit: bool = False
    pixel_tag: int = 0
    pixel_offset: int = 0
    pixel_length: int = 0
    has_meta: bool = True
    mismatch: bool = False


def scan(data: bytes, whole: bool) -> Scanned:
    """Elements of a DICOM file up to its pixels.

    Parameters
    ----------
    data : bytes
        The beginning of the file.
    whole : bool
        Nothing follows `data` in the file.

    Raises
    ------
    NeedMore
        If the pixels were not reached and the file goes on.
    ScanError
        If the file is not DICOM in little-endian form.
    """
    found = Scanned()
    try:
        start = _meta(data, found)
        _check_form(data, start, found)
        _walk(data, start, found)
    except (StructError, IndexError) as exc:
        if not whole:
            raise NeedMore from exc
        if "Rows" not in found.values and "SOPClassUID" not in found.values:
            raise ScanError("no elements") from exc
    return found


def _meta(data: bytes, found: Scanned) -> int:
    """Reads the file meta information; returns where the data set starts."""
    position = 132 if data[128:132] == b"DICM" else _bare_start(data)
    found.has_meta = False
    while data[position : position + 2] == b"\x02\x00":
        found.has_meta = True
        _, element, vr, length = _EXPLICIT.unpack_from(data, position)
        position += 8
        if vr in _LONG_VRS:
            length = _LONG.unpack_from(data, position)[0]
            position += 4
        elif vr not in _SHORT_VRS:
            raise ScanError("file meta information")
        if element == 0x0010:
            found.syntax = data[position : position + length].rstrip(b"\x00 ").decode("ascii", "replace")
        position += length
    if found.syntax in (EXPLICIT_BE, DEFLATED):
        raise ScanError(found.syntax)
    return position


def _bare_start(data: bytes) -> int:
    """Where the data set of a file without a preamble begins; a few stray bytes may stand before it."""
    for position in range(_STRAY):
        vr = data[position + 4 : position + 6]
        if data[position : position + 2] in (b"\x08\x00", b"\x02\x00") and vr in _SHORT_VRS:
            return position
    return 0


def _check_form(data: bytes, start: int, found: Scanned) -> None:
    """Whether VRs are written, told from the first element rather than from what the file claims."""
    if len(data) < start + 8:
        raise ScanError("empty")
    group = int.from_bytes(data[start : start + 2], "little")
    if not 4 <= group <= 0x7FE0 or (not found.has_meta and group > 0x0010):
        raise ScanError("no DICOM element at the start")
    vr = data[start + 4 : start + 6]
    found.implicit = vr not in _LONG_VRS and vr not in _SHORT_VRS
    if found.implicit and int.from_bytes(data[start + 4 : start + 8], "little") > 0x100000:
        raise ScanError("no DICOM element at the start")
    claimed = found.syntax == IMPLICIT_LE
    found.mismatch = bool(found.syntax) and claimed != found.implicit
    if not found.syntax or found.mismatch:
        found.syntax = IMPLICIT_LE if found.implicit else EXPLICIT_LE


def _walk(data: bytes, position: int, found: Scanned) -> None:
    implicit, values, end = found.implicit, found.values, len(data)
    explicit_unpack, implicit_unpack, wanted, kind = _EXPLICIT.unpack_from, _IMPLICIT.unpack_from, WANTED, KIND
    while position < end:
        if implicit:
            group, element, length = implicit_unpack(data, position)
            position += 8
        else:
            group, element, vr, length = explicit_unpack(data, position)
            position += 8
            if vr in _LONG_VRS:
                length = _LONG.unpack_from(data, position)[0]
                position += 4
            elif vr not in _SHORT_VRS:
                raise ScanError(f"({group:04X},{element:04X}) has no VR")
        tag = group << 16 | element
        if tag in PIXEL_TAGS:
            found.pixel_tag, found.pixel_offset, found.pixel_length = tag, position, length
            return
        keyword = wanted.get(tag)
        if length == _UNDEFINED:
            if keyword:
                values[keyword] = b""
            position = _skip_items(data, position, implicit or vr == b"UN", 0)
            continue
        if keyword:
            if position + length > end:
                raise IndexError
            values[keyword] = b"" if kind[keyword] == "Q" else data[position : position + length]
        position += length
    if position > end:
        raise IndexError


def _skip_items(data: bytes, position: int, implicit: bool, depth: int) -> int:
    """Behind a sequence of undefined length; `position` is that of its first item."""
    if depth > _DEEPEST:
        raise ScanError("sequences nested too deep")
    while True:
        group, element, length = _IMPLICIT.unpack_from(data, position)
        position += 8
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            return position
        if tag != _ITEM:
            raise ScanError("a sequence without items")
        position = _skip_item(data, position, implicit, depth) if length == _UNDEFINED else position + length


def _skip_item(data: bytes, position: int, implicit: bool, depth: int) -> int:
    """Behind an item of undefined length."""
    while True:
        group, element, length = _IMPLICIT.unpack_from(data, position)
        vr = data[position + 4 : position + 6]
        position += 8
        if group << 16 | element == _ITEM_END:
            return position
        if not implicit:
            if vr in _LONG_VRS:
                length = _LONG.unpack_from(data, position)[0]
                position += 4
            else:
                length >>= 16
        if length == _UNDEFINED:
            position = _skip_items(data, position, implicit or vr == b"UN", depth + 1)
        else:
            position += length
