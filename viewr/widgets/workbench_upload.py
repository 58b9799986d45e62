"""Sending a template to the task supervisor: inline, in two steps where one of that name is there already."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from viewr.forms.base import nested_row, plain_label
from viewr.model.progress import Progress
from viewr.workspace.jobs import Jobs

if TYPE_CHECKING:
    from viewr.supervisor.client import SupervisorClient


def send(client: SupervisorClient, label: str, text: str, replaces: bool, _progress: Progress) -> str:
    """Send a template; if one of that label is there and may not be replaced, how the two differ, else ""."""
    if client.put_template(label, text, replaces=replaces):
        return ""
    return difference(client.template(label).text, text)


def difference(theirs: str, mine: str) -> str:
    """How a template differs from the one that it would replace, in a sentence."""
    old, new = Counter(theirs.splitlines()), Counter(mine.splitlines())
    gone, come = (old - new).total(), (new - old).total()
    if not gone and not come:
        return "It is the same, or the same lines in another order."
    lines = "line" if old.total() == 1 else "lines"
    return f"Of its {old.total()} {lines} {gone} would go, and {come} others come."


class UploadStrip(QWidget):
    """Hidden until asked for."""

    #: a sentence: it is there
    uploaded = Signal(str)
    #: ViewrError
    failed = Signal(object)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.client: SupervisorClient | None = None
        self._text = ""
        self._replaces = False
        self.setObjectName("message")
        self.setProperty("kind", "info")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        self.words = plain_label("", self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        layout.addWidget(self.words)
        row = nested_row(layout)
        self.label = QLineEdit(self)
        self.label.setAccessibleName("Label of the template")
        self.label.setMaxLength(200)
        self.label.textChanged.connect(self._on_label)
        self.button = QPushButton("Upload", self)
        self.button.clicked.connect(self._send)
        self.cancel_button = QPushButton("Cancel", self)
        self.cancel_button.clicked.connect(self.hide)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(self.cancel_button)
        self.hide()

    def ask(self, label: str, text: str) -> None:
        """Offer to send a text under a label."""
        self._text = text
        self.label.setText(label)
        self._on_label(label)
        self.show()
        self.label.setFocus()

    def _on_label(self, label: str) -> None:
        self._replaces = False
        self.words.setText("Tasks name the template by this label.")
        self.button.setText("Upload")
        self.button.setEnabled(bool(label.strip()))

    def _send(self) -> None:
        if self.client is None:
            return
        self.button.setEnabled(False)
        job = self._jobs.start(send, self.client, self.label.text().strip(), self._text, self._replaces)
        job.done.connect(self._on_sent)
        job.failed.connect(self._on_failed)

    def _on_sent(self, replaced: str) -> None:
        self.button.setEnabled(True)
        if not replaced:
            self.hide()
            self.uploaded.emit(f"The supervisor has the template '{self.label.text().strip()}' now.")
            return
        self._replaces = True
        label = self.label.text().strip()
        self.words.setText(f"The supervisor has a template '{label}'. {replaced} All tasks that name it would get "
                           "this text.")  # fmt: skip
        self.button.setText("Replace it")

    def _on_failed(self, error: Exception) -> None:
        self.button.setEnabled(True)
        self.failed.emit(error)
