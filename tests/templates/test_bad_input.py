"""Bad template files open as far as it makes sense, and every fault has its place."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from tests.templates.bad_files import FILES, BadFile
from viewr.forms.combo_box import ComboBox
from viewr.forms.form import Form
from viewr.model.annotation import Annotation
from viewr.model.errors import TemplateError
from viewr.model.state import State
from viewr.model.template import Context, load_template
from viewr.model.template_values import initial_answers
from viewr.templates.check import check_file
from viewr.workspace.document import Document

EACH = pytest.mark.parametrize("bad", FILES.values(), ids=FILES)


@EACH
def test_each_fault_is_told_with_its_place(bad: BadFile, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(bad.data)
    found = check_file(file)
    if bad.words:
        assert [(one.line, one.path) for one in found if bad.words in one.message][:1] == [(bad.line, bad.path)]
    else:
        assert found == []


@EACH
def test_it_opens_as_far_as_it_makes_sense_in_little_memory(bad: BadFile, qtbot: object) -> None:
    text = bad.data.decode("utf-8", "replace")
    tracemalloc.start()
    try:
        if not bad.opens:
            with pytest.raises(TemplateError):
                load_template(text)
        else:
            shown(load_template(text).contexts[0], qtbot)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def shown(context: Context, qtbot: object) -> None:
    """The first controls of the form are on the screen."""
    document = Document(State(Annotation({context.name: initial_answers(context)})))
    form = Form(document, context)
    document.setParent(form)
    qtbot.addWidget(form)  # type: ignore[attr-defined]
    form.show()
    assert len(form.controls()) >= min(len(context.fields), 30)
    form._timer.stop()


def test_thousands_of_options_are_a_list_and_no_buttons(qtbot: object) -> None:
    context = load_template(FILES["3,000 options"].data.decode()).contexts[0]
    form = Form(Document(State(Annotation({context.name: {"a": "o2999"}}))), context)
    form.document.setParent(form)
    qtbot.addWidget(form)  # type: ignore[attr-defined]
    form.build_all()
    assert isinstance(form.control("a"), ComboBox)
    assert form.control("a").value() == "o2999"


def test_labels_of_any_script_are_shown_as_they_are(qtbot: object) -> None:
    context = load_template(FILES["right to left"].data.decode()).contexts[0]
    form = Form(Document(State(Annotation({context.name: initial_answers(context)}))), context)
    form.document.setParent(form)
    qtbot.addWidget(form)  # type: ignore[attr-defined]
    form.build_all()
    assert form.control("שאלה").label.text() == "איכות הסריקה"
    assert [row.words.text() for row in form.control("שאלה").rows] == ["טוב", "רע"]
    assert form.control("emoji").label.text() == "👩🏽‍⚕️ Reader 🧠"
