"""Client of the task supervisor (TaskManager)."""

from __future__ import annotations

from dataclasses import dataclass

from viewr.model.progress import Progress
from viewr.net.http import HttpOptions


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
    """A task in full, without what is secret."""

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
    """

    def __init__(self, url: str, user: str, password: str, *, http: HttpOptions | None = None) -> None:
        raise NotImplementedError

    def connect(self) -> ServerInfo:
        """Find the API and test the account; other calls do it by themselves."""
        raise NotImplementedError

    def tasks(self, *, status: str = "queued", progress: Progress | None = None) -> list[TaskSummary]:
        """Every task of the account with this status, ascending by id; "" for all."""
        raise NotImplementedError

    def task(self, task_id: str) -> Task:
        """A task in full; `TaskGoneError` when it is deleted or no longer assigned to the account."""
        raise NotImplementedError

    def template(self, ref: str) -> TemplateText:
        """The template by id (or label), from memory when it was fetched a moment ago."""
        raise NotImplementedError

    def lock(self, task_id: str) -> LockState:
        """Who holds the task."""
        raise NotImplementedError

    def take_lock(self, task_id: str, *, steal: bool = False) -> None:
        """Lock the task and make sure that the lock is ours; `LockedError` names the holder."""
        raise NotImplementedError

    def release_lock(self, task_id: str) -> None:
        """Give the task back; fine when the lock is not ours any more."""
        raise NotImplementedError

    def set_status(self, task_id: str, status: str) -> str:
        """Set the status once ("done", "aborted", "queued") and return what the server then has."""
        raise NotImplementedError


def openable(task: Task, our_names: tuple[str, ...], our_version: str) -> str:
    """Reason why this program must not open the task, "" when it may."""
    raise NotImplementedError
