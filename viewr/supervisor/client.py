"""Client of the task supervisor (TaskManager)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from viewr.model.errors import LockedError, SupervisorError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError, UnreachableError
from viewr.net.http import Answer, HttpOptions
from viewr.supervisor.connection import Connection, TaskGoneError, as_mapping, as_text, last_part, numbers
from viewr.supervisor.template_cache import TemplateCache

#: The only statuses that a program may set: others would hide the task from the server's own pages.
STATUSES = ("queued", "done", "aborted")
_PAGE = 200
_LOCK_ATTEMPTS = 3
_TEMPLATE_AGE = 300.0  # seconds that a template counts as fresh: in quality control each case has the same one


@dataclass(frozen=True)
class ServerInfo:
    """What answers at the address.

    Attributes
    ----------
    url : str
        Final origin and prefix, without a trailing slash.
    version : str
        Version of the server software.
    api : str
        Absolute path of the API, such as ``/api/v1``.
    """

    url: str
    version: str
    api: str


@dataclass(frozen=True)
class TaskSummary:
    """A task as the list shows it; `id` is text, `template_ref` the id of its template or ""."""

    id: str
    status: str
    project: str
    template_ref: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """A task in full, without what is secret.

    Attributes
    ----------
    id, uri : str
        Number as text, and absolute path on the server.
    status : str
        "queued", "done", "aborted", or whatever somebody stored.
    template_ref : str
        Id of the template, "" when it was deleted.
    content : str
        What `viewr.model.task.parse_content` reads.
    application_name, application_version : str
        Program the task is meant for and the least version it must have; "" for any.
    generator_url : str
        Page that made the task.
    created, updated : str
        Times as the server writes them, without a zone.
    """

    id: str
    uri: str
    status: str
    project: str
    template_ref: str
    tags: tuple[str, ...]
    content: str
    application_name: str
    application_version: str
    generator_url: str
    created: str
    updated: str


@dataclass(frozen=True)
class LockState:
    """Who holds a task: `holder` is "" when nobody does."""

    holder: str
    mine: bool


@dataclass(frozen=True)
class TemplateText:
    """A template as the supervisor has it; `sha256` is the hex digest of the text in UTF-8."""

    label: str
    text: str
    sha256: str


class SupervisorClient:
    """Client of one task supervisor for one account; blocking, safe from several threads.

    Parameters
    ----------
    url : str
        Address of the supervisor; HTTPS, or HTTP on this machine.
    user, password : str
        The account.
    http : HttpOptions, optional
        How to reach servers from here.
    templates : TemplateCache, optional
        Where texts of templates stay between runs.
    sleep : callable, optional
        Waits for so many seconds; replaced in tests.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        http: HttpOptions | None = None,
        templates: TemplateCache | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = Connection(url, user, password, http, sleep)
        self._templates = templates
        self._fresh: dict[str, tuple[float, TemplateText]] = {}
        self._sleep = sleep
        # The account may have signed in by e-mail address; the server names it in the answer to the first lock.
        self._own_name = user

    @property
    def user(self) -> str:
        return self._connection.user

    @property
    def url(self) -> str:
        """Address as it was given, tidied."""
        return self._connection.given_url

    def connect(self) -> ServerInfo:
        """Find the API and test the account; other calls do it by themselves."""
        server = self._connection.connect()
        return ServerInfo(server.url, server.version, server.api)

    def close(self) -> None:
        """Close idle connections."""
        self._connection.http.close()

    def tasks(self, *, status: str = "queued", progress: Progress | None = None) -> list[TaskSummary]:
        """Every task of the account with this status, ascending by id; "" for all.

        The total is not known beforehand, so progress is told a total of 0.
        """
        found: dict[str, TaskSummary] = {}
        for offset in range(0, 10**9, _PAGE):
            params: dict[str, str | int] = {"limit": _PAGE, "offset": offset}
            if status:
                params["status"] = status
            rows = as_mapping(self._connection.get("/tasks", params, progress)).get("tasks") or []
            fresh = {task.id: task for task in map(parse_summary, rows)}.items() - found.items()
            found.update(fresh)
            if progress is not None:
                progress.report(len(found), 0)
            # A server that ignores the offset would send the same page for ever.
            if len(rows) < _PAGE or not fresh:
                break
        wanted = [task for task in found.values() if not status or task.status == status]
        return sorted(wanted, key=lambda task: (numbers(task.id), task.id))

    def task(self, task_id: str) -> Task:
        """A task in full; `TaskGoneError` when it is deleted or no longer assigned to the account."""
        answer = self._connection.send("GET", _task_path(task_id))
        return parse_task(self._checked(answer, task_id).json())

    def template(self, ref: str) -> TemplateText:
        """The template by id (or label), from memory when it was fetched in the last five minutes."""
        if not ref:
            raise SupervisorError("The task has no template any more.", "Ask the study's coordinator.")
        known = self._fresh.get(ref)
        if known and time.monotonic() - known[0] < _TEMPLATE_AGE:
            return known[1]
        answer = self._connection.send("GET", f"/task_templates/{quote(ref, safe='')}")
        if answer.status == 404 and answer.is_json:
            raise SupervisorError(f"The task supervisor has no template '{ref}'.", "Ask the study's coordinator.")
        template = parse_template(self._connection.checked(answer).json())
        self._fresh[ref] = time.monotonic(), template
        if self._templates is not None:
            self._templates.put(self.url, ref, template.label, template.text)
        return template

    def known_template(self, ref: str) -> TemplateText | None:
        """The template as it was last seen, without asking the server; None when it never was."""
        if ref in self._fresh:
            return self._fresh[ref][1]
        found = self._templates.get(self.url, ref) if self._templates is not None else None
        return None if found is None else _template_text(*found)

    def put_template(self, label: str, text: str, *, replaces: bool = False) -> bool:
        """Add a template, or replace the one of that label; read back and compared.

        Parameters
        ----------
        replaces : bool
            Without it a template that is there already stays, and the answer is False.

        Raises
        ------
        SupervisorError
            If the account may not, or what is there afterwards is another text.
        """
        path = f"/task_templates/{quote(label, safe='')}"
        # By number a template may be fetched, too; and adding a label twice is a fault of the server.
        there = self._connection.send("GET", path)
        known = there.status == 200 and parse_template(there.json()).label == label
        if known and not replaces:
            self._fresh[label] = time.monotonic(), parse_template(there.json())
            return False
        body = {"label": label, "content": text}
        method, place = ("PUT", path) if known else ("POST", "/task_templates")
        answer = self._connection.send(method, place, json=body)
        if answer.status in (401, 403):
            raise SupervisorError(f"The account '{self.user}' may not change templates.", "Ask an administrator.")
        if answer.status not in (200, 201):
            self._connection.checked(answer)
        self._fresh.pop(label, None)
        if self.template(label).text != text:
            raise SupervisorError(f"The template '{label}' does not read back as it was sent.", "Try again.")
        return True

    def lock(self, task_id: str) -> LockState:
        """Who holds the task."""
        answer = self._connection.send("GET", _task_path(task_id) + "/lock")
        holder = _holder(self._checked(answer, task_id).json())
        return LockState(holder, bool(holder) and holder == self._own_name)

    def take_lock(self, task_id: str, *, steal: bool = False) -> None:
        """Lock the task and make sure that the lock is ours; `LockedError` names the holder.

        Parameters
        ----------
        task_id : str
            The task.
        steal : bool
            Take it from whoever holds it; only for accounts that may, and only after the user agreed.
        """
        answer = self._lock_call("PUT", task_id, {"lock": self._own_name} if steal else {})
        if answer.status == 409:
            raise _locked(task_id, _holder(answer.json()) if answer.is_json else "")
        if answer.status == 403:
            raise LockedError(
                f"The account '{self.user}' may not take task {task_id} from somebody else.",
                "Ask the study's coordinator to release it.",
                self.lock(task_id).holder,
            )
        self._own_name = _holder(self._checked(answer, task_id).json()) or self._own_name
        self._confirm(task_id)

    def release_lock(self, task_id: str) -> None:
        """Give the task back; fine when the lock is not ours any more."""
        answer = self._lock_call("DELETE", task_id)
        if answer.status not in (403, 404) or not answer.is_json:
            self._connection.checked(answer)

    def set_status(self, task_id: str, status: str) -> str:
        """Set the status once ("done", "aborted", "queued") and return what the server then has.

        Each setting of "done" makes the server call its study governor, so a task that has the status already is
        left alone, and after a request without an answer the task is read instead of the request repeated.

        Raises
        ------
        UnreachableError, ServerFaultError
            If it is not known whether the status was set; calling again later is safe.
        """
        if status not in STATUSES:
            raise SupervisorError(f"'{status}' is no status of a task.", f"It is one of {', '.join(STATUSES)}.")
        if self.task(task_id).status == status:
            return status
        try:
            answer = self._connection.send("PUT", _task_path(task_id), json={"status": status})
            if answer.status >= 500:
                self._checked(answer, task_id)
        except (UnreachableError, ServerFaultError):
            return self._status_after_silence(task_id, status)
        returned = parse_task(self._checked(answer, task_id).json()).status
        if returned != status:
            raise SupervisorError(f"Task {task_id} stays '{returned}' although it was set to '{status}'.", "Try again.")
        return returned

    def _status_after_silence(self, task_id: str, status: str) -> str:
        """What became of a request without an answer; raises when it had no effect so far."""
        for attempt in range(3):
            self._sleep(2.0**attempt)
            if self.task(task_id).status == status:
                return status
        raise UnreachableError(
            f"{self._connection.http.host} did not confirm that task {task_id} is '{status}'.",
            "It is tried again later.",
        )

    def _lock_call(self, method: str, task_id: str, body: Mapping[str, str] | None = None) -> Answer:
        """Take or release a lock; may be repeated, since the second time has no effect."""
        path = _task_path(task_id) + "/lock"
        for attempt in range(_LOCK_ATTEMPTS - 1):
            try:
                answer = self._connection.send(method, path, json=body)
            except UnreachableError as exc:
                if not exc.repeatable:
                    raise
            else:
                if answer.status < 500:
                    return answer
            self._connection.http.wait(attempt)
        return self._connection.send(method, path, json=body)

    def _confirm(self, task_id: str) -> None:
        """Two clients may both be told that they hold the lock; only the last one does, so look twice."""
        for pause in (0.0, 1.0):
            if pause:
                self._sleep(pause)
            state = self.lock(task_id)
            if not state.mine:
                raise _locked(task_id, state.holder)

    def _checked(self, answer: Answer, task_id: str) -> Answer:
        if answer.status == 404 and answer.is_json:
            raise TaskGoneError(
                f"Task {task_id} is deleted or no longer assigned to '{self.user}'.",
                "Your work stays on this computer; ask the study's coordinator.",
            )
        return self._connection.checked(answer)


def openable(task: Task, our_names: tuple[str, ...] = ("ViewR",), our_version: str = "7.0.0") -> str:
    """Reason why this program must not open a task, "" when it may.

    Parameters
    ----------
    task : Task
        The version it names is the least that is needed.
    our_names : tuple of str
        Names of programs that we may stand in for, in any case of letters.
    our_version : str
        Version that we claim.
    """
    wanted = task.application_name.strip()
    if not wanted:
        return ""
    if wanted.lower() not in {name.lower() for name in our_names}:
        return f"This task is meant for the program '{wanted}'."
    needed = task.application_version.strip()
    if needed and _padded(needed) > _padded(our_version):
        return f"This task needs version {needed} of {wanted}; this is {our_version}."
    return ""


def parse_summary(row: Any) -> TaskSummary:
    """One row of the list of tasks."""
    row = as_mapping(row)
    return TaskSummary(
        as_text(row.get("id")), as_text(row.get("status")), as_text(row.get("project")), last_part(row.get("template")),
        _tags(row.get("tags")),
    )


def parse_task(answer: Any) -> Task:
    """A task in full; `callback_url`, `callback_content` and the people it is assigned to are left out."""
    row = as_mapping(answer)
    content = row.get("content")
    return Task(
        id=as_text(row.get("id")) or last_part(row.get("uri")),
        uri=as_text(row.get("uri")),
        status=as_text(row.get("status")),
        project=as_text(row.get("project")),
        template_ref=last_part(row.get("template")),
        tags=_tags(row.get("tags")),
        content=content if isinstance(content, str) else "" if content is None else json.dumps(content),
        application_name=as_text(row.get("application_name")),
        application_version=as_text(row.get("application_version")),
        generator_url=as_text(row.get("generator_url")),
        created=as_text(row.get("create_time")),
        updated=as_text(row.get("update_time")),
    )


def parse_template(answer: Any) -> TemplateText:
    """A template; its text exactly as stored."""
    row = as_mapping(answer)
    content = row.get("content")
    text = content if isinstance(content, str) else json.dumps(content)
    return _template_text(as_text(row.get("label")), text)


def _template_text(label: str, text: str) -> TemplateText:
    return TemplateText(label, text, hashlib.sha256(text.encode()).hexdigest())


def _task_path(task_id: str) -> str:
    if not str(task_id).isdecimal():
        raise SupervisorError(f"'{task_id}' is not the number of a task.")
    return f"/tasks/{task_id}"


def _locked(task_id: str, holder: str) -> LockedError:
    who = f"'{holder}'" if holder else "somebody else"
    return LockedError(f"Task {task_id} is locked by {who}.", "Open it read-only, or choose another task.", holder)


def _holder(answer: Any) -> str:
    row = as_mapping(answer)
    return as_text(row.get("username")) if row.get("lock") is not None else ""


def _padded(version: str) -> tuple[int, ...]:
    return (*numbers(version), 0, 0, 0, 0)[:4]


def _tags(rows: Any) -> tuple[str, ...]:
    rows = rows if isinstance(rows, list) else []
    return tuple(as_text(row.get("name") if isinstance(row, Mapping) else row) for row in rows)
