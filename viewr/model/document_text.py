"""YAML and JSON from a server as plain values that know their lines; nothing in the text can run or fill the memory.

The events of the parser are counted before anything is built, and an alias counts as all that it stands for, so a
few lines of aliases cannot grow into gigabytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from viewr.model.errors import ViewrError

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 100
MAX_NODES = 300_000

try:
    _Loader: Any = yaml.CSafeLoader
except AttributeError:  # a PyYAML built without libyaml
    _Loader = yaml.SafeLoader

#: What JSON calls a number and YAML 1.1 calls text, such as 1e5.
_JSON_FLOAT = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d+")
_TEXT_TAG = "tag:yaml.org,2002:str"
_VALUE_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))


class TextFault(ViewrError):
    """The text is no document, or beyond the limits."""

    def __init__(self, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint)
        self.line = line


class Members(dict[str, Any]):
    """A mapping whose keys are text, with the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Items(list[Any]):
    """A sequence with the line of each item."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


@dataclass
class Document:
    """What a text holds, and the remarks made while it was read: (line, sentence)."""

    value: Any = None
    line: int = 1
    remarks: list[tuple[int, str]] = field(default_factory=list)


def plain(value: Any) -> Any:
    """The value as ordinary dicts and lists."""
    if isinstance(value, Mapping):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def read_document(text: str) -> Document:
    """The first document of a YAML or JSON text.

    Raises
    ------
    TextFault
        If it is neither, or larger, deeper or with more nodes than the limits of this module.
    """
    if len(text) > MAX_CHARACTERS:
        raise TextFault(f"The text has {len(text)} characters, more than {MAX_CHARACTERS}.")
    text = text.removeprefix("\ufeff")
    try:
        return _Composer(text).document()
    except (yaml.YAMLError, UnicodeError) as exc:
        return _json_document(text, exc)


def _json_document(text: str, fault: Exception) -> Document:
    """JSON that is no YAML, such as text with surrogate pairs; else the fault as a sentence."""
    if text.lstrip()[:1] in ("{", "["):
        document = Document()
        try:
            document.value = json.loads(text, object_pairs_hook=_pairs_reader(document))
            _check_size(document.value)
            return document
        except (ValueError, RecursionError):
            pass
    mark: Any = getattr(fault, "problem_mark", None)
    reason = getattr(fault, "problem", None) or "it holds characters that no text has"
    raise TextFault(f"The text is neither YAML nor JSON: {reason}.", line=mark.line + 1 if mark else None) from fault


def _pairs_reader(document: Document) -> Callable[[list[tuple[str, Any]]], Members]:
    def members(pairs: list[tuple[str, Any]]) -> Members:
        result = Members()
        for key, value in pairs:
            if key in result:
                document.remarks.append((1, f"The key '{key[:80]}' stands twice; the last one counts."))
            result[key] = value
        return result

    return members


def _check_size(value: Any) -> None:
    """Refuse JSON beyond the limits; without recursion, whatever its depth."""
    count, level, depth = 0, [value], 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise TextFault(f"The text has more than {MAX_DEPTH} levels or {MAX_NODES} nodes.")
        level = [inner for item in level for inner in _inside(item)]


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        return iter(value.values())
    return iter(value if isinstance(value, list) else ())


class _Composer:
    """Builds values from the parser's events, as they come."""

    def __init__(self, text: str) -> None:
        self._loader = _Loader(text)
        self._result = Document()
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Document:
        try:
            return self._first_document()
        finally:
            self._loader.dispose()

    def _first_document(self) -> Document:
        self._next()  # start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            return self._result
        first = self._next()
        self._result.line = first.start_mark.line + 1
        self._result.value = self._value(first, 0)
        self._next()  # end of the document
        if not isinstance(self._next(), yaml.StreamEndEvent):
            self._remark(self._result.line, "The text holds several documents; the first one counts.")
        return self._result

    def _next(self) -> Any:
        return self._loader.get_event()

    def _remark(self, line: int, sentence: str) -> None:
        self._result.remarks.append((line, sentence))

    def _value(self, event: Any, depth: int) -> Any:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, line)
        self._add(1, line)
        if depth > MAX_DEPTH:
            raise TextFault(f"The text is nested more than {MAX_DEPTH} levels deep.", line=line)
        before = self._count
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._items(depth)
        else:
            value = self._members(depth)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before + 1)
        return value

    def _alias(self, event: Any, line: int) -> Any:
        if event.anchor not in self._anchors:
            raise TextFault(f"The alias '{event.anchor}' stands for nothing, or for what it is part of.", line=line)
        value, size = self._anchors[event.anchor]
        self._add(size, line)
        return value

    def _add(self, nodes: int, line: int) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise TextFault(f"The text has more than {MAX_NODES} nodes, counting what aliases stand for.", line=line)

    def _items(self, depth: int) -> Items:
        items = Items()
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.lines.append(event.start_mark.line + 1)
            items.append(self._value(event, depth + 1))
        return items

    def _members(self, depth: int) -> Members:
        members, merged = Members(), []
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event, depth)
            value = self._value(self._next(), depth + 1)
            if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                merged.append((value, line))
            elif key is not None:
                self._put(members, key, value, line)
        for value, line in merged:
            self._merge(members, value, line)
        return members

    def _put(self, members: Members, key: str, value: Any, line: int) -> None:
        if key in members:
            self._remark(line, f"The key '{key[:80]}' stands twice; the last one counts.")
        members[key] = value
        members.lines[key] = line

    def _merge(self, members: Members, value: Any, line: int) -> None:
        """Add what `<<` brings in, which never replaces a member."""
        for source in value if isinstance(value, Items) else [value]:
            if not isinstance(source, Members):
                self._remark(line, "A merge key '<<' must name a mapping; it is left out.")
                continue
            self._add(len(source), line)
            for key, member in source.items():
                if key not in members:
                    members[key] = member
                    members.lines[key] = source.lines.get(key, line)

    def _key(self, event: Any, depth: int) -> str | None:
        """The text of a key as it stands: `1` and `yes` are names here, not a number and a boolean."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._add(1, line)
            if event.anchor:
                self._anchors[event.anchor] = (event.value, 1)
            return str(event.value)
        value = self._value(event, depth + 1)
        if isinstance(value, str):
            return value
        self._remark(line, "A key must be text; this member is left out.")
        return None

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        tag = event.tag
        if tag in (None, "!"):
            tag = self._loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag in _VALUE_TAGS:
            return self._tagged(tag, text)
        # Dates stay text, as do tags that name Python objects.
        return float(text) if event.implicit[0] and _JSON_FLOAT.fullmatch(text) else text

    def _tagged(self, tag: str, text: str) -> Any:
        node = yaml.ScalarNode(tag, text)
        try:
            return self._loader.construct_object(node)
        except (ValueError, KeyError, IndexError, OverflowError, yaml.YAMLError):
            return text
        finally:
            self._loader.constructed_objects.clear()
