"""The XNAT client against the embedded archive."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from tests.archive.conftest import STAMPED
from viewr.archive import xnat_download
from viewr.archive.base import NameTakenError, NoRightError, NotThereError, ResourceRef, TooLongError
from viewr.archive.cache import Cache
from viewr.archive.xnat import XnatArchive
from viewr.model.errors import ArchiveError, Cancelled, NetworkError, SignInError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError, UnreachableError


def leftovers(cache: Cache) -> list[Path]:
    return list(cache.root.rglob(".part-*"))


class TestSignIn:
    def test_wrong_password(self, study):
        with pytest.raises(SignInError, match="refuses the name 'reader1'"):
            study.archive("reader1", "wrong").sign_in()

    def test_nobody_there(self, mortal_study):
        mortal_study.servers.stop()
        with pytest.raises(UnreachableError, match="Nothing answers"):
            mortal_study.archive().sign_in()

    def test_another_kind_of_server(self, study):
        with pytest.raises(NetworkError, match="no XNAT server"):
            XnatArchive(study.servers.supervisor_url, "reader1", "reader1-demo").sign_in()

    @pytest.fixture(autouse=True)
    def no_sessions(self, study):
        forget_sessions(study)

    def test_one_session_serves_all_threads(self, study, archive, cache):
        archive.download(study.dicom, cache)
        assert len(sessions(study)) == 1

    def test_signing_out_ends_the_session(self, study, archive):
        archive.sign_in()
        archive.sign_out()
        assert sessions(study) == []

    def test_an_alias_token_signs_in(self, study, archive):
        issued = archive._session.call("GET", "/data/services/tokens/issue").json()
        by_token = study.archive(issued["alias"], issued["secret"])
        assert study.project in [project.id for project in by_token.projects()]
        by_token.sign_out()

    @pytest.mark.parametrize("page", [False, True])
    def test_an_expired_session_is_renewed(self, study, archive, page):
        study.servers.switches.html_instead_of_401 = page
        archive.sign_in()
        forget_sessions(study)
        assert [scan.id for scan in archive.scans(study.experiment)] == ["2", "3"]

    def test_keep_alive(self, study, archive):
        archive.keep_alive()
        assert len(sessions(study)) == 1


class TestBrowsing:
    def test_lists(self, study, archive):
        assert study.project in [project.id for project in archive.projects()]
        assert [subject.label for subject in archive.subjects(study.project)] == ["SUBJ01"]
        assert [(one.id, one.label) for one in archive.experiments(study.project)] == [(study.experiment, "SUBJ01_MR1")]
        assert [one.id for one in archive.experiments(study.project, "SUBJ01")] == [study.experiment]

    def test_scans(self, study, archive):
        first, second = archive.scans(study.experiment)
        assert (first.id, first.type, first.xsi_type) == ("2", "T1W", "xnat:mrScanData")
        assert first.description == "T1 mprage"
        assert (second.id, second.quality) == ("3", "usable")

    def test_resources_and_files(self, study, archive):
        [resource] = archive.resources(study.experiment, "2")
        assert resource.label == "DICOM"
        listed = archive.files(study.dicom)
        assert [file.path for file in listed] == [f"{number}.dcm" for number in range(1, 9)]
        assert [file.size for file in listed] == [1000 * number for number in range(1, 9)]
        assert listed[0].md5 == hashlib.md5(b"\x01" * 1000).hexdigest()

    def test_an_experiment_by_label_or_id(self, study, archive):
        assert archive.experiment_id(study.project, "SUBJ01", "SUBJ01_MR1") == study.experiment
        assert archive.experiment_id(study.project, "", "SUBJ01_MR1") == study.experiment
        assert archive.experiment_id("", "", study.experiment) == study.experiment

    @pytest.mark.parametrize(
        ("project", "subject"), [("own", "SUBJ01"), ("own", ""), ("NONE", ""), ("", ""), ("own", "NONE")]
    )
    def test_an_experiment_that_is_not_there(self, study, archive, project, subject):
        with pytest.raises(NotThereError):
            archive.experiment_id(study.project if project == "own" else project, subject, "NOBODY")

    def test_a_scan_that_is_not_there(self, study, archive):
        with pytest.raises(NotThereError):
            archive.resources(study.experiment, "99")
        with pytest.raises(NotThereError):
            archive.files(ResourceRef(study.experiment, "99", "DICOM"))

    def test_a_resource_that_is_not_there(self, study, archive):
        with pytest.raises(NotThereError):
            archive.files(ResourceRef(study.experiment, "2", "NIFTI"))


class TestDownload:
    def test_every_file_arrives_as_it_is_in_the_archive(self, study, archive, cache):
        arrived: list[Path] = []
        paths = archive.download(study.dicom, cache, arrived=arrived.append)
        assert {path.name: path.read_bytes() for path in paths} == study.content
        assert [path.name for path in paths] == list(study.content)
        assert sorted(arrived) == sorted(paths)

    def test_the_second_time_nothing_is_fetched(self, study, archive, cache):
        paths = archive.download(study.dicom, cache)
        study.servers.switches.cut_download_after = 1
        assert archive.download(study.dicom, cache) == paths

    def test_only_what_is_wanted(self, study, archive, cache):
        [path] = archive.download(study.dicom, cache, wanted=lambda file: file.path == "3.dcm")
        assert path.read_bytes() == study.content["3.dcm"]
        assert len(list(cache.root.rglob("*.dcm"))) == 1

    def test_the_middle_comes_first(self, study, archive, cache, monkeypatch):
        monkeypatch.setattr(xnat_download, "WORKERS", 1)
        arrived: list[str] = []
        archive.download(
            study.dicom,
            cache,
            first=lambda file: abs(int(file.name.split(".")[0]) - 5),
            arrived=lambda path: arrived.append(path.name),
        )
        assert arrived[0] == "5.dcm"
        assert set(arrived[1:3]) == {"4.dcm", "6.dcm"}

    def test_progress_counts_bytes(self, study, archive, cache):
        seen: list[tuple[int, int]] = []
        archive.download(study.dicom, cache, progress=Progress(lambda done, total: seen.append((done, total))))
        assert seen[-1] == (36000, 36000)
        assert seen == sorted(seen)

    def test_a_cut_download_is_an_error_and_leaves_nothing(self, study, archive, cache):
        study.servers.switches.cut_download_after = 500
        with pytest.raises(UnreachableError, match="broke off"):
            archive.download(study.dicom, cache)
        assert leftovers(cache) == []
        assert list(cache.root.rglob("*.dcm")) == []

    def test_the_server_gone_midway(self, mortal_study, cache):
        archive = mortal_study.archive()
        one_at_a_time = threading.Lock()

        def end(_: Path) -> None:
            with one_at_a_time:  # or the other workers have the rest while the servers are still ending
                mortal_study.servers.stop()

        with pytest.raises(UnreachableError):
            archive.download(mortal_study.dicom, cache, arrived=end)
        archive.sign_out()
        assert leftovers(cache) == []

    def test_a_damaged_file_is_never_taken(self, study, archive, cache):
        stored = stored_file(study, "4.dcm")
        stored.write_bytes(b"\xff" * stored.stat().st_size)
        with pytest.raises(ArchiveError, match="other than the archive describes"):
            archive.download(study.dicom, cache)
        assert leftovers(cache) == []
        assert not list(cache.root.rglob("4.dcm"))

    def test_a_file_listed_but_not_there(self, study, archive, cache):
        stored_file(study, "4.dcm").unlink()
        with pytest.raises(ArchiveError, match="listed in the archive but is not there"):
            archive.download(study.dicom, cache)

    def test_the_session_expires_in_the_middle(self, study, archive, cache):
        moments = iter([True])
        paths = archive.download(study.dicom, cache, arrived=lambda _: next(moments, False) and forget_sessions(study))
        assert {path.name: path.read_bytes() for path in paths} == study.content

    def test_a_full_disk_is_told_and_leaves_nothing(self, study, archive, cache, monkeypatch):
        def full(descriptor: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("viewr.archive.verified.os.write", full)
        with pytest.raises(ArchiveError, match="is full"):
            archive.download(study.dicom, cache)
        monkeypatch.undo()
        assert leftovers(cache) == []

    def test_cancelling_stops_all_workers(self, study, archive, cache):
        progress = Progress()
        with pytest.raises(Cancelled):
            archive.download(study.dicom, cache, arrived=lambda _: progress.cancel(), progress=progress)
        assert leftovers(cache) == []
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("download")]

    def test_many_files_come_as_a_zip(self, study, archive, cache, monkeypatch):
        monkeypatch.setattr(xnat_download, "ZIP_FROM", 5)
        monkeypatch.setattr(xnat_download, "_fetch", lambda *_: pytest.fail("fetched singly"))
        paths = archive.download(study.dicom, cache)
        assert {path.name: path.read_bytes() for path in paths} == study.content

    def test_what_a_zip_leaves_out_is_fetched_singly_and_missed(self, study, archive, cache, monkeypatch):
        monkeypatch.setattr(xnat_download, "ZIP_FROM", 5)
        stored_file(study, "4.dcm").unlink()
        with pytest.raises(ArchiveError, match="is not there"):
            archive.download(study.dicom, cache)

    def test_read(self, study, archive):
        assert archive.read(study.dicom, "2.dcm") == study.content["2.dcm"]
        with pytest.raises(NotThereError):
            archive.read(study.dicom, "none.dcm")


class TestUpload:
    def test_a_result_is_stored_and_proved(self, study, archive, result):
        stored = archive.upload(study.fields, STAMPED, result)
        assert (stored.path, stored.size) == (STAMPED, 19)
        # printf '{"quality": "Good"}' | md5sum
        assert stored.md5 == "469b210dac02d75435f7e63e3475dd28"
        assert archive.read(study.fields, STAMPED) == b'{"quality": "Good"}'

    def test_the_colons_of_the_time_stay(self, study, archive, result):
        archive.upload(study.fields, STAMPED, result)
        assert [file.path for file in study.archive("qc1").files(study.fields)] == [STAMPED]

    def test_the_same_again_is_fine(self, study, archive, result):
        assert archive.upload(study.fields, STAMPED, result) == archive.upload(study.fields, STAMPED, result)

    def test_another_file_of_that_name_is_never_overwritten(self, study, archive, result, tmp_path):
        archive.upload(study.fields, STAMPED, result)
        other = tmp_path / "other"
        other.write_bytes(b"something else")
        with pytest.raises(NameTakenError, match=STAMPED):
            archive.upload(study.fields, STAMPED, other)
        assert archive.read(study.fields, STAMPED) == b'{"quality": "Good"}'

    def test_our_own_half_is_replaced(self, study, archive, result, tmp_path):
        half = tmp_path / "half"
        half.write_bytes(b'{"qua')
        archive.upload(study.fields, STAMPED, half)
        archive.upload(study.fields, STAMPED, result, ours=True)
        assert archive.read(study.fields, STAMPED) == b'{"quality": "Good"}'

    def test_a_failing_catalog_is_tried_again(self, study, archive, result):
        study.servers.switches.fail_next_catalog_write = True
        assert archive.upload(study.fields, STAMPED, result).md5 == md5(result)

    def test_a_connection_cut_while_sending(self, study, archive, tmp_path):
        large = tmp_path / "large"
        large.write_bytes(bytes(3_000_000))
        study.servers.switches.cut_upload_after = 1_000_000
        with pytest.raises(NetworkError):
            archive.upload(study.fields, "large.bin", large)
        study.servers.switches.cut_upload_after = 0
        assert archive.upload(study.fields, "large.bin", large, ours=True).md5 == md5(large)

    def test_a_silent_yes_without_the_right_is_found_out(self, study, archive, result):
        study.servers.switches.deny_writes_silently = True
        with pytest.raises(NoRightError, match="stored nothing"):
            archive.upload(study.fields, STAMPED, result)

    def test_who_may_only_read_is_told_so(self, study, result):
        study.servers.archive.catalog.add_project(study.project, {"reader2": "Collaborators"})
        reader = study.archive("reader2")
        with pytest.raises(NoRightError, match="'reader2' may not store results"):
            reader.upload(study.fields, STAMPED, result)
        reader.sign_out()

    def test_the_session_expires_before_the_upload(self, study, archive, result):
        archive.sign_in()
        forget_sessions(study)
        assert archive.upload(study.fields, STAMPED, result).size == 19

    def test_progress_counts_bytes(self, study, archive, tmp_path):
        large = tmp_path / "large"
        large.write_bytes(bytes(3_000_000))
        seen: list[tuple[int, int]] = []
        archive.upload(study.fields, "a.bin", large, progress=Progress(lambda *pair: seen.append(pair)))
        assert seen[-1] == (3_000_000, 3_000_000)

    def test_simultaneous_uploads_all_arrive(self, study, archive, tmp_path):
        files = []
        for number in range(6):
            files.append(tmp_path / f"{number}.json")
            files[-1].write_bytes(b"%d" % number * 1000)
        threads = [threading.Thread(target=archive.upload, args=(study.fields, file.name, file)) for file in files]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {file.path: file.md5 for file in archive.files(study.fields)} == {f.name: md5(f) for f in files}

    @pytest.mark.parametrize("name", ["a b.json", "a#b.json", "a:b.json", "../a", "ä.json", "", "..", "a%3A.json"])
    def test_names_that_would_be_stored_otherwise_are_refused(self, study, archive, result, name):
        with pytest.raises(ArchiveError, match="no name for a file"):
            archive.upload(study.fields, name, result)

    @pytest.mark.parametrize("label", ["12", "a b", ""])
    def test_labels_that_the_archive_would_take_for_something_else(self, study, archive, result, label):
        with pytest.raises(ArchiveError, match="no label"):
            archive.upload(ResourceRef(study.experiment, "", label), STAMPED, result)

    def test_an_empty_file_is_refused(self, study, archive, tmp_path):
        (tmp_path / "empty").touch()
        with pytest.raises(ArchiveError, match="empty"):
            archive.upload(study.fields, STAMPED, tmp_path / "empty")


class TestQuality:
    def test_a_verdict_is_kept(self, study, archive):
        after = archive.set_quality(study.experiment, "2", "unusable", "motion & <noise>")
        assert (after.quality, after.note) == ("unusable", "motion & <noise>")
        assert study.archive("qc1").scans(study.experiment)[0] == after

    def test_without_a_note_the_old_one_stays_and_an_empty_one_clears_it(self, study, archive):
        archive.set_quality(study.experiment, "2", "unusable", "motion")
        assert archive.set_quality(study.experiment, "2", "questionable").note == "motion"
        assert archive.set_quality(study.experiment, "2", "usable", "").note == ""

    def test_an_unknown_scan_is_not_created(self, study, archive):
        with pytest.raises(NotThereError, match="'99'"):
            archive.set_quality(study.experiment, "99", "usable")
        assert [scan.id for scan in archive.scans(study.experiment)] == ["2", "3"]

    def test_a_note_that_is_too_long(self, study, archive):
        with pytest.raises(TooLongError, match="2501 characters"):
            archive.set_quality(study.experiment, "2", "usable", "x" * 2501)

    def test_who_may_only_read_is_told_so(self, study):
        study.servers.archive.catalog.add_project(study.project, {"reader2": "Collaborators"})
        reader = study.archive("reader2")
        with pytest.raises(NoRightError):
            reader.set_quality(study.experiment, "2", "usable")
        reader.sign_out()


def test_a_busy_archive_is_asked_again(study, archive):
    archive.sign_in()
    study.servers.switches.archive_unavailable = 2
    assert len(archive.scans(study.experiment)) == 2


def test_an_archive_that_stays_busy_is_named(study, archive):
    archive.sign_in()
    study.servers.switches.archive_unavailable = 99
    with pytest.raises(ServerFaultError, match="HTTP 503"):
        archive.scans(study.experiment)
    study.servers.switches.archive_unavailable = 0


def test_its_version(archive):
    assert archive.version()


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()


def sessions(study):
    return list(study.servers.archive.sessions._sessions.values())


def forget_sessions(study):
    study.servers.archive.sessions._sessions.clear()


def stored_file(study, name: str) -> Path:
    catalog = study.servers.archive.catalog
    experiment = catalog.find("experiments", None, study.experiment)
    scan = catalog.find("scans", experiment, "2")
    return catalog.file(catalog.resource(scan, "DICOM"), name)
