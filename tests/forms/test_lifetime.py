"""Forms come and go with each case; none may stay behind or take the program with it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

from viewr.forms.form import Form
from viewr.model.annotation import Annotation
from viewr.model.state import State
from viewr.model.template import load_template
from viewr.model.template_values import start_values
from viewr.workspace.document import Document

CONTEXT = load_template((Path(__file__).parent / "every_control.yaml").read_text()).contexts[0]


def test_closed_forms_leave_nothing_behind(qtbot: Any) -> None:
    made: list[weakref.ref[Form]] = []
    for number in range(6):
        document = Document(State(annotation=Annotation({CONTEXT.name: start_values(CONTEXT.fields)})))
        form = Form(document, CONTEXT)
        made.append(weakref.ref(form))
        form.show()
        if number % 2:
            form.build_all()
            form.control("tabs/lesions").add()
        form.close()
        del form, document
        gc.collect()
    assert [form for form in made if form() is not None] == []


def test_no_layout_item_is_wrapped(qtbot: Any) -> None:
    """See `base.nested_row`."""
    form = Form(Document(State()), CONTEXT)
    qtbot.addWidget(form)
    form.build_all()
    assert [one for one in gc.get_objects() if type(one).__name__ == "QWidgetItem"] == []
