"""What this program takes in a template although the Study Governor's own validator refuses it.

Studies check their templates with `studygov-template-validate` before they upload them. Each rule here is one place
where the format is stricter than our reader, so that an author hears of it from either program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from viewr.model.document_text import Members
from viewr.model.template import Problem
from viewr.model.template_item import shown

_Rule = tuple[Callable[[Any], bool], str]
_ORIENTATIONS = ("Transversal", "Coronal", "Sagittal")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_type(value: Any) -> bool:
    return _is_text(value) or _is_whole(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_byte(value: Any) -> bool:
    return _is_whole(value) and 0 <= value <= 255


def is_colour(value: Any) -> bool:
    """Whether a colour matches exactly one of the three forms of the format: all zeros and ones match two."""
    if isinstance(value, str):
        return len(value) == 7 and value[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in value[1:])
    if not isinstance(value, list) or len(value) != 3:
        return False
    return all(map(_is_share, value)) != all(map(_is_byte, value))


def _is_label_colour(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_is_number, value))


def _one_of(*words: Any) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        return any(isinstance(value, type(word)) and word == value for word in words)

    return accepts


_WHOLE: _Rule = (_is_whole, "a whole number without quotes")
_BOOLEAN: _Rule = (_is_boolean, "true or false without quotes")
_TEXT: _Rule = (_is_text, "text; put it in quotes")
_LIST: _Rule = (_is_list, "a list")
_TYPE: _Rule = (_is_type, "a whole number, or the name of a field")
_COLOUR: _Rule = (is_colour, "'#rrggbb', or three numbers that are not all 0 or 1")

_FIELD: Mapping[str, _Rule] = {
    "x": _WHOLE, "y": _WHOLE, "label": _TEXT, "enabled": _BOOLEAN, "visible": _BOOLEAN, "depends_on": _TEXT,
    "visible_on": _TEXT, "documentation": _TEXT,
}  # fmt: skip
_OF_CONTROLS: Mapping[str, Mapping[str, _Rule]] = {
    "CheckBox": {"alert_on_checked": _BOOLEAN, "alert_on_unchecked": _BOOLEAN},
    "TextBox": {"editable": _BOOLEAN}, "ConversationWidget": {"editable": _BOOLEAN},
    "LineEdit": {"hint_text": _TEXT}, "ComboBox": {"options": _LIST},
    "MarkerEdit": {"max_number": _WHOLE, "marker_type": _TYPE, "groups": _LIST},
    "MarkerView": {"max_number": _WHOLE, "marker_type": _TYPE, "groups": _LIST},
    "CSOEdit": {"cso_type": _TYPE, "groups": _LIST}, "Landmarks": {"groups": _LIST},
    "BoxWidget": {"align_title": (_one_of("Left", "Right", "Center"), "Left, Right or Center")},
    "RadioButtonGroup": {
        "orientation": (_one_of("horizontal", "vertical"), "horizontal or vertical"), "options": _LIST,
    },
    "CalculatedScore": {"formula": _TEXT}, "ValidationControl": {"condition": _TEXT},
}  # fmt: skip
_MARKERS = ("None", "Dot", "Asterisk", "Circle", "Square", "Triangle", "Plus", "Cross")
_GROUP: Mapping[str, _Rule] = {
    "label": _TEXT, "description": _TEXT, "color": _COLOUR,
    "marker_type": (_one_of(*_MARKERS), f"one of {', '.join(_MARKERS)}, written so"),
}
_VIEWPORT: Mapping[str, _Rule] = {
    "x": _WHOLE, "y": _WHOLE, "linked": _BOOLEAN, "label": _TEXT, "scan": _TEXT, "name": _TEXT,
    "type": (_one_of("viewport"), "the word viewport"),
    "orientation": (_one_of(*_ORIENTATIONS), "Transversal, Coronal or Sagittal, written so"),
    "projection": (_one_of("none", "min", "max"), "none, min or max"),
    "interpolation": (_one_of("nearest", "linear"), "nearest or linear"),
}  # fmt: skip
_PRESET: Mapping[str, _Rule] = {
    "annotation": _TEXT, "scan": _TEXT,
    "orientation": (_one_of(*_ORIENTATIONS), "Transversal, Coronal or Sagittal, written so"),
    "projection": (_one_of(None, "min", "max"), "null, min or max"),
}  # fmt: skip
_SCAN: Mapping[str, _Rule] = {"protocols": _TEXT, "modality": _TEXT}
_ANNOTATION: Mapping[str, _Rule] = {
    "editable": _BOOLEAN, "editors": (_one_of(["pixel"], None), "the list [pixel] or null"),
}  # fmt: skip
_LABEL: Mapping[str, _Rule] = {
    "colour": (_is_label_colour, "three numbers"), "opacity": (_is_text, "a number in quotes, such as '0.5'"),
    "name": _TEXT,
}  # fmt: skip


def portable_problems(document: Members) -> Iterator[Problem]:
    """Members that the validator of the Study Governor refuses; a warning each, with its path."""
    for number, preset in _numbered(document.get("presets")):
        for name, look in _members(preset):
            yield from _checked(look, _PRESET, f"presets/{number}/{name}")
    contexts = document.get("contexts")
    held = [("", document)] if contexts is None else [(f"contexts/{name}/", one) for name, one in _members(contexts)]
    for start, context in held:
        if isinstance(context, Members):
            yield from _context(context, start, contexts is None)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    yield from value.items() if isinstance(value, Members) else ()


def _numbered(value: Any) -> Iterator[tuple[int, Any]]:
    yield from enumerate(value) if isinstance(value, list) else ()


def _checked(held: Any, rules: Mapping[str, _Rule], path: str) -> Iterator[Problem]:
    if not isinstance(held, Members):
        return
    for key, (accepts, wish) in rules.items():
        if key in held and not accepts(held[key]):
            yield _refused(f"{path}/{key}", f"'{key}' as {shown(held[key])}: it wants {wish}")


def _refused(path: str, what: str) -> Problem:
    return Problem(path, f"The Study Governor's validator refuses {what}. ViewR takes it.")


def _context(context: Members, start: str, single: bool) -> Iterator[Problem]:
    for number, viewport in _numbered(context.get("viewports")):
        yield from _checked(viewport, _VIEWPORT, f"{start}viewports/{number}")
        if isinstance(viewport, Members) and "annotation" not in viewport:
            yield _refused(f"{start}viewports/{number}", "a viewport without 'annotation'; write null for none")
    for name, scan in _members(context.get("scans")):
        yield from _checked(scan, _SCAN, f"{start}scans/{name}")
    for name, annotation in _members(context.get("annotations")):
        yield from _checked(annotation, _ANNOTATION, f"{start}annotations/{name}")
        labels = annotation.get("labels") if isinstance(annotation, Members) else None
        for value, label in _members(labels):
            yield from _checked(label, _LABEL, f"{start}annotations/{name}/labels/{value}")
    layout = context.get("mdl_layout")
    outer = single and isinstance(layout, str) and "{default}" in layout
    if isinstance(layout, str) and layout and not outer and "{editor}" not in layout:
        yield _refused(f"{start}mdl_layout", "the layout: it wants '{editor}' in it")
    yield from _fields(context.get("qa_fields"), f"{start}qa_fields")


def _fields(fields: Any, path: str) -> Iterator[Problem]:
    for name, one in _members(fields):
        if not isinstance(one, Members):
            continue
        here, control = f"{path}/{name}", str(one.get("control"))
        yield from _checked(one, {**_FIELD, **_OF_CONTROLS.get(control, {})}, here)
        yield from _drawn(one, control, here)
        if control == "TabsWidget":
            for tab, inside in _members(one.get("content")):
                yield from _fields(inside, f"{here}/content/{tab}")
        elif control in ("BoxWidget", "ListingWidget"):
            yield from _fields(one.get("content"), f"{here}/content")


def _drawn(one: Members, control: str, path: str) -> Iterator[Problem]:
    """Groups and landmarks of a field."""
    for number, group in _numbered(one.get("groups")):
        yield from _checked(group, _GROUP, f"{path}/groups/{number}")
        for key in ("label", "description", "color") if control == "CSOEdit" and isinstance(group, Members) else ():
            if key not in group:
                yield _refused(f"{path}/groups/{number}", f"a group of contours without '{key}'")
    for index, name in _members(one.get("type_names") if control == "MarkerView" else None):
        if not _is_text(name):
            yield _refused(f"{path}/type_names/{index}", f"the name {shown(name)}: it wants text; put it in quotes")
    for number, mark in _numbered(one.get("markers") if control == "Landmarks" else None):
        if isinstance(mark, Members) and not (_is_whole(mark.get("type")) and mark["type"] >= 1):
            yield _refused(f"{path}/markers/{number}", "a landmark whose 'type' is not 1 or more")
        elif isinstance(mark, Members) and not _is_text(mark.get("category")):
            yield _refused(f"{path}/markers/{number}", "a landmark without a 'category'")
