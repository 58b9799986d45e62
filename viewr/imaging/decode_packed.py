"""Compressed grey pictures through imagecodecs, which lets other threads run meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from struct import error as StructError
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from viewr.imaging import decode as plain
from viewr.imaging import decode_rle
from viewr.imaging.codestream import JPEG_2000, JPEG_LS, LOSSLESS, Announced, announced
from viewr.imaging.dicom_header import Header
from viewr.model.errors import FormatError

Array = npt.NDArray[Any]
_JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51))
_JPEG_LOSSLESS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (57, 70))
_JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81))
_JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91))
_HTJ2K = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203))
#: Frame headers that each decoder takes; given another form some of them crash.
_FORMS: dict[str, frozenset[int]] = {
    **dict.fromkeys(_JPEG, frozenset((0xC0, 0xC1, 0xC2))), **dict.fromkeys(_JPEG_LOSSLESS, frozenset((LOSSLESS,))),
    **dict.fromkeys(_JPEG_LS, frozenset((JPEG_LS,))), **dict.fromkeys(_JPEG_2000 | _HTJ2K, frozenset((JPEG_2000,))),
}
#: End of image. Behind it some writers leave rubbish, which some decoders take amiss.
_END = b"\xff\xd9"
_KNOWN = _JPEG | _JPEG_LOSSLESS | _JPEG_LS | _JPEG_2000 | _HTJ2K


def can_decode(header: Header) -> bool:
    """Whether this decoder takes the file: grey, or RGB in lossless JPEG, which pydicom has no decoder for."""
    if header.pixel_offset == 0 or header.pixel_length != plain.UNDEFINED_LENGTH:
        return False
    if header.syntax == decode_rle.RLE:
        return decode_rle.can_unpack(header)
    if plain.is_colour(header):
        return header.syntax in _JPEG_LOSSLESS and header.whole("BitsAllocated") == 8 and (
            header.text("PhotometricInterpretation") in ("RGB", "YBR_FULL"))
    return header.syntax in _KNOWN and header.whole("BitsAllocated") in (8, 16)


class _Clamped:
    """A file that never reads past its end: a damaged length must not take gigabytes that are not there."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self.seek, self.tell = file.seek, file.tell

    def read(self, length: int = -1) -> bytes:
        left = max(0, self._size - self._file.tell())
        return self._file.read(left if length < 0 else min(length, left))


def decode(header: Header, indices: Sequence[int]) -> Iterator[tuple[int, Array | FormatError]]:
    """Stored values of frames, in the type that the file announces."""
    from pydicom.encaps import generate_frames

    wanted = set(indices)
    unpack = None if header.syntax == decode_rle.RLE else _decoder(header.syntax)
    with open(header.path, "rb") as file:
        file.seek(header.pixel_offset)
        count = max(1, header.whole("NumberOfFrames", 1))
        streams = generate_frames(_Clamped(file, header.size), number_of_frames=count)
        for index in range(max(indices) + 1):
            try:
                stream = next(streams)
            except (StopIteration, ValueError, EOFError, OSError, StructError):
                yield from ((n, _cut_off(header)) for n in sorted(wanted) if n >= index)
                return
            if index in wanted:
                yield index, _finished(header, decode_rle.unpacked(header, stream) if unpack is None
                                       else _unpacked(header, unpack, stream))


def _cut_off(header: Header) -> FormatError:
    return FormatError(f"{header.path.name} is cut off.")


def _decoder(syntax: str) -> Callable[[bytes], Array]:
    import imagecodecs

    if syntax in _JPEG | _JPEG_LOSSLESS:
        # libjpeg-turbo, and nothing else: the other decoders of lossless JPEG crash on damaged streams.
        return imagecodecs.jpeg8_decode
    if syntax in _JPEG_LS:
        return imagecodecs.jpegls_decode
    return imagecodecs.jpeg2k_decode


def _unpacked(header: Header, unpack: Callable[[bytes], Array], stream: bytes) -> Array | FormatError:
    """A decoded frame, or the reason why there is none."""
    reason = _contradiction(header, announced(stream))
    if reason is not None:
        return reason
    end = stream.rfind(_END) + len(_END)
    whole = end > len(stream) // 2
    if not whole and header.syntax in _JPEG_LS:
        # The decoder would look for the end for many seconds and fail all the same.
        return _cut_off(header)
    try:
        picture = unpack(stream[:end] if whole else stream)
    except (RuntimeError, ValueError, TypeError, MemoryError) as exc:
        return _failed(header, whole, exc)
    if not whole:
        _tell(header, "is cut off: its pixels are shown as far as they go")
    return picture


def _finished(header: Header, picture: Array | FormatError) -> Array | FormatError:
    if isinstance(picture, FormatError):
        return picture
    if picture.ndim == 2:
        return _as_stored(header, picture)
    return _as_rgb(picture) if header.text("PhotometricInterpretation") == "YBR_FULL" else picture


def _contradiction(header: Header, found: Announced | None) -> FormatError | None:
    """What the stream says against the file, before any decoder trusts it."""
    rows, columns = header.whole("Rows"), header.whole("Columns")
    if found is None or found.form not in _FORMS[header.syntax]:
        return FormatError(f"The pixels of {header.path.name} are not compressed as the file says.")
    if (found.rows, found.columns, found.samples) != (rows, columns, header.whole("SamplesPerPixel", 1)):
        return FormatError(f"{header.path.name} announces {columns} x {rows} pixels and holds "
                           f"{found.columns} x {found.rows}.")
    return None


def _tell(header: Header, problem: str) -> None:
    if problem not in header.problems:
        header.problems.append(problem)


def _failed(header: Header, whole: bool, cause: Exception) -> FormatError:
    reason = FormatError(f"The pixels of {header.path.name} cannot be decoded.", "The file may be damaged.")
    reason.__cause__ = cause
    return reason if whole else _cut_off(header)


def _as_rgb(picture: Array) -> Array:
    from pydicom.pixels import convert_color_space

    return np.asarray(convert_color_space(picture, "YBR_FULL", "RGB"))


def _as_stored(header: Header, picture: Array) -> Array:
    """In the announced type; values of fewer bits carry their sign in the highest of them."""
    kind = plain.stored_type(header)
    bits = header.whole("BitsStored", 8 * kind.itemsize)
    if kind.kind == picture.dtype.kind or kind.kind == "u":
        return picture.astype(kind, copy=False)
    wide = picture.astype(f"u{kind.itemsize}").view(kind)
    if 0 < bits < 8 * kind.itemsize:
        wide <<= 8 * kind.itemsize - bits
        wide >>= 8 * kind.itemsize - bits
    return wide
