"""Results in the archive, as their consumers will read them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from tests.workspace.answered import MAP, STAMP, answer_everything, result
from tests.workspace.lab import AFFINE, SHAPE, Lab, open_session, submit, wait_until
from tests.workspace.made import say


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
