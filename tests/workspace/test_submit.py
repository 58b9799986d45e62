"""Results in the archive, as their consumers will read them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from tests.workspace.lab import AFFINE, SHAPE, Lab, open_session, submit, wait_until
from tests.workspace.made import say
from viewr.model.annotation import Annotation, with_drawing
from viewr.model.answers import with_row
from viewr.model.contour import Contour
from viewr.model.errors import NetworkError, ViewrError
from viewr.model.marker import Marker
from viewr.model.progress import Progress
from viewr.workspace import task_session
from viewr.workspace.audit import Audit
from viewr.workspace.held_tasks import HeldTasks
from viewr.workspace.journal import SUFFIX, Journal
from viewr.workspace.outbox import Outbox
from viewr.workspace.outbox_plan import write_plan
from viewr.workspace.submit import deliver
from viewr.workspace.task_session import TaskSession

MAP = ("default", "wml")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"


def answer_everything(session: TaskSession) -> None:
    document = session.document
    say(document, "two of them")
    say(document, 2, path="grade")

    def drawn(annotation: Annotation) -> Annotation:
        for number, kind in ((1, "deep"), (2, "cortical")):
            row = {"kind": kind, "where": []}
            annotation = with_row(annotation, "default", "lesions", row, f"r{number}")
            marker = Marker((1.5 * number, -2.0, -30.25), type=0, id=7, scan="FLAIR")
            annotation = with_drawing(annotation, ("default", f"lesions/r{number}/where"), (marker,))
        square = ((0.0, 0.0, -35.0), (4.0, 0.0, -35.0), (4.0, 4.0, -35.0))
        contour = Contour(3, square, square, square[0], (0.0, 0.0, 1.0), label="liver")
        return with_drawing(annotation, ("default", "organ"), (contour,))

    document.edit("Everything", drawn)
    document.patch(MAP, ((2, 3, 4), (4, 6, 5)), np.full((2, 3, 1), 300, np.uint16))
    document.patch(MAP, ((0, 0, 0), (1, 1, 1)), np.ones((1, 1, 1), np.uint16))


def result(lab: Lab, label: str, pattern: str, scan: str = "") -> tuple[str, bytes]:
    """The one file whose name fits."""
    (name,) = [name for name in lab.names(label, scan) if re.fullmatch(pattern, name)]
    return name, lab.read(label, name, scan)


def test_everything_is_in_the_archive_and_the_task_done(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        submit(desk, session)
        assert desk.waiting() == []
        assert desk.resumable() == []
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""

    name, data = result(lab, "FIELDS", rf"lesions_{STAMP}\.json")
    when = name.removeprefix("lesions_").removesuffix(".json")
    document = json.loads(data)
    block = document.pop("__viewr__")
    marker = {"type": 0, "name": "", "id": 7, "scan": "FLAIR"}
    assert document == {
        "comment": "two of them",
        "grade": 2,
        "box": {"sure": True},
        "lesions": [
            {"kind": "deep", "where": [{"pos": [1.5, -2.0, -30.25], **marker}]},
            {"kind": "cortical", "where": [{"pos": [3.0, -2.0, -30.25], **marker}]},
        ],
        "organ": [
            {
                "id": 3, "group": 0, "label": "liver", "closed": True, "tool": "polygon",
                "seed_points": [[0.0, 0.0, -35.0], [4.0, 0.0, -35.0], [4.0, 4.0, -35.0]],
                "path_points": [[0.0, 0.0, -35.0], [4.0, 0.0, -35.0], [4.0, 4.0, -35.0]],
                "plane": {"origin": [0.0, 0.0, -35.0], "normal": [0.0, 0.0, 1.0]},
            }
        ],
        "double": 4,
        "check": True,
    }  # fmt: skip
    map_name, packed = result(lab, "NIFTI", rf"wml_?{STAMP}\.nii\.gz", "3")
    assert map_name == f"wml{when}.nii.gz"
    base = f"/data/experiments/{lab.experiment}"
    assert block["format"] == "viewr-result/1"
    assert (block["saved"], block["final"], block["user"], block["context"]) == (f"{when}Z", True, "reader1", "default")
    assert block["task"] == {"server": lab.servers.supervisor_url, "uri": f"/api/v1/tasks/{task_id}"}
    assert block["template"]["label"] == "lesions"
    assert block["xnat"]["experiment"] == lab.experiment
    assert block["scans"]["FLAIR"]["uri"] == f"{base}/scans/3/resources/DICOM"
    assert block["scans"]["FLAIR"]["series_uid"] == "1.2.3.3"
    assert block["validation"] == {"ok": True, "failed": []}
    assert [(item["role"], item["name"]) for item in block["files"]] == [
        ("annotation", "wml"), ("markers", "lesions/1/where"), ("markers", "lesions/2/where"), ("contours", "organ"),
    ]  # fmt: skip
    assert block["files"][0] == {
        "role": "annotation", "name": "wml", "uri": f"{base}/scans/3/resources/NIFTI/files/{map_name}",
        "sha256": hashlib.sha256(packed).hexdigest(), "labels": {"1": "WML", "300": "Odd"},
    }  # fmt: skip
    assert lab.names("VIEWR") == sorted([
        f"lesions-1-where_markers_{when}.json", f"lesions-2-where_markers_{when}.json",
        f"organ_contours_{when}.json", f"manifest_{task_id}_{when}.json",
    ])  # fmt: skip
    manifest = json.loads(lab.read("VIEWR", f"manifest_{task_id}_{when}.json"))
    entry = next(item for item in manifest["files"] if item["role"] == "annotation")
    assert entry["size"] == len(packed)
    assert entry["md5"] == hashlib.md5(packed).hexdigest()
    markers = json.loads(lab.read("VIEWR", f"lesions-2-where_markers_{when}.json"))
    assert markers == document["lesions"][1]["where"]


def test_the_label_map_lies_where_another_program_expects_it(lab: Lab, tmp_path: Path) -> None:
    with lab.desk() as desk:
        session = open_session(desk, lab.task())
        say(session.document, 1, path="grade")
        session.document.patch(MAP, ((2, 3, 4), (4, 6, 5)), np.full((2, 3, 1), 300, np.uint16))
        submit(desk, session)
    _, packed = result(lab, "NIFTI", r".*\.nii\.gz", "3")
    file = tmp_path / "map.nii"
    file.write_bytes(gzip.decompress(packed))
    image = SimpleITK.ReadImage(str(file))
    assert image.GetSize() == SHAPE
    assert np.allclose(image.TransformIndexToPhysicalPoint((2, 3, 4)), (AFFINE @ [2, 3, 4, 1])[:3], atol=1e-4)
    voxels = SimpleITK.GetArrayFromImage(image)  # [k, j, i]
    assert sorted(map(tuple, np.argwhere(voxels == 300)[:, ::-1].tolist())) == [
        (i, j, 4) for i in (2, 3) for j in (3, 4, 5)
    ]  # fmt: skip
    assert voxels.dtype == np.uint16


def test_xnatpy_reads_the_result(lab: Lab) -> None:
    import xnat

    with lab.desk() as desk:
        session = open_session(desk, lab.task())
        say(session.document, 1, path="grade")
        submit(desk, session)
    with xnat.connect(lab.servers.archive_url, user="reader1", password="reader1-demo", loglevel="ERROR") as other:
        files = other.experiments[lab.experiment].resources["FIELDS"].files
        (name,) = [str(key) for key in files.key_map]
        assert re.fullmatch(rf"lesions_{STAMP}\.json", name)
        with files[name].open() as stream:
            assert json.loads(stream.read())["grade"] == 1


def test_names_without_a_place_for_the_time_get_one_and_defaults_follow_the_reference(lab: Lab) -> None:
    with lab.desk() as desk:
        task_id = lab.task(fields={"uri": "resources/FIELDS/files/bare.json"}, annotations={})
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        submit(desk, session)
    result(lab, "FIELDS", rf"bare_{STAMP}\.json")
    result(lab, "VIEWR_wml", rf"wml_{STAMP}\.nii\.gz", "3")


def test_verdicts_become_quality_and_note_of_the_scans(lab: Lab) -> None:
    task_id = lab.task("qc", fields={})
    with lab.desk("reader1") as desk:
        session = open_session(desk, task_id)
        rows = session.document.state.annotation.answers["default"]["scans"]
        assert [row["scan"] for row in rows] == ["T1", "FLAIR"]
        say(session.document, "Good", path=f"scans/{rows[0]['__id__']}/verdict")
        say(session.document, "Poor", path=f"scans/{rows[1]['__id__']}/verdict")
        say(session.document, "motion & noise", path=f"scans/{rows[1]['__id__']}/note")
        submit(desk, session)
    scans = {scan.id: scan for scan in lab.archive().scans(lab.experiment)}
    assert (scans["2"].quality, scans["2"].note) == ("usable", "")
    assert (scans["3"].quality, scans["3"].note) == ("unusable", "motion & noise")
    _, data = result(lab, "FIELDS", rf"qc_{STAMP}\.json")
    assert [row["series_uid"] for row in json.loads(data)["scans"]] == ["1.2.3.2", "1.2.3.3"]
    assert lab.status(task_id) == "done"


def test_done_calls_back_once(lab: Lab) -> None:
    calls: list[Any] = []
    task_id = lab.task()
    original = lab.supervisor().__class__.set_status
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")

        def counted(self: Any, *arguments: Any) -> Any:
            calls.append(arguments)
            return original(self, *arguments)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lab.supervisor().__class__, "set_status", counted)
            submit(desk, session)
    assert calls == [(task_id, "done")]


def test_readers_stay_blind_to_each_other_but_find_their_own(lab: Lab) -> None:
    def read(user: str, text: str, voxel: int) -> None:
        task_id = lab.task(users=(user,))
        with lab.desk(user) as desk:
            session = open_session(desk, task_id)
            start[user] = session.document.state.annotation.answers["default"]["comment"]
            maps[user] = np.argwhere(session.document.labelmaps[MAP].array).tolist()
            say(session.document, text)
            say(session.document, 1, path="grade")
            session.document.patch(MAP, ((voxel, 0, 0), (voxel + 1, 1, 1)), np.ones((1, 1, 1), np.uint16))
            submit(desk, session)

    start: dict[str, Any] = {}
    maps: dict[str, Any] = {}
    read("reader1", "by the first", 1)
    read("reader2", "by the second", 2)
    assert start["reader2"] in (None, "")
    assert maps["reader2"] == []
    read("reader1", "again", 3)
    assert start["reader1"] == "by the first"
    assert maps["reader1"] == [[1, 0, 0]]


def test_latest_loads_what_anybody_wrote_and_none_nothing(lab: Lab) -> None:
    with lab.desk("reader2") as desk:
        session = open_session(desk, lab.task(users=("reader2",)))
        say(session.document, "by the second")
        say(session.document, 1, path="grade")
        submit(desk, session)
    fields = {"uri": "resources/FIELDS/files/lesions_{timestamp}.json", "initial": {"comment": "look at scan 3"}}
    with lab.desk() as desk:
        for load, expected in (("latest", "by the second"), ("none", "look at scan 3"), ("mine", "look at scan 3")):
            session = open_session(desk, lab.task(fields={**fields, "load": load}))
            assert session.document.state.annotation.answers["default"]["comment"] == expected
            session.close()


def test_handing_back_leaves_a_note_and_the_task_queued(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, "half done")
        through: list[str] = []
        desk.delivered.connect(through.append)
        session.hand_back("The FLAIR is cut off.")
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "queued"
    assert lab.holder(task_id) == ""
    _, data = result(lab, "VIEWR", rf"handback_{task_id}_{STAMP}\.json")
    assert json.loads(data)["note"] == "The FLAIR is cut off."
    assert lab.names("FIELDS") == []
    assert len(list(lab.folders.journals.glob("*.aside-1"))) == 1


def test_a_task_that_nobody_can_do_is_aborted(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        through: list[str] = []
        desk.delivered.connect(through.append)
        session.hand_back("No FLAIR was made.", abort=True)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "aborted"


def test_a_lock_lost_before_the_upload_keeps_the_work_and_asks(lab: Lab) -> None:
    task_id = lab.task(users=("reader1", "reader2"))
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.supervisor("coordinator").release_lock(task_id)
        lab.supervisor("reader2").take_lock(task_id)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        (waiting,) = desk.waiting()
        assert "taken over by reader2" in waiting.sentence
        assert lab.names("FIELDS") == []
        assert lab.status(task_id) == "queued"
        lab.supervisor("reader2").release_lock(task_id)
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(waiting.id)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"


def test_a_lock_taken_away_is_not_taken_again_without_asking(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.supervisor("coordinator").release_lock(task_id)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        (waiting,) = desk.waiting()
        assert "nobody holds the task now" in waiting.sentence
        assert "press 'Try now'" in waiting.hint
        assert lab.names("FIELDS") == []
        assert lab.holder(task_id) == ""
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(waiting.id)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""


def test_after_a_restart_a_free_task_is_locked_again_for_its_results(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()), 30_000)
    lab.servers.switches.reset()
    lab.supervisor("coordinator").release_lock(task_id)
    for item in desk.outbox.pending():
        write_plan(replace(item, next_try=0.0))
    with lab.desk() as desk:
        wait_until(lambda: desk.waiting() == [], 30_000)
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""


def test_a_file_of_another_reader_of_the_same_second_is_not_overwritten(lab: Lab) -> None:
    """What fails before anything is sent gives no right to what stands under the name later."""
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: any(item.hint for item in desk.waiting()), 30_000)
        (item,) = desk.outbox.pending()
        step = next(step for step in item.steps if step.name == "upload")
        theirs = lab.folder / "theirs"
        theirs.write_bytes(b"of another reader")
        lab.servers.switches.reset()
        ref = lab.ref(step.data["resource"], step.data["scan"])
        lab.archive("reader2").upload(ref, step.data["name"], theirs)
        desk.retry(item.id)
        wait_until(lambda: desk.waiting() == [], 30_000)
    assert lab.read(step.data["resource"], step.data["name"], step.data["scan"]) == b"of another reader"
    assert lab.status(task_id) == "done"
    (fields,) = lab.names("FIELDS")
    assert item.stamp not in fields


def test_a_held_submission_can_be_taken_back_and_worked_on(lab: Lab) -> None:
    task_id = lab.task(users=("reader1", "reader2"))
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        say(session.document, "mine")
        lab.supervisor("coordinator").release_lock(task_id)
        lab.supervisor("reader2").take_lock(task_id)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        with pytest.raises(ViewrError, match="wait in the outbox"):
            open_session(desk, task_id)
        lab.supervisor("reader2").release_lock(task_id)
        opened: list[TaskSession] = []
        desk.opened.connect(opened.append)
        desk.take_back(desk.waiting()[0].id)
        wait_until(lambda: bool(opened))
        assert opened[0].document.state.annotation.answers["default"]["comment"] == "mine"
        assert desk.waiting() == []
        opened[0].close()


def test_content_changed_under_the_task_is_asked_about(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        task = lab.servers.store.tasks[int(task_id)]
        task.content = (task.content or "").replace('"T1"', '"T1" ')
        lab.servers.store.save(task)
        session.submit()
        wait_until(lambda: any(item.held for item in desk.waiting()))
        assert "changed on the server" in desk.waiting()[0].sentence
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(desk.waiting()[0].id, anyway=True)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"


@pytest.mark.parametrize("switch", ["archive_unavailable", "deny_writes_silently"])
def test_an_upload_that_fails_is_not_taken_for_done(lab: Lab, switch: str) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.set({switch: 1000})
        session.submit()
        wait_until(lambda: any("0 of" in item.sentence and item.hint for item in desk.waiting()), 30_000)
        assert lab.status(task_id) == "queued"
        lab.servers.switches.reset()
        through: list[str] = []
        desk.delivered.connect(through.append)
        desk.retry(desk.waiting()[0].id)
        wait_until(lambda: bool(through))
    assert lab.status(task_id) == "done"
    result(lab, "NIFTI", rf"wml{STAMP}\.nii\.gz", "3")


def test_results_survive_the_loss_of_the_network_and_a_restart(mortal_lab: Lab) -> None:
    lab = mortal_lab
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        lab.servers.switches.archive_unavailable = lab.servers.switches.supervisor_unavailable = 1000
        heard: list[str] = []
        session.submitted.connect(heard.append)
        session.submit()
        wait_until(lambda: bool(heard))
        assert len(desk.waiting()) == 1
        assert desk.resumable() == []
    lab.servers.switches.reset()
    assert lab.holder(task_id) == "reader1"
    Outbox(lab.folders.outbox).retry(heard[0])
    with lab.desk() as desk:
        wait_until(lambda: desk.waiting() == [], 30_000)
    assert lab.status(task_id) == "done"
    assert lab.holder(task_id) == ""
    assert len(lab.names("FIELDS")) == 1
    audit = list(Audit(lab.folders.audit).lines())
    assert [(line["event"], line["submission"]) for line in audit] == [("delivered", heard[0])]
    assert "SUBJ01" not in lab.folders.audit.read_text()


def test_another_account_leaves_the_results_of_the_first_alone(lab: Lab) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: bool(desk.waiting()))
    lab.servers.switches.reset()
    with lab.desk("reader2") as desk:
        desk.retry()
        (waiting,) = desk.waiting()
        assert "when reader1 signs in" in waiting.sentence
    assert lab.names("FIELDS") == []


def test_a_label_map_that_does_not_read_back_is_not_submitted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        monkeypatch.setattr("viewr.encode.nifti.decode_labelmap", lambda data, grid: np.ones(SHAPE, np.uint16))
        with pytest.raises(ViewrError, match="does not read back"):
            submit(desk, session)
        assert desk.waiting() == []
        say(session.document, "still open")
        assert session.document.state.annotation.answers["default"]["comment"] == "still open"
        session.close()
        assert [info.task_id for info in desk.resumable()] == [task_id]


def test_a_supervisor_that_is_gone_when_opening_is_said(mortal_lab: Lab) -> None:
    task_id = mortal_lab.task()
    with mortal_lab.desk() as desk:
        mortal_lab.servers.switches.supervisor_unavailable = 1000
        with pytest.raises(NetworkError):
            open_session(desk, task_id)


@pytest.fixture
def slow_delivery(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """What says that the journal of a delivery has ended, and what its answer waits for."""
    ended, go_on = threading.Event(), threading.Event()

    def slowly(snapshot: Any, submission: str, journal: Journal, outbox: Outbox, progress: Progress) -> str:
        try:
            return deliver(snapshot, submission, journal, outbox, progress)
        finally:
            ended.set()
            assert go_on.wait(10)

    monkeypatch.setattr(task_session, "deliver", slowly)
    yield ended, go_on
    go_on.set()


def test_while_results_are_written_nothing_else_happens(lab: Lab, slow_delivery: Any) -> None:
    ended, go_on = slow_delivery
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        answer_everything(session)
        voxels = session.document.labelmaps[MAP].array.copy()
        heard: list[Any] = []
        session.submitted.connect(heard.append)
        session.submit_failed.connect(heard.append)
        session.submit()
        wait_until(ended.is_set)
        session.document.undo()
        session.document.undo()
        session.save_draft()
        session.submit()
        session.hand_back("too late")
        assert np.array_equal(session.document.labelmaps[MAP].array, voxels)
        assert heard == []
        go_on.set()
        wait_until(lambda: desk.waiting() == [] and bool(heard))
        assert len(heard) == 1
    assert lab.status(task_id) == "done"
    assert [name for name in lab.names("VIEWR") if name.startswith("handback")] == []


def test_the_window_may_close_while_results_are_written(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = threading.Event(), threading.Event()

    def late(*arguments: Any) -> str:
        began.set()
        assert go_on.wait(10)
        return deliver(*arguments)

    monkeypatch.setattr(task_session, "deliver", late)
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        session.submit()
        wait_until(began.is_set)
        session.close()
        desk.close()
        go_on.set()
    assert lab.holder(task_id) == "reader1"
    assert HeldTasks(lab.folders.data / "locks", "").left() == {task_id}  # for the next start, with the work
    assert list(lab.folders.journals.glob(f"*{SUFFIX}")) or Outbox(lab.folders.outbox).pending()


def test_results_in_the_outbox_stay_submitted_if_their_journal_cannot_be_moved(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Outbox, "attach_journal", refuse)
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        submit(desk, session)
    assert lab.status(task_id) == "done"
