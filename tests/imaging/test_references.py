"""Every real scan against numbers found with other programs (dcm2niix, SimpleITK, nibabel, pydicom)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series
from viewr.model.volume import Volume

pytestmark = needs_real_scans

REFERENCES: dict[str, Any] = json.loads((SHARED / "references.json").read_text()) if SHARED.is_dir() else {}
SERIES: dict[str, Any] = REFERENCES.get("series", {})
#: One affine fits these slices to 0.05 mm only; so says the README.
LOOSE = {"pet-ge": 0.05}
FLIP = np.diag([-1.0, -1.0, 1.0, 1.0])


@cache
def volumes(path: str) -> tuple[Volume, ...]:
    return tuple(load_series(SHARED / path))


def the_volume(name: str) -> Volume:
    """The volume of a series that the reference describes: the first, or the longest."""
    path = SERIES[name].get("path", name)
    found = [v for v in volumes(path) if v.modality not in ("", "RTDOSE")]
    return max(found, key=lambda v: (v.array.ndim, v.grid.shape[2], v.part == "magnitude"))


def with_key(key: str) -> list[str]:
    return [name for name, entry in SERIES.items() if key in entry]


@pytest.mark.parametrize("name", with_key("affine_lps_col_row_slice"))
def test_affine_is_that_of_the_reference(name: str) -> None:
    volume = the_volume(name)
    expected = np.array(SERIES[name]["affine_lps_col_row_slice"])
    corners = np.array([[i, j, k] for i in (0, volume.grid.shape[0] - 1) for j in (0, volume.grid.shape[1] - 1)
                        for k in (0, volume.grid.shape[2] - 1)], float)
    if volume.grid.slice_positions is None:
        there = corners @ expected[:3, :3].T + expected[:3, 3]
        assert_allclose(volume.grid.to_lps(corners), there, atol=LOOSE.get(name, 0.01))
    else:
        # The reference draws a line from the first to the last slice; in between every slice has its own place.
        ends = [SERIES[name]["first_position_lps"], SERIES[name]["last_position_lps"]]
        assert_allclose(volume.grid.to_lps([[0, 0, 0], [0, 0, volume.grid.shape[2] - 1]]), ends, atol=0.01)


@pytest.mark.parametrize("name", with_key("slice_gaps_mm"))
def test_gaps_between_slices(name: str) -> None:
    volume = the_volume(name)
    if name in LOOSE:
        assert any("not quite even (3.19 to 3.29 mm)" in words for words in volume.warnings)
        return
    k = np.arange(volume.grid.shape[2], dtype=float)
    places = volume.grid.to_lps(np.stack([0 * k, 0 * k, k], axis=1)) @ volume.grid.normal
    expected = sorted(float(gap) for gap, count in SERIES[name]["slice_gaps_mm"].items() for _ in range(count))
    assert_allclose(sorted(np.diff(places)), expected, atol=0.01)


@pytest.mark.parametrize("name", with_key("value_min"))
def test_extreme_values(name: str) -> None:
    found = [v for v in volumes(SERIES[name].get("path", name)) if v.modality == SERIES[name].get("modality", "")]
    assert min(float(v.array.min()) for v in found) == pytest.approx(SERIES[name]["value_min"], rel=1e-6)
    assert max(float(v.array.max()) for v in found) == pytest.approx(SERIES[name]["value_max"], rel=1e-6)


@pytest.mark.parametrize("name", with_key("series_instance_uid"))
def test_names_the_series(name: str) -> None:
    assert the_volume(name).series_uid == SERIES[name]["series_instance_uid"]
    assert the_volume(name).modality == SERIES[name]["modality"]


def probes() -> list[tuple[str, int]]:
    return [(name, n) for name, entry in SERIES.items() for n, nifti in enumerate(_niftis(entry)) if "probes" in nifti]


def _niftis(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [*entry.get("nifti", []), *entry.get("stacks", [])]


@pytest.mark.parametrize(("name", "n"), probes())
def test_probe_voxels_lie_where_they_should_and_hold_their_value(name: str, n: int) -> None:
    nifti = _niftis(SERIES[name])[n]
    affine_lps = FLIP @ np.array(nifti["affine_ras"])
    matching = [v for v in volumes(SERIES[name].get("path", name)) if _same_voxels(v, nifti, affine_lps)]
    assert matching, "no volume has the shape of the reference"
    misses = [_worst(volume, nifti, affine_lps) for volume in matching]
    off, value = min(misses)
    assert off <= 0.05
    assert value <= 1e-3 * max(1.0, abs(nifti["max"])) * 0.01


def _same_voxels(volume: Volume, nifti: dict[str, Any], affine_lps: np.ndarray) -> bool:
    same_axes = sorted(volume.grid.shape) == sorted(nifti["shape"][:3])
    named = [size for size, name in zip(volume.array.shape[3:], volume.axes, strict=True) if name != "channel"]
    ends = np.array([[0, 0, 0], np.array(nifti["shape"][:3]) - 1], float) @ affine_lps[:3, :3].T + affine_lps[:3, 3]
    return (same_axes and list(named) == nifti["shape"][3:] and volume.modality != ""
            and all(volume.grid.contains(end) for end in ends))


def _first_group(nifti: dict[str, Any]) -> int:
    """Which point of the file's own fourth axis the probes were taken from; dcm2niix reorders diffusion series."""
    agreement = nifti.get("agreement")
    return agreement[0].get("frame_group", 0) if isinstance(agreement, list) else 0


def _worst(volume: Volume, nifti: dict[str, Any], affine_lps: np.ndarray) -> tuple[float, float]:
    """Largest distance (mm) of a probe from a voxel centre, and largest difference of values."""
    off, different = 0.0, 0.0
    for probe in nifti["probes"]:
        index = np.array(probe["ijk"][:3], float)
        lps = affine_lps[:3, :3] @ index + affine_lps[:3, 3]
        assert_allclose(lps * [-1, -1, 1], probe["ras_mm"], atol=0.01)
        ijk = np.rint(volume.grid.to_ijk(lps)).astype(int)
        off = max(off, float(np.linalg.norm(volume.grid.to_lps(ijk) - lps)))
        value = volume.array[tuple(ijk)].ravel()[_first_group(nifti)]
        different = max(different, abs(float(value) - probe["value"]))
    return off, different
