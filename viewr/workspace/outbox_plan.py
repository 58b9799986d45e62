"""A submission on disk: a folder with the files to be uploaded and a plan of steps, each with its state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from viewr.model.errors import ViewrError
from viewr.workspace.disk import json_bytes, replace_file, write_new

#: Raised when an older program could not carry on with what this one writes.
FORMAT = 1
PLAN = "plan.json"
#: Files in a submission's folder: try it at once, also if it was held; and although the task was changed.
RETRY_MARK = "retry"
ANYWAY_MARK = "anyway"
#: File there while it is held because the task was changed.
CHANGED_MARK = "changed"
#: File in a submission's folder: the journal of the task, to take the work back.
JOURNAL = "task.journal"

#: What to do about results that cannot be taken back.
CORRECT = "Press 'Correct' to open the task with your answers and send a newer result."

StepState = Literal["waiting", "begun", "done"]


class HeldError(ViewrError):
    """A step needs the reader's decision; it is not tried again by itself."""


class ChangedError(HeldError):
    """The task is not as it was when the reader opened it; they may want it uploaded all the same."""


class ToldError(ViewrError):
    """The study was told of a submission: it can be corrected, but not taken back."""


class NameClashError(ViewrError):
    """A file of this name with other content is there already: all names need another time."""


@dataclass(frozen=True)
class Step:
    """One thing to be done, as data.

    Attributes
    ----------
    name : str
        Which function does it.
    data : mapping
        JSON values that it needs.
    state : {"waiting", "begun", "done"}
        "begun": something may have been sent, and how that ended is not known.
    result : mapping
        What it gave, for later steps.
    """

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    state: StepState = "waiting"
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LocalFile:
    """A file to be uploaded; `name` is what it is called in the archive, `local` inside the folder."""

    name: str
    local: str
    size: int
    md5: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Submission:
    """Everything of one task that goes to the servers.

    Attributes
    ----------
    what : str
        "results", "correction" or "hand-back".
    task : mapping of str to str
        server, uri, id, user, project, template, archive, experiment, subject, content_sha256, status (the one that it
        has until the results are there).
    stamp : str
        The time in the names of its files.
    files : mapping of str to LocalFile
        By the key that steps name them with.
    next_try : float
        Not before this time, seconds since 1970.
    message, hint : str
        Why it waits.
    held : bool
        It waits for the reader.
    asked : bool
        The reader asked for this try; never written down.
    """

    id: str
    made: str
    what: str
    task: Mapping[str, str]
    stamp: str
    steps: tuple[Step, ...]
    files: Mapping[str, LocalFile]
    folder: Path
    attempts: int = 0
    next_try: float = 0.0
    message: str = ""
    hint: str = ""
    held: bool = False
    asked: bool = False

    @property
    def done(self) -> bool:
        return all(step.state == "done" for step in self.steps)

    @property
    def told(self) -> bool:
        """The study was told, or may have been: it can be corrected, but not taken back.

        A correction is known from its first answers in the archive on, since they are the newest.
        """
        telling = ("fields",) if self.what == "correction" else ("done",)
        return any(step.name in telling and step.state != "waiting" for step in self.steps)

    @property
    def marked(self) -> bool:
        """The reader asked to try it again."""
        return (self.folder / RETRY_MARK).exists()

    @property
    def anyway(self) -> bool:
        """The reader wants it uploaded although the task was changed meanwhile."""
        return (self.folder / ANYWAY_MARK).exists()

    def due(self, now: float) -> bool:
        """Whether it may be tried now."""
        return self.marked or (not self.held and self.next_try <= now)

    def with_step(self, index: int, **changes: Any) -> Submission:
        steps = list(self.steps)
        steps[index] = replace(steps[index], **changes)
        return replace(self, steps=tuple(steps))

    def begin(self, step: Step) -> None:
        """Make durable, before anything is sent, that something of a step may be on the server from now on."""
        if step.state != "begun":
            index = next(n for n, one in enumerate(self.steps) if one is step)
            write_plan(self.with_step(index, state="begun"))

    def file(self, key: str) -> tuple[LocalFile, Path]:
        """A file of it, proven to be as it was written; raises `HeldError` if the disk spoiled it."""
        item = self.files[key]
        path = self.folder / item.local
        try:
            data = path.read_bytes()
        except OSError as exc:
            raise HeldError(f"The file '{path}' cannot be read: {exc.strerror}.", "Check the disk.") from exc
        if hashlib.sha256(data).hexdigest() != item.sha256:
            raise HeldError(f"The file '{path}' is not as it was written.", "Check the disk; export what is left.")
        return item, path


def local_file(key: str, name: str, data: bytes, number: int) -> LocalFile:
    """What is known of a file; its local name holds no colon (Windows)."""
    local = f"files/{number:02d}-{name.replace(':', '-')}"
    return LocalFile(name, local, len(data), hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest())


def write_plan(submission: Submission) -> None:
    """Make the state of a submission durable."""
    replace_file(submission.folder / PLAN, plan_bytes(submission))


def plan_bytes(submission: Submission) -> bytes:
    data = {key: value for key, value in vars(submission).items() if key not in ("folder", "asked")}
    data["steps"] = [asdict(step) for step in submission.steps]
    data["files"] = {key: asdict(item) for key, item in submission.files.items()}
    return json_bytes({"format": FORMAT, **data})


def read_plan(folder: Path) -> Submission:
    """The submission in a folder; raises `ViewrError` when it cannot be read."""
    try:
        data = json.loads((folder / PLAN).read_bytes())
        if data.pop("format") > FORMAT:
            raise ViewrError(f"'{folder}' was written by a newer ViewR.", "Start that version to upload it.")
        steps = tuple(Step(**step) for step in data.pop("steps"))
        files = {key: LocalFile(**item) for key, item in data.pop("files").items()}
        return Submission(**data, steps=steps, files=files, folder=folder)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise ViewrError(f"The plan in '{folder}' cannot be read.", "Its files are still there; export them.") from exc


def refuse_told(folder: Path) -> None:
    """Raise `ToldError` if the study was told of a submission, or may have been; also if it is through by now."""
    if not folder.is_dir():
        raise ToldError("This has just been sent: it cannot be taken back any more.", CORRECT)
    submission = read_plan(folder)
    if submission.told:
        task_id = submission.task.get("id", "?")
        if submission.what == "correction":
            raise ToldError(f"The correction of task {task_id} is being sent: it cannot be taken back.", CORRECT)
        sent = any(step.name == "done" and step.state == "done" for step in submission.steps)
        known = "was told" if sent else "may have been told"
        raise ToldError(f"The study {known} of the results of task {task_id}: they cannot be taken back.", CORRECT)


def mark(path: Path, wanted: bool) -> None:
    """Put a mark beside a plan, or take it away."""
    if wanted:
        path.touch()
    else:
        path.unlink(missing_ok=True)


def restamped(submission: Submission, when: str) -> Submission:
    """The same submission with another time in all names, from its first step on; durable.

    What was uploaded under the old names stays where it is: without a fields file nobody reads it. Only text is
    changed; label maps do not hold the time.
    """
    old, files = submission.stamp, {}
    for number, (key, item) in enumerate(submission.files.items()):
        data = submission.file(key)[1].read_bytes()
        data = data.replace(old.encode(), when.encode()) if item.name.endswith(".json") else data
        files[key] = local_file(key, item.name.replace(old, when), data, number)
        write_new(submission.folder / files[key].local, data)
    steps = tuple(
        Step(
            step.name, {**step.data, "name": step.data["name"].replace(old, when)} if "name" in step.data else step.data
        )
        for step in submission.steps
    )
    after = replace(submission, stamp=when, files=files, steps=steps)
    write_plan(after)
    for item in submission.files.values():
        (submission.folder / item.local).unlink(missing_ok=True)
    return after
