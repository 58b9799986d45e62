"""A series that can be looked at while it is still arriving."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.build import build_volume, describe_volume, laid_out
from viewr.imaging.duplicates import without_duplicates
from viewr.imaging.files import by_folder
from viewr.imaging.frame import Frame
from viewr.imaging.grouping import Stack, depths, stacks_of
from viewr.imaging.pixels import Pixels, read_pixels
from viewr.imaging.reader import DAMAGE, Refusal, files_of, read_one, why_not
from viewr.imaging.stream_plan import Plan, plan_for
from viewr.imaging.stream_type import common_type, holds, is_final
from viewr.model.errors import FormatError
from viewr.model.progress import Progress
from viewr.model.volume import Volume

Array = npt.NDArray[Any]
PathLike = str | os.PathLike[str]
Allocate = Callable[[tuple[int, ...], npt.DTypeLike], Array]
_SAME = 2e-4
#: A slice further, in mm, from where the plan has it waits until all are there.
_ASIDE_MM = 2.0


class SeriesStream:
    """A volume that fills as files arrive; safe to use from several threads.

    The first slices fix size and spacing, instance numbers the extent. Where a later file shows that the guess was
    wrong, a new volume takes the place of the old one and `reshaped` is told. What cannot be shown on the way (another
    echo, a second stack) waits for `finish`, which checks everything as `read_folder` does.

    Parameters
    ----------
    expected : int
        Files announced by the listing, 0 if unknown.
    arrived : callable, optional
        Called with k in the thread that added the file.
    reshaped : callable, optional
        Called with the new volume.
    allocate : callable, optional
        Gives zeros of a shape and type for the voxels; in the program's own memory when left out.
    """

    def __init__(
        self,
        expected: int = 0,
        arrived: Callable[[int], None] | None = None,
        reshaped: Callable[[Volume], None] | None = None,
        allocate: Allocate | None = None,
    ) -> None:
        self.expected = expected
        self._zeros: Allocate = allocate or np.zeros
        self.refused: list[Refusal] = []
        self._arrived, self._reshaped = arrived, reshaped
        self._lock = threading.Lock()
        self._frames: list[Frame] = []
        self._whole: list[Volume] = []
        self._shown: list[Frame] = []
        self._waiting: list[tuple[Frame, Array]] = []
        self._at: dict[int, Frame] = {}
        self._plan: Plan | None = None
        self._kinds: set[np.dtype[Any]] = set()
        self._buffer: Array | None = None
        self._volume: Volume | None = None
        self._loaded: npt.NDArray[np.bool_] = np.zeros(0, bool)

    @property
    def volume(self) -> Volume | None:
        """What can be shown now; None until the geometry is known. Its array fills in place."""
        return self._volume

    @property
    def loaded(self) -> npt.NDArray[np.bool_]:
        """Which slices k hold their voxels."""
        return self._loaded

    def add(self, path: PathLike) -> None:
        """Takes in one file that has arrived whole."""
        file = Path(path)
        try:
            found = read_one(file)
        except DAMAGE as exc:
            with self._lock:
                self.refused.append((file, why_not(exc, file)))
            return
        ready = found if isinstance(found, Volume) else self._ready(found)
        with self._lock:
            news = self._take(found, ready)
        for tell in news:
            tell()

    def _ready(self, frames: list[Frame]) -> Volume | Pixels | None:
        """Voxels of a file: of a slice, or of a file that is a volume by itself; None where they cannot be read."""
        try:
            if len(frames) == 1 and frames[0].placed and self.expected != 1:
                return read_pixels(frames)
            return build_volume(stacks_of(frames)[0]) if self._volume is None else None
        except DAMAGE:
            # `finish` reads it again and says why.
            return None

    def _take(self, found: Volume | list[Frame], ready: Volume | Pixels | None) -> list[Callable[[], None]]:
        if isinstance(found, Volume):
            self._whole.append(found)
        else:
            self._frames.extend(found)
        if isinstance(ready, Volume):
            return self._show_whole(ready)
        return self._place(self._frames[-1], ready.array[0]) if ready is not None else []

    def _show_whole(self, volume: Volume) -> list[Callable[[], None]]:
        """A file that is a volume by itself is shown as it is."""
        if self._volume is not None:
            return []
        self._volume, self._loaded = volume, np.ones(volume.grid.shape[2], bool)
        return self._tell_reshaped()

    def _place(self, frame: Frame, picture: Array) -> list[Callable[[], None]]:
        """Puts a slice where it belongs, making or widening the plan where needed."""
        if self._volume is not None and self._plan is None:
            return []
        if self._shown and not _alike(frame, self._shown[0]):
            return []
        depth = float(depths([frame])[0])
        k = None if self._plan is None else self._plan.slice_of(depth)
        if k is not None and (k in self._at or self._lies_aside(frame, k)):
            return []
        self._shown.append(frame)
        self._kinds.add(picture.dtype)
        if k is None or not _fits(self._buffer, picture):
            self._waiting.append((frame, picture))
            return self._replan()
        self._fill(k, frame, picture)
        return [partial(self._arrived, k)] if self._arrived else []

    def _lies_aside(self, frame: Frame, k: int) -> bool:
        """Whether a slice belongs beside the stack, as another station of a long scan does."""
        assert self._plan is not None
        assert frame.position is not None
        return bool(np.linalg.norm(self._plan.grid.to_lps([0.0, 0.0, float(k)]) - frame.position) > _ASIDE_MM)

    def _fill(self, k: int, frame: Frame, picture: Array) -> None:
        assert self._buffer is not None
        self._buffer[k] = picture
        self._loaded[k] = True
        self._at[k] = frame

    def _replan(self) -> list[Callable[[], None]]:
        """Makes room for the slices that do not fit, keeping those that are there."""
        if self._plan is not None and self._plan.places is not None and len(self._waiting) <= len(self._at) // 8:
            return []
        plan = plan_for(self._shown, self.expected, self._plan)
        if plan is None:
            return []
        old, at, waiting = self._buffer, self._at, self._waiting
        self._plan, self._waiting, self._at = plan, [], {}
        self._allocate([picture for _, picture in waiting], old)
        for k, frame in at.items():
            assert old is not None
            self._settle(frame, old[k])
        for frame, picture in waiting:
            self._settle(frame, picture)
        return self._tell_reshaped()

    def _settle(self, frame: Frame, picture: Array) -> None:
        assert self._plan is not None
        k = self._plan.slice_of(float(depths([frame])[0]))
        if k is not None and k not in self._at:
            self._fill(k, frame, picture)

    def _allocate(self, pictures: list[Array], old: Array | None) -> None:
        assert self._plan is not None
        kind = common_type([*pictures, old] if old is not None else pictures)
        self._buffer = self._zeros((self._plan.count, *pictures[0].shape), kind)
        self._loaded = np.zeros(self._plan.count, bool)
        stack = Stack(self._shown[:1], 1)
        described = describe_volume(stack, laid_out(self._buffer[:1], stack), {})
        shown = Stack(self._shown[:1], self._plan.count)
        self._volume = replace(described, array=laid_out(self._buffer, shown), grid=self._plan.grid,
                               files=(), sop_instance_uids=())

    def _tell_reshaped(self) -> list[Callable[[], None]]:
        if self._reshaped is None or self._volume is None:
            return []
        return [partial(self._reshaped, self._volume)]

    def finish(self, progress: Progress | None = None) -> list[Volume]:
        """All volumes of the files that came, checked as `read_folder` would.

        The array shown so far is used again where nothing was wrong with it, so memory is not taken twice.

        Raises
        ------
        FormatError
            If there is no volume.
        """
        with self._lock:
            volumes = sorted(self._whole, key=lambda volume: by_folder(Path(volume.files[0])))
            frames = sorted(self._frames, key=lambda frame: (by_folder(frame.header.path), frame.index))
            for stack in stacks_of(without_duplicates(frames, self.refused)):
                try:
                    volumes.append(self._kept(stack) or build_volume(stack, progress))
                except DAMAGE as exc:
                    self.refused.extend((file, why_not(exc, file)) for file in files_of(stack))
                self.refused.extend((f.header.path, f"{f.header.path.name} {why}.") for f, why in stack.left_out)
        if not volumes:
            raise FormatError(f"There is no image to show. {self.refused[0][1] if self.refused else ''}")
        return volumes

    def _kept(self, stack: Stack) -> Volume | None:
        """The volume on the screen, if it is this stack to the last slice."""
        if self._buffer is None or stack.axis or len(stack.frames) != len(self._at):
            return None
        ks = [k for frame in stack.frames for k, there in self._at.items() if there is frame]
        if len(ks) != len(stack.frames) or ks != sorted(ks) or any(_short(frame) for frame in stack.frames):
            return None
        if len(self._kinds) > 1 and not is_final(self._buffer, stack.frames):
            return None
        first, last = ks[0], ks[-1]
        if last - first + 1 != len(ks):
            return None
        return describe_volume(stack, laid_out(self._buffer[first : last + 1], stack), {})


def _alike(frame: Frame, other: Frame) -> bool:
    """Whether two slices belong to one stack as far as can be told before all are there."""
    if (frame.rows, frame.columns, frame.header.text("SeriesInstanceUID")) != (
            other.rows, other.columns, other.header.text("SeriesInstanceUID")):
        return False
    assert frame.orientation is not None
    assert other.orientation is not None
    same_spacing = np.allclose(frame.spacing or (0, 0), other.spacing or (0, 0), rtol=_SAME)
    return bool(same_spacing and np.abs(frame.orientation - other.orientation).max() <= _SAME)


def _fits(buffer: Array | None, picture: Array) -> bool:
    return buffer is not None and buffer.shape[1:] == picture.shape and holds(buffer.dtype, picture)


def _short(frame: Frame) -> bool:
    """Whether the file holds fewer pixels than it announces; then the full reader must say so."""
    header = frame.header
    return header.pixel_offset > 0 and header.pixel_length != 0xFFFFFFFF and (
        header.pixel_offset + header.pixel_length > header.size)


def fill(stream: SeriesStream, paths: Iterable[PathLike]) -> SeriesStream:
    """Adds the files that are there already."""
    for path in paths:
        stream.add(path)
    return stream
