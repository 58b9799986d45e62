"""What the embedded archive holds: projects down to files, in one SQLite file."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from viewr.demo.accounts import ACCOUNTS

_SCHEMA = """
CREATE TABLE IF NOT EXISTS node (
    pk INTEGER PRIMARY KEY, kind TEXT, parent INTEGER REFERENCES node ON DELETE CASCADE, ident TEXT, label TEXT,
    xsi_type TEXT, fields TEXT, inserted TEXT, UNIQUE (kind, parent, ident), UNIQUE (kind, parent, label));
CREATE INDEX IF NOT EXISTS node_ident ON node (kind, ident);
CREATE TABLE IF NOT EXISTS resource (
    pk INTEGER PRIMARY KEY, node INTEGER REFERENCES node ON DELETE CASCADE, label TEXT, format TEXT, content TEXT,
    tags TEXT, description TEXT, folder TEXT, UNIQUE (node, label));
CREATE TABLE IF NOT EXISTS entry (
    resource INTEGER REFERENCES resource ON DELETE CASCADE, path TEXT, digest TEXT, format TEXT, content TEXT,
    tags TEXT, uid TEXT, instance TEXT, PRIMARY KEY (resource, path));
CREATE TABLE IF NOT EXISTS member (project TEXT, username TEXT, role TEXT, PRIMARY KEY (project, username));
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER);
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY);
"""

#: Kinds with an accession number, unique on the site.
_ACCESSION = {"subjects": "XNAT_S", "experiments": "XNAT_E", "assessors": "XNAT_A"}


@dataclass(frozen=True)
class Node:
    """A project, subject, experiment, scan or assessor; `kind` is its segment in paths."""

    pk: int
    kind: str
    parent: int | None
    ident: str
    label: str
    xsi_type: str
    fields: dict[str, Any]
    inserted: str


@dataclass(frozen=True)
class Resource:
    pk: int
    node: int
    label: str
    format: str
    content: str
    tags: str
    description: str
    folder: Path


@dataclass(frozen=True)
class Entry:
    """A file in the catalog of a resource; it may be missing on the disk, as in the real archive."""

    resource: int
    path: str
    digest: str
    format: str
    content: str
    tags: str
    uid: str
    instance: str


class Catalog:
    """The tables, and where each file lies below `root`; safe from many threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.guard = threading.RLock()
        root.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(root / "catalog.sqlite", check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        with self.guard:
            self._database.close()

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Several changes, all or none; may be nested."""
        with self.guard:
            if self._database.in_transaction:
                yield
                return
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                yield

    # Projects and who may do what in them

    def add_project(self, ident: str, members: Mapping[str, str] | None = None) -> Node:
        """Make a project; by default every demo account belongs to it.

        Parameters
        ----------
        members : mapping, optional
            User name -> Owners, Members or Collaborators.
        """
        if members is None:
            members = {account.username: account.archive_role for account in ACCOUNTS}
        with self.change():
            found = self.find("projects", None, ident)
            node = found or self._insert("projects", None, ident, ident, "xnat:projectData", {"name": ident})
            for username, role in members.items():
                self._run("INSERT OR REPLACE INTO member VALUES (?, ?, ?)", ident, username, role)
        return node

    def role(self, project: str, username: str) -> str | None:
        row = self._one("SELECT role FROM member WHERE project = ? AND username = ?", project, username)
        return row[0] if row else None

    def projects_of(self, username: str) -> list[tuple[str, str]]:
        """Pairs of project and role."""
        sql = "SELECT project, role FROM member WHERE username = ? ORDER BY project"
        return [(row[0], row[1]) for row in self._all(sql, username)]

    # Nodes

    def add(self, kind: str, parent: Node, label: str, xsi_type: str, fields: Mapping[str, Any] | None = None) -> Node:
        """Make a subject, experiment, scan or assessor."""
        with self.change():
            ident = f"{_ACCESSION[kind]}{self._count(kind):05d}" if kind in _ACCESSION else label
            return self._insert(kind, parent.pk, ident, label, xsi_type, dict(fields or {}))

    def update(self, node: Node, fields: Mapping[str, Any]) -> None:
        """Set fields; None clears one."""
        with self.change():
            known = self.node(node.pk).fields
            merged = {name: value for name, value in {**known, **fields}.items() if value is not None}
            self._run("UPDATE node SET fields = ? WHERE pk = ?", json.dumps(merged), node.pk)

    def node(self, pk: int) -> Node:
        row = self._one("SELECT * FROM node WHERE pk = ?", pk)
        if row is None:
            raise LookupError(pk)
        return _node(row)

    def parent(self, node: Node, kind: str) -> Node:
        """The ancestor of this kind, or the node itself."""
        while node.kind != kind and node.parent is not None:
            node = self.node(node.parent)
        return node

    def find(self, kind: str, parent: Node | None, ref: str) -> Node | None:
        """A node by ID or, below a parent, by label."""
        if parent is None:
            row = self._one("SELECT * FROM node WHERE kind = ? AND ident = ?", kind, ref)
            return _node(row) if row else None
        return next((node for node in self.children(kind, parent) if ref in (node.ident, node.label)), None)

    def children(self, kind: str, parent: Node | None) -> list[Node]:
        """Nodes of a kind below a parent, also further down: a project has experiments."""
        if parent is None:
            rows = self._all("SELECT * FROM node WHERE kind = ? ORDER BY pk", kind)
        elif parent.kind == "projects" and kind == "experiments":
            sql = """SELECT e.* FROM node e JOIN node s ON e.parent = s.pk
                     WHERE e.kind = 'experiments' AND s.parent = ? ORDER BY e.pk"""
            rows = self._all(sql, parent.pk)
        else:
            rows = self._all("SELECT * FROM node WHERE kind = ? AND parent = ? ORDER BY pk", kind, parent.pk)
        return [_node(row) for row in rows]

    def remove(self, node: Node) -> None:
        with self.change():
            self._run("DELETE FROM node WHERE pk = ?", node.pk)

    # Resources and files

    def add_resource(self, node: Node, label: str, options: Mapping[str, str] | None = None) -> Resource:
        """Make a resource; `options` may hold format, content, tags and description."""
        given = options or {}
        folder = self._folder(node) / on_disk(label)
        with self.change():
            values = [given.get(name, "") for name in ("format", "content", "tags", "description")]
            self._run(
                "INSERT INTO resource (pk, node, label, format, content, tags, description, folder)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                100 + self._count("resource"), node.pk, label, *values, folder.as_posix(),
            )  # fmt: skip
        found = self.resource(node, label)
        assert found is not None
        return found

    def describe_resource(self, resource: Resource, options: Mapping[str, str]) -> None:
        with self.change():
            for name in ("format", "content", "tags", "description"):
                if options.get(name):
                    self._run(f"UPDATE resource SET {name} = ? WHERE pk = ?", options[name], resource.pk)

    def resources(self, node: Node) -> list[Resource]:
        rows = self._all("SELECT * FROM resource WHERE node = ? ORDER BY pk", node.pk)
        return [self._resource(row) for row in rows]

    def resource(self, node: Node, ref: str) -> Resource | None:
        """A resource of a node by label or number."""
        return next((found for found in self.resources(node) if ref in (found.label, str(found.pk))), None)

    def resource_exists(self, number: str) -> bool:
        return number.isdecimal() and bool(self._one("SELECT 1 FROM resource WHERE pk = ?", int(number)))

    def remove_resource(self, resource: Resource) -> None:
        with self.change():
            self._run("DELETE FROM resource WHERE pk = ?", resource.pk)

    def entries(self, resource: Resource) -> list[Entry]:
        rows = self._all("SELECT * FROM entry WHERE resource = ? ORDER BY rowid", resource.pk)
        return [Entry(*row) for row in rows]

    def entry(self, resource: Resource, path: str) -> Entry | None:
        row = self._one("SELECT * FROM entry WHERE resource = ? AND path = ?", resource.pk, path)
        return Entry(*row) if row else None

    def put_entry(self, entry: Entry) -> None:
        values = (entry.resource, entry.path, entry.digest, entry.format, entry.content, entry.tags, entry.uid)
        with self.change():
            sql = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            self._run(sql, *values, entry.instance)

    def remove_entry(self, resource: Resource, path: str) -> None:
        with self.change():
            self._run("DELETE FROM entry WHERE resource = ? AND path = ?", resource.pk, path)

    def file(self, resource: Resource, path: str) -> Path:
        """Where a file of a resource lies, or would lie."""
        parts = [on_disk(part) for part in PurePosixPath(path).parts]
        return resource.folder.joinpath(*parts)

    # Marks: what was done once

    def is_marked(self, name: str) -> bool:
        return self._one("SELECT 1 FROM mark WHERE name = ?", name) is not None

    def mark(self, name: str) -> None:
        with self.change():
            self._run("INSERT OR REPLACE INTO mark VALUES (?)", name)

    def _insert(self, kind: str, parent: int | None, ident: str, label: str, xsi: str, fields: dict[str, Any]) -> Node:
        sql = "INSERT INTO node (kind, parent, ident, label, xsi_type, fields, inserted) VALUES (?, ?, ?, ?, ?, ?, ?)"
        inserted = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.0")
        pk = self._run(sql, kind, parent, ident, label, xsi, json.dumps(fields), inserted).lastrowid
        assert pk is not None
        return self.node(pk)

    def _folder(self, node: Node) -> Path:
        parts = []
        while True:
            parts.append(on_disk(node.label))
            if node.kind in ("scans", "assessors"):
                parts.append(node.kind)
            if node.parent is None:
                return Path(*reversed(parts))
            node = self.node(node.parent)

    def _resource(self, row: tuple[Any, ...]) -> Resource:
        pk, node, label, kind, content, tags, description, folder = row
        return Resource(pk, node, label, kind, content, tags, description, self.root / folder)

    def _count(self, name: str) -> int:
        """The next number of a counter; never given twice."""
        sql = "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        self._run(sql, name)
        row = self._one("SELECT value FROM counter WHERE name = ?", name)
        assert row is not None
        return int(row[0])

    def _run(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return self._database.execute(sql, values)

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.guard:
            return self._database.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        with self.guard:
            row: tuple[Any, ...] | None = self._database.execute(sql, values).fetchone()
            return row


def on_disk(name: str) -> str:
    """A name as every file system can hold it; the catalog keeps the true one."""
    if name in (".", ".."):
        return name.replace(".", "%2E")
    return re.sub(r"[^A-Za-z0-9._ +@()=-]", _percent, name)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _node(row: tuple[Any, ...]) -> Node:
    pk, kind, parent, ident, label, xsi_type, fields, inserted = row
    return Node(pk, kind, parent, ident, label, xsi_type, json.loads(fields), inserted)
