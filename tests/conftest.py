"""What all tests share: servers to talk to, and settings of their own."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import itertools
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import settings

from tests.real.taskmanager import RealSupervisor
from tests.real.taskmanager import is_installed as taskmanager_is_installed
from viewr.demo.accounts import ACCOUNTS
from viewr.demo.serve import Servers, start_servers

if TYPE_CHECKING:
    from tests.program import Program, Study


# As in the program (`workspace.collector`): servers and jobs of the tests have threads, and what Python collects there
# would take Qt's objects with it.
gc.disable()
#: Tests between two looks at all that is there.
_LOOKS = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """One test that looks at thousands of templates would fill the memory; the long runs have no windows."""
    if config.getoption("--hypothesis-profile", None) == "long":
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Collect in the thread of the tests: what is young each time, all of it now and then."""
    gc.collect(2 if next(_LOOKS) % 40 == 0 else 1)


# no asserted times on machines that are busy; `--hypothesis-profile=long` is for hours of looking
settings.register_profile("quick", deadline=None)
settings.register_profile("long", deadline=None, max_examples=20_000)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the settings, caches and passwords of whoever runs it."""
    import os

    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("VIEWR_")]:
        monkeypatch.delenv(name)
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("VIEWR_CONFIG_DIR", str(home / "config" / "viewr"))
    monkeypatch.setenv("VIEWR_SITE_DIR", str(home / "site"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(scope="session")
def _shared_servers() -> Iterator[Servers]:
    servers = start_servers(empty=True)
    yield servers
    servers.stop()


@pytest.fixture
def servers(_shared_servers: Servers) -> Iterator[Servers]:
    """Embedded servers without patients and tasks, one pair for the whole run; all switches are off at the start."""
    _shared_servers.switches.reset()
    yield _shared_servers
    _shared_servers.switches.reset()


@pytest.fixture
def fresh_servers(tmp_path: Path) -> Iterator[Servers]:
    """Embedded servers of this one test; their state is in `tmp_path / "servers"`."""
    servers = start_servers(empty=True, data_dir=tmp_path / "servers")
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def _shared_demo_servers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("demo") / "servers"
    kept = request.config.rootpath / "build" / "demo-patients"
    kept.mkdir(parents=True, exist_ok=True)
    # Several workers, and several runs, want it at the same time.
    with open(kept / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(_made_once(kept), folder)
    yield from _running(folder)


def _made_once(kept: Path) -> Path:
    """The folder of servers with demo patients; what an earlier version made is removed."""
    wanted = kept / _demo_version()
    if not wanted.is_dir():
        for outdated in [path for path in kept.iterdir() if path.is_dir()]:
            shutil.rmtree(outdated)
        start_servers(data_dir=kept / "unfinished").stop()
        (kept / "unfinished").rename(wanted)
    return wanted


def _running(folder: Path) -> Iterator[Servers]:
    servers = start_servers(data_dir=folder)
    yield servers
    servers.stop()


def _demo_version() -> str:
    """Changes with everything that the demo patients and tasks are made of."""
    package = Path(start_servers.__code__.co_filename).parents[1]
    parts = [*package.glob("demo/**/*.py"), *package.glob("templates/bundled/*")]
    digest = hashlib.sha256(b"".join(part.read_bytes() for part in sorted(parts) if part.is_file()))
    return digest.hexdigest()[:16]


@pytest.fixture
def demo_servers(_shared_demo_servers: Servers) -> Iterator[Servers]:
    """Embedded servers with the demo patients and tasks, made once a run: tests must not finish the demo tasks."""
    _shared_demo_servers.switches.reset()
    yield _shared_demo_servers
    _shared_demo_servers.switches.reset()


@dataclass(frozen=True)
class SupervisorServer:
    """A supervisor to test against, embedded or real; everything goes through its REST interface.

    Attributes
    ----------
    url : str
        Without a slash at the end.
    kind : str
        "embedded" or "real".
    """

    url: str
    kind: str

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    def auth(self, username: str) -> tuple[str, str]:
        return next((a.username, a.password) for a in ACCOUNTS if a.username == username)

    def call(self, username: str, method: str, path: str, **options: Any) -> requests.Response:
        """A request as a user; `path` is a link of the API ("/api/v1/tasks/3") or a part below it ("tasks/3")."""
        url = f"{self.url}{path}" if path.startswith("/") else f"{self.api}/{path}"
        options.setdefault("headers", {"Accept": "application/json"})
        return requests.request(method, url, auth=self.auth(username), timeout=30, **options)

    def create_template(self, label: str, content: str) -> None:
        """Store a template; one of the same label is replaced."""
        known = self.call("coordinator", "GET", f"task_templates/{label}")
        if known.status_code == 200:
            answer = self.call("coordinator", "PUT", f"task_templates/{label}", json={"content": content})
        else:
            answer = self.call("coordinator", "POST", "task_templates", json={"label": label, "content": content})
        answer.raise_for_status()

    def create_task(self, template: str, content: str = "{}", **members: Any) -> str:
        """Store a task, for reader1 unless `users` or `groups` say otherwise; returns its id."""
        if "groups" not in members and "distribute_in_group" not in members:
            members.setdefault("users", ["reader1"])
        given = {"project": "DEMO", "template": template, "content": content, **members}
        answer = self.call("coordinator", "POST", "tasks", json=given)
        answer.raise_for_status()
        return str(answer.json()["uri"]).rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def real_supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSupervisor]:
    """The real TaskManager 6.6.0 with the accounts and groups of the embedded one."""
    if not taskmanager_is_installed():
        pytest.skip("TaskManager is not installed; run tests/real/install.sh")
    supervisor = RealSupervisor(tmp_path_factory.mktemp("taskmanager"))
    supervisor.start()
    yield supervisor
    supervisor.stop()


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.real)])
def supervisor_server(request: pytest.FixtureRequest) -> SupervisorServer:
    """The same tests run on the embedded supervisor and on the real one."""
    fixture = "servers" if request.param == "embedded" else "real_supervisor"
    server = request.getfixturevalue(fixture)
    url = server.supervisor_url if isinstance(server, Servers) else server.url
    return SupervisorServer(url, request.param)


@pytest.fixture
def study(servers: Servers, tmp_path: Path, qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Study]:
    """A small study whose servers can go away."""
    from tests.program import gated, hurry

    hurry(monkeypatch)
    with gated(servers, tmp_path) as made:
        yield made


@pytest.fixture
def program(study: Study, caplog: pytest.LogCaptureFixture) -> Iterator[Program]:
    """The whole program on that study, at the sign-in page; no defect may have been logged in the end."""
    from tests.program import running

    with running(study.lab) as started:
        yield started
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []
