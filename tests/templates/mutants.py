"""Templates gone wrong: real ones with members replaced, removed, repeated and moved, by hypothesis."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from tests.templates.judged import everything
from viewr.model.template_controls import OWN_KEYS

_WORDS = [
    "", "0", "-1", "1e999", "true", "null", "a", "usable", "../..", "__viewr__", "__id__", "x" * 300, "שלום 👩🏽‍⚕️",
    "a && !b || c == /x/", "9**9**9", "[x for x in y]", "{qa_fields}", "{{{0}}}", "py: import os", "#f00", "2024-01-01",
]  # fmt: skip
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(_WORDS) | st.text(max_size=12)
    | st.sampled_from(sorted(OWN_KEYS)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_WORDS) | st.text(max_size=8), inner,
                                                               max_size=4),
    max_leaves=6,
)  # fmt: skip


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        found.append((*path, key))
        found += _places(value, (*path, key))
    return found


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """The template of everything, with up to six changes."""
    tree = copy.deepcopy(everything())
    for _ in range(draw(st.integers(1, 6))):
        places = _places(tree)
        if not places:
            break
        path = draw(st.sampled_from(places))
        holder, key = _at(tree, path[:-1]), path[-1]
        change = draw(st.sampled_from(["replace", "remove", "copy", "rename"]))
        if change == "replace":
            holder[key] = draw(JUNK)
        elif change == "remove":
            del holder[key]
        elif change == "copy":
            holder[key] = copy.deepcopy(_at(tree, draw(st.sampled_from(places))))
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(_WORDS))] = holder.pop(key)
    return tree
