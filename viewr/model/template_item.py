"""A member of a template with its place: read as what it should be, with a remark where it is not."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal

from viewr.model.document_text import Items, Members
from viewr.model.template import Problem

#: Beyond this a list of problems helps nobody.
MAX_PROBLEMS = 500
#: Comparing with thousands of names takes too long.
_MAX_CANDIDATES = 500

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def closest(name: str, names: Iterable[str]) -> str:
    """A sentence that offers the name which was perhaps meant, or ""."""
    candidates = list(islice(names, _MAX_CANDIDATES + 1))
    if len(candidates) > _MAX_CANDIDATES:
        return ""
    lower = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(name.lower()[:100], lower, n=1, cutoff=0.7)
    return f" Did you mean '{lower[found[0]]}'?" if found else ""


def shown(value: Any) -> str:
    """A value for a sentence, shortened."""
    text = repr(value) if not isinstance(value, Members | Items) else ("a mapping", "a list")[isinstance(value, Items)]
    return text if len(text) <= 60 else f"{text[:57]}..."


class ProblemLog:
    """Collects problems up to a number."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.full = False

    def add(self, path: str, message: str, severity: Literal["error", "warning"], line: int | None) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            if not self.full:
                self.problems.append(
                    Problem("", f"There are more than {MAX_PROBLEMS} problems; only these are listed.")
                )
            self.full = True
            return
        self.problems.append(Problem(path, message, severity, line))


class Item:
    """A value of the document, its path and line."""

    __slots__ = ("line", "log", "path", "value")

    def __init__(self, value: Any, path: str, line: int | None, log: ProblemLog) -> None:
        self.value = value
        self.path = path
        self.line = line
        self.log = log

    def warn(self, message: str) -> None:
        self.log.add(self.path, message, "warning", self.line)

    def error(self, message: str) -> None:
        self.log.add(self.path, message, "error", self.line)

    # members and items

    def child(self, key: str) -> Item:
        """The member of that name; its value is None where there is none."""
        path = f"{self.path}/{key}" if self.path else key
        if not isinstance(self.value, Members):
            return Item(None, path, self.line, self.log)
        return Item(self.value.get(key), path, self.value.lines.get(key, self.line), self.log)

    def has(self, key: str) -> bool:
        return isinstance(self.value, Members) and key in self.value

    def members(self) -> Iterator[tuple[str, Item]]:
        """Members of a mapping; none, with a remark, if it is something else; None is an empty mapping."""
        if isinstance(self.value, Members):
            for key in self.value:
                yield key, self.child(key)
        elif self.value is not None:
            self.error(f"This must be a mapping of names, not {shown(self.value)}; it is left out.")

    def items(self) -> Iterator[Item]:
        """Items of a list; none, with a remark, if it is something else; None is an empty list."""
        if isinstance(self.value, Items):
            lines = self.value.lines
            for index, value in enumerate(self.value):
                yield Item(value, f"{self.path}/{index}", lines[index] if lines else self.line, self.log)
        elif self.value is not None:
            self.error(f"This must be a list, not {shown(self.value)}; it is left out.")

    def require(self, *keys: str) -> None:
        """Remark on members that are missing."""
        for key in keys:
            if not self.has(key):
                self.warn(f"The member '{key}' is missing.")

    def unknown(self, known: Collection[str], offered: Iterable[str] | None = None) -> dict[str, Any]:
        """Members besides the known ones, each with a remark."""
        found: dict[str, Any] = {}
        for key, member in self.members():
            if key not in known:
                found[key] = member.value
                if not self.log.full:
                    member.warn(f"The key '{key[:80]}' is not known; it is kept.{closest(key, offered or known)}")
        return found

    # values

    def text(self, key: str, default: str = "") -> str:
        item = self.child(key)
        if item.value is None:
            return default
        if isinstance(item.value, str):
            return item.value
        if isinstance(item.value, Members | Items):
            item.warn(f"'{key}' must be text, not {shown(item.value)}; it is left out.")
            return default
        item.warn(f"'{key}' must be text, not {shown(item.value)}; put it in quotes.")
        return str(item.value)

    def boolean(self, key: str, default: bool) -> bool:
        item = self.child(key)
        if item.value is None:
            return default
        read = as_boolean(item.value)
        if read is None:
            item.warn(f"'{key}' must be true or false, not {shown(item.value)}; {str(default).lower()} is used.")
            return default
        return read

    def integer(self, key: str, default: int, minimum: int | None = None) -> int:
        item = self.child(key)
        if item.value is None:
            return default
        read = as_number(item.value)
        if read is None or abs(read) > 1_000_000_000:
            item.warn(f"'{key}' must be a whole number, not {shown(item.value)}; {default} is used.")
            return default
        if read != int(read):
            item.warn(f"'{key}' must be a whole number, not {shown(item.value)}; {int(read)} is used.")
        if minimum is not None and read < minimum:
            item.warn(f"'{key}' must be at least {minimum}, not {shown(item.value)}; {minimum} is used.")
            return minimum
        return int(read)

    def number(self, key: str, default: float | None = None) -> float | None:
        item = self.child(key)
        if item.value is None:
            return default
        read = as_number(item.value)
        if read is None:
            item.warn(f"'{key}' must be a number, not {shown(item.value)}; it is left out.")
            return default
        return read

    def choice(self, key: str, choices: Mapping[str, str], default: str) -> str:
        """One of several words in any case; `choices` maps words in lower case to what they stand for."""
        item = self.child(key)
        if item.value is None:
            return default
        read = choices.get(item.value.strip().lower()) if isinstance(item.value, str) else None
        if read is None:
            names = ", ".join(name or "nothing" for name in dict.fromkeys(choices.values()))
            instead = f"{default} is used" if default else "it is left out"
            item.warn(f"'{key}' must be one of {names}, not {shown(item.value)}; {instead}.")
            return default
        return read

    def formula(self, key: str) -> str:
        """The text of a formula; a boolean stands for itself."""
        value = self.child(key).value
        if isinstance(value, bool):
            return str(value)
        return self.text(key).strip()


def as_boolean(value: Any) -> bool | None:
    """The truth value that a value of a template stands for, None if none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def as_number(value: Any) -> float | int | None:
    """The finite number that a value stands for, None if none; whole numbers stay whole."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = int(value) if value.strip().lstrip("+-").isdigit() else float(value)
        except ValueError:
            return None
    if isinstance(value, int):
        return value if abs(value) < 2**1000 else None
    return value if isinstance(value, float) and math.isfinite(value) else None
