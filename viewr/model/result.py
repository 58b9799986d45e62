"""The result of a context as its consumers read it: the fields document, copies of what was drawn, the manifest.

One object, field name to value; every field is present, hidden ones too, because a missing container stops one of
the consumers. The provenance is under the one reserved key.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from viewr.model.annotation import Drawn
from viewr.model.answers import ROW_ID
from viewr.model.drawn_json import drawn_value, read_contour, read_marker
from viewr.model.key_image import KEY_IMAGES, key_image_value, read_key_images
from viewr.model.measure import MEASURES, Measure, measure_value, read_measure
from viewr.model.qc_marks import qc_value, read_qc
from viewr.model.template import (
    BOXES,
    CONTOUR_CONTROL,
    DRAWN_CONTROLS,
    LISTING,
    RESERVED_NAME,
    THREE_STATES,
    Context,
    Field,
)
from viewr.model.template_values import UNFIT, coerce, empty_value, start_values, with_row_id

FORMAT = "viewr-result/1"

#: (context, path of the field) to what was drawn for it.
Drawings = Mapping[tuple[str, str], Sequence[Drawn]]


# writing


def fields_document(
    context: Context, answers: Mapping[str, Any], drawings: Drawings, provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields document of a context.

    Parameters
    ----------
    answers : mapping
        Answers of the context; rows of listings with their ids, which are left out.
    drawings : mapping
        Markers and contours of the whole task by (context, path); they replace values in `answers`.
    provenance : mapping
        Members of `__viewr__`: saved, final, software, user, task, template, xnat, scans, files and so on.
    """
    written = _Writer(context.name, drawings).members(context.fields, answers, "")
    block = {"format": FORMAT, **json_value(provenance), "context": context.name}
    measures = [item for item in drawings.get((context.name, MEASURES), ()) if isinstance(item, Measure)]
    if measures:
        block["measurements"] = [json_value(measure_value(item)) for item in measures]
    images = read_key_images(answers.get(KEY_IMAGES))
    if images:
        block["key_images"] = [json_value(key_image_value(image)) for image in images]
    marks = qc_value(context, answers, drawings)
    block |= {"qc": json_value(marks)} if marks else {}
    return {**written, RESERVED_NAME: block}


class _Writer:
    """Writes the values of one context."""

    def __init__(self, context: str, drawings: Drawings) -> None:
        self._context = context
        self._drawings = drawings

    def members(self, fields: Iterable[Field], answers: Any, prefix: str) -> dict[str, Any]:
        held = answers if isinstance(answers, Mapping) else {}
        return {one.name: self._value(one, held.get(one.name), f"{prefix}{one.name}") for one in fields}

    def _value(self, one: Field, value: Any, path: str) -> Any:
        if one.control in BOXES:
            return self.members(one.children, value, f"{path}/")
        if one.control == LISTING:
            rows = value if isinstance(value, list | tuple) else ()
            return [self._row(one, row, path) for row in rows if isinstance(row, Mapping)]
        drawn = self._drawings.get((self._context, path))
        if one.control in DRAWN_CONTROLS and drawn is not None:
            return [json_value(drawn_value(item)) for item in drawn]
        fitting = coerce(one, value)
        if fitting is None and one.control == "CheckBox":
            return None if THREE_STATES in one.extra else False  # else an untouched box is not checked
        return json_value(empty_value(one) if fitting is UNFIT else fitting)

    def _row(self, listing: Field, row: Mapping[str, Any], path: str) -> dict[str, Any]:
        return self.members(listing.children, row, f"{path}/{row.get(ROW_ID)}/")


def json_value(value: Any) -> Any:
    """The value as JSON can hold it: text keys, finite numbers, no ids of rows."""
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items() if key != ROW_ID}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def drawn_copies(
    context: Context, answers: Mapping[str, Any], drawings: Drawings
) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Copies of what was drawn, for files of their own.

    Returns
    -------
    list of (str, str, list)
        Path of the field, "markers" or "contours", and the objects as JSON; only fields with something in them.
        Rows of listings are in the path by their position, from 1: ids mean nothing outside an open task.
    """
    copies: list[tuple[str, str, list[dict[str, Any]]]] = []
    _add_copies(_Writer(context.name, drawings).members(context.fields, answers, ""), context.fields, "", copies)
    return copies


def _add_copies(
    values: Mapping[str, Any],
    fields: Iterable[Field],
    prefix: str,
    copies: list[tuple[str, str, list[dict[str, Any]]]],
) -> None:
    for one in fields:
        value, path = values[one.name], f"{prefix}{one.name}"
        if one.control in BOXES:
            _add_copies(value, one.children, f"{path}/", copies)
        elif one.control == LISTING:
            for number, row in enumerate(value, 1):
                _add_copies(row, one.children, f"{path}/{number}/", copies)
        elif one.control in DRAWN_CONTROLS and value:
            copies.append((path, "contours" if one.control == CONTOUR_CONTROL else "markers", value))


@dataclass(frozen=True)
class ResultFile:
    """A file of a result, as the manifest lists it."""

    role: str
    name: str
    uri: str
    size: int
    md5: str
    sha256: str


def manifest_document(files: Iterable[ResultFile], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest: names, sizes and digests of all files of a result but the fields files and itself."""
    listed = [
        {"role": one.role, "name": one.name, "uri": one.uri, "size": one.size, "md5": one.md5, "sha256": one.sha256}
        for one in files
    ]
    return {"format": FORMAT, **json_value(provenance), "files": listed}


# reading


def merged_documents(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One fields document over another: the task's initial values under those of an earlier result."""
    merged = dict(under)
    for name, value in over.items():
        held = under.get(name)
        both = isinstance(held, Mapping) and isinstance(value, Mapping)
        merged[name] = merged_documents(held, value) if both else value  # type: ignore[arg-type]
    return merged


@dataclass
class _Reading:
    """What was read so far."""

    context: str
    drawings: dict[tuple[str, str], tuple[Drawn, ...]] = field(default_factory=dict)
    unread: dict[str, Any] = field(default_factory=dict)


def read_fields(
    document: Any, context: Context
) -> tuple[dict[str, Any], dict[tuple[str, str], tuple[Drawn, ...]], dict[str, Any]]:
    """Answers and drawings of an earlier result, ours or the original's.

    Parameters
    ----------
    document : mapping
        A fields document; anything else is read as an empty one.

    Returns
    -------
    answers : dict
        Every field of the context; what the document lacks has its initial value.
    drawings : dict
        Markers and contours by (context, path).
    unread : dict
        What fits no field, by path; rows by their number from 1. It is kept under `__viewr__.unread`.
    """
    reading = _Reading(context.name)
    given = document if isinstance(document, Mapping) else {}
    answers = _read_members(reading, context.fields, given, "", "")
    block = given.get(RESERVED_NAME)
    earlier = block.get("unread") if isinstance(block, Mapping) else None
    if isinstance(earlier, Mapping):
        reading.unread = {**earlier, **reading.unread}
    _read_measures(reading, block)
    images = read_key_images(block.get("key_images")) if isinstance(block, Mapping) else ()
    if images:
        answers[KEY_IMAGES] = [key_image_value(image) for image in images]
    answers, marks = read_qc(block.get("qc") if isinstance(block, Mapping) else None, context, answers)
    reading.drawings.update(marks)
    return answers, reading.drawings, reading.unread


def _read_measures(reading: _Reading, block: Any) -> None:
    """The measures of an earlier result; others' under this name are left alone."""
    listed = block.get("measurements") if isinstance(block, Mapping) else None
    measures = [read_measure(item) for item in listed] if isinstance(listed, list) else []
    found = [item for item in measures if item is not None]
    if found:
        reading.drawings[(reading.context, MEASURES)] = tuple(_with_own_ids(found))


def _read_members(
    reading: _Reading, fields: Sequence[Field], given: Mapping[str, Any], prefix: str, shown: str
) -> dict[str, Any]:
    """Values of some fields; `prefix` has the ids of rows, `shown` their numbers."""
    answers = start_values(fields)
    for one in fields:
        if one.name in given:
            answers[one.name] = _read_value(reading, one, given[one.name], f"{prefix}{one.name}", f"{shown}{one.name}")
    known = {ROW_ID, *(one.name for one in fields), *(() if prefix else (RESERVED_NAME,))}
    for name, value in given.items():
        if name not in known:
            reading.unread[f"{shown}{name}"] = value
    return answers


def _read_value(reading: _Reading, one: Field, value: Any, path: str, shown: str) -> Any:
    if one.control in BOXES:
        if not isinstance(value, Mapping):
            return _unfit(reading, one, value, shown)
        return _read_members(reading, one.children, value, f"{path}/", f"{shown}/")
    if one.control == LISTING:
        if not isinstance(value, list | tuple):
            return _unfit(reading, one, value, shown)
        return list(_read_rows(reading, one, value, path, shown))
    if one.control in DRAWN_CONTROLS:
        return _read_drawn(reading, one, value, path, shown)
    fitting = coerce(one, value)
    return _unfit(reading, one, value, shown) if fitting is UNFIT else fitting


def _unfit(reading: _Reading, one: Field, value: Any, shown: str) -> Any:
    """Keep a value that the control cannot hold; the field starts anew."""
    if value not in (None, "", [], {}):
        reading.unread[shown] = value
    return start_values([one])[one.name]


def _read_rows(
    reading: _Reading, listing: Field, rows: Sequence[Any], path: str, shown: str
) -> Iterable[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            reading.unread[f"{shown}/{number}"] = row
            continue
        inner = _read_members(reading, listing.children, row, f"{path}/r{number}/", f"{shown}/{number}/")
        yield with_row_id(inner, number)


def _read_drawn(reading: _Reading, one: Field, value: Any, path: str, shown: str) -> list[Any]:
    """Markers or contours go to the drawings; the answer stays empty, being derived from them."""
    items = value if isinstance(value, list | tuple) else [] if value is None else [value]
    read = read_contour if one.control == CONTOUR_CONTROL else read_marker
    drawn: list[Drawn] = []
    for number, item in enumerate(items, 1):
        found = read(item, number)
        if found is None:
            reading.unread[f"{shown}/{number}"] = item
        else:
            drawn.append(found)
    if drawn:
        reading.drawings[(reading.context, path)] = tuple(_with_own_ids(drawn))
    return []


def _with_own_ids(drawn: Sequence[Drawn]) -> Iterable[Drawn]:
    """The objects with ids that no two of them share."""
    taken: set[int] = set()
    free = 1 + max(item.id for item in drawn)
    for item in drawn:
        if item.id in taken or item.id < 1:
            item, free = replace(item, id=free), free + 1
        taken.add(item.id)
        yield item
