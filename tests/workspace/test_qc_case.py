"""What a verdict does to the answers and to which scan is next."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tests.widgets.qc_desk import ONE_SCAN, Case, listing
from viewr.model.frame_point import FramePoint
from viewr.model.geometry import Grid
from viewr.model.marker import Marker
from viewr.model.result import fields_document, read_fields
from viewr.model.volume import Volume
from viewr.workspace.qc_case import QcCase, marked_frame, place_marker

#: Asks for quality control, with a row for each scan and nothing but the verdict in it.
BARE = "\n".join(
    line for line in listing(["A", "B"]).splitlines() if not line.strip().startswith(("note:", "where:"))
).replace(" note: note,", "")


def case_of(text: str) -> tuple[QcCase, Case, list[str]]:
    held = Case(text)
    case = QcCase(held.document, held.template)
    told: list[str] = []

    def note() -> None:
        told.append("note")

    def completed() -> None:
        told.append("completed")

    case.note_wanted.connect(note)
    case.completed.connect(completed)
    return case, held, told


def option(case: QcCase, text: str) -> Any:
    assert case.current is not None
    return next(one for one in case.current.form.options if one.text == text)


def test_a_verdict_can_be_undone(qtbot: Any) -> None:
    case, held, told = case_of(listing(["A", "B"]))
    case.give(option(case, "Good"))
    assert case.number == 1
    held.document.undo()
    assert case.verdict(0) is None
    assert case.unjudged == ["A", "B"]
    assert told == []


def test_withdrawing_gives_back_the_verdict_from_before(qtbot: Any) -> None:
    case, held, told = case_of(ONE_SCAN)
    case.give(option(case, "Doubtful"))
    case.step_back()
    case.give(option(case, "Poor"))
    case.write_note("x")
    case.withdraw()
    assert (held.answers["verdict"], held.answers["note"]) == ("Doubtful", None)
    assert told == ["completed", "note"]


def test_another_verdict_instead_of_the_note(qtbot: Any) -> None:
    case, held, told = case_of(ONE_SCAN)
    case.give(option(case, "Poor"))
    case.give(option(case, "Good"))
    assert held.answers["verdict"] == "Good"
    assert told == ["note", "completed"]


def test_scans_cannot_be_left_while_their_note_is_owed(qtbot: Any) -> None:
    case, _, told = case_of(listing(["A", "B"]))
    case.give(option(case, "Poor"))
    case.select(1)
    assert case.number == 0
    assert not case.confirm_note()
    case.write_note("  ")
    assert not case.confirm_note()
    case.write_note("ghosts")
    assert case.confirm_note()
    assert (case.number, told) == (1, ["note"])


def test_the_oldest_place_gives_way_where_there_are_too_many(qtbot: Any) -> None:
    case, held, _ = case_of(ONE_SCAN)
    place_marker(case, (1.0, 2.0, 3.0), "T1")
    place_marker(case, (4.0, 5.0, 6.0), "T1")
    assert case.markers == (Marker((4.0, 5.0, 6.0), id=2, scan="T1"),)
    many, held, _ = case_of(ONE_SCAN.replace("max_number: 1", "max_number: 2"))
    for x in (1.0, 2.0, 3.0):
        place_marker(many, (x, 0.0, 0.0), "T1")
    assert [marker.pos[0] for marker in many.markers] == [2.0, 3.0]
    assert held.answers["where"] == []


def test_a_place_in_a_film_is_on_its_frame_also_in_the_result(qtbot: Any) -> None:
    case, held, _ = case_of(BARE)
    film = Volume(np.zeros((4, 4, 1, 30), np.uint8), Grid((4, 4, 1), np.eye(4)), modality="US", axes=("time",))
    held.document.add_volume(("default", "B"), film)
    case.select(1)
    place_marker(case, (1.0, 2.0, 0.0), "B", 16)
    (placed,) = case.markers
    assert (placed.frames, marked_frame(placed)) == ((FramePoint("time", 17, 30),), 16)
    context = held.template.contexts[0]
    written = fields_document(context, held.answers, held.document.state.annotation.drawings, {})
    frame = [{"axis": "time", "number": 17, "of": 30}]
    assert written["__viewr__"]["qc"]["scans"][0]["where"] == [{"pos": [1.0, 2.0, 0.0], "scan": "B", "frame": frame}]
    _answers, drawings, _unread = read_fields(json.loads(json.dumps(written)), context)
    assert [item.frames for items in drawings.values() for item in items] == [placed.frames]
    assert marked_frame(Marker((1.0, 2.0, 3.0))) is None


def test_a_good_verdict_takes_the_note_of_the_bad_one_along(qtbot: Any) -> None:
    case, held, _ = case_of(ONE_SCAN)
    dropped: list[str] = []
    case.note_dropped.connect(dropped.append)
    case.give(option(case, "Poor"))
    case.write_note("moved")
    case.confirm_note()
    case.step_back()
    case.give(option(case, "Doubtful"))
    assert (held.answers["note"], dropped) == ("moved", [])
    held.document.undo()
    case.give(option(case, "Good"))
    assert (held.answers["verdict"], held.answers["note"], dropped) == ("Good", None, ["moved"])
    held.document.undo()
    assert (held.answers["verdict"], held.answers["note"]) == ("Poor", "moved")


def test_the_usual_tags_and_places_of_each_scan_come_back_from_the_result(qtbot: Any) -> None:
    case, held, _ = case_of(BARE)
    case.select(1)
    form = case.subjects[1].form
    assert [(tag.label, tag.key) for tag in form.tags] == [
        ("Motion", "m"), ("Noise", "i"), ("Wrap-around", "w"), ("Metal", "e"), ("Field of view", "f"),
        ("Wrong protocol", "r"),
    ]  # fmt: skip
    motion, noise = form.tags[:2]
    case.cycle(motion)
    for _ in range(2):
        case.cycle(noise)
    place_marker(case, (1.0, 2.0, 3.0), "B")
    state = held.document.state
    written = fields_document(held.template.contexts[0], held.answers, state.annotation.drawings, {})
    where = [{"pos": [1.0, 2.0, 3.0], "scan": "B"}]
    said = {"scan": "B", "tags": {"motion": "present", "noise": "absent"}, "where": where}
    assert written["__viewr__"]["qc"] == {"scans": [said]}
    assert set(written["scans"][1]) == {"scan", "verdict"}
    answers, drawings, unread = read_fields(json.loads(json.dumps(written)), held.template.contexts[0])
    assert (answers, unread) == (held.answers, {})
    assert drawings == state.annotation.drawings
    for _ in range(4):
        held.document.undo()
    assert "qc" not in fields_document(held.template.contexts[0], held.answers, {}, {})["__viewr__"]


def test_a_box_nobody_looked_at_is_not_written_as_absent(qtbot: Any) -> None:
    box = "metal: {control: CheckBox, label: Metal, x: 0, y: 2}"
    text = ONE_SCAN.replace("metal: {control: CheckBox, label: Metal, x: 0, y: 2, initial_value: false}", box)

    def written(text: str, *presses: int) -> Any:
        case, held, _ = case_of(text)
        tag = next(tag for tag in case.subjects[0].form.tags if tag.label == "Metal")
        for _ in presses:
            case.cycle(tag)
        return fields_document(held.template.contexts[0], held.answers, {}, {})["metal"]

    asked = "mode: qc\n" + text
    assert [written(asked, *range(presses)) for presses in range(4)] == [None, True, False, None]
    # templates that do not ask for quality control are written as ever
    assert written(text) is False
    assert written("mode: qc\n" + ONE_SCAN) is False
