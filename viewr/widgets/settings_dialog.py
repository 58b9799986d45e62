"""The settings that a reader changes: look, habits of the mouse, keys. Every change is kept and works at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from viewr.model.template import Context
from viewr.widgets import habits
from viewr.widgets.key_editor import KeyEditor
from viewr.widgets.room import resize_within_screen
from viewr.widgets.style import THEMES, apply_style

#: Name of a setting that is true or false -> what it says.
SWITCHES = {
    "window_drag_up_raises": "Dragging up darkens the picture (raises the level); else dragging down does",
    "window_drag_swapped": "Dragging up and down changes the width of the window, right and left its level",
    "picture_overlays": "Copied and saved pictures show labels and drawings",
    "picture_words": "Copied and saved pictures show the words at the corners; they may tell who the patient is",
    "confirm_submit": "Show all answers once more before they are submitted",
}


class SettingsDialog(QDialog):
    """Settings; there is nothing to confirm."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        resize_within_screen(self, 680, 560)
        column = QVBoxLayout(self)
        self.tabs = QTabWidget(self)
        self.keys = KeyEditor(self)
        self.tabs.addTab(self._general(), "General")
        self.tabs.addTab(self.keys, "Keys and mouse")
        column.addWidget(self.tabs, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        buttons.rejected.connect(self.close)
        column.addWidget(buttons)

    def _general(self) -> QWidget:
        page = QWidget(self)
        form = QFormLayout(page)
        form.setContentsMargins(14, 14, 14, 14)
        form.setVerticalSpacing(10)
        self.theme = QComboBox(page)
        self.theme.addItems([name.capitalize() for name in THEMES])
        self.theme.setCurrentText(habits.habits().theme.capitalize())
        self.theme.currentTextChanged.connect(self._set_theme)
        form.addRow("Colours", self.theme)
        self.switches: dict[str, QCheckBox] = {}
        for name, text in SWITCHES.items():
            box = self.switches[name] = QCheckBox(text, page)
            box.setChecked(bool(getattr(habits.habits(), name)))
            box.toggled.connect(partial(_set, name))
            form.addRow(box)
        note = QLabel("Servers, folders and limits stand in the settings file; see the guide for packagers.", page)
        note.setObjectName("quiet")
        note.setWordWrap(True)
        form.addRow(note)
        return page

    def _set_theme(self, text: str) -> None:
        habits.change(theme=text.lower())
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_style(application, text.lower())


def _set(name: str, on: bool) -> None:
    habits.change(**{name: on})


def open_settings(window: QWidget, keys: bool = False, context: Context | None = None) -> SettingsDialog:
    """Show the settings; asked for again, the dialog that is open comes to the front.

    Parameters
    ----------
    context : Context, optional
        Of the open task, whose answer keys are not to be had for anything else.
    """
    dialog = window.findChild(SettingsDialog) or SettingsDialog(window)
    dialog.keys.context = context
    dialog.tabs.setCurrentIndex(int(keys))
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
    return dialog
