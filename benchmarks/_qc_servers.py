"""A study for the benchmark of quality control, served by a process of its own until standard input closes.

Arguments: folder, number of cases, seconds that the embedded supervisor takes for a request, and whether the real
one is wanted. One line of JSON on standard output says where the servers are, and which tasks there are.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import requests

from tests.imaging.make import stack
from tests.real.taskmanager import RealSupervisor, is_installed
from viewr.demo.archive_catalog import Entry
from viewr.demo.archive_fill import ScanPlace, open_resource
from viewr.demo.archive_transfer import copy
from viewr.demo.serve import Servers, start_servers

PROJECT, READER = "BENCH", "reader1"
#: 21 MB of voxels.
SHAPE = (512, 512, 40)
AFFINE = np.diag([0.45, 0.45, 4.0, 1.0])

TEMPLATE = """
template_name: bench_qc
sop: Judge the scan.
mode: qc
quality: {field: verdict, note: note, scan: T1, map: {Good: usable, Poor: unusable}}
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: false}]
scans: {T1: {modality: MR, protocols: T1}}
annotations: null
qa_fields:
  verdict: {control: RadioButtonGroup, label: Verdict, x: 0, y: 0, options: [Good, Poor], option_keys: [g, p]}
  note: {control: LineEdit, label: Note, x: 0, y: 1}
"""


class SlowSupervisor(RealSupervisor):
    """The real one with its own password hashing, which takes a quarter of a second."""

    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in super()._environment().items() if name != "SECURITY_PASSWORD_HASH"}


def slices(folder: Path) -> list[Path]:
    """The slices that all cases share: a ball in noise."""
    folder.mkdir()
    i, j, k = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    ball = ((i - 256) / 200) ** 2 + ((j - 256) / 220) ** 2 + ((k - 20) / 18) ** 2 < 1
    noise = np.random.default_rng(3).integers(0, 120, SHAPE, dtype=np.int16)
    return stack(folder, noise + ball.astype(np.int16) * 700, AFFINE, SeriesDescription="T1")


def add_case(servers: Servers, number: int, shared: list[Path], folder: Path) -> str:
    """A session whose first slice is its own, so that nothing of another is taken for it; gives its id."""
    catalog = servers.archive.catalog
    session = f"S{number:04d}_MR1"
    place = ScanPlace(PROJECT, f"S{number:04d}", session, "xnat:mrSessionData", "2", "xnat:mrScanData",
                      {"type": "T1", "series_description": "T1", "frames": len(shared)})  # fmt: skip
    resource = open_resource(catalog, place)
    own = folder / f"own-{number}"
    own.mkdir()
    (first,) = stack(own, np.full((*SHAPE[:2], 1), number, np.int16), AFFINE, SeriesDescription="T1")
    entries = []
    for index, path in enumerate([first, *shared[1:]], start=1):
        target = catalog.file(resource, f"{index:04d}.dcm")
        digest = copy(path, target) if index == 1 or number == 0 else _link(path, target, index)
        entries.append(Entry(resource.pk, target.name, digest, "DICOM", "RAW", "", f"1.2.{number}.{index}", str(index)))
    with catalog.change():
        for entry in entries:
            catalog.put_entry(entry)
    project = catalog.find("projects", None, PROJECT)
    return next(node.ident for node in catalog.children("experiments", project) if node.label == session)


_digests: dict[int, str] = {}


def _link(path: Path, target: Path, index: int) -> str:
    """The same bytes under another name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(path, target)
    if index not in _digests:
        _digests[index] = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return _digests[index]


def content(servers: Servers, experiment: str, number: int) -> str:
    xnat = {"url": servers.archive_url, "project": PROJECT, "subject": f"S{number:04d}", "experiment": experiment,
            "label": f"Case {number}"}  # fmt: skip
    context = {"scans": {"T1": "scans/2/resources/DICOM"}}
    return json.dumps({"format": "viewr-task/1", "xnat": xnat, "contexts": {"default": context}})


def real_tasks(supervisor: RealSupervisor, contents: list[str]) -> None:
    """Store template and tasks as a coordinator does."""
    call = requests.Session()
    call.auth = ("coordinator", "coordinator-demo")
    api = f"{supervisor.url}/api/v1"
    call.post(f"{api}/task_templates", json={"label": "bench_qc", "content": TEMPLATE}, timeout=30).raise_for_status()
    for text in contents:
        task = {"project": PROJECT, "template": "bench_qc", "content": text, "users": [READER], "tags": [],
                "callback_url": "", "callback_content": "", "generator_url": ""}  # fmt: skip
        call.post(f"{api}/tasks", json=task, timeout=30).raise_for_status()


def main(folder: Path, cases: int, delay: float, real: bool) -> None:
    servers = start_servers(empty=True, data_dir=folder / "servers")
    servers.archive.catalog.add_project(PROJECT)
    shared = slices(folder / "shared")
    contents = [content(servers, add_case(servers, number, shared, folder), number) for number in range(cases)]
    ready: dict[str, Any] = {"archive": servers.archive_url, "supervisor": servers.supervisor_url, "kind": "embedded"}
    supervisor: RealSupervisor | None = None
    if real and is_installed():
        supervisor = SlowSupervisor(folder / "taskmanager")
        supervisor.start()
        real_tasks(supervisor, contents)
        ready |= {"supervisor": supervisor.url, "kind": "real"}
    else:
        servers.create_template("bench_qc", TEMPLATE)
        for text in contents:
            servers.create_task("bench_qc", text, users=(READER,), project=PROJECT)
        servers.switches.set({"supervisor_delay": delay})
    print(json.dumps(ready), flush=True)
    sys.stdin.read()
    if supervisor is not None:
        supervisor.stop()
    servers.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "real")
