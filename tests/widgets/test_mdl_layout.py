"""Layouts of templates as widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGroupBox, QLabel, QScrollArea, QSplitter, QTabWidget, QToolBox, QWidget

from viewr.model.labelmap import Label
from viewr.model.template import AnnotationSpec, Context, Template
from viewr.templates.mdl import expand_layout
from viewr.widgets.mdl_layout import build_layout

Show = Callable[..., tuple[QWidget, dict[str, QWidget]]]
SLOTS = ("viewports", "editor", "qa_fields")


@pytest.fixture
def show(qtbot: Any) -> Show:
    """A layout of one context on the screen, 1200 x 800, with its three parts by slot."""

    def make(layout: str = "", editable: bool = True) -> tuple[QWidget, dict[str, QWidget]]:
        annotation = AnnotationSpec("wml", editable, (Label(1, "Lesion"),))
        context = Context("default", annotations=(annotation,), mdl_layout=layout)
        parts = {("default", slot): QWidget() for slot in SLOTS}
        window = build_layout(expand_layout(Template("t", (context,))), parts)
        qtbot.addWidget(window)
        for widget in parts.values():
            if not window.isAncestorOf(widget):
                qtbot.addWidget(widget)
        window.resize(1200, 800)
        with qtbot.waitExposed(window):
            window.show()
        return window, {slot: widget for (_, slot), widget in parts.items()}

    return make


def left(window: QWidget, part: QWidget) -> int:
    return part.mapTo(window, part.rect().topLeft()).x()


def top(window: QWidget, part: QWidget) -> int:
    return part.mapTo(window, part.rect().topLeft()).y()


def test_default_has_views_three_to_one_with_a_movable_splitter(show: Show) -> None:
    window, parts = show()
    splitter = window if isinstance(window, QSplitter) else window.findChild(QSplitter)
    assert isinstance(splitter, QSplitter)
    assert splitter.orientation() == Qt.Orientation.Horizontal
    assert parts["viewports"].width() == pytest.approx(900, abs=10)
    assert left(window, parts["qa_fields"]) >= 890
    assert top(window, parts["editor"]) < top(window, parts["qa_fields"])
    assert parts["viewports"].height() == 800


def test_without_editable_annotation_there_is_no_editor(show: Show) -> None:
    window, parts = show(editable=False)
    assert not window.isAncestorOf(parts["editor"])
    assert parts["qa_fields"].isVisible()


def test_stretch_factors_are_shares(show: Show) -> None:
    window, parts = show(
        "Vertical {{ Box Views {{ stretchY = 3 {viewports} }} Box {{ title=Form stretchY=1 {qa_fields} }} {editor} }}"
    )
    boxes = {box.title(): box for box in window.findChildren(QGroupBox)}
    assert set(boxes) == {"Views", "Form"}
    assert boxes["Views"].isAncestorOf(parts["viewports"])
    assert boxes["Views"].height() > 2 * boxes["Form"].height()


def test_tabs_hold_parts_under_their_titles(show: Show) -> None:
    window, parts = show(
        "TabView {{ TabViewItem Images {{ {viewports} }} "
        'TabViewItem Form {{ tabTitle="Fill & send" {qa_fields} {editor} }} }}'
    )
    tabs = window if isinstance(window, QTabWidget) else window.findChild(QTabWidget)
    assert [tabs.tabText(index) for index in range(tabs.count())] == ["Images", "Fill && send"]
    assert parts["viewports"].isVisible()
    assert not parts["qa_fields"].isVisible()


def test_toolbox_scroll_view_and_labels(show: Show) -> None:
    window, parts = show(
        "Horizontal {{ {viewports} TabView {{ mode=toolbox TabViewItem A {{ ScrollView {{ {qa_fields} }} }}"
        ' TabViewItem B {{ Label "<b>plain</b>" {{}} HSeparator VSpacer {editor} }} }} }}'
    )
    assert window.findChild(QToolBox).count() == 2
    assert any(area.isAncestorOf(parts["qa_fields"]) for area in window.findChildren(QScrollArea))
    label = next(label for label in window.findChildren(QLabel) if label.text() == "<b>plain</b>")
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_grid_puts_children_where_they_say(show: Show) -> None:
    window, parts = show(
        "Grid {{ Vertical {{ x=1 y=0 {viewports} }} Vertical {{ x=0 y=0 {qa_fields} }} "
        "Vertical {{ x=0 y=1 colspan=2 {editor} }} }}"
    )
    assert left(window, parts["qa_fields"]) < left(window, parts["viewports"])
    assert top(window, parts["editor"]) > top(window, parts["qa_fields"])


def test_an_unknown_tag_still_shows_what_it_holds(show: Show) -> None:
    _, parts = show("FreeFloat {{ command=py:boom Viewer {{ {viewports} }} {qa_fields} {editor} }}")
    assert all(part.isVisible() for part in parts.values())


def test_a_hidden_panel_is_shown_all_the_same(show: Show) -> None:
    _, parts = show("Vertical {{ {viewports} Vertical {{ visible=No {qa_fields} }} {editor} }}")
    assert parts["qa_fields"].isVisible()


def test_two_contexts_each_get_their_own_parts(qtbot: Any) -> None:
    contexts = (Context("left"), Context("right"))
    template = Template(
        "t", contexts, mdl_layout="TabView {{ TabViewItem L {{ {left} }} TabViewItem R {{ {right} }} }}"
    )
    parts = {(context.name, slot): QWidget() for context in contexts for slot in SLOTS}
    window = build_layout(expand_layout(template), parts)
    qtbot.addWidget(window)
    assert all(window.isAncestorOf(widget) for (_, slot), widget in parts.items() if slot != "editor")
