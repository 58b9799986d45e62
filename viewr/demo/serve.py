"""Starts the embedded supervisor and archive, and fills them with the demo study."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from viewr.demo.accounts import ACCOUNTS, DEMO_PROJECT
from viewr.demo.switches import Switches
from viewr.model.errors import ViewrError

if TYPE_CHECKING:
    from cheroot.wsgi import Server

    from viewr.demo.archive import Archive
    from viewr.demo.dicom_import import ImportReport
    from viewr.demo.supervisor_store import SupervisorStore

log = logging.getLogger(__name__)

#: File in the data folder with the URLs of the servers.
NOTE = "servers.json"
#: Requests of one server that are worked on at the same time.
_THREADS = 12


@dataclass
class Servers:
    """The two running servers.

    Attributes
    ----------
    supervisor_url, archive_url : str
        Without a slash at the end.
    users : list of dict
        username, password and role of each account.
    switches : Switches
        Faults on demand, for tests.
    reports : list of ImportReport
        What each import did, in the order of `imports`.
    """

    supervisor_url: str
    archive_url: str
    archive: Archive
    store: SupervisorStore
    switches: Switches
    data_dir: Path
    reports: list[ImportReport] = field(default_factory=list)
    _stopping: list[Callable[[], None]] = field(default_factory=list, repr=False)

    @property
    def users(self) -> list[dict[str, str]]:
        return [{"username": a.username, "password": a.password, "role": a.role} for a in ACCOUNTS]

    def describe(self) -> dict[str, Any]:
        """What `viewr serve` prints when it is ready."""
        return {"supervisor": self.supervisor_url, "archive": self.archive_url, "users": self.users}

    def create_template(self, label: str, content: str) -> int:
        """Store a template, replacing one of the same label; returns its id."""
        from viewr.demo.supervisor_store import TaskTemplate, next_id

        with self.store.guard:
            known = (template for template in self.store.templates.values() if template.label == label)
            template = next(known, None) or TaskTemplate(next_id(self.store.templates), label, content)
            template.content = content
            self.store.save(template)
            return template.id

    def create_task(
        self,
        template: str,
        content: str | Mapping[str, Any],
        *,
        users: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
        tags: Sequence[str] = (),
        status: str = "queued",
        project: str = DEMO_PROJECT,
        **members: Any,
    ) -> int:
        """Store a task and return its id; `members` are further members of a POST (callback_url, ...)."""
        from viewr.demo.supervisor_work import make_task

        given = {"template": template, "content": content, "project": project, "tags": list(tags), **members}
        if users is not None or groups is not None:
            given |= {"users": list(users or ()), "groups": list(groups or ())}
        with self.store.guard:
            task = make_task(self.store, given)
            task.status = status
            self.store.save(task)
            return task.id

    def stop(self) -> None:
        """Stop serving and close the files; a temporary folder is removed."""
        while self._stopping:
            self._stopping.pop()()


def start_servers(
    host: str = "127.0.0.1",
    port: int = 0,
    data_dir: Path | str | None = None,
    imports: Iterable[Path | str] = (),
    empty: bool = False,
) -> Servers:
    """Start both servers in threads of this process and return when they answer.

    Parameters
    ----------
    port : int
        Of the supervisor; the archive takes the next one. 0 takes two free ones: in a `data_dir` that was served
        before, those of then, because programs know drafts and waiting results by the servers' URLs.
    data_dir : Path, optional
        Where the state is kept; by default a temporary folder, removed at the end.
    imports : iterable of Path
        Folders of DICOM to add as patients of the demo project.
    empty : bool
        Make no demo patients and tasks.

    Raises
    ------
    ViewrError
        If a port is taken, or an import is no folder.
    """
    from viewr.demo.archive import Archive
    from viewr.demo.supervisor import supervisor_app
    from viewr.demo.supervisor_store import SupervisorStore

    folders = [_folder(path) for path in imports]
    stopping: list[Callable[[], None]] = []
    try:
        root = _data_folder(data_dir, stopping)
        _log_to(root / "logs" / "servers.log", stopping)
        switches = Switches()
        store = SupervisorStore(root / "supervisor.sqlite")
        stopping.append(store.close)
        archive = Archive(root / "archive", switches)
        stopping.append(archive.close)
        before = _before(root)
        wanted = {"supervisor": port, "archive": port + 1} if port else {}
        apps: dict[str, Any] = {"supervisor": supervisor_app(store, switches), "archive": archive}
        supervisor_url, archive_url = (
            _listen(app, host, wanted[name], name, stopping) if wanted
            else _listen_again(app, host, _port_of(before.get(name, "")), name, stopping) for name, app in apps.items()
        )  # fmt: skip
        servers = Servers(supervisor_url, archive_url, archive, store, switches, root, _stopping=stopping)
        _fill(servers, folders, empty)
    except BaseException:
        while stopping:
            stopping.pop()()
        raise
    return servers


def _fill(servers: Servers, folders: list[Path], empty: bool) -> None:
    from viewr.demo.dicom_import import add_dicom_folder

    catalog = servers.archive.catalog
    catalog.add_project(DEMO_PROJECT)
    _follow_archive(servers)
    if not empty and not catalog.is_marked("demo"):
        _add_demo(servers)
        catalog.mark("demo")
    for folder in folders:
        servers.reports.append(add_dicom_folder(catalog, folder))


def _add_demo(servers: Servers) -> None:
    """Make the demo patients and tasks; what an interrupted start left is completed."""
    from viewr.demo.archive_fill import add_demo_series
    from viewr.demo.patients import make_patients
    from viewr.demo.tasks import demo_tasks, demo_templates

    catalog = servers.archive.catalog
    make_patients(lambda series: add_demo_series(catalog, DEMO_PROJECT, series))
    for label, text in demo_templates().items():
        servers.create_template(label, text)
    project = catalog.find("projects", None, DEMO_PROJECT)
    experiments = {node.label: node.ident for node in catalog.children("experiments", project)}
    # Each is stored at once; a start that was interrupted goes on where it was.
    for task in demo_tasks(servers.archive_url, experiments)[len(servers.store.tasks) :]:
        servers.create_task(
            task.template, task.content, users=task.users, tags=task.tags, project=task.project,
            application_name=task.application_name, application_version=task.application_version,
        )  # fmt: skip


def _follow_archive(servers: Servers) -> None:
    """Tasks name the archive by its URL; point them at today's, whose port may be another."""
    note = servers.data_dir / NOTE
    before = _before(servers.data_dir).get("archive", servers.archive_url)
    with servers.store.guard:
        stale = [task for task in servers.store.tasks.values() if before != servers.archive_url and task.content]
        for task in stale:
            task.content = (task.content or "").replace(before, servers.archive_url)
        servers.store.save(*stale)
    fresh = note.with_suffix(".new")
    urls = {"supervisor": servers.supervisor_url, "archive": servers.archive_url}
    fresh.write_text(json.dumps(urls), encoding="utf-8")
    os.replace(fresh, note)


def _before(root: Path) -> dict[str, str]:
    """URLs of the servers the last time, by name."""
    note = root / NOTE
    return dict(json.loads(note.read_text(encoding="utf-8"))) if note.exists() else {}


def _port_of(url: str) -> int:
    return urlsplit(url).port or 0


def _folder(path: Path | str) -> Path:
    folder = Path(path)
    if not folder.is_dir():
        raise ViewrError(f"There is no folder '{folder}' to import.", "Give a folder that holds DICOM files.")
    return folder


def _data_folder(data_dir: Path | str | None, stopping: list[Callable[[], None]]) -> Path:
    if data_dir is not None:
        root = Path(data_dir)
        root.mkdir(parents=True, exist_ok=True)
        return root
    root = Path(tempfile.mkdtemp(prefix="viewr-demo-"))
    stopping.append(lambda: shutil.rmtree(root, ignore_errors=True))
    return root


def _listen(application: Any, host: str, port: int, name: str, stopping: list[Callable[[], None]]) -> str:
    """Serve a WSGI application in threads; returns its URL."""
    from cheroot.wsgi import Server

    class LoggedServer(Server):
        def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
            log.log(level, "%s", msg, exc_info=traceback)

    server = LoggedServer(
        (host, port), application, numthreads=_THREADS, server_name=f"viewr-{name}", request_queue_size=128,
        timeout=60, shutdown_timeout=1,
    )  # fmt: skip
    listening: Future[int] = Future()
    # The workers inherit "daemon" from the thread that starts them, so a program that crashes still ends.
    thread = threading.Thread(target=_serve, args=(server, listening), name=f"viewr-{name}", daemon=True)
    thread.start()
    try:
        number = listening.result()
    except OSError as exc:
        raise ViewrError(
            f"The {name} cannot listen on {host}:{port}.", "Choose another --port, or 0 for a free one."
        ) from exc
    stopping.append(lambda: _stop(server, thread))
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{number}"


def _listen_again(
    application: Any, host: str, port: int, name: str, stopping: list[Callable[[], None]]
) -> str:
    """Serve on the port of the last time if it is free, else on any."""
    try:
        return _listen(application, host, port, name, stopping)
    except ViewrError:
        if not port:
            raise
        return _listen(application, host, 0, name, stopping)


def _serve(server: Server, listening: Future[int]) -> None:
    try:
        server.prepare()
    except OSError as exc:
        listening.set_exception(exc)
        return
    listening.set_result(server.bind_addr[1])
    server.serve()


def _stop(server: Server, thread: threading.Thread) -> None:
    server.stop()
    thread.join(5)


def _log_to(path: Path, stopping: list[Callable[[], None]]) -> None:
    """What the servers have to say goes into a file, never to the terminal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("viewr.demo")
    logger.addHandler(handler)
    logger.propagate = False

    def close() -> None:
        logger.removeHandler(handler)
        handler.close()

    stopping.append(close)
