"""Windows of their own: they fit the screen, also a small one at twice the size, and Esc closes them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

#: What a window's frame and the desktop's bars may take, logical pixels.
_FRAME = QSize(16, 60)


def resize_within_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, or what of it the screen has room for."""
    window.resize(fitting(QSize(width, height), window.screen().availableGeometry().size()))


def fitting(wanted: QSize, screen: QSize) -> QSize:
    """As much of a size as a screen has room for."""
    return wanted.boundedTo(screen - _FRAME)


def close_with_escape(window: QWidget) -> None:
    """Let Esc close a small window, as it does dialogs."""
    QShortcut(QKeySequence(Qt.Key.Key_Escape), window, window.close)


def hide_with_escape(strip: QWidget) -> None:
    """Let Esc put a strip above the work away while the keyboard is in it."""
    inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
    QShortcut(QKeySequence(Qt.Key.Key_Escape), strip, strip.hide, context=inside)
