"""Text of templates, servers and files is shown as it is: Qt would take it for HTML and load the pictures it names."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from PySide6.QtCore import QAbstractItemModel, QModelIndex
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QWidget

from tests.templates.judged import everything
from viewr.forms.base import harmless_tip
from viewr.forms.form import Form
from viewr.forms.listing_widget import ListingWidget
from viewr.model.annotation import Annotation
from viewr.model.state import State
from viewr.model.template import Template, load_template, walk_fields
from viewr.model.template_values import initial_answers
from viewr.widgets.tag_model import Row, TagModel
from viewr.widgets.tool_panel import ToolPanel
from viewr.workspace.document import Document

EVIL = '<img src="file:///etc/hostname">'
#: Members that a reader sees as text.
SHOWN = {"label", "description", "documentation", "hint_text", "unit", "name", "category", "group_label", "key"}


def spoiled(tree: Any) -> Any:
    """The tree with active content in front of all that is shown."""
    if isinstance(tree, dict):
        return {
            key: f"{EVIL}{value}" if key in SHOWN and isinstance(value, str) else spoiled(value)
            for key, value in tree.items()
        }
    return [spoiled(item) for item in tree] if isinstance(tree, list) else tree


@pytest.fixture(scope="module")
def template() -> Template:
    tree = spoiled(copy.deepcopy(everything()))
    return load_template(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


def model_tips(model: QAbstractItemModel, parent: QModelIndex) -> list[str]:
    # models of lists do not tell how many columns they have
    indexes = [model.index(row, column, parent) for row in range(model.rowCount(parent)) for column in range(6)]
    return [str(index.data(Qt.ItemDataRole.ToolTipRole) or "") for index in indexes]


def active(widget: QWidget) -> list[str]:
    """Texts in a widget that Qt would read as HTML with a picture in it."""
    parts = [widget, *widget.findChildren(QWidget)]
    texts = [part.toolTip() for part in parts]
    labels = [part for part in parts if isinstance(part, QLabel)]
    texts += [label.text() for label in labels if label.textFormat() != Qt.TextFormat.PlainText]
    for part in parts:
        if isinstance(part, (QAbstractItemView, QComboBox)) and part.model() is not None:
            texts += model_tips(part.model(), QModelIndex())
    return [text for text in texts if Qt.mightBeRichText(text) and "<img" in text]


def test_nothing_in_a_form_is_active(qtbot: Any, template: Template) -> None:
    for context in template.contexts:
        answers = {path: EVIL for path, one in walk_fields(context.fields) if one.control in ("LineEdit", "TextBox")}
        document = Document(State(annotation=Annotation({context.name: {**initial_answers(context), **answers}})))
        form = Form(document, context, user=EVIL)
        document.setParent(form)
        qtbot.addWidget(form)
        form.build_all()
        for control in form.controls():
            if isinstance(control, ListingWidget):
                control.add()
        form.build_all()
        assert any(EVIL in part.text() for part in form.findChildren(QLabel))
        assert active(form) == []


def test_nothing_in_the_tool_panel_is_active(qtbot: Any, template: Template) -> None:
    panel = ToolPanel(Document(State()), template.contexts[0])
    qtbot.addWidget(panel)
    assert active(panel) == []


def test_the_eye_of_this_test_sees() -> None:
    assert active_label() == [f"a {EVIL}", f"b {EVIL}"]


def active_label() -> list[str]:
    label = QLabel(f"b {EVIL}")
    label.setToolTip(f"a {EVIL}")
    return active(label)


def test_tips_are_changed_only_where_they_must() -> None:
    assert harmless_tip("T1 < 3 mm") == "T1 < 3 mm"
    assert "<img" not in harmless_tip(EVIL)


def test_tags_of_a_file_are_no_html() -> None:
    model = TagModel(["Tag", "Value"])
    model.set_rows([Row(("0008,1030", EVIL))])
    shown, tip = (model.index(0, 1).data(role) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole))
    assert shown == EVIL
    assert "<img" not in tip
