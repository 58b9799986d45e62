"""Where a template asks nothing the views have all the room, until there is something to show beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from PySide6.QtWidgets import QGroupBox, QLabel, QTabWidget, QWidget

from viewr.forms.form import Form
from viewr.model.annotation import Annotation
from viewr.model.labelmap import Label
from viewr.model.measure import MEASURES, Measure
from viewr.model.template import AnnotationSpec, Context, Template
from viewr.templates.mdl import expand_layout
from viewr.tools.marker import with_item
from viewr.widgets.empty_parts import EmptyForm, EmptyParts, places_tools
from viewr.widgets.mdl_layout import build_layout
from viewr.workspace.document import Document

LINE = Measure("distance", ((0.0, 0.0, 0.0), (30.0, 40.0, 0.0)), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0), id=1)


@dataclass
class Shown:
    window: QWidget
    views: QWidget
    tools: QWidget
    form: EmptyForm
    document: Document
    context: str = "default"

    def measure(self) -> None:
        self.document.edit("Measure", partial(with_item, key=(self.context, MEASURES), item=LINE))


@pytest.fixture
def show(qtbot: Any) -> Any:
    """A layout of a context without fields, 1200 x 800."""

    def make(layout: str = "", editable: bool = False) -> Shown:
        annotation = AnnotationSpec("wml", True, (Label(1, "Lesion"),))
        context = Context("default", annotations=(annotation,) if editable else (), mdl_layout=layout)
        document = Document()
        node = expand_layout(Template("t", (context,)))
        form = EmptyForm(Form(document, context), lists=not places_tools(node, "default"))
        views, tools = QWidget(), QLabel("tools")
        parts: dict[tuple[str, str], QWidget] = {
            ("default", "viewports"): views, ("default", "editor"): tools, ("default", "qa_fields"): form,
        }  # fmt: skip
        window = build_layout(node, parts)
        EmptyParts(window, parts.values(), window)
        for widget in (window, *(part for part in parts.values() if not window.isAncestorOf(part))):
            qtbot.addWidget(widget)
        window.resize(1200, 800)
        with qtbot.waitExposed(window):
            window.show()
        return Shown(window, views, tools, form, document)

    return make


def test_the_views_have_the_whole_width_until_something_is_measured(show: Any, qtbot: Any) -> None:
    shown = show()
    assert shown.views.width() == 1200
    shown.measure()
    qtbot.waitUntil(lambda: shown.views.width() < 1000)
    assert shown.form.isVisible()
    assert shown.views.width() == pytest.approx(900, abs=10)
    shown.document.undo()
    qtbot.waitUntil(lambda: shown.views.width() == 1200)
    shown.document.redo()
    qtbot.waitUntil(lambda: shown.views.width() == pytest.approx(900, abs=10))


def test_tools_keep_their_column_and_the_measures_among_them(show: Any) -> None:
    shown = show(editable=True)
    assert shown.tools.isVisible()
    assert shown.views.width() == pytest.approx(900, abs=10)
    shown.measure()
    assert shown.form.is_empty


@pytest.mark.parametrize(
    "layout",
    [
        "Horizontal {{ {viewports} {qa_fields} }}",
        "Horizontal {{ {viewports} Box Questions {{ {qa_fields} }} }}",
        "Horizontal {{ Vertical {{ stretchX=2 {viewports} }} "
        "Vertical {{ ScrollView {{ {qa_fields} }} HSeparator VSpacer }} }}",
        "Horizontal {{ margin=0 {viewports} Category {{ Vertical {{ {qa_fields} }} }} Empty {{}} }}",
    ],
)
def test_an_explicit_layout_gives_the_room_away_too(show: Any, qtbot: Any, layout: str) -> None:
    shown = show(layout)
    assert not shown.form.isVisible()
    assert shown.views.width() > 1150
    shown.measure()
    qtbot.waitUntil(shown.form.isVisible)
    qtbot.waitUntil(lambda: shown.views.width() < 1100)


def test_what_the_author_wrote_beside_the_form_stays(show: Any) -> None:
    shown = show('Horizontal {{ {viewports} Box Help {{ Label "Press Enter" {{}} {qa_fields} }} }}')
    (box,) = shown.window.findChildren(QGroupBox)
    assert box.isVisible()


def test_tabs_stay(show: Any) -> None:
    shown = show("TabView {{ TabViewItem Views {{ {viewports} }} TabViewItem Form {{ {qa_fields} }} }}")
    tabs = shown.window if isinstance(shown.window, QTabWidget) else shown.window.findChild(QTabWidget)
    assert (tabs.count(), tabs.isTabVisible(1), shown.views.isVisible()) == (2, True, True)


def test_the_context_without_fields_alone_gives_its_room_away(qtbot: Any) -> None:
    from viewr.model.template import Field

    contexts = (Context("left"), Context("right", fields=(Field("note", "LineEdit"),)))
    document, node = Document(), expand_layout(Template("t", contexts))
    views = {context.name: QWidget() for context in contexts}
    empty = EmptyForm(Form(document, contexts[0]), lists=True)
    form = Form(document, contexts[1])
    parts = {("left", "viewports"): views["left"], ("left", "qa_fields"): empty,
             ("right", "viewports"): views["right"], ("right", "qa_fields"): form}  # fmt: skip
    window = build_layout(node, parts)
    qtbot.addWidget(window)
    EmptyParts(window, parts.values(), window)
    window.resize(1600, 800)
    with qtbot.waitExposed(window):
        window.show()
    assert (empty.isVisible(), form.isVisible()) == (False, True)
    assert views["left"].width() > views["right"].width() + 150
    document.load(replace(Annotation(), drawings={("right", MEASURES): (LINE,)}))
    assert not empty.isVisible()
