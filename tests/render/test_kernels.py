"""Cubic interpolation against VTK's, and what is left of thin lines in small pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.render.volumes import turned
from viewr.model.geometry import Grid, Plane, anatomical_plane
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.kernels import taps
from viewr.render.reslice import reslice
from viewr.render.sampling import normal_step, slab_planes
from viewr.render.shade import window_levels
from viewr.render.slabs import squeeze


def noise(affine: np.ndarray, dtype: str = "i2", order: str = "F") -> Volume:
    values = np.random.default_rng(5).integers(0, 250, (24, 21, 13)).astype(dtype, order=order)  # type: ignore[call-overload]
    return Volume(values, Grid(values.shape, affine), "CT")


def view_of(volume: Volume, plane: Plane, interpolation: str, mm: float = 0.4) -> SliceView:
    return SliceView(volume, plane, (70, 60), mm, Window(250, 125), interpolation=interpolation)  # type: ignore[arg-type]


def vtk_values(view: SliceView) -> np.ndarray:
    found = reslice(view.volume.array, view.volume.grid, view.plane, view.size, view.mm_per_pixel, view.interpolation)
    assert found is not None
    values, _, _, inside = found
    return values if inside is None else np.where(inside, values, np.nan)


@pytest.mark.parametrize("affine", [turned(), np.diag([-0.8, 1.1, 2.5, 1.0])])
@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize("order", ["F", "C"])
def test_values_as_vtk_gives_them(affine, interpolation, order):
    volume = noise(affine)
    plane = anatomical_plane("Coronal", volume.grid.center_lps + np.array([0.3, 0.4, 0.2]))
    view = view_of(volume, plane, interpolation)
    mine = CpuRenderer().sample(replace(view, volume=noise(affine, order=order)))
    assert 0.3 < np.isfinite(mine).mean() <= 1
    np.testing.assert_allclose(mine, vtk_values(view), rtol=0, atol=0.03)


def test_cubic_by_hand():
    volume = Volume(np.array([0, 0, 100, 0, 0], np.int16).reshape(5, 1, 1), Grid((5, 1, 1), np.eye(4)), "CT")
    plane = Plane(np.array([2.0, 0, 0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    view = SliceView(volume, plane, (10, 1), 0.5, Window(100, 50), interpolation="cubic")
    # Keys, a = -0.5: at 0.25 of a voxel 0.8671875, 0.75: 0.2265625, 1.25: -0.0703125, 1.75: -0.0234375
    half = [0, -2.34375, -7.03125, 22.65625, 86.71875]
    np.testing.assert_allclose(CpuRenderer().sample(view)[0], half + half[::-1], atol=1e-4)


def test_cubic_goes_through_the_voxels():
    volume = noise(np.eye(4))
    plane = anatomical_plane("Transversal", (11.5, 10.0, 6.0))
    views = [SliceView(volume, plane, (24, 21), 1.0, Window(1, 0), interpolation=kind) for kind in ("nearest", "cubic")]  # type: ignore[arg-type]
    nearest, cubic = (CpuRenderer().sample(view) for view in views)
    np.testing.assert_allclose(nearest, cubic, atol=1e-3)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize("apart", [0.3, 1.0, 1.9, 2.5, 6.7])
@pytest.mark.parametrize("averaged", [False, True])
def test_weights_of_a_pixel_sum_to_one(interpolation, apart, averaged):
    index, weights = taps(np.arange(-0.4, 39, apart), 40, interpolation, averaged).table
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert index.min() >= 0
    assert index.max() < 40


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_thin_lines_do_not_fall_between_the_pixels_of_a_small_picture(interpolation):
    width = 400
    array = np.zeros((width, 40, 1), np.uint16)
    grid = Grid(array.shape, np.eye(4))
    plane = Plane(grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    peaks = []
    for at in range(100, 107):
        array[:] = 0
        array[at] = 700
        view = SliceView(Volume(array, grid, "MG"), plane, (57, 5), 7.0, Window(1, 0), interpolation=interpolation)
        row = CpuRenderer().sample(view)[2]
        peaks.append(row.max())
        np.testing.assert_allclose(row.sum(), 100, rtol=0.2)  # 700 in one of seven columns
    assert min(peaks) > 45
    # By nearest the line is there or not, as it is asked for.
    near = CpuRenderer().sample(replace(view, interpolation="nearest"))[2]
    assert set(near) <= {0.0, 700.0}


def test_a_picture_of_two_voxels_a_pixel_is_not_blurred():
    volume = noise(np.eye(4))
    plane = anatomical_plane("Transversal", (11.5, 10.0, 6.0))
    view = SliceView(volume, plane, (12, 10), 2.0, Window(1, 0), interpolation="linear")
    array = volume.array.astype(float)[:, :, 6]
    # pixel (x, y) is centred on voxel positions 2 x + 0.5 and 2 y + 1
    expected = [[array[2 * x : 2 * x + 2, 2 * y + 1].mean() for x in range(12)] for y in range(10)]
    np.testing.assert_allclose(CpuRenderer().sample(view), expected, atol=1e-3)


@pytest.mark.parametrize("apart", [2.7, 6.7])
def test_a_small_picture_of_a_projection_is_the_weighted_mean_of_its_voxels(apart):
    values = np.random.default_rng(8).integers(0, 65536, (310, 450, 1)).astype(np.uint16, order="F")
    volume = Volume(values, Grid(values.shape, np.eye(4)), "MG")
    size = int(310 / apart) - 1, int(450 / apart) - 1
    plane = Plane(volume.grid.center_lps + np.array([0.4, -0.3, 0]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    view = SliceView(volume, plane, size, apart, Window(65536, 32768), interpolation="linear")
    weights = []
    for axis in (0, 1):
        at = (np.arange(size[axis]) + 0.5 - size[axis] / 2) * apart + plane.center[axis]
        share = np.maximum(1 - np.abs(at[:, None] - np.arange(-20, values.shape[axis] + 20)) / (apart - 1), 0)
        # The outermost voxels count again beyond the border.
        inner = share[:, 20:-20]
        inner[:, 0] += share[:, :20].sum(axis=1)
        inner[:, -1] += share[:, -20:].sum(axis=1)
        weights.append(inner / inner.sum(axis=1, keepdims=True))
    expected = weights[1] @ values[..., 0].T.astype(float) @ weights[0].T
    np.testing.assert_allclose(CpuRenderer().sample(view), expected, rtol=0, atol=0.05)


def test_a_voxel_without_a_number_spoils_only_the_pixels_around_it():
    values = np.asfortranarray(np.random.default_rng(9).normal(size=(60, 50, 1)).astype(np.float32))
    plane = anatomical_plane("Transversal", (29.5, 24.5, 0))
    views = []
    for hole in (0.0, np.nan):
        values = values.copy(order="F")
        values[30, 20] = hole
        volume = Volume(values, Grid(values.shape, np.eye(4)), "PT")
        views.append(SliceView(volume, plane, (240, 200), 0.25, Window(4, 0), interpolation="cubic"))
    whole, spoilt = (CpuRenderer().sample(view) for view in views)
    rows, columns = np.nonzero(np.isnan(spoilt))
    assert (rows.min() // 4, rows.max() // 4, columns.min() // 4, columns.max() // 4) == (18, 22, 28, 32)
    numbers = ~np.isnan(spoilt)
    np.testing.assert_allclose(spoilt[numbers], whole[numbers], atol=1e-5)


def test_colour_is_interpolated_channel_by_channel():
    colours = np.random.default_rng(2).integers(0, 255, (24, 21, 13, 3)).astype(np.uint8)
    volume = Volume(colours, Grid(colours.shape[:3], turned()), "US", axes=("channel",))
    plane = anatomical_plane("Sagittal", volume.grid.center_lps)
    for interpolation in ("linear", "cubic"):
        mine = CpuRenderer().sample(view_of(volume, plane, interpolation))
        for channel in range(3):
            single = Volume(colours[..., channel], volume.grid, "US")
            theirs = CpuRenderer().sample(view_of(single, plane, interpolation))
            np.testing.assert_allclose(mine[..., channel], theirs, atol=1e-3)


@pytest.mark.parametrize("projection", ["max", "min", "mean"])
@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
def test_paging_an_oblique_slab_shows_what_a_fresh_one_does(projection, interpolation):
    volume = noise(turned())
    plane = anatomical_plane("Coronal", volume.grid.center_lps)
    step = normal_step(volume.grid, plane)
    renderer = CpuRenderer(reuse=True)
    for number in (0, 1, 2, -1, 5):
        moved = Plane(plane.center + number * step * plane.normal, plane.right, plane.down)
        view = replace(view_of(volume, moved, interpolation), projection=projection, slab_slices=5)
        layers = [CpuRenderer().sample(replace(view, plane=one, projection="none"))
                  for one in slab_planes(volume.grid, moved, 5)]  # fmt: skip
        expected = {"max": np.fmax, "min": np.fmin}.get(projection, np.fmax).reduce(layers)
        if projection == "mean":
            there = np.isfinite(layers)
            expected = np.where(there, layers, 0).sum(axis=0) / np.where(there.any(axis=0), there.sum(axis=0), np.nan)
        np.testing.assert_allclose(CpuRenderer().sample(view), expected, atol=1e-3)
        shown = np.frombuffer(renderer.picture(view).constBits(), np.uint32).reshape(60, 70) & 255
        levels = window_levels(expected, view.window, False)
        assert np.abs(shown.astype(int) - levels).max() <= 1


def test_slabs_through_the_rows_of_memory_equal_numpys_own():
    values = np.asfortranarray(np.random.default_rng(1).integers(-9, 9, (6, 5, 4, 2)).astype(np.int16))
    for array in (values, values[..., 0], np.ascontiguousarray(values)):
        for axis in range(3):
            np.testing.assert_array_equal(squeeze(array, axis, "max"), array.max(axis=axis, keepdims=True))
            np.testing.assert_array_equal(squeeze(array, axis, "min"), array.min(axis=axis, keepdims=True))
            np.testing.assert_allclose(squeeze(array, axis, "mean"), array.mean(axis=axis, keepdims=True))
