"""The cache on disk: whole files only, private, limited, shared by processes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from viewr.archive.base import RemoteFile, ResourceRef
from viewr.archive.cache import Cache, listing_key
from viewr.archive.names import local_name, remote_name, safe_relative
from viewr.archive.verified import Tally, write_hashed
from viewr.model.errors import ArchiveError

URL = "https://archive.example"
REF = ResourceRef("XNAT_E00001", "2", "DICOM")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 10_000, grace=0)


def listed(path: str, content: bytes) -> RemoteFile:
    return RemoteFile(path, len(content), hashlib.md5(content).hexdigest(), f"/data/x/files/{path}")


def store(cache: Cache, path: str, content: bytes, ref: ResourceRef = REF) -> Path:
    file = listed(path, content)
    entry = cache.entry(URL, ref, [file])
    part = entry.part()
    write_hashed([content], part, Tally(0, None))
    return entry.settle(part, file)


def test_a_stored_file_is_found_again(cache):
    path = store(cache, "sub/1.dcm", b"abc")
    entry = Cache(cache.root, 10_000).entry(URL, REF, [listed("sub/1.dcm", b"abc")])
    assert entry.missing() == []
    assert entry.path(entry.files[0]) == path
    assert path.read_bytes() == b"abc"


def test_other_content_archive_or_scan_is_another_place(cache):
    store(cache, "1.dcm", b"abc")
    assert cache.entry(URL, REF, [listed("1.dcm", b"abd")]).missing()
    assert cache.entry("https://other", REF, [listed("1.dcm", b"abc")]).missing()
    assert cache.entry(URL, ResourceRef("XNAT_E00001", "3", "DICOM"), [listed("1.dcm", b"abc")]).missing()


def test_a_grown_resource_takes_over_what_has_not_changed(cache):
    store(cache, "1.dcm", b"abc")
    entry = cache.entry(URL, REF, [listed("1.dcm", b"abc"), listed("2.dcm", b"def")])
    assert [file.path for file in entry.missing()] == ["2.dcm"]
    assert cache.size() < 2 * (len(b"abc") + 400)


def test_a_file_replaced_by_another_of_the_same_size_is_not_taken_over(cache):
    store(cache, "1.dcm", b"abc")
    assert cache.entry(URL, REF, [listed("1.dcm", b"xyz"), listed("2.dcm", b"def")]).missing()[0].path == "1.dcm"


def test_a_file_cut_short_on_the_disk_is_missing(cache):
    path = store(cache, "1.dcm", b"abc")
    path.write_bytes(b"ab")
    assert cache.entry(URL, REF, [listed("1.dcm", b"abc")]).missing()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_only_the_user_can_look(cache):
    path = store(cache, "1.dcm", b"abc")
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in [cache.root, path.parent]:
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_failed_write_leaves_nothing(cache):
    entry = cache.entry(URL, REF, [listed("1.dcm", b"abc")])

    def chunks():
        yield b"ab"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        write_hashed(chunks(), entry.part(), Tally(0, None))
    assert list(cache.root.rglob(".part-*")) == []


def test_the_least_recently_used_goes_first(cache):
    old = store(cache, "old", bytes(6000), ResourceRef("A", "", "R"))
    new = store(cache, "new", bytes(6000), ResourceRef("B", "", "R"))
    os.utime(new.parent / ".used", (1, 1))
    cache.trim()
    assert old.exists()
    assert not new.exists()
    assert cache.size() <= 10_000


def test_what_was_used_a_moment_ago_stays_even_above_the_limit(tmp_path):
    cache = Cache(tmp_path / "cache", 100)
    path = store(cache, "1", bytes(6000))
    cache.trim()
    assert path.exists()


def test_what_crashes_left_behind_goes_after_a_day(cache):
    folder = store(cache, "1", b"abc").parent
    stale, young = folder / ".part-1-old", folder / ".part-1-young"
    for part in (stale, young):
        part.write_bytes(b"half")
    os.utime(stale, (time.time() - 90_000,) * 2)
    cache.trim()
    assert not stale.exists()
    assert young.exists()


def test_clear(cache):
    store(cache, "1", b"abc")
    cache.clear()
    assert cache.size() == 0


def test_two_processes_may_store_the_same(cache, tmp_path):
    code = f"""
import hashlib
from pathlib import Path
from viewr.archive.base import RemoteFile, ResourceRef
from viewr.archive.cache import Cache
from viewr.archive.verified import Tally, write_hashed
cache = Cache(Path({str(cache.root)!r}), 50_000, grace=0)
for number in range(60):
    content = bytes([number]) * 1000
    file = RemoteFile("f", 1000, hashlib.md5(content).hexdigest(), "u")
    entry = cache.entry({URL!r}, ResourceRef("E", str(number), "R"), [file])
    part = entry.part()
    write_hashed([content], part, Tally(0, None))
    assert entry.settle(part, file).read_bytes() == content
"""
    running = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=60)[1] for process in running] == [b"", b""]
    assert list(cache.root.rglob(".part-*")) == []
    assert len(list(cache.root.rglob("f"))) == 60


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((ArchiveError, OSError)):
        Cache(tmp_path / "file" / "cache", 10).entry(URL, REF, [])


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("sub/1.dcm", "sub/1.dcm"),
        ("qa_2024-05-01T10:00:00.json", "qa_2024-05-01T10-00-00.json"),
        ("a:b?.txt", "a%3Ab%3F.txt"),
        (".hidden", "%2Ehidden"),
        ("/lead//double", "lead/double"),
        ("C:\\x", "C%3A%5Cx"),
    ],
)
def test_local_names(path, local):
    assert safe_relative(path).as_posix() == local


@pytest.mark.parametrize("path", ["..", "a/../../b", "", "/", "a/ /b"])
def test_paths_that_lead_elsewhere_are_refused(path):
    with pytest.raises(ArchiveError, match="impossible name"):
        safe_relative(path)


def test_a_long_name_keeps_its_ending():
    name = safe_relative("x" * 300 + ".nii.gz").name
    assert name.endswith(".nii.gz")
    assert len(name) < 200


def test_names_that_differ_only_in_case_are_two_files(cache):
    files = [listed("a.dcm", b"1"), listed("A.dcm", b"2")]
    entry = cache.entry(URL, REF, files)
    assert str(entry.path(files[0])).lower() != str(entry.path(files[1])).lower()


def test_times_in_names_map_both_ways():
    assert local_name("m_2024-05-01T10:00:59_x.json") == "m_2024-05-01T10-00-59_x.json"
    assert remote_name("m_2024-05-01T10-00-59_x.json") == "m_2024-05-01T10:00:59_x.json"
    assert remote_name("a-10-00-00.json") == "a-10-00-00.json"


def test_the_key_of_a_listing_does_not_depend_on_its_order():
    one, two = listed("1", b"a"), listed("2", b"b")
    assert listing_key([one, two]) == listing_key([two, one])
    assert listing_key([one]) != listing_key([two])
