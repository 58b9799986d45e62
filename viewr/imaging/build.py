"""From a stack of pictures to a `Volume`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.frame import Frame
from viewr.imaging.geometry_of_stack import grid_of
from viewr.imaging.grouping import Stack
from viewr.imaging.lossy import lossy_words
from viewr.imaging.palette import palette_of
from viewr.imaging.pixels import Pixels, read_pixels
from viewr.imaging.values import doubts, padding_of, unit_of, windows_of
from viewr.model.progress import Progress
from viewr.model.volume import PixelRegion, Volume

Array = npt.NDArray[Any]


def build_volume(stack: Stack, progress: Progress | None = None) -> Volume:
    """Reads the voxels of a stack.

    Raises
    ------
    FormatError
        If its pixels cannot be read at all.
    """
    pixels = read_pixels(stack.frames, progress)
    return describe_volume(stack, laid_out(pixels.array, stack), _broken_slices(stack, pixels))


def laid_out(array: Array, stack: Stack) -> Array:
    """(n, rows, columns[, 3]) as (i, j, k[, axis][, channel]), a view."""
    colour = array.ndim == 4
    rows, columns = array.shape[1:3]
    split = array.reshape((-1, stack.slices, rows, columns) + ((3,) if colour else ()))
    turned = split.transpose((3, 2, 1, 0, 4) if colour else (3, 2, 1, 0))
    return turned if stack.axis else turned[:, :, :, 0]


def describe_volume(stack: Stack, array: Array, broken: dict[str, str]) -> Volume:
    """A volume of voxels already in place."""
    frames, first = stack.frames, stack.frames[0]
    header = first.header
    warnings: list[str] = []
    grid = grid_of(frames, stack.slices, warnings)
    warnings += stack.warnings + lossy_words(frames) + _concatenated(frames) + _problems(frames)
    warnings += [f"{name} is cut off: {share} can be shown." for name, share in broken.items()]
    warnings += doubts(first, array)
    palette = palette_of(frames, warnings)
    regions = _regions(frames, warnings)
    return Volume(
        array, grid,
        modality=header.text("Modality"), unit=unit_of(first), series_uid=header.text("SeriesInstanceUID"),
        study_uid=header.text("StudyInstanceUID"), description=_description(first), part=", ".join(stack.part),
        axes=axes_of(stack, array), windows=windows_of(frames),
        inverted=first.text("PhotometricInterpretation") == "MONOCHROME1", palette=palette, padding=padding_of(first),
        missing=_missing(stack, broken), transfer_syntax=header.syntax,
        files=tuple(dict.fromkeys(str(frame.header.path) for frame in frames)),
        sop_instance_uids=tuple(frame.text("SOPInstanceUID") for frame in frames),
        spacing_source=first.spacing_source or "none", frame_time_ms=frame_time(stack),
        laterality=first.text("ImageLaterality") or first.text("Laterality"), placed=first.placed,
        view_position=_view(first), toward=_toward(first), regions=regions,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _regions(frames: Sequence[Frame], warnings: list[str]) -> tuple[PixelRegion, ...]:
    """Parts with a scale of their own, as ultrasound has them."""
    if "SequenceOfUltrasoundRegions" not in frames[0].header:
        return ()
    from viewr.imaging.ultrasound import regions_of

    return regions_of(list({id(frame.header): frame.header for frame in frames}.values()), warnings)


#: Code of a view of the breast, as SNOMED CT and SNOMED RT write it.
_VIEWS = {
    "399162004": "CC", "R-10242": "CC", "399368009": "MLO", "R-10226": "MLO", "399260004": "ML", "R-10224": "ML",
    "399352003": "LM", "R-10228": "LM",
}  # fmt: skip


def axes_of(stack: Stack, array: Array) -> tuple[str, ...]:
    """Names of the axes after i, j, k."""
    named = (stack.axis,) if stack.axis else ()
    return (*named, "channel") if array.ndim - 3 > len(named) else named


def _toward(frame: Frame) -> tuple[str, str]:
    """Letters of Patient Orientation; none where there are others than the standard's (DICOM PS3.3 C.7.6.1.1.1)."""
    parts = [part.upper() for part in frame.header.texts("PatientOrientation")]
    if len(parts) != 2 or any(not part or set(part) - set("APRLHF") for part in parts):
        return "", ""
    return parts[0], parts[1]


def _view(frame: Frame) -> str:
    """View Position, else what the View Code Sequence says, as tomosynthesis has it (DICOM PS3.16 CID 4014)."""
    codes = frame.header.dataset.get("ViewCodeSequence") or []
    named = (_VIEWS.get(str(code.get("CodeValue", ""))) for code in codes)
    return frame.text("ViewPosition") or next((name for name in named if name), "")


def _description(frame: Frame) -> str:
    header = frame.header
    return header.text("SeriesDescription") or header.text("ProtocolName")


def _broken_slices(stack: Stack, pixels: Pixels) -> dict[str, str]:
    return {stack.frames[n].header.path.name: share for n, share in sorted(pixels.broken.items())}


def _missing(stack: Stack, broken: dict[str, str]) -> tuple[int, ...]:
    """Slices of which nothing could be read."""
    empty = {n % stack.slices for n, frame in enumerate(stack.frames)
             if broken.get(frame.header.path.name) == "nothing"}
    return tuple(sorted(empty))


def _concatenated(frames: Sequence[Frame]) -> list[str]:
    """Says where files of a concatenation did not come."""
    headers = {id(frame.header): frame.header for frame in frames}.values()
    total = max(header.whole("InConcatenationTotalNumber") for header in headers)
    there = {header.whole("InConcatenationNumber") for header in headers}
    lost = sorted(set(range(1, min(total, 10_000) + 1)) - there)
    return [f"{len(lost)} of {total} files of this image are missing (part {lost[0]}{', ...' if lost[1:] else ''})."
            ] if lost else []


def _problems(frames: Sequence[Frame]) -> list[str]:
    headers = {id(frame.header): frame.header for frame in frames}.values()
    problems: dict[str, list[str]] = {}
    for header in headers:
        for problem in dict.fromkeys(header.problems):
            problems.setdefault(problem, []).append(header.path.name)
    return [f"{names[0]} {problem}{f' (and {len(names) - 1} more files alike)' if len(names) > 1 else ''}."
            for problem, names in problems.items()]


def frame_time(stack: Stack) -> float | None:
    """Time from one picture of a cine to the next, ms."""
    if stack.axis not in ("time", "phase"):
        return None
    first = stack.frames[0]
    time = first.number("FrameTime")
    if time is None and (vector := first.numbers("FrameTimeVector")):
        time = float(np.median(vector[1:] or vector))
    if time is None and (rate := first.number("CineRate")):
        time = 1000.0 / rate
    return time or _trigger_step(stack)


def _trigger_step(stack: Stack) -> float | None:
    """Steady steps of Trigger Time through the heart's cycle, ms (DICOM PS3.3 C.8.3.1); None if there are none."""
    times = {number for frame in stack.frames if (number := frame.number("TriggerTime")) is not None}
    steps = np.diff(sorted(times))
    if len(steps) == 0 or steps.max() > 1.5 * steps.min():
        return None
    return float(np.median(steps)) or None
