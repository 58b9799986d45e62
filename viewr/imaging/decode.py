"""From the bytes of a file to stored pixel values."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.dicom_header import Header
from viewr.imaging.dicom_tags import DOUBLE_PIXEL_DATA, EXPLICIT_LE, FLOAT_PIXEL_DATA, IMPLICIT_LE, PIXEL_DATA
from viewr.imaging.frame import Frame
from viewr.model.errors import FormatError

Array = npt.NDArray[Any]


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


def is_plain(header: Header) -> bool:
    """Whether the pixels stand in the file as they will in memory: no compression, no colour, whole bytes."""
    return (
        header.pixel_offset > 0
        and header.syntax in (IMPLICIT_LE, EXPLICIT_LE)
        and header.pixel_length != 0xFFFFFFFF
        and header.whole("SamplesPerPixel", 1) == 1
        and header.whole("BitsAllocated") in (8, 16, 32, 64)
        and not header.text("PhotometricInterpretation").startswith("PALETTE")
    )


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


def decode_frames(header: Header, indices: Sequence[int]) -> list[Array]:
    """Frames of a compressed, colour or otherwise special file, each (rows, columns[, 3]); colour becomes RGB."""
    from viewr.imaging.decode_special import decode

    if header.pixel_tag not in (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA):
        raise FormatError(f"{header.path.name} holds no pixels.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return decode(header, indices)
