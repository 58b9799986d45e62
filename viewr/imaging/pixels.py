"""Fills the voxels of a stack: reads, decodes and rescales its frames, in threads where that helps."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
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
Rescale = tuple[float, float]
_WORKERS = max(1, min(8, os.cpu_count() or 1))
_BATCH = 8
_AS_STORED: Rescale = (1.0, 0.0)


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
    reasons: list[FormatError] = field(default_factory=list)


def read_pixels(frames: Sequence[Frame], progress: Progress | None = None) -> Pixels:
    """Real-world values of frames that make one volume.

    Raises
    ------
    FormatError
        If none of the frames can be read.
    """
    if decode.is_colour(frames[0].header):
        pixels = _colour(frames, progress)
    elif modality_lut(frames[0]) is not None:
        pixels = _through_lut(frames, progress)
    else:
        pixels = _grey(frames, progress)
    if len(pixels.reasons) and len(pixels.broken) == len(frames):
        raise pixels.reasons[0]
    return pixels


def _grey(frames: Sequence[Frame], progress: Progress | None) -> Pixels:
    """Values after rescale, each frame straight into its place."""
    stored = {decode.stored_type(header) for header in {id(f.header): f.header for f in frames}.values()}
    rescales = {frame.rescale for frame in frames}
    shape = (len(frames), frames[0].rows, frames[0].columns)
    if len(stored) > 1:
        # Signed and unsigned files in one series: whatever their values are, 32 bits hold them.
        kind = rescale.type_after(np.dtype("i4"), *stored_range(frames), rescales)
        return _read(frames, Pixels(np.zeros(shape, kind)), _rescaling, progress)
    one = next(iter(stored))
    kind = rescale.type_after(one, *stored_range(frames), rescales)
    whole = one.kind != "f" and all(rescale.is_whole(*pair) for pair in rescales)
    if whole and (kind.kind == "f" or kind.itemsize > one.itemsize):
        return _undecided(frames, one, rescales, progress)
    return _read(frames, Pixels(np.empty(shape, kind)), _rescaling, progress)


def _undecided(frames: Sequence[Frame], stored: np.dtype[Any], rescales: set[Rescale], progress: Progress | None
               ) -> Pixels:
    """Where the announced bits would need a wider type: the values found decide.

    Each slice is shifted at once, while it is in the processor's cache. Whole numbers that leave their type wrap
    around, so nothing is lost if it turns out that they did.
    """
    array = np.empty((len(frames), frames[0].rows, frames[0].columns), stored)
    ends: dict[int, tuple[float, float]] = {}
    wraps = all(slope == 1 for slope, _ in rescales)

    def shift(frame: Frame, raw: Array, out: Array) -> None:
        ends[id(frame)] = float(raw.min()), float(raw.max())
        _keeping(frame, raw, out)
        if wraps:
            rescale.wrap(out, frame.rescale[1])

    pixels = _read(frames, Pixels(array), shift, progress)
    low, high = min((low for low, _ in ends.values()), default=0), max((high for _, high in ends.values()), default=0)
    kind = rescale.type_after(stored, low, high, rescales)
    if wraps and kind.itemsize == stored.itemsize:
        pixels.array = array.view(kind)
        return pixels
    pixels.array = np.empty(array.shape, kind)
    for n, frame in enumerate(frames):
        raw = rescale.wrap(array[n], -frame.rescale[1]) if wraps else array[n]
        rescale.apply(raw, *frame.rescale, pixels.array[n])
    return pixels


def _rescaling(frame: Frame, stored: Array, out: Array) -> None:
    if stored is not out or frame.rescale != _AS_STORED:
        rescale.apply(stored, *frame.rescale, out)


def _keeping(frame: Frame, stored: Array, out: Array) -> None:
    if stored is not out:
        out[...] = stored


def _through_lut(frames: Sequence[Frame], progress: Progress | None) -> Pixels:
    """Values looked up in the modality LUT of each file."""
    def look_up(frame: Frame, stored: Array, out: Array) -> None:
        table = modality_lut(frame)
        out[...] = table(stored) if table is not None else stored

    return _read(frames, Pixels(np.zeros((len(frames), frames[0].rows, frames[0].columns), np.uint16)), look_up,
                 progress)


def _colour(frames: Sequence[Frame], progress: Progress | None) -> Pixels:
    header = frames[0].header
    deep = header.whole("BitsAllocated") > 8 and header.whole("SamplesPerPixel", 1) == 3
    shape = (len(frames), frames[0].rows, frames[0].columns, 3)
    return _read(frames, Pixels(np.zeros(shape, np.uint16 if deep else np.uint8)), _keeping, progress)


Finish = Callable[[Frame, Array, Array], None]


def _read(frames: Sequence[Frame], pixels: Pixels, finish: Finish, progress: Progress | None) -> Pixels:
    """Puts every frame into its place; `finish(frame, stored, out)` turns stored values into those wanted."""
    by_file: dict[int, list[int]] = defaultdict(list)
    for n, frame in enumerate(frames):
        by_file[id(frame.header)].append(n)
    portions = list(_portions(frames, by_file.values()))

    def load(which: int) -> None:
        numbers = portions[which]
        header = frames[numbers[0]].header
        if decode.is_plain(header) and frames[numbers[0]].tile is None:
            _load_plain(frames, numbers, pixels, finish)
        else:
            _load_special(frames, numbers, pixels, finish)

    _in_threads(load, len(portions), progress)
    return pixels


def _portions(frames: Sequence[Frame], files: Any) -> Iterator[list[int]]:
    """Numbers of frames to load at once: all of a compressed file, a few of an uncompressed one."""
    for numbers in files:
        if decode.is_plain(frames[numbers[0]].header) and frames[numbers[0]].tile is None:
            yield from (numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH))
        else:
            yield numbers


def _load_plain(frames: Sequence[Frame], numbers: list[int], pixels: Pixels, finish: Finish) -> None:
    own = decode.stored_type(frames[numbers[0]].header)
    for n in numbers:
        frame, out = frames[n], pixels.array[n]
        in_place = own.itemsize == out.dtype.itemsize and (own == out.dtype or own.kind != "f" != out.dtype.kind)
        raw = out.view(own) if in_place else np.empty(out.shape, own)
        missing = decode.read_plain(frame, raw)
        if missing:
            _note_missing(pixels, n, missing, raw.nbytes)
        finish(frame, out if in_place and frame.rescale[0] == 1 else raw, out)


def _note_missing(pixels: Pixels, n: int, missing: int, total: int) -> None:
    pixels.broken[n] = "nothing" if missing >= total else f"{100 * (total - missing) / total:.0f} % of its pixels"


def _load_special(frames: Sequence[Frame], numbers: list[int], pixels: Pixels, finish: Finish) -> None:
    """Decodes the frames of one file, cutting out tiles."""
    places: dict[int, list[int]] = defaultdict(list)
    for n in numbers:
        places[frames[n].index].append(n)
    for index, picture in decode.decode_frames(frames[numbers[0]].header, sorted(places)):
        for n in places[index]:
            tile = _tile(picture, frames[n], pixels.array[n].ndim)
            if isinstance(tile, FormatError):
                pixels.broken[n], pixels.array[n] = "nothing", 0
                pixels.reasons.append(tile)
            else:
                finish(frames[n], tile, pixels.array[n])


def _tile(picture: Array | FormatError, frame: Frame, dimensions: int) -> Array | FormatError:
    if isinstance(picture, FormatError):
        return picture
    if frame.tile is not None:
        row, column = frame.tile
        picture = picture[row : row + frame.rows, column : column + frame.columns]
    if picture.shape[:2] != (frame.rows, frame.columns) or picture.ndim != dimensions:
        return FormatError(f"{frame.header.path.name} does not hold the {frame.columns} x {frame.rows} pixels "
                           "that it announces.")
    return picture


def _in_threads(load: Callable[[int], None], count: int, progress: Progress | None) -> None:
    """Runs `load(n)` for all n; files, numpy and most decoders let go of the interpreter lock."""
    if count <= 1:
        for n in range(count):
            load(n)
        return
    step = _BATCH if count > _BATCH * _WORKERS else 1

    def batch(start: int) -> int:
        for n in range(start, min(start + step, count)):
            load(n)
        return min(start + step, count)

    with ThreadPoolExecutor(_WORKERS) as pool:
        for done in pool.map(batch, range(0, count, step)):
            if progress is not None:
                progress.report(done, count)
