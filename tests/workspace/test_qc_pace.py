"""Pace of a reader, by a clock worked by hand."""

from __future__ import annotations

from viewr.workspace.qc_pace import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def paced(*intervals: float) -> Pace:
    clock = Clock()
    pace = Pace(clock)
    for seconds in intervals:
        clock.now += seconds
        pace.verdict()
    return pace


def test_before_the_first_verdict_there_is_no_pace():
    assert paced().seconds_per_case == 0.0


def test_median_of_the_intervals():
    pace = paced(4.0, 5.0, 60.0)
    assert pace.seconds_per_case == 5.0
    assert pace.elapsed == 69.0


def test_pauses_do_not_count():
    assert paced(4.0, 121.0, 6.0).seconds_per_case == 5.0
    assert paced(4.0, 120.0).seconds_per_case == 62.0


def test_only_the_last_twenty_count():
    assert paced(*[100.0] * 30, *[3.0] * 20).seconds_per_case == 3.0


def test_waiting_for_a_case_is_not_the_readers_time():
    clock = Clock()
    pace = Pace(clock)
    clock.now += 50.0
    pace.begin()
    clock.now += 4.0
    pace.verdict()
    assert pace.seconds_per_case == 4.0
