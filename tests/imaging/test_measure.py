"""Statistics under an ellipse, against voxels counted by hand and by SimpleITK."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from viewr.imaging.measure import curve_in, ellipse_values, measured_values
from viewr.model.geometry import Grid
from viewr.model.measure import Measure, measure_value, read_measure
from viewr.model.result import json_value
from viewr.model.volume import Volume

UP = (0.0, 0.0, 1.0)


def volume(array: np.ndarray, affine: np.ndarray | None = None, **fields) -> Volume:
    grid = Grid(array.shape[:3], np.eye(4) if affine is None else affine, fields.pop("positions", None))
    return Volume(array, grid, unit="HU", **fields)


def by_name(values) -> dict[str, float]:
    return {value.name: value.number for value in values}


def test_a_circle_of_radius_1_holds_five_voxels_of_its_slice():
    array = np.zeros((5, 5, 3), np.int16)
    array[:, :, 1] = np.arange(25).reshape(5, 5)
    values = by_name(ellipse_values(volume(array), (), (2, 2, 1), (3, 2, 1), (2, 3, 1), normal=UP))
    # voxels 7, 11, 12, 13, 17: mean 12, variance (25 + 1 + 0 + 1 + 25) / 4
    assert values == pytest.approx({"Mean": 12, "SD": np.sqrt(13), "Min": 7, "Max": 17, "Voxels": 5})


def test_half_of_an_ellipse_outside_of_the_volume_does_not_count():
    array = np.full((5, 5, 1), 7, np.int16)
    values = by_name(ellipse_values(volume(array), (), (0, 2, 0), (1, 2, 0), (0, 3, 0), normal=UP))
    assert (values["Voxels"], values["Mean"]) == (4, 7)


def test_an_ellipse_outside_of_the_volume_has_no_statistics():
    array = np.full((5, 5, 1), 7, np.int16)
    assert ellipse_values(volume(array), (), (50, 2, 0), (51, 2, 0), (50, 3, 0), normal=UP) == ()


def test_values_that_are_no_numbers_do_not_count():
    array = np.full((5, 5, 1), 7, np.float32)
    array[2, 2] = np.nan
    array[2, 1] = np.inf
    values = by_name(ellipse_values(volume(array), (), (2, 2, 0), (3, 2, 0), (2, 3, 0), normal=UP))
    assert (values["Voxels"], values["Max"]) == (3, 7)


def test_uneven_slices_are_found_by_their_own_position():
    array = np.zeros((5, 5, 3), np.int16)
    array[:, :, 2] = 9
    positions = np.array([(0, 0, 0), (0, 0, 1), (0, 0, 5)], float)
    affine = np.diag([1, 1, 2.5, 1])
    values = by_name(ellipse_values(volume(array, affine, positions=positions), (), (2, 2, 5), (3, 2, 5), (2, 3, 5),
                                    normal=UP))  # fmt: skip
    assert (values["Voxels"], values["Min"]) == (5, 9)


def test_a_point_in_time_has_its_own_statistics():
    array = np.zeros((5, 5, 1, 3), np.int16)
    array[..., 2] = 4
    values = by_name(ellipse_values(volume(array, axes=("time",)), (2,), (2, 2, 0), (3, 2, 0), (2, 3, 0), normal=UP))
    assert values["Mean"] == 4


def test_statistics_equal_those_of_simpleitk_on_an_oblique_anisotropic_grid():
    rng = np.random.default_rng(5)
    array = np.asfortranarray(rng.integers(-1000, 1000, (40, 30, 9)).astype(np.int16))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn * (0.7, 0.9, 3.0), (5, -8, 20)
    scan = volume(array, affine)
    center = scan.grid.to_lps((20, 14, 4))
    first, second = center + 6.3 * turn[:, 0], center + 4.1 * turn[:, 1]
    values = by_name(ellipse_values(scan, (), tuple(center), tuple(first), tuple(second), normal=tuple(turn[:, 2])))
    image = sitk.GetImageFromArray(array.transpose(2, 1, 0))
    i, j, k = np.meshgrid(*(np.arange(size) for size in array.shape), indexing="ij")
    mask = ((i - 20) * 0.7 / 6.3) ** 2 + ((j - 14) * 0.9 / 4.1) ** 2 <= 1
    label = sitk.GetImageFromArray((mask & (k == 4)).astype(np.uint8).transpose(2, 1, 0))
    statistics = sitk.LabelStatisticsImageFilter()
    statistics.Execute(image, label)
    assert values["Voxels"] == statistics.GetCount(1)
    assert values["Mean"] == pytest.approx(statistics.GetMean(1))
    assert values["SD"] == pytest.approx(statistics.GetSigma(1))


def test_a_probe_reads_the_voxel_under_it_and_colour_has_no_statistics():
    array = np.arange(27, dtype=np.int16).reshape(3, 3, 3)
    probe = Measure("probe", ((1.4, 0.6, 2.0),), (0, 0, 0), UP)
    assert [value.text for value in measured_values(probe, volume(array), (), "mm")] == ["14.0 HU"]
    colour = volume(np.zeros((3, 3, 3, 3), np.uint8), axes=("channel",))
    assert measured_values(probe, colour, (), "mm") == ()


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_probe_of_no_number_has_no_value_and_survives_the_result_file(odd):
    array = np.full((4, 4, 4), odd, np.float32)
    probe = Measure("probe", ((1.0, 1.0, 2.0),), (0, 0, 0), UP)
    probe = replace(probe, values=measured_values(probe, volume(array), (), "mm"))
    assert read_measure(json_value(measure_value(probe))) == probe


def test_padding_does_not_count_and_is_told():
    array = np.zeros((5, 5, 3), np.int16)
    array[:, :, 1] = np.arange(25).reshape(5, 5)
    array[2, 1, 1], array[1, 2, 1] = -2000, -1990  # of voxels 7, 11, 12, 13, 17 the second and the first
    padded = volume(array, padding=(-2000.0, -1990.0))
    values = by_name(ellipse_values(padded, (), (2, 2, 1), (3, 2, 1), (2, 3, 1), normal=UP))
    # 12, 13, 17: mean 14, variance (4 + 1 + 9) / 2
    assert values == pytest.approx(
        {"Mean": 14, "SD": np.sqrt(7), "Min": 12, "Max": 17, "Voxels": 3, "Padding left out": 2}
    )
    without = by_name(ellipse_values(volume(array), (), (2, 2, 1), (3, 2, 1), (2, 3, 1), normal=UP))
    assert (without["Voxels"], without["Min"]) == (5, -2000)


def test_where_all_is_padding_there_are_no_statistics():
    array = np.full((5, 5, 1), -2000, np.int16)
    padded = volume(array, padding=(-2000.0, -2000.0))
    values = by_name(ellipse_values(padded, (), (2, 2, 0), (3, 2, 0), (2, 3, 0), normal=UP))
    assert values == {"Voxels": 0, "Padding left out": 5}


def test_padding_is_found_in_values_that_were_rescaled_in_less_precision():
    low = -3276.8  # in float32 it is 0.00005 lower
    array = np.full((5, 5, 1), 7, np.float32)
    array[2, 2], array[2, 1] = low, low + 0.01
    padded = volume(array, padding=(low, low))
    values = by_name(ellipse_values(padded, (), (2, 2, 0), (3, 2, 0), (2, 3, 0), normal=UP))
    assert (values["Voxels"], values["Padding left out"]) == (4, 1)
    assert values["Min"] == pytest.approx(low + 0.01)


def test_curves_leave_padding_out_at_each_point():
    array = np.zeros((5, 5, 1, 3), np.int16)
    array[..., 0], array[..., 1] = 10, 20
    array[2, 2, 0, 1] = -2000
    array[..., 2] = -2000
    padded = volume(array, axes=("time",), padding=(-2000.0, -2000.0))
    ellipse = Measure("ellipse", ((2, 2, 0), (3, 2, 0), (2, 3, 0)), (2, 2, 0), UP)
    np.testing.assert_array_equal(curve_in(padded, (), 0, ellipse), [10, 20, np.nan])
