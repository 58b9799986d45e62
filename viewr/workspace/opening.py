"""What is asked of the servers before a task can be shown: blocking functions, run as jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from viewr.model.annotation import Annotation
from viewr.model.errors import ViewrError
from viewr.model.task import TaskContent
from viewr.model.template import Template

if TYPE_CHECKING:
    from viewr.archive.base import ResourceRef, Scan

#: (context name, scan name of the template)
ScanKey = tuple[str, str]


@dataclass(frozen=True)
class TaskIdentity:
    """Which task, and who reads it.

    Attributes
    ----------
    server : str
        Base URL of the supervisor; "" without one.
    uri, id : str
        "/api/v1/tasks/20" and "20".
    archive : str
        Base URL of the archive.
    experiment : str
        Accession id of the experiment ("XNAT_E00001").
    """

    server: str
    uri: str
    id: str
    user: str
    project: str = ""
    archive: str = ""
    subject: str = ""
    experiment: str = ""
    label: str = ""


@dataclass(frozen=True)
class ScanTarget:
    """A scan of the template, found in the archive.

    Attributes
    ----------
    file : str
        Path inside the resource, "" for all its files.
    """

    ref: ResourceRef
    scan: Scan
    file: str = ""
    uri: str = ""


@dataclass(frozen=True, eq=False)
class OpenedTask:
    """Everything known of a task before its scans arrive."""

    identity: TaskIdentity
    template: Template
    template_label: str
    content: TaskContent
    content_sha256: str
    annotation: Annotation
    scans: Mapping[ScanKey, ScanTarget]
    missing: Mapping[ScanKey, ViewrError] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    read_only: bool = False
    holder: str = ""
