"""A widget that sets its parts in lines, like words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class FlowBox(QWidget):
    """Parts beside each other, in as many lines as the width asks for.

    A widget and not a layout: Qt asks a layout written in Python for its items when it is already half deleted.
    """

    def __init__(self, parent: QWidget | None = None, gap: int = 6, line_gap: int = 4) -> None:
        super().__init__(parent)
        self._parts: list[QWidget] = []
        self._gap, self._line_gap = gap, line_gap
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, part: QWidget) -> None:
        """Take in one more part, behind the others."""
        part.setParent(self)
        self._parts.append(part)
        self.updateGeometry()

    def clear(self) -> None:
        """Forget the parts; whoever made them deletes them."""
        self._parts = []
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        return self._arrange(width, move=False)

    def sizeHint(self) -> QSize:
        sizes = [part.sizeHint() for part in self._parts]
        width = sum(size.width() for size in sizes) + self._gap * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSizeHint(self) -> QSize:
        size = QSize()
        for part in self._parts:
            size = size.expandedTo(part.minimumSizeHint())
        return size

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width(), move=True)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange(self.width(), move=True)
            self.updateGeometry()
        return super().event(event)

    def _arrange(self, room: int, *, move: bool) -> int:
        x, y, line_height = 0, 0, 0
        for part in self._parts:
            if part.isHidden():
                continue
            width = min(part.sizeHint().width(), room)
            height = part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()
            if x > 0 and x + width > room:
                x, y, line_height = 0, y + line_height + self._line_gap, 0
            if move:
                part.setGeometry(QRect(x, y, width, height))
            x += width + self._gap
            line_height = max(line_height, height)
        return y + line_height
