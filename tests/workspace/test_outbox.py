"""Nothing put into the outbox is lost, and nothing in it is done twice by mistake."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from viewr.model.errors import NetworkError, ViewrError
from viewr.model.progress import Progress
from viewr.workspace.filelock import FileLock, InUseError
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import (
    ChangedError,
    HeldError,
    NameClashError,
    Step,
    Submission,
    ToldError,
    read_plan,
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


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox")


def add(outbox: Outbox, task: Mapping[str, str] = TASK) -> Submission:
    return outbox.add("results", task, STEPS, FILES, when="2026-01-02T10:00:00")


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
from tests.workspace.test_outbox import FILES, OTHER, STEPS, TASK
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


def ran(server: Server) -> list[tuple[str, str]]:
    return [(task_id, name) for task_id, name, _ in server.did]


def test_the_end_of_what_is_held_back_waits_for_its_time(outbox: Outbox) -> None:
    outbox.holds.hold("first", 60.0)
    outbox.add("results", TASK, STEPS, FILES, when="2026-01-02T10:00:00", submission_id="first")
    outbox.add("results", OTHER, STEPS, FILES, when="2026-01-02T10:00:01", submission_id="second")
    server = Server()
    assert outbox.run(server.steps(), Progress()) == ["second"]
    assert ran(server) == [("20", "upload"), ("21", "upload"), ("21", "done"), ("21", "unlock")]
    due = outbox.next_due()
    assert due is not None
    assert 50 < due - time.time() <= 60
    (waiting,) = outbox.waiting()
    assert waiting.sentence.endswith("They can be taken back for a moment, then they go out.")
    outbox.holds.let_go()
    assert outbox.next_due() == 0.0
    assert outbox.run(server.steps(), Progress()) == ["first"]
    assert ran(server)[-2:] == [("20", "done"), ("20", "unlock")]


def test_the_verdict_on_a_scan_waits_with_the_end(outbox: Outbox) -> None:
    outbox.holds.hold("first")
    steps = (Step("upload", {"file": "fields"}), Step("quality"), Step("done"))
    outbox.add("results", TASK, steps, FILES, when="2026-01-02T10:00:00", submission_id="first")
    server = Server()
    outbox.run({**server.steps(), "quality": server.note}, Progress())
    assert ran(server) == [("20", "upload")]


def test_after_a_crash_nothing_is_held_back(outbox: Outbox) -> None:
    outbox.holds.hold("first")
    outbox.add("results", TASK, STEPS, FILES, when="2026-01-02T10:00:00", submission_id="first")
    server = Server()
    outbox.run(server.steps(), Progress())
    assert Outbox(outbox.folder).run(server.steps(), Progress()) == ["first"]


HOLDER = """
import sys
from pathlib import Path
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import Step

outbox = Outbox(Path(sys.argv[1]))
outbox.holds.hold("first")
task = {"server": "s", "uri": "/20", "id": "20", "template": "t"}
outbox.add("results", task, (Step("upload", {"file": "fields"}), Step("done")),
           {"fields": ("manual_qa_2026-01-02T10:00:00.json", b'{"quality": "Good"}')},
           when="2026-01-02T10:00:00", submission_id="first")
print("held", flush=True)
sys.stdin.readline()
outbox.holds.let_go("first")
print("let go", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["let go", "killed"])
def test_what_another_program_holds_back_is_not_ended_by_this_one(outbox: Outbox, end: str) -> None:
    server = Server()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(outbox.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == "held\n"
            assert outbox.run(server.steps(), Progress()) == []
            assert ran(server) == [("20", "upload")]
            assert outbox.next_due() == float("inf")
            assert "can be taken back" in outbox.waiting()[0].sentence
            if end == "let go":
                other.stdin.write("\n")
                other.stdin.flush()
                assert other.stdout.readline() == "let go\n"
            else:
                other.kill()
                other.wait()
            assert outbox.next_due() == 0.0
            assert outbox.run(server.steps(), Progress()) == ["first"]
            assert ran(server)[1:] == [("20", "done")]
        finally:
            other.kill()


def test_a_verdict_that_cannot_be_had_back_just_now_can_be_had_back_later(outbox: Outbox, tmp_path: Path) -> None:
    """Another program uploads at this moment."""
    outbox.holds.hold("first")
    outbox.add("results", TASK, STEPS, FILES, when="2026-01-02T10:00:00", submission_id="first")
    journal = tmp_path / "task.journal"
    journal.write_bytes(b"work")
    outbox.attach_journal("first", journal)
    uploading = FileLock(outbox.folder / ".lock")
    uploading.acquire()
    assert outbox.holds.seize("first")
    with pytest.raises(InUseError):
        outbox.take_back_held("first", journal)
    uploading.release()
    server = Server()
    assert outbox.run(server.steps(), Progress()) == []
    assert ran(server) == [("20", "upload")]
    assert outbox.holds.seize("first")
    outbox.take_back_held("first", journal)
    assert journal.read_bytes() == b"work"
    assert list(outbox.folder.glob(".held-*")) == []


def test_what_was_seized_is_taken_back_while_others_are_uploaded(outbox: Outbox, tmp_path: Path) -> None:
    """The upload of another submission pauses after its present step, and goes on later."""
    outbox.holds.hold("first")
    outbox.add("results", TASK, STEPS, FILES, when="2026-01-02T10:00:00", submission_id="first")
    journal = tmp_path / "task.journal"
    journal.write_bytes(b"work")
    outbox.attach_journal("first", journal)
    outbox.add("results", OTHER, STEPS, FILES, when="2026-01-02T10:00:01", submission_id="second")
    server = Server()
    under_way, go_on = threading.Event(), threading.Event()

    def slow(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        if submission.id == "second":
            under_way.set()
            assert go_on.wait(10)
        return server.upload(submission, step, progress)

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(outbox.run, {**server.steps(), "upload": slow}, Progress())
        assert under_way.wait(10)
        assert outbox.holds.seize("first")
        back = pool.submit(outbox.take_back_held, "first", journal)
        assert outbox._wanted_back.wait(10)
        go_on.set()
        back.result(10)
        assert running.result(10) == []
    assert journal.read_bytes() == b"work"
    assert [item.id for item in outbox.pending()] == ["second"]
    assert ran(server) == [("20", "upload"), ("21", "upload")]
    assert outbox.run(server.steps(), Progress()) == ["second"]


def test_what_has_ended_cannot_be_seized(outbox: Outbox) -> None:
    outbox.holds.hold("first")
    outbox.holds.let_go("first")
    assert outbox.holds.passes("first")
    assert not outbox.holds.seize("first")
    outbox.holds.hold("second")
    assert outbox.holds.seize("second")
    outbox.holds.let_go()
    assert not outbox.holds.passes("second")


def with_work(outbox: Outbox, tmp_path: Path, submission_id: str) -> Path:
    """A submission with its journal; where that was."""
    journal = tmp_path / "task.journal"
    journal.write_bytes(b"work")
    outbox.attach_journal(submission_id, journal)
    return journal


@pytest.mark.parametrize(
    ("broken", "said"),
    [("done", "The study may have been told of the results of task 20"),
     ("unlock", "The study was told of the results of task 20")],
)  # fmt: skip
def test_what_the_study_was_told_of_is_not_taken_back(outbox: Outbox, tmp_path: Path, broken: str, said: str) -> None:
    submission = add(outbox)
    journal = with_work(outbox, tmp_path, submission.id)
    server = Server()
    server.error[broken] = NetworkError("The supervisor does not answer.")
    outbox.run(server.steps(), Progress())
    (waiting,) = outbox.waiting()
    assert waiting.told
    assert ("have been sent (2 of 3 steps done)" in waiting.sentence) == (broken == "unlock")
    with pytest.raises(ToldError, match=said) as raised:
        outbox.take_back_now(submission.id, journal)
    assert "'Correct'" in raised.value.hint
    assert not journal.exists()
    server.error.clear()
    assert outbox.run(server.steps(), Progress(), clock=lambda: 1e12) == [submission.id]


def test_what_is_through_is_not_taken_back(outbox: Outbox, tmp_path: Path) -> None:
    submission = add(outbox)
    journal = with_work(outbox, tmp_path, submission.id)
    outbox.run(Server().steps(), Progress())
    with pytest.raises(ToldError, match="just been sent"):
        outbox.take_back_now(submission.id, journal)
    assert not journal.exists()


def test_the_end_of_sending_and_a_taking_back_do_not_overlap(outbox: Outbox, tmp_path: Path) -> None:
    """The study is being told at the moment of the click: what is found out then is true, and nothing comes back."""
    submission = add(outbox)
    journal = with_work(outbox, tmp_path, submission.id)
    server = Server()
    telling, go_on = threading.Event(), threading.Event()

    def tell(submission: Submission, step: Step, progress: Progress) -> Mapping[str, Any]:
        telling.set()
        assert go_on.wait(10)
        return server.note(submission, step, progress)

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(outbox.run, {**server.steps(), "done": tell}, Progress())
        assert telling.wait(10)
        assert not outbox.waiting()[0].told  # what a reader sees who clicks now
        back = pool.submit(outbox.take_back_now, submission.id, journal)
        assert outbox._wanted_back.wait(10)
        go_on.set()
        with pytest.raises(ToldError, match="was told"):
            back.result(10)
        running.result(10)
    assert not journal.exists()
    assert outbox.run(server.steps(), Progress()) == [submission.id]
    assert ran(server) == [("20", "upload"), ("20", "done"), ("20", "unlock")]


def test_only_what_waits_for_a_changed_task_can_be_sent_all_the_same(outbox: Outbox) -> None:
    submission = add(outbox)
    server = Server()
    server.error["upload"] = ChangedError("Task 20 was changed.")
    outbox.run(server.steps(), Progress())
    (waiting,) = outbox.waiting()
    assert (waiting.held, waiting.changed, waiting.told, waiting.kept) == (True, True, False, False)
    server.error["upload"] = HeldError("The lock was taken away.")
    outbox.retry(submission.id)
    outbox.run(server.steps(), Progress())
    (waiting,) = outbox.waiting()
    assert (waiting.held, waiting.changed) == (True, False)
