"""From the outbox back to a task: taken back while the study does not know, corrected afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.lab import Lab, open_session, submit, wait_until
from viewr.model.annotation import Annotation
from viewr.model.answers import with_answer
from viewr.model.errors import NetworkError, ViewrError
from viewr.supervisor.client import SupervisorClient
from viewr.workspace.desk import Desk
from viewr.workspace.outbox_plan import ToldError
from viewr.workspace.task_session import TaskSession


def say(session: TaskSession, comment: str) -> None:
    def change(annotation: Annotation) -> Annotation:
        answered = with_answer(annotation, "default", "comment", comment)
        return with_answer(answered, "default", "grade", 1)

    session.document.edit("Answer", change)


def comments(lab: Lab) -> list[str]:
    return [json.loads(lab.read("FIELDS", name))["comment"] for name in lab.names("FIELDS")]


def asked(desk: Desk, ask: Any, *args: str) -> TaskSession:
    """What the desk opens then; raises what it says instead."""
    heard: list[Any] = []
    desk.opened.connect(heard.append)
    desk.open_failed.connect(lambda _task, error: heard.append(error))
    ask(*args)
    wait_until(lambda: bool(heard))
    if isinstance(heard[0], BaseException):
        raise heard[0]
    heard[0].start()
    wait_until(lambda: heard[0].is_ready)
    return heard[0]


@pytest.fixture
def no_unlocking(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The network goes when the study has been told, before the lock is given back."""

    def gone(_client: SupervisorClient, _task_id: str) -> None:
        raise NetworkError("The supervisor does not answer.")

    monkeypatch.setattr(SupervisorClient, "release_lock", gone)
    return monkeypatch


def test_what_the_study_knows_is_corrected_instead(lab: Lab, no_unlocking: pytest.MonkeyPatch) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session, "first")
        session.submit()
        wait_until(lambda: any(item.hint or (item.told and "not answer" in item.sentence) for item in desk.waiting()))
        (waiting,) = desk.waiting()
        assert waiting.told
        assert lab.status(task_id) == "done"
        with pytest.raises(ToldError, match="The study was told of the results of task"):
            asked(desk, desk.take_back, waiting.id)
        with pytest.raises(ViewrError, match="not through yet"):
            asked(desk, desk.correct, waiting.id, task_id)
        no_unlocking.undo()
        again = asked(desk, desk.correct, waiting.id, task_id)
        assert again.corrects
        assert again.document.state.annotation.answers["default"]["comment"] == "first"
        assert lab.holder(task_id) == "reader1"
        say(again, "second")
        submit(desk, again)
        wait_until(lambda: desk.waiting() == [])
    assert sorted(comments(lab)) == ["first", "second"]
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""


def test_what_went_out_between_look_and_click_is_corrected(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session, "first")
        gone = submit(desk, session)
        with pytest.raises(ToldError, match="just been sent"):
            asked(desk, desk.take_back, gone)
        again = asked(desk, desk.correct, gone, task_id)
        assert again.document.state.annotation.answers["default"]["comment"] == "first"
        again.close(keep_draft=False)


def test_a_correction_that_waits_is_taken_back_as_a_correction(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session, "first")
        gone = submit(desk, session)
        again = asked(desk, desk.correct, gone, task_id)
        say(again, "second")
        lab.servers.switches.archive_unavailable = 1000
        again.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()))
        lab.servers.switches.reset()
        (waiting,) = desk.waiting()
        assert (waiting.what, waiting.told, waiting.kept) == ("correction", False, True)
        back = asked(desk, desk.take_back, waiting.id)
        assert back.corrects
        assert back.document.state.annotation.answers["default"]["comment"] == "second"
        assert desk.waiting() == []
        say(back, "third")
        submit(desk, back)
    assert sorted(comments(lab))[-1] == "third"
    assert lab.status(task_id) == "done"


def test_files_are_exported_while_they_wait(lab: Lab, tmp_path: Path) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session, "first")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()))
        heard: list[str] = []
        desk.exported.connect(heard.append)
        (waiting,) = desk.waiting()
        desk.export(waiting.id, str(tmp_path / "out"))
        wait_until(lambda: len(heard) == 1)
        assert heard[0] == f"The files are in '{tmp_path / 'out' / waiting.id}'."
        (answers,) = (tmp_path / "out").rglob("*lesions_*.json")
        assert json.loads(answers.read_text())["comment"] == "first"
        desk.export(waiting.id, str(tmp_path / "out"))
        wait_until(lambda: len(heard) == 2)
        assert "cannot be written" in heard[1]
        lab.servers.switches.reset()
