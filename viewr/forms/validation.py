"""What keeps a form from being done: failing conditions, required fields without an answer, numbers out of range,
scans without a verdict, notes that are too long.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viewr.forms.drawing import missing_landmarks
from viewr.forms.number_edit import in_range, range_text, unfit_text
from viewr.forms.rows import rows_of
from viewr.model.answers import ROW_ID, get_answer
from viewr.model.scope import Drawings, FormulaGraph, Results
from viewr.model.state import State
from viewr.model.template import BOXES, DRAWN_CONTROLS, LISTING, LONGEST_TEXT, SCAN_ROWS, Context, Field
from viewr.model.template_values import UNFIT, coerce


@dataclass(frozen=True)
class FormProblem:
    """One thing that the reader should look at before the task is done.

    Attributes
    ----------
    path : str
        The field; `Form.show_field` jumps there.
    blocking : bool
        Whether it keeps the task from being done; never from being saved.
    """

    path: str
    label: str
    message: str
    blocking: bool = True


def form_problems(context: Context, state: State) -> list[FormProblem]:
    """What is missing or wrong in the form of a context, in the order of the form; hidden fields are left alone."""
    annotation = state.annotation
    answers = annotation.answers.get(context.name, {})
    drawings = {path: drawn for (name, path), drawn in annotation.drawings.items() if name == context.name}
    results = FormulaGraph(context).evaluate_all(answers, drawings)
    check = _Check(results, drawings)
    return list(check.fields(context.fields, answers, ""))


@dataclass(frozen=True)
class _Check:
    results: Results
    drawings: Drawings

    def fields(self, fields: Sequence[Field], answers: Mapping[str, Any], parent: str) -> Iterator[FormProblem]:
        for field in sorted(fields, key=lambda one: (one.y, one.x)):
            path = f"{parent}/{field.name}" if parent else field.name
            if not self.results.visible.get(path, field.visible):
                continue
            value = answers.get(field.name)
            yield from self._field(field, value, path)
            if field.control in BOXES:
                yield from self._box(field, value if isinstance(value, Mapping) else {}, path)
            elif field.control == LISTING:
                for row in rows_of(value):
                    yield from self._row(field, row, f"{path}/{row.get(ROW_ID)}")

    def _row(self, listing: Field, row: Mapping[str, Any], path: str) -> Iterator[FormProblem]:
        unjudged = ""
        if verdict := listing.extra.get(SCAN_ROWS):
            is_asked = self.results.visible.get(f"{path}/{verdict}", True)
            unjudged = f"{path}/{verdict}" if is_asked and get_answer(row, verdict) in (None, "") else ""
        if unjudged:
            yield FormProblem(unjudged, listing.label or listing.name, f"Scan '{row.get('scan')}' has no verdict.")
        yield from (found for found in self.fields(listing.children, row, path) if found.path != unjudged)

    def _box(self, field: Field, value: Mapping[str, Any], path: str) -> Iterator[FormProblem]:
        parts = [fields for _, fields in field.tabs] or [field.children]
        for fields in parts:
            yield from self.fields(fields, value, path)

    def _field(self, field: Field, value: Any, path: str) -> Iterator[FormProblem]:
        label = field.label or field.name
        if field.control == "ValidationControl":
            yield from self._condition(path, label)
        elif field.extra.get("required") and self._missing(field, value, path):
            yield FormProblem(path, label, f"“{label}” has no answer yet.")
        elif coerce(field, value) is UNFIT:
            yield FormProblem(path, label, f"“{label}”: {unfit_text(field, value)}")
        elif len(str(value or "").strip()) > field.extra.get(LONGEST_TEXT, math.inf):
            yield FormProblem(path, label, f"“{label}” has {len(str(value).strip())} characters; the archive keeps "
                              f"{field.extra[LONGEST_TEXT]}. Shorten it.")  # fmt: skip
        elif field.control == "NumberEdit" and not in_range(field, value):
            yield FormProblem(path, label, f"“{label}” is {value}. {range_text(field)}")

    def _condition(self, path: str, label: str) -> Iterator[FormProblem]:
        value = self.results.conditions.get(path)
        if value is False:
            yield FormProblem(path, label, f"Not met: {label}")
        elif value is None:
            fault = next((problem.message for problem in self.results.problems if problem.path == path), "")
            yield FormProblem(path, label, f"“{label}” cannot be evaluated. {fault}".strip(), blocking=False)

    def _missing(self, field: Field, value: Any, path: str) -> bool:
        if field.control in DRAWN_CONTROLS:
            if field.control == "Landmarks":
                return bool(missing_landmarks(field, self.drawings.get(path, ())))
            return not self.drawings.get(path, ())
        if field.control in BOXES or field.control == "CalculatedScore":
            return False
        return value is None or value in ([], ()) or (isinstance(value, str) and not value.strip())
