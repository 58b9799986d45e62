"""What each control of a form has of its own, brought to the right type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from viewr.model.document_text import Items, Members, plain
from viewr.model.template import Field
from viewr.model.template_colour import Colour, parse_colour
from viewr.model.template_item import Item, as_boolean, as_number, shown

#: The 17 controls and the members of a field that belong to them alone.
OWN_KEYS: dict[str, tuple[str, ...]] = {
    "TabsWidget": ("content", "order"),
    "BoxWidget": ("content", "align_title"),
    "ListingWidget": ("content", "columns"),
    "CheckBox": ("alert_on_checked", "alert_on_unchecked"),
    "NumberEdit": (),
    "ComboBox": ("options",),
    "RadioButtonGroup": ("options", "orientation"),
    "LineEdit": ("hint_text",),
    "TextBox": ("editable",),
    "ConversationWidget": ("editable",),
    "JSONDisplay": ("content", "textrows"),
    "MarkerEdit": ("max_number", "marker_type", "groups"),
    "MarkerView": ("max_number", "marker_type", "type_names", "groups"),
    "Landmarks": ("markers", "groups"),
    "CSOEdit": ("cso_type", "group_label", "groups"),
    "CalculatedScore": ("variables", "formula"),
    "ValidationControl": ("variables", "condition", "action", "args"),
}

_REQUIRED = {
    "ComboBox": ("options",), "RadioButtonGroup": ("options",), "MarkerEdit": ("max_number",),
    "MarkerView": ("max_number",), "Landmarks": ("markers",), "CalculatedScore": ("variables", "formula"),
    "ValidationControl": ("variables", "condition"), "ListingWidget": ("columns",), "JSONDisplay": ("content",),
}  # fmt: skip


def own_members(item: Item, read: Field, kept: dict[str, Any]) -> dict[str, Any]:
    """`kept`, with the members of the control and our extensions read as what they should be.

    Parameters
    ----------
    kept : dict
        Members of the field besides the common ones, as plain values.
    """
    item.require(*_REQUIRED.get(read.control, ()))
    wanted = {*OWN_KEYS.get(read.control, ()), *_EXTENSIONS}
    for key, reader in _READERS.items():
        if key in kept and key in wanted:
            value = reader(item, key)
            kept.pop(key)
            if value is not None:
                kept[key] = value
    if "option_colors" in kept:
        given = kept.pop("option_colors")
        kept.setdefault("option_colours", _colours(item, "option_colors") if given is not None else [])
    if read.control == "Landmarks":
        kept["markers"] = _landmarks(item.child("markers"), len(read.groups))
    if read.control == "JSONDisplay":
        kept["content"] = _json_rows(item.child("content"))
    if read.control == "CSOEdit" and "group" in kept:
        kept.setdefault("group_label", str(kept.pop("group")))
    return kept


def _boolean(item: Item, key: str) -> bool | None:
    return item.boolean(key, _DEFAULTS.get(key, False))


def _type_or_widget(item: Item, key: str) -> int | str | None:
    """A fixed type, or the name of the widget that holds it."""
    value = item.child(key).value
    number = None if isinstance(value, str) and not value.strip().isdigit() else as_number(value)
    if number is not None:
        return int(number)
    return item.text(key).strip() or None


def _align(item: Item, key: str) -> str:
    return item.choice(key, {"left": "Left", "right": "Right", "center": "Center", "centre": "Center"}, "Left")


def _direction(item: Item, key: str) -> str:
    return item.choice(key, {"horizontal": "horizontal", "vertical": "vertical"}, "horizontal")


def _max_number(item: Item, key: str) -> int:
    """Most markers allowed; 0 is unlimited."""
    return max(0, item.integer(key, 0))


def _textrows(item: Item, key: str) -> int:
    return item.integer(key, 3, minimum=1)


def _variables(item: Item, key: str) -> dict[str, Any]:
    """Variable to widget name; a number or boolean is a constant."""
    variables: dict[str, Any] = {}
    for name, member in item.child(key).members():
        if isinstance(member.value, str):
            variables[name] = member.value.strip()
        elif isinstance(member.value, bool | int | float):
            member.warn(f"The variable '{name}' should name a widget; {shown(member.value)} is taken as its value.")
            variables[name] = member.value
        else:
            member.error(f"The variable '{name}' must name a widget, not be {shown(member.value)}; it has no value.")
            variables[name] = None
    return variables


def _formula(item: Item, key: str) -> str:
    return item.formula(key)


def _text(item: Item, key: str) -> str | None:
    return item.text(key) or None


def _number(item: Item, key: str) -> float | None:
    return item.number(key)


def _names_of_types(item: Item, key: str) -> dict[str, str]:
    return {index: str(member.value) for index, member in item.child(key).members()}


def _texts(item: Item, key: str) -> list[str]:
    texts = []
    for member in item.child(key).items():
        if isinstance(member.value, Members | Items):
            member.error(f"This must be a text, not {shown(member.value)}; it is left out.")
        elif member.value is not None and not isinstance(member.value, str):
            member.warn(f"This must be a text, not {shown(member.value)}; put it in quotes.")
        texts.append("" if member.value is None or isinstance(member.value, Members | Items) else str(member.value))
    return texts


def _colours(item: Item, key: str) -> list[Colour | None]:
    """The colours of the options, in their order; None for one that has none."""
    colours: list[Colour | None] = []
    for member in item.child(key).items():
        colour = parse_colour(member.value)
        if colour is None and member.value is not None:
            member.warn(f"{shown(member.value)} is no colour; the option has none.")
        colours.append(colour)
    return colours


def _alert(item: Item, key: str) -> bool | str | None:
    """Whether to warn; a text of its own is used as the warning."""
    value = item.child(key).value
    if isinstance(value, str) and as_boolean(value) is None and value.strip():
        return value
    return item.boolean(key, False)


def _action(item: Item, key: str) -> str | None:
    action = item.text(key)
    if action and action != "validate":
        item.child(key).warn(f"The action '{action[:40]}' is not known; the condition is validated.")
    return action or None


_DEFAULTS = {"editable": True}
_EXTENSIONS = (
    "required", "key", "unit", "min", "max", "step", "link", "option_keys", "option_colours", "collapsed", "timer",
)
_READERS: dict[str, Callable[[Item, str], Any]] = {
    "align_title": _align,
    "alert_on_checked": _alert,
    "alert_on_unchecked": _alert,
    "orientation": _direction,
    "hint_text": _text,
    "editable": _boolean,
    "textrows": _textrows,
    "max_number": _max_number,
    "marker_type": _type_or_widget,
    "type_names": _names_of_types,
    "cso_type": _type_or_widget,
    "group_label": _text,
    "variables": _variables,
    "formula": _formula,
    "condition": _formula,
    "action": _action,
    "required": _boolean,
    "collapsed": _boolean,
    "timer": _boolean,
    "key": _text,
    "unit": _text,
    "link": _text,
    "min": _number,
    "max": _number,
    "step": _number,
    "option_keys": _texts,
    "option_colours": _colours,
}


def _landmarks(item: Item, groups: int) -> list[dict[str, Any]]:
    """The landmarks to place: name, category and type, an index into the groups from 0."""
    marks: list[dict[str, Any]] = []
    names: set[str] = set()
    for member in item.items():
        name = member.value if isinstance(member.value, str) else member.text("name")
        if not name:
            member.error("The landmark has no name; it is left out.")
        elif name in names:
            member.warn(f"There are two landmarks named '{name}'; the second is left out.")
        else:
            kind = member.integer("type", 0) if isinstance(member.value, Members) else 0
            names.add(name)
            marks.append({"name": name, "category": member.text("category"), "type": max(0, kind)})
    types = [mark["type"] for mark in marks]
    # Nobody knows whether the original counts from 0 or from 1; only this pattern proves the latter.
    if types and groups and 0 not in types and max(types) == groups:
        marks = [{**mark, "type": mark["type"] - 1} for mark in marks]
    return marks


def _json_rows(item: Item) -> dict[str, dict[str, Any]]:
    """JSON key to label and type of the line that shows it."""
    rows: dict[str, dict[str, Any]] = {}
    for key, member in item.members():
        if isinstance(member.value, Members):
            kinds = {"text": "text", "boolean": "boolean", "bool": "boolean"}
            rows[key] = {
                **plain(member.value),
                "label": member.text("label", key),
                "type": member.choice("type", kinds, "text"),
            }
        elif not isinstance(member.value, Items):
            rows[key] = {"label": key if member.value is None else str(member.value), "type": "text"}
        else:
            member.warn(f"'{key}' must have a label and a type, not {shown(member.value)}.")
    return rows
