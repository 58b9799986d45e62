"""Layouts of templates: slots found, faults mended, contexts put into the layout around them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from viewr.model.template import Context, Problem, Template
from viewr.model.template_item import closest
from viewr.templates.mdl_parse import MAX_CHARACTERS, SLOT, SLOT_CLOSE, SLOT_OPEN, TAGS, Node, parse_mdl

#: Slots of a context: image views, annotation tools, form.
VIEWPORTS, EDITOR, FORM = "viewports", "editor", "qa_fields"
CONTEXT_SLOTS = (VIEWPORTS, EDITOR, FORM)
#: Tag of the node that holds the layout of a context; its name is the context's.
CONTEXT = "{context}"

_ALIASES = {"editors": EDITOR}


@dataclass(frozen=True)
class Layout:
    """A layout, None if nothing of it is left, and the faults that were mended in it."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


def _attributes(**values: str) -> Mapping[str, str]:
    return MappingProxyType(values)


def expand_layout(template: Template, problems: list[Problem] | None = None) -> Node:
    """The layout of a whole template.

    Parameters
    ----------
    problems : list of Problem, optional
        Faults of the layouts are added to it.

    Returns
    -------
    Node
        The outer layout. Each context is a node with the tag `CONTEXT` and the context's name; below it are slots,
        nodes with the tag `SLOT` and the name "viewports", "editor" or "qa_fields". No context and no slot is
        missing (the editor where nothing can be edited excepted) or there twice.
    """
    names = [context.name for context in template.contexts]
    text = template.mdl_layout.strip()
    found: list[Problem] = [] if problems is None else problems
    layout = _expanded(text, names, names, "mdl_layout") if text else Layout(None)
    found += layout.problems
    inner = {context.name: expand_context(context, found, len(names) > 1) for context in template.contexts}
    return _with_contexts(layout.root or _default_outer(names), inner)


def expand_context(context: Context, problems: list[Problem] | None = None, several: bool = False) -> Node:
    """The layout of one context; `several` says whether it stands under `contexts` in the template."""
    can_edit = any(annotation.editable for annotation in context.annotations)
    text = context.mdl_layout.strip()
    if not text:
        return _default_context(can_edit)
    required = [slot for slot in CONTEXT_SLOTS if slot != EDITOR or can_edit]
    path = f"contexts/{context.name}/mdl_layout" if several else "mdl_layout"
    layout = _expanded(text, CONTEXT_SLOTS, required, path)
    if problems is not None:
        problems += layout.problems
    return layout.root or _default_context(can_edit)


def _default_outer(names: Iterable[str]) -> Node:
    slots = tuple(Node(SLOT, name) for name in names)
    return Node("Horizontal", "", _attributes(expandx="True", expandy="True"), slots)


def _default_context(can_edit: bool) -> Node:
    """Views beside a column with tools and form, 3 to 1."""
    panels = [Node(SLOT, EDITOR)] if can_edit else []
    panels.append(Node(SLOT, FORM, _attributes(expandy="True")))
    column = Node("Vertical", "", _attributes(stretchx="1"), tuple(panels))
    views = Node(SLOT, VIEWPORTS, _attributes(stretchx="3", expandx="True", expandy="True"))
    return Node("Horizontal", "", _attributes(expandx="True", expandy="True"), (views, column))


def _with_contexts(node: Node, inner: Mapping[str, Node]) -> Node:
    if node.tag == SLOT:
        return Node(CONTEXT, node.name, node.attributes, (inner[node.name],))
    return replace(node, children=tuple(_with_contexts(child, inner) for child in node.children))


# one layout


class _Expansion:
    """One layout text on its way to a tree."""

    def __init__(self, known: Iterable[str], path: str) -> None:
        self.known = tuple(known)
        self.path = path
        self.problems: list[Problem] = []
        self.slots: list[str] = []

    def report(self, message: str) -> None:
        problem = Problem(self.path, message)
        if len(self.problems) < 100 and problem not in self.problems:
            self.problems.append(problem)

    def marker(self, name: str) -> str:
        """What stands in the text for a slot; nothing for one that is unknown."""
        name = name.strip()
        if name in _ALIASES and _ALIASES[name] in self.known and name not in self.known:
            self.report(f"The slot '{{{name}}}' should be written '{{{_ALIASES[name]}}}'.")
            name = _ALIASES[name]
        if name not in self.known:
            self.report(f"The slot '{{{name[:40]}}}' is not known; it is left out.{closest(name, self.known)}")
            return " "
        self.slots.append(name)
        return f" {SLOT_OPEN}{len(self.slots) - 1}{SLOT_CLOSE} "


def _expanded(text: str, known: Iterable[str], required: Iterable[str], path: str) -> Layout:
    work = _Expansion(known, path)
    text = re.sub(f"[{SLOT_OPEN}{SLOT_CLOSE}]", " ", text[: MAX_CHARACTERS + 1])
    marked = _with_markers(text, work)
    present: set[str] = set()
    root = _once(parse_mdl(marked, work.slots, work.report), present, work)
    _report_unknown_tags(root, work)
    if not present:
        work.report("The layout places none of its slots; the usual layout is shown.")
        return Layout(None, tuple(work.problems))
    missing = [name for name in required if name not in present]
    for name in missing:
        work.report(f"The layout lacks '{{{name}}}'; it is added at the end.")
    root = replace(root, children=(*root.children, *(Node(SLOT, name) for name in missing)))
    return Layout(_single(root), tuple(work.problems))


def _once(node: Node, present: set[str], work: _Expansion) -> Node:
    """The tree with each slot at its first place only: a panel cannot be in two."""
    children: list[Node] = []
    for child in node.children:
        if child.tag == SLOT and child.name in present:
            work.report(f"The slot '{{{child.name}}}' stands twice; the second one is left out.")
            continue
        if child.tag == SLOT:
            present.add(child.name)
        children.append(_once(child, present, work))
    return replace(node, children=tuple(children))


def _single(root: Node) -> Node:
    """The only item of a layout stands for the whole."""
    if len(root.children) == 1 and not root.attributes and root.children[0].tag != SLOT:
        return root.children[0]
    return root


def _with_markers(text: str, work: _Expansion) -> str:
    """The text with plain braces, and markers for its slots: as `str.format` reads it, if it can."""
    try:
        parts = [(literal, name) for literal, name, _, _ in string.Formatter().parse(text)]
    except ValueError:
        return _with_undoubled_braces(text, work)
    if any(name is not None and not _is_slot(name, work) for _, name in parts):
        return _with_undoubled_braces(text, work)
    return "".join(literal + ("" if name is None else work.marker(name)) for literal, name in parts)


def _is_slot(name: str, work: _Expansion) -> bool:
    """Whether braces hold the name of a slot, known or not, rather than a part of the layout."""
    return name.strip() in work.known or re.fullmatch(r"\s*[\w.-]*\s*", name) is not None


def _with_undoubled_braces(text: str, work: _Expansion) -> str:
    work.report("The braces of the layout are not doubled throughout ('{{' and '}}'); it is read as it was meant.")
    names = sorted({*work.known, *_ALIASES}, key=len, reverse=True)
    pattern = re.compile(r"\{\s*(" + "|".join(re.escape(name) for name in names) + r")\s*\}")
    marked = pattern.sub(lambda match: work.marker(match[1]), text)
    if "{{" in marked:
        marked = marked.replace("{{", "{").replace("}}", "}")
    return marked


def _report_unknown_tags(root: Node, work: _Expansion) -> None:
    seen: set[str] = set()
    for node in root.walk():
        if node.tag != SLOT and node.tag.lower() not in TAGS and node.tag not in seen:
            seen.add(node.tag)
            offer = closest(node.tag, TAGS.values())
            work.report(f"The tag '{node.tag[:40]}' is not known; what it holds is shown.{offer}")
