"""What a verdict does to the answers and to which scan is next."""

from __future__ import annotations

from typing import Any

from tests.widgets.qc_desk import ONE_SCAN, Case, listing
from viewr.model.marker import Marker
from viewr.workspace.qc_case import QcCase, place_marker


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
