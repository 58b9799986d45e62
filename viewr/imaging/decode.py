"""From the bytes of a file to stored pixel values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.dicom_header import Header
from viewr.imaging.dicom_tags import DEFLATED, DOUBLE_PIXEL_DATA, EXPLICIT_LE, FLOAT_PIXEL_DATA, IMPLICIT_LE
from viewr.imaging.frame import Frame
from viewr.model.errors import FormatError

Array = npt.NDArray[Any]
UNDEFINED_LENGTH = 0xFFFFFFFF
#: Pictures that announce more than this many times the bytes that are there are no pictures.
_LEAST_NATIVE, _LEAST_DEFLATED, _LEAST_PACKED = 100, 1032, 20_000
_ALWAYS_ALLOWED = 1 << 24


def stored_type(header: Header) -> np.dtype[Any]:
    """Type of the stored values, little-endian; 1-bit pixels as bytes."""
    if header.pixel_tag == FLOAT_PIXEL_DATA:
        return np.dtype("<f4")
    if header.pixel_tag == DOUBLE_PIXEL_DATA:
        return np.dtype("<f8")
    size = {1: 1, 8: 1, 16: 2, 32: 4, 64: 8}.get(header.whole("BitsAllocated"))
    if size is None:
        raise FormatError(f"{header.path.name} holds pixels of {header.whole('BitsAllocated')} bits, which no "
                          "reader knows.")
    return np.dtype(f"<{'i' if header.whole('PixelRepresentation') == 1 else 'u'}{size}")


def assume_bits(header: Header) -> None:
    """Where a file does not say how wide its pixels are, their number and the bytes there do."""
    if header.whole("BitsAllocated") or header.pixel_tag in _FLOATS or not 0 < header.pixel_length < UNDEFINED_LENGTH:
        return
    names = ("Rows", "Columns", "SamplesPerPixel", "NumberOfFrames")
    size = header.pixel_length // math.prod(max(1, header.whole(name, 1)) for name in names)
    if size in (1, 2, 4):
        header.values["BitsAllocated"] = (8 * size).to_bytes(2, "little")
        header.problems.append(f"does not say how wide its pixels are; {8 * size} bits fit its length")


def is_colour(header: Header) -> bool:
    """Whether pixels become RGB."""
    return header.whole("SamplesPerPixel", 1) == 3 or header.text("PhotometricInterpretation").startswith("PALETTE")


def is_plain(header: Header) -> bool:
    """Whether the pixels stand in the file as they will in memory: no compression, no colour, whole bytes."""
    return (
        header.pixel_offset > 0
        and header.syntax in (IMPLICIT_LE, EXPLICIT_LE)
        and header.pixel_length != UNDEFINED_LENGTH
        and not is_colour(header)
        and (header.whole("BitsAllocated") in (8, 16, 32, 64) or header.pixel_tag in _FLOATS)
    )


_FLOATS = (FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA)


def check_announced(header: Header, frames: int) -> int:
    """How many frames the file can hold, at most `frames`.

    Raises
    ------
    FormatError
        If it announces so much more than it holds that its sizes cannot be right.
    """
    bits = 8 * stored_type(header).itemsize if header.whole("BitsAllocated") != 1 else 1
    frame = header.whole("Rows") * header.whole("Columns") * max(1, header.whole("SamplesPerPixel", 1)) * bits // 8
    here = header.size - header.pixel_offset
    packed = header.pixel_offset == 0 or header.pixel_length == UNDEFINED_LENGTH
    least = _LEAST_DEFLATED if header.syntax == DEFLATED else _LEAST_PACKED if packed else _LEAST_NATIVE
    if frame > _ALWAYS_ALLOWED and frame > least * max(here, 1):
        raise FormatError(f"{header.path.name} announces {header.whole('Columns')} x {header.whole('Rows')} pixels, "
                          f"but has only {header.size} bytes.")
    if packed:
        return max(1, min(frames, here * least // max(frame, 1) + 1))
    there = max(1, -(-min(here, header.pixel_length) // max(frame, 1)))
    if there < frames:
        header.problems.append(f"is cut off: it holds {there} of {frames} frames")
    return min(frames, there)


def read_plain(frame: Frame, out: Array) -> int:
    """Reads one uncompressed frame straight into `out` (rows, columns); returns how many bytes were missing."""
    header = frame.header
    length = out.nbytes
    with open(header.path, "rb", buffering=0) as file:
        file.seek(header.pixel_offset + frame.index * length)
        view = memoryview(out.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        got = 0
        while got < length and (more := file.readinto(view[got:])):
            got += more
    if got < length:
        view[got:] = bytes(length - got)
    mask_unused_bits(header, out)
    return length - got


def mask_unused_bits(header: Header, out: Array) -> None:
    """Clears, in place, what old files keep beside the pixels (overlays), and extends the sign."""
    if out.dtype.kind == "f":
        return
    allocated = out.dtype.itemsize * 8
    stored = header.whole("BitsStored", allocated)
    high = header.whole("HighBit", stored - 1)
    if stored >= allocated or stored < 1 or high >= allocated or high + 1 < stored:
        return
    if out.dtype.kind == "i":
        out <<= allocated - 1 - high
        out >>= allocated - stored
    else:
        if high + 1 > stored:
            out >>= high + 1 - stored
        out &= (1 << stored) - 1


def decode_frames(header: Header, indices: Sequence[int]) -> Iterator[tuple[int, Array | FormatError]]:
    """Frames of a compressed, colour or otherwise special file as (rows, columns[, 3]); colour becomes RGB.

    A frame that cannot be decoded comes as the error that says why; the others still come.
    """
    from viewr.imaging import decode_packed, decode_special

    if decode_packed.can_decode(header):
        return decode_packed.decode(header, indices)
    return decode_special.decode(header, indices)
