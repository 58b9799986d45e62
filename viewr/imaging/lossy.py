"""Whether pictures lost something when they were compressed."""

from __future__ import annotations

from collections.abc import Sequence

from viewr.imaging.dicom_header import Header
from viewr.imaging.frame import Frame

#: Transfer syntaxes that always lose.
_LOSSY = {
    "1.2.840.10008.1.2.4.50": "JPEG", "1.2.840.10008.1.2.4.51": "JPEG", "1.2.840.10008.1.2.4.53": "JPEG",
    "1.2.840.10008.1.2.4.55": "JPEG", "1.2.840.10008.1.2.4.81": "JPEG-LS near-lossless",
}
#: Those that may lose; the file says.
_MAYBE = {"1.2.840.10008.1.2.4.91": "JPEG 2000", "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000"}


def lossy_words(frames: Sequence[Frame]) -> list[str]:
    """A sentence where at least one picture was compressed with loss, else nothing."""
    for header in {id(frame.header): frame.header for frame in frames}.values():
        name = _method(header)
        if name is not None:
            ratio = header.number("LossyImageCompressionRatio")
            how = ", ".join(filter(None, [name, f"{ratio:g} to 1" if ratio else ""]))
            return [f"The images were compressed with loss{f' ({how})' if how else ''}."]
    return []


def _method(header: Header) -> str | None:
    """Name of the lossy method, "" if only the mark is there, None if nothing was lost."""
    if header.syntax in _LOSSY:
        return _LOSSY[header.syntax]
    marked = header.text("LossyImageCompression") == "01"
    if header.syntax in _MAYBE and (marked or _irreversible(header)):
        return _MAYBE[header.syntax]
    return "" if marked else None


def _irreversible(header: Header) -> bool:
    """Whether the first code stream of a JPEG 2000 file names the 9-7 wavelet (ISO 15444-1 A.6.1)."""
    with open(header.path, "rb") as file:
        file.seek(header.pixel_offset)
        data = file.read(65536)
    start = data.find(b"\xff\x4f\xff\x51")
    coding = data.find(b"\xff\x52", start)
    # The marker, its length (2), style (1), progression (1), layers (2), colour (1), levels (1), block (2), style (1).
    return start >= 0 and coding >= 0 and len(data) > coding + 13 and data[coding + 13] == 0
