"""Sorts files by what they are, and makes volumes of those that are images."""

from __future__ import annotations

import logging
import struct
import traceback
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from viewr.imaging.build import build_volume
from viewr.imaging.decode import assume_bits, check_announced
from viewr.imaging.dicom_header import Header, read_header
from viewr.imaging.duplicates import without_duplicates
from viewr.imaging.files import what_else
from viewr.imaging.frame import Frame, plain_frames
from viewr.imaging.grouping import Stack, stacks_of
from viewr.imaging.nifti import is_nifti, read_nifti
from viewr.model.errors import FormatError, ViewrError
from viewr.model.progress import Progress
from viewr.model.volume import Volume

log = logging.getLogger(__name__)
Refusal = tuple[Path, str]
#: What foreign libraries raise on files whose parts contradict each other.
DAMAGE = (ViewrError, OSError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, EOFError,
          NotImplementedError, MemoryError, RecursionError, struct.error, zlib.error)

#: Objects that are no images of their own, in words.
_NO_IMAGE = {
    "SEG": "is a segmentation of another series", "RTSTRUCT": "is a set of contours (RTSTRUCT)",
    "RTPLAN": "is a radiotherapy plan", "SR": "is a structured report", "PR": "is a presentation state",
    "KO": "is a key object selection", "REG": "is a spatial registration", "DOC": "is a document",
    "ECG": "is an electrocardiogram", "RWV": "is a real-world value mapping", "FID": "is a set of fiducials",
    "RTRECORD": "is a treatment record", "AU": "is a sound recording", "HD": "is a waveform",
    "SMR": "is a stereometric relationship", "PLAN": "is a plan", "ANN": "is a set of annotations",
}
#: Retired, or of video only.
_ODD_COLOURS = {"HSV", "ARGB", "CMYK", "YBR_PARTIAL_420"}
#: SOP classes that hold pictures which are no images.
_SEGMENTATIONS = {"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"}


def read_files(files: Sequence[Path], progress: Progress | None = None) -> tuple[list[Volume], list[Refusal]]:
    """Volumes of files, and the files that gave none with a sentence each."""
    volumes: list[Volume] = []
    refused: list[Refusal] = []
    frames = frames_of(files, volumes, refused, progress)
    for stack in stacks_of(without_duplicates(frames, refused)):
        try:
            volumes.append(build_volume(stack, progress))
        except DAMAGE as exc:
            refused.extend((file, why_not(exc, file)) for file in files_of(stack))
        refused.extend((frame.header.path, f"{frame.header.path.name} {why}.") for frame, why in stack.left_out)
    return volumes, refused


def why_not(exc: Exception, file: Path) -> str:
    """A sentence about a file that could not be read."""
    if isinstance(exc, ViewrError):
        return str(exc)
    if isinstance(exc, OSError) and exc.strerror:
        return f"{file.name} cannot be read ({exc.strerror})."
    # The kind only: messages of foreign libraries may quote the patient's data.
    log.warning("a file was refused: %s in %s", type(exc).__name__, _where(exc))
    return f"{file.name} is damaged and cannot be read."


def _where(exc: Exception) -> str:
    last = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def files_of(stack: Stack) -> list[Path]:
    """The files of a stack, each once."""
    return list(dict.fromkeys(frame.header.path for frame in stack.frames))


def frames_of(
    files: Iterable[Path], volumes: list[Volume], refused: list[Refusal], progress: Progress | None = None
) -> list[Frame]:
    """Frames of the DICOM images among files; NIfTI volumes and refusals go to the lists."""
    frames: list[Frame] = []
    for file in files:
        if progress is not None:
            progress.check()
        try:
            found = read_one(file)
        except DAMAGE as exc:
            refused.append((file, why_not(exc, file)))
            continue
        if isinstance(found, Volume):
            volumes.append(found)
        else:
            frames.extend(found)
    return frames


def read_one(file: Path) -> Volume | list[Frame]:
    """A NIfTI volume, or the frames of a DICOM file.

    Raises
    ------
    FormatError
        If the file is neither, or holds no image.
    """
    try:
        header = read_header(file)
    except FormatError:
        if is_nifti(file):
            return read_nifti(file)
        raise FormatError(f"{file.name} {what_else(file)}.") from None
    return frames_of_header(header)


def frames_of_header(header: Header) -> list[Frame]:
    """The frames of one DICOM file.

    Raises
    ------
    FormatError
        If it holds no image.
    """
    refuse_if_no_image(header)
    assume_bits(header)
    frames = _frames_by_kind(header)
    return frames[: check_announced(header, len(frames))] if frames[0].tile is None else frames


def _frames_by_kind(header: Header) -> list[Frame]:
    if "PerFrameFunctionalGroupsSequence" in header:
        from viewr.imaging.enhanced import enhanced_frames

        return enhanced_frames(header)
    if header.text("Modality") == "RTDOSE":
        from viewr.imaging.enhanced import dose_frames

        return dose_frames(header)
    if "RECON TOMO" in header.text("ImageType"):
        from viewr.imaging.enhanced import tomographic_frames

        return tomographic_frames(header)
    from viewr.imaging.mosaic import is_mosaic, mosaic_frames

    return mosaic_frames(header) if is_mosaic(header) else plain_frames(header)


def refuse_if_no_image(header: Header) -> None:
    """Raises `FormatError` for objects that hold no picture of their own."""
    name, modality = header.path.name, header.text("Modality")
    if "DirectoryRecordSequence" in header:
        raise FormatError(f"{name} is a DICOMDIR, an index of other files.")
    if header.text("SOPClassUID") in _SEGMENTATIONS:
        raise FormatError(f"{name} {_NO_IMAGE['SEG']}.")
    if not header.has_pixels:
        raise FormatError(f"{name} {_NO_IMAGE.get(modality, 'holds no pixels')}.")
    if header.whole("Rows") < 1 or header.whole("Columns") < 1:
        raise FormatError(f"{name} does not say how many rows and columns it has.")
    samples, kind = header.whole("SamplesPerPixel", 1), header.text("PhotometricInterpretation")
    if samples not in (1, 3) or kind in _ODD_COLOURS:
        raise FormatError(f"{name} holds colours of the kind {kind or 'unknown'} with {samples} values each, "
                          "which are not read.")
