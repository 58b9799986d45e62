"""The layout language of templates (MDL of the original) as a tree; nothing in it is ever executed.

item  = TAG "=" VALUE | TAG [ ["="] VALUE ] "{" { item } "}" | SLOT
VALUE = bare token | "..." | "* ... *" | @@ ... @@
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: Tag of a node that stands for a part of the program: the context or panel in `Node.name`.
SLOT = "{slot}"

MAX_CHARACTERS = 100_000
MAX_DEPTH = 40
MAX_NODES = 2_000

#: Around the number of a slot in the text; authors have no use for these characters.
SLOT_OPEN, SLOT_CLOSE = "\ue000", "\ue001"

_TAGS = (
    "Vertical", "VerticalNB", "Category", "Window", "Horizontal", "HorizontalNB", "ButtonBox", "Box", "TabView",
    "TabViewItem", "Splitter", "Grid", "Table", "Row", "ScrollView", "Label", "HyperLabel", "Image", "Empty",
    "Separator", "HSeparator", "VSeparator", "HSpacer", "VSpacer",
)  # fmt: skip
#: Known tags by their lower case; layouts write them as they like.
TAGS: Mapping[str, str] = MappingProxyType({tag.lower(): tag for tag in _TAGS})
#: Tags that stand for themselves, without braces.
_LEAVES = frozenset({"Empty", "Separator", "HSeparator", "VSeparator", "HSpacer", "VSpacer"})

_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off"})

Report = Callable[[str], None]


@dataclass(frozen=True)
class Node:
    """An element of a layout.

    Attributes
    ----------
    tag : str
        A tag of the layout language in its usual spelling, or `SLOT`.
    name : str
        Name or title after the tag; of a slot, what it stands for.
    attributes : mapping
        Attribute name in lower case to its text.
    """

    tag: str
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    children: tuple[Node, ...] = ()

    def text(self, name: str, default: str = "") -> str:
        return self.attributes.get(name.lower(), default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean attribute in any spelling."""
        word = self.text(name).strip().lower()
        return True if word in _TRUE else False if word in _FALSE else default

    def number(self, name: str, default: float | None = None) -> float | None:
        try:
            value = float(self.text(name))
        except ValueError:
            return default
        return value if abs(value) < 100_000 else default

    def walk(self) -> Iterator[Node]:
        """The node itself and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<star>"\*.*?(?:\*"|\Z))|(?P<at>@@.*?(?:@@|\Z))"""
    r"""|(?P<string>"(?:[^"\\]|\\.)*(?:"|\Z))"""
    rf"""|{SLOT_OPEN}(?P<slot>\d+){SLOT_CLOSE}"""
    r"""|(?P<sign>[={{}}])"""
    rf"""|(?P<word>(?:(?!//|/\*|@@)[^\s={{}}"{SLOT_OPEN}{SLOT_CLOSE}])+)|(?P<other>.)""".replace("{{}}", "{}"),
    re.DOTALL,
)
_SLOT_IN_TEXT = re.compile(f"{SLOT_OPEN}\\d+{SLOT_CLOSE}")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


@dataclass
class _Group:
    """A node that is being built."""

    tag: str
    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def node(self) -> Node:
        return Node(self.tag, self.name, MappingProxyType(dict(self.attributes)), tuple(self.children))


def parse_mdl(text: str, slots: list[str], report: Report) -> Node:
    """The tree of a layout; its root is a Vertical that holds the items of the text.

    Parameters
    ----------
    text : str
        A layout with plain braces; a slot is its index in `slots` between `SLOT_OPEN` and `SLOT_CLOSE`.
    report : callable
        Takes a sentence for each fault; parsing always goes on.
    """
    if len(text) > MAX_CHARACTERS:
        report(f"The layout has more than {MAX_CHARACTERS} characters; it is left out.")
        return Node("Vertical")
    return _Parser(list(_tokens(text, report)), slots, report).layout()


def _tokens(text: str, report: Report) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "space" or kind == "other":
            continue
        if kind == "slot":
            yield _Token("slot", match["slot"])
        elif kind in ("sign", "word"):
            yield _Token(kind if kind == "word" else match[0], match[0])
        else:
            yield _Token("value", _unquoted(kind, match[0], report))


def _unquoted(kind: str, text: str, report: Report) -> str:
    if _SLOT_IN_TEXT.search(text):
        report("A slot stands inside quotes; it is left out.")
        text = _SLOT_IN_TEXT.sub("", text)
    if kind in ("star", "at"):
        end = '*"' if kind == "star" else "@@"
        return text[2:].removesuffix(end).strip()
    return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'), flags=re.DOTALL)


class _Parser:
    """Builds the tree; groups that are open are on a stack, so depth costs no recursion."""

    def __init__(self, tokens: list[_Token], slots: list[str], report: Report) -> None:
        self._tokens = tokens
        self._at = 0
        self._slots = slots
        self._report = report
        self._open = [_Group("Vertical")]
        self._count = 0
        self._skipped = 0

    def layout(self) -> Node:
        while self._at < len(self._tokens):
            self._item()
        if len(self._open) > 1:
            self._report(f"{len(self._open) - 1} '}}' are missing at the end of the layout.")
        while len(self._open) > 1:
            self._close()
        return self._open[0].node()

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].kind if at < len(self._tokens) else "end"

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _item(self) -> None:
        token = self._take()
        if token.kind == "slot":
            self._add(Node(SLOT, self._slots[int(token.text)]))
        elif token.kind == "word":
            self._word(token.text)
        elif token.kind == "{":
            self._report("A '{' follows no tag.")
            self._begin("Vertical", "")
        elif token.kind == "}":
            self._end()
        else:
            self._report(f"'{token.text[:40]}' belongs to no tag; it is left out.")

    def _word(self, tag: str) -> None:
        has_sign = self._peek() == "="
        if has_sign:
            self._take()
        has_value = self._peek() in ("word", "value") and (has_sign or self._peek(1) == "{")
        value = self._take().text if has_value else ""
        if self._peek() == "{":
            self._take()
            self._begin(tag, value)
        elif has_value and TAGS.get(tag.lower()) in ("Label", "HyperLabel"):
            self._add(Node(TAGS[tag.lower()], value))
        elif has_value:
            self._open[-1].attributes[tag.lower()] = value
        elif TAGS.get(tag.lower()) in _LEAVES:
            self._add(Node(TAGS[tag.lower()]))
        else:
            self._report(f"'{tag[:40]}' has no value; it is left out.")

    def _begin(self, tag: str, name: str) -> None:
        if len(self._open) > MAX_DEPTH or self._count >= MAX_NODES:
            if not self._skipped:
                self._report(f"The layout has more than {MAX_DEPTH} levels or {MAX_NODES} parts; the rest is flat.")
            self._skipped += 1
            return
        self._count += 1
        self._open.append(_Group(TAGS.get(tag.lower(), tag), name))

    def _end(self) -> None:
        if self._skipped:
            self._skipped -= 1
        elif len(self._open) == 1:
            self._report("A '}' closes nothing; it is left out.")
        else:
            self._close()

    def _close(self) -> None:
        node = self._open.pop().node()
        self._open[-1].children.append(node)

    def _add(self, node: Node) -> None:
        self._open[-1].children.append(node)
