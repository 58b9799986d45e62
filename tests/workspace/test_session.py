"""From the task to its results: what is opened, shown, journalled, locked and given back."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from tests.workspace.lab import AFFINE, SHAPE, TEMPLATE, Lab, open_session, submit, wait_until
from tests.workspace.made import say
from viewr.model.answers import get_answer
from viewr.model.errors import LockedError, TaskError, ViewrError
from viewr.supervisor.keeping import LockKeeper
from viewr.workspace.filelock import InUseError

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


def wml(space: str) -> dict[str, object]:
    return {"wml": {"uri": "scans/3/resources/NIFTI/files/wml{timestamp}.nii.gz", "space": space}}


def test_a_wrong_space_is_said_and_the_scan_taken_that_shows_the_annotation(lab: Lab) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task(annotations=wml("Flair")))
        assert session.notices == [
            "Annotation 'wml': its space 'Flair' is no scan of the template. Did you mean 'FLAIR'? The scan 'FLAIR' is "
            "used, on which it is shown."
        ]
        assert session.document.labelmaps[MAP].grid.shape == SHAPE
        assert session.obstacles() == []
        session.close()


def test_a_wrong_space_that_the_views_do_not_settle_keeps_the_task_from_being_submitted(lab: Lab) -> None:
    both = TEMPLATE.replace("scan: T1, annotation: null", "scan: T1, annotation: wml")
    with lab.desk() as desk:
        session = open_session(desk, lab.task(both, annotations=wml("T2")))
        assert MAP not in session.document.labelmaps
        (notice,) = session.notices
        assert "'wml': its space 'T2' is no scan" in notice
        (obstacle,) = session.obstacles()
        assert "no label map 'wml', because its scan 'T2' is not there" in obstacle
        session.close()


def test_a_label_map_is_not_needed_where_its_scan_is_optional(lab: Lab) -> None:
    scans = {"T1": "scans/2/resources/DICOM", "FLAIR": {"uri": "scans/9/resources/DICOM", "required": False}}
    with lab.desk() as desk:
        session = open_session(desk, lab.task(scans=scans))
        assert session.obstacles() == []
        session.close()


def test_a_second_program_leaves_the_open_task_of_the_first_locked(lab: Lab) -> None:
    task_id, other = lab.task(), lab.task()
    with lab.desk() as first:
        session = open_session(first, task_id)
        say(session.document, "work")
        with lab.desk() as second:
            told: list[str] = []
            second.notice.connect(told.append)
            with pytest.raises(InUseError):
                open_session(second, task_id)
            assert lab.holder(task_id) == "reader1"
            open_session(second, other).close()
            wait_until(lambda: lab.holder(other) == "")
            assert told == []
        assert lab.holder(task_id) == "reader1"
        assert list((lab.folders.data / "locks").glob("*.json")) != []
        session.close()
        wait_until(lambda: lab.holder(task_id) == "")
    assert list((lab.folders.data / "locks").glob("*.json")) == []


def test_leaving_and_opening_again_at_once_keeps_the_lock(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        real = LockKeeper.release

        def late(keeper: LockKeeper, *arguments: Any) -> None:
            time.sleep(0.5)
            real(keeper, *arguments)

        monkeypatch.setattr(LockKeeper, "release", late)
        session.close()
        again = open_session(desk, task_id)
        wait_until(lambda: desk.jobs.busy == 0)
        assert lab.holder(task_id) == "reader1"
        again.close()
        wait_until(lambda: lab.holder(task_id) == "")
