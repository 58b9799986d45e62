"""DICOM RLE (PS3.5 annex G): planes of bytes, each packed by itself, unpacked while other threads run."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.dicom_header import Header
from viewr.model.errors import FormatError

Array = npt.NDArray[Any]
RLE = "1.2.840.10008.1.2.5"
_HEADER = struct.Struct("<16L")


def can_unpack(header: Header) -> bool:
    """Grey or RGB of whole bytes; palettes go another way."""
    kind = header.text("PhotometricInterpretation")
    samples, bits = header.whole("SamplesPerPixel", 1), header.whole("BitsAllocated")
    if samples == 3:
        return bits == 8 and kind in ("RGB", "YBR_FULL")
    return samples == 1 and bits in (8, 16, 32) and not kind.startswith("PALETTE")


def unpacked(header: Header, stream: bytes) -> Array | FormatError:
    """One frame as (rows, columns[, 3]), unsigned; bytes that are not there become 0."""
    rows, columns = header.whole("Rows"), header.whole("Columns")
    samples, size = header.whole("SamplesPerPixel", 1), header.whole("BitsAllocated") // 8
    segments = _segments(stream, samples * size)
    if segments is None:
        return FormatError(f"The pixels of {header.path.name} are not compressed as the file says.")
    planes = np.zeros((samples * size, rows * columns), np.uint8)
    missing = [n for n, segment in enumerate(segments) if _fill(segment, planes[n]) < rows * columns]
    if missing and "is cut off: its pixels are shown as far as they go" not in header.problems:
        header.problems.append("is cut off: its pixels are shown as far as they go")
    if samples == 3:
        return np.ascontiguousarray(planes.T).reshape(rows, columns, 3)
    # The plane of the highest byte comes first.
    return np.ascontiguousarray(planes[::-1].T).reshape(rows, columns, size).view(f"<u{size}")[..., 0]


def _segments(stream: bytes, expected: int) -> list[bytes] | None:
    """The packed planes; None where the table at the start cannot be true."""
    if len(stream) < _HEADER.size:
        return None
    count, *offsets = _HEADER.unpack_from(stream)
    starts = offsets[:expected]
    if count != expected or expected > 15 or starts[0] < _HEADER.size or starts != sorted(starts):
        return None
    return [stream[start:end] for start, end in zip(starts, [*starts[1:], len(stream)], strict=True)]


def _fill(segment: bytes, plane: npt.NDArray[np.uint8]) -> int:
    """Unpacks a plane; returns how many of its bytes were there."""
    import imagecodecs

    try:
        data = imagecodecs.packbits_decode(segment)
    except (RuntimeError, ValueError):
        data = _as_far_as_it_goes(segment, len(plane))
    there = min(len(data), len(plane))
    plane[:there] = np.frombuffer(data, np.uint8, there)
    return there


def _as_far_as_it_goes(segment: bytes, size: int) -> bytes:
    """The runs before the one that is cut off."""
    parts, position, total = [], 0, 0
    while position < len(segment) and total < size:
        run = segment[position]
        position += 1
        if run < 128:
            parts.append(segment[position : position + run + 1])
            position += run + 1
        elif run > 128:
            parts.append(segment[position : position + 1] * (257 - run))
            position += 1
        total += len(parts[-1]) if parts else 0
    return b"".join(parts)
