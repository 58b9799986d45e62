"""An unfinished task looks as it was left; an alignment by hand comes back exactly or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.imaging.make import stack
from tests.workspace.lab import AFFINE, Lab, open_session, submit, turn, wait_until
from tests.workspace.made import say
from viewr.model.geometry import Grid
from viewr.model.state import Look
from viewr.model.template import load_template
from viewr.model.volume import Volume, Window
from viewr.workspace.document import Document
from viewr.workspace.journal_read import find_journals
from viewr.workspace.layouts import set_layout
from viewr.workspace.localizer import is_linked, move_to, position_of
from viewr.workspace.look_file import MOST_BYTES, MOST_FILES, LookFile
from viewr.workspace.look_keeping import ALIGNMENT_LOST, KeptLook, LookReturn
from viewr.workspace.look_places import (
    alignments_of,
    alignments_to_json,
    cursors_of,
    cursors_to_json,
    read_alignments,
    read_cursors,
)

LEFT, RIGHT = ("default", "left"), ("default", "right")
PLACE = (0.1 + 0.2, -1 / 3, -31.25)


def kept_files(lab: Lab) -> list[Path]:
    return sorted(lab.folders.looks.glob("*.look"))


def arrange(document: Document) -> Look:
    """Work on the views as a reader does; gives the look."""
    document.look_viewport(LEFT, window=Window(350, 40), orientation="Sagittal", projection="max", slab_slices=4)
    document.look_viewport(RIGHT, interpolation="cubic", mm_per_pixel=0.4, pan_mm=(3.0, 1 / 3), linked=False)
    set_layout(document, "default", "2x2")
    move_to(document, LEFT, PLACE)
    move_to(document, RIGHT, (1.0, 2.0, -25.0))
    return document.state.look


def test_a_task_looks_as_it_was_left(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        left = arrange(session.document)
        say(session.document, "first")
        session.close()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        wait_until(lambda: session.document.state.look == left)
        assert position_of(session.document, LEFT) == PLACE
        assert session.document.stack.count() == 1
        session.close()


def test_looking_alone_makes_no_draft_but_comes_back(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        left = arrange(session.document)
        session.close()
        assert desk.resumable() == []
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        wait_until(lambda: session.document.state.look == left)
        assert not session.resumed
        session.close()


def test_a_task_that_nobody_touched_keeps_nothing(lab: Lab) -> None:
    with lab.desk() as desk:
        open_session(desk, lab.task()).close()
    assert kept_files(lab) == []


def test_it_is_on_the_disk_while_one_works(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task())
        session.document.look_viewport(LEFT, inverted=True)
        wait_until(lambda: len(kept_files(lab)) == 1)
        session.document.look_viewport(LEFT, inverted=False, gamma=2.0)
        (file,) = kept_files(lab)
        wait_until(lambda: '"gamma"' in file.read_text())
        assert '"inverted"' not in file.read_text()
        assert file.stat().st_mode & 0o077 == 0
        session.close()


def test_another_template_begins_as_it_says(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        before = session.document.state.look
        arrange(session.document)
        session.close()
    (file,) = kept_files(lab)
    data = json.loads(file.read_text())
    file.write_text(json.dumps({**data, "template": "0" * 64}))
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        turn(1)
        assert session.document.state.look == before
        session.close()


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe", b"[" * 100_000, b"{}", b"[1]", b'{"format": 99}', b" " * (MOST_BYTES + 2), b"nan"]
)
def test_a_file_that_cannot_be_read_is_left_out(lab: Lab, text: bytes) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        before = session.document.state.look
        session.document.look_viewport(LEFT, inverted=True)
        session.close()
    (file,) = kept_files(lab)
    file.write_bytes(text)
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        assert session.document.state.look == before
        session.close()


def test_nothing_of_it_is_in_the_results(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task())
        session.document.look_viewport(LEFT, label="only on the screen")
        session.document.look(aligned={("default", "1.2", "9.9"): PLACE})
        wait_until(lambda: bool(kept_files(lab)))
        session.document.edit("Grade", _graded)
        submit(desk, session)
    for label in ("FIELDS", "VIEWR"):
        for name in lab.names(label):
            assert b"only on the screen" not in lab.read(label, name)
            assert b"9.9" not in lab.read(label, name)


def _graded(annotation: Any) -> Any:
    from viewr.model.answers import with_answer

    return with_answer(annotation, "default", "grade", 1)


def test_the_oldest_files_go(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 5):
        (tmp_path / f"{number}.look").write_text("{}")
        os.utime(tmp_path / f"{number}.look", (number, number))
    (tmp_path / "other.journal").write_text("")
    LookFile(tmp_path / "mine.look").keep(1, {"format": 1})
    names = {path.name for path in tmp_path.iterdir()}
    assert len(names) == MOST_FILES + 1
    assert {"mine.look", "other.journal", f"{MOST_FILES + 4}.look"} <= names


def test_an_older_look_does_not_write_over_a_newer_one(tmp_path: Path) -> None:
    file = LookFile(tmp_path / "one.look")
    assert file.keep(2, {"n": 2})
    assert file.keep(1, {"n": 1})
    assert file.read() == {"n": 2}
    assert not file.keep(3, {"long": "x" * MOST_BYTES})
    assert file.read() == {"n": 2}


# --- alignments ----------------------------------------------------------------------------------------------------

TEMPLATE = load_template("""
template_name: two
viewports:
  - {type: viewport, name: left, scan: CT, annotation: null, x: 0, y: 0, linked: true}
  - {type: viewport, name: right, scan: MR, annotation: null, x: 1, y: 0, linked: true}
scans: {CT: {modality: CT}, MR: {modality: MR}}
annotations: null
qa_fields: {}
""")
SHIFT = (0.1, 1e-17, -2 / 3)


def scan(frame: str, uid: str = "1.5", **fields: Any) -> Volume:
    grid = Grid((20, 20, 10), np.diag([1.0, 1.0, 2.0, 1.0]), frame_of_reference=frame, **fields)
    return Volume(np.zeros((20, 20, 10), np.int16), grid, modality="MR", series_uid=uid, study_uid=uid)


def document(kept: KeptLook | None = None) -> tuple[Document, list[str]]:
    from viewr.model.state import State
    from viewr.workspace.look import initial_look

    made, said = Document(State(look=kept.look if kept else initial_look(TEMPLATE))), list[str]()
    LookReturn(made, kept, said.append, made)
    return made, said


def aligned(space: str) -> KeptLook:
    """Kept after both scans were aligned by hand, the second one in a space of its own or in a frame; from a file."""
    made, _said = document()
    made.add_volume(("default", "CT"), scan("1.1", "1.4"))
    made.add_volume(("default", "MR"), scan("" if space.startswith("scan") else space))
    made.look(aligned={("default", "1.1", space): SHIFT}, cursors={"default": PLACE})
    data = json.loads(json.dumps({"aligned": alignments_to_json(alignments_of(made)),
                                  "cursors": cursors_to_json(cursors_of(made))}))  # fmt: skip
    return KeptLook(replace(made.state.look, aligned={}, cursors={}),
                    tuple(read_cursors(data, ["default"])), tuple(read_alignments(data, ["default"])))  # fmt: skip


@pytest.mark.parametrize("space", ["9.9", "scan MR"])
@pytest.mark.parametrize("order", [("CT", "MR"), ("MR", "CT")])
def test_an_alignment_comes_back_to_the_last_bit(qapp: object, space: str, order: tuple[str, str]) -> None:
    made, said = document(aligned(space))
    scans = {"CT": scan("1.1", "1.4"), "MR": scan("9.9" if space == "9.9" else "")}
    for name in order:
        made.add_volume(("default", name), scans[name])
        turn(1)
    assert made.state.look.aligned == {("default", "1.1", space): SHIFT}
    assert is_linked(made, RIGHT)
    assert position_of(made, LEFT) == PLACE
    assert position_of(made, RIGHT) == tuple(a + b for a, b in zip(PLACE, SHIFT, strict=True))
    assert said == []


@pytest.mark.parametrize(
    "other", [scan("", "1.6"), scan("", slice_positions=np.array([[0, 0, 2.1 * k] for k in range(10)], float))]
)
def test_an_alignment_with_a_scan_that_was_replaced_does_not_come_back(qapp: object, other: Volume) -> None:
    made, said = document(aligned("scan MR"))
    made.add_volume(("default", "CT"), scan("1.1", "1.4"))
    made.add_volume(("default", "MR"), other)
    wait_until(lambda: said == [ALIGNMENT_LOST])
    assert made.state.look.aligned == {}
    assert not is_linked(made, RIGHT)


def test_what_the_reader_aligned_meanwhile_goes_first(qapp: object) -> None:
    made, said = document(aligned("scan MR"))
    made.look(aligned={("default", "1.1", "scan MR"): (5.0, 5.0, 5.0)}, cursors={"default": (9.0, 9.0, 9.0)})
    made.add_volume(("default", "CT"), scan("1.1", "1.4"))
    made.add_volume(("default", "MR"), scan(""))
    turn(1)
    assert made.state.look.aligned == {("default", "1.1", "scan MR"): (5.0, 5.0, 5.0)}
    assert (made.state.look.cursors, said) == ({"default": (9.0, 9.0, 9.0)}, [])


def test_of_alignments_with_one_that_is_bad_none_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    ct, mr, place = ["1.1", ""], ["9.9", ""], [1.0, 2.0, 3.0]
    good = ["default", ct, mr, place]
    assert len(read_alignments({"aligned": [good, good]}, ["default"])) == 2
    for bad in (
        ["default", ct, mr, [1.0, 2.0]], ["default", ct, mr, [1.0, 2.0, float("nan")]], ["other", ct, mr, place],
        ["default", ct, ["scan MR", ""], place], ["default", ["1.1", "ab"], mr, place], ["default"], None, 5,
        ["default", "a", "b", "c"], ["default", ["", ""], mr, place], ["default", ct, mr, [1.0, 2.0, 1e9]],
    ):  # fmt: skip
        assert read_alignments({"aligned": [good, bad]}, ["default"]) == []
    assert read_alignments({"aligned": {"0": good}}, ["default"]) == []
    assert "cannot be read" in caplog.text


def test_a_point_in_time_that_the_scan_lacks_is_the_first(qapp: object) -> None:
    kept = aligned("9.9")
    look = replace(kept.look, viewports={**kept.look.viewports, LEFT: replace(kept.look.viewports[LEFT], frame=(7,))})
    made, _said = document(replace(kept, look=look))
    film = Volume(np.zeros((4, 4, 1, 9), np.int16), Grid((4, 4, 1), np.eye(4)), axes=("time",))
    made.add_volume(("default", "CT"), film)
    turn(1)
    assert made.state.look.viewports[LEFT].frame == (7,)
    made, _said = document(replace(kept, look=look))
    made.add_volume(("default", "CT"), replace(film, array=film.array[..., :3]))
    wait_until(lambda: made.state.look.viewports[LEFT].frame == ())


def test_a_scan_that_was_replaced_between_two_openings(lab: Lab) -> None:
    """The whole way: aligned, left, the series of the archive gets another slice, opened."""
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        frame = session.document.volumes["default", "FLAIR"].grid.frame_of_reference
        space = frame or "scan FLAIR"
        session.document.look(aligned={("default", "9.9", space): SHIFT})
        session.close()
        assert find_journals(lab.folders.journals) == []
    shifted = AFFINE.copy()
    shifted[2, 3] -= 2.5
    path = lab.folder / "source" / "extra"
    path.mkdir()
    extra = stack(path, lab.voxels["FLAIR"][:, :, :1], shifted, SeriesInstanceUID="1.2.3.3")[0]
    lab.archive("coordinator").upload(lab.ref("DICOM", "3"), "extra.dcm", extra)
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        turn(1)
        # a frame of reference stays what it is; a scan's own space does not
        expected = {("default", "9.9", space): SHIFT} if frame else {}
        assert session.document.state.look.aligned == expected
        assert (ALIGNMENT_LOST in session.notices) is not bool(frame)
        session.close()
