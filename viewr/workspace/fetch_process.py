"""Fetching scans in a process of its own, as seen from the program: started at sign-in, restarted once if it dies."""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from viewr.model.errors import ArchiveError, Cancelled
from viewr.model.progress import Progress
from viewr.workspace.fetch_messages import (
    ArchiveAccount,
    Message,
    NewsReader,
    error_of,
    fetched_of,
    of_line,
    request,
    spool_folder,
    to_line,
)
from viewr.workspace.places import ScanTarget
from viewr.workspace.scan_loading import Fetched, Inbox

log = logging.getLogger(__name__)

#: How often a scan is asked for when the process dies over it.
ATTEMPTS = 2
#: Seconds within which a request notices that nobody wants it any more.
NOTICE = 0.1
#: Seconds that the process gets to leave.
FAREWELL = 3.0


class WorkerDied(Exception):
    """The process ended before it had answered."""


@dataclass
class _Pending:
    """A scan that was asked for; its last message, or None if none will come."""

    news: NewsReader
    last: queue.SimpleQueue[Message | None] = field(default_factory=queue.SimpleQueue)


class FetchProcess:
    """A `ScanSource` in another process; safe from several threads.

    Parameters
    ----------
    account : ArchiveAccount
        Goes to the process through a pipe: never by its command line, its environment or the disk.
    """

    def __init__(self, account: ArchiveAccount) -> None:
        self._account = account
        self._guard = threading.Lock()
        self._line: _Line | None = None
        self._closed = False

    def start(self) -> None:
        """Start the process, unless it runs; if that fails, the first scan says so."""
        with contextlib.suppress(WorkerDied, Cancelled):
            self._running()

    @property
    def pid(self) -> int | None:
        """Id of the running process."""
        line = self._line
        return line.pid if line is not None and line.alive else None

    def fetch(self, name: str, target: ScanTarget, inbox: Inbox, progress: Progress) -> Fetched:
        for _ in range(ATTEMPTS):
            try:
                return self._running().fetch(name, target, inbox, progress)
            except WorkerDied:
                log.warning("the process that fetches scans ended unexpectedly")
        raise ArchiveError(
            f"The scan '{name}' cannot be fetched: the process that fetches images ended twice.",
            "Open the task again; if it stays so, report it with the log.",
        )

    def close(self) -> None:
        """End the process; what it was fetching is cancelled."""
        with self._guard:
            self._closed = True
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def _running(self) -> _Line:
        with self._guard:
            if self._closed:
                raise Cancelled
            if self._line is None or not self._line.alive:
                try:
                    self._line = _Line(self._account)
                except OSError as exc:
                    log.warning("the process that fetches scans cannot be started: %s", exc.strerror)
                    raise WorkerDied from None
            return self._line


class _Line:
    """One running process and the pipes to it."""

    def __init__(self, account: ArchiveAccount) -> None:
        self._volumes = Path(account.volumes)
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._pending: dict[int, _Pending] = {}
        self.alive = True
        self._process = _start(Path(account.images).parent)
        self.pid = self._process.pid
        threading.Thread(target=self._listen, name="viewr-fetch", daemon=True).start()
        self._say(account.to_message())

    def fetch(self, name: str, target: ScanTarget, inbox: Inbox, progress: Progress) -> Fetched:
        number, pending = next(self._numbers), _Pending(NewsReader(inbox))
        with self._guard:
            self._pending[number] = pending
        try:
            self._say(request(number, name, target))
            message = self._wait(pending, progress)
        except Cancelled:
            self._forget(number)
            self._say({"cancel": number})
            raise
        except WorkerDied:
            self._forget(number)
            raise
        return self._result(number, message)

    def _forget(self, number: int) -> None:
        with self._guard:
            self._pending.pop(number, None)

    def _wait(self, pending: _Pending, progress: Progress) -> Message:
        while True:
            progress.check()
            try:
                message = pending.last.get(timeout=NOTICE)
            except queue.Empty:
                if not self.alive:
                    raise WorkerDied from None
                continue
            if message is None:
                raise WorkerDied
            return message

    def _result(self, number: int, message: Message) -> Fetched:
        try:
            if "failed" in message:
                raise error_of(message)
            return fetched_of(message)
        finally:
            self._forget(number)
            self._say({"taken": number})

    def close(self) -> None:
        with self._guard:
            assert self._process.stdin is not None
            _close(self._process.stdin)
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, message: Message) -> None:
        with self._guard:
            assert self._process.stdin is not None
            try:
                self._process.stdin.write(to_line(message))
                self._process.stdin.flush()
            except (OSError, ValueError):  # it has gone, or was closed: whoever waits hears of it
                self.alive = False

    def _listen(self) -> None:
        """Hear what the process says, until it ends."""
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._hear(of_line(line))
        except Exception:
            log.exception("the process that fetches scans cannot be understood")
            self._process.kill()
        finally:
            self._end()

    def _hear(self, message: Mapping[str, Any]) -> None:
        if "log" in message:
            level = logging.getLevelNamesMapping().get(message["log"], logging.INFO)
            logging.getLogger(message["name"]).log(level, "%s", message["message"])
            return
        kind = next(kind for kind in ("news", "fetched", "failed") if kind in message)
        with self._guard:
            pending = self._pending.get(message[kind])
        if pending is None:
            return  # cancelled
        if kind == "news":
            self._take(pending, message)
        else:
            pending.last.put(dict(message))

    def _take(self, pending: _Pending, message: Mapping[str, Any]) -> None:
        try:
            pending.news.take(message)
        except FileNotFoundError:
            with self._guard:
                if message["news"] in self._pending:
                    raise
            # cancelled a moment ago, and its files have gone

    def _end(self) -> None:
        assert self._process.stdout is not None
        self.alive = False
        self._process.wait()
        self._process.stdout.close()
        with self._guard:
            for pending in self._pending.values():
                pending.last.put(None)
        # What is mapped stays; the names go.
        shutil.rmtree(spool_folder(self._volumes, self.pid), ignore_errors=True)


def worker_command() -> list[str]:
    """``viewr fetch-worker`` of this very program, frozen or not."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "viewr"]
    return [*program, "fetch-worker"]


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """The process, with a file for what only a crash says."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    with open(folder / "fetch-crash.log", "ab") as errors:
        return subprocess.Popen(
            worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, creationflags=flags
        )


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:
        log.debug("the process that fetches scans has gone already")
