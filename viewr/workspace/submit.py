"""From an open task to results in the archive: what is written, under which names, in which order.

`prepare` makes the files and hands them to the outbox; from then on nothing is lost, whatever the network does. The
outbox runs the steps of `STEPS` by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from viewr.model.annotation import Annotation
from viewr.model.labelmap import Labelmap
from viewr.model.progress import Progress
from viewr.model.state import LabelmapKey
from viewr.model.task import TaskContent
from viewr.model.template import Template

if TYPE_CHECKING:
    from viewr.workspace.opening import ScanTarget, TaskIdentity
    from viewr.workspace.outbox import Outbox


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An open task at the moment of submitting; nothing changes it any more.

    Attributes
    ----------
    labelmaps : mapping of (context, annotation) to Labelmap
        The editable ones; the session accepts no edits until `prepare` is through.
    scans : mapping of (context, scan name) to ScanTarget
        Which scans of the archive the reader saw.
    series_uids : mapping of (context, scan name) to str
    seen : mapping
        What was seen, written to `__viewr__.read`.
    measurements : tuple
        Written to `__viewr__.measurements`.
    """

    identity: TaskIdentity
    template: Template
    template_label: str
    content: TaskContent
    annotation: Annotation
    labelmaps: Mapping[LabelmapKey, Labelmap]
    scans: Mapping[tuple[str, str], ScanTarget]
    series_uids: Mapping[tuple[str, str], str]
    started: datetime
    saved: datetime
    active_seconds: int
    content_sha256: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)
    measurements: tuple[Mapping[str, Any], ...] = ()


def prepare(snapshot: Snapshot, outbox: Outbox, progress: Progress) -> str:
    """Write all results of a task into the outbox, checked; blocking.

    Returns
    -------
    str
        Id of the submission in the outbox; it is durable there.

    Raises
    ------
    ViewrError
        If something cannot be written as it was drawn, or the disk is full; nothing is in the outbox then.
    """
    raise NotImplementedError


def prepare_hand_back(snapshot: Snapshot, note: str, outbox: Outbox, *, abort: bool, progress: Progress) -> str:
    """Put into the outbox that a task cannot be done; blocking.

    Parameters
    ----------
    note : str
        Why; stored as a file beside the results.
    abort : bool
        True sets the task `aborted`; False leaves it queued for somebody else.

    Returns
    -------
    str
        Id of the submission in the outbox.
    """
    raise NotImplementedError
