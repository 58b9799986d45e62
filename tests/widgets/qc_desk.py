"""A session for the page of quality control, without servers, and a keyboard."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.workspace.lab import turn, wait_until
from viewr.model.annotation import Annotation
from viewr.model.geometry import Grid
from viewr.model.state import State
from viewr.model.template import load_template
from viewr.model.template_values import initial_answers
from viewr.model.volume import Volume, Window
from viewr.widgets.qc_view import QcView
from viewr.workspace.document import Document
from viewr.workspace.jobs import Jobs
from viewr.workspace.look import initial_look
from viewr.workspace.quality import with_scan_rows

ONE_SCAN = """
template_name: one
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: false}]
scans: {T1: {modality: MR, protocols: T1}}
quality: {field: verdict, note: note, map: {Good: usable, Doubtful: questionable, Poor: unusable}}
qa_fields:
  verdict: {control: RadioButtonGroup, label: Verdict, x: 0, y: 0, options: [Good, Doubtful, Poor]}
  motion: {control: ComboBox, label: Motion, x: 0, y: 1, options: [present, absent, unknown], key: m}
  metal: {control: CheckBox, label: Metal, x: 0, y: 2, initial_value: false}
  note: {control: LineEdit, label: Note, x: 0, y: 3}
  where: {control: MarkerEdit, label: Where, x: 0, y: 4, max_number: 1}
"""

#: As the original program's templates are: no extensions, one choice.
PLAIN = """
template_name: plain
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: false}]
scans: {T1: {modality: MR, protocols: T1}}
qa_fields:
  usable: {control: RadioButtonGroup, label: Scan usable, x: 0, y: 0, options: ["Yes", "No"]}
  comments: {control: TextBox, label: Comments, x: 0, y: 1}
"""


def listing(scans: list[str], more: str = "") -> str:
    """A template with a row for each scan."""
    named = "\n".join(f"  {name}: {{modality: MR, protocols: {name}}}" for name in scans)
    return f"""
template_name: rows
mode: qc
quality: {{listing: scans, field: verdict, note: note, map: {{Good: usable, Poor: unusable}}}}
viewports: [{{type: viewport, name: only, scan: {scans[0]}, annotation: null, x: 0, y: 0, linked: false}}]
scans:
{named}
qa_fields:
  scans:
    control: ListingWidget
    label: Scans
    x: 0
    y: 0
    content:
      scan: {{control: LineEdit, label: Scan, x: 0, y: 0}}
      verdict: {{control: RadioButtonGroup, label: Verdict, x: 0, y: 1, options: [Good, Poor]}}
      note: {{control: LineEdit, label: Note, x: 0, y: 2}}
      where: {{control: MarkerEdit, label: Where, x: 0, y: 3, max_number: 1}}
{more}"""


class Case(QObject):
    """What the page needs of a `TaskSession`."""

    progress = Signal(object, object, object)
    scan_ready = Signal(object)
    scan_failed = Signal(object, object)
    ready = Signal()
    notice = Signal(str)
    journal_trouble = Signal(object)
    submit_failed = Signal(object)

    def __init__(self, template: str, title: str = "Case 1", volumes: dict[str, Volume] | None = None) -> None:
        super().__init__()
        self.template = load_template(template)
        self.title = title
        names = [scan.name for context in self.template.contexts for scan in context.scans]
        answers = {context.name: initial_answers(context) for context in self.template.contexts}
        targets: dict[Any, Any] = {("default", name): object() for name in names}
        annotation = with_scan_rows(Annotation(answers), self.template, targets)
        self.document = Document(State(annotation, look=initial_look(self.template)))
        self.identity = SimpleNamespace(user="qc1")
        self.notices: list[str] = []
        self.failed: dict[Any, Any] = {}
        self.read_only, self.is_ready, self.corrects = False, True, False
        for name in names:
            self.document.add_volume(("default", name), (volumes or {}).get(name) or volume())

    def obstacles(self) -> list[str]:
        return []

    @property
    def unsaved(self) -> bool:
        return not self.document.stack.isClean()

    @property
    def answers(self) -> Any:
        return self.document.state.annotation.answers["default"]


def volume(shape: tuple[int, ...] = (40, 40, 12), **fields: Any) -> Volume:
    """Slices of 2 mm, each brighter than the one before, with a corner cut out; the origin is voxel (0, 0, 0)."""
    array = np.zeros(shape, np.int16, order="F")
    array += (60 * np.arange(shape[2], dtype=np.int16))[None, None, :]
    array[: shape[0] // 4, : shape[1] // 4] = 0
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    values: dict[str, Any] = {"modality": "MR", "windows": (Window(900, 450, "Stored"),), **fields}
    return Volume(array, Grid(shape[:3], affine, frame_of_reference="1.2"), **values)  # type: ignore[arg-type]


class Page:
    """The page in a window, and what it asked of the run."""

    def __init__(self, qtbot: Any, size: tuple[int, int] = (1280, 720)) -> None:
        self.jobs = Jobs()
        self.view = QcView(self.jobs)
        self.asked: list[str] = []
        qtbot.addWidget(self.view)
        view = self.view
        for name in ("finish", "later", "back", "leave"):
            getattr(view, f"{name}_requested").connect(getattr(self, f"_on_{name}"))
        view.resize(*size)
        view.show()
        view.activateWindow()
        qtbot.waitActive(view).__enter__()
        wait_until(view.isActiveWindow)

    def _on_finish(self) -> None:
        self.asked.append("finish")

    def _on_later(self) -> None:
        self.asked.append("later")

    def _on_back(self) -> None:
        self.asked.append("back")

    def _on_leave(self) -> None:
        self.asked.append("leave")

    def show(self, case: Case) -> Case:
        """Show a case, and wait until its sheets are there."""
        self.view.show_case(case)  # type: ignore[arg-type]
        wait_until(lambda: all(column.view.sheet is not None for column in self.view.board.columns.values()))
        self.see()
        return case

    def see(self) -> None:
        """Wait until the pictures have come to the screen."""
        turn(1)
        wait_until(lambda: not self.view.pictures.unpainted(self.view.board.columns))

    def key(self, *keys: Qt.Key | str) -> None:
        """Press keys as the window system does, wherever the focus is; a text is typed."""
        window = self.view.windowHandle()
        for key in keys:
            if isinstance(key, str):
                for letter in key:
                    QTest.keyClick(window, ord(letter))
            else:
                QTest.keyClick(window, key)
        turn(1)

    def native_key(self, key: Qt.Key | int, text: str, scan_code: int) -> None:
        """Press a key of another layout, with the code of its place on the keyboard."""
        window, none = self.view.windowHandle(), Qt.KeyboardModifier.NoModifier
        event = QKeyEvent(QEvent.Type.KeyPress, int(key), none, scan_code, 0, 0, text)
        QApplication.sendEvent(window, event)
        turn(1)

    @property
    def said(self) -> list[str]:
        return self.view.messages.texts

    def close(self) -> None:
        self.view.drop_case()
        self.jobs.shut_down()
        turn(1)
