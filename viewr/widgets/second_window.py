"""A second window for a second monitor: viewports of the open task that stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QMoveEvent, QResizeEvent, QScreen, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from viewr.model.state import ViewportKey
from viewr.widgets import colours
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.viewport_area import ViewportArea
from viewr.workspace.layouts import Cell

#: Milliseconds after the last move or resize at which the place of the window is kept.
_KEEP_AFTER = 400


class SecondWindow(QWidget):
    """Viewports away from the task's own window; it goes with it, and the task's keys work here too."""

    #: the reader closed it
    closed = Signal()

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Window)
        self.setObjectName("secondWindow")
        self.setWindowTitle("ViewR: second window")
        self._owner = owner
        self._keys: dict[QShortcut, QShortcut] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.area = ViewportArea(self)
        column.addWidget(self.area)
        self._keeper = QTimer(self, singleShot=True, interval=_KEEP_AFTER)
        self._keeper.timeout.connect(self._keep)

    def place(self, places: Mapping[ViewportKey, Cell], widgets: Mapping[ViewportKey, SliceViewport]) -> None:
        """Show viewports here; none hides the window."""
        self.area.place(places, widgets)
        if not places:
            self.hide()
        elif self.isHidden():
            self._appear()
            next(iter(widgets[key] for key in places)).setFocus()

    def _appear(self) -> None:
        """Come up where it was last on this set of monitors: on another one than the task's, if there is one."""
        screen = other_screen(self._owner.screen(), QGuiApplication.screens(), str(_settings().value(_LAST, "")))
        kept = _settings().value(_place_of(screen))
        if kept is None or not self.restoreGeometry(kept):
            area = screen.availableGeometry()
            self.setGeometry(first_place(area, screen is not self._owner.screen()))
        self._take_keys()
        self.show()
        self.raise_()
        self.activateWindow()

    def _take_keys(self) -> None:
        """The keys that work anywhere in the task's window work here."""
        for shortcut in self._owner.window().findChildren(QShortcut):
            inside = shortcut.context() in (Qt.ShortcutContext.WindowShortcut, Qt.ShortcutContext.ApplicationShortcut)
            if inside and shortcut not in self._keys and shortcut.parent() is not self:
                copy = self._keys[shortcut] = QShortcut(self)
                copy.setKeys(shortcut.keys())
                copy.activated.connect(partial(_press, shortcut))

    def _keep(self) -> None:
        if self.isVisible():
            settings = _settings()
            settings.setValue(_LAST, self.screen().name())
            settings.setValue(_place_of(self.screen()), self.saveGeometry())

    def moveEvent(self, event: QMoveEvent) -> None:
        self._keeper.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._keeper.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep()
        self.closed.emit()
        super().closeEvent(event)


_LAST = "second_window/screen"


def _settings() -> QSettings:
    return QSettings("viewr", "viewr")


def _place_of(screen: QScreen) -> str:
    return f"second_window/{screen.name().replace('/', '-')}"


def _press(shortcut: QShortcut) -> None:
    """Do what a key of the task's window does, unless what it belongs to is gone or not in sight."""
    if not isValid(shortcut) or not shortcut.isEnabled():
        return
    owner = shortcut.parent()
    if not isinstance(owner, QWidget) or owner.isVisible():
        shortcut.activated.emit()


def other_screen(own: QScreen, screens: Sequence[QScreen], last: str) -> QScreen:
    """Where the second window goes: where it was last if that is another monitor, else any other, else the same."""
    others = [screen for screen in screens if screen is not own]
    return next((screen for screen in others if screen.name() == last), others[0] if others else own)


def first_place(area: QRect, alone: bool) -> QRect:
    """All of another monitor but a margin for the window's frame; the right half of the task's own one."""
    if alone:
        return area.adjusted(8, 32, -8, -8)
    half = QRect(QPoint(area.center().x(), area.top()), area.bottomRight())
    return half.adjusted(8, 32, -8, -8)


class AwayNote(QWidget):
    """In place of viewports that are all in the second window."""

    back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.addStretch(1)
        words = QLabel("The views of this task are in the second window.", self)
        words.setStyleSheet(f"color: {colours.TEXT.name()}")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        button = QPushButton("Bring them back", self)
        button.clicked.connect(self.back)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)


def is_elsewhere(widget: QWidget) -> bool:
    """Whether a widget is in another window than the one that has the keys."""
    return widget.window() is not QApplication.activeWindow()
