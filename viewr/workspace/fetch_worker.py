"""The process that fetches scans: lists, downloads, verifies and decodes, so that the GUI's interpreter stays free.

It reads requests from standard input and ends when that closes, that is when the program ends, in whatever way.
Voxels go into files that both processes map; see `viewr.workspace.fetch_messages` for what is said.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO

from viewr.archive.cache import Cache
from viewr.archive.xnat import XnatArchive
from viewr.imaging.mapped import Spool
from viewr.imaging.volume_cache import VolumeCache
from viewr.model.errors import Cancelled, ViewrError
from viewr.model.progress import Progress
from viewr.workspace.fetch_messages import (
    ArchiveAccount,
    Message,
    failed_message,
    fetched_message,
    news_message,
    of_line,
    spool_folder,
    target_of,
    to_line,
)
from viewr.workspace.scan_loading import AT_ONCE, Fetching, Inbox

log = logging.getLogger(__name__)

#: How far the process steps back behind the program (POSIX niceness).
NICENESS = 5
#: Seconds between two messages with news, and the wait for what comes at the same moment.
PACE, GATHER = 0.08, 0.005
#: Seconds between two requests that keep the session alive.
KEEP_ALIVE_EVERY = 300.0
#: Seconds that the end may take: threads stopped, signed out.
FAREWELL = 2.0
#: Seconds after which a spool belongs to nobody any more.
STALE = 24 * 3600.0


class Mouth:
    """Says messages, from any thread; news of scans at most a dozen times a second."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._guard = threading.RLock()
        self._inboxes: dict[int, Inbox] = {}
        self._news = threading.Event()
        threading.Thread(target=self._tell_news, name="news", daemon=True).start()

    def say(self, message: Message) -> None:
        with self._guard:
            self._out.write(to_line(message))
            self._out.flush()

    def inbox(self, number: int) -> Inbox:
        """An inbox whose news are told."""
        inbox = Inbox(self._news.set)
        with self._guard:
            self._inboxes[number] = inbox
        return inbox

    def close(self, number: int, last: Message | None) -> None:
        """Tell the rest of the news of a scan, and how it ended; None: nobody listens any more."""
        with self._guard:
            inbox = self._inboxes.pop(number)
            if last is not None:
                self._tell(number, inbox)
                self.say(last)

    def _tell_news(self) -> None:
        while self._news.wait():
            time.sleep(GATHER)
            self._news.clear()
            with self._guard:
                for number, inbox in self._inboxes.items():
                    self._tell(number, inbox)
            time.sleep(PACE)

    def _tell(self, number: int, inbox: Inbox) -> None:
        news = inbox.take()
        if not news.is_empty:
            self.say(news_message(number, news))


class _LogToParent(logging.Handler):
    """Passes what is logged on to the program, whose file it goes into."""

    def __init__(self, mouth: Mouth) -> None:
        super().__init__()
        self._mouth = mouth

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._mouth.say({"log": record.levelname, "name": record.name, "message": self.format(record)})
        except OSError:
            self.handleError(record)


class Worker:
    """Fetches scans of one archive for one account."""

    def __init__(self, account: ArchiveAccount, mouth: Mouth) -> None:
        self._archive = XnatArchive(account.url, account.user, account.password, http=account.http)
        self._cache = Cache(Path(account.images), account.cache_bytes // 2)
        self._volumes = VolumeCache(account.volumes, account.cache_bytes // 2)
        self._spools = spool_folder(Path(account.volumes), os.getpid())
        self._mouth = mouth
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch")
        self._wanted: dict[int, Progress] = {}
        threading.Thread(target=self._stay_signed_in, name="keep alive", daemon=True).start()

    def obey(self, commands: Iterable[bytes]) -> None:
        """Do what is asked until there is nobody left to ask."""
        for line in commands:
            message = of_line(line)
            if "fetch" in message:
                number = message["fetch"]
                self._wanted[number] = Progress()
                self._pool.submit(self._fetch, number, message, self._wanted[number])
            elif "cancel" in message and (progress := self._wanted.get(message["cancel"])):
                progress.cancel()
            elif gone := message.get("taken") or message.get("cancel"):
                self._spool(gone).clear()

    def close(self) -> None:
        """Stop, sign out, leave no files behind."""
        for progress in list(self._wanted.values()):
            progress.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._spools, ignore_errors=True)
        self._archive.sign_out()

    def _spool(self, number: int) -> Spool:
        return Spool(self._spools / str(number))

    def _fetch(self, number: int, message: Message, progress: Progress) -> None:
        inbox, spool = self._mouth.inbox(number), self._spool(number)
        fetching = Fetching(message["name"], target_of(message), self._archive, self._cache, self._volumes, spool)
        last: Message | None = None
        try:
            last = fetched_message(number, fetching.run(inbox, progress))
        except Cancelled:
            log.info("a scan is not wanted any more")
        except ViewrError as error:
            last = failed_message(number, error)
        except Exception as error:  # told to the reader, who cannot see this process
            log.exception("defect while a scan was fetched")
            last = failed_message(number, _defect(message["name"], error))
        finally:
            self._wanted.pop(number, None)
            self._mouth.close(number, last)
            if progress.cancelled:
                spool.clear()

    def _stay_signed_in(self) -> None:
        _prepare()
        while True:
            try:
                self._archive.keep_alive()
            except ViewrError as error:
                log.info("keep alive: %s", error.message)  # the next real request says it
            time.sleep(KEEP_ALIVE_EVERY)


def sweep(volumes: Path) -> None:
    """Remove what processes left behind that are long gone."""
    for folder in volumes.glob(".spool-*"):
        if folder.stat().st_mtime < time.time() - STALE:
            shutil.rmtree(folder, ignore_errors=True)


def _prepare() -> None:
    """Import now what the first scan needs."""
    import viewr.imaging.reader
    import viewr.imaging.stream  # noqa: F401


def _defect(name: str, error: Exception) -> ViewrError:
    return ViewrError(
        f"The scan '{name}' cannot be shown: {type(error).__name__}.", "Please report this; see the log."
    )


def run() -> int:
    """`viewr fetch-worker`: serve the program at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which then closes our input
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Nothing that a library prints may come between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    faulthandler.enable()
    mouth = Mouth(out)
    logging.basicConfig(level=logging.INFO, handlers=[_LogToParent(mouth)])
    with open(0, "rb", closefd=False) as commands:
        first = commands.readline()
        if first:
            account = ArchiveAccount.of(of_line(first))
            sweep(Path(account.volumes))
            worker = Worker(account, mouth)
            worker.obey(commands)
            _leave_in_time(worker)
    os._exit(0)  # a request that hangs holds nobody up


def _leave_in_time(worker: Worker) -> None:
    farewell = threading.Thread(target=partial(worker.close), daemon=True)
    farewell.start()
    farewell.join(FAREWELL)
