"""A study on embedded servers: one session with two scans, a template, tasks on demand; and a reader's desk on them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer

from tests.imaging.make import stack
from viewr.archive.base import ResourceRef
from viewr.archive.xnat import XnatArchive
from viewr.demo.archive_fill import ScanPlace, add_files
from viewr.demo.serve import Servers
from viewr.net.http import HttpOptions
from viewr.supervisor.client import SupervisorClient
from viewr.workspace.desk import Account, Desk, SignedIn
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.task_session import TaskSession

QUICK = HttpOptions(trust_env=False, retry_wait=0.01)
SESSION = "SUBJ01_MR1"
SHAPE = (12, 10, 8)
#: i to the patient's left, j to the back, k up; 2.5 mm slices
AFFINE = np.array([[1.5, 0, 0, -8.0], [0, 1.25, 0, -6.0], [0, 0, 2.5, -40.0], [0, 0, 0, 1.0]])

TEMPLATE = """
template_name: lesions
sop: Mark every lesion.
viewports:
  - {type: viewport, name: left, scan: FLAIR, annotation: wml, x: 0, y: 0, linked: true}
  - {type: viewport, name: right, scan: T1, annotation: null, x: 1, y: 0, linked: true}
scans: {T1: {modality: MR, protocols: T1}, FLAIR: {modality: MR, protocols: FLAIR}}
annotations:
  wml: {type: pixel, editable: true, editors: [pixel], labels: {"1": {name: WML}, "300": {name: Odd}}}
qa_fields:
  comment: {control: TextBox, label: Comment, x: 0, y: 0}
  grade: {control: ComboBox, label: Grade, x: 0, y: 1, options: [0, 1, 2]}
  box:
    control: BoxWidget
    label: Box
    x: 0
    y: 2
    content:
      sure: {control: CheckBox, label: Sure, x: 0, y: 0, initial_value: true}
  lesions:
    control: ListingWidget
    label: Lesions
    x: 0
    y: 3
    columns: [kind]
    content:
      kind: {control: LineEdit, label: Kind, x: 0, y: 0}
      where: {control: MarkerEdit, label: Where, x: 0, y: 1, max_number: 1}
  organ: {control: CSOEdit, label: Organ, x: 0, y: 4}
  double: {control: CalculatedScore, label: Double, x: 0, y: 5, variables: {g: grade}, formula: 2 * g if g else 0}
  check: {control: ValidationControl, label: Check, x: 0, y: 6, variables: {g: grade}, condition: g is not None}
"""

QC_TEMPLATE = """
template_name: qc
sop: Judge every scan.
mode: qc
quality: {listing: scans, field: verdict, note: note, map: {Good: usable, Poor: unusable}}
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: false}]
scans: {T1: {modality: MR, protocols: T1}, FLAIR: {modality: MR, protocols: FLAIR}}
annotations: null
qa_fields:
  scans:
    control: ListingWidget
    label: Scans
    x: 0
    y: 0
    columns: [scan, verdict]
    content:
      scan: {control: LineEdit, label: Scan, x: 0, y: 0}
      series_uid: {control: LineEdit, label: Series, x: 0, y: 1}
      verdict: {control: RadioButtonGroup, label: Verdict, x: 0, y: 2, options: [Good, Poor]}
      note: {control: LineEdit, label: Note, x: 0, y: 3}
"""


@dataclass
class Lab:
    """What the tests know of the study.

    Attributes
    ----------
    experiment : str
        Accession id.
    """

    servers: Servers
    folder: Path
    project: str
    experiment: str
    voxels: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def folders(self) -> Folders:
        return Folders(self.folder / "data", self.folder / "cache")

    def content(self, **changes: Any) -> str:
        """The content of a task, with other members of its context."""
        context = {
            "scans": {"T1": "scans/T1*/resources/DICOM", "FLAIR": "scans/3/resources/DICOM"},
            "annotations": {"wml": {"uri": "scans/3/resources/NIFTI/files/wml{timestamp}.nii.gz", "space": "FLAIR"}},
            "fields": {"uri": "resources/FIELDS/files/lesions_{timestamp}.json"},
            **changes,
        }
        xnat = {"url": self.servers.archive_url, "project": self.project, "subject": "SUBJ01",
                "experiment": self.experiment, "label": SESSION}  # fmt: skip
        return json.dumps({"format": "viewr-task/1", "xnat": xnat, "contexts": {"default": context}})

    def task(self, template: str = "lesions", users: tuple[str, ...] = ("reader1",), **changes: Any) -> str:
        text = {"lesions": TEMPLATE, "qc": QC_TEMPLATE}.get(template, template)
        self.servers.create_template(template, text)
        return str(self.servers.create_task(template, self.content(**changes), users=users))

    def account(self, user: str = "reader1") -> Account:
        return Account(self.servers.supervisor_url, self.servers.archive_url, user, f"{user}-demo", http=QUICK)

    def supervisor(self, user: str = "reader1") -> SupervisorClient:
        """A client that does not wait between two looks at a lock."""
        return SupervisorClient(self.servers.supervisor_url, user, f"{user}-demo", http=QUICK, sleep=_no_wait)

    def archive(self, user: str = "reader1") -> XnatArchive:
        return XnatArchive(self.servers.archive_url, user, f"{user}-demo", http=QUICK)

    def names(self, label: str, scan: str = "") -> list[str]:
        """Names of the files of a resource, none if it is not there."""
        archive = self.archive()
        there = [resource.label for resource in archive.resources(self.experiment, scan)]
        return sorted(file.path for file in archive.files(self.ref(label, scan))) if label in there else []

    def ref(self, label: str, scan: str = "") -> ResourceRef:
        return ResourceRef(self.experiment, scan, label)

    def read(self, label: str, name: str, scan: str = "") -> bytes:
        return self.archive().read(self.ref(label, scan), name)

    def status(self, task_id: str) -> str:
        return self.supervisor().task(task_id).status

    def holder(self, task_id: str) -> str:
        return self.supervisor().lock(task_id).holder

    @contextmanager
    def desk(self, user: str = "reader1", folders: Folders | None = None) -> Iterator[Desk]:
        """A desk whose background work ends with the block."""
        folders = folders or self.folders
        jobs = Jobs()
        supervisor = self.supervisor(user)
        clients = SignedIn(user, supervisor, self.archive(user), supervisor.connect())
        desk = Desk(clients, jobs, folders)
        try:
            yield desk
        finally:
            desk.close()
            jobs.shut_down()
            settle()


def _no_wait(_seconds: float) -> None:
    pass


def settle() -> None:
    """Let queued signals arrive, and what was to be deleted go."""
    turn(1)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def turn(milliseconds: int) -> None:
    """Run the event loop; unlike `QTest.qWait` it lets other threads run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(condition: Any, timeout: int = 15_000) -> None:
    deadline = time.monotonic() + timeout / 1000
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        turn(10)


def open_session(desk: Desk, task_id: str, **options: Any) -> TaskSession:
    """Open a task and wait until all its scans are there; raises what the desk says instead."""
    sessions: list[TaskSession] = []
    errors: list[BaseException] = []

    def failed(_task_id: str, error: BaseException) -> None:
        errors.append(error)

    desk.opened.connect(sessions.append)
    desk.open_failed.connect(failed)
    desk.open(task_id, **options)
    wait_until(lambda: bool(sessions or errors))
    desk.opened.disconnect(sessions.append)
    desk.open_failed.disconnect(failed)
    if errors:
        raise errors[0]
    sessions[0].start()
    wait_until(lambda: sessions[0].is_ready)
    return sessions[0]


def submit(desk: Desk, session: TaskSession) -> str:
    """Submit and wait until everything is in the archive; returns the id of the submission."""
    heard: list[Any] = []
    through: list[str] = []
    session.submitted.connect(heard.append)
    session.submit_failed.connect(heard.append)
    desk.delivered.connect(through.append)
    session.submit()
    wait_until(lambda: bool(heard))
    if not isinstance(heard[0], str):
        raise heard[0]
    wait_until(lambda: heard[0] in through)
    return heard[0]


def make_lab(servers: Servers, folder: Path) -> Lab:
    catalog = servers.archive.catalog
    project = f"LAB{len(catalog.children('projects', None))}"
    catalog.add_project(project)
    lab = Lab(servers, folder, project, "")
    rng = np.random.default_rng(7)
    for number, name in ((2, "T1"), (3, "FLAIR")):
        voxels = lab.voxels[name] = rng.integers(0, 900, SHAPE, dtype=np.int16)
        source = folder / "source" / name
        source.mkdir(parents=True)
        uid = f"1.2.3.{number}"
        paths = stack(source, voxels, AFFINE, SeriesInstanceUID=uid, SeriesDescription=name)
        place = ScanPlace(
            project, "SUBJ01", SESSION, "xnat:mrSessionData", str(number), "xnat:mrScanData",
            {"type": f"{name}W", "series_description": name, "UID": uid, "frames": len(paths)},
        )  # fmt: skip
        add_files(catalog, place, [(path, f"{uid}.{k}", str(k + 1)) for k, path in enumerate(paths)])
    lab.experiment = lab.archive().experiment_id(project, "SUBJ01", SESSION)
    return lab
