"""What has not reached the archive yet, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from viewr.workspace.outbox import Waiting

EXPLANATION = (
    "These results are safe on this machine. They are sent by themselves as soon as the servers take them, also after "
    "the program was closed and started again."
)


class OutboxView(QWidget):
    """The page behind "results wait for upload"."""

    back_requested = Signal()
    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        row = QHBoxLayout()
        title = QLabel("Waiting for upload", self)
        title.setObjectName("pageTitle")
        row.addWidget(title)
        row.addStretch(1)
        self.retry = QPushButton("Try now", self)
        self.retry.clicked.connect(self.retry_requested)
        back = QPushButton("Task list", self)
        back.clicked.connect(self.back_requested)
        row.addWidget(self.retry)
        row.addWidget(back)
        layout.addLayout(row)
        text = QLabel(EXPLANATION, self)
        text.setWordWrap(True)
        text.setObjectName("quiet")
        layout.addWidget(text)
        self.list = QTreeWidget(self)
        self.list.setHeaderLabels(["Task", "Since", "Next step", "Why it waits"])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName("Waiting for upload")
        layout.addWidget(self.list, 1)

    def show_waiting(self, waiting: list[Waiting]) -> None:
        """Show other submissions."""
        self.list.clear()
        for item in waiting:
            row = QTreeWidgetItem([item.title, item.since, item.step, item.reason])
            row.setToolTip(3, item.reason)
            self.list.addTopLevelItem(row)
        for column in range(3):
            self.list.resizeColumnToContents(column)
        self.retry.setEnabled(bool(waiting))
