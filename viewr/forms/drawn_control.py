"""What the controls of markers, landmarks and contours share: a list of what is drawn, and the way to the views.

Their values are derived from the drawings in the document; they hold none of their own.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from viewr.forms.base import Control, Host, LabelPlace, harmless_tip, plain_tip, wrapped_label
from viewr.forms.combo_box import CalmComboBox
from viewr.forms.drawing import NO_TOOL, frame_text, group_of, jump, middle, position_text, swatch
from viewr.forms.flow import FlowBox
from viewr.model.annotation import Annotation, DrawingKey, Drawn, with_drawing
from viewr.model.drawn_json import drawn_value
from viewr.model.state import Look
from viewr.model.template import Field

#: Lines of the list in sight at most; more scroll.
MOST_LINES = 10


def without_drawn(annotation: Annotation, key: DrawingKey, drawn: Drawn) -> Annotation:
    """The annotation without one marker or contour."""
    return with_drawing(annotation, key, tuple(item for item in annotation.drawings.get(key, ()) if item != drawn))


class DrawnControl(Control):
    """A list of what is drawn for a field, with the buttons to draw, find and delete."""

    label_place: ClassVar[LabelPlace] = "above"
    answers: ClassVar[bool] = False
    tool: ClassVar[str] = NO_TOOL
    noun: ClassVar[str] = "object"
    draw_text: ClassVar[str] = "Place"
    delete_text: ClassVar[str] = "Delete"
    how_to: ClassVar[str] = "Click in a view. Press the button again, or Esc, to stop."
    headings: ClassVar[tuple[str, ...]] = ("", "Position (mm)")

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._editable = True
        self.groups = self._make_groups()
        self.list = self._make_list()
        self.adopt(self.list)
        self._make_buttons()
        self.note = wrapped_label("", self, role="note")
        self.column.addWidget(self.note)
        self.follow_drawings()

    # --- what kinds of drawings differ in ----------------------------------------------------------------------

    def own_group_selector(self) -> bool:
        """Whether the reader chooses the group here."""
        return False

    def lines(self) -> list[tuple[Drawn | None, tuple[str, ...], int]]:
        """What the list shows: the drawn object (None: still to be drawn), its texts, its group."""
        raise NotImplementedError

    def group(self) -> int:
        """The group of the next object."""
        return max(0, self.groups.currentIndex()) if self.groups is not None else 0

    def full(self) -> bool:
        """Whether no more may be drawn."""
        return False

    def hint(self) -> str:
        """A sentence below the list; "" for none."""
        return ""

    def draw_fields(self) -> dict[str, Any]:
        """What the views need to know to draw the next object."""
        return {"target": self.key, "tool": self.tool, "group": self.group()}

    # --- parts -------------------------------------------------------------------------------------------------

    def _make_groups(self) -> CalmComboBox | None:
        if not self.own_group_selector() or len(self.field.groups) < 2:
            return None
        box = CalmComboBox(self)
        for group in self.field.groups:
            box.addItem(swatch(group), group.label)
            box.setItemData(box.count() - 1, plain_tip(group.description) or None, Qt.ItemDataRole.ToolTipRole)
        box.setAccessibleName(f"{self.title}: group of the next {self.noun}")
        box.activated.connect(self._group_chosen)
        self.column.addWidget(box)
        return box

    def _make_list(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setIconSize(QSize(14, 14))
        tree.setHeaderLabels(list(self.headings))
        tree.setHeaderHidden(not self.headings[0])
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.itemClicked.connect(self._line_clicked)
        tree.itemActivated.connect(self._line_clicked)
        tree.currentItemChanged.connect(self._line_changed)
        QShortcut(QKeySequence("Delete"), tree, self.delete, context=Qt.ShortcutContext.WidgetShortcut)
        return tree

    def _make_buttons(self) -> None:
        line = FlowBox(self)
        self.draw_button = self._button(self.draw_text, f"Draw in a view: {self.title}", self._draw_clicked, line)
        self.draw_button.setCheckable(True)
        self.go_button = self._button("Go to", f"Show the chosen {self.noun} in the views", self.go, line)
        self.delete_button = self._button(self.delete_text, f"Delete the chosen {self.noun}", self.delete, line)
        for button in (self.draw_button, self.go_button, self.delete_button):
            line.add(button)
        self.column.addWidget(line)

    def _button(self, text: str, tip: str, act: Any, parent: QWidget) -> QPushButton:
        button = QPushButton(text, parent)
        button.setProperty("role", "small")
        button.setToolTip(harmless_tip(tip))
        button.setAccessibleName(f"{self.title}: {text}")
        button.clicked.connect(act)
        return button

    # --- value -------------------------------------------------------------------------------------------------

    @property
    def key(self) -> DrawingKey:
        return self.host.context.name, self.path

    def drawn(self) -> tuple[Drawn, ...]:
        """The markers or contours of this field."""
        return self.host.document.state.annotation.drawings.get(self.key, ())

    def value(self) -> list[dict[str, Any]]:
        return [drawn_value(item) for item in self.drawn()]

    def set_value(self, value: Any) -> None:
        """Nothing: the value is what is drawn."""

    def set_editable(self, editable: bool) -> None:
        self._editable = editable
        if self.groups is not None:
            self.groups.setEnabled(editable)
        self._show_buttons()

    def focus_widget(self) -> QWidget:
        return self.draw_button if self.draw_button.isEnabled() else self.list

    @property
    def drawing(self) -> bool:
        """Whether the views draw for this field now."""
        look = self.host.document.state.look
        return look.target == self.key and look.tool == self.tool

    # --- following ---------------------------------------------------------------------------------------------

    def follow_drawings(self) -> None:
        current = self.list.currentItem()
        chosen = self.list.indexOfTopLevelItem(current) if current is not None else -1
        blocker = QSignalBlocker(self.list)
        self.list.clear()
        for drawn, texts, group in self.lines():
            item = QTreeWidgetItem(list(texts))
            item.setIcon(0, swatch(group_of(self.field.groups, group), drawn is not None))
            item.setData(0, Qt.ItemDataRole.UserRole, drawn)
            where = f"{texts[0]}: {position_text(middle(drawn), 1)} mm{frame_text(drawn)}" if drawn else texts[0]
            for column in range(len(texts)):
                item.setToolTip(column, plain_tip(where))
            self.list.addTopLevelItem(item)
        number = self.list.topLevelItemCount()
        if chosen >= 0 and number:
            self.choose(min(chosen, number - 1))
        blocker.unblock()
        self._fit_list(number)
        self._show_buttons()
        if self.full() and self.drawing:
            # not now: other parts have not seen this change yet
            QTimer.singleShot(0, self, self._stop_if_full)

    def follow_look(self, before: Look, after: Look) -> None:
        if (before.target, before.tool, before.target_name) != (after.target, after.tool, after.target_name):
            self._show_buttons()
        if before.selected != after.selected and after.selected is not None and after.selected[0] == self.key:
            self.choose_id(after.selected[1])

    def rebase(self, path: str) -> list[Control]:
        self.list.clear()
        return super().rebase(path)

    def _fit_list(self, number: int) -> None:
        line = max(self.list.sizeHintForRow(0), self.list.fontMetrics().lineSpacing() + 6)
        header = 0 if self.list.isHeaderHidden() else self.list.header().sizeHint().height()
        shown = min(number, MOST_LINES)
        self.list.setVisible(number > 0)
        self.list.setFixedHeight(shown * line + header + 2 * self.list.frameWidth() + 4)

    def _show_buttons(self) -> None:
        self.draw_button.setEnabled(self._editable and not self.full())
        self.draw_button.setChecked(self.drawing)
        chosen = self.chosen() is not None
        self.go_button.setEnabled(chosen)
        self.delete_button.setEnabled(chosen and self._editable)
        text = self.how_to if self.drawing else self.hint()
        self.note.setText(text)
        self.note.setVisible(bool(text))

    # --- what the reader does ----------------------------------------------------------------------------------

    def chosen(self) -> Drawn | None:
        """The object of the chosen line."""
        item = self.list.currentItem()
        drawn: Drawn | None = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        return drawn

    def choose(self, number: int) -> None:
        """Choose a line of the list."""
        item = self.list.topLevelItem(number)
        if item is not None:
            self.list.setCurrentItem(item)

    def choose_id(self, number: int) -> None:
        """Choose the line of an object; the views stay where they are."""
        blocker = QSignalBlocker(self.list)
        for line in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(line)
            drawn = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
            if item is not None and drawn is not None and drawn.id == number:
                self.list.setCurrentItem(item)
        blocker.unblock()
        self._show_buttons()

    def go(self) -> None:
        """Show the chosen object in the views."""
        drawn = self.chosen()
        if drawn is not None:
            selected = (self.key, drawn.id)
            jump(self.host.document, self.host.context.name, drawn, selected=selected)

    def delete(self) -> None:
        """Delete the chosen object; undo brings it back."""
        drawn = self.chosen()
        if drawn is not None and self._editable:
            change = partial(without_drawn, key=self.key, drawn=drawn)
            self.host.document.edit(f"Delete {self.noun} of “{self.title}”", change)

    def draw(self) -> None:
        """Let the views draw for this field."""
        self.host.document.look(**self.draw_fields())

    def stop(self) -> None:
        """Put the tool down."""
        if self.drawing:
            self.host.document.look(target=None, target_name="", tool=NO_TOOL)

    def _draw_clicked(self, checked: bool) -> None:
        if checked:
            self.draw()
        else:
            self.stop()

    def _stop_if_full(self) -> None:
        if self.full():
            self.stop()

    def _group_chosen(self, _index: int) -> None:
        if self.drawing:
            self.host.document.look(group=self.group())

    def _line_clicked(self, _item: QTreeWidgetItem, _column: int) -> None:
        self.go()

    def _line_changed(self, _now: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        self._show_buttons()
