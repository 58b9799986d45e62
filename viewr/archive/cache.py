"""Files of archives on the local disk.

Layout: ``<root>/<resource>/<listing>/<path inside the resource>``. `resource` stands for the archive's address and
the resource, `listing` for names, sizes and digests of the wanted files; so a changed resource gets a new folder,
and unchanged files are linked over from the old one. A file appears under its final name only when it is whole.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from viewr.archive.base import RemoteFile, ResourceRef
from viewr.archive.names import safe_relative
from viewr.model.errors import ArchiveError

log = logging.getLogger(__name__)

_USED = ".used"
_LISTING = ".listing"
_TRIM_PAUSE = 60.0  # seconds
_PART = ".part-"
_TRASH = ".trash-"
_STALE = 24 * 3600.0  # seconds after which a half file or removed folder belongs to nobody any more
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Cache:
    """Verified files of archives on the local disk, the least recently used removed when it grows too large.

    Parameters
    ----------
    root : Path
        Private folder (0700); made when it is not there. Several processes may share it.
    limit_bytes : int
        Upper limit of what stays.
    grace : float
        Seconds since its last use in which a folder is never removed: somebody may still be reading it.
    """

    def __init__(self, root: Path, limit_bytes: int, *, grace: float = 900.0) -> None:
        self.root = Path(root)
        self.limit_bytes = limit_bytes
        self._grace = grace
        self._next_trim = 0.0

    def entry(self, url: str, ref: ResourceRef, files: Iterable[RemoteFile]) -> Entry:
        """Folder for these files of a resource, made and marked as used.

        Parameters
        ----------
        url : str
            Address of the archive.
        ref : ResourceRef
            The resource.
        files : iterable of RemoteFile
            The wanted part of its listing.
        """
        listed = tuple(files)
        folder = self.root / resource_key(url, ref) / listing_key(listed)
        with writing(self.root):
            _make_private(self.root, folder)
            entry = Entry(folder, listed)
            entry.describe()
        entry.touch()
        return entry

    def size(self) -> int:
        """Bytes that the cache takes; files linked into several folders count once."""
        seen = {(stat.st_dev, stat.st_ino): stat.st_size for stat in _files(self.root)}
        return sum(seen.values())

    def trim_sometimes(self) -> None:
        """`trim`, if the last one is more than a minute ago: it looks at every file."""
        if time.monotonic() >= self._next_trim:
            self.trim()

    def trim(self) -> None:
        """Remove the folders not used for longest until the limit holds, and what crashes left behind."""
        self._next_trim = time.monotonic() + _TRIM_PAUSE
        self._sweep()
        excess = self.size() - self.limit_bytes
        if excess <= 0:
            return
        for used, folder in sorted(self._entries()):
            if excess <= 0 or time.time() - used < self._grace:
                break
            excess -= _remove(folder)

    def clear(self) -> None:
        """Remove everything, also what is in use."""
        for _, folder in self._entries():
            _remove(folder)

    def _entries(self) -> Iterator[tuple[float, Path]]:
        for mark in self.root.glob(f"*/*/{_USED}"):
            with contextlib.suppress(FileNotFoundError):
                yield mark.stat().st_mtime, mark.parent

    def _sweep(self) -> None:
        """Remove half files and half-removed folders of processes that are long gone."""
        old = time.time() - _STALE
        for path in [*self.root.glob(f"*/*/{_PART}*"), *self.root.glob(f"*/{_TRASH}*")]:
            with contextlib.suppress(OSError):
                if path.stat().st_mtime >= old:
                    continue
                shutil.rmtree(path) if path.is_dir() else path.unlink()


class Entry:
    """The folder of one listing. A file in it is whole and verified, or not there."""

    def __init__(self, folder: Path, files: tuple[RemoteFile, ...]) -> None:
        self.folder = folder
        self.files = files
        self._paths = _local_paths(folder, files)

    def path(self, file: RemoteFile) -> Path:
        """Where a file is, or will be."""
        return self._paths[file.path]

    def has(self, file: RemoteFile) -> bool:
        """Whether a file is there; one unchanged since an earlier listing is linked over first."""
        return _is_whole(self.path(file), file) or self._borrow(file)

    def missing(self) -> list[RemoteFile]:
        """Files of the listing that are not there yet, in its order."""
        return [file for file in self.files if not self.has(file)]

    def touch(self) -> None:
        """Mark as used now."""
        mark = self.folder / _USED
        with contextlib.suppress(OSError):
            mark.touch(mode=0o600)
            os.utime(mark)

    def part(self) -> Path:
        """A fresh name for a file that is still arriving, on the same disk."""
        return self.folder / f"{_PART}{os.getpid()}-{secrets.token_hex(8)}"

    def settle(self, part: Path, file: RemoteFile) -> Path:
        """Give a whole and verified file its final name."""
        target = self.path(file)
        with writing(self.folder):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                os.replace(part, target)
            except PermissionError:
                # Windows: another process has just finished the same file and is reading it.
                if not _is_whole(target, file):
                    raise
                part.unlink(missing_ok=True)
        return target

    def drop(self, file: RemoteFile) -> None:
        """Forget a file, so that it is fetched anew."""
        self.path(file).unlink(missing_ok=True)

    def describe(self) -> None:
        """Write down what the folder holds, for the listings to come."""
        target = self.folder / _LISTING
        if not target.exists():
            part = self.part()
            kept = {file.path: [file.size, file.md5] for file in self.files}
            part.write_text(json.dumps(kept), encoding="utf-8")
            os.replace(part, target)

    def _borrow(self, file: RemoteFile) -> bool:
        """Link a file over from another listing of the same resource, if size and digest are the same."""
        if not file.md5:
            return False
        for folder, kept in self._others:
            if kept.get(file.path) != [file.size, file.md5]:
                continue
            part = self.part()
            try:
                os.link(folder / self.path(file).relative_to(self.folder), part)
                return _is_whole(self.settle(part, file), file)
            except (OSError, ArchiveError):
                part.unlink(missing_ok=True)
        return False

    @cached_property
    def _others(self) -> list[tuple[Path, dict[str, list[object]]]]:
        """Folders and contents of the other listings of this resource."""
        found = []
        for listing in self.folder.parent.glob(f"*/{_LISTING}"):
            if listing.parent != self.folder:
                with contextlib.suppress(OSError, ValueError):
                    found.append((listing.parent, dict(json.loads(listing.read_text(encoding="utf-8")))))
        return found


def resource_key(url: str, ref: ResourceRef) -> str:
    """Name that stands for a resource of an archive; the same in every run."""
    return _digest("\n".join((url, ref.experiment, ref.scan, ref.label)))


def listing_key(files: Iterable[RemoteFile]) -> str:
    """Name that stands for a listing: changes with any name, size or digest, not with the order."""
    return _digest("\n".join(sorted(f"{file.path}\t{file.size}\t{file.md5}\t{file.uri}" for file in files)))


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a full or read-only disk into a sentence."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _NO_SPACE:
            raise ArchiveError(f"The disk with {folder} is full.", "Free some space and try again.") from exc
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ArchiveError(f"{folder} cannot be written.", "Choose another folder in the settings.") from exc
        raise


def open_private(path: Path) -> int:
    """File descriptor of a new file that only this user can read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)


def _local_paths(folder: Path, files: Iterable[RemoteFile]) -> dict[str, Path]:
    """Local path of each file; names that fall together on a disk that ignores case are told apart."""
    taken: set[str] = set()
    paths = {}
    for file in files:
        relative = safe_relative(file.path)
        if str(relative).lower() in taken:
            relative = relative.with_name(f"{_digest(file.path)[:8]}-{relative.name}")
        taken.add(str(relative).lower())
        paths[file.path] = folder / relative
    return paths


def _is_whole(path: Path, file: RemoteFile) -> bool:
    """Whether a file is there with its full size; it was verified before it got its name."""
    try:
        size = path.stat().st_size
    except OSError:
        return False
    return file.size is None or size == file.size


def _make_private(root: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and root.stat().st_mode & 0o077:
        root.chmod(0o700)


def _files(folder: Path) -> Iterator[os.stat_result]:
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                yield os.stat(os.path.join(parent, name))


def _remove(folder: Path) -> int:
    """Remove a folder at once for everybody else, then its files; returns the bytes set free."""
    trash = folder.parent / f"{_TRASH}{secrets.token_hex(8)}"
    try:
        os.replace(folder, trash)
    except OSError:
        return 0  # in use on Windows, or another process was quicker
    freed = sum(stat.st_size for stat in _files(trash) if stat.st_nlink <= 1)
    shutil.rmtree(trash, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()
    return freed


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
