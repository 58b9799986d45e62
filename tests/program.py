"""The whole program on a small study, worked by mouse and keys; its servers behind a gate that can shut."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.net.fake import FakeServer
from tests.workspace.lab import Lab, make_lab, settle, turn
from viewr.demo.serve import Servers
from viewr.net import http
from viewr.settings import Settings
from viewr.tour.pilot import Pilot
from viewr.tour.reader import TourReader
from viewr.widgets.main_window import MainWindow
from viewr.widgets.messages import MessageBar
from viewr.widgets.task_view import TaskView
from viewr.workspace.desk import Desk
from viewr.workspace.folders import Folders

MAP = ("default", "wml")
PAGE = b"<!DOCTYPE html><html><title>Please sign in</title></html>"


class Gate:
    """Stands before a server: lets requests through, or does what a network does.

    Attributes
    ----------
    mode : str
        "open"; "gone" (the connection breaks off); "html" (a web page, as of a hospital's proxy).
    """

    def __init__(self, url: str) -> None:
        self._target = url
        self.mode = "open"
        self._server = FakeServer(self._answer)
        self.url = self._server.url
        self.seen = self._server.seen
        self.stop = self._server.stop

    def _answer(self, request: Any) -> None:
        if self.mode == "gone":
            _break_off(request)
        elif self.mode == "html":
            _reply(request, 200, {"Content-Type": "text/html"}, PAGE)
        else:
            try:
                self._pass_on(request)
            except requests.RequestException:
                _break_off(request)

    def _pass_on(self, request: Any) -> None:
        own = ("host", "connection", "content-length")
        headers = {name: value for name, value in request.headers.items() if name.lower() not in own}
        answer = requests.request(
            request.command, self._target + request.path, data=request.content, headers=headers, timeout=30,
            allow_redirects=False,
        )  # fmt: skip
        dropped = ("transfer-encoding", "content-encoding", "content-length", "connection", "keep-alive")
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in dropped}
        _reply(request, answer.status_code, kept, answer.content)


def _break_off(request: Any) -> None:
    request.close_connection = True
    request.connection.close()


def _reply(request: Any, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


@dataclass
class Study:
    """A lab that the program sees through gates."""

    lab: Lab
    supervisor: Gate
    archive: Gate

    def shut(self, mode: str) -> None:
        self.supervisor.mode = self.archive.mode = mode


@contextmanager
def gated(servers: Servers, folder: Path) -> Iterator[Study]:
    """A study on these servers, whose addresses are those of the gates."""
    # Tasks of earlier tests would fill the list.
    with servers.store.guard:
        for task in list(servers.store.tasks.values()):
            servers.store.delete(task)
    supervisor, archive = Gate(servers.supervisor_url), Gate(servers.archive_url)
    seen = replace(servers, supervisor_url=supervisor.url, archive_url=archive.url)
    try:
        yield Study(make_lab(seen, folder), supervisor, archive)
    finally:
        supervisor.stop()
        archive.stop()


class Program:
    """The program as its reader meets it."""

    def __init__(self, lab: Lab, settings: Settings | None = None, folders: Folders | None = None) -> None:
        self.lab = lab
        settings = settings or Settings(research_notice_seen=True, confirm_submit=False)
        self.window = MainWindow(settings, folders or lab.folders)
        self.pilot = Pilot(self.window)
        self.window.move(0, 0)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        self.pilot.wait(self.window.isActiveWindow, "the window active")
        self.window.begin()

    # --- what is on the screen ---------------------------------------------------------------------------------

    @property
    def page(self) -> QWidget:
        return self.window.pages.currentWidget()

    @property
    def said(self) -> list[str]:
        """Every message in sight, sentence and hint."""
        bars = [bar for bar in self.window.findChildren(MessageBar) if bar.isVisible()]
        return [text for bar in bars for text in _labels(bar)]

    @property
    def view(self) -> TaskView:
        assert self.window.task_view is not None
        return self.window.task_view

    @property
    def reader(self) -> TourReader:
        """A reader's hands on the open task."""
        return TourReader(self.pilot, self.view, "test")

    @property
    def desk(self) -> Desk:
        assert self.window.desk is not None
        return self.window.desk

    def cell(self, task_id: str, column: str) -> str:
        """What the list says of a task."""
        tasks = self.window.task_list.filter
        titles = [tasks.headerData(n, Qt.Orientation.Horizontal) for n in range(tasks.columnCount())]
        return str(tasks.index(self._row(task_id), titles.index(column)).data())

    def listed(self) -> list[str]:
        """Ids of the tasks in the list, from top to bottom."""
        tasks = self.window.task_list.filter
        return [str(tasks.index(row, 0).data()) for row in range(tasks.rowCount())]

    def _row(self, task_id: str) -> int:
        return self.listed().index(task_id)

    # --- what the reader does ----------------------------------------------------------------------------------

    def fill_in(self, user: str = "reader1", password: str = "", *, supervisor: str = "", archive: str = "") -> None:
        """Type into the sign-in page and press its button."""
        page = self.window.sign_in_page
        for line, text in (
            (page.supervisor, supervisor or self.lab.servers.supervisor_url),
            (page.archive, archive or self.lab.servers.archive_url),
            (page.user, user), (page.password, password or f"{user}-demo"),
        ):  # fmt: skip
            line.clear()
            self.pilot.type(line, text)
        self.pilot.click(page.button)

    def sign_in(self, user: str = "reader1") -> None:
        self.fill_in(user)
        self.pilot.wait(lambda: self.page is self.window.task_list, f"{user} signed in")
        self.wait_for_list()

    def wait_for_list(self) -> None:
        """Until the list is there, with everything that it says of its tasks."""
        tasks = self.window.task_list
        self.pilot.wait(lambda: self.page is tasks and not tasks.refreshing, "the task list")
        self.pilot.wait(lambda: all(map(tasks.table.is_current, self.listed())), "the tasks' details")

    def refresh(self) -> None:
        self.pilot.click(self.window.task_list.reload)
        self.wait_for_list()

    def choose(self, task_id: str) -> None:
        """Click a task's row."""
        tasks = self.window.task_list
        self.pilot.wait(lambda: not tasks.refreshing and task_id in self.listed(), f"task {task_id} listed")
        area = tasks.view.visualRect(tasks.filter.index(self._row(task_id), 1))
        self.pilot.click(tasks.view.viewport(), area.center())
        self.pilot.wait(lambda: tasks.selected == task_id, f"task {task_id} chosen")

    def press_open(self, task_id: str) -> None:
        """Open a task and wait until it is there, or the list is back with the reason why not."""
        self.choose(task_id)
        self._press(self.window.task_list.open_button)

    def press_look(self, task_id: str) -> None:
        self.choose(task_id)
        self._press(self.window.task_list.look_button)

    def press_next(self) -> None:
        self._press(self.window.task_list.next_button)

    def _press(self, button: QPushButton) -> None:
        self.pilot.click(button)
        self.pilot.wait(lambda: self.page is not self.window.busy, "an answer")
        if self.page is self.window.task_view:
            self.pilot.wait(lambda: self.view.session.is_ready, "all scans")
            self.pilot.wait(lambda: self.view.forms["default"].complete, "the form")
        else:
            tasks = self.window.task_list
            self.pilot.wait(lambda: not tasks.refreshing, "the task list")

    def open(self, task_id: str) -> TaskView:
        """Open a task for work, whole."""
        self.press_open(task_id)
        assert self.page is self.window.task_view, self.said
        assert self.view.session.identity.id == task_id
        return self.view

    def leave(self) -> None:
        self.pilot.click(self.view.leave)
        self.pilot.wait(lambda: self.page is self.window.task_list, "the task list")
        self.pilot.wait(lambda: not self.window.task_list.refreshing, "the tasks asked for")

    def submit(self) -> None:
        view = self.view
        self.pilot.click(view.submit)
        self.pilot.wait(lambda: self.window.task_view is not view, "the results in the outbox")
        self.pilot.wait(lambda: not self.window.task_list.refreshing, "the tasks asked for")

    def wait_for_uploads(self) -> None:
        self.pilot.wait(lambda: not self.desk.waiting(), "everything uploaded")

    def say(self, text: str) -> None:
        """Answer the text field of the lab's template."""
        self.reader.write("comment", text)

    def stroke(self) -> int:
        """Paint a stroke over the middle of the first viewport; returns how many voxels are labelled now."""
        port = self.reader.viewport("left")
        self.pilot.wait(lambda: port.scene is not None and MAP in self.view.session.document.labelmaps, "the label map")
        self.pilot.click(self.reader.tool_button("brush"))
        middle = port.rect().center()
        self.pilot.drag(port, [middle, middle + QPoint(8, 4), middle + QPoint(16, 0)])
        return self.voxels

    @property
    def voxels(self) -> int:
        return self.reader.voxels("wml")

    @property
    def comment(self) -> Any:
        """The answer in the text field, as the document has it."""
        return self.view.session.document.state.annotation.answers["default"].get("comment")

    def close(self) -> None:
        """End the program as its window's cross does."""
        self.window.close()
        self.window.deleteLater()
        settle()


def _labels(bar: MessageBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible() and label.text()]


@contextmanager
def running(lab: Lab, settings: Settings | None = None, folders: Folders | None = None) -> Iterator[Program]:
    """The program until the end of the block."""
    # As in the program: what goes in a worker's thread would take Qt's objects with it.
    gc.disable()
    program = Program(lab, settings, folders)
    try:
        yield program
    finally:
        program.close()
        gc.collect()


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Network failures are told at once instead of after some seconds of trying."""
    monkeypatch.setattr(http, "HttpOptions", partial(http.HttpOptions, trust_env=False, retry_wait=0.01))


__all__ = ["Gate", "Program", "Study", "gated", "hurry", "running", "turn"]
