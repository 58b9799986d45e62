"""Writing what arrives and sending what leaves, hashed on the way."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from viewr.archive.base import RemoteFile
from viewr.archive.cache import open_private, writing
from viewr.model.progress import Progress

_BLOCK = 1 << 20
_PAUSE = 0.05  # seconds between two reports


class Tally:
    """Bytes moved by several threads together, reported now and then."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total = total
        self._progress = progress
        self._done = 0
        self._next = 0.0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        """Count bytes; raises `Cancelled` when nobody wants the rest."""
        with self._lock:
            self._done += count
            if self._progress is not None and (time.monotonic() >= self._next or self._done >= self.total):
                self._next = time.monotonic() + _PAUSE
                self._progress.report(min(self._done, self.total), self.total)

    def take_back(self, count: int) -> None:
        """Bytes of an attempt that was in vain."""
        with self._lock:
            self._done -= count


class Sending:
    """Body of an upload: a file read piece by piece, hashed and counted on its way.

    Parameters
    ----------
    source : BinaryIO
        Open file.
    size : int
        Bytes that are promised to the server.
    tally : Tally
    """

    def __init__(self, source: BinaryIO, size: int, tally: Tally) -> None:
        self._source = source
        self._size = size
        self._tally = tally
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.sent = 0

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1, /) -> bytes:
        block = self._source.read(_BLOCK if size < 0 else size)
        self.md5.update(block)
        self.sent += len(block)
        self._tally.add(len(block))
        return block


def write_hashed(chunks: Iterable[bytes], part: Path, tally: Tally) -> tuple[int, str]:
    """Write a new private file; returns its size in bytes and MD5. It is removed when that fails."""
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    try:
        with writing(part.parent):
            descriptor = open_private(part)
        try:
            for chunk in chunks:
                with writing(part.parent):
                    _write_all(descriptor, chunk)
                md5.update(chunk)
                size += len(chunk)
                tally.add(len(chunk))
        finally:
            os.close(descriptor)
    except BaseException:
        part.unlink(missing_ok=True)
        tally.take_back(size)
        raise
    return size, md5.hexdigest()


def md5_of(path: Path) -> str:
    """MD5 of a local file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def is_same(file: RemoteFile, size: int, md5: str) -> bool:
    """Whether size and digest are what the listing says, as far as it says anything."""
    return file.size in (None, size) and file.md5 in ("", md5)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
