"""From the two dialects of formulas to one that Python's parser reads, and simple patterns that cannot run away."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable

_WORDS = {"true": "True", "false": "False", "null": "None", "TRUE": "True", "FALSE": "False", "NULL": "None"}
_OPENING, _CLOSING = "([{", ")]}"
#: Nesting beyond this is no formula that anybody wrote; Python's parser grows slow with it.
MAX_BRACKETS = 40
_MAX_PATTERN = 200
#: Steps that a match may need at worst; about a millisecond.
_MAX_MATCH_COST = 300_000

_TOKEN = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"|(?P<regex>(?<===)\s*/(?:[^/\\]|\\.)+/|(?<=!=)\s*/(?:[^/\\]|\\.)+/)"
    r"|(?P<and>&&)|(?P<or>\|\|)|(?P<unequal>!=)|(?P<not>!)"
    r"|(?P<word>(?<![\w.])(?:true|false|null|TRUE|FALSE|NULL)\b)"
    r"|(?P<bracket>[()\[\]{}])",
    re.DOTALL,
)


class DialectError(ValueError):
    """The text is no formula; the message is a reason in words."""


def to_python(text: str) -> tuple[str, list[str]]:
    """The formula in Python's words, and the patterns that its names `_pattern0`, `_pattern1`, ... stand for."""
    text = _unwrapped(text.strip())
    patterns: list[str] = []
    depth = 0
    pieces: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        piece, depth = _translated(token, patterns, depth)
        pieces += [text[end : token.start()], piece]
        end = token.end()
    pieces.append(text[end:])
    # A formula may go over several lines of a template.
    return re.sub(r"[\r\n]+", " ", "".join(pieces)).strip(), patterns


def _unwrapped(text: str) -> str:
    if len(text) >= 4 and text.startswith('"*') and text.endswith('*"'):
        return text[2:-2]
    if len(text) >= 2 and text.startswith("*") and text.endswith("*"):
        return text[1:-1]
    return text


def _translated(token: re.Match[str], patterns: list[str], depth: int) -> tuple[str, int]:
    kind, text = token.lastgroup, token.group()
    if kind == "bracket":
        depth += 1 if text in _OPENING else -1
        if depth > MAX_BRACKETS:
            raise DialectError("it is nested too deeply")
        if depth < 0:
            raise DialectError(f"'{text}' closes nothing")
        return text, depth
    if kind == "regex":
        patterns.append(text.strip()[1:-1].replace("\\/", "/"))
        return f" _pattern{len(patterns) - 1} ", depth
    return {"and": " and ", "or": " or ", "not": " not "}.get(str(kind)) or _WORDS.get(text, text), depth


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that tells whether a pattern is found in a text.

    Only patterns whose matching takes few steps are accepted: nothing repeated inside a repetition, no alternatives
    in one, no back references or look-around; the text is limited by the number of repetitions.

    Raises
    ------
    DialectError
        If the pattern is refused or faulty; the returned function raises it for a text that is too long.
    """
    if len(pattern) > _MAX_PATTERN:
        raise DialectError(f"a pattern has more than {_MAX_PATTERN} characters")
    repeats, factor = _measure(pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a pattern may mean one day
            found = re.compile(pattern).search
    except (re.error, RecursionError, OverflowError) as exc:
        raise DialectError(f"the pattern /{pattern[:40]}/ is faulty") from exc

    def matches(text: str) -> bool:
        cost = factor * (len(text) + 1) ** (repeats + 1) / math.factorial(repeats + 1)
        if cost > _MAX_MATCH_COST:
            raise DialectError("a text is too long for its pattern")
        return found(text) is not None

    return matches


_PIECE = re.compile(
    r"(?P<class>\[\^?\]?(?:[^\]\\]|\\.)*\])|(?P<escape>\\.)|(?P<open>\((?:\?:|\?P<\w+>)?)|(?P<close>\))"
    r"|(?P<repeat>(?:\*|\+|\{\d*(?:,\d*)?\})\??)|(?P<maybe>\?\??)|(?P<either>\|)",
    re.DOTALL,
)


def _measure(pattern: str) -> tuple[int, int]:
    """How many repetitions a pattern holds, and how many ways its choices give beside them."""
    if "(?" in re.sub(r"\(\?:|\(\?P<\w+>", "", pattern) or re.search(r"\\[1-9]", pattern):
        raise DialectError(f"the pattern /{pattern[:40]}/ uses more than simple patterns may")
    repeats, factor = 0, 1
    branching = [False]  # whether the open group, and the last closed one, hold a choice or a repetition
    closed = False
    for piece in _PIECE.finditer(pattern):
        kind = piece.lastgroup
        after_group = piece.start() > 0 and pattern[piece.start() - 1] == ")" and closed
        if kind == "open":
            branching.append(False)
        elif kind == "close":
            closed = branching.pop() if len(branching) > 1 else False
            branching[-1] = branching[-1] or closed
        elif kind in ("repeat", "maybe", "either"):
            if kind == "repeat" and after_group:
                raise DialectError(f"the pattern /{pattern[:40]}/ repeats what repeats")
            branching[-1] = True
            repeats += kind == "repeat"
            factor *= 1 if kind == "repeat" else 2
    return repeats, factor
