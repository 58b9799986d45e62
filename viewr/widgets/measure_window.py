"""Measures and key images in a small window, for templates that show no tools beside the views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout

from viewr.widgets.key_image_list import KeyImageList
from viewr.widgets.measure_list import MeasureList

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


class MeasureWindow(QDialog):
    """The lists of one context; it stays beside the views until it is closed."""

    def __init__(self, viewport: SliceViewport) -> None:
        super().__init__(viewport.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Measures and key images")
        self.resize(340, 320)
        self.context = viewport.key[0]
        column = QVBoxLayout(self)
        self.measures = MeasureList(viewport.document, self.context, self)
        self.images = KeyImageList(viewport.document, self.context, self)
        column.addWidget(self.measures)
        column.addWidget(self.images)
        words = "What you measure or mark stands here; a click leads back to it."
        note = QLabel(words, self)
        note.setObjectName("quiet")
        note.setWordWrap(True)
        column.addWidget(note)
        column.addStretch(1)


def open_measures(viewport: SliceViewport) -> MeasureWindow:
    """Show the lists; asked for again, the window that is open comes to the front."""
    found = (each for each in viewport.window().findChildren(MeasureWindow) if each.context == viewport.key[0])
    window = next(found, None) or MeasureWindow(viewport)
    window.show()
    window.raise_()
    return window
