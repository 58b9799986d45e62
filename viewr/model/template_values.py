"""The values of a form's fields: what they start with, and what they must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from viewr.model.answers import ROW_ID
from viewr.model.template import BOXES, CHOICES, DRAWN_CONTROLS, LISTING, Context, Field
from viewr.model.template_item import as_boolean, as_number

#: What `coerce` answers for a value that the control cannot hold.
UNFIT: Any = object()

_TEXT_CONTROLS = frozenset({"LineEdit", "TextBox"})
_CONVERSATION = "ConversationWidget"


def initial_answers(context: Context) -> dict[str, Any]:
    """Answers of a form that nobody has touched: every field, with its initial value or what stands for none."""
    return start_values(context.fields)


def start_values(fields: Iterable[Field]) -> dict[str, Any]:
    """Initial values of some fields, by name; for a new row of a listing, those of its children."""
    return {field.name: _start_value(field) for field in fields}


def _start_value(field: Field) -> Any:
    value = _given_value(field, field.initial_value)
    return empty_value(field) if value is UNFIT else value


def _given_value(field: Field, given: Any) -> Any:
    """What a field starts with, told so; `UNFIT` if it cannot."""
    if field.control in BOXES:
        return _given_values(field.children, given if isinstance(given, Mapping) else {})
    if field.control == LISTING:
        rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list | tuple) else []
        return [with_row_id(_given_values(field.children, row), number) for number, row in enumerate(rows, 1)]
    return UNFIT if given is None or field.control in DRAWN_CONTROLS else coerce(field, given)


def _given_values(fields: Iterable[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Start values of the members of a box or row: those given to it, else their own."""
    values: dict[str, Any] = {}
    for field in fields:
        value = _given_value(field, given[field.name]) if field.name in given else UNFIT
        values[field.name] = _start_value(field) if value is UNFIT else value
    return values


def with_row_id(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The row with the id by which it is known while the task is open."""
    return {**row, ROW_ID: f"r{number}"}


def empty_value(field: Field) -> Any:
    """What a field holds when there is no answer: {} or [] where consumers expect them, else None."""
    if field.control in BOXES:
        return {}
    if field.control == LISTING or field.control in DRAWN_CONTROLS or field.control == _CONVERSATION:
        return []
    return None


def coerce(field: Field, value: Any) -> Any:
    """The value as the control of a field holds it, `UNFIT` if it cannot; containers and drawn fields as they are."""
    control = field.control
    if value is None:
        return empty_value(field)
    if control in ("CheckBox", "ValidationControl"):
        truth = as_boolean(value)
        return UNFIT if truth is None else truth
    if control == "NumberEdit":
        return _number(field, value)
    if control in CHOICES:
        return _option(field, value)
    if control in _TEXT_CONTROLS:
        return _typed_text(field, value)
    if control == _CONVERSATION:
        return _messages(value)
    return value


def _number(field: Field, value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        return None
    number = as_number(value)
    if number is None:
        return UNFIT
    if field.type == "Integer":
        return int(number) if number == int(number) else UNFIT
    return float(number) if field.type == "Float" else number


def _option(field: Field, value: Any) -> Any:
    """The option that a value means: the same one, else the one that reads the same."""
    for option in field.options:
        if type(option) is type(value) and option == value:
            return option
    if isinstance(value, dict | list):
        return UNFIT
    for option in field.options:
        same_number = not isinstance(option, str | bool) and as_number(value) == option
        same_truth = isinstance(option, bool) and as_boolean(value) is option
        if str(option) == str(value) or same_number or same_truth:
            return option
    # YAML reads an unquoted yes or no as a truth value, also where the options are quoted
    meant = [option for option in field.options if isinstance(value, bool) and _word_truth(option) is value]
    return meant[0] if len(meant) == 1 else None if value == "" else UNFIT


def _word_truth(option: Any) -> bool | None:
    """The truth value that a word stands for; numbers stand for none."""
    return as_boolean(option) if isinstance(option, str) and not option.strip().isdigit() else None


def typed_answer(field: Field, text: str) -> Any:
    """The answer that a typed text is: a value of the field's type, else the text itself, so that it is not lost.

    A text that cannot be the value stays an answer while the task is open and keeps it from being done; it is never
    in a result.
    """
    value = coerce(field, text)
    return text if value is UNFIT else value


def _typed_text(field: Field, value: Any) -> Any:
    if isinstance(value, dict | list):
        return UNFIT
    if field.type == "String":
        return str(value).lower() if isinstance(value, bool) else str(value)
    if field.type == "Boolean":
        truth = as_boolean(value)
        return None if value == "" else UNFIT if truth is None else truth
    return _number(field, value)


def _messages(value: Any) -> Any:
    """A conversation; a plain text is one message of nobody."""
    if isinstance(value, str):
        return [_message({"text": value})] if value else []
    if not isinstance(value, Sequence):
        return UNFIT
    return [_message(entry if isinstance(entry, Mapping) else {"text": entry}) for entry in value]


def _message(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A message with author, time and text; what else another program wrote stays in it."""
    return {**entry, **{key: str(entry.get(key) or "") for key in ("author", "time", "text")}}
