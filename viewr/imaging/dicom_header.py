"""The header of one DICOM file: the elements that matter, read fast where the file is plain, by pydicom elsewhere."""

from __future__ import annotations

import logging
import math
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewr.imaging.deflated import is_deflated, open_inflated, start_of
from viewr.imaging.dicom_scan import NeedMore, ScanError, scan
from viewr.imaging.dicom_tags import DEFLATED, EXPLICIT_LE, KIND, PIXEL_TAGS, TAG
from viewr.model.errors import FormatError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_CHUNK = 16384
_LARGEST_HEADER = 1 << 28


@dataclass(eq=False)
class Header:
    """What is known of one DICOM file without its pixels.

    Attributes
    ----------
    values : dict
        Keyword -> the element's bytes (fast walk), or its value (pydicom).
    syntax : str
        Transfer syntax UID; "" if the file has none.
    pixel_offset, pixel_length : int
        Where the pixel data lie in the file; offset 0 where only pydicom can tell.
    problems : list of str
        What was wrong with the file, each part of a sentence.
    """

    path: Path
    values: dict[str, Any]
    syntax: str = ""
    implicit: bool = False
    pixel_tag: int = 0
    pixel_offset: int = 0
    pixel_length: int = 0
    size: int = 0
    problems: list[str] = field(default_factory=list)

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.values

    def text(self, keyword: str) -> str:
        """Value as one string, "" if there is none."""
        value = self.values.get(keyword)
        if value is None:
            return ""
        if not isinstance(value, bytes):
            return "\\".join(str(v) for v in value) if isinstance(value, list) else str(value)
        if value.isascii() or keyword == "SpecificCharacterSet":
            return value.decode("latin-1").strip("\x00 ")
        return self._decode(value)

    def _decode(self, value: bytes) -> str:
        from pydicom.charset import convert_encodings, decode_bytes

        names = [name.strip() for name in self.text("SpecificCharacterSet").split("\\")]
        try:
            return decode_bytes(value, convert_encodings(names), set()).strip("\x00 ")
        except (LookupError, UnicodeError):
            return value.decode("latin-1").strip("\x00 ")

    def texts(self, keyword: str) -> list[str]:
        """Values as strings, stripped."""
        text = self.text(keyword)
        return [part.strip() for part in text.split("\\")] if text else []

    def numbers(self, keyword: str) -> list[float]:
        """Values as numbers; what is not a finite number is left out."""
        value = self.values.get(keyword)
        if value is None:
            return []
        if isinstance(value, bytes):
            kind = KIND[keyword]
            if kind != "s":
                return self._unpack(kind, value)
            value = value.strip(b"\x00 ").split(b"\\")
        return [number for number in map(_number, value if isinstance(value, list) else [value]) if number is not None]

    def _unpack(self, kind: str, value: bytes) -> list[float]:
        if kind == "P":
            kind = "h" if self.number("PixelRepresentation") == 1 else "H"
        if kind == "Q":
            return []
        count = len(value) // struct.calcsize(kind)
        return [float(v) for v in struct.unpack_from(f"<{count}{kind}", value) if math.isfinite(v)]

    def number(self, keyword: str, default: float | None = None) -> float | None:
        """The first value as a number."""
        numbers = self.numbers(keyword)
        return numbers[0] if numbers else default

    def whole(self, keyword: str, default: int = 0) -> int:
        """The first value as a whole number."""
        number = self.number(keyword)
        return default if number is None else int(number)

    @cached_property
    def dataset(self) -> Dataset:
        """All elements but the pixels, by pydicom: for sequences and rare needs."""
        return _read_dataset(self.path)

    @property
    def has_pixels(self) -> bool:
        return bool(self.pixel_tag)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if -1e300 < number < 1e300 else None


def read_header(path: Path) -> Header:
    """The header of a DICOM file.

    Raises
    ------
    FormatError
        If the file is not DICOM.
    """
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        data = file.read(_CHUNK)
        while True:
            try:
                found = scan(data, len(data) >= size)
                break
            except NeedMore:
                if len(data) > _LARGEST_HEADER:
                    raise FormatError(f"The header of {path.name} does not end.") from None
                more = file.read(max(3 * len(data), _CHUNK))
                size = size if more else len(data)
                data += more
            except ScanError:
                return _by_pydicom(path, size)
    header = Header(
        path, found.values, found.syntax, found.implicit, found.pixel_tag, found.pixel_offset,
        found.pixel_length, size,
    )
    if not found.has_meta:
        header.problems.append("has no file meta information")
    elif found.mismatch:
        header.problems.append("is not written in the transfer syntax it names")
    return header


def quiet() -> None:
    """Keeps pydicom from writing what it finds wrong, values included, into the program's log."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)


def _read_dataset(path: Path, met: list[int] | None = None) -> Dataset:
    """All elements up to the pixels; the tag of those goes to `met`."""
    import warnings

    from pydicom.filereader import read_partial

    def at_pixels(tag: int, _vr: object, _length: int) -> bool:
        if tag in PIXEL_TAGS and met is not None:
            met.append(int(tag))
        return tag in PIXEL_TAGS

    quiet()
    try:
        with warnings.catch_warnings(), open_inflated(path) as file:
            warnings.simplefilter("ignore")
            return read_partial(file, stop_when=at_pixels, force=True)
    except Exception as exc:
        raise FormatError(f"{path.name} cannot be read as DICOM ({type(exc).__name__}).") from exc


def _by_pydicom(path: Path, size: int) -> Header:
    """For big-endian, deflated and damaged files."""
    with open(path, "rb") as file:
        start = file.read(132)
    if start[128:132] != b"DICM" and not _looks_like_elements(start):
        raise FormatError(f"{path.name} is not a DICOM file.")
    met: list[int] = []
    dataset = _read_dataset(path, met)
    if not len(dataset):
        raise FormatError(f"{path.name} is not a readable DICOM file.")
    header = Header(path, dict(_values(dataset)), size=size)
    header.syntax = DEFLATED if is_deflated(start_of(path)) else str(
        getattr(dataset.file_meta, "TransferSyntaxUID", EXPLICIT_LE))
    header.pixel_tag = met[0] if met else 0
    return header


def _looks_like_elements(start: bytes) -> bool:
    """Whether a file without a preamble begins as a data set does, in either byte order."""
    groups = (b"\x08\x00", b"\x00\x08", b"\x02\x00", b"\x00\x02")
    return start[:2] in groups and start[3:4] in (b"\x00", b"\x01", b"\x05")


def _values(dataset: Dataset) -> Iterable[tuple[str, Any]]:
    for keyword, tag in TAG.items():
        if tag not in dataset:
            continue
        try:
            value = dataset[tag].value
        except Exception:
            continue
        if KIND[keyword] == "Q":
            yield keyword, b""
        elif value is not None and value != "":
            yield keyword, list(value) if not isinstance(value, (str, bytes, int, float)) else value
