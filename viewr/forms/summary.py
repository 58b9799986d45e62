"""What a reader has answered and drawn, line by line, to be looked at once more before it goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viewr.forms.calculated_score import score_text
from viewr.forms.drawing import landmark_specs, missing_landmarks
from viewr.forms.number_edit import number_text
from viewr.forms.options import option_text
from viewr.forms.rows import rows_of
from viewr.model.answers import ROW_ID
from viewr.model.scope import Drawings, FormulaGraph, Results
from viewr.model.state import State
from viewr.model.template import BOXES, DRAWN_CONTROLS, LISTING, THREE_STATES, Context, Field

#: Longer answers are cut in the list; the form shows them whole.
MOST_CHARACTERS = 120
NO_ANSWER = "–"


@dataclass(frozen=True)
class SummaryLine:
    """One answer.

    Attributes
    ----------
    path : str
        The field; `Form.show_field` jumps there.
    depth : int
        How many boxes and listings it is in.
    doubtful : bool
        There is no answer, or a condition cannot be evaluated.
    """

    path: str
    label: str
    text: str
    depth: int = 0
    doubtful: bool = False


def summary_lines(context: Context, state: State) -> list[SummaryLine]:
    """The visible fields of a context with their answers, in the order of the form."""
    annotation = state.annotation
    answers = annotation.answers.get(context.name, {})
    drawings = {path: drawn for (name, path), drawn in annotation.drawings.items() if name == context.name}
    results = FormulaGraph(context).evaluate_all(answers, drawings)
    return list(_Summary(results, drawings).lines(context.fields, answers, "", 0))


@dataclass(frozen=True)
class _Summary:
    results: Results
    drawings: Drawings

    def lines(
        self, fields: Sequence[Field], answers: Mapping[str, Any], parent: str, depth: int
    ) -> Iterator[SummaryLine]:
        for field in sorted(fields, key=lambda one: (one.y, one.x)):
            path = f"{parent}/{field.name}" if parent else field.name
            if self.results.visible.get(path, field.visible) and field.control != "JSONDisplay":
                yield from self._field(field, answers.get(field.name), path, depth)

    def _field(self, field: Field, value: Any, path: str, depth: int) -> Iterator[SummaryLine]:
        label = field.label or field.name
        if field.control in BOXES:
            inside = depth
            if field.control == "BoxWidget" or field.label:
                yield SummaryLine(path, label, "", depth)
                inside = depth + 1
            held = value if isinstance(value, Mapping) else {}
            for fields in [fields for _, fields in field.tabs] or [field.children]:
                yield from self.lines(fields, held, path, inside)
        elif field.control == LISTING:
            yield from self._rows(field, label, rows_of(value), path, depth)
        else:
            text, doubtful = self._answer(field, value, path)
            yield SummaryLine(path, label, text, depth, doubtful)

    def _rows(
        self, field: Field, label: str, rows: Sequence[Mapping[str, Any]], path: str, depth: int
    ) -> Iterator[SummaryLine]:
        yield SummaryLine(path, label, counted(len(rows), "entry", "entries"), depth)
        for number, row in enumerate(rows, 1):
            inside = f"{path}/{row.get(ROW_ID)}"
            yield SummaryLine(inside, f"Entry {number}", "", depth + 1)
            yield from self.lines(field.children, row, inside, depth + 2)

    def _answer(self, field: Field, value: Any, path: str) -> tuple[str, bool]:
        if field.control in DRAWN_CONTROLS:
            return self._drawn(field, path)
        if field.control == "ValidationControl":
            held = self.results.conditions.get(path)
            return {True: "holds", False: "does not hold"}.get(held, "cannot be evaluated"), held is not True  # type: ignore[arg-type]
        if field.control == "CalculatedScore":
            text = score_text(field, self.results.scores.get(path))
            return text or NO_ANSWER, not text
        if field.control == "ConversationWidget":
            return counted(len(value) if isinstance(value, (list, tuple)) else bool(value), "message"), False
        text = answer_text(field, value)
        return text or NO_ANSWER, not text

    def _drawn(self, field: Field, path: str) -> tuple[str, bool]:
        number = len(self.drawings.get(path, ()))
        if field.control == "Landmarks":
            wanted, missing = len(landmark_specs(field)), len(missing_landmarks(field, self.drawings.get(path, ())))
            return f"{wanted - missing} of {wanted} placed", missing > 0
        return counted(number, "contour" if field.control == "CSOEdit" else "marker"), not number


def answer_text(field: Field, value: Any) -> str:
    """An answer as one line of text; "" for none."""
    if field.control == "CheckBox" and (value is not None or THREE_STATES not in field.extra):
        return option_text(bool(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{number_text(value)} {field.extra.get('unit') or ''}".strip()
    text = " ".join(option_text(value).split())
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number of things in words: "1 marker", "no contours"."""
    many = plural or f"{noun}s"
    return f"no {many}" if not number else f"{int(number)} {noun if number == 1 else many}"
