"""Decoded volumes on the disk, mapped into memory: a scan seen before shows its first picture at once.

An entry is a folder with one raw file for each volume and `volumes.json`, which is written last. Blocks are checked
against their checksums when first asked for, not all at once, so that opening costs the same for any size.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from viewr.imaging.files import list_files
from viewr.imaging.mapped import Array, describe, map_file, stored, whole_file
from viewr.imaging.series import Paths, load_series
from viewr.model.progress import Progress
from viewr.model.volume import Volume

FORMAT = 7
_INDEX = "volumes.json"
#: Windows does not rename a folder in which a file is mapped, under whatever name.
_LINKS = os.name == "posix"


@dataclass(eq=False)
class CachedSeries:
    """Volumes of an entry; their arrays are read-only and come from the disk page by page."""

    folder: Path
    volumes: list[Volume]
    _blocks: list[Array]
    _sums: list[list[int]]
    _checked: set[tuple[int, int]] = field(default_factory=set)

    def blocks(self, volume: int) -> int:
        """How many blocks a volume has."""
        return len(self._sums[volume])

    def verify(self, volume: int, block: int) -> bool:
        """Whether a block is what was written; looks once. A block is a slice, of 4-D volumes a whole time point."""
        if (volume, block) not in self._checked:
            if zlib.crc32(np.ascontiguousarray(self._blocks[volume][block]).data) != self._sums[volume][block]:
                return False
            self._checked.add((volume, block))
        return True

    def verify_all(self, progress: Progress | None = None) -> bool:
        """Whether every block is what was written."""
        for volume, sums in enumerate(self._sums):
            for block in range(len(sums)):
                if not self.verify(volume, block):
                    return False
                if progress is not None:
                    progress.report(block + 1, len(sums))
        return True


class VolumeCache:
    """Entries under one folder, the least recently used ones dropped beyond a limit.

    Parameters
    ----------
    root : path
        Made when first needed.
    limit_bytes : int
        Of all entries together.
    grace : float
        Seconds since its last use in which an entry is never dropped: another process may be about to map it.
    """

    def __init__(self, root: str | os.PathLike[str], limit_bytes: int = 20 << 30, *, grace: float = 900.0) -> None:
        self.root = Path(root)
        self.limit_bytes = limit_bytes
        self._grace = grace

    def load(self, key: str) -> CachedSeries | None:
        """The entry of a key, None if there is none or it is damaged."""
        folder = self.root / key
        try:
            index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
            if index["format"] != FORMAT:
                return None
            volumes = [map_file(entry, folder / f"{n}.raw") for n, entry in enumerate(index["volumes"])]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        os.utime(folder)
        blocks = [stored(volume.array) for volume in volumes]
        return CachedSeries(folder, volumes, blocks, [entry["crc32"] for entry in index["volumes"]])

    def store(self, key: str, volumes: Sequence[Volume], progress: Progress | None = None) -> None:
        """Writes an entry; another process may do the same at the same time."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.root / f".{key}.{os.getpid()}.part"
        shutil.rmtree(part, ignore_errors=True)
        try:
            part.mkdir()
            described = [_write(part / f"{n}.raw", volume, progress) for n, volume in enumerate(volumes)]
            index = json.dumps({"format": FORMAT, "volumes": described})
            (part / _INDEX).write_text(index, encoding="utf-8")
            self.drop(key)
            part.rename(self.root / key)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        self.trim()

    def drop(self, key: str) -> None:
        """Forgets an entry."""
        shutil.rmtree(self.root / key, ignore_errors=True)

    def trim(self) -> None:
        """Drops the entries used longest ago until the limit holds; the newest one always stays."""
        total, now = 0, time.time()
        for number, (used, size, entry) in enumerate(sorted(self._entries(), reverse=True)):
            total += size
            if number and total > self.limit_bytes and now - used >= self._grace:
                shutil.rmtree(entry, ignore_errors=True)

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """When each was last used, its bytes, and where it is."""
        for path in self.root.iterdir():
            if path.is_dir() and not path.name.startswith("."):
                with contextlib.suppress(FileNotFoundError):  # another process drops entries, too
                    yield path.stat().st_mtime, sum(file.stat().st_size for file in path.iterdir()), path


def key_of(files: Sequence[Path]) -> str:
    """Key of local files: their paths, sizes and times; hashing what they hold would take longer than loading."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for file in sorted(files):
        state = file.stat()
        digest.update(f"{file.absolute()}\0{state.st_size}\0{state.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def key_of_listing(archive: str, entries: Sequence[tuple[str, int, str]]) -> str:
    """Key of files in an archive: its URL and (path, size, MD5) of each as listed."""
    digest = hashlib.sha256(f"{FORMAT}\0{archive}\n".encode())
    for path, size, md5 in sorted(entries):
        digest.update(f"{path}\0{size}\0{md5}\n".encode())
    return digest.hexdigest()


def load_cached(path: Paths, cache: VolumeCache, progress: Progress | None = None) -> list[Volume]:
    """`load_series` through the cache."""
    files = list_files(path)
    key = key_of(files)
    found = cache.load(key)
    if found is not None and found.volumes:
        return found.volumes
    volumes = load_series(list(files), progress)
    cache.store(key, volumes, progress)
    return volumes


def _write(path: Path, volume: Volume, progress: Progress | None) -> dict[str, Any]:
    """Writes the voxels, or gives the file that holds just them a second name."""
    blocks = stored(volume.array)
    source = whole_file(volume.array) if _LINKS else None
    sums = []
    with open(os.devnull if source else path, "wb") as file:
        for number, block in enumerate(blocks):
            data = np.ascontiguousarray(block)
            sums.append(zlib.crc32(data.data))
            file.write(data.data)
            if progress is not None:
                progress.report(number + 1, len(blocks))
    if source:
        os.link(source, path)
    return {**describe(volume), "crc32": sums}
