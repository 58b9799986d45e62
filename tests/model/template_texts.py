"""Templates for tests, as text."""

from __future__ import annotations

import json
from typing import Any

from viewr.model.template import Context, Field, Template, load_template


def field(control: str = "LineEdit", **members: Any) -> dict[str, Any]:
    """A field with its required members."""
    return {"control": control, "label": "L", "x": 0, "y": 0, **members}


def viewport(name: str = "v", **members: Any) -> dict[str, Any]:
    base = {"type": "viewport", "name": name, "scan": "T1", "annotation": None, "x": 0, "y": 0, "linked": False}
    return {**base, **members}


def whole(**members: Any) -> str:
    """The text of a template in the single form."""
    base: dict[str, Any] = {
        "template_name": "manual_qa",
        "sop": "Look.",
        "viewports": [],
        "scans": {"T1": {"modality": "MR", "protocols": "T1W"}},
        "annotations": None,
        "qa_fields": {},
    }
    return json.dumps({**base, **members})


def load(**members: Any) -> Template:
    return load_template(whole(**members))


def load_fields(**fields: Any) -> Template:
    """A template with these fields, one below the other where they do not say."""
    placed = {name: {**one, "y": one.get("y") or row} for row, (name, one) in enumerate(fields.items())}
    return load(qa_fields=placed)


def context_of(**fields: Any) -> Context:
    return load_fields(**fields).contexts[0]


def field_of(**members: Any) -> Field:
    """The one field of a template."""
    return context_of(f=field(**members)).fields[0]


def sentences(template: Template) -> str:
    return "\n".join(str(problem) for problem in template.problems)
