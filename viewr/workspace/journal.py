"""The journal of an open task: every edit reaches the disk within a second, whatever becomes of the program.

Appended to by a thread of its own; read again by `viewr.workspace.journal_read`.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewr.model.annotation import Annotation, drawn_from_json, drawn_to_json
from viewr.model.errors import ViewrError
from viewr.model.labelmap import Labelmap
from viewr.model.read_ranges import Ranges
from viewr.model.state import LabelmapKey
from viewr.workspace.disk import make_private
from viewr.workspace.filelock import FileLock
from viewr.workspace.journal_frames import Record, encode

if TYPE_CHECKING:
    from viewr.workspace.document import EditStep, PatchStep

log = logging.getLogger(__name__)

#: Raised when an older program could not read what this one writes.
FORMAT = 1
SUFFIX = ".journal"
#: Seconds between two fsyncs, and between two tries while the disk refuses.
SYNC_EVERY = 0.5
RETRY_EVERY = 2.0

Trouble = Callable[[ViewrError | None], None]


@dataclass(frozen=True, eq=False)
class JournalHeader:
    """What a journal belongs to; nothing in it names a patient.

    Attributes
    ----------
    task : mapping of str to str
        server, uri, id, user, and what a list shows: project, label, template.
    content_sha256 : str
        Of the task's content when it was opened.
    base : Annotation
        Answers and drawings before the first edit.
    started : str
        When the task was first opened, UTC.
    """

    task: Mapping[str, str]
    template_sha256: str = ""
    content_sha256: str = ""
    base: Annotation = field(default_factory=Annotation)
    started: str = ""


class Journal:
    """Keeps what happens to a document; implements `document.Recorder`.

    Made by `create` or by `journal_read.resume`; a full or failing disk never stops the work: what could not be
    written stays in memory, is tried again, and `on_trouble` is told.

    Parameters
    ----------
    descriptor : int
        The file, open for appending, its lock held.
    size : int
        Bytes of whole records in it.
    on_trouble : callable, optional
        Called in the writer's thread with what is wrong, and with None when it is over.
    """

    def __init__(self, path: Path, lock: FileLock, descriptor: int, size: int, on_trouble: Trouble | None) -> None:
        self.path = path
        self.on_trouble = on_trouble
        self._lock = lock
        self._descriptor = descriptor
        self._size = size
        self._queue: list[Record] = []
        self._pending: list[bytes] = []
        self._put = self._kept = self._tries = 0
        self._synced = True
        self._hurry = self._stop = self._closed = False
        self._failed: ViewrError | None = None
        self._last_try = self._last_sync = 0.0
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._write_on, name="viewr-journal", daemon=True)
        self._thread.start()

    # --- what the document tells -------------------------------------------------------------------------------

    def step(self, text: str, step: EditStep | PatchStep, *, gesture: bool, merged: bool) -> None:
        """One step was applied; in a gesture until `finish` or `abandon`, or merged into the step before."""
        header: dict[str, Any] = {"kind": "step", "text": text, "gesture": gesture, "merged": merged}
        if hasattr(step, "changes"):
            self._append(Record({**header, "changes": step.changes}))
            return
        place = {"labelmap": list(step.labelmap), "box": step.box, "before": len(step.before)}
        self._append(Record({**header, **place}, step.before + step.after))

    def finish(self) -> None:
        """The open gesture became one undo step."""
        self._append(Record({"kind": "finish"}))

    def abandon(self) -> None:
        """The open gesture was taken back whole."""
        self._append(Record({"kind": "abandon"}))

    def moved(self, kind: str) -> None:
        """The reader went back ("undo") or forward ("redo") one step."""
        self._append(Record({"kind": "moved", "how": kind}))

    # --- what the session tells --------------------------------------------------------------------------------

    def labelmap(self, key: LabelmapKey, labelmap: Labelmap, packed: bytes = b"") -> None:
        """A label map on a grid of its own, as it is before the first patch.

        Parameters
        ----------
        packed : bytes
            Its voxels by `pack_voxels`, made outside the thread of the GUI; nothing for a map of zeros.
        """
        header = {"kind": "labelmap", "key": list(key), "dtype": labelmap.array.dtype.name, **grid_to_json(labelmap)}
        self._append(Record(header, packed))

    def submitting(self, submission: str) -> None:
        """The work goes into the outbox under this id; if it got there, this journal is done with."""
        self._append(Record({"kind": "submitting", "id": submission}))

    def clock(self, active_seconds: int, fields: Sequence[Any] = ()) -> None:
        """How long the reader has worked so far, in all and in each field."""
        self._append(Record({"kind": "clock", "active": active_seconds, **({"fields": fields} if fields else {})}))

    def read(self, context: str, scan: str, ranges: Ranges) -> None:
        """Which slices of a scan have been seen."""
        self._append(Record({"kind": "read", "scan": [context, scan], "seen": [list(run) for run in ranges]}))

    def draft(self, at: str) -> None:
        """The reader asked to keep the work as it is now (UTC)."""
        self._append(Record({"kind": "draft", "at": at}))

    def keep(self, timeout: float = 10.0) -> bool:
        """Wait until everything so far is on the disk; False if it is not after `timeout` seconds, or refused."""
        with self._wake:
            target, tries = self._put, self._tries
            self._hurry = True
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._kept >= target or (self._failed and self._tries > tries), timeout)
            return self._kept >= target

    def close(self, *, remove: bool = False) -> bool:
        """Write what is left and end; with `remove` the file goes as well. What is told later is not kept.

        Returns
        -------
        bool
            Whether everything is on the disk (or was meant to go).
        """
        with self._wake:
            if self._closed:
                return not self._pending
            self._stop = True
            self._wake.notify_all()
        self._thread.join()
        os.close(self._descriptor)
        self._closed = True
        if remove:
            self.path.unlink(missing_ok=True)
        self._lock.release(remove=True)
        return remove or not self._pending

    # --- the writer's thread -----------------------------------------------------------------------------------

    def _append(self, record: Record) -> None:
        with self._wake:
            if self._stop:
                log.info("journal: '%s' came after its end", record.header["kind"])
                return
            self._queue.append(record)
            self._put += 1
            self._wake.notify_all()

    def _write_on(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(self._due, self._patience())
                records, self._queue = self._queue, []
                stop, hurry, self._hurry = self._stop, self._hurry, False
                put = self._put
            self._pending.extend(encode(record) for record in records)
            now = time.monotonic()
            if not self._failed or stop or hurry or now - self._last_try >= RETRY_EVERY:
                self._try(put, force=stop or hurry, now=now)
            if stop:
                return

    def _due(self) -> bool:
        return self._stop or self._hurry or bool(self._queue and not self._failed)

    def _patience(self) -> float | None:
        if self._failed:
            return max(0.0, self._last_try + RETRY_EVERY - time.monotonic())
        return None if self._synced else max(0.0, self._last_sync + SYNC_EVERY - time.monotonic())

    def _try(self, put: int, *, force: bool, now: float) -> None:
        self._last_try = now
        try:
            self._write()
            if not self._synced and (force or now - self._last_sync >= SYNC_EVERY):
                os.fsync(self._descriptor)
                self._synced, self._last_sync = True, now
        except OSError as exc:
            self._tell(_sentence(exc, self.path))
            return
        if self._synced:
            with self._wake:
                self._kept = put
                self._wake.notify_all()
        if self._failed:
            self._tell(None)

    def _write(self) -> None:
        data = memoryview(b"".join(self._pending))
        if not data:
            return
        self._synced = False
        done = 0
        try:
            while done < len(data):
                done += os.write(self._descriptor, data[done:])
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += done
        self._pending.clear()

    def _tell(self, trouble: ViewrError | None) -> None:
        with self._wake:
            first = (self._failed is None) != (trouble is None)
            self._failed = trouble
            self._tries += 1
            self._wake.notify_all()
        if first:
            log.warning("journal: %s", trouble.message if trouble else "written again")
            if self.on_trouble:
                self.on_trouble(trouble)


def create(path: Path, header: JournalHeader, on_trouble: Trouble | None = None) -> Journal:
    """Begin the journal of a task.

    Raises
    ------
    InUseError
        If another program has it open.
    ViewrError
        If there is a journal already, or no file can be made.
    """
    lock = take_lock(path)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o600)
    except OSError as exc:
        lock.release(remove=True)
        raise _sentence(exc, path) from exc
    journal = Journal(path, lock, descriptor, 0, on_trouble)
    journal._append(header_record(header))
    return journal


def take_lock(path: Path) -> FileLock:
    """The lock of a journal, held."""
    try:
        make_private(path.parent)
        lock = FileLock(path.with_suffix(".lock"))
        lock.acquire()
    except OSError as exc:
        raise _sentence(exc, path) from exc
    return lock


def header_record(header: JournalHeader) -> Record:
    data = asdict(header)
    data["base"] = annotation_to_json(header.base)
    return Record({"kind": "open", "format": FORMAT, **data, "task": dict(header.task)})


def annotation_to_json(annotation: Annotation) -> dict[str, Any]:
    drawings = [
        {"key": list(key), "drawn": [drawn_to_json(item) for item in drawn]}
        for key, drawn in annotation.drawings.items()
    ]
    return {"answers": {name: dict(answers) for name, answers in annotation.answers.items()}, "drawings": drawings}


def annotation_from_json(data: Mapping[str, Any]) -> Annotation:
    drawings = {
        (str(entry["key"][0]), str(entry["key"][1])): tuple(drawn_from_json(item) for item in entry["drawn"])
        for entry in data.get("drawings", ())
    }
    return Annotation(data.get("answers", {}), drawings)


def grid_to_json(labelmap: Labelmap) -> dict[str, Any]:
    grid = labelmap.grid
    positions = None if grid.slice_positions is None else grid.slice_positions.tolist()
    return {
        "shape": list(grid.shape), "affine": grid.affine.tolist(), "slice_positions": positions,
        "frame_of_reference": grid.frame_of_reference,
    }  # fmt: skip


def pack_voxels(labelmap: Labelmap) -> bytes:
    """Voxels in Fortran order, compressed; nothing for a map of zeros."""
    import zstandard

    if not labelmap.array.any():
        return b""
    return zstandard.ZstdCompressor(level=1).compress(labelmap.array.tobytes(order="F"))


def _sentence(exc: OSError, path: Path) -> ViewrError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        what, hint = "The disk is full", "Free some space now; until then your work is only in memory."
    elif exc.errno == errno.EEXIST:
        what, hint = "There is an older journal of this task", "Resume it, or put it aside."
    else:
        what, hint = f"{exc.strerror or exc}", "Check the disk; until then your work is only in memory."
    return ViewrError(f"Your work cannot be saved in '{path.parent}': {what}.", hint)
