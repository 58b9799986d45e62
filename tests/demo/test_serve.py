"""The embedded servers as a program: ready line, state that lasts, clean end."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from viewr.demo.serve import Servers, start_servers
from viewr.model.errors import ViewrError

AUTH = ("coordinator", "coordinator-demo")


class Program:
    """`viewr serve` as a process."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "viewr", "serve", "--empty", *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def end(self, number: int) -> tuple[str, str]:
        self.process.send_signal(number)
        return self.process.communicate(timeout=30)


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        if program.process.poll() is None:
            program.end(signal.SIGTERM)


def test_prints_one_line_when_ready(programs: list[Program]) -> None:
    programs.append(Program())
    ready = programs[0].ready
    assert set(ready) == {"supervisor", "archive", "users"}
    assert {user["username"]: user["role"] for user in ready["users"]} == {
        "reader1": "annotator", "reader2": "annotator", "qc1": "qc", "coordinator": "coordinator"
    }  # fmt: skip
    for user in ready["users"]:
        auth = (user["username"], user["password"])
        assert requests.get(f"{ready['supervisor']}/api/v1/tags", auth=auth, timeout=30).status_code == 200
        roles = requests.get(f"{ready['archive']}/xapi/access/projects", auth=auth, timeout=30).json()
        assert [row["ID"] for row in roles] == ["DEMO"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_and_its_temporary_folder(
    programs: list[Program], number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    programs.append(Program())
    assert len(list(tmp_path.iterdir())) == 1
    output, errors = programs[0].end(number)
    assert (programs[0].process.returncode, output, errors) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_ends_with_its_parent_when_asked(programs: list[Program]) -> None:
    programs.append(Program("--until-stdin-closes"))
    stdin = programs[0].process.stdin
    assert stdin is not None
    stdin.close()
    assert programs[0].process.wait(30) == 0


def test_state_survives_kill(programs: list[Program], tmp_path: Path) -> None:
    programs.append(Program("--data", str(tmp_path)))
    first = programs[0].ready
    api = f"{first['supervisor']}/api/v1"
    requests.post(f"{api}/task_templates", json={"label": "t", "content": "x"}, auth=AUTH, timeout=30)
    content = {"xnat": {"url": first["archive"]}}
    given = {"project": "DEMO", "template": "t", "content": json.dumps(content), "users": ["reader1"]}
    requests.post(f"{api}/tasks", json=given, auth=AUTH, timeout=30).raise_for_status()
    requests.put(f"{api}/tasks/1/lock", json={"lock": "reader1"}, auth=AUTH, timeout=30)
    subject = f"{first['archive']}/data/projects/DEMO/subjects/S1"
    requests.put(subject, auth=AUTH, timeout=30).raise_for_status()
    requests.put(f"{subject}/resources/R/files/a.txt?inbody=true", data=b"kept", auth=AUTH, timeout=30)
    programs[0].end(signal.SIGKILL)

    programs.append(Program("--data", str(tmp_path)))
    second = programs[1].ready
    api = f"{second['supervisor']}/api/v1"
    task = requests.get(f"{api}/tasks/1", auth=AUTH, timeout=30).json()
    assert json.loads(task["content"]) == {"xnat": {"url": second["archive"]}}
    assert requests.get(f"{api}/tasks/1/lock", auth=AUTH, timeout=30).json()["username"] == "reader1"
    file = f"{second['archive']}/data/projects/DEMO/subjects/S1/resources/R/files/a.txt"
    assert requests.get(file, auth=AUTH, timeout=30).content == b"kept"


def test_a_port_that_is_taken() -> None:
    servers = start_servers(empty=True)
    port = int(servers.supervisor_url.rsplit(":", 1)[1])
    with pytest.raises(ViewrError, match=rf"The supervisor cannot listen on 127\.0\.0\.1:{port}\."):
        start_servers(port=port, empty=True)
    servers.stop()


def two_free_ports() -> int:
    """A free port whose next one is free too: tests run beside this one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


def test_takes_the_port_and_the_next() -> None:
    port = two_free_ports()
    servers = start_servers(port=port, empty=True)
    assert servers.supervisor_url == f"http://127.0.0.1:{port}"
    assert servers.archive_url == f"http://127.0.0.1:{port + 1}"
    servers.stop()


def test_the_same_data_is_served_on_the_same_ports_while_they_are_free(tmp_path: Path) -> None:
    servers = start_servers(data_dir=tmp_path, empty=True)
    first = servers.describe()
    servers.create_template("t", "x")
    servers.create_task("t", {"xnat": {"url": servers.archive_url}}, users=["reader1"])
    servers.stop()
    again = start_servers(data_dir=tmp_path, empty=True)
    assert again.describe() == first
    again.stop()
    address = ("127.0.0.1", int(first["archive"].rsplit(":", 1)[1]))
    with socket.create_server(address):
        moved = start_servers(data_dir=tmp_path, empty=True)
        assert moved.supervisor_url == first["supervisor"]
        assert moved.archive_url != first["archive"]
        assert json.loads(moved.store.tasks[1].content or "") == {"xnat": {"url": moved.archive_url}}
        moved.stop()


def test_refuses_an_import_that_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ViewrError, match="There is no folder"):
        start_servers(empty=True, imports=[tmp_path / "none"])
    assert list(tmp_path.iterdir()) == []


def test_stopping_twice_is_fine() -> None:
    servers = start_servers(empty=True)
    servers.stop()
    servers.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(servers.supervisor_url, timeout=5)


def test_a_lost_race_for_a_lock(servers: Servers) -> None:
    servers.create_template("race", "x")
    task = servers.create_task("race", "{}", groups=["readers"])
    servers.switches.lose_next_lock_to = "reader2"
    lock = f"{servers.supervisor_url}/api/v1/tasks/{task}/lock"
    auth = ("reader1", "reader1-demo")
    assert requests.put(lock, json={}, auth=auth, timeout=30).json()["username"] == "reader1"
    assert requests.get(lock, auth=auth, timeout=30).json()["username"] == "reader2"


def test_a_supervisor_that_is_away_for_a_moment(servers: Servers) -> None:
    servers.switches.supervisor_unavailable = 2
    states = [requests.get(f"{servers.supervisor_url}/-/healthy", timeout=30).status_code for _ in range(3)]
    assert states == [503, 503, 200]


@pytest.mark.slow
def test_demo_patients_and_tasks(demo_servers: Servers) -> None:
    auth = ("reader1", "reader1-demo")
    tasks = requests.get(f"{demo_servers.supervisor_url}/api/v1/tasks", auth=auth, timeout=30).json()["tasks"]
    assert len(tasks) == len(demo_servers.store.tasks) >= 6
    for summary in tasks:
        task = requests.get(f"{demo_servers.supervisor_url}{summary['uri']}", auth=auth, timeout=30).json()
        assert requests.get(f"{demo_servers.supervisor_url}{task['template']}", auth=auth, timeout=30).ok
        place = json.loads(task["content"])["xnat"]
        assert place["url"] == demo_servers.archive_url
        scans = f"{place['url']}/data/experiments/{place['experiment']}/scans"
        rows = requests.get(scans, auth=auth, timeout=30).json()["ResultSet"]["Result"]
        assert rows
        for row in rows:
            files = requests.get(f"{place['url']}{row['URI']}/resources/DICOM/files", auth=auth, timeout=30).json()
            assert files["ResultSet"]["Result"]
