"""Answer keys of a template: pressed in a viewport they answer, typed into a text field they are letters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from viewr.forms.form import Form
from viewr.model.annotation import Annotation
from viewr.model.state import State
from viewr.model.template import load_template
from viewr.model.template_values import initial_answers
from viewr.widgets.answer_keys import add_answer_keys, answer_keys
from viewr.workspace.document import Document

TEMPLATE = """
template_name: keys
sop: ""
viewports: []
scans: {}
annotations: null
qa_fields:
  verdict: {control: RadioButtonGroup, label: Verdict, x: 0, y: 0, options: [Good, Poor], option_keys: ["1", "2"]}
  motion: {control: CheckBox, label: Motion, x: 0, y: 1, key: m}
  note: {control: LineEdit, label: Note, x: 0, y: 2}
"""


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A view that takes the focus, beside the form."""
    context = load_template(TEMPLATE).contexts[0]
    window = QWidget()
    window.document = Document(State(Annotation({context.name: initial_answers(context)})))
    window.view = QWidget(focusPolicy=Qt.FocusPolicy.StrongFocus)
    window.form = Form(window.document, context)
    window.form.build_all()
    row = QHBoxLayout(window)
    row.addWidget(window.view)
    row.addWidget(window.form)
    add_answer_keys(window, [window.form])
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def answers(window: QWidget) -> dict[str, object]:
    return window.document.state.annotation.answers["default"]


def test_keys_come_from_options_and_fields() -> None:
    assert answer_keys(load_template(TEMPLATE).contexts[0]) == ["1", "2", "m"]


def test_keys_answer_wherever_the_focus_is(window: QWidget) -> None:
    window.view.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_2)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_M)
    assert (answers(window)["verdict"], answers(window)["motion"]) == ("Poor", True)
    window.document.undo()
    assert answers(window)["motion"] is not True


def test_in_a_text_field_they_are_letters(window: QWidget) -> None:
    note = window.form.control("note").findChild(QLineEdit)
    note.setFocus()
    for key in (Qt.Key.Key_1, Qt.Key.Key_M):
        QTest.keyClick(window.windowHandle(), key)
    assert answers(window)["note"] == "1m"
    assert answers(window)["verdict"] is None


def test_a_french_key_is_the_digit_in_its_place(window: QWidget) -> None:
    window.view.setFocus()
    key = QKeyEvent(QEvent.Type.KeyPress, 0xC9, Qt.KeyboardModifier.NoModifier, 0, 0, 0, "\u00e9")
    QApplication.sendEvent(window.windowHandle(), key)
    assert answers(window)["verdict"] == "Poor"
