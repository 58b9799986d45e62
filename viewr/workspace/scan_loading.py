"""Scans on their way from the archive to the screen: fetched in the background, shown while they arrive.

What the background has to say is gathered in an `Inbox`, which the session empties a dozen times a second; so a series
of thousands of files does not flood the thread of the GUI.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from viewr.archive.base import NotThereError
from viewr.archive.cache import writing
from viewr.model.errors import ArchiveError, FormatError
from viewr.model.progress import Progress
from viewr.model.task_address import natural_key
from viewr.model.volume import Volume
from viewr.workspace.places import ScanTarget, wanted_files

if TYPE_CHECKING:
    from viewr.archive.base import Archive, RemoteFile
    from viewr.archive.cache import Cache
    from viewr.imaging.mapped import Spool
    from viewr.imaging.stream import SeriesStream
    from viewr.imaging.volume_cache import VolumeCache
    from viewr.workspace.folders import Folders

log = logging.getLogger(__name__)

#: Scans fetched at the same time.
AT_ONCE = 2

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
    """News of one scan, from whoever fetches it to whoever shows it, in another thread.

    Parameters
    ----------
    wake : callable, optional
        Called, in the thread that brings them, when there are news.
    """

    def __init__(self, wake: Callable[[], None] | None = None) -> None:
        self._guard = threading.Lock()
        self._news = News()
        self._wake = wake or (lambda: None)

    def reshaped(self, volume: Volume, loaded: Loaded) -> None:
        """There is another volume to be shown; slices of the one before do not matter any more."""
        with self._guard:
            self._news.volume, self._news.loaded = volume, loaded
            self._news.slices.clear()
        self._wake()

    def arrived(self, k: int) -> None:
        with self._guard:
            self._news.slices.append(k)
        self._wake()

    def counted(self, done: int, total: int) -> None:
        with self._guard:
            self._news.done, self._news.total = done, total
        self._wake()

    @property
    def is_urgent(self) -> bool:
        """Whether there is a volume to be shown."""
        return self._news.volume is not None

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


class ScanSource(Protocol):
    """Where the scans of a task come from."""

    def fetch(self, name: str, target: ScanTarget, inbox: Inbox, progress: Progress) -> Fetched:
        """Bring a scan into memory; blocking, news go into the inbox. `name` is what the template calls it.

        Raises
        ------
        ArchiveError
            If there is nothing to fetch, or it does not arrive whole.
        FormatError
            If what arrives is no image.
        """
        ...


@dataclass(frozen=True)
class InProcess:
    """Fetches in the thread that asks. Decoding takes the interpreter from the GUI: for local images, and tests."""

    archive: Archive
    cache: Cache
    volumes: VolumeCache | None = None

    def fetch(self, name: str, target: ScanTarget, inbox: Inbox, progress: Progress) -> Fetched:
        return Fetching(name, target, self.archive, self.cache, self.volumes).run(inbox, progress)


def in_process(archive: Archive, folders: Folders) -> InProcess:
    """Scans of an archive, fetched in this process."""
    from viewr.archive.cache import Cache
    from viewr.imaging.volume_cache import VolumeCache

    each = folders.cache_bytes // 2
    return InProcess(archive, Cache(folders.images, each), VolumeCache(folders.volumes, each))


@dataclass(frozen=True)
class Fetching:
    """One scan on its way into memory: from the decoded volumes on the disk, else from the archive's files.

    Attributes
    ----------
    spool : Spool, optional
        All voxels lie in files of it (or of `volumes`), for another process to see.
    """

    name: str
    target: ScanTarget
    archive: Archive
    cache: Cache
    volumes: VolumeCache | None = None
    spool: Spool | None = None

    def run(self, inbox: Inbox, progress: Progress) -> Fetched:
        """Fetch; see `ScanSource.fetch`."""
        with writing(self.cache.root):
            return self._run(inbox, progress)

    def _run(self, inbox: Inbox, progress: Progress) -> Fetched:
        files = _listed(self.name, self.target, self.archive)
        key = self._key(files)
        volumes = self._recall(key, inbox, progress) if key else None
        if volumes is not None:
            return replace(chosen(self.name, volumes, []), digest=_digest(files))
        arrivals = _Arrivals(inbox, len(files), progress, self.spool)
        self.archive.download(
            self.target.ref, self.cache, wanted=_among({file.path for file in files}), arrived=arrivals.add,
            first=middle_first(files), progress=progress,
        )  # fmt: skip
        volumes = _finished(self.name, arrivals.stream, progress)
        if key and not arrivals.stream.refused:
            volumes = self._keep(key, volumes, progress)
        fetched = chosen(self.name, volumes, arrivals.stream.refused)
        volume = self.spool.hold(fetched.volume) if self.spool else fetched.volume
        return replace(fetched, volume=volume, digest=_digest(files))

    def _key(self, files: list[RemoteFile]) -> str:
        """Name of the decoded volumes; "" without a place for them, or where the archive keeps no digests."""
        if self.volumes is None or not _digest(files):
            return ""
        from viewr.imaging.volume_cache import key_of_listing

        return key_of_listing(self.archive.url, [(file.path, file.size or 0, file.md5) for file in files])

    def _recall(self, key: str, inbox: Inbox, progress: Progress) -> list[Volume] | None:
        """The decoded volumes, shown slice by slice as each is found to be what was written."""
        assert self.volumes is not None
        series = self.volumes.load(key)
        if series is None or not series.volumes:
            return None
        number, volume = max(enumerate(series.volumes), key=lambda item: _voxels(item[1]))
        loaded = np.zeros(volume.grid.shape[2], bool)
        inbox.reshaped(volume, loaded)
        for block in _outwards(series.blocks(number)):
            progress.check()
            if not series.verify(number, block):
                log.warning("decoded voxels are not what was written; the scan is decoded again")
                self.volumes.drop(key)
                return None
            if _by_slice(volume):
                loaded[block] = True
                inbox.arrived(block)
        return series.volumes

    def _keep(self, key: str, volumes: list[Volume], progress: Progress) -> list[Volume]:
        """Keep decoded volumes for the next time; gives them as they are on the disk."""
        assert self.volumes is not None
        try:
            self.volumes.store(key, volumes, progress)
        except OSError as exc:
            log.info("decoded voxels were not kept: %s", type(exc).__name__)
            return volumes
        series = self.volumes.load(key)
        return series.volumes if series is not None else volumes


class _Arrivals:
    """Takes in the files of one scan as they come."""

    def __init__(self, inbox: Inbox, total: int, progress: Progress, spool: Spool | None) -> None:
        from viewr.imaging.series import open_series

        allocate = spool.allocate if spool is not None else None
        self.stream = open_series(expected=total, arrived=inbox.arrived, reshaped=self._reshaped, allocate=allocate)
        self._inbox, self._total, self._progress, self._spool = inbox, total, progress, spool
        self._done = 0
        inbox.counted(0, total)

    def _reshaped(self, volume: Volume) -> None:
        self._inbox.reshaped(self._spool.hold(volume) if self._spool else volume, self.stream.loaded)

    def add(self, path: Path) -> None:
        self._progress.check()
        self.stream.add(path)
        self._done += 1
        self._inbox.counted(self._done, self._total)


def _by_slice(volume: Volume) -> bool:
    """Whether a block of the decoded volumes is a slice, not a time point with all its slices."""
    return int(np.argmax(np.abs(volume.array.strides))) == 2


def _outwards(count: int) -> Iterator[int]:
    """Numbers below `count`, the middle one first: that is where a reader looks first."""
    return iter(sorted(range(count), key=lambda number: abs(number - count // 2)))


def _finished(name: str, stream: SeriesStream, progress: Progress) -> list[Volume]:
    """The volumes of all files; a failure names the scan."""
    try:
        return stream.finish(progress)
    except FormatError as error:
        why = error.message.removeprefix("There is no image to show. ")
        hint = error.hint or "Hand the task back with a note, or go on without it."
        raise FormatError(f"Scan '{name}' cannot be shown. {why}", hint) from error


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
