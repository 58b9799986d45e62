"""Lookup tables from values to grey levels (VOI LUT), as windows with a curve of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.frame import Frame
from viewr.model.volume import Window

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: A sigmoid is flat beyond so many times its width (DICOM PS3.3 C.11.2.1.3.1).
SIGMOID_REACH = 4.0
_ALONG = np.linspace(-SIGMOID_REACH / 2, SIGMOID_REACH / 2, 1025)
SIGMOID = np.rint(255 / (1 + np.exp(-4 * _ALONG))).astype(np.uint8).tobytes()


def voi_tables(frame: Frame) -> list[Window]:
    """The VOI LUTs of a frame, else those of its file; what contradicts itself is left out."""
    items = frame.values.get("VOILUTSequence")
    if items is None and "VOILUTSequence" in frame.header:
        items = frame.header.dataset.get("VOILUTSequence")
    tables = []
    for item in items or []:
        window = _table(item, frame.header.whole("PixelRepresentation") == 1)
        if window is not None:
            tables.append(window)
    return tables


def _table(item: Dataset, signed: bool) -> Window | None:
    """One table (DICOM PS3.3 C.11.2.1.1): how many entries, the first value, bits of each."""
    try:
        count, first, bits = (int(number) for number in item.LUTDescriptor)
        entries = _entries(item.LUTData, count % 65536 or 65536, bits)
    except (AttributeError, TypeError, ValueError):
        return None
    count = count % 65536 or 65536
    # Some writers give the first value the wrong sign.
    first = first - 65536 if signed and first > 32767 else first
    if len(entries) < count or count < 2 or not 8 <= bits <= 16:
        return None
    top = max((1 << bits) - 1, int(entries[:count].max()))
    curve = np.rint(entries[:count] * (255.0 / top)).astype(np.uint8).tobytes()
    name = str(item.get("LUTExplanation") or "") or "VOI LUT"
    return Window(float(count - 1), first + (count - 1) / 2, name, curve)


def _entries(data: Any, count: int, bits: int) -> npt.NDArray[np.int64]:
    if isinstance(data, bytes):
        if bits == 8 and len(data) in (count, count + 1):
            return np.frombuffer(data, np.uint8).astype(np.int64)
        return np.frombuffer(data[: len(data) // 2 * 2], "<u2").astype(np.int64)
    return np.array([int(entry) % 65536 for entry in data], np.int64)
