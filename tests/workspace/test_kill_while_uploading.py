"""The upload killed at any moment, again and again: everything arrives once, and the task is done once."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time

import pytest

from tests.workspace.answered import answer_everything
from tests.workspace.lab import Lab, open_session, wait_until
from viewr.workspace.outbox import Outbox

CHILD = """
import sys
from pathlib import Path
from viewr.archive.xnat import XnatArchive
from viewr.model.progress import Progress
from viewr.net.http import HttpOptions
from viewr.supervisor.client import SupervisorClient
from viewr.workspace.audit import Audit
from viewr.workspace.outbox import Outbox
from viewr.workspace.submit_steps import Servers, bind_steps
folder, supervisor, archive = sys.argv[1:]
http = HttpOptions(trust_env=False, retry_wait=0.01)
clients = SupervisorClient(supervisor, "reader1", "reader1-demo", http=http, sleep=lambda s: None)
store = XnatArchive(archive, "reader1", "reader1-demo", http=http)
servers = Servers(store, Audit(Path(folder) / "audit.jsonl"), clients)
print("ready", flush=True)
Outbox(Path(folder) / "outbox").run(bind_steps(servers), Progress())
"""


@pytest.mark.slow
def test_everything_arrives_once(mortal_lab: Lab) -> None:
    lab = mortal_lab
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        lab.servers.switches.set({"archive_unavailable": 100_000})
        session.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()))
    lab.servers.switches.reset()
    lab.servers.switches.set({"archive_delay": 0.02, "supervisor_delay": 0.02})
    outbox = Outbox(lab.folders.outbox)
    draw = random.Random(5)
    kills = 0
    while outbox.pending():
        assert kills < 60
        for item in outbox.pending():
            outbox.retry(item.id)
        command = [
            sys.executable,
            "-c",
            CHILD,
            str(lab.folders.data),
            lab.servers.supervisor_url,
            lab.servers.archive_url,
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(draw.random() * 0.5)
            child.kill()
        kills += 1
    lab.servers.switches.reset()
    assert kills > 3
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""
    names = [*lab.names("FIELDS"), *lab.names("NIFTI", "3"), *lab.names("VIEWR")]
    kinds = sorted(re.sub(r"_?\d{4}-.*", "", name) for name in names)
    assert kinds == [
        "lesions", "lesions-1-where_markers", "lesions-2-where_markers", f"manifest_{task_id}", "organ_contours", "wml",
    ]  # fmt: skip
    document = json.loads(lab.read("FIELDS", lab.names("FIELDS")[0]))
    assert document["__viewr__"]["validation"]["ok"]
