"""Single files: transfer syntaxes, colour, palettes, projections, ultrasound, NIfTI, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series, read_folder
from viewr.model.errors import FormatError
from viewr.model.volume import Volume

pytestmark = needs_real_scans

FILES: dict[str, Any] = (
    json.loads((SHARED / "references.json").read_text())["single_images_and_nifti"] if SHARED.is_dir() else {}
)


def one(path: str) -> Volume:
    [volume] = load_series(SHARED / path)
    return volume


def files(folder: str) -> dict[str, Any]:
    entry = FILES.get(folder, {})
    return entry.get("files", entry)


CT = "transfer-syntaxes/ct-ge"
DECODED = [name for name, entry in files(CT).items() if entry.get("decoded", True)]
REFUSED = [name for name, entry in files(CT).items() if not entry.get("decoded", True)]


@pytest.mark.parametrize("name", DECODED)
def test_the_same_ct_in_every_transfer_syntax(name: str) -> None:
    reference, volume, entry = one(f"{CT}/{FILES[CT]['reference']}"), one(f"{CT}/{name}"), files(CT)[name]
    off = np.abs(volume.array.astype(float) - reference.array)
    assert off.max() <= entry["max_abs_diff"] + 1e-3
    # Decoders of lossy JPEG may round differently; the mean tells a shifted or scaled picture.
    assert off.mean() == pytest.approx(entry["mean_abs_diff"], abs=0.02)
    assert volume.transfer_syntax == entry["uid"]
    lossy = entry["max_abs_diff"] > 0
    assert any("compressed with loss" in words for words in volume.warnings) == lossy
    assert_allclose(volume.grid.affine, reference.grid.affine)
    if not lossy:
        assert volume.array.dtype == np.int16


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_usual_decoder_reads_is_refused_in_words(name: str) -> None:
    with pytest.raises(FormatError, match=r"cannot be decoded \(JPEG (Full|Spectral)") as caught:
        load_series(SHARED / CT / name)
    assert "Ask for the images without compression" in str(caught.value)


@pytest.mark.parametrize("name", list(files("transfer-syntaxes/us-ge")))
def test_colour_ultrasound(name: str) -> None:
    reference, volume = one("transfer-syntaxes/us-ge/US1_UNC"), one(f"transfer-syntaxes/us-ge/{name}")
    assert volume.axes == ("channel",)
    assert volume.array.shape == (640, 480, 1, 3)
    off = np.abs(volume.array.astype(int) - reference.array)
    assert off.max() <= files("transfer-syntaxes/us-ge")[name]["max_abs_diff"]


def decoded() -> list[tuple[str, dict[str, Any]]]:
    folders = ("transfer-syntaxes/htj2k", "transfer-syntaxes/small", "projection", "ultrasound", "other")
    return [(f"{folder}/{name}", entry) for folder in folders for name, entry in files(folder).items()
            if "mean" in entry and entry.get("modality") not in ("SEG", "RTDOSE")]


@pytest.mark.parametrize(("path", "entry"), decoded())
def test_single_images_hold_the_values_of_the_reference(path: str, entry: dict[str, Any]) -> None:
    volume = one(path)
    frames = volume.array.shape[3] if "time" in volume.axes else volume.grid.shape[2]
    assert (frames, *volume.grid.shape[1::-1]) == (entry["frames"], entry["rows"], entry["columns"])
    if entry["photometric"] == "PALETTE COLOR":
        assert volume.array.shape[-1] == 3
        return
    stored = volume.array.astype(float) + (1024 if volume.unit == "HU" else 0)
    if volume.modality == "CT" and "eCT" in path:
        assert volume.unit == ""
        stored = volume.array.astype(float) + 1024
    tolerance = 1.0 if any("loss" in words for words in volume.warnings) or "YBR" in entry["photometric"] else 1e-3
    assert stored.mean() == pytest.approx(entry["mean"], abs=tolerance)
    assert stored.max() == pytest.approx(entry["max"], abs=2 * tolerance)


STRIPES = [(255, 0, 0), (255, 128, 128), (0, 255, 0), (128, 255, 128), (0, 0, 255), (128, 128, 255), (0, 0, 0),
           (64, 64, 64), (192, 192, 192), (255, 255, 255)]


@pytest.mark.parametrize("name", [name for name in files("transfer-syntaxes/small") if name.startswith("SC_")])
def test_stripes_have_their_colours(name: str) -> None:
    volume = one(f"transfer-syntaxes/small/{name}")
    assert_allclose(volume.array[50, 5::10, 0].astype(int), STRIPES, atol=6)


def test_mammogram_measures_in_the_breast_not_at_the_detector() -> None:
    volume = one("projection/OutOfBoundsOverlay.dcm")
    assert volume.spacing[:2] == pytest.approx((0.085 / 1.0433386837881,) * 2)
    assert volume.spacing_source == "at the detector, divided by magnification 1.043"
    # An overlay lies outside the picture in this file; the grey values stay within their 12 bits.
    assert volume.array.max() == 4091


def test_radiographs_are_inverted_for_display_not_in_value() -> None:
    volume = one("projection/RG3_J2KR")
    assert volume.inverted
    assert (volume.array.min(), volume.array.max()) == (0, 1023)
    assert volume.spacing_source == "none"
    assert "does not say its pixel spacing" in volume.warnings[0]
    assert one("projection/dx_image.dcm").spacing_source == "at the detector, not in the patient"
    assert one("projection/dx_image.dcm").spacing[:2] == pytest.approx((1.201199999999, 1.2))


def test_cine_has_time_and_its_pace() -> None:
    angiogram = one("projection/jpeg_baseline_8bit.dcm")
    assert (angiogram.axes, angiogram.array.shape) == (("time",), (512, 512, 1, 96))
    assert angiogram.frame_time_ms == pytest.approx(33)
    echo = one("ultrasound/examples_ybr_color.dcm")
    assert (echo.axes, echo.array.shape) == (("time", "channel"), (320, 240, 1, 30, 3))
    assert echo.frame_time_ms == pytest.approx(33.333)
    assert one("ultrasound/US-PAL-8-10x-echo.dcm").frame_time_ms == pytest.approx(76)


@pytest.mark.parametrize(("name", "millimetres"), [
    ("US-YBR_FULL_422-EVRLE.dcm", 0.0616), ("examples_palette.dcm", 0.262288), ("examples_ybr_color.dcm", 0.510497)])
def test_ultrasound_is_measured_by_its_regions(name: str, millimetres: float) -> None:
    volume = one(f"ultrasound/{name}")
    assert volume.spacing[0] == pytest.approx(millimetres, rel=1e-3)
    assert volume.spacing_source == "ultrasound region calibration"


def test_palette_becomes_colour() -> None:
    from pydicom import dcmread

    dataset = dcmread(SHARED / "ultrasound" / "examples_palette.dcm")
    index = dataset.pixel_array[100, 300]
    tables = [np.frombuffer(dataset[f"{colour}PaletteColorLookupTableData"].value, "<u2")
              for colour in ("Red", "Green", "Blue")]
    first = int(dataset.RedPaletteColorLookupTableDescriptor[1])
    volume = one("ultrasound/examples_palette.dcm")
    assert volume.array[300, 100, 0].tolist() == [int(table[index - first]) >> 8 for table in tables]


def test_truncated_pixels_are_shown_as_far_as_they_go() -> None:
    volume = one("other/MR_truncated.dcm")
    whole = one("transfer-syntaxes/small/MR_small.dcm")
    # 8130 of 8192 bytes are there: 4065 of 4096 voxels.
    assert np.array_equal(volume.array[..., 0].T.ravel()[:4065], whole.array[..., 0].T.ravel()[:4065])
    assert volume.warnings == ("MR_truncated.dcm is cut off: 99 % of its pixels can be shown.",)


def test_a_file_without_meta_information_is_read_with_a_warning() -> None:
    volume = one("other/no_meta.dcm")
    assert np.array_equal(volume.array, one("other/CT_small.dcm").array)
    assert volume.warnings == ("no_meta.dcm has no file meta information.",)


def test_dose_is_a_volume() -> None:
    dose = one("other/rtdose.dcm")
    assert dose.array.shape == (10, 10, 15)
    assert dose.array.min() == pytest.approx(0.795)
    assert dose.array.max() == pytest.approx(1.254)
    assert dose.grid.to_lps([0, 0, 0.0]) == pytest.approx([189.43125, 199.43125, -761.87])
    assert dose.spacing == pytest.approx((10, 10, 5))


@pytest.mark.parametrize(
    ("path", "words"),
    [("other/rtplan.dcm", "is a radiotherapy plan"), ("other/rtstruct.dcm", "is a set of contours (RTSTRUCT)"),
     ("other/sr_document.dcm", "is a structured report"), ("other/test-SR.dcm", "is a structured report"),
     ("seg-ct-ge/seg/liver.dcm", "is a segmentation of another series"),
     ("dicomdir-seg/seg_image_ct_true_fractional.dcm", "is a segmentation of another series"),
     ("dicomdir/DICOMDIR", "is a DICOMDIR, an index of other files"),
     ("mr-epi4d-ge/nifti/DCM2NIIX_regression_test_4.json", "is a text file"), ("README.md", "is a text file")],
)
def test_what_is_no_image_is_said_and_skipped(path: str, words: str) -> None:
    result = read_folder(SHARED / path)
    assert result.volumes == []
    assert [(r.path, r.reason) for r in result.refused] == [(str(SHARED / path), f"{Path(path).name} {words}.")]


def test_dicomdir_folder_gives_its_six_studies() -> None:
    result = read_folder(SHARED / "dicomdir")
    assert len({volume.study_uid for volume in result.volumes}) == 6
    assert sum(len(volume.files) for volume in result.volumes) == 31
    assert [Path(r.path).name for r in result.refused] == ["DICOMDIR"]


def test_character_sets_do_not_stop_the_reader() -> None:
    result = read_folder(SHARED / "charsets")
    assert len(result.volumes) == 11
    assert result.refused == []


def niftis() -> list[str]:
    return list(FILES.get("nifti", {}))


@pytest.mark.parametrize("name", niftis())
def test_nifti_files(name: str) -> None:
    entry, volume = FILES["nifti"][name], one(name)
    assert list(volume.array.shape) == entry["shape"]
    assert_allclose(np.diag([-1, -1, 1, 1]) @ volume.grid.affine, entry["affine_ras"], atol=1e-4)
    assert float(volume.array.min()) == pytest.approx(entry["min"], rel=1e-5)
    assert float(volume.array.max()) == pytest.approx(entry["max"], rel=1e-5)
    assert float(volume.array.mean()) == pytest.approx(entry["mean"], rel=1e-4)
    assert volume.array.dtype.isnative


def test_nothing_of_the_shared_data_is_lost() -> None:
    """Each file of every folder is in a volume or refused with a sentence."""
    for folder in sorted(path for path in SHARED.iterdir() if path.is_dir() and path.name != "LICENSES"):
        result = read_folder(folder)
        used = {file for volume in result.volumes for file in volume.files} | {r.path for r in result.refused}
        assert used == {str(file) for file in folder.rglob("*") if file.is_file()}, folder.name
        assert all(r.reason.endswith((".", "form.", "one.")) and "Traceback" not in r.reason for r in result.refused)
