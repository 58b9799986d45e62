"""What is wrong with a template file: all that reading it shows, its formulas, its layouts, and what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from viewr.model.document_text import MAX_CHARACTERS, Members, TextFault, read_document
from viewr.model.errors import TemplateError
from viewr.model.scope import FormulaGraph
from viewr.model.template import (
    BOXES,
    CHOICES,
    DRAWN_CONTROLS,
    LISTING,
    Context,
    Field,
    Problem,
    Template,
    load_template,
    walk_fields,
)
from viewr.model.template_item import closest, shown
from viewr.model.template_values import UNFIT, coerce
from viewr.templates.mdl import expand_layout
from viewr.templates.portable import portable_problems

#: Members that mean something to some controls only.
_OF_NUMBERS = {
    "min": ("NumberEdit",), "max": ("NumberEdit",), "step": ("NumberEdit",), "unit": ("NumberEdit", "CalculatedScore"),
}  # fmt: skip
#: Path of a field among the answers to its path in the document.
_Places = Mapping[tuple[str, str], str]


def check_file(path: str | Path) -> list[Problem]:
    """Problems of a template file, by line.

    A file that cannot be read is one problem, too; nothing is raised.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as exc:
        return [Problem("", f"The file cannot be read: {exc.strerror}.", "error")]
    try:
        return check_text(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        return [Problem("", "The file is no text in UTF-8.", "error", line)]


def check_text(text: str) -> list[Problem]:
    """Problems of the text of a template, by line; empty if there is nothing to say."""
    try:
        template = load_template(text)
    except TemplateError as exc:
        return [Problem("", str(exc), "error", _fault_line(text))]
    document = read_document(text).value
    lines = dict(_lines(document, ""))
    places = {(context.name, answer): path for context, path, answer in _field_places(document, template)}
    found = [*template.problems]
    expand_layout(template, found)
    for context in template.contexts:
        found += _formula_problems(context, places)
        found += _field_problems(context, places)
    found += _name_problems(template)
    told = {one.path for one in found}
    found += [one for one in portable_problems(document) if one.path not in told]
    return sorted((_with_line(one, lines) for one in dict.fromkeys(found)), key=lambda one: (one.line or 0, one.path))


def _fault_line(text: str) -> int | None:
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        read_document(text)
    except TextFault as exc:
        return exc.line
    return 1


# places


def _lines(value: Any, path: str) -> Iterator[tuple[str, int]]:
    """The line of every member, by path."""
    if not isinstance(value, Members):
        return
    for key, member in value.items():
        inner = f"{path}/{key}" if path else key
        if key in value.lines:
            yield inner, value.lines[key]
        yield from _lines(member, inner)


def _with_line(problem: Problem, lines: Mapping[str, int]) -> Problem:
    """The problem with the line of its path, or of the closest member around it."""
    path = problem.path
    while problem.line is None and path:
        if path in lines:
            return replace(problem, line=lines[path])
        path = path.rpartition("/")[0]
    return problem


def _field_places(document: Members, template: Template) -> Iterator[tuple[Context, str, str]]:
    """Context, path in the document and path among the answers of every field."""
    for context in template.contexts:
        path, holder = "qa_fields", document.get("qa_fields")
        if document.get("contexts") is not None:
            path, holder = f"contexts/{context.name}/qa_fields", document["contexts"][context.name].get("qa_fields")
        for inner, answer in _inner_places(holder, path, ""):
            yield context, inner, answer


def _inner_places(holder: Any, path: str, answer: str) -> Iterator[tuple[str, str]]:
    for name, member in holder.items() if isinstance(holder, Members) else ():
        if not isinstance(member, Members):
            continue
        here, value = f"{path}/{name}", f"{answer}{name}"
        yield here, value
        content, control = member.get("content"), str(member.get("control")).lower()
        if control == "tabswidget" and isinstance(content, Members):
            for tab, fields in content.items():
                yield from _inner_places(fields, f"{here}/content/{tab}", f"{value}/")
        elif control in {name.lower() for name in (*BOXES, LISTING)}:
            yield from _inner_places(content, f"{here}/content", f"{value}/")


# formulas and fields


def _formula_problems(context: Context, places: _Places) -> Iterator[Problem]:
    for problem in FormulaGraph(context).problems:
        answer, _, kind = problem.path.rpartition("/")
        yield replace(problem, path=f"{places.get((context.name, answer), answer)}/{kind}")


def _field_problems(context: Context, places: _Places) -> Iterator[Problem]:
    names = {one.name for _, one in walk_fields(context.fields)}
    annotations = {annotation.name for annotation in context.annotations}
    for answer, one in walk_fields(context.fields):
        path = places.get((context.name, answer), answer)
        yield from _initial_problem(one, path)
        yield from _option_key_problems(one, path)
        yield from _option_colour_problems(one, path)
        yield from _range_problems(one, path)
        yield from _named_widgets(one, names, annotations, path)
    yield from _shared_names(context, places)


def _initial_problem(one: Field, path: str) -> Iterator[Problem]:
    if one.initial_value is not None and one.control in DRAWN_CONTROLS:
        yield Problem(f"{path}/initial_value", "What is drawn has no initial value; a task may bring one.")
    elif one.initial_value is not None and not one.is_container and coerce(one, one.initial_value) is UNFIT:
        yield Problem(
            f"{path}/initial_value", f"{one.control} cannot hold the initial value {shown(one.initial_value)}."
        )


def _option_key_problems(one: Field, path: str) -> Iterator[Problem]:
    keys = one.extra.get("option_keys")
    if not keys:
        return
    if one.control not in CHOICES or len(keys) != len(one.options):
        yield Problem(
            f"{path}/option_keys", f"There are {len(keys)} keys for {len(one.options)} options; give one for each."
        )
    used = [key.lower() for key in keys if key]
    for key in sorted({key for key in used if used.count(key) > 1}):
        yield Problem(f"{path}/option_keys", f"The key '{key}' stands for two options.", "error")


def _option_colour_problems(one: Field, path: str) -> Iterator[Problem]:
    colours = one.extra.get("option_colours")
    if colours and (one.control not in CHOICES or len(colours) != len(one.options)):
        yield Problem(
            f"{path}/option_colours",
            f"There are {len(colours)} colours for {len(one.options)} options; give one for each, null for none.",
        )


def _range_problems(one: Field, path: str) -> Iterator[Problem]:
    """Limits that no number can keep, or that nothing looks at."""
    low, high, step = (one.extra.get(key) for key in ("min", "max", "step"))
    if low is not None and high is not None and low > high:
        yield Problem(f"{path}/min", f"The least value {low} is above the greatest, {high}.", "error")
    if step is not None and step <= 0:
        yield Problem(f"{path}/step", f"The step must be above 0, not {step}.")
    for key, controls in _OF_NUMBERS.items():
        if key in one.extra and one.control not in controls:
            yield Problem(f"{path}/{key}", f"'{key}' means something to numbers only, not to {one.control}.")


def _named_widgets(one: Field, names: set[str], annotations: set[str], path: str) -> Iterator[Problem]:
    """Other fields and annotations that a field names outside formulas."""
    for key in ("marker_type", "cso_type"):
        name = one.extra.get(key)
        if isinstance(name, str) and name not in names:
            yield Problem(f"{path}/{key}", f"No field is named '{name}'.{closest(name, names)}")
    link = one.extra.get("link")
    if isinstance(link, str) and link not in annotations | names:
        yield Problem(f"{path}/link", f"No annotation is named '{link}'.{closest(link, annotations)}")
    if one.control == "Landmarks":
        yield from _landmark_types(one, path)


def _landmark_types(one: Field, path: str) -> Iterator[Problem]:
    for mark in one.extra.get("markers", ()):
        if one.groups and mark["type"] >= len(one.groups):
            yield Problem(
                f"{path}/markers",
                f"The landmark '{mark['name']}' has the type {mark['type']}, but there are {len(one.groups)} groups.",
            )


def _shared_names(context: Context, places: _Places) -> Iterator[Problem]:
    """Fields of one name in several boxes: a consumer of the results keeps only one of their values."""
    seen: dict[str, str] = {}
    for path, one in _outside_listings(context.fields, ""):
        if one.name in seen:
            yield Problem(
                places.get((context.name, path), path),
                f"'{seen[one.name]}' has the name '{one.name}', too; consumers that drop boxes keep one of them.",
            )
        seen.setdefault(one.name, path)


def _outside_listings(fields: Iterable[Field], prefix: str) -> Iterator[tuple[str, Field]]:
    for one in fields:
        if not one.is_container:
            yield f"{prefix}{one.name}", one
        elif one.control in BOXES:
            yield from _outside_listings(one.children, f"{prefix}{one.name}/")


def _name_problems(template: Template) -> Iterator[Problem]:
    # The pattern of the schema is not anchored: any text with these two characters passes.
    if template.name and not re.search(r"[A-Za-z]\w", template.name):
        yield Problem(
            "template_name", f"The name '{template.name[:40]}' needs a letter and one more character.", "error"
        )
