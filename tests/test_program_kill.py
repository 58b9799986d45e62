"""The program is killed outright; the next start has all that is older than a second, undo included."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from tests.program import Program, Study, running
from tests.program_child import left_look

ROOT = Path(__file__).resolve().parents[1]


class Child:
    """The program in a process of its own."""

    def __init__(self, study: Study) -> None:
        folder = study.lab.folder
        self._errors = (folder / "child.log").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.program_child", study.supervisor.url, study.archive.url, str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
        )  # fmt: skip

    def do(self, *words: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, Path(self._errors.name).read_text()[-3000:]
        return json.loads(answer)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate(timeout=30)
        self._errors.close()


@contextmanager
def child(study: Study) -> Iterator[Child]:
    started = Child(study)
    try:
        yield started
    finally:
        started.kill()


def undo_all(program: Program) -> None:
    program.pilot.click(program.reader.viewport("left"), button=Qt.MouseButton.MiddleButton)
    for _ in range(program.view.session.document.stack.count()):
        program.pilot.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def times_done(study: Study) -> int:
    """How often the supervisor was told that a task is done."""
    return sum(
        seen.method == "PUT" and b'"done"' in seen.content for seen in study.supervisor.seen
    )  # fmt: skip


def look_is_kept(study: Study) -> bool:
    return any("Sagittal" in file.read_text() for file in study.lab.folders.looks.glob("*.look"))


@pytest.mark.slow
def test_work_comes_back_after_a_kill(study: Study) -> None:
    task_id = study.lab.task()
    with child(study) as program:
        program.do("open", task_id)
        before = program.do("work", "before the crash")
        arranged = program.do("arrange")
        program.do("wait", "1200")
        for _ in range(100):
            if not look_is_kept(study):
                program.do("wait", "100")
    assert before["voxels"] > 0
    assert study.lab.holder(task_id) == "reader1"
    with running(study.lab) as again:
        again.sign_in()
        assert again.cell(task_id, "Remark") == "Draft on this machine"
        assert again.cell(task_id, "Held by") == "you"
        again.choose(task_id)
        assert again.window.task_list.open_button.text() == "Resume"
        again.open(task_id)
        assert again.voxels == before["voxels"]
        assert again.comment == "before the crash"
        again.pilot.wait(lambda: left_look(again) == arranged, "the views as they were left")
        assert again.view.session.document.stack.count() == before["undo"]
        undo_all(again)
        assert again.voxels == 0
        assert not again.comment
        again.pilot.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert again.voxels > 0
        again.reader.choose("grade", 1)
        again.submit()
        again.wait_for_uploads()
    assert study.lab.status(task_id) == "done"
    assert study.lab.holder(task_id) == ""


@pytest.mark.slow
def test_results_reach_the_archive_after_a_kill_before_the_upload(study: Study) -> None:
    task_id = study.lab.task()
    with child(study) as program:
        program.do("open", task_id)
        before = program.do("work", "submitted, not sent")
        study.shut("gone")
        program.do("submit")
    study.shut("open")
    assert study.lab.status(task_id) == "queued"
    with running(study.lab) as again:
        again.sign_in()
        again.wait_for_uploads()
        assert study.lab.status(task_id) == "done"
        again.refresh()
        assert again.listed() == []
        assert again.said == []
    (name,) = study.lab.names("FIELDS")
    assert json.loads(study.lab.read("FIELDS", name))["comment"] == "submitted, not sent"
    assert before["voxels"] > 0
    assert len(study.lab.names("NIFTI", "3")) == 1
    assert times_done(study) == 1
    assert study.lab.holder(task_id) == ""


@pytest.mark.slow
def test_a_kill_between_two_uploads_leaves_nothing_twice(study: Study) -> None:
    """Killed while the archive is slow: what has arrived is not sent again, the rest follows."""
    task_id = study.lab.task()
    study.lab.servers.switches.reset()
    with child(study) as program:
        program.do("open", task_id)
        program.do("work", "half-way")
        study.lab.servers.switches.archive_delay = 0.3
        program.do("submit")
        program.do("wait", "900")
    study.lab.servers.switches.reset()
    with running(study.lab) as again:
        again.sign_in()
        again.wait_for_uploads()
    assert study.lab.status(task_id) == "done"
    assert times_done(study) == 1
    assert len(study.lab.names("FIELDS")) == 1
    assert len(study.lab.names("NIFTI", "3")) == 1
