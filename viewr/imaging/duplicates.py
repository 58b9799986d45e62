"""Files that hold an instance which is there already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from viewr.imaging.dicom_header import Header
from viewr.imaging.frame import Frame

#: Elements in which two copies of one instance agree.
_SAME = ("SeriesInstanceUID", "InstanceNumber", "ImagePositionPatient", "ImageOrientationPatient", "NumberOfFrames",
         "AcquisitionTime", "InConcatenationNumber")
_CHUNK = 1 << 20


def without_duplicates(frames: Sequence[Frame], refused: list[tuple[Path, str]]) -> list[Frame]:
    """Drops copies of files that are there already.

    Files that only share their instance UID, as careless de-identification leaves it, are all kept and it is said.
    """
    seen: dict[str, list[Header]] = {}
    known: dict[int, bool] = {}
    kept = []
    for frame in frames:
        header = frame.header
        if id(header) not in known:
            known[id(header)] = _is_new(header, seen, refused)
        if known[id(header)]:
            kept.append(frame)
    return kept


def _is_new(header: Header, seen: dict[str, list[Header]], refused: list[tuple[Path, str]]) -> bool:
    uid = header.text("SOPInstanceUID")
    others = seen.setdefault(uid, []) if uid else []
    copy = next((other for other in others if _is_copy(header, other)), None)
    if copy is not None:
        if copy.path != header.path:
            refused.append((header.path, f"{header.path.name} holds the same instance as {copy.path.name} and is "
                            "left out."))
        return False
    if others:
        header.problems.append("has the instance UID of another picture, which it is not")
    others.append(header)
    return True


def _is_copy(one: Header, other: Header) -> bool:
    if any(one.text(name) != other.text(name) for name in _SAME):
        return False
    if (one.whole("Rows"), one.whole("Columns")) != (other.whole("Rows"), other.whole("Columns")):
        return False
    return _same_pixels(one, other)


def _same_pixels(one: Header, other: Header) -> bool:
    """Whether the bytes from the pixels on are alike; with another compression that cannot be told, so they count as
    alike.
    """
    if one.syntax != other.syntax or not one.pixel_offset or not other.pixel_offset:
        return True
    length = min(one.pixel_length, one.size - one.pixel_offset, other.pixel_length, other.size - other.pixel_offset)
    with open(one.path, "rb") as mine, open(other.path, "rb") as theirs:
        mine.seek(one.pixel_offset)
        theirs.seek(other.pixel_offset)
        for start in range(0, length, _CHUNK):
            size = min(_CHUNK, length - start)
            if mine.read(size) != theirs.read(size):
                return False
    return True
