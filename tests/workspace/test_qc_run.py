"""A run through cases of quality control, on embedded servers."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.lab import Lab, settle, turn, wait_until
from viewr.model.annotation import Annotation
from viewr.model.answers import get_answer, with_answer
from viewr.model.errors import ViewrError
from viewr.supervisor.client import SupervisorClient
from viewr.workspace.desk import Desk
from viewr.workspace.journal_read import journal_path
from viewr.workspace.outbox import Outbox
from viewr.workspace.qc_run import QcRun
from viewr.workspace.task_session import TaskSession

TEMPLATE = """
template_name: verdict
mode: qc
quality: {field: verdict, note: note, scan: T1, map: {Good: usable, Poor: unusable}}
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: false}]
scans: {T1: {modality: MR, protocols: T1}, FLAIR: {modality: MR, protocols: FLAIR}}
annotations: null
qa_fields:
  verdict: {control: RadioButtonGroup, label: Verdict, x: 0, y: 0, options: [Good, Poor]}
  note: {control: LineEdit, label: Note, x: 0, y: 1}
"""


class Reader:
    """Goes through a run and remembers what was said."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.run = QcRun(desk)
        self.shown: list[str] = []
        self.said: list[str] = []
        self.ended: list[str] = []
        self.waits: list[str] = []
        self.delivered: list[str] = []
        self.upcoming: list[str] = []
        self.run.case_ready.connect(self._on_case)
        self.run.upcoming.connect(self._on_upcoming)
        self.run.notice.connect(self.said.append)
        self.run.ended.connect(self.ended.append)
        self.run.waiting.connect(self.waits.append)
        desk.delivered.connect(self.delivered.append)

    def _on_case(self, session: TaskSession) -> None:
        self.shown.append(session.identity.id)

    def _on_upcoming(self, session: TaskSession) -> None:
        self.upcoming.append(session.identity.id)

    @property
    def session(self) -> TaskSession:
        assert self.run.current is not None
        return self.run.current

    def see(self, task_id: str) -> None:
        wait_until(lambda: self.run.current is not None and self.session.identity.id == task_id)
        wait_until(lambda: self.session.is_ready)

    def say(self, verdict: str, note: str = "") -> None:
        def change(annotation: Annotation) -> Annotation:
            annotation = with_answer(annotation, "default", "verdict", verdict)
            return with_answer(annotation, "default", "note", note) if note else annotation

        self.session.document.edit("Judge", change)

    def judge(self, verdict: str, note: str = "") -> None:
        self.say(verdict, note)
        self.run.finish()

    def answer(self, name: str) -> Any:
        return get_answer(self.session.document.state.annotation.answers["default"], name)


@contextmanager
def reading(lab: Lab, first: str = "", **options: Any) -> Iterator[Reader]:
    with lab.desk(**options) as desk:
        listed: list[Any] = []
        desk.tasks_changed.connect(listed.append)
        desk.refresh()
        wait_until(lambda: bool(listed))
        reader = Reader(desk)
        try:
            if first:
                reader.run.start(first)
                reader.see(first)
            yield reader
        finally:
            reader.run.leave()


@pytest.fixture
def cases(lab: Lab) -> list[str]:
    """Five tasks of their own on one session; tasks of earlier tests are gone."""
    with lab.servers.store.guard:
        for task in list(lab.servers.store.tasks.values()):
            lab.servers.store.delete(task)
    return [one_more(lab, number) for number in range(5)]


def one_more(lab: Lab, number: int, template: str = "verdict") -> str:
    lab.servers.create_template(template, TEMPLATE)
    content = lab.content(fields={"uri": f"resources/FIELDS/files/case{number}_{{timestamp}}.json"})
    return str(lab.servers.create_task(template, content, users=("reader1",)))


def written(lab: Lab, number: int) -> list[Any]:
    names = [name for name in lab.names("FIELDS") if name.startswith(f"case{number}_")]
    return [json.loads(lab.read("FIELDS", name))["verdict"] for name in names]


def quality(lab: Lab) -> tuple[str, str]:
    scan = next(scan for scan in lab.archive().scans(lab.experiment) if scan.id == "2")
    return scan.quality, scan.note


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tasks that the supervisor was told are done, each time."""
    heard: list[str] = []
    original = SupervisorClient.set_status

    def set_status(self: SupervisorClient, task_id: str, status: str) -> str:
        heard.append(task_id)
        return original(self, task_id, status)

    monkeypatch.setattr(SupervisorClient, "set_status", set_status)
    return heard


def test_cases_come_one_after_the_other_and_all_are_done(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[1]) as reader:
        for number, task_id in enumerate([*cases[1:], cases[0]]):
            reader.see(task_id)
            assert reader.run.progress.done == number
            assert reader.run.progress.left == 5 - number
            reader.judge("Poor", "motion")
        wait_until(lambda: bool(reader.ended))
        assert reader.ended == ["No case is left; you have judged 5."]
        reader.run.leave()
        wait_until(lambda: len(reader.delivered) == 5)
    assert sorted(told) == sorted(cases)
    assert [written(lab, number) for number in range(5)] == [["Poor"]] * 5
    assert quality(lab) == ("unusable", "motion")
    assert {lab.status(task_id) for task_id in cases} == {"done"}
    assert {lab.holder(task_id) for task_id in cases} == {""}


def test_the_next_case_is_there_within_the_call(lab: Lab, cases: list[str]) -> None:
    """Nothing is asked of a server between a verdict and the next case."""
    with reading(lab, cases[0]) as reader:
        wait_until(lambda: cases[1] in reader.upcoming)
        reader.say("Good")
        lab.servers.switches.set({"supervisor_delay": 1.0, "archive_delay": 1.0})
        reader.run.finish()
        assert reader.shown == cases[:2]
        assert reader.session.is_ready
        assert set(reader.session.document.volumes) == {("default", "T1"), ("default", "FLAIR")}
        lab.servers.switches.reset()


def test_locks_of_the_next_two_are_taken_and_given_back(lab: Lab, cases: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        wait_until(lambda: lab.holder(cases[2]) == "reader1")
        assert [lab.holder(task_id) for task_id in cases] == ["reader1"] * 3 + ["", ""]
        reader.desk.prefetch._idle.timeout.emit()
        wait_until(lambda: lab.holder(cases[1]) == lab.holder(cases[2]) == "")
        assert lab.holder(cases[0]) == "reader1"
        reader.say("Good")
        wait_until(lambda: lab.holder(cases[1]) == lab.holder(cases[2]) == "reader1")
        reader.run.leave()
        wait_until(lambda: {lab.holder(task_id) for task_id in cases} == {""})


def test_tasks_of_others_are_passed_over(lab: Lab, cases: list[str]) -> None:
    lab.servers.store.tasks[int(cases[1])].users = [1, 2]
    for task_id in cases[1:3]:
        lab.supervisor("coordinator").take_lock(task_id)
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[3])
        assert reader.said == []
        assert lab.holder(cases[1]) == "coordinator"


def test_the_end_of_a_case_waits_for_the_next_verdict_but_one(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        for task_id in cases[:2]:
            reader.see(task_id)
            reader.judge("Good")
        reader.see(cases[2])
        wait_until(lambda: written(lab, 0) == written(lab, 1) == ["Good"])
        turn(200)
        assert told == []
        assert quality(lab)[0] != "usable"
        reader.judge("Good")
        wait_until(lambda: bool(reader.delivered))
        assert told == [cases[0]]
        assert lab.status(cases[0]) == "done"
        assert lab.holder(cases[1]) == "reader1"


def test_a_verdict_is_taken_back(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor", "motion")
        reader.see(cases[1])
        reader.say("Good", "half-way")
        assert reader.run.can_go_back
        aside = reader.session.document
        aside.retire()
        reader.run.back()
        reader.see(cases[0])
        assert reader.answer("verdict") == "Poor"
        assert reader.run.progress.done == 0
        assert reader.run.progress.left == 5
        assert not reader.run.can_go_back
        reader.judge("Good", "it was the bed")
        reader.see(cases[1])
        assert (reader.answer("verdict"), reader.answer("note")) == ("Good", "half-way")
        assert reader.session.document is aside
        assert not aside.signalsBlocked()
        wait_until(lambda: not reader.run._leaving)  # both are about one scan: the first goes out first
        reader.run.finish()
        reader.run.leave()
        wait_until(lambda: len(reader.delivered) == 2)
    assert sorted(told) == cases[:2]
    assert written(lab, 0)[-1] == "Good"
    assert quality(lab) == ("usable", "half-way")


def test_a_verdict_that_the_study_knows_is_corrected(lab: Lab, cases: list[str], told: list[str]) -> None:
    """A newer result and another quality; the study is not told a second time."""
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor", "motion")
        reader.see(cases[1])
        lab_holds = reader.desk.outbox.holds
        lab_holds.let_go()
        reader.desk.upload()
        wait_until(lambda: bool(reader.delivered))
        assert quality(lab) == ("unusable", "motion")
        reader.run.back()
        reader.see(cases[0])
        assert "not told again" in reader.said[0]
        assert reader.answer("verdict") == "Poor"
        reader.judge("Good", "no motion")
        reader.see(cases[1])
        wait_until(lambda: len(reader.delivered) == 2)
        assert quality(lab) == ("usable", "no motion")
    assert sorted(written(lab, 0)) == ["Good", "Poor"]
    assert told == [cases[0]]
    assert lab.status(cases[0]) == "done"
    assert lab.holder(cases[0]) == ""


def test_a_newer_result_of_somebody_else_is_not_written_over(lab: Lab, cases: list[str], tmp_path: Path) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Poor")
        reader.see(cases[1])
        reader.desk.outbox.holds.let_go()
        reader.desk.upload()
        wait_until(lambda: bool(reader.delivered))
        (mine,) = [name for name in lab.names("FIELDS") if name.startswith("case0_")]
        document = json.loads(lab.read("FIELDS", mine))
        document["__viewr__"]["user"] = "reader2"
        newer = tmp_path / "newer.json"
        newer.write_text(json.dumps(document))
        lab.archive().upload(lab.ref("FIELDS"), "case0_2100-01-01T10:00:00.json", newer)
        reader.run.back()
        wait_until(lambda: bool(reader.said))
        assert "'reader2' has judged task" in reader.said[0]
        assert reader.session.identity.id == cases[1]
        assert reader.run.progress.done == 1
        wait_until(lambda: lab.holder(cases[0]) == "")


def test_a_case_put_aside_comes_again_at_the_end(lab: Lab, cases: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.say("Poor")
        reader.run.later()
        assert reader.run.progress.later == 1
        for task_id in cases[1:]:
            reader.see(task_id)
            reader.judge("Good")
        reader.see(cases[0])
        assert reader.answer("verdict") == "Poor"
        reader.run.finish()
        wait_until(lambda: bool(reader.ended))
        assert reader.run.progress.later == 0
    assert lab.holder(cases[0]) == ""


def test_new_tasks_are_found_at_the_end(lab: Lab, cases: list[str]) -> None:
    with reading(lab, cases[4]) as reader:
        other = one_more(lab, 7, template="other")
        more = one_more(lab, 6)
        for task_id in [cases[4], *cases[:4], more]:
            reader.see(task_id)
            reader.judge("Good")
        wait_until(lambda: bool(reader.ended))
        assert other not in reader.shown


def test_a_case_with_an_error_is_told_at_its_turn_and_blocks_nobody(lab: Lab, cases: list[str]) -> None:
    lab.servers.store.tasks[int(cases[1])].content = lab.content(scans={"T1": "$NOBODY/scans/2"})
    with reading(lab, cases[0]) as reader:
        wait_until(lambda: cases[2] in reader.upcoming)
        assert reader.said == []
        reader.judge("Good")
        assert reader.shown == [cases[0], cases[2]]
        assert cases[1] in reader.said[0]
        assert lab.holder(cases[1]) == ""


def test_verdicts_go_on_while_the_servers_are_away(lab: Lab, cases: list[str], told: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        wait_until(lambda: cases[2] in reader.desk.prefetch.waiting_for and lab.holder(cases[2]) == "reader1")
        wait_until(lambda: all(
            (held := reader.desk.prefetch.peek(task_id)) and held.is_ready for task_id in cases[1:3]
        ))  # fmt: skip
        lab.servers.switches.set({"archive_unavailable": 100_000})
        for task_id in cases[:3]:
            reader.see(task_id)
            reader.judge("Good")
        kept = {item.id for item in Outbox(lab.folders.outbox).pending()}
        assert len(kept | set(reader.run._leaving)) == 3
        lab.servers.switches.reset()
        reader.desk.retry()
        wait_until(lambda: bool(reader.delivered))


def test_a_full_disk_keeps_the_verdict_for_later(
    lab: Lab, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise ViewrError("The disk is full.", "Free some space.")

    with reading(lab, cases[0]) as reader:
        with monkeypatch.context() as patch:
            patch.setattr(Outbox, "add", full)
            reader.judge("Poor")
            wait_until(lambda: bool(reader.said))
        assert "could not be kept" in reader.said[0]
        assert reader.run.progress.done == 0
        for task_id in cases[1:]:
            reader.see(task_id)
            reader.judge("Good")
        reader.see(cases[0])
        assert reader.answer("verdict") == "Poor"


def test_leaving_the_program_finishes_what_was_held_back(lab: Lab, cases: list[str], told: list[str]) -> None:
    with lab.desk() as desk:
        reader = Reader(desk)
        reader.run.start(cases[0])
        reader.see(cases[0])
        reader.judge("Good")
        reader.see(cases[1])
        wait_until(lambda: not reader.run._leaving)
    assert lab.status(cases[0]) == "done"
    assert {lab.holder(task_id) for task_id in cases} == {""}
    assert Outbox(lab.folders.outbox).pending() == []
    settle()


def test_cases_gone_by_are_released(lab: Lab, cases: list[str]) -> None:
    gone: list[weakref.ref[TaskSession]] = []
    with reading(lab, cases[0]) as reader:
        for task_id in cases[:3]:
            reader.see(task_id)
            gone.append(weakref.ref(reader.session.document.volumes[("default", "T1")]))  # type: ignore[arg-type]
            reader.judge("Good")
        reader.see(cases[3])
        wait_until(lambda: not reader.run._leaving)
        settle()
        gc.collect()
        assert [ref() for ref in gone] == [None, None, None]


def test_a_case_that_cannot_be_opened_again_leaves_the_present_one_in_sight(lab: Lab, cases: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[1])
        reader.desk.outbox.holds.let_go()
        reader.desk.upload()
        wait_until(lambda: bool(reader.delivered))
        lab.supervisor("coordinator").take_lock(cases[0])
        reader.run.back()
        wait_until(lambda: bool(reader.said))
        assert "locked by 'coordinator'" in reader.said[0]
        assert reader.shown == [cases[0], cases[1], cases[1]]
        assert reader.run.progress.done == 1
        assert reader.run.progress.left == 4
        reader.judge("Good")
        reader.see(cases[2])


def test_a_correction_put_aside_stays_as_the_study_knows_it(lab: Lab, cases: list[str]) -> None:
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[1])
        reader.desk.outbox.holds.let_go()
        reader.desk.upload()
        wait_until(lambda: bool(reader.delivered))
        reader.run.back()
        reader.see(cases[0])
        reader.say("Poor")
        reader.run.later()
        reader.see(cases[1])
        assert (reader.run.progress.done, reader.run.progress.later) == (1, 0)
        wait_until(lambda: lab.holder(cases[0]) == "")
    assert written(lab, 0) == ["Good"]
    assert list(lab.folders.journals.glob("*.journal")) == []


def test_a_case_whose_journal_was_never_begun_is_not_passed_over(lab: Lab, cases: list[str]) -> None:
    """A program was killed at the moment when its turn came."""
    for task_id in cases[:2]:
        uri = lab.supervisor().task(task_id).uri
        path = journal_path(lab.folders.journals, lab.servers.supervisor_url, uri, "reader1")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with reading(lab, cases[0]) as reader:
        reader.judge("Good")
        reader.see(cases[1])
        assert reader.said == []
