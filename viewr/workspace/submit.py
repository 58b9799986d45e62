"""From an open task to a submission: what is written, under which names, in which order.

`deliver` makes all files, proves that they read back as they were drawn, and puts them into the outbox; from then on
nothing is lost, whatever the network does. What the steps do is in `viewr.workspace.submit_steps`.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewr import __version__
from viewr.archive.base import ResourceRef
from viewr.model.annotation import Annotation, DrawingKey
from viewr.model.errors import ViewrError
from viewr.model.labelmap import Labelmap
from viewr.model.progress import Progress
from viewr.model.read_ranges import Ranges
from viewr.model.result import FORMAT
from viewr.model.state import LabelmapKey
from viewr.model.task_address import safe_name
from viewr.model.task_time import stamp
from viewr.workspace.disk import json_bytes
from viewr.workspace.journal import Journal
from viewr.workspace.journal_read import put_aside
from viewr.workspace.opening import OpenedTask, ScanKey
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import Step
from viewr.workspace.quality import verdicts

if TYPE_CHECKING:
    from viewr.archive.base import Archive

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An open task at the moment of submitting; nothing changes it any more.

    Attributes
    ----------
    labelmaps : mapping of (context, annotation) to Labelmap
        The editable ones; the session accepts no edits until they are written.
    series_uids : mapping of (context, scan name) to str
    digests : mapping of (context, scan name) to str
        What stands for the files of the scan that the reader saw.
    """

    opened: OpenedTask
    annotation: Annotation
    labelmaps: Mapping[LabelmapKey, Labelmap]
    series_uids: Mapping[ScanKey, str]
    digests: Mapping[ScanKey, str]
    active_seconds: int
    #: by (context, path)
    field_seconds: Mapping[DrawingKey, float] = field(default_factory=dict)
    #: slices that were seen, and how many there are, by (context, scan name)
    read: Mapping[ScanKey, Ranges] = field(default_factory=dict)
    slices: Mapping[ScanKey, int] = field(default_factory=dict)
    #: how many frames the films have; of these frames were seen, not slices
    frames: Mapping[ScanKey, int] = field(default_factory=dict)


def deliver(snapshot: Snapshot, submission_id: str, journal: Journal | None, outbox: Outbox, progress: Progress) -> str:
    """Write all results of a task into the outbox, checked; blocking.

    The journal ends only after the submission is durable, and stays with it until that is through.

    Returns
    -------
    str
        Id of the submission.

    Raises
    ------
    ViewrError
        If something cannot be written as it was drawn, or the disk is full; nothing is in the outbox then.
    """
    from viewr.workspace.result_files import make_files

    when = outbox.free_stamp(task_of(snapshot))
    if journal is not None:
        journal.submitting(submission_id)
        journal.keep()
    made = make_files(snapshot, when, progress)
    corrects = snapshot.opened.status == "done"  # setting it again would tell the study a second time
    steps = [
        *(Step(name, data) for name, data in made.steps),
        *quality_steps(snapshot),
        *([] if corrects else [Step("done", {"status": "done"})]), Step("unlock"), Step("record"),
    ]  # fmt: skip
    what = "correction" if corrects else "results"
    outbox.add(what, task_of(snapshot), steps, made.files, when=when, submission_id=submission_id)
    if journal is not None:
        journal.close()
        _put_away(partial(outbox.attach_journal, submission_id), journal)
    return submission_id


def deliver_directly(snapshot: Snapshot, journal: Journal | None, archive: Archive, progress: Progress) -> str:
    """Write the results of a local task where they go, the answers last; blocking. No outbox, nothing is locked.

    Returns
    -------
    str
        The time in the names of the files.
    """
    from viewr.workspace.result_files import make_files

    when = stamp(datetime.now(UTC))
    made = make_files(snapshot, when, progress)
    with tempfile.TemporaryDirectory(prefix="viewr-") as folder:
        for _, data in made.steps:
            name, content = made.files[data["file"]]
            source = Path(folder) / "file"
            source.write_bytes(content)
            archive.upload(ResourceRef(data["experiment"], data["scan"], data["resource"]), name, source)
    for verdict in verdicts(snapshot.annotation, snapshot.opened.template, snapshot.opened.scans):
        target = verdict.target
        archive.set_quality(target.ref.experiment, target.scan.id, verdict.quality, verdict.note)
    if journal is not None:
        journal.close(remove=True)
    return when


def deliver_hand_back(
    snapshot: Snapshot,
    note: str,
    abort: bool,
    submission_id: str,
    journal: Journal | None,
    outbox: Outbox,
    progress: Progress,
) -> str:
    """Put into the outbox that a task cannot be done; blocking. The work so far stays on this machine.

    Parameters
    ----------
    note : str
        Why; stored as a file beside the results.
    abort : bool
        True sets the task `aborted`; False leaves it queued for somebody else.
    """
    opened = snapshot.opened
    when = outbox.free_stamp(task_of(snapshot))
    name = f"handback_{safe_name(opened.identity.id)}_{when}.json"
    data = json_bytes({
        "format": FORMAT, **provenance(snapshot, when), "final": False, "note": note,
        "status": "aborted" if abort else "queued",
    })  # fmt: skip
    ref = next(iter(opened.results.values()))
    steps = [Step("upload", file_step("note", ref, name))]
    steps += [Step("done", {"status": "aborted"})] if abort else []
    steps += [Step("unlock"), Step("record")]
    outbox.add("hand-back", task_of(snapshot), steps, {"note": (name, data)}, when=when, submission_id=submission_id)
    if journal is not None:
        journal.close()
        _put_away(put_aside, journal)
    return submission_id


def _put_away(function: Callable[[Path], object], journal: Journal) -> None:
    """Move a journal that is done with; where that fails it stays, for the next start to look at."""
    try:
        function(journal.path)
    except (OSError, ViewrError) as exc:  # what was submitted is in the outbox, and must not go out twice
        log.warning("a journal stays where it is: %s", type(exc).__name__)


def task_of(snapshot: Snapshot) -> dict[str, str]:
    """What the steps need to know of the task."""
    opened = snapshot.opened
    one = opened.identity
    return {
        "server": one.server, "uri": one.uri, "id": one.id, "user": one.user, "archive": one.archive,
        "project": one.project, "experiment": one.experiment, "template": opened.template_label,
        "content_sha256": opened.content_sha256, "status": opened.status,
    }  # fmt: skip


def provenance(snapshot: Snapshot, when: str) -> dict[str, Any]:
    """Members of `__viewr__` that all contexts share."""
    opened = snapshot.opened
    one = opened.identity
    return {
        "saved": f"{when}Z",
        "final": True,
        "software": {"name": "ViewR", "version": __version__},
        "user": one.user,
        "task": {"server": one.server, "uri": one.uri},
        "template": {"label": opened.template_label, "sha256": opened.template.sha256},
        "xnat": {
            "url": one.archive, "project": one.project, "subject": one.subject, "experiment": one.experiment,
        },
        "started": opened.started,
        "active_seconds": snapshot.active_seconds,
    }  # fmt: skip


def quality_steps(snapshot: Snapshot) -> list[Step]:
    """Verdicts on scans, as steps."""
    return [
        Step("quality", {
            "experiment": verdict.target.ref.experiment, "scan": verdict.target.scan.id,
            "quality": verdict.quality, "note": verdict.note,
        })
        for verdict in verdicts(snapshot.annotation, snapshot.opened.template, snapshot.opened.scans)
    ]  # fmt: skip


def file_step(key: str, ref: ResourceRef, name: str) -> dict[str, Any]:
    """Where a file of a submission goes, as data of a step."""
    return {"file": key, "experiment": ref.experiment, "scan": ref.scan, "resource": ref.label, "name": name}
