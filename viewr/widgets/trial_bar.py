"""Above a template on trial: the page of quality control or the task with its form, and a fresh start."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget


class TrialBar(QWidget):
    """Shows what is on trial and asks for the other; the choice is there only where a verdict can be one key."""

    #: True: as in quality control; False: the task with its form
    qc_wanted = Signal(bool)
    fresh_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(6)
        self.qc = self._button("Quality control", "The contact sheet, with a key for each verdict")
        self.task = self._button("Task", "The viewports, the tools and the whole form")
        for button, wanted in ((self.qc, True), (self.task, False)):
            button.setCheckable(True)
            button.clicked.connect(partial(self._choose, wanted))
            row.addWidget(button)
        note = QLabel("On trial: nothing is sent", self)
        note.setObjectName("quiet")
        note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(note, 1)
        self.fresh = self._button("Start over", "Without the answers given so far")
        self.fresh.clicked.connect(self.fresh_wanted)
        row.addWidget(self.fresh)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        button.setProperty("role", "small")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _choose(self, wanted: bool, _checked: bool = False) -> None:
        self.qc_wanted.emit(wanted)

    def show_choice(self, *, offered: bool, qc: bool) -> None:
        """Say which of the two is shown; without `offered` there is only the task."""
        for button, checked in ((self.qc, qc), (self.task, not qc)):
            button.setVisible(offered)
            blocker = QSignalBlocker(button)
            button.setChecked(checked)
            blocker.unblock()
