"""What we store, xnatpy reads; what xnatpy stores, we read."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import pytest

from viewr.archive.base import ResourceRef
from viewr.archive.cache import Cache

STAMPED = "qa_2024-05-01T10:00:00.json"


@pytest.fixture
def xnatpy(study):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import xnat

        connection = xnat.connect(study.url, user="reader2", password="reader2-demo", loglevel="ERROR")
        yield connection
        connection.disconnect()


def test_xnatpy_reads_our_result(study, archive, xnatpy, tmp_path: Path):
    source = tmp_path / "result.json"
    source.write_bytes(b'{"quality": "Good"}')
    archive.upload(study.fields, STAMPED, source)
    stored = xnatpy.experiments[study.experiment].resources["FIELDS"].files[STAMPED]
    stored.download(str(tmp_path / "back"), verbose=False)
    assert (tmp_path / "back").read_bytes() == b'{"quality": "Good"}'
    assert int(stored.size) == 19


def test_xnatpy_sees_our_verdict(study, archive, xnatpy):
    archive.set_quality(study.experiment, "2", "unusable", "motion")
    scan = xnatpy.experiments[study.experiment].scans["2"]
    assert (scan.quality, scan.note) == ("unusable", "motion")


def test_we_read_what_xnatpy_stores(study, archive, xnatpy, tmp_path: Path):
    content = bytes(range(256)) * 100
    source = tmp_path / "image.nii.gz"
    source.write_bytes(content)
    scan = xnatpy.experiments[study.experiment].scans["3"]
    scan.create_resource("NIFTI").upload(str(source), "image.nii.gz")
    ref = ResourceRef(study.experiment, "3", "NIFTI")
    [listed] = archive.files(ref)
    assert (listed.path, listed.size) == ("image.nii.gz", 25600)
    assert listed.md5 == hashlib.md5(content).hexdigest()
    [path] = archive.download(ref, Cache(tmp_path / "cache", 1 << 20))
    assert path.read_bytes() == content


def test_we_see_the_verdict_of_xnatpy(study, archive, xnatpy):
    xnatpy.experiments[study.experiment].scans["2"].quality = "questionable"
    assert archive.scans(study.experiment)[0].quality == "questionable"


def test_the_same_upload_again_by_us_is_recognised(study, archive, xnatpy, tmp_path: Path):
    source = tmp_path / "a.json"
    source.write_bytes(b"{}")
    xnatpy.experiments[study.experiment].create_resource("FIELDS").upload(str(source), "a.json")
    assert archive.upload(study.fields, "a.json", source).size == 2
