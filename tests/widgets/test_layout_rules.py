"""Parts of a layout that follow answers."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from viewr.model.annotation import Annotation
from viewr.model.answers import with_answer
from viewr.model.state import State
from viewr.model.template import load_template
from viewr.model.template_values import initial_answers
from viewr.templates.mdl import expand_layout
from viewr.widgets.layout_rules import LayoutRules
from viewr.widgets.mdl_layout import build_layout
from viewr.workspace.document import Document

TEMPLATE = """
template_name: rules
sop: ""
mdl_layout: |
  Vertical {{{{
    {{viewports}}
    Label "Tell the radiologist" {{{{ visibleOn = "{visible}" }}}}
    Label "Second reader" {{{{ dependsOn = "grade >= 2 && !done" }}}}
    Vertical {{{{ {wrap} {{qa_fields}} }}}}
  }}}}
viewports: []
scans: {{}}
annotations: null
qa_fields:
  grade: {{control: NumberEdit, label: Grade, x: 0, y: 0, initial_value: 0}}
  box: {{control: BoxWidget, label: Box, x: 0, y: 1, content: {{done: {{control: CheckBox, label: Done, x: 0, y: 0}}}}}}
"""


class Shown:
    def __init__(self, qtbot: QtBot, visible: str = "grade > 0", wrap: str = "") -> None:
        template = load_template(TEMPLATE.format(visible=visible, wrap=wrap))
        self.document = Document(State(Annotation({"default": initial_answers(template.contexts[0])})))
        self.form = QWidget()
        parts = {("default", "viewports"): QWidget(), ("default", "qa_fields"): self.form}
        self.window = build_layout(expand_layout(template), parts, LayoutRules(self.document, template, self.document))
        qtbot.addWidget(self.window)
        self.window.show()

    def label(self, text: str) -> QLabel:
        return next(label for label in self.window.findChildren(QLabel) if label.text() == text)

    def answer(self, path: str, value: object) -> None:
        self.document.edit("Answer", partial(with_answer, context="default", path=path, value=value))


def test_a_part_is_shown_by_an_answer(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    assert not shown.label("Tell the radiologist").isVisible()
    shown.answer("grade", 1)
    assert shown.label("Tell the radiologist").isVisible()
    shown.document.undo()
    assert not shown.label("Tell the radiologist").isVisible()


def test_a_part_is_enabled_by_answers_in_boxes_too(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    assert not shown.label("Second reader").isEnabled()
    shown.answer("grade", 3)
    assert shown.label("Second reader").isEnabled()
    shown.answer("box/done", True)
    assert not shown.label("Second reader").isEnabled()


@pytest.mark.parametrize("formula", ["*py: import os*", "colour == 3", "grade >", "1 + 1"])
def test_formulas_that_mean_nothing_change_nothing(qtbot: QtBot, formula: str) -> None:
    assert Shown(qtbot, formula).label("Tell the radiologist").isVisible()


def test_the_form_is_never_lost(qtbot: QtBot) -> None:
    shown = Shown(qtbot, wrap="visibleOn = grade dependsOn = grade")
    assert shown.form.isVisible()
    assert shown.form.isEnabled()
