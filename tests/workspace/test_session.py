"""From the task to its results: what is opened, shown, journalled, locked and given back."""

from __future__ import annotations

import numpy as np
import pytest

from tests.workspace.lab import AFFINE, SHAPE, Lab, open_session, submit, wait_until
from tests.workspace.made import say
from viewr.model.answers import get_answer
from viewr.model.errors import LockedError, TaskError, ViewrError

MAP = ("default", "wml")


def test_scans_arrive_whole_where_they_lie_in_the_patient(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task())
        for name, voxels in lab.voxels.items():
            volume = session.document.volumes[("default", name)]
            assert np.array_equal(volume.array, voxels)
            assert np.allclose(volume.grid.affine, AFFINE)
        assert session.failed == {}
        assert session.document.arriving == {}
        held = session.document.labelmaps[MAP]
        assert held.grid.shape == SHAPE
        assert held.array.dtype == np.uint16  # label 300
        assert not held.array.any()
        assert lab.holder(session.identity.id) == "reader1"
        session.close()
        wait_until(lambda: lab.holder(session.identity.id) == "")


def test_the_scan_of_the_first_viewport_comes_first(lab: Lab) -> None:
    with lab.desk() as desk:
        opened = []
        desk.opened.connect(opened.append)
        desk.open(lab.task())
        wait_until(lambda: bool(opened))
        seen: list[str] = []
        done: dict[str, int] = {}
        opened[0].scan_ready.connect(lambda key: seen.append(key[1]))
        opened[0].progress.connect(lambda key, count, total: done.update({key[1]: count}))
        opened[0].start()
        wait_until(lambda: opened[0].is_ready)
        assert sorted(seen) == ["FLAIR", "T1"]
        assert done == {"FLAIR": 8, "T1": 8}
        assert list(opened[0]._opened.scans) == [("default", "FLAIR"), ("default", "T1")]
        opened[0].close()


def test_a_task_of_somebody_else_opens_to_look_at_only(lab: Lab) -> None:
    task_id = lab.task(users=("reader1", "reader2"))
    lab.supervisor("reader2").take_lock(task_id)
    with lab.desk() as desk:
        with pytest.raises(LockedError) as caught:
            open_session(desk, task_id)
        assert caught.value.holder == "reader2"
        assert desk.resumable() == []
        session = open_session(desk, task_id, read_only=True)
        assert session.holder == "reader2"
        say(session.document, "not mine")
        assert get_answer(session.document.state.annotation.answers["default"], "comment") != "not mine"
        assert session.obstacles() == ["The task is open to look at only."]
        session.close()
    assert lab.holder(task_id) == "reader2"


def test_a_lock_lost_to_another_at_the_same_moment_is_noticed(lab: Lab) -> None:
    task_id = lab.task(users=("reader1", "reader2"))
    lab.servers.switches.lose_next_lock_to = "reader2"
    with lab.desk() as desk, pytest.raises(LockedError):
        open_session(desk, task_id)
    assert lab.holder(task_id) == "reader2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scans": {"T1": "scans/9/resources/DICOM", "FLAIR": "scans/3/resources/DICOM"}}, "'9', is not in"),
        ({"scans": {"T1": "scans/2/resources/NIFTI", "FLAIR": "scans/3/resources/DICOM"}}, "NIFTI"),
        ({"scans": {"FLAIR": "scans/3/resources/DICOM"}}, "does not say where the scan 'T1' is"),
    ],
)
def test_a_scan_that_is_not_there_is_named_and_the_rest_is_shown(lab: Lab, changes: dict, words: str) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task(**changes))
        assert words in session.failed[("default", "T1")].message
        assert ("default", "FLAIR") in session.document.volumes
        assert "'T1' is missing" in session.obstacles()[0]
        session.close()


def test_an_optional_scan_may_be_missing(lab: Lab) -> None:
    scans = {"T1": {"uri": "scans/9/resources/DICOM", "required": False}, "FLAIR": "scans/3/resources/DICOM"}
    with lab.desk() as desk:
        session = open_session(desk, lab.task(scans=scans))
        assert session.failed == {}
        assert session.obstacles() == []
        session.close()


@pytest.mark.parametrize(
    ("template", "words"), [("- not a mapping", "mapping"), ("a: [", "(line 2)"), ("<html>Sign in</html>", "template")]
)
def test_a_template_that_cannot_be_shown_gives_the_lock_back(lab: Lab, template: str, words: str) -> None:
    lab.servers.create_template("broken", template)
    task_id = str(lab.servers.create_task("broken", lab.content(), users=("reader1",)))
    with lab.desk() as desk, pytest.raises(ViewrError) as caught:
        open_session(desk, task_id)
    assert words in str(caught.value)
    assert lab.holder(task_id) == ""
    assert list(lab.folders.journals.glob("*")) == []


def test_a_task_that_is_done_or_for_another_program_is_refused(lab: Lab) -> None:
    done = str(lab.servers.create_task("lesions", lab.content(), users=("reader1",), status="done"))
    other = str(lab.servers.create_task("lesions", lab.content(), users=("reader1",), application_name="Slicer"))
    with lab.desk() as desk:
        with pytest.raises(TaskError, match="'done'"):
            open_session(desk, done)
        with pytest.raises(TaskError, match="Slicer"):
            open_session(desk, other)
    assert lab.holder(done) == lab.holder(other) == ""


def test_work_comes_back_after_leaving_with_undo(lab: Lab) -> None:
    task_id = lab.task()
    box = ((2, 3, 4), (5, 6, 5))
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, "first")
        session.document.patch(MAP, box, np.full((3, 3, 1), 300, np.uint16))
        assert session.unsaved
        session.save_draft()
        assert not session.unsaved
        session.close()
    with lab.desk() as desk:
        assert [info.task_id for info in desk.resumable()] == [task_id]
        session = open_session(desk, task_id)
        assert session.resumed
        assert int((session.document.labelmaps[MAP].array == 300).sum()) == 9
        session.document.undo()
        assert not session.document.labelmaps[MAP].array.any()
        session.document.undo()
        assert get_answer(session.document.state.annotation.answers["default"], "comment") != "first"
        session.document.redo()
        session.close()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        assert get_answer(session.document.state.annotation.answers["default"], "comment") == "first"
        session.close(keep_draft=False)
        assert desk.resumable() == []


def test_a_task_that_nobody_touched_leaves_no_draft(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task())
        session.close()
        assert desk.resumable() == []


def test_work_on_a_scan_that_was_replaced_is_kept_but_not_submitted(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        session.document.patch(MAP, ((0, 0, 0), (1, 1, 1)), np.ones((1, 1, 1), np.uint16))
        session.close()
    archive = lab.archive("coordinator")
    path = lab.folder / "source" / "extra"
    path.mkdir()
    from tests.imaging.make import stack

    shifted = AFFINE.copy()
    shifted[2, 3] -= 2.5  # one more slice below
    extra = stack(path, lab.voxels["FLAIR"][:, :, :1], shifted, SeriesInstanceUID="1.2.3.3")[0]
    archive.upload(lab.ref("DICOM", "3"), "extra.dcm", extra)
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        assert session.document.labelmaps[MAP].grid.shape == SHAPE
        assert session.document.volumes[("default", "FLAIR")].grid.shape == (12, 10, 9)
        assert "does not belong to the scan" in session.obstacles()[0]
        with pytest.raises(ViewrError, match="does not belong"):
            submit(desk, session)
        session.close()


def test_open_next_goes_on_behind_the_task_before_and_passes_over_locked_ones(lab: Lab) -> None:
    first, second, third = (lab.task(users=("qc1", "reader2")) for _ in range(3))
    lab.supervisor("reader2").take_lock(second)
    with lab.desk("qc1") as desk:
        sessions: list = []
        failed: list = []
        desk.opened.connect(sessions.append)
        desk.open_failed.connect(lambda task_id, error: failed.append(error))
        desk.open_next(first)
        wait_until(lambda: bool(sessions or failed))
        assert sessions[0].identity.id == third
        sessions[0].close()


def test_a_lock_left_by_a_crash_is_given_back_unless_there_is_work(lab: Lab) -> None:
    worked, idle = lab.task(), lab.task()
    with lab.desk() as desk:
        session = open_session(desk, worked)
        say(session.document, "work")
        session.close(release=False)
        session = open_session(desk, idle)
        session.close(release=False)
        desk._keeper._held.clear()  # as after a crash: the list on disk stays, nothing is given back
    assert lab.holder(worked) == lab.holder(idle) == "reader1"
    with lab.desk():
        wait_until(lambda: lab.holder(idle) == "")
        assert lab.holder(worked) == "reader1"
