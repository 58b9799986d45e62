"""Pure functions over the rows of a listing, each an undoable change of the annotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viewr.model.annotation import Annotation
from viewr.model.answers import ROW_ID, get_answer, new_row_id, with_answer

Row = Mapping[str, Any]


def rows_of(value: Any) -> list[Row]:
    """The rows of a listing's answer, whatever stands there."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, (list, tuple)) else []


def with_inserted(
    annotation: Annotation, context: str, listing: str, row: Row, row_id: str, after: str = ""
) -> Annotation:
    """The annotation with one more row, behind the row `after` or at the end."""
    rows = rows_of(get_answer(annotation.answers.get(context, {}), listing))
    at = next((index + 1 for index, held in enumerate(rows) if held.get(ROW_ID) == after), len(rows))
    return with_answer(annotation, context, listing, [*rows[:at], {**row, ROW_ID: row_id}, *rows[at:]])


def with_moved(annotation: Annotation, context: str, listing: str, row_id: str, step: int) -> Annotation:
    """The annotation with one row further up (negative) or down; what is drawn for it stays with its id."""
    rows = rows_of(get_answer(annotation.answers.get(context, {}), listing))
    index = next((index for index, row in enumerate(rows) if row.get(ROW_ID) == row_id), -1)
    if index < 0 or not 0 <= index + step < len(rows):
        return annotation
    rows.insert(index + step, rows.pop(index))
    return with_answer(annotation, context, listing, rows)


def unused_id(annotation: Annotation, context: str, listing: str) -> str:
    """An id that no row of the listing has, nor anything drawn for one."""
    rows = rows_of(get_answer(annotation.answers.get(context, {}), listing))
    start = f"{listing}/"
    drawn = {
        path[len(start) :].split("/")[0]
        for held, path in annotation.drawings
        if held == context and path[: len(start)] == start
    }
    return new_row_id([*rows, *({ROW_ID: row_id} for row_id in drawn)])
