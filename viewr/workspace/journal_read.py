"""Journals read again: what was done comes back, undo stack included."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from viewr.model.annotation import DrawingKey
from viewr.model.errors import ViewrError
from viewr.model.geometry import Grid
from viewr.model.labelmap import Box, Labelmap
from viewr.model.read_ranges import Ranges, ranges_from_json
from viewr.model.state import LabelmapKey
from viewr.workspace.field_time import times_from_json
from viewr.workspace.filelock import Owner, owner_of
from viewr.workspace.journal import (
    FORMAT,
    SUFFIX,
    Journal,
    JournalHeader,
    Trouble,
    annotation_from_json,
    take_lock,
)  # fmt: skip
from viewr.workspace.journal_frames import Record, read_frames

if TYPE_CHECKING:
    from viewr.workspace.document import Document, EditStep, PatchStep


@dataclass(frozen=True, eq=False)
class Recovered:
    """What a journal holds.

    Attributes
    ----------
    labelmaps : mapping of (context, annotation) to Labelmap
        On the grids that were drawn on, as they were before the first patch; labels are those of the template.
    read : mapping of (context, scan) to ranges
        Slices that have been seen.
    submission : str
        Id under which the work was about to go into the outbox, "" if it was worked on since.
    cut_bytes : int
        Torn bytes at the end that say nothing.
    """

    header: JournalHeader
    labelmaps: Mapping[LabelmapKey, Labelmap]
    records: tuple[Record, ...] = ()
    active_seconds: int = 0
    field_seconds: Mapping[DrawingKey, float] = field(default_factory=dict)
    read: Mapping[tuple[str, str], Ranges] = field(default_factory=dict)
    draft: str = ""
    submission: str = ""
    cut_bytes: int = 0

    @property
    def steps(self) -> int:
        """How many edits there are."""
        return sum(record.kind == "step" for record in self.records)


@dataclass(frozen=True)
class JournalInfo:
    """A journal in the list of what can be resumed.

    Attributes
    ----------
    task : mapping of str to str
        server, uri, id, user, project, label, template.
    changed : float
        When it was last written to, seconds since 1970.
    owner : Owner or None
        The running program that has it open.
    """

    path: Path
    task: Mapping[str, str] = field(default_factory=dict)
    started: str = ""
    changed: float = 0.0
    owner: Owner | None = None

    @property
    def task_id(self) -> str:
        return self.task.get("id", "")


def journal_path(folder: Path, server: str, uri: str, user: str) -> Path:
    """Where the journal of a task is; the name tells nothing."""
    return folder / (sha256("\n".join((server, uri, user)).encode()).hexdigest()[:24] + SUFFIX)


def read_journal(path: Path) -> Recovered:
    """Everything whole in a journal.

    Raises
    ------
    ViewrError
        If it cannot be read, is empty, or was written by a newer program.
    """
    try:
        with path.open("rb") as stream:
            records, good, size = read_frames(stream)
    except OSError as exc:
        raise ViewrError(f"The journal '{path}' cannot be read: {exc.strerror}.") from exc
    header = _header(records, path)
    clocks = [record.header for record in records if record.kind == "clock"]
    rest = tuple(record for record in records[1:] if record.kind in ("step", "finish", "abandon", "moved"))
    return Recovered(
        header, {_key(record): _labelmap(record) for record in records if record.kind == "labelmap"}, rest,
        active_seconds=max((int(clock["active"]) for clock in clocks), default=0),
        field_seconds=times_from_json(clocks[-1].get("fields")) if clocks else {},
        read={_scan(record): ranges_from_json(record.header["seen"]) for record in records if record.kind == "read"},
        draft=next((str(r.header["at"]) for r in reversed(records) if r.kind == "draft"), ""),
        submission=str(records[-1].header["id"]) if records[-1].kind == "submitting" else "", cut_bytes=size - good,
    )  # fmt: skip


def resume(path: Path, on_trouble: Trouble | None = None) -> tuple[Journal, Recovered]:
    """Read a journal and go on writing it, its torn end cut off.

    Raises
    ------
    InUseError
        If another program has it open.
    """
    lock = take_lock(path)
    try:
        recovered = read_journal(path)
        size = path.stat().st_size - recovered.cut_bytes
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0))
        os.ftruncate(descriptor, size)
    except OSError as exc:
        lock.release(remove=True)
        raise ViewrError(f"The journal '{path}' cannot be opened: {exc.strerror}.") from exc
    except ViewrError:
        lock.release(remove=True)
        raise
    return Journal(path, lock, descriptor, size, on_trouble), recovered


def replay(document: Document, recovered: Recovered) -> None:
    """Do everything again, so that state and undo stack are as they were.

    Parameters
    ----------
    document : Document
        With the journal's base loaded and its label maps in place; without a recorder meanwhile.
    """
    for record in recovered.records:
        if record.kind == "step":
            header = record.header
            text, gesture, merged = str(header["text"]), bool(header["gesture"]), bool(header["merged"])
            document.replay(text, _step(record), gesture=gesture, merged=merged)
        elif record.kind == "finish":
            document.commit()
        elif record.kind == "abandon":
            document.cancel()
        elif record.header["how"] == "undo":
            document.undo()
        else:
            document.redo()


def find_journals(folder: Path) -> list[JournalInfo]:
    """What can be resumed, the newest first; files that are no journals are left out."""
    found = [_info(path) for path in folder.glob(f"*{SUFFIX}")]
    return sorted((info for info in found if info), key=_changed, reverse=True)


def put_aside(path: Path) -> Path:
    """Rename a journal so that it is kept but no longer offered; returns where it is."""
    lock = take_lock(path)
    number = 1
    while (aside := path.with_suffix(f".aside-{number}")).exists():
        number += 1
    os.replace(path, aside)
    lock.release(remove=True)
    return aside


def clear_unbegun(path: Path) -> None:
    """Take away a journal that holds nothing at all: its program was killed before the first record."""
    if path.exists() and path.stat().st_size == 0:
        lock = take_lock(path)  # nobody is just about to write that record
        if path.stat().st_size == 0:
            path.unlink()
        lock.release(remove=True)


def _changed(info: JournalInfo) -> float:
    return info.changed


def _info(path: Path) -> JournalInfo | None:
    try:
        with path.open("rb") as stream:
            records, _, _ = read_frames(stream, first_only=True)
        header = _header(records, path)
        return JournalInfo(path, header.task, header.started, path.stat().st_mtime, owner_of(path.with_suffix(".lock")))
    except (OSError, ViewrError):
        return None


def _header(records: list[Record], path: Path) -> JournalHeader:
    if not records or records[0].kind != "open":
        raise ViewrError(f"The journal '{path}' holds nothing.", "The task can be opened anew.")
    data = upgraded(records[0].header, path)
    return JournalHeader(
        {str(key): str(value) for key, value in data["task"].items()}, data["template_sha256"],
        data["content_sha256"], annotation_from_json(data["base"]), data["started"],
    )  # fmt: skip


def upgraded(header: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The header in today's format; there is only one so far."""
    if int(header["format"]) > FORMAT:
        raise ViewrError(f"The journal '{path}' was written by a newer ViewR (format {header['format']}).",
                         "Resume the task with that version.")  # fmt: skip
    return header


def _key(record: Record) -> LabelmapKey:
    return str(record.header["key"][0]), str(record.header["key"][1])


def _scan(record: Record) -> tuple[str, str]:
    context, scan = record.header["scan"]
    return str(context), str(scan)


def _labelmap(record: Record) -> Labelmap:
    header = record.header
    positions = header["slice_positions"]
    grid = Grid(
        tuple(header["shape"]), np.array(header["affine"]), None if positions is None else np.array(positions),
        header["frame_of_reference"],
    )  # fmt: skip
    dtype = np.dtype(np.uint8 if header["dtype"] == "uint8" else np.uint16)
    return Labelmap(_voxels(record.blob, grid.shape, dtype), grid)


def _voxels(blob: bytes, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    import zstandard

    if not blob:
        return np.zeros(shape, dtype, order="F")
    flat = np.frombuffer(zstandard.ZstdDecompressor().decompress(blob), dtype)
    return flat.reshape(shape, order="F").copy(order="F")


def _step(record: Record) -> EditStep | PatchStep:
    from viewr.workspace.document import EditStep, PatchStep  # Qt: only where there is a document to replay into

    header = record.header
    if "changes" in header:
        return EditStep(header["changes"])
    low, high = header["box"]
    box: Box = ((low[0], low[1], low[2]), (high[0], high[1], high[2]))
    cut = int(header["before"])
    return PatchStep((header["labelmap"][0], header["labelmap"][1]), box, record.blob[:cut], record.blob[cut:])
