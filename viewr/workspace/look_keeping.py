"""The screen that comes back: how an unfinished task looked is kept as it is worked on, and there again when it is
opened.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from viewr.model.frame_point import CHANNEL
from viewr.model.state import Change, Look, ViewportKey
from viewr.model.template import Template
from viewr.workspace.document import Document
from viewr.workspace.localizer import volume_of
from viewr.workspace.look import initial_look
from viewr.workspace.look_file import SUFFIX, LookFile
from viewr.workspace.look_json import FORMAT, look_to_json, read_look
from viewr.workspace.look_places import (
    KeptAlignment,
    KeptCursor,
    alignments_of,
    alignments_to_json,
    anchor_space,
    cursors_of,
    cursors_to_json,
    read_alignments,
    read_cursors,
    space_now,
)

if TYPE_CHECKING:
    from viewr.workspace.folders import Folders
    from viewr.workspace.jobs import Jobs
    from viewr.workspace.opening import OpenedTask

log = logging.getLogger(__name__)

#: Milliseconds after which a changed look is written; sooner if scans were aligned by hand, which is work.
KEEP_AFTER, KEEP_ALIGNED_AFTER = 1500, 200
ALIGNMENT_LOST = ("The scans of this task changed since you aligned them by hand; they are not aligned any more. "
                  "Align them again.")  # fmt: skip


@dataclass(frozen=True)
class KeptLook:
    """What comes back: the look at once, localizers and alignments once their scans are there."""

    look: Look
    cursors: tuple[KeptCursor, ...] = ()
    alignments: tuple[KeptAlignment, ...] = ()


def look_file(journal: Path, folder: Path) -> LookFile:
    """Where the look of a task is kept, by the path of its journal."""
    return LookFile(folder / journal.with_suffix(SUFFIX).name)


def read_kept(file: LookFile, template: Template) -> KeptLook | None:
    """The look of an earlier time; blocking. None if there is none for this very template."""
    data = file.read()
    if data is None:
        return None
    if data.get("format") != FORMAT or data.get("template") != template.sha256:
        log.info("look of a task: it was kept for another template or by another version")
        return None
    contexts = [context.name for context in template.contexts]
    held = data.get("look")
    look = read_look(held if isinstance(held, dict) else {}, initial_look(template), template)
    return KeptLook(look, tuple(read_cursors(data, contexts)), tuple(read_alignments(data, contexts)))


def with_look(opened: OpenedTask, journal: Path, folders: Folders, resumes: bool = True) -> OpenedTask:
    """A task with the views as they were left; without `resumes` they begin as the template has them."""
    file = look_file(journal, folders.looks)
    if not resumes:
        file.drop()
    return replace(opened, kept=read_kept(file, opened.template))


class LookReturn(QObject):
    """Brings back localizers and alignments as the scans arrive; what the reader did meanwhile goes first.

    Parameters
    ----------
    tell : callable
        Takes a sentence that the reader should see.
    """

    def __init__(
        self, document: Document, kept: KeptLook | None, tell: Callable[[str], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._tell = document, tell
        self.cursors = list(kept.cursors) if kept else []
        self.alignments = list(kept.alignments) if kept else []
        self._told = False
        self._taken: set[tuple[str, str, str]] = set()
        self._framed = [key for key, port in kept.look.viewports.items() if port.frame] if kept else []
        if self.cursors or self.alignments or self._framed:
            document.changed.connect(self._on_changed)

    def _on_changed(self, change: Change) -> None:
        if change.kind == "load":  # later: others are still being told of this change
            QTimer.singleShot(0, self, self.apply)

    def apply(self) -> None:
        """Take up what can be taken up now."""
        waiting, self.alignments = self.alignments, []
        for one in waiting:
            self._align(one)
        places, self.cursors = self.cursors, []
        for cursor in places:
            self._move(cursor)
        frames, self._framed = self._framed, []
        for key in frames:
            self._check_frame(key)

    def _align(self, one: KeptAlignment) -> None:
        look = self._document.state.look
        if any(pair[0] == one.context and pair not in self._taken for pair in look.aligned):
            return  # the reader aligned anew
        now = [space_now(self._document, one.context, space.name) for space in (one.first, one.second)]
        if None in now:
            self.alignments.append(one)
        elif now == [one.first, one.second]:
            pair = (one.context, one.first.name, one.second.name)
            self._taken.add(pair)
            self._document.look(aligned={**look.aligned, pair: one.shift})
        else:
            log.warning("look of a task: scans that were aligned by hand are others now")
            self._tell_once()

    def _tell_once(self) -> None:
        if not self._told:
            self._told = True
            self._tell(ALIGNMENT_LOST)

    def _move(self, cursor: KeptCursor) -> None:
        look = self._document.state.look
        if cursor.context in look.cursors:
            return  # the reader has moved already
        if cursor.space == anchor_space(self._document, cursor.context):
            self._document.look(cursors={**look.cursors, cursor.context: cursor.place})
        else:
            self.cursors.append(cursor)

    def _check_frame(self, key: ViewportKey) -> None:
        """A point in time that the scan does not have would show nothing."""
        port, volume = self._document.state.look.viewports[key], volume_of(self._document, key)
        if volume is None:
            self._framed.append(key)
            return
        sizes = [size for axis, size in zip(volume.axes, volume.array.shape[3:], strict=False) if axis != CHANNEL]
        if len(port.frame) > len(sizes) or any(at >= size for at, size in zip(port.frame, sizes, strict=False)):
            self._document.look_viewport(key, frame=())


class LookKeeping(QObject):
    """Writes the look of an open task down, a moment after each change.

    Parameters
    ----------
    opened : OpenedTask
        With the earlier look that the document begins with; what of it waits for its scans is kept until then.
    folder : Path
        Of all looks.
    tell : callable
        Takes a sentence that the reader should see.
    """

    def __init__(
        self, document: Document, opened: OpenedTask, jobs: Jobs, folder: Path, tell: Callable[[str], None]
    ) -> None:
        super().__init__(document)
        self._document, self._template, self._jobs, self._folder = document, opened.template, jobs, folder
        self._coming = LookReturn(document, opened.kept, tell, self)
        self._file: LookFile | None = None
        self._start = initial_look(opened.template)
        self._kept = document.state.look
        self._number = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._keep)
        document.changed.connect(self._on_changed)

    def begin(self, journal: Path) -> None:
        """Keep the look from now on, beside a journal."""
        self._file = look_file(journal, self._folder)

    def _on_changed(self, change: Change) -> None:
        before, after = change.before.look, change.after.look
        if before is after or self._file is None:
            return
        wait = KEEP_ALIGNED_AFTER if before.aligned != after.aligned else KEEP_AFTER
        if not self._timer.isActive() or wait < self._timer.remainingTime():
            self._timer.start(wait)

    def _keep(self) -> None:
        if self._file is not None:
            self._jobs.start(_write, self._file, *self._taken())

    def _taken(self) -> tuple[int, dict[str, Any]]:
        """The look as it is now, and its number."""
        self._kept = look = self._document.state.look
        self._number += 1
        return self._number, {
            "format": FORMAT, "template": self._template.sha256, "look": look_to_json(look, self._start),
            "cursors": cursors_to_json([*cursors_of(self._document), *self._coming.cursors]),
            "aligned": alignments_to_json([*alignments_of(self._document), *self._coming.alignments]),
        }  # fmt: skip

    def finish(self) -> None:
        """The task is left: write down what is not yet."""
        if self._file is not None and self._kept is not self._document.state.look:
            self._file.keep(*self._taken())
        self.stop()

    def stop(self) -> None:
        """Keep nothing more."""
        self._timer.stop()
        self._file = None


def _write(file: LookFile, number: int, data: Mapping[str, Any], _progress: object) -> None:
    file.keep(number, data)
