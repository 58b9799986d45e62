"""Verdicts on the scans of a session: what of them reaches the archive."""

from __future__ import annotations

from tests.workspace.lab import Lab, open_session, submit, wait_until
from tests.workspace.made import say


def test_only_a_note_that_the_reader_emptied_is_cleared_in_the_archive(lab: Lab) -> None:
    for scan in ("2", "3"):
        lab.archive().set_quality(lab.experiment, scan, "questionable", "head was tilted")
    task_id = lab.task("qc", fields={})
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        t1, flair = session.document.state.annotation.answers["default"]["scans"]
        for row in (t1, flair):
            say(session.document, "Good", path=f"scans/{row['__id__']}/verdict")
        say(session.document, "x", path=f"scans/{flair['__id__']}/note")
        say(session.document, "", path=f"scans/{flair['__id__']}/note")
        submit(desk, session)
    scans = {scan.id: scan for scan in lab.archive().scans(lab.experiment)}
    assert (scans["2"].quality, scans["2"].note) == ("usable", "head was tilted")
    assert (scans["3"].quality, scans["3"].note) == ("usable", "")


def test_a_scan_without_a_row_keeps_the_session_from_being_submitted(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task("qc", fields={}))
        t1, _ = session.document.state.annotation.answers["default"]["scans"]
        assert session.obstacles() == []
        say(session.document, [t1], path="scans")
        assert session.obstacles() == ["Scan 'FLAIR' has no verdict."]
        say(session.document, [], path="scans")
        assert session.obstacles() == ["Scan 'T1' has no verdict.", "Scan 'FLAIR' has no verdict."]
        session.close()


def test_a_note_that_is_too_long_is_held_and_not_tried_for_ever(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task("qc", fields={}))
        t1, _ = session.document.state.annotation.answers["default"]["scans"]
        say(session.document, "Poor", path=f"scans/{t1['__id__']}/verdict")
        say(session.document, "x" * 2501, path=f"scans/{t1['__id__']}/note")
        session.submit()
        wait_until(lambda: bool(desk.waiting()) and desk.waiting()[0].held)
        assert "2501 characters" in desk.waiting()[0].sentence
