"""Pure functions over the answers of a form.

A field's *path* is its names joined by "/": boxes by name, rows of a listing by their stable id
("lesions/r3/where"). Tabs add no level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from viewr.model.annotation import Annotation

ROW_ID = "__id__"


def get_answer(answers: Mapping[str, Any], path: str) -> Any:
    """The value at a path, None if there is none."""
    value: Any = answers
    for name in path.split("/"):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = next((row for row in value if row.get(ROW_ID) == name), None)
        else:
            return None
    return value


def row_numbers(answers: Mapping[str, Any], path: str) -> tuple[int, ...]:
    """Places in their listings, from 1, of the rows that a path leads through; the outermost first."""
    numbers: list[int] = []
    value: Any = answers
    for name in path.split("/"):
        if isinstance(value, Sequence) and not isinstance(value, str):
            ids = [row.get(ROW_ID) for row in value]
            if name not in ids:
                break
            numbers.append(1 + ids.index(name))
            value = value[ids.index(name)]
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return tuple(numbers)


def _with(value: Any, names: list[str], new: Any) -> Any:
    if not names:
        return new
    name, *rest = names
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_with(row, rest, new) if row.get(ROW_ID) == name else row for row in value]
    held = value if isinstance(value, Mapping) else {}
    return {**held, name: _with(held.get(name), rest, new)}


def with_value(answers: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Answers of a context with one value replaced."""
    return dict(_with(answers, path.split("/"), value))


def with_answer(annotation: Annotation, context: str, path: str, value: Any) -> Annotation:
    """The annotation with one answer replaced."""
    answers = with_value(annotation.answers.get(context, {}), path, value)
    return replace(annotation, answers={**annotation.answers, context: answers})


def new_row_id(rows: Sequence[Mapping[str, Any]]) -> str:
    """An id that no row of the listing has."""
    numbers = [int(str(row.get(ROW_ID, "r0"))[1:]) for row in rows if str(row.get(ROW_ID, "r0"))[1:].isdigit()]
    return f"r{1 + max(numbers, default=0)}"


def _rows(annotation: Annotation, context: str, listing: str) -> list[Mapping[str, Any]]:
    return list(get_answer(annotation.answers.get(context, {}), listing) or [])


def with_row(annotation: Annotation, context: str, listing: str, row: Mapping[str, Any], row_id: str) -> Annotation:
    """The annotation with one more row at the end of a listing."""
    rows = [*_rows(annotation, context, listing), {**row, ROW_ID: row_id}]
    return with_answer(annotation, context, listing, rows)


def without_row(annotation: Annotation, context: str, listing: str, row_id: str) -> Annotation:
    """The annotation without one row of a listing and without what was drawn for it."""
    rows = [row for row in _rows(annotation, context, listing) if row.get(ROW_ID) != row_id]
    inside = f"{listing}/{row_id}/"
    drawings = {
        key: drawn
        for key, drawn in annotation.drawings.items()
        if not (key[0] == context and key[1].startswith(inside))
    }
    return with_answer(replace(annotation, drawings=drawings), context, listing, rows)
