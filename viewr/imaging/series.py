"""From files to volumes: the door of the imaging core."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from viewr.model.errors import FormatError
from viewr.model.progress import Progress
from viewr.model.volume import Volume

if TYPE_CHECKING:
    from viewr.imaging.stream import Allocate, SeriesStream

PathLike = str | os.PathLike[str]
Paths = PathLike | Sequence[PathLike]


@dataclass(frozen=True)
class Refused:
    """A file that gave no volume, and a sentence about why not."""

    path: str
    reason: str


@dataclass(frozen=True)
class ReadResult:
    """Everything a folder gave."""

    volumes: list[Volume] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_folder(path: Paths, progress: Progress | None = None) -> ReadResult:
    """Volumes of a folder (with its folders), a file, or a list of files, and what was refused.

    Parameters
    ----------
    path : path or sequence of paths
        DICOM and NIfTI, told by content, never by name.
    progress : Progress, optional
        Hears of files read; may cancel.
    """
    from viewr.imaging.reader import read_files

    volumes, refused = read_files(_files(path), progress)
    return ReadResult(volumes, [Refused(str(file), reason) for file, reason in refused])


def _files(path: Paths) -> list[Path]:
    from viewr.imaging.files import list_files

    return list_files(path)


def load_series(path: Paths, progress: Progress | None = None) -> list[Volume]:
    """Volumes of a folder, a file, or a list of files.

    Raises
    ------
    FormatError
        If there is no volume; the message holds the first reason.
    """
    result = read_folder(path, progress)
    if not result.volumes:
        raise _nothing(path, result.refused)
    return result.volumes


def _nothing(path: Paths, refused: Sequence[Refused]) -> FormatError:
    if not refused:
        return FormatError("There are no image files.", "Choose a folder with DICOM or NIfTI files.")
    more = f" {len(refused) - 1} more files were refused." if len(refused) > 1 else ""
    return FormatError(f"There is no image to show. {refused[0].reason}{more}")


def open_series(
    paths: Paths = (),
    *,
    expected: int = 0,
    arrived: Callable[[int], None] | None = None,
    reshaped: Callable[[Volume], None] | None = None,
    allocate: Allocate | None = None,
) -> SeriesStream:
    """A series that may still be arriving: a volume that fills.

    Parameters
    ----------
    paths : path or sequence of paths
        What is there already, files or a folder; more comes with `SeriesStream.add`.
    expected : int
        How many files there will be, if a listing says so; by default those of `paths`.
    arrived, reshaped, allocate : callable, optional
        See `SeriesStream`.
    """
    from viewr.imaging.stream import SeriesStream, fill

    files = _files(paths)
    return fill(SeriesStream(expected or len(files), arrived, reshaped, allocate), files)
