"""The tool panel shows the document's look and asks it for changes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.widgets.viewing import LABELS
from viewr.model.geometry import Grid
from viewr.model.labelmap import empty_labelmap
from viewr.model.template import AnnotationSpec, Context
from viewr.widgets.tool_panel import ToolPanel, size_of, step_of
from viewr.workspace.document import Document

LAB = ("default", "lab")


@pytest.fixture
def panel(qtbot):
    document = Document()
    context = Context("default", annotations=(AnnotationSpec("lab", True, LABELS),))
    panel = ToolPanel(document, context)
    qtbot.addWidget(panel)
    document.look(labels={LAB: 1})
    return panel


def test_buttons_take_tools(panel):
    panel.buttons["brush"].click()
    assert panel.document.state.look.tool == "brush"
    panel.document.look(tool="eraser")
    assert panel.buttons["eraser"].isChecked()
    panel.document.look(tool="marker")
    assert not any(button.isChecked() for button in panel.buttons.values())


def test_labels_are_listed_with_names_and_chosen_by_a_click(panel, qtbot):
    box = panel.label_lists[LAB]
    assert [box.item(n).text() for n in range(box.count())] == ["Lesion", "Edema"]
    assert box.currentRow() == 0
    panel.show()
    qtbot.mouseClick(box.viewport(), Qt.MouseButton.LeftButton, pos=box.visualItemRect(box.item(1)).center())
    assert panel.document.state.look.labels[LAB] == 2
    panel.document.look(labels={LAB: 1})
    assert box.currentRow() == 0


def test_brush_size_by_slider_and_box(panel):
    panel.size_box.setValue(12.5)
    assert panel.document.state.look.brush_mm == 12.5
    assert panel.size_slider.value() == step_of(12.5)
    panel.size_slider.setValue(0)
    assert panel.document.state.look.brush_mm == 0.5
    assert panel.size_box.value() == 0.5
    panel.document.look(brush_mm=7.3)  # a value between two steps stays what it is
    assert panel.document.state.look.brush_mm == 7.3
    assert size_of(step_of(20.0)) == pytest.approx(20.0, rel=0.03)


def test_opacity_and_hiding(panel):
    panel.opacity.setValue(75)
    assert panel.document.state.look.overlay_opacity == 1.5
    panel.hide_button.click()
    assert panel.document.state.look.overlays_hidden
    panel.document.look(overlays_hidden=False)
    assert not panel.hide_button.isChecked()


def test_undo_buttons_say_what_they_take_back(panel):
    document = panel.document
    document.add_labelmap(LAB, empty_labelmap(Grid((2, 2, 2), np.eye(4)), LABELS))
    assert not panel.undo_button.isEnabled()
    document.patch(LAB, ((0, 0, 0), (1, 1, 1)), np.ones((1, 1, 1), np.uint8), "Paint")
    assert panel.undo_button.isEnabled()
    assert "Paint" in panel.undo_button.toolTip()
    panel.undo_button.click()
    assert not document.labelmaps[LAB].array.any()
    assert panel.redo_button.isEnabled()
    panel.redo_button.click()
    assert document.labelmaps[LAB].array.sum() == 1


def test_without_an_annotation_there_is_nothing_to_paint_with(qtbot):
    panel = ToolPanel(Document(), Context("default"))
    qtbot.addWidget(panel)
    assert set(panel.buttons) == {"window", "box", "crosshair", "pan"}


def test_an_annotation_that_may_not_be_changed_has_no_brush(qtbot):
    panel = ToolPanel(Document(), Context("default", annotations=(AnnotationSpec("lab", False, LABELS),)))
    qtbot.addWidget(panel)
    assert "brush" not in panel.buttons
    assert panel.opacity.value() == 50


def tick(box, row):
    """Where the tick of a line is."""
    from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

    option = QStyleOptionViewItem()
    box.initViewItemOption(option)
    option.rect = box.visualItemRect(box.item(row))
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    return box.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, box).center()


def test_a_tick_hides_a_label_and_does_not_take_it(panel, qtbot):
    box = panel.label_lists[LAB]
    panel.show()
    qtbot.mouseClick(box.viewport(), Qt.MouseButton.LeftButton, pos=tick(box, 1))
    look = panel.document.state.look
    assert look.hidden_labels[LAB] == {2}
    assert look.labels[LAB] == 1
    assert box.currentRow() == 0
    qtbot.mouseClick(box.viewport(), Qt.MouseButton.LeftButton, pos=tick(box, 1))
    assert panel.document.state.look.hidden_labels[LAB] == set()
    qtbot.mouseClick(box.viewport(), Qt.MouseButton.LeftButton, pos=box.visualItemRect(box.item(1)).center())
    assert panel.document.state.look.labels[LAB] == 2


def test_outlines_by_a_button(panel):
    panel.outline_button.click()
    assert panel.document.state.look.overlay_outline
    panel.document.look(overlay_outline=False)
    assert not panel.outline_button.isChecked()
