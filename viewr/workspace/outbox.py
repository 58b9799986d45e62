"""What waits to reach the servers: durable, tried again, safe with several programs at once.

A submission is written whole under a temporary name and then renamed; from then on it is never lost. What its steps do
is handed in by name (`viewr.workspace.submit.bind_steps`).
"""

from __future__ import annotations

import errno
import logging
import math
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from viewr.model.errors import NetworkError, SignInError, ViewrError
from viewr.model.progress import Progress
from viewr.model.task_time import stamp
from viewr.workspace.disk import make_private, sync_folder, write_new
from viewr.workspace.filelock import FileLock, InUseError, owner_of
from viewr.workspace.outbox_hold import ENDING, MARK, Holds
from viewr.workspace.outbox_index import OutboxIndex
from viewr.workspace.outbox_plan import (
    ANYWAY_MARK,
    CHANGED_MARK,
    JOURNAL,
    PLAN,
    RETRY_MARK,
    ChangedError,
    HeldError,
    NameClashError,
    Step,
    Submission,
    local_file,
    mark,
    plan_bytes,
    read_plan,
    refuse_told,
    restamped,
    write_plan,
)
from viewr.workspace.outbox_waiting import Accept, Waiting, unreadable, waiting_of

log = logging.getLogger(__name__)

#: Does one step; what it returns is kept for the steps behind it. It calls `Submission.begin` before it sends what
#: would have to be known of at another try.
StepFunction = Callable[[Submission, Step, Progress], Mapping[str, Any]]

_NEW, _GONE = ".new-", ".gone-"
#: How often a submission gets another time in its names because one is taken.
CLASHES = 3
#: Seconds before another try: doubled each time, up to the second number.
BACKOFF = (5.0, 600.0)
#: Seconds after which a half-written submission of a killed program is swept away.
STALE = 3600.0


def new_id(now: datetime | None = None) -> str:
    """A name for a submission; they sort by age."""
    return (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S%f") + "-" + secrets.token_hex(3)


class Outbox:
    """The queue in a folder of the user's own.

    Parameters
    ----------
    folder : Path
        Private; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Submissions whose end waits until the reader has made up their mind.
        self.holds = Holds(folder=folder)
        #: Which tasks have results here, without reading a file.
        self.index = OutboxIndex(self.pending)
        self._round = threading.Lock()
        self._wanted_back = threading.Event()

    # --- putting in and taking out -----------------------------------------------------------------------------

    def add(
        self,
        what: str,
        task: Mapping[str, str],
        steps: Sequence[Step],
        files: Mapping[str, tuple[str, bytes]],
        *,
        when: str = "",
        submission_id: str = "",
    ) -> Submission:
        """Take in a submission; when this returns it is durable.

        Parameters
        ----------
        files : mapping of str to (str, bytes)
            Key that the steps use -> name in the archive, content.
        when : str
            The time in their names.

        Raises
        ------
        ViewrError
            If the disk is full or refuses; nothing of it is kept then.
        """
        submission_id = submission_id or new_id()
        items = {key: local_file(key, name, data, n) for n, (key, (name, data)) in enumerate(files.items())}
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        final = self.folder / submission_id
        submission = Submission(submission_id, made, what, task, when, tuple(steps), items, final)
        partial = self.folder / f"{_NEW}{submission_id}"
        try:
            make_private(self.folder)
            self._sweep()
            _write_whole(partial, submission, {items[key].local: data for key, (_, data) in files.items()})
            os.rename(partial, final)
            sync_folder(self.folder)
        except OSError as exc:
            shutil.rmtree(partial, ignore_errors=True)
            raise _full(exc, self.folder) from exc
        self.index.put(submission)
        return submission

    def attach_journal(self, submission_id: str, journal: Path) -> None:
        """Keep the journal of the task with its submission, until that is through."""
        folder = self.folder / submission_id
        if folder.is_dir() and journal.exists():
            os.replace(journal, folder / JOURNAL)

    def take_back(self, submission_id: str, journal: Path) -> None:
        """End a submission and put its journal back, so that the task can be worked on again.

        Raises
        ------
        InUseError
            If it is being uploaded at this moment.
        ToldError
            If the study was told of it, or may have been.
        ViewrError
            If there is no journal, or a newer one is in its place.
        """
        kept = self.folder / submission_id / JOURNAL
        with _Running(self.folder):  # nothing is sent from here on: what is looked at now stays so
            refuse_told(self.folder / submission_id)
            if not kept.exists() or journal.exists():
                raise ViewrError(f"The submission '{submission_id}' cannot be taken back.", "Open the task anew.")
            make_private(journal.parent)
            os.replace(kept, journal)
            self._remove(self.folder / submission_id)

    def take_back_now(self, submission_id: str, journal: Path) -> None:
        """`take_back`; whatever this program is uploading pauses for it."""
        self._wanted_back.set()
        with self._round:
            self._wanted_back.clear()
            self.take_back(submission_id, journal)
        self.holds.forget(submission_id)

    def take_back_held(self, submission_id: str, journal: Path) -> None:
        """`take_back_now` of a submission that was seized (`Holds.seize`)."""
        try:
            self.take_back_now(submission_id, journal)
        except InUseError:
            self.holds.hold(submission_id)  # another program uploads at this moment: the reader can try again
            raise
        except BaseException:
            self.holds.forget(submission_id)
            raise

    def pause(self) -> None:
        """Let the round that is under way end with its present step; the next begins where it was."""
        self._wanted_back.set()
        with self._round:
            self._wanted_back.clear()

    def retry(self, submission_id: str, *, anyway: bool = False) -> None:
        """Have it tried at the next run, also if it was held or its time has not come.

        Parameters
        ----------
        anyway : bool
            Also if the task was changed on the server since the reader opened it.
        """
        folder = self.folder / submission_id
        if not folder.is_dir():
            raise ViewrError(f"There is no submission '{submission_id}' in the outbox.")
        if anyway:
            (folder / ANYWAY_MARK).touch()
        (folder / RETRY_MARK).touch()

    def export(self, submission_id: str, target: Path) -> Path:
        """Copy the files of a submission into a folder, under names that every system takes."""
        source = self.folder / submission_id
        if not source.is_dir():
            raise ViewrError(f"There is no submission '{submission_id}' in the outbox.")
        try:
            shutil.copytree(source, target / submission_id)
        except OSError as exc:
            raise ViewrError(f"'{target / submission_id}' cannot be written: {exc.strerror or exc}.") from exc
        return target / submission_id

    # --- looking -----------------------------------------------------------------------------------------------

    def pending(self) -> list[Submission]:
        """What can be read of the queue, the oldest first."""
        return [item for item in self._read_all() if isinstance(item, Submission)]

    def waiting(self, accept: Accept | None = None) -> list[Waiting]:
        """What waits and why, the oldest first; also folders that cannot be read."""
        return self.look(accept)[0]

    def look(self, accept: Accept | None = None) -> tuple[list[Waiting], float | None]:
        """`waiting` and `next_due` in one go; blocking, there may be hundreds."""
        found, due = [], []
        for item in self._read_all():
            if isinstance(item, Submission):
                found.append(waiting_of(item, accept, held_back=self._is_held_back(item)))
                due += [self._due(item)] if item.marked or not item.held else []
            else:
                found.append(item)
        return found, min(due, default=None)

    def has(self, submission_id: str) -> bool:
        return (self.folder / submission_id / PLAN).exists()

    def next_due(self) -> float | None:
        """When the next try is due (seconds since 1970); None if nothing waits for its time."""
        return self.look()[1]

    def _read_all(self) -> list[Submission | Waiting]:
        """All folders, the oldest first: a submission, or what is said of one that cannot be read."""
        since, found = self.index.begin(), list[Submission | Waiting]()
        for folder in self._folders():
            try:
                found.append(read_plan(folder))
            except ViewrError as error:
                found.append(unreadable(folder.name, error))
        self.index.settle(since, (item for item in found if isinstance(item, Submission)))
        return found

    def _is_held_back(self, item: Submission) -> bool:
        return bool(self.holds.until(item.id)) or self.holds.elsewhere(item.id)

    def _due(self, item: Submission) -> float:
        if at_end(item) and self.holds.until(item.id):
            return self.holds.until(item.id)
        if at_end(item) and self.holds.elsewhere(item.id):
            return math.inf  # the program that holds it sends it
        return 0.0 if item.marked else item.next_try

    # --- running -----------------------------------------------------------------------------------------------

    def run(
        self,
        steps: Mapping[str, StepFunction],
        progress: Progress,
        *,
        accept: Accept | None = None,
        clock: Callable[[], float] = time.time,
    ) -> list[str]:
        """Try what is due, the oldest first; of one task never a later one before an earlier.

        Parameters
        ----------
        accept : callable, optional
            Says of a submission why it cannot be run now (another account), or "".

        Returns
        -------
        list of str
            Ids of those that are through.

        Raises
        ------
        InUseError
            If another program is uploading at this moment.
        """
        through: list[str] = []
        if not self._folders():
            return through
        with self._round, _Running(self.folder):
            stuck: set[str] = set()
            for submission in self.pending():
                key = submission.task.get("server", "") + submission.task.get("uri", submission.id)
                if key in stuck or not submission.due(clock()) or (accept and accept(submission)):
                    stuck.add(key)
                    continue
                error = self._run_one(submission, steps, progress, clock)
                if error is None:
                    through.append(submission.id)
                stuck.add(key) if error else None
                if isinstance(error, (NetworkError, SignInError)) or self._wanted_back.is_set():
                    break
        return through

    def _run_one(
        self,
        submission: Submission,
        steps: Mapping[str, StepFunction],
        progress: Progress,
        clock: Callable[[], float],
    ) -> ViewrError | None:
        try:
            submission = replace(submission, asked=submission.marked)
            (submission.folder / RETRY_MARK).unlink(missing_ok=True)
            submission = self._run_steps(submission, steps, progress)
            self._remove(submission.folder)
        except HeldBackError as error:
            return error
        except ViewrError as error:
            return _put_off(submission.folder, error, clock())
        except OSError as exc:
            return _put_off(submission.folder, _full(exc, self.folder), clock())
        return None

    def _run_steps(self, submission: Submission, steps: Mapping[str, StepFunction], progress: Progress) -> Submission:
        """Do all steps; where a name is taken, begin again with another time in the names."""
        for attempt in range(CLASHES + 1):
            try:
                for index in range(len(submission.steps)):
                    progress.report(index, len(submission.steps))
                    self._pass(submission, index)
                    submission = _run_step(submission, index, steps, progress)
            except NameClashError:
                if attempt == CLASHES or not submission.stamp:
                    raise
                submission = restamped(read_plan(submission.folder), self.free_stamp(submission.task, submission.stamp))
            else:
                break
        return submission

    def _pass(self, submission: Submission, index: int) -> None:
        """Stop before the end of what is held back, and before any step when a submission is wanted back."""
        step = submission.steps[index]
        if step.state == "done":
            return
        held_back = step.name in ENDING and self.holds.elsewhere(submission.id)
        if self._wanted_back.is_set() or held_back or (step.name in ENDING and not self.holds.passes(submission.id)):
            raise HeldBackError("It waits for a moment.")

    def free_stamp(self, task: Mapping[str, str], not_this: str = "") -> str:
        """The time for the names of a submission; waits a second rather than use one twice."""
        while True:
            when = stamp(datetime.now(UTC))
            experiment = task.get("experiment")
            taken = {item.stamp for item in self.pending() if item.task.get("experiment") == experiment}
            if when not in taken | {not_this}:
                return when
            time.sleep(0.1)

    # --- inside ------------------------------------------------------------------------------------------------

    def _folders(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith("."))

    def _remove(self, folder: Path) -> None:
        """First out of the queue in one step, then gone."""
        gone = folder.with_name(f"{_GONE}{folder.name}")
        os.rename(folder, gone)
        self.index.drop(folder.name)
        shutil.rmtree(gone, ignore_errors=True)

    def _sweep(self) -> None:
        for path in self.folder.glob(".*"):
            if path.name.startswith(_GONE) or (path.name.startswith(_NEW) and _is_old(path)):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(MARK) and _is_old(path) and owner_of(path) is None:
                path.unlink(missing_ok=True)  # of a program that was killed


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > STALE
    except FileNotFoundError:
        return False


class HeldBackError(ViewrError):
    """A submission goes on later, although nothing is wrong."""


def at_end(submission: Submission) -> bool:
    """Whether only those steps are left from which on others know of it."""
    return next((step.name for step in submission.steps if step.state != "done"), "") in ENDING


class _Running:
    """Only one program uploads at a time."""

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / ".lock")

    def __enter__(self) -> None:
        try:
            self._lock.acquire()
        except InUseError as error:
            raise InUseError("Another running ViewR is uploading at this moment.", "", error.owner) from error

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _write_whole(folder: Path, submission: Submission, files: Mapping[str, bytes]) -> None:
    make_private(folder / "files")
    for local, data in files.items():
        write_new(folder / local, data)
    sync_folder(folder / "files")
    write_new(folder / PLAN, plan_bytes(submission))
    sync_folder(folder)


def _run_step(submission: Submission, index: int, steps: Mapping[str, StepFunction], progress: Progress) -> Submission:
    """Do one step, if it is not done; that it is done is on the disk after it."""
    step = submission.steps[index]
    if step.state == "done":
        return submission
    if step.name not in steps:
        raise HeldError(f"This version does not know the step '{step.name}'.", "Install a newer ViewR.")
    result = steps[step.name](submission, step, progress)
    after = submission.with_step(index, state="done", result=dict(result))
    after = replace(after, message="", hint="", held=False, asked=False)
    write_plan(after)
    return after


def _put_off(folder: Path, error: ViewrError, now: float) -> ViewrError:
    """Write down why it waits, and until when."""
    try:
        held = read_plan(folder)
        mark(folder / CHANGED_MARK, isinstance(error, ChangedError))
        wait = min(BACKOFF[0] * 2**held.attempts, BACKOFF[1])
        write_plan(
            replace(
                held, attempts=held.attempts + 1, next_try=now + wait, message=error.message, hint=error.hint,
                held=isinstance(error, HeldError),
            )
        )  # fmt: skip
    except OSError as exc:
        log.warning("outbox: %s", exc.strerror)  # a full disk: it is tried again all the same
    except ViewrError as unreadable:
        log.warning("outbox: %s", unreadable.message)  # a spoiled plan: the others go on
    return error


def _full(exc: OSError, folder: Path) -> ViewrError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return ViewrError(f"The disk with '{folder}' is full.", "Free some space and try again.")
    return ViewrError(f"'{folder}' cannot be written: {exc.strerror or exc}.", "Check the disk and try again.")
