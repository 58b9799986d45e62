"""The tour's reader in quality control: verdicts, tags, a note and the place of an artefact, all by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from viewr.tour.pilot import Pilot, PilotError

if TYPE_CHECKING:
    from viewr.widgets.main_window import MainWindow
    from viewr.widgets.qc_view import QcView

Key = Qt.Key
NOTE = "Ghosting over the whole head"


class QcTour:
    """Starts quality control from the task list and judges some cases.

    Attributes
    ----------
    judged : list of str
        Ids of the tasks with a verdict.
    """

    def __init__(self, pilot: Pilot, window: MainWindow) -> None:
        self._pilot, self._window = pilot, window
        self.judged: list[str] = []

    @property
    def view(self) -> QcView:
        assert self._window.qc is not None
        return self._window.qc.view

    def check_scans(self) -> None:
        """One scan a case: usable; tags and a place; back to correct; unusable with its note; then enough."""
        self._start()
        self._pilot.shot("qc-one-scan")
        self._judge(Key.Key_1)
        self._tag_and_place()
        self._judge(Key.Key_2)
        task = self._task
        self._pilot.key(Key.Key_L)
        self._see_next(task)
        self._judge_unusable(shot=True)
        self._pilot.click(self.view.top.leave)
        self._pilot.wait(lambda: self._window.pages.currentWidget() is self._window.task_list, "the task list")

    def judge_sessions(self) -> None:
        """Several scans a case, until none is left."""
        self._start()
        self._pilot.shot("qc-several-scans")
        while self.view.case is not None:
            for _ in self.view.case.subjects[1:]:
                self._pilot.key(Key.Key_1)
            self._judge_unusable(shot=len(self.judged) == 0)
        self._pilot.shot("qc-end")
        self._pilot.key(Key.Key_Return)
        self._pilot.wait(lambda: self._window.pages.currentWidget() is self._window.task_list, "the task list")

    def _start(self) -> None:
        button = self._window.task_list.qc_button
        self._pilot.wait(button.isVisible, "quality control offered")
        self._pilot.click(button)
        self._see_next("")

    @property
    def _task(self) -> str:
        session = self.view.session
        return session.identity.id if session is not None else ""

    def _see_next(self, before: str) -> None:
        """Wait for another case with all its pictures, or for the end."""
        pictures = self.view.pictures
        self._pilot.wait(lambda: self._task not in ("", before) or pictures.currentWidget() is pictures.end,
                         "the next case", 60)  # fmt: skip
        columns = self.view.board.columns.values()
        self._pilot.wait(lambda: self.view.case is None or all(column.view.sheet is not None for column in columns),
                         "all contact sheets", 60)  # fmt: skip
        # until they are on the screen no verdict is taken
        self._pilot.wait(lambda: not pictures.unpainted(self.view.board.columns), "the contact sheets painted", 60)

    def _judge(self, key: Qt.Key) -> None:
        task = self._task
        self._pilot.key(key)
        self.judged.append(task)
        self._see_next(task)

    def _judge_unusable(self, *, shot: bool) -> None:
        task = self._task
        self._pilot.key(Key.Key_3)
        if not self.view.bar.note.hasFocus():
            raise PilotError("A bad verdict does not ask for a note.")
        self._pilot.type(self.view.bar.note, NOTE)
        if shot:
            self._pilot.shot("qc-note")
        self._pilot.key(Key.Key_Return)
        self.judged.append(task)
        self._see_next(task)

    def _tag_and_place(self) -> None:
        self._pilot.key(Key.Key_M)
        self._pilot.key(Key.Key_P)
        sheet = self.view.board.front
        tile = sheet.tile(sheet.indices[len(sheet.indices) // 2]) if sheet is not None else None
        if sheet is None or tile is None:
            raise PilotError("There is no contact sheet.")
        self._pilot.click(sheet.viewport(), tile.center())
        if not self.view.bar.markers:
            raise PilotError("A click does not say where it is.")
        self._pilot.shot("qc-tagged")
        self._pilot.key(Key.Key_V)
        self._pilot.shot("qc-full")
        self._pilot.key(Key.Key_Escape)
