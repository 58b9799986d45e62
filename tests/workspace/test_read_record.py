"""What was seen of the scans: in the draft, in the result, and demanded by templates."""

from __future__ import annotations

import json

from tests.workspace.lab import SHAPE, Lab, open_session, submit
from tests.workspace.test_submit import STAMP, answer_everything, result
from viewr.workspace.read_record import ReadRecord, read_block, unread_text

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
    assert read_block(ranges, {FLAIR: 6, other: 1}, "default") == {"FLAIR": {"slices": 6, "seen": [[0, 1], [4, 4]]}}


def test_sentences_count_as_readers_do():
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
