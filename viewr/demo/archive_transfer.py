"""Moves files between disk and wire, piece by piece, never whole in memory."""

from __future__ import annotations

import errno
import hashlib
import io
import queue
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

#: Large enough to keep hashing and sockets busy, small enough for a core's cache.
PIECE = 256 * 1024


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BrokenTransfer(OSError):
    """The body ended before its announced length; the server then closes the connection without an answer."""

    def __init__(self, text: str) -> None:
        super().__init__(errno.ECONNRESET, text)


def receive(body: Readable, length: int, target: Path, stop_after: int = 0) -> str:
    """Write a body to its final place and return its MD5.

    As in the real archive nothing protects an older file there: an upload that breaks leaves a short one.

    Parameters
    ----------
    stop_after : int
        Break off after so many bytes; 0 = never.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = _Digest(in_thread=length > 4 * PIECE)
    left = length
    with open(target, "wb", buffering=0) as file, digest:
        while left:
            if stop_after and length - left >= stop_after:
                raise BrokenTransfer("The upload was cut.")
            piece = body.read(min(left, PIECE))
            if not piece:
                raise BrokenTransfer("The upload ended early.")
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    return digest.hexdigest()


def copy(source: Path, target: Path) -> str:
    """Copy a file and return its MD5."""
    with open(source, "rb") as file:
        return receive(file, source.stat().st_size, target)


def pieces(path: Path, cut_after: int = 0) -> Iterator[bytes]:
    """The bytes of a file; breaks off with an error after `cut_after` bytes."""
    sent = 0
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(PIECE):
            yield from cut(piece, sent, cut_after)
            sent += len(piece)


def cut(piece: bytes, sent: int, cut_after: int) -> Iterator[bytes]:
    """A piece, or what is left of it before the cut, then an error that ends the connection."""
    if cut_after and sent + len(piece) > cut_after:
        yield piece[: cut_after - sent]
        raise BrokenTransfer("The download was cut on purpose.")
    yield piece


def zipped(members: list[tuple[str, Path]], compression: int) -> Iterator[bytes]:
    """A zip of named files as a stream; files that are gone are left out, without a word."""
    sink = _Sink()
    method = zipfile.ZIP_DEFLATED if compression else zipfile.ZIP_STORED
    with zipfile.ZipFile(sink, "w", method, compresslevel=compression or None) as archive:
        for name, path in _existing(members):
            info = zipfile.ZipInfo.from_file(path, name)
            info.compress_type = method
            with archive.open(info, "w") as member:
                for piece in pieces(path):
                    member.write(piece)
                    yield sink.take()
    yield sink.take()


def tarred(members: list[tuple[str, Path]], packed: bool) -> Iterator[bytes]:
    """A tar, or tar.gz when packed, as a stream."""
    sink = _Sink()
    with tarfile.open(fileobj=sink, mode="w|gz" if packed else "w|") as archive:
        for name, path in _existing(members):
            archive.add(path, name)
            yield sink.take()
    yield sink.take()


def _existing(members: list[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    return ((name, path) for name, path in members if path.is_file())


class _Sink(io.RawIOBase):
    """Collects what an archive writer writes until somebody takes it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


class _Digest:
    """MD5, for long bodies in a thread beside the one that reads and writes."""

    def __init__(self, in_thread: bool) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._pieces: queue.Queue[bytes | None] | None = queue.Queue(16) if in_thread else None
        self._thread = threading.Thread(target=self._work, name="archive-md5", daemon=True)

    def __enter__(self) -> None:
        if self._pieces is not None:
            self._thread.start()

    def __exit__(self, *exc: object) -> None:
        if self._pieces is not None:
            self._pieces.put(None)
            self._thread.join()

    def update(self, piece: bytes) -> None:
        if self._pieces is None:
            self._md5.update(piece)
        else:
            self._pieces.put(piece)

    def hexdigest(self) -> str:
        return self._md5.hexdigest()

    def _work(self) -> None:
        assert self._pieces is not None
        while (piece := self._pieces.get()) is not None:
            self._md5.update(piece)


def unpack(source: Path, name: str) -> Iterator[tuple[str, IO[bytes], int]]:
    """Members of a zip or tar as (path, stream, length); folders are left out."""
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(source) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    with archive.open(info) as stream:
                        yield info.filename, stream, info.file_size
    else:
        with tarfile.open(source) as tar:
            for item in tar:
                if item.isfile() and (stream_or_none := tar.extractfile(item)) is not None:
                    yield item.name, stream_or_none, item.size
