"""PET comes to the screen in SUV, with its windows; where it cannot, the reader is told why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.data import SHARED
from viewr.imaging.series import load_series
from viewr.model.geometry import Grid
from viewr.model.state import Look, State, ViewportLook
from viewr.model.volume import Volume, Window
from viewr.workspace.document import Document
from viewr.workspace.scan_loading import Fetched
from viewr.workspace.scan_queue import ScanQueue
from viewr.workspace.uptake import as_uptake


@pytest.fixture(scope="module")
def pet() -> Volume:
    return load_series(SHARED / "pet-ge" / "image")[0]


def test_activity_becomes_uptake_by_body_weight(pet: Volume) -> None:
    shown = as_uptake("PET", Fetched(pet)).volume
    # the page on the real scans: SUVbw = Bq/ml x 0.00024290298, largest 66.5215
    assert shown.unit.startswith("SUV")
    assert float(shown.array.max()) == pytest.approx(66.5215, abs=1e-3)
    assert np.allclose(shown.array[64, 64], pet.array[64, 64] * 0.00024290298, rtol=1e-6)


def test_windows_are_scaled_with_the_values(pet: Volume) -> None:
    stored = replace(pet, windows=(Window(20000.0, 10000.0, "as stored"),))
    (window,) = as_uptake("PET", Fetched(stored)).volume.windows
    assert window.width == pytest.approx(20000 * 0.00024290298, rel=1e-6)
    assert window.level == pytest.approx(10000 * 0.00024290298, rel=1e-6)


def test_what_is_missing_is_said_and_the_activity_is_shown(pet: Volume, tmp_path: Path) -> None:
    import pydicom

    dataset = pydicom.dcmread(pet.files[0])
    del dataset.PatientWeight
    dataset.save_as(tmp_path / "1.dcm")
    fetched = as_uptake("PET", Fetched(replace(pet, files=(str(tmp_path / "1.dcm"),)), ("an earlier word",)))
    assert fetched.volume.unit == pet.unit
    assert fetched.notices[0] == "an earlier word"
    assert fetched.notices[1].startswith(f"Scan 'PET' is shown in {pet.unit}. Uptake values (SUV) cannot be calculated")
    assert "weight" in fetched.notices[1]


def test_other_scans_stay_as_they_are(pet: Volume) -> None:
    fetched = Fetched(replace(pet, modality="CT"))
    assert as_uptake("CT", fetched) is fetched


def test_windows_chosen_in_another_unit_are_forgotten_also_where_the_scan_is_laid_over(qapp):
    chosen = Window(20000.0, 10000.0)
    keys = ("t", "own"), ("t", "over"), ("t", "other")
    looks = (ViewportLook("PET", window=chosen), ViewportLook("CT", window=chosen, fused="PET", fused_window=chosen),
             ViewportLook("CT", window=chosen, fused="MR", fused_window=chosen))  # fmt: skip
    document = Document(State(look=Look(viewports=dict(zip(keys, looks, strict=True)))))
    scan = Volume(np.zeros((2, 2, 2), np.float32), Grid((2, 2, 2), np.eye(4)), modality="PT", unit="Bq/ml")
    document.add_volume(("t", "PET"), scan)
    queue = ScanQueue({}, None, None, document)  # type: ignore[arg-type]
    queue._forget_windows(("t", "PET"), "SUVbw")
    own, over, other = (document.state.look.viewports[key] for key in keys)
    assert (own.window, over.window, over.fused_window) == (None, chosen, None)
    assert (other.window, other.fused_window) == (chosen, chosen)
