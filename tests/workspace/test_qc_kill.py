"""A reader in quality control killed at any moment, again and again: no verdict is lost, no task is done twice."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace

import pytest

from tests.conftest import SupervisorServer
from tests.program import Gate
from tests.workspace.lab import Lab
from tests.workspace.test_qc_run import TEMPLATE

CASES = 12


def tasks_of(lab: Lab, supervisor: SupervisorServer) -> list[str]:
    # A template of its own: the server is shared, and a run takes all tasks of one template.
    supervisor.create_template("killed_verdict", TEMPLATE)
    contents = [
        lab.content(fields={"uri": f"resources/FIELDS/files/case{number}_{{timestamp}}.json"})
        for number in range(CASES)
    ]
    return [supervisor.create_task("killed_verdict", content, users=["reader1"]) for content in contents]


def times_done(gate: Gate) -> Counter[str]:
    """How often the supervisor was told of each task that it is done."""
    told = [seen for seen in gate.seen if seen.method == "PUT" and b'"done"' in seen.content]
    return Counter(re.findall(r"/tasks/(\d+)", seen.path)[0] for seen in told)


def one_life(lab: Lab, cases: list[str], seed: int, words: int, moment: float) -> tuple[list[str], bool]:
    """Let a reader work and kill them; what they said, and whether they came to the end.

    Parameters
    ----------
    words : int
        After so many words of theirs they are killed.
    moment : float
        Seconds between that and the end.
    """
    servers = lab.servers
    command = [sys.executable, "-m", "tests.workspace.qc_child", servers.supervisor_url, servers.archive_url,
               str(lab.folder), str(seed), *cases]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = []
        for line in child.stdout:
            said.append(line.strip())
            if len(said) == words:
                threading.Timer(moment, child.kill).start()
    return said, child.returncode == 0


def shown_unasked(said: list[str]) -> set[str]:
    """Cases that came although the reader had not gone back to one."""
    words = [line.split() for line in said]
    back = {task_id for what, task_id, *_ in words if what == "back"}
    return {task_id for what, task_id, *_ in words if what == "shown"} - back


def still_kept(kept: set[str], said: list[str]) -> set[str]:
    """Cases whose verdicts are safe after a life: given, and not wanted back, be it before they were on the disk."""
    words = [line.split() for line in said]
    back = {submission for what, _, *rest in words if what == "back" for submission in rest}
    gone = {task_id for what, task_id, *_ in words if what == "back"}
    given = {task_id for what, task_id, *rest in words if what == "kept" and rest[0] not in back}
    return (kept - gone) | given


@pytest.mark.slow
def test_every_case_is_done_once(lab: Lab, supervisor_server: SupervisorServer) -> None:
    gate = Gate(supervisor_server.url)
    lab = replace(lab, servers=replace(lab.servers, supervisor_url=gate.url))
    cases = tasks_of(lab, supervisor_server)
    draw, kept, lives = random.Random(11), set[str](), 0
    try:
        while True:
            words = draw.randrange(1, 7) if lives < 6 else 10**6
            said, ended = one_life(lab, cases, lives, words, draw.random() * 0.3)
            assert kept.isdisjoint(shown_unasked(said)), "a verdict was lost"
            kept = still_kept(kept, said)
            lives += 1
            if ended:
                break
            assert lives < 12
    finally:
        gate.stop()
    assert lives > 3
    for task_id in cases:
        answer = supervisor_server.call("reader1", "GET", f"tasks/{task_id}").json()
        assert answer["status"] == "done"
        assert supervisor_server.call("reader1", "GET", f"tasks/{task_id}/lock").json()["lock"] is None
    told = times_done(gate)
    assert {task_id: told[task_id] for task_id in cases} == dict.fromkeys(cases, 1)
    names = lab.names("FIELDS")
    for number in range(CASES):
        mine = [name for name in names if name.startswith(f"case{number}_")]
        assert {json.loads(lab.read("FIELDS", name))["verdict"] for name in mine} == {"Good"}
