"""A local folder as an archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewr.archive.base import Archive, NameTakenError, NotThereError, RemoteFile, ResourceRef, Scan
from viewr.archive.cache import Cache
from viewr.archive.folder import FolderArchive
from viewr.archive.xnat import XnatArchive
from viewr.model.errors import ArchiveError

STAMPED = "qa_2024-05-01T10:00:00.json"
FIELDS = ResourceRef("case 1", "", "FIELDS")
NIFTI = ResourceRef("case 1", "2", "NIFTI")


@pytest.fixture
def folder(tmp_path: Path) -> FolderArchive:
    return FolderArchive(tmp_path / "results", "reader1")


@pytest.fixture
def result(tmp_path: Path) -> Path:
    file = tmp_path / "result.json"
    file.write_bytes(b"{}")
    return file


def test_both_kinds_are_archives(folder):
    kinds: list[Archive] = [folder, XnatArchive("https://archive.example", "u", "p")]
    assert [kind.user for kind in kinds] == ["reader1", "u"]


def test_results_lie_in_the_same_layout_with_local_times(folder, result, tmp_path):
    folder.upload(FIELDS, STAMPED, result)
    stored = tmp_path / "results/case 1/resources/FIELDS/files/qa_2024-05-01T10-00-00.json"
    assert stored.read_bytes() == b"{}"
    [file] = folder.files(FIELDS)
    # printf '{}' | md5sum
    assert (file.path, file.size, file.md5) == (STAMPED, 2, "99914b932bd37a50b983c5e7c90ae93b")
    assert folder.read(FIELDS, STAMPED) == b"{}"


def test_listings(folder, result):
    folder.upload(FIELDS, STAMPED, result)
    folder.upload(NIFTI, "image.nii.gz", result)
    assert [one.id for one in folder.experiments("local")] == ["case 1"]
    assert folder.experiment_id("", "", "case 1") == "case 1"
    assert [scan.id for scan in folder.scans("case 1")] == ["2"]
    assert [(one.label, one.file_count) for one in folder.resources("case 1")] == [("FIELDS", 1)]
    assert [(one.label, one.file_size) for one in folder.resources("case 1", "2")] == [("NIFTI", 2)]


def test_nothing_there(folder):
    assert folder.experiments("local") == []
    with pytest.raises(NotThereError):
        folder.experiment_id("", "", "x")
    with pytest.raises(NotThereError):
        folder.files(FIELDS)
    with pytest.raises(NotThereError):
        folder.read(FIELDS, "../../x")


def test_the_same_again_is_fine_and_another_is_refused(folder, result, tmp_path):
    assert folder.upload(FIELDS, STAMPED, result) == folder.upload(FIELDS, STAMPED, result)
    (tmp_path / "other").write_bytes(b"[]")
    with pytest.raises(NameTakenError):
        folder.upload(FIELDS, STAMPED, tmp_path / "other")
    with pytest.raises(ArchiveError, match="no name"):
        folder.upload(FIELDS, "../x", result)


def test_downloading_copies_nothing(folder, result, tmp_path):
    folder.upload(NIFTI, "a.nii", result)
    folder.upload(NIFTI, "b.nii", result)
    arrived: list[Path] = []

    def is_a(file: RemoteFile) -> bool:
        return file.path == "a.nii"

    [path] = folder.download(NIFTI, Cache(tmp_path / "cache", 10), wanted=is_a, arrived=arrived.append)
    assert arrived == [path]
    assert path.read_bytes() == b"{}"
    assert not (tmp_path / "cache").exists()


def test_quality(folder):
    folder.set_quality("case 1", "2", "unusable", "motion")
    assert folder.set_quality("case 1", "2", "usable").note == "motion"
    assert folder.scans("case 1") == [Scan("2", quality="usable", note="motion")]
