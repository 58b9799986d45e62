"""Uptake values, against numbers worked out from the tags and against those of the IBSI authors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.data import SHARED, needs_real_scans
from viewr.imaging.dicom_header import read_header
from viewr.imaging.series import load_series
from viewr.imaging.suv import suv_factor, suv_of, to_suv
from viewr.model.errors import FormatError
from viewr.model.volume import Palette, Window

pytestmark = needs_real_scans
SOURCE = SHARED / "pet-ge" / "image" / "1-001.dcm"


def changed(tmp_path: Path, **elements: Any) -> list:
    """Header of a real PET slice with other values; None removes, a leading underscore is the radiopharmaceutical."""
    dataset = dcmread(SOURCE)
    for name, value in elements.items():
        target: Dataset = dataset
        if name.startswith("_"):
            target, name = dataset.RadiopharmaceuticalInformationSequence[0], name[1:]
        if value is None:
            delattr(target, name)
        else:
            setattr(target, name, value)
    dataset.save_as(tmp_path / "pet.dcm")
    return [read_header(tmp_path / "pet.dcm")]


def test_body_weight_uptake_of_the_whole_body() -> None:
    [volume] = load_series(SHARED / "pet-ge" / "image")
    # 71 kg, 388777472 Bq at 10:35:00, scan at 11:20:11, half-life 6588 s.
    assert suv_of(volume).factor == pytest.approx(71000 / (388777472 * 2 ** (-2711 / 6588)), rel=1e-9)
    uptake = to_suv(volume)
    assert uptake.unit == "SUVbw"
    assert float(uptake.array.max()) == pytest.approx(66.5215, abs=1e-4)
    assert np.unravel_index(int(uptake.array.argmax()), uptake.array.shape)[:2] == (69, 70)


def test_what_goes_with_the_values_is_scaled_with_them() -> None:
    [volume] = load_series(SHARED / "pet-ge" / "image")
    volume = replace(volume, windows=(Window(20000, 10000, linear=True),), padding=(-2.0, -1.0),
                     palette=Palette(100.0, 2.0, bytes(6)))
    factor, uptake = suv_of(volume).factor, to_suv(volume)
    # White at 19999 Bq/ml; one below the upper end would be another value in SUV.
    assert uptake.windows[0].bounds == pytest.approx((0, 19999 * factor), abs=1e-9)
    assert uptake.padding == pytest.approx((-2 * factor, -factor))
    assert uptake.palette is not None
    assert (uptake.palette.first, uptake.palette.step) == pytest.approx((100 * factor, 2 * factor))


def test_agrees_with_the_uptake_that_others_computed() -> None:
    uptake = to_suv(load_series(SHARED / "pet-ge" / "image")[0])
    [reference] = load_series(SHARED / "petct-cropped-ge" / "nifti" / "PET_image.nii.gz")
    index = np.stack(np.meshgrid(*map(np.arange, reference.grid.shape), indexing="ij"), axis=-1).reshape(-1, 3)
    there = np.rint(uptake.grid.to_ijk(reference.grid.to_lps(index.astype(float)))).astype(int)
    assert np.abs(uptake.array[tuple(there.T)] - reference.array.ravel()).max() < 8e-4


def test_stored_uptake_is_not_scaled_again() -> None:
    [volume] = load_series(SHARED / "petct-cropped-ge" / "pet")
    assert suv_of(volume).factor == 1.0
    assert to_suv(volume).unit == "SUVbw"


def test_lean_body_mass_and_body_surface(tmp_path: Path) -> None:
    headers = changed(tmp_path, PatientWeight="80", PatientSize="1.80", PatientSex="M")
    weight = suv_factor(headers).factor
    assert suv_factor(headers, "lbm").factor / weight == pytest.approx((1.10 * 80 - 128 * (80 / 180) ** 2) / 80)
    surface = 0.007184 * 80**0.425 * 180**0.725
    assert surface == pytest.approx(1.996, abs=1e-3)
    assert suv_factor(headers, "bsa").factor / weight == pytest.approx(surface * 10 / 80)


def test_decay_corrected_to_injection_needs_no_times(tmp_path: Path) -> None:
    assert suv_factor(changed(tmp_path, DecayCorrection="ADMIN")).factor == pytest.approx(71000 / 388777472)


def test_injection_before_midnight_is_yesterday(tmp_path: Path) -> None:
    headers = changed(tmp_path, SeriesTime="001000", AcquisitionTime="001000", _RadiopharmaceuticalStartTime="235000")
    assert "decay over 20.0 min" in suv_factor(headers).how


def test_a_series_stamped_after_the_scan_yields_to_the_acquisition(tmp_path: Path) -> None:
    headers = changed(tmp_path, SeriesTime="150000", AcquisitionTime="112011", Manufacturer="ACME",
                      FrameReferenceTime=None)
    suv = suv_factor(headers)
    assert "the start of the first acquisition" in suv.how
    assert suv.factor == pytest.approx(0.00024290298, rel=1e-6)


@pytest.mark.parametrize(
    ("elements", "reason"),
    [({"PatientWeight": "0"}, "the patient's weight is missing"),
     ({"PatientWeight": None}, "the patient's weight is missing"),
     ({"_RadionuclideTotalDose": None}, "the injected dose is missing"),
     ({"_RadionuclideHalfLife": None}, "the half-life"),
     ({"_RadiopharmaceuticalStartTime": ""}, "the time of the injection is missing"),
     ({"DecayCorrection": "NONE"}, "not corrected for decay"), ({"Units": "CNTS"}, "its values are counts"),
     ({"Units": "PROPCPS"}, "its values are in PROPCPS, not in Bq/ml"),
     ({"RadiopharmaceuticalInformationSequence": []}, "nothing about the radiopharmaceutical")],
)
def test_refuses_with_the_reason(tmp_path: Path, elements: dict[str, Any], reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        suv_factor(changed(tmp_path, **elements))
    assert str(caught.value).startswith("Uptake values (SUV) cannot be calculated: ")


def test_ct_has_no_uptake() -> None:
    with pytest.raises(FormatError, match="exist for PET only, not for CT"):
        suv_of(load_series(SHARED / "other" / "CT_small.dcm")[0])


def test_counts_with_the_scanners_own_factor(tmp_path: Path) -> None:
    dataset = dcmread(SOURCE)
    dataset.Units = "CNTS"
    dataset.add_new((0x7053, 0x0010), "LO", "Philips PET Private Group")
    dataset.add_new((0x7053, 0x1000), "DS", "0.000551")
    dataset.save_as(tmp_path / "philips.dcm")
    assert suv_factor([read_header(tmp_path / "philips.dcm")]).factor == pytest.approx(0.000551)
