"""A reader in quality control in a process of its own, who judges whatever comes; to be killed by a test.

Says on standard output which cases it has seen ("shown 7"), which verdicts are safe ("kept 7 SUBMISSION") and which it
wants to have again ("back 7 SUBMISSION"; the verdict may be on its way to the disk and be kept after that, to be taken
back at once); it ends when no case is left and everything has gone out.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from PySide6.QtCore import QCoreApplication, QTimer

from tests.workspace.lab import Lab, wait_until
from viewr.model.annotation import Annotation
from viewr.model.answers import with_answer
from viewr.workspace.qc_run import QcRun
from viewr.workspace.task_session import TaskSession


class Reader:
    """Gives a verdict a moment after a case has come, and sometimes goes back."""

    def __init__(self, run: QcRun, seed: int) -> None:
        self._run, self._draw = run, random.Random(seed)
        self.ended = False
        run.case_ready.connect(self._on_case)
        run.ended.connect(self._on_end)

    def _on_case(self, session: TaskSession) -> None:
        say(f"shown {session.identity.id}")
        QTimer.singleShot(self._draw.randrange(20, 120), self._judge)

    def _judge(self) -> None:
        session = self._run.current
        if session is None:
            return
        if not session.is_ready:
            QTimer.singleShot(20, self._judge)
            return
        if self._run.can_go_back and self._draw.random() < 0.2:
            last = self._run._given[-1]
            say(f"back {last.task_id} {last.submission}")
            self._run.back()
            QTimer.singleShot(500, self._judge)
            return
        session.document.edit("Judge", judged)
        session.submitted.connect(partial(self._on_kept, session.identity.id))
        self._run.finish()

    def _on_kept(self, task_id: str, submission: str) -> None:
        say(f"kept {task_id} {submission}")

    def _on_end(self, _sentence: str) -> None:
        self.ended = True


def judged(annotation: Annotation) -> Annotation:
    return with_answer(annotation, "default", "verdict", "Good")


def say(words: str) -> None:
    print(words, flush=True)


def main() -> None:
    supervisor, archive, folder, seed, *cases = sys.argv[1:]
    application = QCoreApplication([])
    lab = Lab(SimpleNamespace(supervisor_url=supervisor, archive_url=archive), Path(folder), "", "")  # type: ignore[arg-type]
    with lab.desk() as desk:
        listed: list[object] = []
        desk.tasks_changed.connect(listed.append)
        desk.refresh()
        wait_until(lambda: bool(listed))
        waiting = desk.pending_tasks()
        free = [task.id for task in desk.tasks if task.id in cases and task.id not in waiting]
        if free:
            run = QcRun(desk)
            reader = Reader(run, int(seed))
            run.start(free[0])
            wait_until(lambda: reader.ended, 60_000)
            run.leave()
        desk.retry()
        wait_until(lambda: not desk.waiting(), 60_000)
    del application


if __name__ == "__main__":
    main()
