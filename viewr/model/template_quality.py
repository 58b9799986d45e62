"""What a template's `quality` means for the fields that it names: marks in `Field.extra`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from viewr.model.template import LONGEST_TEXT, SCAN_ROWS, THREE_STATES, Context, Field, Template
from viewr.model.template_qc import BOX_STATES, QcForm, qc_forms

#: Characters that the data model of the archive keeps of the note on a scan.
LONGEST_NOTE = 2500


def with_quality_marks(contexts: Iterable[Context], quality: Mapping[str, Any] | None) -> tuple[Context, ...]:
    """The contexts, with the listing of scans and the field of the note marked as such."""
    listing, verdict, note = (_path((quality or {}).get(key)) for key in ("listing", "field", "note"))
    marks: dict[str, dict[str, Any]] = {}
    if listing:
        marks[listing] = {SCAN_ROWS: verdict}
    if note:
        marks[f"{listing}/{note}" if listing else note] = {LONGEST_TEXT: LONGEST_NOTE}
    return tuple(replace(context, fields=_marked(context.fields, marks, "")) for context in contexts)


def with_state_marks(template: Template) -> Template:
    """The template with the check boxes marked that quality control shows as tags of three states."""
    forms = {form.context: form for form in qc_forms(template)} if template.mode == "qc" else {}
    contexts = (_with_states(context, forms[context.name]) if context.name in forms else context
                for context in template.contexts)  # fmt: skip
    return replace(template, contexts=tuple(contexts)) if forms else template


def _with_states(context: Context, form: QcForm) -> Context:
    inside = f"{form.listing}/" if form.listing else ""
    marks = {f"{inside}{tag.path}": {THREE_STATES: True} for tag in form.tags if tag.states == BOX_STATES}
    return replace(context, fields=_marked(context.fields, marks, ""))


def _path(name: Any) -> str:
    return str(name or "").replace(".", "/")


def _marked(fields: Iterable[Field], marks: Mapping[str, Mapping[str, Any]], prefix: str) -> tuple[Field, ...]:
    return tuple(_marked_field(one, marks, f"{prefix}{one.name}") for one in fields)


def _marked_field(one: Field, marks: Mapping[str, Mapping[str, Any]], path: str) -> Field:
    if path in marks:
        one = replace(one, extra=MappingProxyType({**one.extra, **marks[path]}))
    if not one.children or not any(marked.startswith(f"{path}/") for marked in marks):
        return one
    children = _marked(one.children, marks, f"{path}/")
    known = {child.name: child for child in children}
    tabs = tuple((name, tuple(known[child.name] for child in held)) for name, held in one.tabs)
    return replace(one, children=children, tabs=tabs)
