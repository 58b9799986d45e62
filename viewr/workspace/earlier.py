"""Earlier results of a task's experiment: what the form and the label maps start with.

Readers stay blind to each other unless the task says otherwise: by default only one's own results are loaded, and label
maps that another reader's result refers to are left out.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from viewr.archive.base import NotThereError, RemoteFile, ResourceRef
from viewr.model.annotation import Annotation
from viewr.model.errors import ArchiveError, TaskError
from viewr.model.progress import Progress
from viewr.model.result import merged_documents, read_fields
from viewr.model.state import LabelmapKey
from viewr.model.task import Address, TaskContent
from viewr.model.task_address import fields_address
from viewr.model.task_time import match_timestamp, stamped
from viewr.model.template import RESERVED_NAME, Context, Template, walk_fields
from viewr.workspace.places import Places, file_of, file_uri

if TYPE_CHECKING:
    from viewr.archive.base import Archive

log = logging.getLogger(__name__)

#: Earlier files that are looked through for one's own.
LIMIT = 60
#: Answers without a field that are named one by one.
MOST_NAMED = 8

MapSource = tuple[ResourceRef, str]


@dataclass
class Earlier:
    """What was there before.

    Attributes
    ----------
    maps : dict
        Annotation -> the label map to start from.
    unread : dict
        Context name -> what no field takes.
    """

    annotation: Annotation = field(default_factory=Annotation)
    maps: dict[LabelmapKey, MapSource] = field(default_factory=dict)
    unread: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    """Fields files of a context, the newest first, and whose they are."""

    mine: Mapping[str, Any] | None = None
    latest: Mapping[str, Any] | None = None
    of_others: frozenset[str] = frozenset()
    of_mine: frozenset[str] = frozenset()


def load_earlier(
    places: Places, content: TaskContent, template: Template, label: str, user: str, progress: Progress
) -> Earlier:
    """Answers, drawings and label maps that a task starts with; blocking."""
    earlier = Earlier()
    answers: dict[str, Any] = {}
    drawings: dict[Any, Any] = {}
    for context in template.contexts:
        progress.check()
        found = _Found()
        try:
            found = _search(places, content, context, label, user)
        except (ArchiveError, TaskError) as error:
            earlier.notices.append(f"Earlier results could not be looked for. {error.message}")
        source = content.context(context.name).fields
        document = {"mine": found.mine, "latest": found.latest, "none": None}[source.load]
        read, drawn, unread = read_fields(merged_documents(source.initial, document or {}), context)
        answers[context.name] = read
        drawings.update(drawn)
        if unread:
            earlier.unread[context.name] = unread
        if document is not None:
            earlier.notices.append(_said(document, context, len(template.contexts) > 1))
            earlier.notices += _without_place(unread, document, context)
        for key, chosen in _maps(places, content, context, found, earlier).items():
            earlier.maps[key] = chosen
    earlier.annotation = Annotation(answers, drawings)
    return earlier


def _said(document: Mapping[str, Any], context: Context, several: bool) -> str:
    block = document.get(RESERVED_NAME)
    saved = str(block.get("saved", "")) if isinstance(block, Mapping) else ""
    where = f" of '{context.name}'" if several else ""
    return f"The answers{where} start with an earlier result{' of ' + saved if saved else ''}."


def _without_place(unread: Mapping[str, Any], document: Mapping[str, Any], context: Context) -> list[str]:
    """A sentence on the answers of an earlier result that the form cannot show; none on those it was told before."""
    block = document.get(RESERVED_NAME)
    told = block.get("unread") if isinstance(block, Mapping) else None
    told = told if isinstance(told, Mapping) else {}
    fresh = {path: value for path, value in unread.items() if path not in told or told[path] != value}
    if not fresh:
        return []
    labels = {path: one.label for path, one in walk_fields(context.fields)}
    named = [f"{labels.get(path) or path} ({_briefly(value)})" for path, value in fresh.items()]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    listed = "; ".join(named[:MOST_NAMED])
    return [f"Answers of the earlier result fit no field of this template; they are kept with it: {listed}{more}."]


def _briefly(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text}”" if len(text) <= 40 else f"“{text[:39]}…”"


def fields_place(places: Places, content: TaskContent, context: str, label: str) -> tuple[ResourceRef, str]:
    """Where the answers of a context go: resource and pattern of the name, with a place for the time."""
    address = content.context(context).fields.address or Address()
    if not address.resource:
        address = fields_address(label, context)
    pattern = address.file or fields_address(label, context).file
    return places.resource(address), stamped(pattern)


def _search(places: Places, content: TaskContent, context: Context, label: str, user: str) -> _Found:
    """Look through the fields files, the newest first."""
    ref, pattern = fields_place(places, content, context.name, label)
    source = content.context(context.name)
    if source.fields.load == "none" and not context.annotations:
        return _Found()
    mine = latest = None
    others: set[str] = set()
    own: set[str] = set()
    for file in _newest_first(places.files(ref), pattern):
        document = _read(places.archive, ref, file)
        if document is None:
            continue
        latest = latest or document
        is_mine = _user(document) == user
        mine = mine or (document if is_mine else None)
        (own if is_mine else others).update(_map_names(document))
        if source.fields.load == "latest" or (mine and not context.annotations):
            break
    return _Found(mine, latest, frozenset(others), frozenset(own))


def saved_since(archive: Archive, place: tuple[ResourceRef, str], user: str, task_uri: str) -> str:
    """Who saved the newest result of a task, if that is somebody else; "" otherwise; blocking.

    Parameters
    ----------
    place : (ResourceRef, str)
        Where the answers of a context go.
    """
    ref, pattern = place
    try:
        files = archive.files(ref)
    except NotThereError:
        return ""
    for file in _newest_first(files, pattern):
        document = _read(archive, ref, file) or {}
        block = document.get(RESERVED_NAME)
        task = block.get("task") if isinstance(block, Mapping) else None
        if isinstance(task, Mapping) and task.get("uri") == task_uri:
            saver = _user(document) or ""
            return "" if saver == user else saver
    return ""


def _newest_first(files: list[RemoteFile], pattern: str) -> list[RemoteFile]:
    stamps = {file.path: match_timestamp(pattern, file.path) for file in files}
    fitting = [file for file in files if stamps[file.path] is not None]
    return sorted(fitting, key=lambda file: stamps[file.path] or "", reverse=True)[:LIMIT]


def _read(archive: Archive, ref: ResourceRef, file: RemoteFile) -> Mapping[str, Any] | None:
    try:
        document = json.loads(archive.read(ref, file.path))
    except (ArchiveError, ValueError) as exc:
        log.warning("an earlier fields file could not be read: %s", type(exc).__name__)
        return None
    return document if isinstance(document, dict) else None


def _user(document: Mapping[str, Any]) -> str | None:
    block = document.get(RESERVED_NAME)
    return str(block.get("user")) if isinstance(block, Mapping) and block.get("user") else None


def _map_names(document: Mapping[str, Any]) -> set[str]:
    """Addresses of the label maps of a result."""
    block = document.get(RESERVED_NAME)
    files = block.get("files") if isinstance(block, Mapping) else None
    listed = [item for item in files if isinstance(item, Mapping)] if isinstance(files, list) else []
    return {str(item.get("uri")) for item in listed if item.get("role") == "annotation"}


def _maps(
    places: Places, content: TaskContent, context: Context, found: _Found, earlier: Earlier
) -> dict[LabelmapKey, MapSource]:
    """The label map that each annotation of a context starts from."""
    maps: dict[LabelmapKey, MapSource] = {}
    load = content.context(context.name).fields.load
    for spec in context.annotations:
        source = content.context(context.name).annotations.get(spec.name)
        chosen = None
        if source is not None and source.address is not None and source.address.resource:
            try:
                chosen = _from_task(places, source.address, found, load)
            except (ArchiveError, TaskError) as error:
                earlier.notices.append(f"Annotation '{spec.name}': {error.message}")
            if chosen is None and source.required:
                earlier.notices.append(f"The annotation '{spec.name}' that the task names is not in the archive.")
        chosen = chosen or _from_result({"mine": found.mine, "latest": found.latest}.get(load), spec.name)
        if chosen is not None:
            maps[(context.name, spec.name)] = chosen
    return maps


def _from_task(places: Places, address: Address, found: _Found, load: str) -> MapSource | None:
    """The newest file that an address means and that this reader may see."""
    ref = places.resource(address)
    hidden = {"latest": frozenset[str](), "mine": found.of_others}.get(load, found.of_others | found.of_mine)
    fitting = [
        (time, file.path)
        for file in places.files(ref)
        if (time := match_timestamp(address.file or "*.nii.gz", file.path)) is not None
        and file_uri(ref, file.path) not in hidden
    ]
    return (ref, max(fitting)[1]) if fitting else None


def _from_result(document: Mapping[str, Any] | None, name: str) -> MapSource | None:
    """The label map that a result of before names for an annotation."""
    block = (document or {}).get(RESERVED_NAME)
    files = block.get("files") if isinstance(block, Mapping) else None
    for item in files if isinstance(files, list) else []:
        if isinstance(item, Mapping) and (item.get("role"), item.get("name")) == ("annotation", name):
            return file_of(str(item.get("uri", "")))
    return None
