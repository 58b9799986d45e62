"""Two XNAT clients of other makers work against the embedded archive."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.archive_project import CONTENTS, Project, md5

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyxnat
    import xnat

pytestmark = pytest.mark.filterwarnings("ignore")


class TestXnatpy:
    @pytest.fixture
    def connection(self, project: Project) -> Iterator[Any]:
        before = project.servers.archive.sessions.count("reader2")
        with xnat.connect(project.url, user="reader2", password="reader2-demo", loglevel="ERROR") as connection:
            yield connection
        assert project.servers.archive.sessions.count("reader2") == before

    @pytest.fixture
    def experiment(self, connection: Any, project: Project) -> Any:
        return connection.projects[project.name].subjects[project.subject].experiments[project.session]

    def test_refuses_a_wrong_password(self, project: Project) -> None:
        with pytest.raises(xnat.exceptions.XNATLoginFailedError):
            xnat.connect(project.url, user="reader1", password="wrong", loglevel="CRITICAL")

    def test_lists_with_types(self, connection: Any, experiment: Any, project: Project) -> None:
        assert project.name in connection.projects
        assert experiment.__xsi_type__ == "xnat:mrSessionData"
        assert experiment.id == project.experiment
        assert [(scan.id, scan.type) for scan in experiment.scans.values()] == [("1", "T1 weighted"), ("2", "FLAIR")]
        scan = experiment.scans["1"]
        assert scan.series_description == "T1"
        assert scan.frames == 3
        assert [file.digest for file in scan.resources["DICOM"].files.values()] == [md5(data) for data in CONTENTS]

    def test_downloads_a_file(self, experiment: Any, tmp_path: Path) -> None:
        target = tmp_path / "one.dcm"
        experiment.scans["1"].resources["DICOM"].files["0002.dcm"].download(str(target), verbose=False)
        assert target.read_bytes() == CONTENTS[1]

    def test_downloads_a_scan_and_all_scans(self, experiment: Any, project: Project, tmp_path: Path) -> None:
        experiment.scans["1"].download(str(tmp_path / "scan.zip"), verbose=False)
        with zipfile.ZipFile(tmp_path / "scan.zip") as archive:
            first = f"{project.session}/scans/1-T1_weighted/resources/DICOM/files/0001.dcm"
            assert archive.read(first) == CONTENTS[0]
            assert len(archive.namelist()) == 3
        experiment.download(str(tmp_path / "all.zip"), verbose=False)
        with zipfile.ZipFile(tmp_path / "all.zip") as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) == 4

    def test_uploads(self, connection: Any, experiment: Any, project: Project, tmp_path: Path) -> None:
        resource = connection.classes.ResourceCatalog(parent=experiment, label="FIELDS")
        (tmp_path / "answers.json").write_bytes(b'{"quality": "Good"}')
        resource.upload(str(tmp_path / "answers.json"), "answers.json")
        row = project.rows("resources/FIELDS/files")[0]
        assert (row["Name"], row["Size"], row["digest"]) == ("answers.json", "19", md5(b'{"quality": "Good"}'))
        assert [resource.label for resource in experiment.resources.values()] == ["FIELDS"]

    def test_uploads_a_folder_packed(self, connection: Any, experiment: Any, project: Project, tmp_path: Path) -> None:
        folder = tmp_path / "folder" / "inner"
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text("inside")
        resource = connection.classes.ResourceCatalog(parent=experiment, label="FOLDER")
        resource.upload_dir(str(tmp_path / "folder"))
        assert project.call("GET", "resources/FOLDER/files/inner/a.txt").content == b"inside"

    def test_sets_quality(self, experiment: Any, project: Project) -> None:
        scan = experiment.scans["1"]
        scan.quality = "unusable"
        scan.note = "motion"
        listed = project.rows("scans", columns="ID,quality,note")[0]
        assert (listed["quality"], listed["note"]) == ("unusable", "motion")


class TestPyxnat:
    @pytest.fixture
    def connection(self, project: Project) -> Iterator[Any]:
        connection = pyxnat.Interface(project.url, user="reader2", password="reader2-demo")
        yield connection
        connection.disconnect()

    @pytest.fixture
    def experiment(self, connection: Any, project: Project) -> Any:
        return connection.select.project(project.name).subject(project.subject).experiment(project.session)

    def test_lists(self, connection: Any, experiment: Any, project: Project) -> None:
        assert project.name in connection.select.projects().get()
        assert connection.select.project(project.name).subjects().first().label() == project.subject
        assert experiment.exists()
        assert experiment.id() == project.experiment
        assert experiment.scans().get() == ["1", "2"]
        assert experiment.scan("1").attrs.get("type") == "T1 weighted"
        assert experiment.scan("1").datatype() == "xnat:mrScanData"

    def test_downloads_a_file(self, experiment: Any, tmp_path: Path) -> None:
        target = tmp_path / "one.dcm"
        experiment.scan("1").resource("DICOM").file("0003.dcm").get(str(target))
        assert target.read_bytes() == CONTENTS[2]

    def test_downloads_a_resource_and_all_scans(self, experiment: Any, tmp_path: Path) -> None:
        (tmp_path / "one").mkdir()
        experiment.scan("1").resource("DICOM").get(str(tmp_path / "one"), extract=True)
        assert sorted(path.name for path in (tmp_path / "one").rglob("*.dcm")) == ["0001.dcm", "0002.dcm", "0003.dcm"]
        (tmp_path / "all").mkdir()
        experiment.scans().download(str(tmp_path / "all"), type="ALL", extract=True)
        assert len(list((tmp_path / "all").rglob("*.dcm"))) == 4

    def test_uploads(self, experiment: Any, project: Project, tmp_path: Path) -> None:
        (tmp_path / "answers.json").write_bytes(b"{}")
        experiment.resource("FIELDS").file("answers.json").put(
            str(tmp_path / "answers.json"), format="JSON", content="ANNOTATION", tags="viewr"
        )
        row = project.rows("resources/FIELDS/files")[0]
        expected = ("answers.json", "2", "JSON", "ANNOTATION", md5(b"{}"))
        assert (row["Name"], row["Size"], row["file_format"], row["file_content"], row["digest"]) == expected
        assert experiment.resource("FIELDS").file("answers.json").exists()

    def test_sets_quality(self, experiment: Any, project: Project) -> None:
        scan = experiment.scan("1")
        scan.attrs.set("xnat:mrScanData/quality", "questionable")
        assert scan.attrs.get("xnat:mrScanData/quality") == "questionable"
        assert project.rows("scans")[0]["quality"] == "questionable"
