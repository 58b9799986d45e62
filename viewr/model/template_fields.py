"""The form of a template: fields, containers, places and what belongs to each control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from viewr.model.answers import ROW_ID
from viewr.model.document_text import Members, plain
from viewr.model.template import BOXES, CHOICES, LISTING, RESERVED_NAME, Field, Group
from viewr.model.template_colour import PALETTE, parse_colour
from viewr.model.template_controls import OWN_KEYS, own_members
from viewr.model.template_item import Item, closest, shown

TYPES = {
    "string": "String", "text": "String", "str": "String", "": "String",
    "int": "Integer", "integer": "Integer",
    "float": "Float", "double": "Float", "number": "Float",
    "bool": "Boolean", "boolean": "Boolean",
}  # fmt: skip
_COMMON = (
    "control", "type", "label", "initial_value", "x", "y", "enabled", "visible", "depends_on", "visible_on",
    "documentation",
)  # fmt: skip
#: Our extensions, which any control may have.
_EXTENSIONS = (
    "required", "key", "unit", "min", "max", "step", "link", "option_keys", "option_colors", "option_colours",
    "collapsed", "timer",
)  # fmt: skip
_ANY_CONTROL = frozenset(key for keys in OWN_KEYS.values() for key in keys)
_KNOWN = frozenset((*_COMMON, *_EXTENSIONS, *_ANY_CONTROL))
#: Members that have an attribute of their own.
_TAKEN = frozenset((*_COMMON, "options", "columns", "groups"))
_MARKER_TYPES = {
    name.lower(): name for name in ("None", "Dot", "Asterisk", "Circle", "Square", "Triangle", "Plus", "Cross")
}


def read_fields(item: Item) -> tuple[Field, ...]:
    """The fields of a container, each with a cell of its own, in the order of the text."""
    return _placed(list(_read_members(item)))


@dataclass(frozen=True)
class _Read:
    field: Field
    item: Item


def _read_members(item: Item) -> Iterable[_Read]:
    for name, member in item.members():
        if name in (RESERVED_NAME, ROW_ID):
            member.error(f"A field may not be named '{name}'; it is left out.")
        elif not isinstance(member.value, Members):
            member.error(f"The field '{name}' must be a mapping, not {shown(member.value)}; it is left out.")
        else:
            if "/" in name or not name.strip():
                member.warn(f"The name '{name}' is hard to address: a name should be a word without '/'.")
            yield _Read(_field(member, name), member)


def _field(item: Item, name: str) -> Field:
    control = _control(item)
    item.require("label")
    _check_keys(item)
    initial = plain(item.child("initial_value").value)
    read = Field(
        name=name,
        control=control,
        label=item.text("label"),
        x=item.integer("x", 0),
        y=item.integer("y", 0),
        type=_type(item),
        initial_value=initial,
        enabled=item.boolean("enabled", True),
        visible=item.boolean("visible", True),
        depends_on=item.formula("depends_on"),
        visible_on=item.formula("visible_on"),
        documentation=item.text("documentation"),
        options=_options(item.child("options")) if control in CHOICES else (),
        groups=_groups(item.child("groups")),
    )
    return _with_content(replace(read, extra=_extra(item, read)), item)


def _control(item: Item) -> str:
    control = item.text("control").strip()
    if not control:
        item.error("The field has no 'control'; it is shown read-only.")
    elif control not in OWN_KEYS:
        known = {name.lower(): name for name in OWN_KEYS}
        if control.lower() in known:
            item.child("control").warn(f"'{control}' should be written '{known[control.lower()]}'.")
            return known[control.lower()]
        offer = "" if item.log.full else closest(control, OWN_KEYS)
        item.child("control").error(f"The control '{control[:80]}' is not known; it is shown read-only.{offer}")
    return control


def _check_keys(item: Item) -> None:
    for key, member in item.members():
        if key not in _KNOWN and not item.log.full:
            member.warn(f"The key '{key[:80]}' is not known; it is kept.{closest(key, _KNOWN)}")


def _type(item: Item) -> str:
    value = item.child("type").value
    if value is None:
        return "String"
    found = TYPES.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        item.child("type").warn(f"The type {shown(value)} is not known; String is used.")
    return found or "String"


def _options(item: Item) -> tuple[Any, ...]:
    if isinstance(item.value, Members):
        item.warn("'options' should be a list; the keys of the mapping are used.")
        return tuple(item.value)
    options: dict[tuple[type, Any], Any] = {}
    for member in item.items():
        if isinstance(member.value, bool):
            word = str(member.value).lower()
            member.warn(f"YAML reads this option as {word}; it is shown as Yes or No. Quote it to keep the word.")
        elif not isinstance(member.value, str | int | float):
            member.warn(f"An option must be text or a number, not {shown(member.value)}; it is left out.")
            continue
        known = type(member.value), member.value
        if known in options:
            member.warn(f"The option {shown(member.value)} stands twice.")
        options.setdefault(known, member.value)
    return tuple(options.values())


def _groups(item: Item) -> tuple[Group, ...]:
    groups: list[Group] = []
    for member in item.items():
        if not isinstance(member.value, Members):
            member.warn(f"A group must be a mapping, not {shown(member.value)}; a plain one is used.")
        groups.append(_group(member, len(groups)))
    return tuple(groups)


def _group(item: Item, index: int) -> Group:
    given = item.child("color" if item.has("color") else "colour")
    colour = parse_colour(given.value)
    if colour is None and given.value is not None:
        given.warn(f"{shown(given.value)} is no colour; another one is used.")
    return Group(
        label=item.text("label", f"Group {index + 1}"),
        description=item.text("description"),
        marker_size=item.integer("marker_size", 5, minimum=1),
        marker_type=item.choice("marker_type", _MARKER_TYPES, "Dot") if item.has("marker_type") else "Dot",
        line_width=item.integer("line_width", 1, minimum=1),
        color=colour or PALETTE[index % len(PALETTE)],
    )


def _extra(item: Item, read: Field) -> Mapping[str, Any]:
    kept = {key: plain(member.value) for key, member in item.members() if key not in _TAKEN}
    if read.control in BOXES or read.control == LISTING:
        kept.pop("content", None)
    return MappingProxyType(own_members(item, read, kept))


# containers


def _with_content(read: Field, item: Item) -> Field:
    content = item.child("content")
    if read.control == "TabsWidget":
        return _with_tabs(read, content, item)
    if read.control not in BOXES and read.control != LISTING:
        return read
    if content.value is None:
        item.warn("The member 'content' is missing: nothing is in it.")
    read = replace(read, children=read_fields(content))
    return replace(read, columns=_columns(item, read)) if read.control == LISTING else read


def _columns(item: Item, listing: Field) -> tuple[str, ...]:
    names = [child.name for child in listing.children]
    columns: list[str] = []
    for member in item.child("columns").items():
        if member.value not in names:
            member.warn(
                f"The column {shown(member.value)} is no field of the listing.{closest(str(member.value), names)}"
            )
        elif member.value not in columns:
            columns.append(member.value)
    if not columns and names:
        item.warn("No column can be shown; all fields of the listing are.")
        return tuple(child.name for child in listing.children if not child.is_container)
    return tuple(columns)


def _with_tabs(read: Field, content: Item, item: Item) -> Field:
    tabs: dict[str, tuple[Field, ...]] = {}
    taken: set[str] = set()
    for name, member in content.members():
        if not isinstance(member.value, Members):
            member.error(f"The tab '{name}' must be a mapping of fields, not {shown(member.value)}; it is left out.")
            continue
        tabs[name] = tuple(_not_taken(read_fields(member), taken, member))
    ordered = tuple((name, tabs[name]) for name in _tab_order(item, list(tabs)))
    return replace(read, tabs=ordered, children=tuple(child for _, fields in ordered for child in fields))


def _not_taken(fields: Iterable[Field], taken: set[str], tab: Item) -> Iterable[Field]:
    """Fields whose names no earlier tab has: their values share one object in the result."""
    for child in fields:
        if child.name in taken:
            tab.child(child.name).error(f"Another tab has a field '{child.name}', too; this one is left out.")
        else:
            taken.add(child.name)
            yield child


def _tab_order(item: Item, names: list[str]) -> list[str]:
    order: list[str] = []
    for member in item.child("order").items():
        if member.value not in names:
            member.warn(f"'order' names the tab {shown(member.value)}, which does not exist.")
        elif member.value not in order:
            order.append(member.value)
    return order + [name for name in names if name not in order]


# places


def _placed(read: list[_Read]) -> tuple[Field, ...]:
    """Fields with cells of their own: on a collision the next free row."""
    columns, rows = _cells(read)
    taken: set[tuple[int, int]] = set()
    below: dict[int, int] = {}
    placed = []
    for one, x, y in zip(read, columns, rows, strict=True):
        row = y
        if (x, row) in taken:
            row = max(y, below[x])
            while (x, row) in taken:
                row += 1
            below[x] = row + 1
            one.item.warn(f"Another field is at column {one.field.x}, row {one.field.y}; this one moves down.")
        below.setdefault(x, y + 1)
        taken.add((x, row))
        placed.append(replace(one.field, x=x, y=row))
    return tuple(placed)


def _cells(read: list[_Read]) -> tuple[list[int], list[int]]:
    """Columns and rows, from 0; where a field names none, it goes below those before it."""
    rows: list[int] = []
    for one in read:
        one.item.require("x", "y")
        rows.append(one.field.y if one.item.has("y") else max(rows, default=-1) + 1)
    columns = [one.field.x for one in read]
    return _close_gaps(columns), _close_gaps(rows)


def _close_gaps(cells: list[int]) -> list[int]:
    """Columns or rows as they are; gaps are closed only where they are absurd, or where counting starts below 0."""
    low, high = min(cells, default=0), max(cells, default=0)
    if low >= 0 and high < 4 * len(cells) + 64:
        return cells
    ranks = {cell: rank for rank, cell in enumerate(sorted(set(cells)))}
    return [ranks[cell] for cell in cells]
