"""The next tasks of a reader who goes from task to task are there before their turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workspace.lab import Lab, open_session, settle, wait_until
from viewr.workspace.desk import Desk
from viewr.workspace.opening import begin_journal
from viewr.workspace.outbox_hold import Holds
from viewr.workspace.prefetch import Limits, limits_of
from viewr.workspace.task_session import TaskSession


@pytest.fixture
def tasks(lab: Lab) -> list[str]:
    with lab.servers.store.guard:
        for task in list(lab.servers.store.tasks.values()):
            lab.servers.store.delete(task)
    return [lab.task() for _ in range(5)]


@pytest.fixture
def desk(lab: Lab, tasks: list[str]) -> Iterator[Desk]:
    with lab.desk() as made:
        made.refresh()
        wait_until(lambda: len(made.tasks) == 5)
        yield made


def next_of(desk: Desk, session: TaskSession) -> TaskSession:
    """Leave a task and go on with the next one."""
    shown: list[TaskSession] = []
    desk.opened.connect(shown.append)
    session.close()
    desk.open_next(session.identity.id)
    wait_until(lambda: bool(shown))
    desk.opened.disconnect(shown.append)
    shown[0].start()
    return shown[0]


def holders(lab: Lab, tasks: list[str]) -> list[str]:
    return [lab.holder(task_id) for task_id in tasks]


def test_a_reader_of_one_task_locks_no_other(lab: Lab, desk: Desk, tasks: list[str]) -> None:
    session = open_session(desk, tasks[0])
    wait_until(lambda: desk.prefetch.waiting_for == tasks[1:3])
    wait_until(lambda: len(list(lab.folders.volumes.glob("*/volumes.json"))) >= 2)
    settle()
    assert holders(lab, tasks) == ["reader1", "", "", "", ""]
    session.close()


def test_whoever_goes_on_has_the_next_task_at_once(lab: Lab, desk: Desk, tasks: list[str]) -> None:
    second = next_of(desk, open_session(desk, tasks[0]))
    assert second.identity.id == tasks[1]
    wait_until(lambda: bool(desk.prefetch.first_ready()))
    ahead = desk.prefetch.peek(tasks[2])
    assert ahead is not None
    wait_until(lambda: ahead.is_ready)
    wait_until(lambda: lab.holder(tasks[3]) == "reader1")
    assert holders(lab, tasks) == ["", "reader1", "reader1", "reader1", ""]
    lab.servers.switches.set({"supervisor_delay": 1.0, "archive_delay": 1.0})
    shown: list[TaskSession] = []
    desk.opened.connect(shown.append)
    desk.open_next(tasks[1])
    assert shown == [ahead]
    lab.servers.switches.reset()
    assert ("default", "wml") in ahead.document.labelmaps
    ahead.document.edit("Nothing", lambda annotation: annotation)
    second.close()
    ahead.close()


def test_a_reader_who_is_away_holds_only_the_task_on_the_screen(lab: Lab, desk: Desk, tasks: list[str]) -> None:
    second = next_of(desk, open_session(desk, tasks[0]))
    wait_until(lambda: lab.holder(tasks[3]) == "reader1")
    desk.prefetch._idle.timeout.emit()
    wait_until(lambda: holders(lab, tasks) == ["", "reader1", "", "", ""])
    second.document.look(cursors={"default": (0.0, 0.0, 1.0)})
    wait_until(lambda: holders(lab, tasks) == ["", "reader1", "reader1", "reader1", ""])
    second.close()


def test_at_the_list_the_locks_ahead_are_given_back(lab: Lab, desk: Desk, tasks: list[str]) -> None:
    second = next_of(desk, open_session(desk, tasks[0]))
    wait_until(lambda: lab.holder(tasks[3]) == "reader1")
    second.close()
    desk.rest()
    wait_until(lambda: holders(lab, tasks) == [""] * 5)
    assert desk.prefetch.waiting_for == []


def test_what_was_changed_meanwhile_is_prepared_anew(lab: Lab, desk: Desk, tasks: list[str]) -> None:
    """A case was looked up, then its content is changed on the server, then its turn comes near."""
    desk.prefetch.expect(tasks[:1], locks=False)
    wait_until(lambda: any(case.opened for case in desk.prefetch._cases.values()))
    lab.servers.store.tasks[int(tasks[0])].content = lab.content(fields={"initial": {"comment": "changed"}})
    desk.prefetch.expect(tasks[:1])
    wait_until(lambda: desk.prefetch.first_ready() == tasks[0])
    session = desk.prefetch.take(tasks[0])
    assert session is not None
    assert session.document.state.annotation.answers["default"]["comment"] == "changed"
    session.close()


def test_a_case_that_another_program_has_open_is_refused_when_it_is_taken(
    lab: Lab, desk: Desk, tasks: list[str]
) -> None:
    failed: list[str] = []
    desk.prefetch.expect(tasks[:2])
    wait_until(lambda: desk.prefetch.first_ready() == tasks[0])
    opened = desk.prefetch._cases[tasks[0]].opened
    assert opened is not None
    journal = begin_journal(opened, lab.folders).journal
    assert journal is not None
    desk.prefetch.failed.connect(lambda task_id, _error: failed.append(task_id))
    assert desk.prefetch.take(tasks[0]) is None
    assert failed == [tasks[0]]
    wait_until(lambda: lab.holder(tasks[0]) == "")
    wait_until(lambda: desk.prefetch.first_ready() == tasks[1])
    journal.close()


def test_memory_bounds_how_many_cases_are_decoded() -> None:
    assert limits_of(3, 4.0, 20.0) == Limits(3, 8, 2, 4 << 30, 5 << 30)
    assert limits_of(0, 1.0, 1.0) == Limits(1, 8, 1, 1 << 30, 1 << 28)


def test_only_what_fits_into_memory_is_decoded(lab: Lab, tasks: list[str]) -> None:
    with lab.desk() as desk:
        desk.prefetch.limits = Limits(whole=3, memory_bytes=2 * 2 * 12 * 10 * 8 + 100)  # one case, two scans
        desk.prefetch.expect(tasks)
        wait_until(lambda: desk.prefetch.first_ready() == tasks[0])
        wait_until(lambda: all(desk.prefetch._cases[task_id].on_disk is not None for task_id in tasks[1:]))
        assert [bool(desk.prefetch.peek(task_id)) for task_id in tasks] == [True] + [False] * 4


def test_nothing_is_held_back_longer_than_a_minute() -> None:
    now = [1000.0]
    holds = Holds(lambda: now[0])
    holds.hold("first")
    now[0] += 59.9
    assert not holds.passes("first")
    now[0] += 0.1
    assert holds.passes("first")
    assert not holds.seize("first")
