"""What is held back, taken back, seized, and what may not be any more."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.outbox_made import FILES, OTHER, STEPS, TASK, Server, add, ran
from viewr.model.errors import NetworkError
from viewr.model.progress import Progress
from viewr.workspace.filelock import FileLock, InUseError
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import (
    ChangedError,
    HeldError,
    Step,
    Submission,
    ToldError,
)


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
