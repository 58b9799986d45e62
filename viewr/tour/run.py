"""The demo's tour: works through the demo tasks as a reader would, and checks that every result arrived."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewr.demo.process import ServerProcess
from viewr.model.errors import ViewrError
from viewr.tour.pilot import Pilot, PilotError
from viewr.tour.plays import PLAYS
from viewr.tour.qc import QcTour
from viewr.tour.reader import TourReader
from viewr.widgets.task_view import TaskView
from viewr.workspace.heartbeat import Heartbeat

if TYPE_CHECKING:
    from viewr.widgets.main_window import MainWindow

#: Seconds for the demo patients to be made on a slow machine.
PATIENCE = 180.0


class Tour:
    """Plays every task of the demo's reader whose template it knows, one of each template.

    Parameters
    ----------
    folder : Path
        Takes one screenshot a step, and `tour.json`: what was done, what is in the archive, how long the window stood
        still at the worst.
    """

    def __init__(self, window: MainWindow, servers: ServerProcess, folder: Path) -> None:
        self._window = window
        self._servers = servers
        self._folder = folder
        self._heartbeat = Heartbeat()
        self._pilot = Pilot(window, folder, self._heartbeat)
        self._done: list[dict[str, Any]] = []

    def run(self) -> int:
        """Play; 0 only if every result is in the archive and every task done."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._resize()
        try:
            self._begin()
            for task_id, template in self._tasks():
                self._play(task_id, template)
            for template in ("scan_check", "manual_qa"):
                self._judge(template)
            self._wait_for_uploads()
            self._verify()
        except ViewrError as exc:
            self._pilot.shot("failed")
            print(f"viewr: the tour failed: {exc}", file=sys.stderr)
            print(f"  on the screen: {self._messages()}", file=sys.stderr)
            return 1
        finally:
            self._write_report()
        return 0

    def _resize(self) -> None:
        width, height = map(int, os.environ.get("VIEWR_TOUR_SIZE", "1600x1000").split("x"))
        self._window.move(0, 0)
        self._window.resize(width, height)
        # Keys are shortcuts in the active window alone, and nobody activates windows on a bare X server.
        self._window.activateWindow()
        self._pilot.wait(self._window.isActiveWindow, "the window active")

    def _begin(self) -> None:
        self._pilot.shot("start")
        table = self._window.task_list.table
        self._pilot.wait(lambda: table.tasks, "the task list", PATIENCE)
        self._pilot.wait(lambda: all(table.details(task.id) for task in table.tasks), "the tasks' details", 60)
        self._pilot.shot("tasks")
        self._heartbeat.start()

    def _tasks(self) -> list[tuple[str, str]]:
        """Id and template of the first task of each template, in the order of the list."""
        table = self._window.task_list.table
        first: dict[str, str] = {}
        for task in table.tasks:
            details = table.details(task.id)
            if details is not None and details.template in PLAYS:
                first.setdefault(details.template, task.id)
        if missing := set(PLAYS) - set(first):
            raise PilotError(f"There is no task with the template {', '.join(sorted(missing))}.")
        return [(task_id, template) for template, task_id in first.items()]

    def _play(self, task_id: str, template: str) -> None:
        self._heartbeat.reset()
        self._open(task_id)
        view = self._window.task_view
        assert view is not None
        reader = TourReader(self._pilot, view, template)
        reader.look_at_first_picture()
        PLAYS[template](reader)
        self._submit(view)
        longest = round(self._heartbeat.reset(), 1)
        self._done.append({"task": task_id, "template": template, "longest_block_ms": longest})
        print(f"{template}: submitted")

    def _open(self, task_id: str) -> None:
        listing = self._window.task_list
        self._pilot.wait(lambda: self._window.pages.currentWidget() is listing, "the task list")
        self._pilot.wait(lambda: not listing.refreshing and self._row(task_id) is not None, f"task {task_id} listed")
        self._choose(task_id)
        self._pilot.click(listing.open_button)
        self._pilot.wait(lambda: isinstance(self._window.pages.currentWidget(), TaskView) or self._messages(),
                         f"task {task_id} open", 60)  # fmt: skip
        view = self._window.task_view
        if view is None or view.session.identity.id != task_id:
            raise PilotError(f"Task {task_id} did not open.")

    def _choose(self, task_id: str) -> None:
        """Click the row of a task."""
        listing, row = self._window.task_list, self._row(task_id)
        if row is None:
            raise PilotError(f"Task {task_id} is not in the list.")
        listing.view.scrollTo(listing.filter.index(row, 1))
        area = listing.view.visualRect(listing.filter.index(row, 1))
        self._pilot.click(listing.view.viewport(), area.center())

    def _judge(self, template: str) -> None:
        """Quality control by keys, beginning with the first task of a template that is left."""
        self._heartbeat.reset()
        listing, table = self._window.task_list, self._window.task_list.table
        self._pilot.wait(lambda: self._window.pages.currentWidget() is listing and not listing.refreshing, "the list")
        self._pilot.click(listing.reload)
        self._pilot.wait(lambda: not listing.refreshing, "the tasks listed")
        self._pilot.wait(lambda: all(map(table.is_current, (task.id for task in table.tasks))), "the tasks' details")
        played = {entry["task"] for entry in self._done}
        details = [table.details(task.id) for task in table.tasks if task.id not in played]
        first = next((one.id for one in details if one is not None and one.template == template), "")
        self._choose(first)
        qc = QcTour(self._pilot, self._window)
        qc.check_scans() if template == "scan_check" else qc.judge_sessions()
        longest = round(self._heartbeat.reset(), 1)
        self._done += [{"task": task, "template": template, "longest_block_ms": longest} for task in qc.judged]
        print(f"{template}: {len(qc.judged)} judged by keys")

    def _row(self, task_id: str) -> int | None:
        tasks = self._window.task_list.filter
        return next((row for row in range(tasks.rowCount()) if tasks.index(row, 0).data() == task_id), None)

    def _submit(self, view: TaskView) -> None:
        view.messages.clear()
        self._pilot.click(view.submit)
        if self._window.task_view is view and view.sheet.isVisible() and view.sheet.asking:
            self._pilot.shot(f"{view.session.template.name}-summary")
            self._pilot.click(view.sheet.button)
        self._pilot.wait(lambda: self._window.task_view is not view or view.messages.texts, "the results submitted", 60)
        if self._window.task_view is view:
            raise PilotError("The program does not take the results.", "; ".join(view.messages.texts))

    def _messages(self) -> list[str]:
        view = self._window.task_view
        return [*(view.messages.texts if view is not None else []), *self._window.task_list.messages.texts]

    # --- afterwards --------------------------------------------------------------------------------------------

    def _wait_for_uploads(self) -> None:
        desk = self._window.desk
        assert desk is not None
        self._pilot.wait(lambda: not desk.waiting(), "the outbox empty", 120)
        self._pilot.wait(lambda: self._window.pages.currentWidget() is self._window.task_list, "the task list")
        self._pilot.click(self._window.task_list.reload)
        self._pilot.pause(1500)
        self._pilot.shot("tasks-done")
        self._heartbeat.stop()

    def _verify(self) -> None:
        """Ask the servers themselves, with an account of their own."""
        from viewr.archive.base import ResourceRef
        from viewr.archive.xnat import XnatArchive
        from viewr.model.task import parse_content
        from viewr.supervisor.client import SupervisorClient

        ready = self._servers.ready
        user = next(item for item in ready["users"] if item["username"] == "reader1")
        supervisor = SupervisorClient(ready["supervisor"], user["username"], user["password"])
        archive = XnatArchive(ready["archive"], user["username"], user["password"])
        for entry in self._done:
            task = supervisor.task(entry["task"])
            where = parse_content(task.content).xnat
            experiment = archive.experiment_id(where.project, where.subject, where.experiment)
            files = [file.path for file in archive.files(ResourceRef(experiment, "", "FIELDS"))]
            entry["status"] = task.status
            entry["files"] = [name for name in files if name.startswith(entry["template"])]
            if task.status != "done" or not entry["files"]:
                raise PilotError(f"The result of task {entry['task']} ({entry['template']}) is not in the archive.",
                                 f"Its status is '{task.status}'.")  # fmt: skip
        archive.sign_out()

    def _write_report(self) -> None:
        report = {
            "tasks": self._done,
            "longest_block_ms": max((entry["longest_block_ms"] for entry in self._done), default=0.0),
        }
        (self._folder / "tour.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
