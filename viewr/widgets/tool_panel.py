"""The tools of a context: what is in the hand, which label, how large a brush; undo."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from viewr.forms.base import nested_row, plain_label, plain_tip
from viewr.model.labelmap import Label
from viewr.model.state import Change, LabelmapKey, Look
from viewr.model.template import Context
from viewr.tools.brush import BRUSH_LIMITS
from viewr.tools.catalog import TOOLS
from viewr.widgets import keymap
from viewr.widgets.icons import icon, swatch
from viewr.widgets.key_image_list import KeyImageList
from viewr.widgets.key_tips import KeyTips
from viewr.widgets.measure_list import MeasureList
from viewr.workspace.document import Document

ICON_PIXELS = 20
#: Lines of the list of labels in sight at most; more scroll.
MOST_LABELS = 8
#: Steps of the size slider between the limits; the sizes between are spread evenly by ratio.
_SIZE_STEPS = 200
_SIZE = (0.5, 100.0)


class ToolPanel(QWidget):
    """Tool buttons; with an editable annotation also its labels, the brush and the eraser.

    Parameters
    ----------
    document : Document
    context : Context
        Of the template.
    """

    def __init__(self, document: Document, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.context = document, context
        self.buttons: dict[str, QToolButton] = {}
        self.label_lists: dict[LabelmapKey, QListWidget] = {}
        self._icons: dict[QToolButton, str] = {}
        self._tips = KeyTips(self)
        self._ticked: tuple[LabelmapKey, int] | None = None
        self._paints = any(annotation.editable for annotation in context.annotations)
        self._build()
        self._follow(document.state.look)
        document.changed.connect(self._on_changed)
        document.stack.indexChanged.connect(self._show_undo)
        self._show_undo()

    # --- parts -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self._fill_tool_row(nested_row(column))
        for annotation in self.context.annotations:
            if annotation.labels:
                self._add_labels(column, annotation.name, annotation.labels)
        if self.context.annotations:
            # Empty when it is added, see `nested_row`.
            grid = QGridLayout()
            column.addLayout(grid)
            self._fill_sliders(grid)
        for box in finding_lists(self.document, self.context.name, self):
            column.addWidget(box)

    def _fill_tool_row(self, row: QHBoxLayout) -> None:
        row.setSpacing(2)
        group = QButtonGroup(self)
        group.setExclusive(True)
        for name, spec in TOOLS.items():
            if spec.kind == "view" or (spec.kind == "voxel" and self._paints):
                button = self._button(name, spec.title, f"tool.{name}")
                button.setCheckable(True)
                button.clicked.connect(partial(self._take, name))
                group.addButton(button)
                self.buttons[name] = button
                row.addWidget(button)
        row.addWidget(self._measure_button())
        row.addStretch(1)
        self.undo_button = self._button("undo", "Undo", "task.undo")
        self.undo_button.clicked.connect(self.document.undo)
        self.redo_button = self._button("redo", "Redo", "task.redo")
        self.redo_button.clicked.connect(self.document.redo)
        row.addWidget(self.undo_button)
        row.addWidget(self.redo_button)

    def _button(self, name: str, tip: str, *actions: str) -> QToolButton:
        button = QToolButton(self)
        self._tips.add(button, tip, *actions)
        button.setAutoRaise(True)
        button.setIconSize(QSize(ICON_PIXELS, ICON_PIXELS))
        button.setIcon(icon(name, self.palette(), ICON_PIXELS))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._icons[button] = name
        return button

    def _measure_button(self) -> QToolButton:
        """All measuring tools behind one button."""
        self.measure_button = self._button("ruler", "Measure: distance, angle, ellipse and more")
        self.measure_button.setCheckable(True)
        self.measure_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.measure_button)
        menu.aboutToShow.connect(self._list_measures)
        self.measure_button.setMenu(menu)
        return self.measure_button

    def _list_measures(self) -> None:
        """With the keys as they are now."""
        menu = self.measure_button.menu()
        menu.clear()
        for name, spec in TOOLS.items():
            if spec.kind == "measure":
                menu.addAction(spec.title + keymap.hint(f"tool.{name}"), partial(self._take, name))

    def _add_labels(self, column: QVBoxLayout, name: str, labels: tuple[Label, ...]) -> None:
        if len(self.context.annotations) > 1:
            heading = plain_label(name, self)
            heading.setObjectName("quiet")
            column.addWidget(heading)
        box = QListWidget(self)
        box.setAccessibleName(f"Labels of {name}")
        box.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        box.setIconSize(QSize(14, 14))
        box.setUniformItemSizes(True)
        box.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        dots = {colour: swatch(colour) for colour in {label.colour for label in labels}}
        for label in labels:
            item = QListWidgetItem(dots[label.colour], label.name or f"Label {label.value}", box)
            item.setData(Qt.ItemDataRole.UserRole, label.value)
            item.setToolTip(plain_tip(f"{label.description or item.text()}\nThe tick shows or hides it"))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        lines = min(len(labels), MOST_LABELS)
        box.setFixedHeight(lines * max(20, box.sizeHintForRow(0)) + 2 * box.frameWidth() + 2)
        key = (self.context.name, name)
        box.itemClicked.connect(partial(self._choose_label, key))
        box.itemChanged.connect(partial(self._show_or_hide, key))
        self.label_lists[key] = box
        column.addWidget(box)

    def _fill_sliders(self, grid: QGridLayout) -> None:
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        if self._paints:
            self._add_brush_size(grid)
        self.opacity = self._slider("Opacity of the labels; in the middle as the template has it", 0, 100)
        self.opacity.valueChanged.connect(self._set_opacity)
        self.hide_button = self._button("eye", "Hide or show the overlays", "overlays.hide")
        self.hide_button.setCheckable(True)
        self.hide_button.clicked.connect(self._hide)
        grid.addWidget(QLabel("Opacity", self), 1, 0)
        grid.addWidget(self.opacity, 1, 1)
        self.outline_button = self._button("outline", "Outlines or filled labels", "overlays.outline")
        self.outline_button.setCheckable(True)
        self.outline_button.clicked.connect(self._outline)
        buttons = QHBoxLayout()
        grid.addLayout(buttons, 1, 2, Qt.AlignmentFlag.AlignRight)
        buttons.setSpacing(2)
        buttons.addWidget(self.outline_button)
        buttons.addWidget(self.hide_button)
        grid.setColumnStretch(1, 1)

    def _add_brush_size(self, grid: QGridLayout) -> None:
        self.size_slider = self._slider("Diameter of brush and eraser; also Shift and the wheel", 0, _SIZE_STEPS)
        self._tips.add(self.size_slider, self.size_slider.toolTip(), "brush.smaller", "brush.larger")
        self.size_slider.valueChanged.connect(self._slide_size)
        self.size_box = QDoubleSpinBox(self)
        self.size_box.setRange(*BRUSH_LIMITS)
        self.size_box.setDecimals(1)
        self.size_box.setSuffix(" mm")
        self.size_box.setAccessibleName("Diameter of brush and eraser")
        self.size_box.setKeyboardTracking(False)
        self.size_box.valueChanged.connect(self._set_size)
        grid.addWidget(QLabel("Brush", self), 0, 0)
        grid.addWidget(self.size_slider, 0, 1)
        grid.addWidget(self.size_box, 0, 2)

    def _slider(self, tip: str, low: int, high: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(low, high)
        slider.setToolTip(tip)
        slider.setAccessibleName(tip)
        slider.setMinimumWidth(60)
        return slider

    # --- what the reader asks for ------------------------------------------------------------------------------

    def _take(self, tool: str, _checked: bool = False) -> None:
        self.document.look(tool=tool)

    def _choose_label(self, key: LabelmapKey, item: QListWidgetItem) -> None:
        value = int(item.data(Qt.ItemDataRole.UserRole))
        if self._ticked == (key, value):
            # The click was on the tick: it hides a label, and does not take it to paint with.
            self._ticked = None
            self._follow(self.document.state.look)
            return
        self.document.look(labels={**self.document.state.look.labels, key: value})

    def _show_or_hide(self, key: LabelmapKey, item: QListWidgetItem) -> None:
        value, shown = int(item.data(Qt.ItemDataRole.UserRole)), item.checkState() == Qt.CheckState.Checked
        hidden = self.document.state.look.hidden_labels
        held = hidden.get(key, frozenset())
        self._ticked = key, value
        self.document.look(hidden_labels={**hidden, key: held - {value} if shown else held | {value}})

    def _slide_size(self, step: int) -> None:
        self._set_size(round(size_of(step), 1))

    def _set_size(self, size: float) -> None:
        self.document.look(brush_mm=size)

    def _set_opacity(self, percent: int) -> None:
        self.document.look(overlay_opacity=percent / 50)

    def _outline(self, wanted: bool) -> None:
        self.document.look(overlay_outline=wanted)

    def _hide(self, hidden: bool) -> None:
        self.document.look(overlays_hidden=hidden)

    # --- following ---------------------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        if change.before.look is not change.after.look:
            self._follow(change.after.look)

    def _follow(self, look: Look) -> None:
        for name, button in self.buttons.items():
            button.setChecked(name == look.tool)
        self.measure_button.setChecked(look.tool in TOOLS and TOOLS[look.tool].kind == "measure")
        if look.tool not in self.buttons:
            self._uncheck()
        for key, box in self.label_lists.items():
            self._show_label(box, look.labels.get(key))
            _show_ticks(box, look.hidden_labels.get(key, frozenset()))
        if self.context.annotations:
            self._show_sliders(look)

    def _uncheck(self) -> None:
        """A tool of the form is in the hand: none of these is."""
        group = next(iter(self.buttons.values())).group()
        group.setExclusive(False)
        for button in self.buttons.values():
            button.setChecked(False)
        group.setExclusive(True)

    def _show_label(self, box: QListWidget, value: int | None) -> None:
        for row in range(box.count()):
            if box.item(row).data(Qt.ItemDataRole.UserRole) == value and box.currentRow() != row:
                blocker = QSignalBlocker(box)
                box.setCurrentRow(row)
                blocker.unblock()

    def _show_sliders(self, look: Look) -> None:
        blockers = [QSignalBlocker(self.opacity)]
        self.opacity.setValue(round(look.overlay_opacity * 50))
        self.hide_button.setChecked(look.overlays_hidden)
        self.outline_button.setChecked(look.overlay_outline)
        name = "eye-shut" if look.overlays_hidden else "eye"
        if self._icons[self.hide_button] != name:
            self._icons[self.hide_button] = name
            self.hide_button.setIcon(icon(name, self.palette(), ICON_PIXELS))
        if self._paints:
            blockers += [QSignalBlocker(self.size_slider), QSignalBlocker(self.size_box)]
            self.size_slider.setValue(step_of(look.brush_mm))
            self.size_box.setValue(look.brush_mm)
        for blocker in blockers:
            blocker.unblock()

    def _show_undo(self, _index: int = 0) -> None:
        stack = self.document.stack
        if not isValid(stack):  # it says once more that it is empty while it goes
            return
        for button, able, text, word in (
            (self.undo_button, stack.canUndo(), stack.undoText(), "Undo"),
            (self.redo_button, stack.canRedo(), stack.redoText(), "Redo"),
        ):
            button.setEnabled(able)
            self._tips.add(button, f"{word}: {text}" if text else word, f"task.{word.lower()}")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            for button, name in self._icons.items():
                button.setIcon(icon(name, self.palette(), ICON_PIXELS))
        super().changeEvent(event)


def finding_lists(document: Document, context: str, parent: QWidget) -> list[QWidget]:
    """What was measured and marked in a context; each list is hidden while there is nothing in it."""
    return [MeasureList(document, context, parent), KeyImageList(document, context, parent)]


def _show_ticks(box: QListWidget, hidden: frozenset[int]) -> None:
    blocker = QSignalBlocker(box)
    for row in range(box.count()):
        item = box.item(row)
        ticked = int(item.data(Qt.ItemDataRole.UserRole)) not in hidden
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
    blocker.unblock()


def size_of(step: int) -> float:
    """Diameter at a step of the slider, mm."""
    return float(_SIZE[0] * (_SIZE[1] / _SIZE[0]) ** (step / _SIZE_STEPS))


def step_of(size: float) -> int:
    """Step of the slider nearest to a diameter."""
    share = math.log(max(size, _SIZE[0]) / _SIZE[0]) / math.log(_SIZE[1] / _SIZE[0])
    return round(min(1.0, share) * _SIZE_STEPS)
