"""Whatever stands in a template, it is read or refused in a sentence; `--hypothesis-profile=long` looks for hours."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.templates.judged import everything
from tests.templates.mutants import JUNK, mutants
from viewr.model.errors import TemplateError
from viewr.model.result import fields_document, read_fields
from viewr.model.scope import FormulaGraph
from viewr.model.template import Template, load_template
from viewr.model.template_values import initial_answers
from viewr.templates.check import check_text
from viewr.templates.mdl import expand_layout

TEXT = yaml.safe_dump(everything(), sort_keys=False, allow_unicode=True)


def used(template: Template) -> None:
    """Do with a template what opening a task does."""
    expand_layout(template)
    for context in template.contexts:
        answers = initial_answers(context)
        FormulaGraph(context).evaluate_all(answers, {})
        json.dumps(fields_document(context, answers, {}, {}))


@settings(suppress_health_check=list(HealthCheck))
@given(mutants())
def test_a_template_gone_wrong_opens_or_is_refused(tree: Any) -> None:
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    with contextlib.suppress(TemplateError):
        used(load_template(text))
    assert all(one.message.strip() for one in check_text(text))


@settings(suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 3), st.text(max_size=3)), min_size=1, max_size=8))
def test_a_text_gone_wrong_opens_or_is_refused(changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for at, removed, put in changes:
        text = text[:at] + put + text[at + removed :]
    with contextlib.suppress(TemplateError):
        used(load_template(text))
    assert all(one.message.strip() for one in check_text(text))


@settings(suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(["tabs", "box", "a", "lesions", "marks", "outlines", "talk"]), JUNK))
def test_results_gone_wrong_are_read_and_nothing_is_lost_twice(document: dict[str, Any]) -> None:
    context = load_template(TEXT).contexts[0]
    answers, drawings, _ = read_fields({"tabs": document}, context)
    written = fields_document(context, answers, drawings, {})
    again, drawn, _ = read_fields(json.loads(json.dumps(written)), context)
    assert fields_document(context, again, drawn, {}) == written
