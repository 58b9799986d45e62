"""Submissions of two tasks, and stand-ins for the server and the clock of an outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import (
    Step,
    Submission,
)

TASK = {"server": "https://tm.example.org", "uri": "/api/v1/tasks/20", "id": "20", "template": "manual_qa"}
OTHER = {**TASK, "uri": "/api/v1/tasks/21", "id": "21"}
FILES = {"fields": ("manual_qa_2026-01-02T10:00:00.json", b'{"quality": "Good"}')}
STEPS = (Step("upload", {"file": "fields"}), Step("done"), Step("unlock"))


class Server:
    """Does the steps and writes down which."""

    def __init__(self) -> None:
        self.did: list[tuple[str, str, str]] = []
        self.error: dict[str, ViewrError] = {}

    def steps(self) -> Mapping[str, Any]:
        return {"upload": self.upload, "done": self.note, "unlock": self.note}

    def note(self, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        self.did.append((submission.task["id"], step.name, step.state))
        submission.begin(step)
        if step.name in self.error:
            raise self.error[step.name]
        return {"was": step.name}

    def upload(self, submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        item, path = submission.file(step.data["file"])
        assert path.read_bytes() == FILES["fields"][1]
        assert item.name == FILES["fields"][0]
        return self.note(submission, step, progress)


class Clock:
    """Tells the time that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def add(outbox: Outbox, task: Mapping[str, str] = TASK) -> Submission:
    return outbox.add("results", task, STEPS, FILES, when="2026-01-02T10:00:00")


def ran(server: Server) -> list[tuple[str, str]]:
    return [(task_id, name) for task_id, name, _ in server.did]
