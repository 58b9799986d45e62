"""One process at a time, kept by the operating system: the lock of a process that died is free at once."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from viewr.model.errors import ViewrError

_held: set[str] = set()
_held_guard = threading.Lock()
#: Where Windows locks one byte: behind the text, which stays readable.
_FAR = 1 << 30


@dataclass(frozen=True)
class Owner:
    """Who holds a lock."""

    pid: int
    host: str


class InUseError(ViewrError):
    """Another running program holds the file."""

    def __init__(self, message: str, hint: str = "", owner: Owner | None = None) -> None:
        super().__init__(message, hint)
        self.owner = owner


class FileLock:
    """An exclusive lock on a small file of its own, which says who holds it.

    Record locks (`lockf`) rather than `flock`: children of the process do not inherit them, so a worker that
    outlives a killed program does not keep its lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def acquire(self) -> None:
        """Take the lock; raises `InUseError` at once when another holds it, `OSError` when the disk refuses."""
        key = os.path.realpath(self.path)
        with _held_guard:
            if key in _held:
                raise self._in_use(Owner(os.getpid(), socket.gethostname()))
            _held.add(key)
        try:
            self._descriptor = self._open()
        except BaseException:
            with _held_guard:
                _held.discard(key)
            raise

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back; with `remove` its file goes as well."""
        if self._descriptor < 0:
            return
        if remove and sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1
        with _held_guard:
            _held.discard(os.path.realpath(self.path))
        if remove and sys.platform == "win32":
            self.path.unlink(missing_ok=True)

    @property
    def held(self) -> bool:
        return self._descriptor >= 0

    def _open(self) -> int:
        """A locked descriptor of the file that is still there (not of one that its owner just removed)."""
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if not _lock(descriptor):
                    raise self._in_use(read_owner(descriptor))
                if _same(descriptor, self.path):
                    _write_owner(descriptor)
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _in_use(self, owner: Owner | None) -> InUseError:
        who = f" (process {owner.pid} on {owner.host})" if owner else ""
        return InUseError(f"Another running ViewR{who} has '{self.path.stem}' open.", "Close it there first.", owner)


def owner_of(path: Path) -> Owner | None:
    """Who holds the lock of a file now; None if nobody does, however its last owner ended."""
    with _held_guard:
        if os.path.realpath(path) in _held:
            return Owner(os.getpid(), socket.gethostname())
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            return None
        try:
            return None if _lock(descriptor) else read_owner(descriptor)
        finally:
            os.close(descriptor)


def read_owner(descriptor: int) -> Owner | None:
    try:
        data = json.loads(os.read(descriptor, 4096))
        return Owner(int(data["pid"]), str(data["host"]))
    except (ValueError, KeyError, TypeError, OSError):
        return Owner(0, "unknown")


def _write_owner(descriptor: int) -> None:
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def _same(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
