"""From the list of what waits back to a task, as a reader does it: what the study knows is corrected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.program import Program, Study, hurry, running
from viewr.model.errors import NetworkError
from viewr.supervisor.client import SupervisorClient
from viewr.workspace.outbox import Outbox


@pytest.fixture
def program(study: Study, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    hurry(monkeypatch)
    with running(study.lab) as program:
        yield program


def gone(_client: SupervisorClient, _task_id: str) -> None:
    raise NetworkError("The supervisor does not answer.", "Check the network.")


def choose_first(program: Program) -> None:
    outbox = program.window.outbox
    program.pilot.click(program.window.task_list.waiting)
    program.pilot.wait(lambda: outbox.list.topLevelItemCount() == 1, "what waits")
    program.pilot.click(outbox.list.viewport(), outbox.list.visualItemRect(outbox.list.topLevelItem(0)).center())


def press_and_open(program: Program) -> None:
    program.pilot.click(program.window.outbox.take_back)
    program.pilot.wait(lambda: program.page is not program.window.busy, "an answer")


def test_results_that_the_study_knows_are_corrected(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.say("first")
    program.reader.choose("grade", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SupervisorClient, "release_lock", gone)
        program.submit()
        program.pilot.wait(lambda: program.desk.waiting() and program.desk.waiting()[0].hint, "why it waits")
    choose_first(program)
    outbox = program.window.outbox
    assert "have been sent" in outbox.why.text()
    assert outbox.take_back.text() == "Correct"
    press_and_open(program)
    assert program.page is program.window.task_view
    program.pilot.wait(lambda: program.view.session.is_ready, "all scans")
    assert any("the study is not told again" in text for text in program.said)
    assert program.comment == "first"
    program.say("second")
    program.submit()
    program.wait_for_uploads()
    assert study.lab.status(task_id) == "done"
    assert len(study.lab.names("FIELDS")) == 2


def test_what_ended_between_look_and_click_says_so_and_is_corrected(
    program: Program, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.say("first")
    program.reader.choose("grade", 1)
    study.archive.mode = "gone"
    program.submit()
    program.pilot.wait(lambda: program.desk.waiting() and program.desk.waiting()[0].hint, "why it waits")
    choose_first(program)
    outbox = program.window.outbox
    assert outbox.take_back.text() == "Take back and open"
    study.archive.mode = "open"
    with monkeypatch.context() as patch:
        # the page is told nothing more: it shows what was true a moment ago
        patch.setattr(outbox, "show_waiting", len)
        program.desk.retry()
        program.pilot.wait(lambda: Outbox(study.lab.folders.outbox).pending() == [], "everything sent")
        press_and_open(program)
    assert program.page is outbox
    assert "just been sent: it cannot be taken back any more" in outbox.why.text()
    assert outbox.take_back.text() == "Correct"
    press_and_open(program)
    assert program.page is program.window.task_view
    assert program.comment == "first"
    assert study.lab.holder(task_id) == "reader1"
