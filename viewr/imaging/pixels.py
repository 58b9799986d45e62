"""Fills the voxels of a stack: reads, decodes and rescales its frames, in threads where that helps."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging import decode, rescale
from viewr.imaging.frame import Frame
from viewr.imaging.values import modality_lut, stored_range
from viewr.model.errors import FormatError
from viewr.model.progress import Progress

Array = npt.NDArray[Any]
_WORKERS = max(1, min(8, os.cpu_count() or 1))
_BATCH = 8


@dataclass
class Pixels:
    """Voxels of a stack and what went wrong while they were read.

    Attributes
    ----------
    array : ndarray, shape (n, rows, columns[, 3])
        Real-world values of each frame in the order asked for.
    broken : dict
        Frame number -> why it holds nothing, or only a part.
    """

    array: Array
    broken: dict[int, str] = field(default_factory=dict)


def read_pixels(frames: Sequence[Frame], progress: Progress | None = None) -> Pixels:
    """Real-world values of frames that make one volume.

    Raises
    ------
    FormatError
        If none of the frames can be read.
    """
    if all(frame.tile is None and decode.is_plain(frame.header) and modality_lut(frame) is None for frame in frames):
        return _plain(frames, progress)
    return _special(frames, progress)


def _plain(frames: Sequence[Frame], progress: Progress | None) -> Pixels:
    """Uncompressed frames: straight from the file into the volume."""
    stored = {decode.stored_type(header) for header in {id(f.header): f.header for f in frames}.values()}
    rescales = {frame.rescale for frame in frames}
    low, high = stored_range(frames)
    one = next(iter(stored))
    kind = rescale.type_after(one, low, high, rescales) if len(stored) == 1 else np.dtype("f4")
    shape = (len(frames), frames[0].rows, frames[0].columns)
    if len(stored) == 1 and kind.kind != "f" and kind.itemsize > one.itemsize:
        return _plain_undecided(frames, np.empty(shape, one), rescales, progress)
    pixels = Pixels(np.empty(shape, kind))

    def load(n: int) -> None:
        frame, out = frames[n], pixels.array[n]
        own = decode.stored_type(frame.header)
        raw = out.view(own) if own.itemsize == out.itemsize else np.empty(out.shape, own)
        _note_missing(pixels, n, decode.read_plain(frame, raw), out.size * own.itemsize)
        if frame.rescale != (1.0, 0.0) or raw.dtype != out.dtype:
            rescale.apply(raw if raw.dtype != out.dtype else out, *frame.rescale, out)

    _in_threads(load, len(frames), progress)
    return pixels


def _plain_undecided(
    frames: Sequence[Frame], array: Array, rescales: set[tuple[float, float]], progress: Progress | None
) -> Pixels:
    """Where the announced bits would need a wider type: the values found decide."""
    pixels = Pixels(array)
    ends = np.empty((len(frames), 2))

    def load(n: int) -> None:
        _note_missing(pixels, n, decode.read_plain(frames[n], array[n]), array[n].nbytes)
        ends[n] = array[n].min(), array[n].max()

    _in_threads(load, len(frames), progress)
    kind = rescale.type_after(array.dtype, ends[:, 0].min(), ends[:, 1].max(), rescales)
    out = array.view(kind) if kind.itemsize == array.itemsize else np.empty(array.shape, kind)
    for n, frame in enumerate(frames):
        rescale.apply(array[n] if out.dtype != array.dtype else out[n], *frame.rescale, out[n])
    pixels.array = out
    return pixels


def _note_missing(pixels: Pixels, n: int, missing: int, total: int) -> None:
    if missing:
        pixels.broken[n] = "nothing" if missing >= total else f"{100 * (total - missing) / total:.0f} % of its pixels"


def _in_threads(load: Any, count: int, progress: Progress | None) -> None:
    """Runs `load(n)` for all n; files and numpy let go of the interpreter lock."""
    def batch(start: int) -> int:
        for n in range(start, min(start + _BATCH, count)):
            load(n)
        return start

    if count <= _BATCH:
        batch(0)
        return
    with ThreadPoolExecutor(_WORKERS) as pool:
        for done in pool.map(batch, range(0, count, _BATCH)):
            if progress is not None:
                progress.report(min(done + _BATCH, count), count)


def _special(frames: Sequence[Frame], progress: Progress | None) -> Pixels:
    """Compressed and colour frames, mosaics: decoded one file at a time, then put together."""
    by_file: dict[int, list[int]] = defaultdict(list)
    for n, frame in enumerate(frames):
        by_file[id(frame.header)].append(n)
    groups = list(by_file.values())
    decoded: dict[int, Array] = {}
    broken: dict[int, str] = {}
    reasons: list[FormatError] = []

    def load(g: int) -> None:
        numbers = groups[g]
        try:
            decoded.update(zip(numbers, _decoded(frames, numbers), strict=True))
        except FormatError as exc:
            reasons.append(exc)
            broken.update(dict.fromkeys(numbers, "nothing"))

    _in_threads(load, len(groups), progress)
    if not decoded:
        raise reasons[0]
    return Pixels(_together(frames, decoded), broken)


def _decoded(frames: Sequence[Frame], numbers: Sequence[int]) -> list[Array]:
    """Stored values of frames of one file, tiles cut out."""
    header = frames[numbers[0]].header
    wanted = sorted({frames[n].index for n in numbers})
    pictures = dict(zip(wanted, decode.decode_frames(header, wanted), strict=True))
    return [_tile(pictures[frames[n].index], frames[n]) for n in numbers]


def _tile(picture: Array, frame: Frame) -> Array:
    if frame.tile is not None:
        row, column = frame.tile
        picture = picture[row : row + frame.rows, column : column + frame.columns]
    if picture.shape[:2] != (frame.rows, frame.columns):
        raise FormatError(f"{frame.header.path.name} announces {frame.columns} x {frame.rows} pixels and holds "
                          f"{picture.shape[1]} x {picture.shape[0]}.")
    return picture


def _together(frames: Sequence[Frame], decoded: dict[int, Array]) -> Array:
    """One array of real-world values; frames that could not be decoded stay 0."""
    ready: dict[int, Array] = {}
    for n, picture in decoded.items():
        lut = modality_lut(frames[n])
        ready[n] = lut(picture) if lut is not None else picture
    luts = any(modality_lut(frames[n]) is not None for n in decoded)
    rescales = {(1.0, 0.0)} if luts else {frames[n].rescale for n in decoded}
    first = next(iter(ready.values()))
    low = min(float(picture.min()) for picture in ready.values())
    high = max(float(picture.max()) for picture in ready.values())
    widest = max((picture.dtype for picture in ready.values()), key=lambda kind: kind.itemsize)
    kind = rescale.type_after(widest, low, high, rescales)
    if any(picture.dtype != widest for picture in ready.values()) and kind.kind != "f":
        kind = rescale.value_type(low, high, widest)
    out = np.zeros((len(frames), *first.shape), kind)
    for n, picture in ready.items():
        if picture.shape != first.shape:
            raise FormatError(f"{frames[n].header.path.name} has another shape than the first picture of its series.")
        slope, intercept = (1.0, 0.0) if luts else frames[n].rescale
        rescale.apply(picture, slope, intercept, out[n])
    return out
