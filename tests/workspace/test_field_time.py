"""Time spent in each field: only what was worked, kept over a restart, in the result where the template asks."""

from __future__ import annotations

from typing import Any

from viewr.model.template import Context, Field
from viewr.workspace.field_time import FieldTime, timer_block, times_from_json, times_to_json


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


SIZE = Field("size", "NumberEdit", "Size", extra={"timer": True})
ROWS = Field("lesions", "ListingWidget", "Lesions", children=(SIZE, Field("kind", "ComboBox", "Kind")))
BOX = Field("box", "BoxWidget", "Box", children=(Field("note", "LineEdit", "Note"), ROWS))
CONTEXT = Context("default", fields=(BOX, Field("grade", "ComboBox", "Grade")))
ANSWERS = {"box": {"note": "", "lesions": [{"__id__": "r7"}, {"__id__": "r3"}]}, "grade": None}
SECONDS = {
    ("default", "box/lesions/r3/size"): 12.4, ("default", "box/lesions/r9/size"): 3.0, ("default", "box/note"): 5.0,
    ("default", "gone"): 9.0, ("other", "grade"): 8.0, ("default", "grade"): 0.2,
}  # fmt: skip


def worked() -> FieldTime:
    """Ten seconds in one field, with work in the views, then away for an hour, then two in another."""
    clock = Clock()
    time = FieldTime(clock=clock)
    clock.wait(20)
    time.enter("default", "grade")
    clock.wait(4)
    time.sign()
    clock.wait(6)
    time.enter("default", "note")
    clock.wait(3600)
    time.sign()
    clock.wait(2)
    time.enter("default", "grade")
    return time


def test_time_goes_to_the_field_that_was_entered_last_but_for_pauses() -> None:
    assert worked().seconds == {("default", "grade"): 10.0, ("default", "note"): 2.0}


def test_an_earlier_sitting_counts() -> None:
    again = FieldTime(times_from_json(times_to_json(worked().seconds)))
    assert again.seconds == worked().seconds


def test_anything_else_in_a_journal_is_nothing() -> None:
    rows: list[Any] = [None, 3, [1], [["a", "b"]]]
    assert [times_from_json(one) for one in rows] == [{}, {}, {}, {}]


def test_a_template_may_ask_for_everything() -> None:
    assert timer_block(CONTEXT, ANSWERS, SECONDS, everything=True) == {
        "box": 20, "box/lesions": 15, "box/lesions/2/size": 12, "box/note": 5,
    }  # fmt: skip


def test_or_for_some_fields() -> None:
    assert timer_block(CONTEXT, ANSWERS, SECONDS, everything=False) == {"box/lesions/2/size": 12}
