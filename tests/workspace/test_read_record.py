"""What was seen of the scans: in the draft, in the result, and demanded by templates."""

from __future__ import annotations

import json

import numpy as np

from tests.workspace.answered import STAMP, answer_everything, result
from tests.workspace.lab import SHAPE, Lab, open_session, submit
from viewr.model.geometry import Grid
from viewr.model.volume import Volume
from viewr.workspace.read_record import ReadRecord, read_block, to_see, unread_text

FLAIR = ("default", "FLAIR")


def test_a_new_slice_is_told_once():
    told = []
    record = ReadRecord({FLAIR: ((0, 1),)})
    record.on_change = told.append
    assert [record.add(FLAIR, k) for k in (1, 3, 3)] == [False, True, False]
    assert told == [FLAIR]
    assert record.unseen(FLAIR, 5) == ((2, 2), (4, 4))


def test_a_block_tells_what_there_is_and_what_was_seen():
    other = ("other", "CT")
    ranges = {FLAIR: ((0, 1), (4, 4)), other: ((0, 0),), ("default", "gone"): ((0, 0),)}
    assert read_block(ranges, {FLAIR: 6, other: 1}, "default", {}) == {"FLAIR": {"slices": 6, "seen": [[0, 1], [4, 4]]}}


def test_the_block_of_a_film_tells_which_frames_were_seen():
    film = ("default", "US")
    block = {"slices": 1, "seen": [[0, 0]], "frames": 30, "frames_seen": [[3, 16]]}
    assert read_block({film: ((3, 16),)}, {film: 1}, "default", {film: 30}) == {"US": block}
    none = {"slices": 1, "seen": [], "frames": 30, "frames_seen": []}
    assert read_block({film: ()}, {film: 1}, "default", {film: 30}) == {"US": none}


def test_what_must_be_seen_of_a_scan():
    grid = Grid((4, 4, 1), np.eye(4))
    assert to_see(Volume(np.zeros((4, 4, 1, 30, 3)), grid, axes=("time", "channel"))) == ("frame", 30)
    assert to_see(Volume(np.zeros((4, 4, 1, 3)), grid, axes=("channel",))) == ("slice", 1)
    slices = Grid((4, 4, 2), np.eye(4))
    assert to_see(Volume(np.zeros((4, 4, 2, 30)), slices, axes=("time",))) == ("slice", 2)


def test_sentences_count_as_readers_do():
    assert unread_text("US", ((2, 3),), "frame") == "Scan 'US': 2 frames were not on the screen yet (3 to 4)."
    assert unread_text("CT", ((3, 3),)) == "Scan 'CT': 1 slice was not on the screen yet (4)."


def test_what_was_seen_survives_leaving_and_is_in_the_result(lab: Lab):
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        session.document.seen.add(FLAIR, 1)
        session.document.seen.add(FLAIR, 2)
        session.close()
        session = open_session(desk, task_id)
        assert session.document.seen.ranges == {FLAIR: ((1, 2),)}
        session.document.seen.add(FLAIR, 0)
        submit(desk, session)
    block = json.loads(result(lab, "FIELDS", rf"lesions_{STAMP}\.json")[1])["__viewr__"]
    assert block["read"] == {"FLAIR": {"slices": SHAPE[2], "seen": [[0, 2]]}}
