"""Background work: one answer, in the thread that asked, or none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.jobs import Jobs


@pytest.fixture
def jobs(qapp: object) -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.shut_down()


def double(number: int, progress: Progress) -> int:
    progress.report(1, 2)
    return number * 2


def refuse(progress: Progress) -> None:
    raise ViewrError("The scan '7' is not there.")


class Gate:
    """Work that waits until it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def wait(self, answer: str, progress: Progress) -> str:
        self.open.wait(10)
        return answer


def test_done_comes_in_the_thread_that_asked(qtbot: Any, jobs: Jobs) -> None:
    threads = []
    job = jobs.start(double, 21)
    job.done.connect(lambda _: threads.append(threading.current_thread()))
    with qtbot.waitSignal(job.done) as done, qtbot.waitSignal(job.progressed) as progressed:
        pass
    assert done.args == [42]
    assert progressed.args == [1, 2]
    assert threads == [threading.main_thread()]


def test_failed_carries_what_was_raised(qtbot: Any, jobs: Jobs) -> None:
    job = jobs.start(refuse)
    with qtbot.waitSignal(job.failed) as failed:
        pass
    assert failed.args[0].message == "The scan '7' is not there."


def test_a_late_answer_is_dropped_when_a_newer_job_of_its_kind_began(qtbot: Any, jobs: Jobs) -> None:
    gate = Gate()
    answers: list[str] = []
    first = jobs.start(gate.wait, "old", kind="listing")
    second = jobs.start(gate.wait, "new", kind="listing")
    for job in (first, second):
        job.done.connect(answers.append)
        job.failed.connect(answers.append)
    with qtbot.waitSignals([first.ended, second.ended]):
        gate.open.set()
    assert answers == ["new"]


def test_a_cancelled_job_answers_nothing_but_ends(qtbot: Any, jobs: Jobs) -> None:
    gate = Gate()
    answers: list[object] = []
    job = jobs.start(gate.wait, "late")
    job.done.connect(answers.append)
    job.cancel()
    with qtbot.waitSignal(job.ended):
        gate.open.set()
    assert answers == []
    assert jobs.busy == 0


def test_cancelling_reaches_the_work(qtbot: Any, jobs: Jobs) -> None:
    reached = threading.Event()

    def work(progress: Progress) -> None:
        try:
            while not reached.wait(0.01):
                progress.check()
        finally:
            reached.set()

    job = jobs.start(work)
    with qtbot.waitSignal(job.ended):
        job.cancel()
    assert reached.is_set()
