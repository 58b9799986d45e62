"""Nothing put into the outbox is lost, and nothing in it is done twice by mistake."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.outbox_made import OTHER, TASK, Clock, Server, add
from viewr.model.errors import NetworkError, ViewrError
from viewr.model.progress import Progress
from viewr.workspace.filelock import FileLock, InUseError
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import (
    HeldError,
    NameClashError,
    Step,
    Submission,
    read_plan,
)


def test_a_submission_is_done_in_order_and_then_gone(outbox: Outbox) -> None:
    submission = add(outbox)
    server = Server()
    assert outbox.run(server.steps(), Progress()) == [submission.id]
    assert [name for _, name, _ in server.did] == ["upload", "done", "unlock"]
    assert outbox.pending() == []
    assert outbox.run(server.steps(), Progress()) == []


def test_results_of_steps_are_kept_for_those_behind(outbox: Outbox) -> None:
    add(outbox)
    seen: list[Any] = []

    def look(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        seen.append([before.result for before in submission.steps])
        return {"uri": step.name}

    outbox.run(dict.fromkeys(("upload", "done", "unlock"), look), Progress())
    assert seen[2] == [{"uri": "upload"}, {"uri": "done"}, {}]


def test_a_failed_step_waits_longer_each_time_and_goes_on_where_it_was(outbox: Outbox) -> None:
    add(outbox)
    server = Server()
    server.error["done"] = NetworkError("The supervisor does not answer.", "Check the network.")
    waits = []
    clock = Clock()
    for _ in range(9):
        outbox.run(server.steps(), Progress(), clock=clock)
        due = outbox.next_due()
        assert due is not None
        waits.append(due - clock.now)
        clock.now = due - 1
        assert outbox.run(server.steps(), Progress(), clock=clock) == []
        clock.now = due
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert [name for _, name, _ in server.did] == ["upload", *["done"] * 9]
    assert server.did[1][2] == "waiting"
    assert server.did[2][2] == "begun"
    server.error.clear()
    assert len(outbox.run(server.steps(), Progress(), clock=clock)) == 1


def test_what_waits_is_said_plainly(outbox: Outbox) -> None:
    add(outbox)
    server = Server()
    server.error["done"] = NetworkError("The supervisor does not answer.", "Check the network.")
    outbox.run(server.steps(), Progress())
    (waiting,) = outbox.waiting()
    assert waiting.sentence == (
        "The results of task 20 (manual_qa) wait to be uploaded (1 of 3 steps done). The supervisor does not answer."
    )
    assert waiting.hint == "Check the network."
    assert not waiting.held


def test_what_needs_the_reader_is_not_tried_again_by_itself(outbox: Outbox) -> None:
    submission = add(outbox)
    server = Server()
    server.error["upload"] = HeldError("Task 20 is locked by reader2.", "Ask them.")
    outbox.run(server.steps(), Progress())
    clock = Clock()
    clock.now = time.time() + 1e6
    assert outbox.run(server.steps(), Progress(), clock=clock) == []
    assert outbox.waiting()[0].held
    assert outbox.next_due() is None
    server.error.clear()
    outbox.retry(submission.id)
    assert outbox.next_due() == 0.0
    assert outbox.run(server.steps(), Progress()) == [submission.id]


def test_a_taken_name_gets_another_time_in_all_names_and_texts(outbox: Outbox) -> None:
    when = "2026-01-02T10:00:00"
    files = {"map": (f"wml{when}.nii.gz", b"voxels"), "fields": (f"qa_{when}.json", f'{{"saved": "{when}Z"}}'.encode())}
    steps = [Step("upload", {"file": key, "name": name}) for key, (name, _) in files.items()]
    submission = outbox.add("results", TASK, steps, files, when=when)
    stored: dict[str, bytes] = {f"qa_{when}.json": b"of another reader"}

    def upload(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        item, path = submission.file(step.data["file"])
        assert item.name == step.data["name"]
        if stored.setdefault(item.name, path.read_bytes()) != path.read_bytes():
            raise NameClashError("There is such a file.")
        return {}

    assert outbox.run({"upload": upload}, Progress()) == [submission.id]
    (fields,) = [name for name in stored if name.startswith("qa_") and when not in name]
    new = fields[3:-5]
    assert stored[fields] == f'{{"saved": "{new}Z"}}'.encode()
    assert stored[f"wml{new}.nii.gz"] == b"voxels"
    assert stored[f"qa_{when}.json"] == b"of another reader"


def test_a_stuck_task_holds_up_only_its_own_later_submissions(outbox: Outbox) -> None:
    add(outbox)
    add(outbox)
    other = add(outbox, OTHER)
    server = Server()

    def upload(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        if submission.task["id"] == "20":
            raise ViewrError("The archive refuses it.")
        return {}

    assert outbox.run({**server.steps(), "upload": upload}, Progress()) == [other.id]
    assert [item.attempts for item in outbox.pending()] == [1, 0]


def test_other_accounts_wait_and_say_so(outbox: Outbox) -> None:
    add(outbox)
    server = Server()

    def accept(submission: Submission) -> str:
        return "They wait until reader2 signs in."

    assert outbox.run(server.steps(), Progress(), accept=accept) == []
    assert server.did == []
    assert outbox.waiting(accept)[0].sentence.endswith("They wait until reader2 signs in.")


def test_a_file_that_the_disk_spoiled_is_not_uploaded(outbox: Outbox) -> None:
    submission = add(outbox)
    (submission.folder / submission.files["fields"].local).write_bytes(b'{"quality": "Poor"}')
    server = Server()
    outbox.run(server.steps(), Progress())
    assert server.did == []
    assert "not as it was written" in outbox.waiting()[0].sentence


def test_a_plan_that_cannot_be_read_is_shown_and_stops_nobody(outbox: Outbox) -> None:
    broken = add(outbox)
    (broken.folder / "plan.json").write_text("{")
    good = add(outbox, OTHER)
    assert outbox.run(Server().steps(), Progress()) == [good.id]
    (waiting,) = outbox.waiting()
    assert waiting.id == broken.id
    assert waiting.held


def test_a_plan_that_is_spoiled_while_it_is_worked_on_stops_nobody(outbox: Outbox) -> None:
    broken, good = add(outbox), add(outbox, OTHER)
    server = Server()

    def upload(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        if submission.id == broken.id:
            (broken.folder / "plan.json").write_text("{")
            raise ViewrError("The disk is worn out.")
        return server.upload(submission, step, progress)

    assert outbox.run({**server.steps(), "upload": upload}, Progress()) == [good.id]
    assert [item.id for item in outbox.waiting()] == [broken.id]


def test_a_step_that_failed_before_it_sent_anything_is_not_begun(outbox: Outbox) -> None:
    submission = add(outbox)
    states: list[str] = []

    def upload(given: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        states.append(step.state)
        if len(states) > 1:
            given.begin(step)
        raise NetworkError("The server cannot be reached.")

    for _ in range(3):
        outbox.retry(submission.id)
        outbox.run({**Server().steps(), "upload": upload}, Progress())
    assert states == ["waiting", "waiting", "begun"]


def test_a_try_that_the_reader_asked_for_says_so_to_its_first_step(outbox: Outbox) -> None:
    asked: list[bool] = []

    def note(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        asked.append(submission.asked)
        if len(asked) == 1:
            raise HeldError("Not now.")
        return {}

    submission = add(outbox)
    steps = dict.fromkeys(("upload", "done", "unlock"), note)
    outbox.run(steps, Progress())
    outbox.retry(submission.id)
    assert outbox.run(steps, Progress()) == [submission.id]
    assert asked == [False, True, False, False]


def test_two_programs_do_not_upload_at_once(outbox: Outbox) -> None:
    add(outbox)
    lock = FileLock(outbox.folder / ".lock")
    lock.acquire()
    with pytest.raises(InUseError):
        outbox.run(Server().steps(), Progress())
    lock.release()


def test_a_full_disk_leaves_nothing_half(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ViewrError, match="full"):
        add(outbox)
    assert list(outbox.folder.iterdir()) == []


def test_export_takes_names_that_every_system_takes(outbox: Outbox, tmp_path: Path) -> None:
    submission = add(outbox)
    folder = outbox.export(submission.id, tmp_path / "out")
    names = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert names == ["00-manual_qa_2026-01-02T10-00-00.json", "plan.json"]
    assert json.loads((folder / "files" / names[0]).read_text()) == {"quality": "Good"}


def test_a_held_submission_can_be_taken_back_with_its_journal(outbox: Outbox, tmp_path: Path) -> None:
    submission = add(outbox)
    journal = tmp_path / "journals" / "a.journal"
    journal.parent.mkdir()
    journal.write_bytes(b"the work")
    outbox.attach_journal(submission.id, journal)
    assert not journal.exists()
    outbox.take_back(submission.id, journal)
    assert journal.read_bytes() == b"the work"
    assert outbox.pending() == []


def test_everything_is_private(outbox: Outbox) -> None:
    submission = add(outbox)
    for path in [outbox.folder, *submission.folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


CHILD = """
import sys, time
from pathlib import Path
from tests.workspace.outbox_made import FILES, OTHER, STEPS, TASK
from viewr.model.progress import Progress
from viewr.workspace.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
store = Path(sys.argv[2])
def effect(submission, step, progress):
    time.sleep(0.002)
    submission.begin(step)
    with (store / "log").open("a") as stream:
        stream.write(f"{submission.id} {step.name} {step.state}\\n")
    return {}
outbox.run(dict.fromkeys(("upload", "done", "unlock"), effect), Progress())
while True:
    print(outbox.add("results", TASK, STEPS, FILES).id, flush=True)
    outbox.run(dict.fromkeys(("upload", "done", "unlock"), effect), Progress())
"""


@pytest.mark.slow
def test_kill_at_any_moment_loses_no_submission_and_repeats_none_unknowingly(outbox: Outbox, tmp_path: Path) -> None:
    added: list[str] = []
    for seed in range(8):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(outbox.folder), str(tmp_path)],
                                 stdout=subprocess.PIPE, text=True)  # fmt: skip
        with child:
            assert child.stdout is not None
            added.append(child.stdout.readline().strip())
            time.sleep(random.Random(seed).random() * 0.3)
            child.send_signal(signal.SIGKILL)
            added.extend(child.stdout.read().split())
    noted: list[tuple[str, str, str]] = []

    def note(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        noted.append((submission.id, step.name, step.state))
        return {}

    outbox.run(dict.fromkeys(("upload", "done", "unlock"), note), Progress())
    log = [tuple(line.split()) for line in (tmp_path / "log").read_text().splitlines()] + noted
    for submission in set(added):
        mine = [(name, state) for id_, name, state in log if id_ == submission]
        assert [name for name, _ in dict(mine).items()] == ["upload", "done", "unlock"]
        names = [name for name, _ in mine]
        for name, _ in mine[1:]:
            if names.count(name) > 1:  # a repeated step was told that it had been begun before
                assert (name, "begun") in mine
    assert outbox.pending() == []


def test_the_plan_on_disk_is_what_is_documented(outbox: Outbox) -> None:
    submission = add(outbox)
    data = json.loads((submission.folder / "plan.json").read_text())
    assert data["format"] == 1
    assert data["task"] == TASK
    assert [step["name"] for step in data["steps"]] == ["upload", "done", "unlock"]
    assert data["files"]["fields"]["md5"] == "469b210dac02d75435f7e63e3475dd28"  # by md5sum
    assert read_plan(submission.folder).files["fields"].size == 19
