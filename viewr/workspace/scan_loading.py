"""Scans on their way from the archive to the screen: fetched in background jobs, shown while they arrive.

What a worker has to say is gathered in an `Inbox`, which the session empties a few dozen times a second; so a series
of thousands of cached files does not flood the thread of the GUI.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from viewr.archive.base import NotThereError
from viewr.model.errors import ArchiveError, FormatError
from viewr.model.progress import Progress
from viewr.model.task_address import natural_key
from viewr.model.volume import Volume
from viewr.workspace.places import ScanTarget, wanted_files

if TYPE_CHECKING:
    from viewr.archive.base import Archive, RemoteFile
    from viewr.archive.cache import Cache

Loaded = npt.NDArray[np.bool_]


@dataclass
class News:
    """What has happened since it was last asked for."""

    volume: Volume | None = None
    loaded: Loaded | None = None
    slices: list[int] = field(default_factory=list)
    done: int = 0
    total: int = 0

    @property
    def is_empty(self) -> bool:
        return self.volume is None and not self.slices and not self.total


class Inbox:
    """News of one scan, from the worker's thread to that of the GUI."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._news = News()

    def reshaped(self, volume: Volume, loaded: Loaded) -> None:
        """There is another volume to be shown; slices of the one before do not matter any more."""
        with self._guard:
            self._news.volume, self._news.loaded = volume, loaded
            self._news.slices.clear()

    def arrived(self, k: int) -> None:
        with self._guard:
            self._news.slices.append(k)

    def counted(self, done: int, total: int) -> None:
        with self._guard:
            self._news.done, self._news.total = done, total

    def take(self) -> News:
        with self._guard:
            news, self._news = self._news, News()
        return news


@dataclass(frozen=True, eq=False)
class Fetched:
    """A scan that is there whole; `digest` stands for names and contents of its files as the archive lists them."""

    volume: Volume
    notices: tuple[str, ...] = ()
    digest: str = ""


class _Arrivals:
    """Takes in the files of one scan as they come."""

    def __init__(self, inbox: Inbox, total: int, progress: Progress) -> None:
        from viewr.imaging.series import open_series

        self.stream = open_series(expected=total, arrived=inbox.arrived, reshaped=self._reshaped)
        self._inbox, self._total, self._progress = inbox, total, progress
        self._done = 0
        inbox.counted(0, total)

    def _reshaped(self, volume: Volume) -> None:
        self._inbox.reshaped(volume, self.stream.loaded)

    def add(self, path: Path) -> None:
        self._progress.check()
        self.stream.add(path)
        self._done += 1
        self._inbox.counted(self._done, self._total)


def fetch_scan(
    name: str, target: ScanTarget, archive: Archive, cache: Cache, inbox: Inbox, progress: Progress
) -> Fetched:
    """Bring a scan of the archive into memory; blocking.

    Parameters
    ----------
    name : str
        What the template calls it, for messages.

    Raises
    ------
    ArchiveError
        If there is nothing to fetch, or it does not arrive whole.
    FormatError
        If what arrives is no image.
    """
    files = _listed(name, target, archive)
    arrivals = _Arrivals(inbox, len(files), progress)
    paths = {file.path for file in files}
    archive.download(
        target.ref, cache, wanted=_among(paths), arrived=arrivals.add, first=middle_first(files), progress=progress
    )
    try:
        volumes = arrivals.stream.finish(progress)
    except FormatError as error:
        why = error.message.removeprefix("There is no image to show. ")
        hint = error.hint or "Hand the task back with a note, or go on without it."
        raise FormatError(f"Scan '{name}' cannot be shown. {why}", hint) from error
    fetched = chosen(name, volumes, arrivals.stream.refused)
    return replace(fetched, digest=_digest(files))


def _digest(files: list[RemoteFile]) -> str:
    """SHA-256 over paths and MD5 digests; "" where the archive keeps none."""
    if not all(file.md5 for file in files):
        return ""
    lines = "".join(sorted(f"{file.path} {file.md5}\n" for file in files))
    return hashlib.sha256(lines.encode()).hexdigest()


def _listed(name: str, target: ScanTarget, archive: Archive) -> list[RemoteFile]:
    """The files of a scan; raises when there are none."""
    where = f"Scan '{name}': scan {target.ref.scan}" if target.ref.scan else f"Scan '{name}': the experiment"
    hint = "The images may not be uploaded yet; hand the task back with a note."
    try:
        files = wanted_files(archive.files(target.ref), target.file)
    except NotThereError as error:
        raise ArchiveError(f"{where} has no resource '{target.ref.label}'.", hint) from error
    if not files:
        what = f"holds no file '{target.file}'" if target.file else "is empty"
        raise ArchiveError(f"{where}: its resource '{target.ref.label}' {what}.", hint)
    return files


def _among(paths: set[str]) -> Callable[[RemoteFile], bool]:
    def wanted(file: RemoteFile) -> bool:
        return file.path in paths

    return wanted


def middle_first(files: list[RemoteFile]) -> Callable[[RemoteFile], Any]:
    """A sort key: the file in the middle first, then its neighbours; that is where a reader looks first."""
    order = {file.path: place for place, file in enumerate(sorted(files, key=_by_number))}

    def key(file: RemoteFile) -> int:
        return abs(order.get(file.path, 0) - len(order) // 2)

    return key


def _by_number(file: RemoteFile) -> Any:
    return natural_key(file.path)


def chosen(name: str, volumes: list[Volume], refused: list[Any]) -> Fetched:
    """The volume to be shown, and what the reader should know of it."""
    volume = max(volumes, key=_voxels)
    notices = [f"Scan '{name}': {warning}" for warning in volume.warnings]
    if len(volumes) > 1:
        notices.append(f"Scan '{name}' holds {len(volumes)} volumes; the largest, '{volume.name}', is shown.")
    if refused:
        notices.append(f"Scan '{name}': {len(refused)} of its files could not be used. {refused[0][1]}")
    return Fetched(volume, tuple(notices))


def _voxels(volume: Volume) -> int:
    return int(volume.array.size)
