"""The one writer: what an edit does, what undo takes back, what is told."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from tests.workspace.made import KEY, contents, make_document, mark, paint, say
from viewr.model.answers import get_answer
from viewr.model.state import Change
from viewr.workspace.document import Document, Step


class Notes:
    """A recorder that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def step(self, text: str, step: Step, *, gesture: bool, merged: bool) -> None:
        self.told.append(("step", text, step, gesture, merged))

    def finish(self) -> None:
        self.told.append(("finish",))

    def abandon(self) -> None:
        self.told.append(("abandon",))

    def moved(self, kind: str) -> None:
        self.told.append((kind,))


@pytest.fixture
def document(qapp: object) -> Document:
    return make_document()


def comment(document: Document) -> Any:
    return get_answer(document.state.annotation.answers.get("default", {}), "comment")


def test_undo_and_redo_of_an_answer(document: Document) -> None:
    say(document, "a")
    say(document, "b")
    document.undo()
    assert comment(document) == "a"
    document.undo()
    assert comment(document) is None
    document.redo()
    document.redo()
    assert comment(document) == "b"


def test_an_edit_after_undo_drops_what_could_be_redone(document: Document) -> None:
    say(document, "a")
    document.undo()
    say(document, "c")
    document.redo()
    assert comment(document) == "c"
    assert document.stack.count() == 1


def test_undo_of_voxels_gives_back_what_was_under_the_brush(document: Document) -> None:
    paint(document, 4, 1)
    paint(document, 5, 2)
    array = document.labelmaps[KEY].array
    assert array[4:7, 2, 3].tolist() == [1, 2, 2]
    document.undo()
    assert array[4:7, 2, 3].tolist() == [1, 1, 0]
    document.undo()
    assert not array.any()


def test_a_patch_beyond_the_edge_writes_the_part_inside(document: Document) -> None:
    document.patch(KEY, ((-1, 14, 11), (2, 18, 14)), np.ones((3, 4, 3), np.uint8))
    array = document.labelmaps[KEY].array
    assert array.sum() == 2 * 2 * 1
    assert array[:2, 14:, 11].all()


def test_a_gesture_is_one_step(document: Document) -> None:
    document.begin("Stroke")
    for i in range(5):
        paint(document, i)
    document.commit()
    assert contents(document)["undo"] == ["Stroke"]
    document.undo()
    assert not document.labelmaps[KEY].array.any()


def test_a_cancelled_gesture_leaves_nothing(document: Document) -> None:
    say(document, "before")
    before = contents(document)
    document.begin("Stroke")
    paint(document, 1)
    mark(document, 1)
    document.cancel()
    assert contents(document) == before


def test_undo_in_a_gesture_takes_the_gesture_back(document: Document) -> None:
    say(document, "before")
    document.begin("Stroke")
    paint(document, 1)
    document.undo()
    assert comment(document) == "before"
    assert not document.in_gesture


def test_typing_merges_into_one_step_and_another_field_does_not(document: Document) -> None:
    for text in ("h", "he", "hey"):
        say(document, text, merge="comment")
    say(document, "x", path="other", merge="other")
    assert document.stack.count() == 2
    document.undo()
    document.undo()
    assert comment(document) is None


def test_typing_after_undo_is_a_step_of_its_own(document: Document) -> None:
    say(document, "h", merge="comment")
    say(document, "he", merge="comment")
    document.undo()
    say(document, "x", merge="comment")
    say(document, "xy", merge="comment")
    assert document.stack.count() == 1
    document.undo()
    assert comment(document) is None


def test_an_edit_that_changes_nothing_is_no_step(document: Document) -> None:
    say(document, "a")
    say(document, "a")
    paint(document, 3)
    paint(document, 3)
    assert document.stack.count() == 2


def test_read_only_changes_nothing(document: Document) -> None:
    document.read_only = True
    say(document, "a")
    paint(document, 3)
    assert document.stack.count() == 0
    assert not document.labelmaps[KEY].array.any()


def test_read_only_takes_nothing_back(document: Document) -> None:
    notes = document.recorder = Notes()
    say(document, "a")
    paint(document, 3)
    paint(document, 4)
    document.undo()
    told = list(notes.told)
    before = document.labelmaps[KEY].array.copy()
    assert before.any()
    document.read_only = True
    document.undo()
    document.redo()
    document.begin("Stroke")
    document.commit()
    assert not document.in_gesture
    assert np.array_equal(document.labelmaps[KEY].array, before)
    assert comment(document) == "a"
    assert notes.told == told
    document.read_only = False
    document.undo()
    assert not document.labelmaps[KEY].array.any()


def test_a_gesture_open_when_the_document_becomes_read_only_stays(document: Document) -> None:
    document.begin("Stroke")
    paint(document, 3)
    before = document.labelmaps[KEY].array.copy()
    document.read_only = True
    document.undo()
    document.cancel()
    assert np.array_equal(document.labelmaps[KEY].array, before)
    assert document.stack.count() == 1


def test_changed_carries_both_states_and_the_touched_box(document: Document) -> None:
    heard: list[Change] = []
    document.changed.connect(heard.append)
    document.begin("Stroke")
    paint(document, 3)
    paint(document, 8)
    document.commit()
    document.undo()
    assert [change.kind for change in heard] == ["edit", "edit", "undo"]
    assert heard[0].boxes == {KEY: ((3, 2, 3), (5, 5, 4))}
    assert heard[2].boxes == {KEY: ((3, 2, 3), (10, 5, 4))}
    assert heard[1].before is heard[0].after


def test_a_look_is_not_undoable(document: Document) -> None:
    document.look(brush_mm=9.0)
    assert document.state.look.brush_mm == 9.0
    assert not document.stack.canUndo()


def test_the_recorder_is_told_everything_in_order(document: Document) -> None:
    notes = Notes()
    document.recorder = notes
    say(document, "a", merge="c")
    say(document, "ab", merge="c")
    document.begin("Stroke")
    paint(document, 1)
    document.commit()
    document.begin("Empty")
    document.commit()
    document.begin("Stroke")
    paint(document, 5)
    document.cancel()
    document.undo()
    document.redo()
    short = [(told[0], told[1], *told[3:]) if told[0] == "step" else told for told in notes.told]
    assert short == [
        ("step", "Answer", False, False), ("step", "Answer", False, True),
        ("step", "Stroke", True, False), ("finish",), ("step", "Stroke", True, False), ("abandon",),
        ("undo",), ("redo",),
    ]  # fmt: skip


def test_replay_of_the_steps_gives_the_same_document(document: Document) -> None:
    notes = Notes()
    document.recorder = notes
    for number in range(6):
        say(document, f"text {number}", merge="comment")
        document.begin("Stroke")
        paint(document, number * 2, 1 + number % 3)
        mark(document, number)
        document.commit() if number % 3 else document.cancel()
    document.undo()
    again = make_document()
    for told in notes.told:
        if told[0] == "step":
            again.replay(told[1], told[2], gesture=told[3], merged=told[4])
        else:
            {"finish": again.commit, "abandon": again.cancel, "undo": again.undo, "redo": again.redo}[told[0]]()
    assert contents(again) == contents(document)
    document.redo()
    again.redo()
    assert contents(again) == contents(document)


def test_many_signals_lose_no_reference(document: Document) -> None:
    heard: list[Any] = []
    document.filled.connect(lambda key, k: heard.append(k))  # a bound method would do as well
    before = sys.getrefcount(None), sys.getrefcount(True)
    for number in range(20_000):
        document.filled.emit(KEY, number)
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert len(heard) == 20_000
    if sys.version_info < (3, 12):  # later ones never free them, whatever their count says
        assert abs(after[0] - before[0]) < 1000
        assert abs(after[1] - before[1]) < 1000
