"""Windows nobody has chosen yet."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series
from viewr.imaging.window import CT_PRESETS, _percentiles, auto_window, default_window, full_window, presets
from viewr.model.geometry import Grid
from viewr.model.volume import Volume, Window


def volume(array: np.ndarray, **fields: object) -> Volume:
    return Volume(array, Grid(array.shape[:3], np.eye(4)), **fields)  # type: ignore[arg-type]


def test_auto_leaves_out_metal() -> None:
    values = np.zeros((100, 100, 10), np.int16)
    values[:] = np.arange(100)[:, None, None]
    values[50, 50, :5] = 30000
    window = auto_window(values)
    assert window.bounds[0] == pytest.approx(0, abs=2)
    assert window.bounds[1] == pytest.approx(99, abs=2)


def test_auto_ignores_padding_and_what_is_not_a_number() -> None:
    values = np.full((50, 50, 2), -2000.0, np.float32)
    values[10:40, 10:40] = np.linspace(0, 100, 30, dtype=np.float32)[:, None, None]
    values[0, 0, 0] = np.nan
    low, high = auto_window(values, padding=(-2000, -2000)).bounds
    assert low == pytest.approx(0, abs=4)
    assert high == pytest.approx(100, abs=4)


@pytest.mark.parametrize("value", [0, 7, -3])
def test_one_value_is_a_window_too(value: int) -> None:
    values = np.full((4, 4, 1), value, np.int16)
    assert auto_window(values) == Window(1.0, value, "Auto")
    assert full_window(values).level == value


def test_full_range() -> None:
    assert full_window(np.array([-5, 0, 20], np.int16)).bounds == (-5, 20)
    assert full_window(np.array([np.nan, 1, 3, np.inf], np.float32)).bounds == (1, 3)


def test_first_stored_then_preset_then_values() -> None:
    array = np.arange(8, dtype=np.int16).reshape(2, 2, 2)
    stored = Window(350, 50, "MEDIASTINUM")
    assert default_window(volume(array, windows=(stored, Window(1500, -600)), unit="HU")) == stored
    assert default_window(volume(array, unit="HU")) == Window(400, 40, "Soft tissue")
    assert default_window(volume(array)).name == "Auto"
    assert default_window(volume(array.astype(np.float32), unit="SUVbw")).bounds == (0, 5)
    assert presets(volume(array)) == ()


def test_presets_are_those_of_the_field() -> None:
    named = {window.name: (window.width, window.level) for window in CT_PRESETS}
    assert named["Lung"] == (1500, -600)
    assert named["Brain"] == (80, 40)
    assert named["Bone"] == (2000, 400)


@needs_real_scans
def test_stored_windows_of_real_scans() -> None:
    # Written -0450 and 02000, twice.
    assert load_series(SHARED / "ct-chest-philips")[0].windows == (Window(2000, -450, linear=True),)
    head = load_series(SHARED / "ct-head-tilt-ge")[0]
    assert head.windows == (Window(100, 35, linear=True), Window(85, 35, linear=True))


@pytest.mark.parametrize("size", [1, 2, 9, 1000])
def test_percentiles_are_those_of_numpy(size: int) -> None:
    values = np.random.default_rng(3).integers(-900, 900, size).astype(np.int16)
    low, high = _percentiles(values, 0.5, 99.5)
    assert [low, high] == pytest.approx(np.percentile(values, (0.5, 99.5)).tolist())
