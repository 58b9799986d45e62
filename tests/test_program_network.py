"""Servers that go away while the reader works, and come back: nothing drawn is lost, and it is said once."""

from __future__ import annotations

import json

import pytest

from tests.program import Program, Study, turn

SHUT = ("gone", "html")


def host(url: str) -> str:
    return url.removeprefix("http://")


@pytest.mark.parametrize("mode", SHUT)
def test_the_list_stays_when_the_supervisor_goes_away(program: Program, study: Study, mode: str) -> None:
    task_id = study.lab.task()
    program.sign_in()
    study.shut(mode)
    program.pilot.click(program.window.task_list.reload)
    program.pilot.wait(lambda: program.said, "what is wrong")
    assert len(program.said) == 1
    assert host(study.supervisor.url) in program.said[0]
    assert program.listed() == [task_id]
    study.shut("open")
    program.refresh()
    assert program.said == []
    program.open(task_id)


@pytest.mark.parametrize("mode", SHUT)
@pytest.mark.parametrize("which", ["supervisor", "archive"])
def test_a_task_does_not_open_when_a_server_is_away(program: Program, study: Study, mode: str, which: str) -> None:
    task_id = study.lab.task()
    program.sign_in()
    gate = getattr(study, which)
    gate.mode = mode
    program.press_open(task_id)
    assert program.page is program.window.task_list
    assert len(program.said) == 1, program.said
    assert host(gate.url) in program.said[0]
    gate.mode = "open"
    program.refresh()
    assert study.lab.holder(task_id) == ""
    program.open(task_id)
    assert program.view.session.failed == {}


@pytest.mark.parametrize("mode", SHUT)
def test_work_goes_on_without_servers_and_is_uploaded_once_they_are_back(
    program: Program, study: Study, mode: str
) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    study.shut(mode)
    painted = program.stroke()
    program.say("far from any network")
    program.reader.choose("grade", 1)
    assert painted > 0
    assert program.said == []
    program.submit()
    program.pilot.wait(lambda: program.said, "that the list could not be asked for")
    assert len(program.said) == 1, program.said
    assert host(study.supervisor.url) in program.said[0]
    assert program.window.task_list.waiting.text() == "1 result waits for upload"
    program.pilot.click(program.window.task_list.waiting)
    rows = program.window.outbox.list
    program.pilot.wait(lambda: host(study.supervisor.url) in rows.topLevelItem(0).text(3), "why it waits")
    study.shut("open")
    program.pilot.click(program.window.outbox.retry)
    program.wait_for_uploads()
    assert study.lab.status(task_id) == "done"
    (name,) = study.lab.names("FIELDS")
    assert json.loads(study.lab.read("FIELDS", name))["comment"] == "far from any network"
    (labels,) = study.lab.names("NIFTI", "3")
    assert labels.startswith("wml")


def test_a_task_whose_results_wait_is_not_opened_twice(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.reader.choose("grade", 1)
    study.archive.mode = "gone"
    program.submit()
    program.pilot.wait(lambda: program.desk.waiting()[0].sentence.count(host(study.archive.url)), "why it waits")
    program.refresh()
    program.press_open(task_id)
    assert program.said == [f"The results of task {task_id} wait in the outbox. See what they wait for there."]
    program.press_next()
    assert len(program.said) == 1
    assert program.said[0].startswith("No task is left that you can open.")


def test_leaving_without_servers_keeps_the_draft(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    painted = program.stroke()
    study.shut("gone")
    program.leave()
    program.pilot.wait(lambda: program.said, "that the list could not be asked for")
    assert len(program.said) == 1, program.said
    study.shut("open")
    program.refresh()
    assert program.cell(task_id, "Remark") == "Draft on this machine"
    program.open(task_id)
    assert program.voxels == painted


def test_a_download_that_breaks_off_for_good(program: Program, study: Study) -> None:
    study.lab.servers.switches.cut_download_after = 500
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    assert set(program.view.session.failed) == {("default", "T1"), ("default", "FLAIR")}
    assert program.said == [
        f"Scans are missing. The connection to {host(study.archive.url)} broke off. Your work is kept: go to the task "
        "list and open the task again once the server answers."
    ]
    program.say("the form can be filled in")
    study.lab.servers.switches.reset()
    program.leave()
    program.open(task_id)
    assert program.view.session.failed == {}
    assert program.comment == "the form can be filled in"


def test_the_session_of_the_archive_runs_out(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.reader.choose("grade", 2)
    study.lab.servers.switches.session_seconds = 0.2
    turn(400)
    study.lab.servers.switches.reset()
    program.submit()
    program.wait_for_uploads()
    assert study.lab.status(task_id) == "done"


def test_an_account_that_may_not_store_results(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.reader.choose("grade", 2)
    study.lab.servers.switches.deny_writes_silently = True
    program.submit()
    program.pilot.wait(lambda: program.desk.waiting() and program.desk.waiting()[0].held, "the results held")
    assert "'reader1' may not write there" in program.desk.waiting()[0].sentence
    assert study.lab.status(task_id) == "queued"
    study.lab.servers.switches.reset()
    program.pilot.click(program.window.task_list.waiting)
    outbox = program.window.outbox
    area = outbox.list.visualItemRect(outbox.list.topLevelItem(0))
    program.pilot.click(outbox.list.viewport(), area.center())
    assert not outbox.send.isEnabled()  # nothing about the task was changed
    program.pilot.click(outbox.retry)
    program.wait_for_uploads()
    assert study.lab.status(task_id) == "done"


def test_closing_the_program_without_servers(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.stroke()
    study.shut("gone")
    program.window.close()
    assert not program.window.isVisible()
    assert len(list(study.lab.folders.journals.glob("*.journal"))) == 1
