"""One of several options, all of them in sight, with the keys that give them."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from viewr.forms.base import Control, Host, wrapped_label
from viewr.forms.choice_row import RadioRow
from viewr.forms.flow import FlowBox
from viewr.forms.options import option_colours, option_index, option_keys, option_text
from viewr.model.template import Field


class RadioButtonGroup(Control):
    """The chosen option, None while none is chosen; Delete or Backspace takes the choice back."""

    def __init__(self, field: Field, path: str, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(field, path, host, parent)
        self._group = QButtonGroup(self)
        # not exclusive: Qt could then never show "none chosen" again
        self._group.setExclusive(False)
        self._other: Any = None
        vertical = str(field.extra.get("orientation", "horizontal")).lower() == "vertical"
        held = QWidget(self) if vertical else FlowBox(self, gap=14, line_gap=0)
        held.setAccessibleName(self.title)
        self.keys = option_keys(field)
        self._colours = option_colours(field)
        self.rows = [self._row(index, option, held) for index, option in enumerate(field.options)]
        self._lay_out(held)
        self.column.addWidget(held)
        self._note = wrapped_label("", self, role="note")
        self._note.hide()
        self.column.addWidget(self._note)
        self._group.idClicked.connect(self._clicked)

    def _lay_out(self, held: QWidget) -> None:
        if isinstance(held, FlowBox):
            for row in self.rows:
                held.add(row)
            return
        lines = QVBoxLayout(held)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        for row in self.rows:
            lines.addWidget(row)

    def _row(self, index: int, option: Any, parent: QWidget) -> RadioRow:
        row = RadioRow(option_text(option), self.keys[index], parent, self._colours[index])
        row.button.setAccessibleName(f"{self.title}: {option_text(option)}")
        row.button.installEventFilter(self)
        self._group.addButton(row.button, index)
        return row

    def button(self, option: Any) -> QWidget:
        """The button of an option."""
        return self.rows[option_index(self.field.options, option)].button

    def value(self) -> Any:
        index = next((index for index, row in enumerate(self.rows) if row.button.isChecked()), -1)
        return self.field.options[index] if index >= 0 else self._other

    def set_value(self, value: Any) -> None:
        index = option_index(self.field.options, value)
        self._other = value if index < 0 and value not in (None, "") else None
        self._note.setText(f"Answered “{option_text(value)}”, which is no longer an option.")
        self._note.setVisible(self._other is not None)
        self._check(index)

    def set_editable(self, editable: bool) -> None:
        for row in self.rows:
            row.setEnabled(editable)

    def focus_widget(self) -> QWidget:
        checked = (row.button for row in self.rows if row.button.isChecked())
        return next(checked, self.rows[0].button if self.rows else self)

    def press_key(self, key: str) -> bool:
        if not key or key not in self.keys or not self.rows[self.keys.index(key)].isEnabled():
            return False
        self._clicked(self.keys.index(key))
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
            key = Qt.Key(event.key())
            if key in steps:
                self._step(watched, steps[key])
                return True
            if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self._clicked(-1)
                return True
        return super().eventFilter(watched, event)

    def _step(self, watched: QObject, step: int) -> None:
        buttons = [row.button for row in self.rows]
        index = (buttons.index(watched) + step) % len(buttons)  # type: ignore[arg-type]
        buttons[index].setFocus(Qt.FocusReason.TabFocusReason)
        self._clicked(index)

    def _clicked(self, index: int) -> None:
        self._check(index)
        self._other = None
        self._note.hide()
        self.value_changed.emit(self.field.options[index] if index >= 0 else None)

    def _check(self, index: int) -> None:
        for number, row in enumerate(self.rows):
            row.button.setChecked(number == index)
            # one stop of the Tab key for the whole group, as readers know it
            stop = number == max(index, 0)
            row.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stop else Qt.FocusPolicy.ClickFocus)
