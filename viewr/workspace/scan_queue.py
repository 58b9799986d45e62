"""The scans of an open task, fetched in the order in which the reader needs them, shown while they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from viewr.model.errors import ViewrError
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.jobs import Job, Jobs
from viewr.workspace.places import ScanTarget
from viewr.workspace.scan_loading import AT_ONCE, Fetched, Inbox, News, ScanSource
from viewr.workspace.uptake import fetch_to_show

#: Milliseconds between two looks into the inboxes.
EVERY = 25
#: Milliseconds between two times that one is emptied; a new volume does not wait.
PACE = 80


class ScanQueue(QObject):
    """Fetches scans and hands them to the document; a scan that is needed twice is fetched once."""

    #: scan key, files that have arrived, files in all
    progress = Signal(object, object, object)
    #: scan key: it is in the document, whole
    fetched = Signal(object)
    #: scan key, ViewrError
    failed = Signal(object, object)
    notice = Signal(str)

    def __init__(
        self,
        targets: Mapping[ScanKey, ScanTarget],
        scans: ScanSource,
        jobs: Jobs,
        document: Document,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scans, self._jobs, self._document = scans, jobs, document
        self._keys: dict[tuple[object, str], list[ScanKey]] = {}
        self._targets: dict[tuple[object, str], ScanTarget] = {}
        for key, target in targets.items():
            self._keys.setdefault((target.ref, target.file), []).append(key)
            self._targets[(target.ref, target.file)] = target
        self._waiting = list(self._keys)
        #: scan key -> what stands for the files of the scan
        self.digests: dict[ScanKey, str] = {}
        self._running: dict[tuple[object, str], tuple[Job, Inbox]] = {}
        self._last = QElapsedTimer()
        self._last.start()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(self._look)

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._running

    def start(self) -> None:
        self._timer.start()
        self._next()

    def stop(self) -> None:
        """Fetch no more; nothing is delivered after this."""
        self._timer.stop()
        self._waiting.clear()
        for job, _ in self._running.values():
            job.cancel()
        self._running.clear()

    def _next(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            source = self._waiting.pop(0)
            inbox = Inbox()
            name = self._keys[source][0][1]
            job = self._jobs.start(fetch_to_show, self._scans, name, self._targets[source], inbox)
            self._running[source] = job, inbox
            job.done.connect(partial(self._on_done, source))
            job.failed.connect(partial(self._on_failed, source))
        if self.is_idle:
            self._timer.stop()

    def _look(self) -> None:
        paced = self._last.elapsed() < PACE
        if not paced:
            self._last.start()
        for source, (_, inbox) in list(self._running.items()):
            if paced and not inbox.is_urgent:
                continue
            news = inbox.take()
            if not news.is_empty:
                self._show(self._keys[source], news)

    def _show(self, keys: list[ScanKey], news: News) -> None:
        for key in keys:
            if news.volume is not None:
                if news.loaded is not None:
                    self._document.arriving[key] = news.loaded
                self._document.add_volume(key, news.volume)
            count = self._document.volumes[key].grid.shape[2] if key in self._document.volumes else 0
            for k in dict.fromkeys(news.slices):
                if k < count:
                    self._document.volume_filled(key, k)
            if news.total:
                self.progress.emit(key, news.done, news.total)

    def _on_done(self, source: tuple[object, str], fetched: Fetched) -> None:
        _, inbox = self._running.pop(source)
        news = inbox.take()
        for key in self._keys[source]:
            self._document.arriving.pop(key, None)
            self.digests[key] = fetched.digest
            self._forget_windows(key, fetched.volume.unit)
            self._document.add_volume(key, fetched.volume)
            if news.total:
                self.progress.emit(key, news.total, news.total)
        for notice in fetched.notices:
            self.notice.emit(notice)
        self._next()
        for key in self._keys[source]:
            self.fetched.emit(key)

    def _forget_windows(self, key: ScanKey, unit: str) -> None:
        """A window chosen while the values still had another unit means nothing any more."""
        shown = self._document.volumes.get(key)
        if shown is None or shown.unit == unit:
            return
        for viewport, look in self._document.state.look.viewports.items():
            if viewport[0] == key[0] and look.scan == key[1] and look.window is not None:
                self._document.look_viewport(viewport, window=None)
            if viewport[0] == key[0] and look.fused == key[1] and look.fused_window is not None:
                self._document.look_viewport(viewport, fused_window=None)

    def _on_failed(self, source: tuple[object, str], error: Exception) -> None:
        del self._running[source]
        keys = self._keys[source]
        told = (
            error
            if isinstance(error, ViewrError)
            else ViewrError(
                f"The scan '{keys[0][1]}' cannot be shown: {type(error).__name__}.", "Please report this; see the log."
            )
        )
        self._next()
        for key in keys:
            self.failed.emit(key, told)
