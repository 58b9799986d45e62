"""Verdicts that are taken back or corrected at awkward moments: nothing is lost, and the study is told once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SupervisorServer
from tests.workspace.lab import Lab, wait_until
from tests.workspace.test_qc_pace import Clock
from tests.workspace.test_qc_run import TEMPLATE, Reader, cases, quality, reading, told, written
from viewr.model.errors import NetworkError
from viewr.supervisor.client import SupervisorClient
from viewr.workspace.folders import Folders
from viewr.workspace.qc_pace import Pace
from viewr.workspace.qc_run import QcProgress

__all__ = ["cases", "told"]

GONE = {"archive_unavailable": 10**6, "supervisor_unavailable": 10**6}


def newest(lab: Lab, number: int) -> str:
    """The verdict that the study takes."""
    name = max(name for name in lab.names("FIELDS") if name.startswith(f"case{number}_"))
    return str(json.loads(lab.read("FIELDS", name))["verdict"])


def send(reader: Reader, count: int) -> None:
    """Everything that was judged goes out now."""
    reader.desk.outbox.holds.let_go()
    reader.desk.upload()
    wait_until(lambda: len(reader.delivered) == count)


def stuck(reader: Reader) -> None:
    """Until a try to send has failed, and the reason is written down."""
    wait_until(lambda: bool(reader.desk.waiting()) and all(item.hint for item in reader.desk.waiting()))


def test_a_verdict_that_could_not_be_sent_is_taken_back(lab: Lab, cases: list[str], told: list[str]) -> None:
    """It is held back no more, and waits for a server that does not answer."""
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor", "motion")
        reader.see(cases[1])
        wait_until(lambda: not reader.run._leaving)
        lab.servers.switches.set({"archive_unavailable": 10**6})
        reader.desk.outbox.holds.let_go()
        reader.desk.upload()
        stuck(reader)
        lab.servers.switches.reset()
        reader.run.back()
        reader.see(cases[0])
        assert reader.answer("verdict") == "Poor"
        assert not reader.session.corrects
        assert (reader.run.progress.done, reader.run.progress.left) == (0, 5)
        reader.judge("Good")
        send(reader, 1)
    assert told == [cases[0]]
    assert newest(lab, 0) == "Good"
    assert quality(lab)[0] == "usable"


def test_going_back_without_servers_leaves_the_verdict_where_it_is(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor")
        reader.see(cases[1])
        wait_until(lambda: not reader.run._leaving)
        lab.servers.switches.set(GONE)
        reader.run.back()
        wait_until(lambda: bool(reader.said))
        assert f"Task {cases[0]} cannot be opened again" in reader.said[0]
        assert reader.session.identity.id == cases[1]
        assert (reader.run.progress.done, reader.run.progress.left) == (1, 4)
        assert reader.run.can_go_back
        lab.servers.switches.reset()
        reader.run.back()
        reader.see(cases[0])
        reader.judge("Good")
        send(reader, 1)
    assert told == [cases[0]]
    assert newest(lab, 0) == "Good"


def test_while_the_study_is_being_told_nothing_is_taken_back(
    lab: Lab, cases: list[str], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_client: SupervisorClient, _task_id: str) -> None:
        raise NetworkError("The supervisor does not answer.", "Check the network.")

    with reading(lab, cases[0]) as reader:
        reader.judge("Poor")
        reader.see(cases[1])
        with monkeypatch.context() as patch:
            patch.setattr(SupervisorClient, "release_lock", gone)
            reader.desk.outbox.holds.let_go()
            reader.desk.upload()
            stuck(reader)
            reader.run.back()
            wait_until(lambda: bool(reader.said))
        assert reader.said == [f"The study is being told of task {cases[0]}. Go back again when that is through."]
        assert reader.session.identity.id == cases[1]
        assert (reader.run.progress.done, reader.run.progress.left) == (1, 4)
        reader.desk.retry()
        wait_until(lambda: len(reader.delivered) == 1)
        reader.run.back()
        reader.see(cases[0])
        assert reader.session.corrects
        reader.judge("Good")
        send(reader, 2)
    assert told == [cases[0]]
    assert newest(lab, 0) == "Good"
    assert lab.holder(cases[0]) == ""


def test_a_correction_is_corrected_before_it_went_out(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor", "motion")
        reader.see(cases[1])
        send(reader, 1)
        reader.run.back()
        reader.see(cases[0])
        lab.servers.switches.set({"archive_unavailable": 10**6})
        reader.judge("Good")
        reader.see(cases[1])
        stuck(reader)
        lab.servers.switches.reset()
        reader.run.back()
        reader.see(cases[0])
        assert reader.session.corrects
        assert (reader.answer("verdict"), reader.run.progress.done) == ("Good", 0)
        reader.judge("Poor", "noise")
        reader.see(cases[1])
        send(reader, 2)
    assert written(lab, 0) == ["Poor", "Poor"]
    assert quality(lab) == ("unusable", "noise")
    assert told == [cases[0]]
    assert lab.holder(cases[0]) == ""


def test_a_correction_that_is_through_is_corrected_once_more(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        for number, verdict in enumerate(("Poor", "Good", "Poor"), 1):
            reader.judge(verdict)
            reader.see(cases[1])
            send(reader, number)
            assert newest(lab, 0) == verdict
            assert (reader.run.progress.done, reader.run.progress.left) == (1, 4)
            if number < 3:
                reader.run.back()
                reader.see(cases[0])
    assert written(lab, 0) == ["Poor", "Good", "Poor"]
    assert quality(lab)[0] == "unusable"
    assert told == [cases[0]]


def test_a_correction_put_aside_is_refused_when_somebody_else_has_judged_since(
    lab: Lab, cases: list[str], tmp_path: Path
) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor")
        reader.see(cases[1])
        send(reader, 1)
        reader.run.back()
        reader.see(cases[0])
        reader.run.later()
        reader.see(cases[1])
        wait_until(lambda: lab.holder(cases[0]) == "")
        (mine,) = [name for name in lab.names("FIELDS") if name.startswith("case0_")]
        document = json.loads(lab.read("FIELDS", mine))
        document["__viewr__"]["user"] = "reader2"
        newer = tmp_path / "newer.json"
        newer.write_text(json.dumps(document))
        lab.archive().upload(lab.ref("FIELDS"), "case0_2100-01-01T10:00:00.json", newer)
        reader.said.clear()
        reader.run.back()
        wait_until(lambda: bool(reader.said))
        assert "'reader2' has judged task" in reader.said[0]
        assert (reader.run.progress.done, reader.run.progress.later) == (1, 0)
        wait_until(lambda: lab.holder(cases[0]) == "")


def test_what_was_put_aside_is_judged_at_the_end_and_corrected(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.run.later()
        for task_id in cases[1:]:
            reader.see(task_id)
            reader.judge("Good")
        reader.see(cases[0])
        assert (reader.run.progress.done, reader.run.progress.left, reader.run.progress.later) == (4, 1, 1)
        reader.judge("Poor", "late")
        wait_until(lambda: bool(reader.ended))
        assert (reader.run.progress.done, reader.run.progress.left, reader.run.progress.later) == (5, 0, 0)
        reader.run.back()
        reader.see(cases[0])
        assert (reader.run.progress.done, reader.run.progress.left, reader.run.progress.later) == (4, 1, 0)
        reader.judge("Good", "early")
        wait_until(lambda: len(reader.ended) == 2)
        assert reader.ended[1] == "No case is left; you have judged 5."
        reader.run.leave()
        wait_until(lambda: len(reader.delivered) == 5)
    assert sorted(told) == cases
    assert newest(lab, 0) == "Good"
    assert {lab.holder(task_id) for task_id in cases} == {""}


def test_the_last_case_is_corrected_when_the_study_knows_of_it(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        for task_id in cases:
            reader.see(task_id)
            reader.judge("Good")
        wait_until(lambda: bool(reader.ended))
        send(reader, 5)
        reader.run.back()
        reader.see(cases[4])
        assert reader.session.corrects
        assert (reader.run.progress.done, reader.run.progress.left) == (4, 1)
        reader.judge("Poor", "cut off")
        wait_until(lambda: len(reader.ended) == 2)
        assert reader.ended[1] == "No case is left; you have judged 5."
        send(reader, 6)
    assert sorted(told) == cases
    assert newest(lab, 4) == "Poor"
    assert quality(lab) == ("unusable", "cut off")


def test_the_servers_are_away_from_the_first_verdict_to_the_end(lab: Lab, cases: list[str], told: list[str]) -> None:
    with lab.servers.store.guard:
        for task_id in cases[3:]:
            lab.servers.store.delete(lab.servers.store.tasks[int(task_id)])
    with reading(lab, cases[0]) as reader:
        held = reader.desk.prefetch
        wait_until(lambda: all((ahead := held.peek(one)) and ahead.is_ready for one in cases[1:3]))
        wait_until(lambda: {lab.holder(one) for one in cases[:3]} == {"reader1"})
        lab.servers.switches.set(GONE)
        for task_id in cases[:3]:
            reader.see(task_id)
            reader.judge("Poor", f"note {task_id}")
        wait_until(lambda: bool(reader.ended))
        assert reader.run.progress.done == 3
        reader.run.leave()
        wait_until(lambda: reader.desk.pending_tasks() == set(cases[:3]))  # the last may be on its way to the disk
        stuck(reader)
        assert told == []
        lab.servers.switches.reset()
        reader.desk.retry()
        wait_until(lambda: len(reader.delivered) == 3)
    assert sorted(told) == cases[:3]
    assert [written(lab, number) for number in range(3)] == [["Poor"]] * 3
    assert {lab.holder(task_id) for task_id in cases[:3]} == {""}


def as_it_is(lab: Lab) -> Folders:
    """The folders as a program leaves them that is killed at this moment."""
    folders = lab.folders
    copy = replace(folders, data=lab.folder / "killed")
    shutil.copytree(folders.data, copy.data)
    return copy


def test_a_program_killed_before_a_correction_went_out_sends_it_at_the_next_start(
    lab: Lab, cases: list[str], told: list[str]
) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[1])
        send(reader, 1)
        reader.run.back()
        reader.see(cases[0])
        lab.servers.switches.set({"archive_unavailable": 10**6})
        reader.judge("Poor", "motion")
        reader.see(cases[1])
        stuck(reader)
        left = as_it_is(lab)
    lab.servers.switches.reset()
    with lab.desk(folders=left) as desk:
        sent: list[str] = []
        desk.delivered.connect(sent.append)
        desk.retry()
        wait_until(lambda: bool(sent))
    assert newest(lab, 0) == "Poor"
    assert quality(lab) == ("unusable", "motion")
    assert told == [cases[0]]
    assert (lab.status(cases[0]), lab.holder(cases[0])) == ("done", "")


def test_a_program_killed_in_the_middle_of_a_correction_leaves_what_the_study_knows(
    lab: Lab, cases: list[str], told: list[str]
) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[1])
        send(reader, 1)
        reader.run.back()
        reader.see(cases[0])
        reader.say("Poor", "half-way")
        reader.session.save_draft()
        left = as_it_is(lab)
        lab.servers.switches.set(GONE)
    lab.servers.switches.reset()
    assert lab.holder(cases[0]) == "reader1"  # as after a crash: it could not be given back
    with lab.desk(folders=left) as desk:
        wait_until(lambda: lab.holder(cases[0]) == "")
        wait_until(lambda: cases[0] not in {info.task_id for info in desk.resumable()})
        assert desk.waiting() == []
    assert written(lab, 0) == ["Good"]
    assert told == [cases[0]]


def test_a_task_of_somebody_else_comes_at_the_end_if_it_was_given_back(lab: Lab, cases: list[str]) -> None:
    lab.servers.store.tasks[int(cases[1])].users = [1, 2]
    lab.supervisor("coordinator").take_lock(cases[1])
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[2])
        assert (reader.run.progress.done, reader.run.progress.left) == (1, 3)
        lab.supervisor("coordinator").release_lock(cases[1])
        for task_id in cases[2:]:
            reader.see(task_id)
            reader.judge("Good")
        reader.see(cases[1])
        assert (reader.run.progress.done, reader.run.progress.left) == (4, 1)
        reader.judge("Good")
        wait_until(lambda: bool(reader.ended))
        assert reader.ended == ["No case is left; you have judged 5."]


def test_the_figures_are_told_before_the_end(lab: Lab, cases: list[str]) -> None:
    """The last page shows them beside its sentence; also when the last case was corrected."""
    with reading(lab, cases[0]) as reader:
        figures: list[QcProgress] = []
        at_end: list[tuple[int, int, int]] = []

        def on_end(_sentence: str) -> None:
            at_end.append((figures[-1].done, figures[-1].left, figures[-1].later))

        reader.run.progress_changed.connect(figures.append)
        reader.run.ended.connect(on_end)
        for task_id in cases:
            reader.see(task_id)
            reader.judge("Good")
        wait_until(lambda: len(at_end) == 1)
        reader.run.back()
        reader.see(cases[4])
        reader.judge("Poor")
        wait_until(lambda: len(at_end) == 2)
    assert at_end == [(5, 0, 0), (5, 0, 0)]


def test_what_cannot_be_judged_is_not_left_to_be_judged(lab: Lab, cases: list[str]) -> None:
    """One is somebody else's, one is faulty; both are known before their turn comes."""
    lab.servers.store.tasks[int(cases[2])].users = [1, 2]
    lab.supervisor("coordinator").take_lock(cases[2])
    lab.servers.store.tasks[int(cases[1])].content = lab.content(scans={"T1": "$NOBODY/scans/2"})
    with reading(lab) as reader:
        figures: list[QcProgress] = []
        reader.run.progress_changed.connect(figures.append)
        reader.run.start(cases[0])
        reader.see(cases[0])
        wait_until(lambda: bool(figures) and figures[-1].left == 3)
        assert reader.said == []
        reader.judge("Good")
        reader.see(cases[3])
        assert (reader.run.progress.done, reader.run.progress.left) == (1, 2)


def test_a_correction_is_no_further_case_of_the_pace(lab: Lab, cases: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        clock = Clock()
        reader.run._pace = Pace(clock)
        clock.now += 4.0
        reader.judge("Poor")
        reader.see(cases[1])
        clock.now += 30.0  # found out that it was wrong
        reader.run.back()
        reader.see(cases[0])
        clock.now += 50.0
        reader.judge("Good")
        reader.see(cases[1])
        clock.now += 6.0
        reader.judge("Good")
        assert reader.run.progress.seconds_per_case == 5.0
        assert reader.run.progress.elapsed == 90.0


@pytest.mark.slow
def test_both_supervisors_let_a_done_task_be_corrected(
    lab: Lab, supervisor_server: SupervisorServer, told: list[str]
) -> None:
    """Locked, read and left without its status being touched."""
    supervisor_server.create_template("corrected_verdict", TEMPLATE)
    content = lab.content(fields={"uri": "resources/FIELDS/files/case0_{timestamp}.json"})
    one, other = (supervisor_server.create_task("corrected_verdict", content, users=["reader1"]) for _ in range(2))
    there = replace(lab, servers=replace(lab.servers, supervisor_url=supervisor_server.url))
    with reading(there, one) as reader:
        reader.judge("Good")
        reader.see(other)
        send(reader, 1)
        assert there.holder(one) == ""
        reader.run.back()
        reader.see(one)
        assert reader.session.corrects
        assert there.holder(one) == "reader1"
        reader.judge("Poor", "motion")
        reader.see(other)
        send(reader, 2)
        assert (there.status(one), there.holder(one)) == ("done", "")
    assert newest(lab, 0) == "Poor"
    assert quality(lab) == ("unusable", "motion")
    assert told == [one]
