"""What `viewr info` prints, and what is still personal in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import flat_stack
from viewr.imaging.deidentify import (
    differences,
    findings,
    findings_of,
    findings_of_series,
    maximum_picture,
    statement,
)
from viewr.imaging.deidentify_profile import ACTIONS
from viewr.imaging.dicom_header import read_header
from viewr.imaging.info import describe
from viewr.imaging.series import load_series

pytestmark = needs_real_scans


def test_describes_volumes_and_refusals_as_json() -> None:
    described = json.loads(json.dumps(describe(SHARED / "mr-multiecho-siemens")))
    assert set(described) == {"volumes", "refused"}
    echoes = [volume for volume in described["volumes"] if volume["modality"] == "MR"]
    assert [volume["part"] for volume in echoes] == [
        "echo 1 of 3 (20 ms)", "echo 2 of 3 (40 ms)", "echo 3 of 3 (60 ms)"]
    assert echoes[1]["shape"] == [192, 192, 2]
    assert echoes[1]["spacing"] == pytest.approx([2 / 3, 2 / 3, 10.5], abs=1e-4)
    assert len(echoes[0]["slice_positions"]) == 3
    assert echoes[0]["transfer_syntax"] == "1.2.840.10008.1.2.1"
    needed = {"series_uid", "part", "description", "modality", "files", "shape", "axes", "spacing", "affine_lps",
              "frame_of_reference", "transfer_syntax", "dtype", "unit", "warnings"}
    assert needed <= set(echoes[0])


def test_axes_are_named() -> None:
    [volume] = describe(SHARED / "projection" / "jpeg_baseline_8bit.dcm")["volumes"]
    assert (volume["shape"], volume["axes"]) == ([512, 512, 1, 96], ["time"])


def test_finds_what_the_basic_profile_would_take_away() -> None:
    found = {finding.path: finding for finding in findings_of(SHARED / "projection" / "RG3_J2KR")}
    assert found["PatientBirthDate"].action == "empty"
    assert found["PatientBirthDate"].certain
    assert found["InstitutionName"].value == "N.C.C. HIGASHI"
    assert found["PatientName"].action == "empty"


def test_looks_into_sequences_and_private_elements(tmp_path: Path) -> None:
    [path] = flat_stack(tmp_path, [0], PatientName="REMOVED", PatientID="", PatientComments="knee of the mayor")
    dataset = dcmread(path)
    inner = Dataset()
    inner.PhysiciansOfRecord = "Who^Doctor"
    inner.CodeMeaning = "kept"
    dataset.ReferencedStudySequence = [inner]
    dataset.private_block(0x0011, "SECRET MAKER", create=True).add_new(1, "LO", "inside")
    found = {finding.path: finding for finding in findings(dataset)}
    assert "PatientName" not in found
    assert "PatientID" not in found
    assert found["PatientComments"].value == "knee of the mayor"
    assert found["ReferencedStudySequence[0].PhysiciansOfRecord"].action == "remove"
    assert not any("CodeMeaning" in name for name in found)
    [private] = [finding for finding in found.values() if finding.action == "remove private"]
    assert (private.tag, private.certain) == ("(0011,1001)", False)


def test_counts_findings_over_a_series() -> None:
    counts = findings_of_series(sorted((SHARED / "seg-ct-ge" / "ct").iterdir()))
    names = [finding for finding in counts if finding.path == "PatientName"]
    assert [counts[finding] for finding in names] == [3]


def test_phi_is_only_printed_when_asked_for() -> None:
    path = SHARED / "other" / "CT_small.dcm"
    assert "CompressedSamples" not in json.dumps(describe(path))
    assert "CompressedSamples" in json.dumps(describe(path, phi=True))


def test_profile_names_elements_that_exist() -> None:
    from pydicom.datadict import tag_for_keyword

    assert [keyword for keyword in ACTIONS if tag_for_keyword(keyword) is None] == []


def test_differences_between_instances() -> None:
    datasets = [dcmread(path) for path in sorted((SHARED / "seg-ct-ge" / "ct").iterdir())]
    different = differences(datasets)
    assert different["InstanceNumber"] == ["1", "2", "3"]
    assert "PatientName" not in different
    assert "Rows" not in different


def test_what_a_file_says_of_itself() -> None:
    said = statement(read_header(SHARED / "ct-chest-philips" / "000002.dcm").dataset)
    assert said.identity_removed == "YES"


def test_burned_in_text_stands_out_in_the_maximum() -> None:
    [echo] = load_series(SHARED / "ultrasound" / "examples_ybr_color.dcm")
    picture = maximum_picture(echo)
    assert picture.shape == (320, 240, 3)
    assert (picture >= echo.array[:, :, 0, 7]).all()
