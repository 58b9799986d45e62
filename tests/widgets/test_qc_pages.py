"""A run and its page together, on embedded servers: going back, leaving and ending at awkward moments."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.workspace.lab import Lab, make_lab, settle, turn, wait_until
from tests.workspace.test_qc_run import one_more, written
from viewr.demo.serve import Servers
from viewr.widgets.qc_pages import QcPages
from viewr.workspace.desk import Desk
from viewr.workspace.outbox import Outbox

Key = Qt.Key


@pytest.fixture
def lab(servers: Servers, tmp_path: Path, qapp: object) -> Lab:
    return make_lab(servers, tmp_path)


@pytest.fixture
def cases(lab: Lab) -> list[str]:
    """Three tasks of their own on one session; tasks of earlier tests are gone."""
    with lab.servers.store.guard:
        for task in list(lab.servers.store.tasks.values()):
            lab.servers.store.delete(task)
    return [one_more(lab, number) for number in range(3)]


class Shown:
    """The page of a run in a window."""

    def __init__(self, desk: Desk, qtbot: Any) -> None:
        self.desk = desk
        self.pages = QcPages(desk, desk.jobs, desk)
        self.view, self.run = self.pages.view, self.pages.run
        self.view.resize(1000, 700)
        self.view.show()
        self.view.activateWindow()
        qtbot.waitActive(self.view).__enter__()

    def see(self, task_id: str) -> None:
        """Wait until a case is on the screen with its pictures."""
        wait_until(lambda: self.view.session is not None and self.view.session.identity.id == task_id)
        wait_until(lambda: self.view.session is not None and self.view.session.is_ready)
        wait_until(lambda: all(column.view.sheet is not None for column in self.view.board.columns.values()))
        turn(50)

    def press(self, key: Key) -> None:
        QTest.keyClick(self.view.windowHandle(), key)

    @property
    def checked(self) -> list[str]:
        return [button.text() for button in self.view.bar.verdicts if button.isChecked()]


@contextmanager
def showing(lab: Lab, qtbot: Any, first: str) -> Iterator[Shown]:
    with lab.desk() as desk:
        listed: list[Any] = []
        desk.tasks_changed.connect(listed.append)
        desk.refresh()
        wait_until(lambda: bool(listed))
        shown = Shown(desk, qtbot)
        shown.pages.start(first)
        shown.see(first)
        try:
            yield shown
        finally:
            if not shown.run._over:
                shown.pages.close()
                settle()


class Brake:
    """Holds up a function until it is let go."""

    def __init__(self, function: Any) -> None:
        self._function, self.free, self.called = function, threading.Event(), threading.Event()

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.called.set()
        assert self.free.wait(15)
        return self._function(*args, **options)


def test_the_last_verdict_ends_the_run_however_slowly_the_list_comes(
    lab: Lab, cases: list[str], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last case is gone from the screen before its session is, although more tasks are still asked for."""
    with showing(lab, qtbot, cases[0]) as shown:
        for task_id in cases[:2]:
            shown.see(task_id)
            shown.press(Key.Key_1)
        shown.see(cases[2])
        listing = Brake(shown.desk.signed_in.supervisor.tasks)
        monkeypatch.setattr(shown.desk.signed_in.supervisor, "tasks", listing)
        shown.press(Key.Key_1)
        wait_until(listing.called.is_set)
        wait_until(lambda: not shown.run._leaving)
        settle()
        assert shown.view.session is None
        assert "more tasks" in shown.view.pictures.waiting.label.text()
        listing.free.set()
        wait_until(lambda: shown.view.pictures.currentWidget() is shown.view.pictures.end)
        assert shown.view.pictures.end.counts.text() == "3 cases judged."


def test_a_case_goes_on_after_going_back_has_failed(lab: Lab, cases: list[str], qtbot: Any) -> None:
    with showing(lab, qtbot, cases[0]) as shown:
        delivered: list[str] = []
        shown.desk.delivered.connect(delivered.append)
        shown.press(Key.Key_1)
        shown.see(cases[1])
        shown.desk.outbox.holds.let_go()
        shown.desk.upload()
        wait_until(lambda: bool(delivered))
        lab.supervisor("coordinator").take_lock(cases[0])
        shown.press(Key.Key_Backspace)
        wait_until(lambda: any("cannot be opened again" in text for text in shown.view.messages.texts))
        shown.see(cases[1])
        heard: list[Any] = []
        assert shown.view.session is not None
        shown.view.session.document.changed.connect(heard.append)
        shown.press(Key.Key_1)
        assert heard
        shown.see(cases[2])


def test_leaving_while_a_case_comes_back_leaves_no_lock_behind(
    lab: Lab, cases: list[str], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken back is a draft that can be opened again, and its task is free."""
    from viewr.workspace import qc_run

    with showing(lab, qtbot, cases[0]) as shown:
        shown.press(Key.Key_1)
        shown.see(cases[1])
        wait_until(lambda: not shown.run._leaving)
        opening = Brake(qc_run.take_back)
        monkeypatch.setattr(qc_run, "take_back", opening)
        shown.press(Key.Key_Backspace)
        wait_until(opening.called.is_set)
        shown.pages.close()
        settle()
        opening.free.set()
        wait_until(lambda: shown.desk.jobs.busy == 0)
        wait_until(lambda: {lab.holder(task_id) for task_id in cases} == {""})
        assert [info.owner for info in shown.desk.resumable()] == [None]
        assert lab.status(cases[0]) == "queued"


def test_back_at_once_waits_for_the_case_before_and_judges_no_other(
    lab: Lab, cases: list[str], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The results of a slow disk are still on their way when the reader wants the case back."""
    with showing(lab, qtbot, cases[0]) as shown:
        writing = Brake(Outbox.add)
        with monkeypatch.context() as patch:
            patch.setattr(Outbox, "add", lambda *args, **options: writing(*args, **options))
            shown.press(Key.Key_1)
            shown.see(cases[1])
            wait_until(writing.called.is_set)
            shown.press(Key.Key_Backspace)
            shown.press(Key.Key_1)  # meant for the case before
            shown.press(Key.Key_L)
            writing.free.set()
            shown.see(cases[0])
        assert shown.run.progress.done == 0
        assert shown.checked == ["Good"]
        shown.press(Key.Key_1)
        shown.see(cases[1])
        assert shown.checked == []


def test_a_verdict_that_is_lost_with_the_run_gives_its_task_back(
    lab: Lab, cases: list[str], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full, and the reader has left meanwhile: the draft can be opened, and nothing stays locked."""
    from viewr.model.errors import ViewrError

    def full(*_: Any, **__: Any) -> None:
        raise ViewrError("The disk is full.")

    with showing(lab, qtbot, cases[0]) as shown:
        writing = Brake(full)
        monkeypatch.setattr(Outbox, "add", lambda *args, **options: writing(*args, **options))
        shown.press(Key.Key_1)
        shown.see(cases[1])
        wait_until(writing.called.is_set)
        shown.pages.close()
        settle()
        writing.free.set()
        wait_until(lambda: shown.desk.jobs.busy == 0)
        wait_until(lambda: {lab.holder(task_id) for task_id in cases} == {""})
        assert [info.owner for info in shown.desk.resumable()] == [None]
        assert written(lab, 0) == []


def test_a_verdict_pressed_twice_does_not_judge_the_next_case(lab: Lab, cases: list[str], qtbot: Any) -> None:
    """The second press is there before the next case was painted."""
    with showing(lab, qtbot, cases[0]) as shown:
        wait_until(lambda: (ahead := shown.desk.prefetch.peek(cases[1])) is not None and ahead.is_ready)
        turn(200)  # its sheets are made
        for _ in range(2):  # both were waiting for the program
            once = QKeyEvent(QEvent.Type.KeyPress, Key.Key_1, Qt.KeyboardModifier.NoModifier, "1")
            QApplication.sendEvent(shown.view.windowHandle(), once)
        assert shown.view.session is not None
        assert shown.view.session.identity.id == cases[1]
        shown.see(cases[1])
        assert shown.checked == []
        assert shown.run.progress.done == 1
        button = shown.view.bar.verdicts[0]
        for press in (QTest.mouseClick, QTest.mouseDClick):  # as the window system tells of a double click
            press(button, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, button.rect().center())
            turn(30)
            button = shown.view.bar.verdicts[0]
        shown.see(cases[2])
        assert shown.checked == []
