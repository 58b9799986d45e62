"""How the options of a choice are shown and found again; types are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def option_text(option: Any) -> str:
    """What the reader sees; YAML's booleans read as the author wrote them."""
    if isinstance(option, bool):
        return "Yes" if option else "No"
    return "" if option is None else str(option)


def option_index(options: Sequence[Any], value: Any) -> int:
    """Index of a value among the options, by type and value first, then by its text; -1 if it is none of them."""
    for index, option in enumerate(options):
        if type(option) is type(value) and option == value:
            return index
    if value is None or isinstance(value, (dict, list, tuple)):
        return -1
    texts = [option_text(option) for option in options]
    return texts.index(option_text(value)) if option_text(value) in texts else -1
