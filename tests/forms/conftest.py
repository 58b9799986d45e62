"""Forms made from a few fields, bound to a document of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from viewr.forms.form import Form
from viewr.model.annotation import Annotation
from viewr.model.answers import get_answer
from viewr.model.state import State
from viewr.model.template import Context, Field
from viewr.workspace.document import Document

MakeForm = Callable[..., Form]


@pytest.fixture
def make_form(qtbot: Any) -> MakeForm:
    """A form on the screen, all its controls built; `answers` are what the document holds at the start."""

    def make(*fields: Field, answers: dict[str, Any] | None = None, read_only: bool = False, width: int = 420) -> Form:
        document = Document(State(annotation=Annotation({"default": answers or {}})))
        document.read_only = read_only
        form = Form(document, Context("default", fields=fields), user="reader1")
        document.setParent(form)
        form.build_all()
        qtbot.addWidget(form)
        form.resize(width, 600)
        with qtbot.waitExposed(form):
            form.show()
        return form

    return make


def answer(form: Form, path: str) -> Any:
    """What the document holds for a field."""
    return get_answer(form.document.state.annotation.answers["default"], path)
