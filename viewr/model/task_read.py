"""From the text of a task's content to `TaskContent`: our format, and whatever else looks like it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar, cast

from viewr.model.document_text import Members, TextFault, plain, read_document
from viewr.model.errors import TaskError
from viewr.model.task import (
    DEFAULT_CONTEXT,
    FORMAT,
    Address,
    AnnotationSource,
    FieldsSource,
    Loading,
    ScanSource,
    TaskContent,
    TaskContext,
    XnatRef,
)
from viewr.model.task_address import completed, parse_address, substitute
from viewr.model.template_item import Item, ProblemLog, shown

_PARTS = ("scans", "annotations", "fields", "results")
_URI_KEYS = ("uri", "url", "path", "file")
_TOP_KEYS = ("format", "template", "xnat", "contexts", *_PARTS)
_LOADING = {"mine": "mine", "latest": "latest", "none": "none"}

SourceT = TypeVar("SourceT")


def read_content(text: str, variables: Mapping[str, str]) -> TaskContent:
    """Read the content of a task; `viewr.model.task.parse_content` is the public name."""
    try:
        document = read_document(text)
    except TextFault as exc:
        # Content that is no document can still be shown as text, and its scans be chosen by hand.
        log = ProblemLog()
        log.add("", f"The content of the task cannot be read: {exc.message}", "error", exc.line)
        return TaskContent("", "", XnatRef(), {}, tuple(log.problems), text)
    log = ProblemLog()
    for line, sentence in document.remarks:
        log.add("", sentence, "warning", line)
    root = _root(Item(document.value, "", document.line, log))
    return _Reader(root, variables).content(text)


def _root(item: Item) -> Item:
    """The mapping of the task; of a list, the first one."""
    if isinstance(item.value, list):
        first = next((one for one in item.items() if isinstance(one.value, Members)), None)
        if first is not None:
            item.warn("The content is a list of tasks; the first one counts.")
            return first
    if not isinstance(item.value, Members):
        item.error("The content of the task is no mapping.")
    return item


class _Reader:
    """Reads one content; addresses are completed at the end, when the experiment is known."""

    def __init__(self, root: Item, variables: Mapping[str, str]) -> None:
        self._root = root
        self._variables = variables

    def content(self, raw: str) -> TaskContent:
        kind = self._root.text("format").strip()
        if kind and kind != FORMAT:
            self._root.child("format").warn(f"The format '{kind[:40]}' is not known; it is read as far as it fits.")
        if kind == FORMAT:
            self._root.unknown(_TOP_KEYS)
        contexts = dict(self._contexts(is_ours=kind == FORMAT))
        if not contexts:
            self._root.error("The content names no scans; they can be chosen by hand.")
        xnat = self._xnat(self._root.child("xnat"))
        xnat = _with_experiment(xnat, contexts)
        return TaskContent(
            format=FORMAT if kind == FORMAT else "",
            template=self._root.text("template").strip(),
            xnat=xnat,
            contexts=MappingProxyType({name: _completed(one, xnat) for name, one in contexts.items()}),
            problems=tuple(self._root.log.problems),
            raw=raw,
        )

    def _xnat(self, item: Item) -> XnatRef:
        if isinstance(item.value, str):
            return XnatRef(url=self._value(item.value).rstrip("/"))
        item.unknown(("url", "project", "subject", "experiment", "label"))
        values = {key: self._value(item.text(key)) for key in ("project", "subject", "experiment", "label")}
        for key, value in values.items():
            if "/" in value or "\\" in value or value in (".", ".."):
                raise TaskError(f"The {key} of the task is '{value[:60]}', which is no id or label.")
        return XnatRef(url=self._value(item.text("url")).rstrip("/"), **values)

    def _value(self, text: str) -> str:
        return substitute(text, self._variables).strip()

    # contexts

    def _contexts(self, is_ours: bool) -> Iterator[tuple[str, TaskContext]]:
        named = self._root.child("contexts")
        if any(self._root.has(part) for part in _PARTS):
            yield DEFAULT_CONTEXT, self._context(self._root, DEFAULT_CONTEXT)
        if isinstance(named.value, Members):
            for name, item in named.members():
                if isinstance(item.value, Members):
                    item.unknown(_PARTS)
                    yield name, self._context(item, name)
                else:
                    item.error(f"The context '{name}' must be a mapping, not {shown(item.value)}; it is left out.")
        elif named.value is not None:
            named.error(f"'contexts' must be a mapping, not {shown(named.value)}; it is left out.")
        elif not is_ours and not any(self._root.has(part) for part in _PARTS):
            yield from self._nested(self._root, 0)

    def _nested(self, item: Item, depth: int) -> Iterator[tuple[str, TaskContext]]:
        """Contexts of foreign content: any mapping that holds scans or annotations, by its name."""
        if depth > 4 or not isinstance(item.value, Members):
            return
        for name, member in item.members():
            if not isinstance(member.value, Members):
                continue
            if any(isinstance(member.child(part).value, Members) for part in ("scans", "annotations")):
                context = name if depth and item.path.rpartition("/")[2] == "contexts" else DEFAULT_CONTEXT
                member.warn(f"'{name}' is taken as the context '{context}'.")
                yield context, self._context(member, context)
            else:
                yield from self._nested(member, depth + 1)

    def _context(self, item: Item, name: str) -> TaskContext:
        return TaskContext(
            name,
            scans=self._sources(item.child("scans"), self._scan),
            annotations=self._sources(item.child("annotations"), self._annotation),
            fields=self._fields(item.child("fields")),
            results=self._address(item.child("results")),
        )

    def _sources(self, item: Item, read: Callable[[Item, str], SourceT | None]) -> Mapping[str, SourceT]:
        sources = {}
        for name, member in item.members():
            source = read(member, name)
            if source is not None:
                sources[name] = source
        return MappingProxyType(sources)

    def _scan(self, item: Item, name: str) -> ScanSource | None:
        item = _as_mapping(item)
        item.unknown((*_URI_KEYS, "required", "type"))
        address = self._address(item)
        if address is None:
            item.error(f"The scan '{name}' has no address; it is left out.")
            return None
        return ScanSource(name, address, item.boolean("required", True), item.text("type"))

    def _annotation(self, item: Item, name: str) -> AnnotationSource | None:
        if item.value is None:
            return AnnotationSource(name)
        item = _as_mapping(item)
        item.unknown((*_URI_KEYS, "required", "type", "save", "space"))
        address = self._address(item)
        save = self._address(item.child("save"))
        required, space = item.boolean("required", False), item.text("space").strip()
        return AnnotationSource(name, address, save or address, required, space, item.text("type"))

    def _fields(self, item: Item) -> FieldsSource:
        if item.value is None:
            return FieldsSource()
        item = _as_mapping(item)
        item.unknown((*_URI_KEYS, "load", "initial"))
        initial = item.child("initial")
        if initial.value is not None and not isinstance(initial.value, Members):
            initial.error(f"'initial' must be a mapping of answers, not {shown(initial.value)}; it is left out.")
        values: dict[str, Any] = plain(initial.value) if isinstance(initial.value, Members) else {}
        loading = cast(Loading, item.choice("load", _LOADING, "mine"))
        return FieldsSource(self._address(item), loading, MappingProxyType(values))

    def _address(self, item: Item) -> Address | None:
        """The address in a text, or under one of its usual names in a mapping."""
        item = _as_mapping(item)
        for key in _URI_KEYS:
            value = item.child(key).value
            if isinstance(value, str) and value.strip():
                return parse_address(value, self._variables)
        if item.has("uri"):
            item.child("uri").error(f"An address must be text, not {shown(item.child('uri').value)}.")
        return None


def _as_mapping(item: Item) -> Item:
    """The item; a text is an address."""
    if not isinstance(item.value, str):
        return item
    members = Members()
    members["uri"] = item.value
    return Item(members, item.path, item.line, item.log)


# completing


def _addresses(context: TaskContext) -> Iterator[Address]:
    for scan in context.scans.values():
        yield scan.address
    for annotation in context.annotations.values():
        yield from (one for one in (annotation.address, annotation.save) if one)
    yield from (one for one in (context.fields.address, context.results) if one)


def _with_experiment(xnat: XnatRef, contexts: Mapping[str, TaskContext]) -> XnatRef:
    """The experiment, where only the addresses name it: that of the results, else of the first scan."""
    if xnat.experiment or xnat.label:
        return xnat
    found = [one for context in contexts.values() for one in _addresses(context) if one.experiment]
    results = [context.fields.address for context in contexts.values() if context.fields.address]
    chosen = next((one for one in [*results, *found] if one.experiment), None)
    if chosen is None:
        return xnat
    return replace(
        xnat,
        url=xnat.url or chosen.server,
        project=xnat.project or chosen.project,
        subject=xnat.subject or chosen.subject,
        experiment=chosen.experiment,
    )


def _completed(context: TaskContext, xnat: XnatRef) -> TaskContext:
    def whole(address: Address | None) -> Address | None:
        return None if address is None else completed(address, xnat)

    return replace(
        context,
        scans=MappingProxyType(
            {name: replace(one, address=completed(one.address, xnat)) for name, one in context.scans.items()}
        ),
        annotations=MappingProxyType(
            {
                name: replace(one, address=whole(one.address), save=whole(one.save))
                for name, one in context.annotations.items()
            }
        ),
        fields=replace(context.fields, address=whole(context.fields.address)),
        results=whole(context.results),
    )
