"""Millimetres of projection images: what the elements say of them (DICOM PS3.3 10.7.1.3)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.imaging.make import slice_file
from viewr.imaging.series import load_series
from viewr.widgets.slice_view_texts import scale_note


@pytest.mark.parametrize(("elements", "spacing", "note"), [
    ({"ImagerPixelSpacing": [0.2, 0.2]}, 0.2, "at detector"),
    ({"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.2, 0.2]}, 0.2, "at detector"),
    # 0.2 mm at a detector behind a patient who is magnified 1.25 times: 0.16 mm
    ({"ImagerPixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": "1.25"}, 0.16, "estimate"),
    ({"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.16, 0.16]}, 0.16, "calibrated"),
    ({"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.16, 0.16], "PixelSpacingCalibrationType": "GEOMETRY"},
     0.16, "calibrated"),
    ({"PixelSpacing": [0.16, 0.16], "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.16, "calibrated"),
    ({"PixelSpacing": [0.16, 0.16]}, 0.16, "at detector?"),
    ({"NominalScannedPixelSpacing": [0.1, 0.1]}, 0.1, "on film"),
    ({}, 1.0, None),
])  # fmt: skip
def test_where_millimetres_come_from_is_said_beside_them(tmp_path: Path, elements, spacing, note) -> None:
    slice_file(tmp_path, np.zeros((8, 9), np.uint16), None, Modality="DX", **elements)
    [volume] = load_series(tmp_path)
    assert volume.spacing[:2] == pytest.approx((spacing, spacing))
    assert scale_note(volume) == note


def test_a_slice_with_a_place_in_the_patient_is_measured_there_whatever_its_modality(tmp_path: Path) -> None:
    slice_file(tmp_path, np.zeros((8, 9), np.uint16), (0, 0, 0), Modality="XA", spacing=(0.4, 0.4))
    [volume] = load_series(tmp_path)
    assert scale_note(volume) == ""
