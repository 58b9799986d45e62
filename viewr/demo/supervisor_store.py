"""What the embedded task supervisor knows: plain objects, each a JSON row in SQLite."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from viewr.demo.accounts import ACCOUNTS, GROUPS


def now() -> str:
    """Time as the real supervisor writes it: UTC, whole seconds, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0).isoformat()


@dataclass
class User:
    kind: ClassVar[str] = "user"
    id: int
    username: str
    name: str
    email: str
    roles: list[str]
    active: bool = True
    assignment_weight: float = 1.0
    create_time: str = field(default_factory=now)


@dataclass
class Group:
    kind: ClassVar[str] = "group"
    id: int
    groupname: str
    name: str
    users: list[int]
    create_time: str = field(default_factory=now)


@dataclass
class TaskTemplate:
    kind: ClassVar[str] = "template"
    id: int
    label: str
    content: str


@dataclass
class Tag:
    kind: ClassVar[str] = "tag"
    id: int
    name: str


@dataclass
class TaskGroup:
    kind: ClassVar[str] = "taskgroup"
    id: int
    label: str
    callback_url: str | None
    callback_content: str | None
    callback_fired: bool = False


@dataclass
class StoredTask:
    kind: ClassVar[str] = "task"
    id: int
    project: str | None
    template: int | None
    content: str | None
    status: str = "queued"
    lock: int | None = None
    tags: list[int] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    parent: int | None = None
    callback_url: str | None = None
    callback_content: str | None = None
    generator_url: str | None = None
    application_name: str | None = None
    application_version: str | None = None
    tracking_id: str = "unassigned"
    create_time: str = field(default_factory=now)
    update_time: str = field(default_factory=now)


Thing = User | Group | TaskTemplate | Tag | TaskGroup | StoredTask
T = TypeVar("T", User, Group, TaskTemplate, Tag, TaskGroup, StoredTask)


_SCHEMA = "CREATE TABLE IF NOT EXISTS thing (kind TEXT, id INTEGER, data TEXT, PRIMARY KEY (kind, id))"


class SupervisorStore:
    """All objects in memory, each change written through in one transaction.

    Whoever reads and changes holds `guard`.
    """

    def __init__(self, path: Path) -> None:
        self.guard = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS thing (kind TEXT, id INTEGER, data TEXT, PRIMARY KEY (kind, id))"
        )
        self.users = self._load(User)
        self.groups = self._load(Group)
        self.templates = self._load(TaskTemplate)
        self.tags = self._load(Tag)
        self.taskgroups = self._load(TaskGroup)
        self.tasks = self._load(StoredTask)
        if not self.users:
            self._add_accounts()

    def close(self) -> None:
        with self.guard:
            self._database.close()

    def save(self, *things: Thing) -> None:
        """Write these objects, all or none."""
        with self.guard, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            for thing in things:
                row = (thing.kind, thing.id, json.dumps(asdict(thing)))
                self._database.execute("INSERT OR REPLACE INTO thing VALUES (?, ?, ?)", row)
                self._table(thing)[thing.id] = thing

    def delete(self, thing: Thing) -> None:
        with self.guard:
            self._database.execute("DELETE FROM thing WHERE kind = ? AND id = ?", (thing.kind, thing.id))
            self._table(thing).pop(thing.id, None)

    def user_named(self, username: str) -> User | None:
        return next((user for user in self.users.values() if user.username == username), None)

    def tag_named(self, name: str) -> Tag:
        """The tag of this name, made where there is none."""
        for tag in self.tags.values():
            if tag.name == name:
                return tag
        tag = Tag(next_id(self.tags), name)
        self.save(tag)
        return tag

    def users_via_group(self, task: StoredTask) -> list[int]:
        members = {user for group in task.groups if group in self.groups for user in self.groups[group].users}
        return sorted(members)

    def is_assigned(self, task: StoredTask, user: User) -> bool:
        return user.id in task.users or user.id in self.users_via_group(task)

    def children(self, group: TaskGroup) -> list[StoredTask]:
        return [task for task in self.tasks.values() if task.parent == group.id]

    def _load(self, kind: type[T]) -> dict[int, T]:
        rows = self._database.execute("SELECT data FROM thing WHERE kind = ? ORDER BY id", (kind.kind,))
        things = (kind(**json.loads(data)) for (data,) in rows)
        return {thing.id: thing for thing in things}

    def _table(self, thing: Thing) -> dict[int, Any]:
        tables: dict[str, dict[int, Any]] = {
            "user": self.users, "group": self.groups, "template": self.templates, "tag": self.tags,
            "taskgroup": self.taskgroups, "task": self.tasks,
        }  # fmt: skip
        return tables[thing.kind]

    def _add_accounts(self) -> None:
        users = [
            User(number, account.username, account.name, account.email, list(account.supervisor_roles))
            for number, account in enumerate(ACCOUNTS, start=1)
        ]
        self.save(*users)
        ids = {user.username: user.id for user in users}
        groups = [
            Group(number, name, name.capitalize(), [ids[member] for member in members])
            for number, (name, members) in enumerate(GROUPS.items(), start=1)
        ]
        self.save(*groups)


def next_id(ids: Iterable[int]) -> int:
    """The number SQLite would give the next row: one more than the greatest."""
    return max(ids, default=0) + 1
