"""Results on their way to the archive when something comes between: locks, other readers, networks, restarts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.workspace.answered import MAP, STAMP, answer_everything, result
from tests.workspace.lab import SHAPE, Lab, open_session, submit, wait_until
from tests.workspace.made import say
from viewr.model.errors import NetworkError, ViewrError
from viewr.model.progress import Progress
from viewr.workspace import task_session
from viewr.workspace.audit import Audit
from viewr.workspace.held_tasks import HeldTasks
from viewr.workspace.journal import SUFFIX, Journal
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import write_plan
from viewr.workspace.submit import deliver
from viewr.workspace.task_session import TaskSession


def test_a_lock_lost_before_the_upload_keeps_the_work_and_asks(lab: Lab) -> None:
    task_id = lab.task(users=("reader1", "reader2"))
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.supervisor("coordinator").release_lock(task_id)
        lab.supervisor("reader2").take_lock(task_id)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        (waiting,) = desk.waiting()
        assert "taken over by reader2" in waiting.sentence
        assert lab.names("FIELDS") == []
        assert lab.status(task_id) == "queued"
        lab.supervisor("reader2").release_lock(task_id)
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(waiting.id)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"


def test_a_lock_taken_away_is_not_taken_again_without_asking(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.supervisor("coordinator").release_lock(task_id)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        (waiting,) = desk.waiting()
        assert "nobody holds the task now" in waiting.sentence
        assert "press 'Try now'" in waiting.hint
        assert lab.names("FIELDS") == []
        assert lab.holder(task_id) == ""
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(waiting.id)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""


def test_after_a_restart_a_free_task_is_locked_again_for_its_results(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()), 30_000)
    lab.servers.switches.reset()
    lab.supervisor("coordinator").release_lock(task_id)
    for item in desk.outbox.pending():
        write_plan(replace(item, next_try=0.0))
    with lab.desk() as desk:
        wait_until(lambda: desk.waiting() == [], 30_000)
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""


def test_a_file_of_another_reader_of_the_same_second_is_not_overwritten(lab: Lab) -> None:
    """What fails before anything is sent gives no right to what stands under the name later."""
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()), 30_000)
        (item,) = desk.outbox.pending()
        step = next(step for step in item.steps if step.name == "upload")
        theirs = lab.folder / "theirs"
        theirs.write_bytes(b"of another reader")
        lab.servers.switches.reset()
        ref = lab.ref(step.data["resource"], step.data["scan"])
        lab.archive("reader2").upload(ref, step.data["name"], theirs)
        desk.retry(item.id)
        wait_until(lambda: desk.waiting() == [], 30_000)
    assert lab.read(step.data["resource"], step.data["name"], step.data["scan"]) == b"of another reader"
    assert lab.status(task_id) == "done"
    (fields,) = lab.names("FIELDS")
    assert item.stamp not in fields


def test_a_held_submission_can_be_taken_back_and_worked_on(lab: Lab) -> None:
    task_id = lab.task(users=("reader1", "reader2"))
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        say(session.document, "mine")
        lab.supervisor("coordinator").release_lock(task_id)
        lab.supervisor("reader2").take_lock(task_id)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        with pytest.raises(ViewrError, match="wait in the outbox"):
            open_session(desk, task_id)
        lab.supervisor("reader2").release_lock(task_id)
        opened: list[TaskSession] = []
        desk.opened.connect(opened.append)
        desk.take_back(desk.waiting()[0].id)
        wait_until(lambda: bool(opened))
        assert opened[0].document.state.annotation.answers["default"]["comment"] == "mine"
        assert desk.waiting() == []
        opened[0].close()


def test_content_changed_under_the_task_is_asked_about(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        task = lab.servers.store.tasks[int(task_id)]
        task.content = (task.content or "").replace('"T1"', '"T1" ')
        lab.servers.store.save(task)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        assert "changed on the server" in desk.waiting()[0].sentence
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(desk.waiting()[0].id, anyway=True)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"


@pytest.mark.parametrize("switch", ["archive_unavailable", "deny_writes_silently"])
def test_an_upload_that_fails_is_not_taken_for_done(lab: Lab, switch: str) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.set({switch: 1000})
        session.submit()
        wait_until(lambda: any("0 of" in item.sentence and item.hint for item in desk.waiting()), 30_000)
        assert lab.status(task_id) == "queued"
        lab.servers.switches.reset()
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(desk.waiting()[0].id)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"
    result(lab, "NIFTI", rf"wml{STAMP}\.nii\.gz", "3")


def test_results_survive_the_loss_of_the_network_and_a_restart(mortal_lab: Lab) -> None:
    lab = mortal_lab
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        lab.servers.switches.archive_unavailable = lab.servers.switches.supervisor_unavailable = 1000
        heard: list[str] = []
        session.submitted.connect(heard.append)
        session.submit()
        wait_until(lambda: bool(heard))
        assert len(desk.waiting()) == 1
        assert desk.resumable() == []
    lab.servers.switches.reset()
    assert lab.holder(task_id) == "reader1"
    Outbox(lab.folders.outbox).retry(heard[0])
    with lab.desk() as desk:
        wait_until(lambda: desk.waiting() == [], 30_000)
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""
    assert len(lab.names("FIELDS")) == 1
    audit = list(Audit(lab.folders.audit).lines())
    assert [(line["event"], line["submission"]) for line in audit] == [("delivered", heard[0])]
    assert "SUBJ01" not in lab.folders.audit.read_text()


def test_another_account_leaves_the_results_of_the_first_alone(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: bool(desk.waiting()))
    lab.servers.switches.reset()
    with lab.desk("reader2") as desk:
        desk.retry()
        (waiting,) = desk.waiting()
        assert "when reader1 signs in" in waiting.sentence
    assert lab.names("FIELDS") == []


def test_a_label_map_that_does_not_read_back_is_not_submitted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        monkeypatch.setattr("viewr.encode.nifti.decode_labelmap", lambda data, grid: np.ones(SHAPE, np.uint16))
        with pytest.raises(ViewrError, match="does not read back"):
            submit(desk, session)
        assert desk.waiting() == []
        say(session.document, "still open")
        assert session.document.state.annotation.answers["default"]["comment"] == "still open"
        session.close()
        assert [info.task_id for info in desk.resumable()] == [task_id]


def test_a_supervisor_that_is_gone_when_opening_is_said(mortal_lab: Lab) -> None:
    task_id = mortal_lab.task()
    with mortal_lab.desk() as desk:
        mortal_lab.servers.switches.supervisor_unavailable = 1000
        with pytest.raises(NetworkError):
            open_session(desk, task_id)


@pytest.fixture
def slow_delivery(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """What says that the journal of a delivery has ended, and what its answer waits for."""
    ended, go_on = threading.Event(), threading.Event()

    def slowly(snapshot: Any, submission: str, journal: Journal, outbox: Outbox, progress: Progress) -> str:
        try:
            return deliver(snapshot, submission, journal, outbox, progress)
        finally:
            ended.set()
            assert go_on.wait(10)

    monkeypatch.setattr(task_session, "deliver", slowly)
    yield ended, go_on
    go_on.set()


def test_while_results_are_written_nothing_else_happens(lab: Lab, slow_delivery: Any) -> None:
    ended, go_on = slow_delivery
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        voxels = session.document.labelmaps[MAP].array.copy()
        heard: list[Any] = []
        session.submitted.connect(heard.append)
        session.submit_failed.connect(heard.append)
        session.submit()
        wait_until(ended.is_set)
        session.document.undo()
        session.document.undo()
        session.save_draft()
        session.submit()
        session.hand_back("too late")
        assert np.array_equal(session.document.labelmaps[MAP].array, voxels)
        assert heard == []
        go_on.set()
        wait_until(lambda: desk.waiting() == [] and bool(heard))
        assert len(heard) == 1
    assert lab.status(task_id) == "done"
    assert [name for name in lab.names("VIEWR") if name.startswith("handback")] == []


def test_the_window_may_close_while_results_are_written(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = threading.Event(), threading.Event()

    def late(*arguments: Any) -> str:
        began.set()
        assert go_on.wait(10)
        return deliver(*arguments)

    monkeypatch.setattr(task_session, "deliver", late)
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        session.submit()
        wait_until(began.is_set)
        session.close()
        desk.close()
        go_on.set()
    assert lab.holder(task_id) == "reader1"
    assert HeldTasks(lab.folders.data / "locks", "").left() == {task_id}  # for the next start, with the work
    assert list(lab.folders.journals.glob(f"*{SUFFIX}")) or Outbox(lab.folders.outbox).pending()


def test_results_in_the_outbox_stay_submitted_if_their_journal_cannot_be_moved(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Outbox, "attach_journal", refuse)
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        submit(desk, session)
    assert lab.status(task_id) == "done"
