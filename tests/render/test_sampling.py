"""Where each pixel reads: by hand, and against SimpleITK's resampling of the same plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from tests.data import SHARED
from tests.render.volumes import counting, turned
from viewr.imaging.series import load_series
from viewr.model.geometry import Grid, Plane, acquisition_plane, anatomical_plane
from viewr.model.volume import Volume, Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.sampling import slab_planes
from viewr.render.stack import build_stack

WINDOW = Window(100, 50)


def view_of(volume: Volume, plane: Plane, size: tuple[int, int], mm: float, **fields: object) -> SliceView:
    return SliceView(volume, plane, size, mm, WINDOW, **fields)  # type: ignore[arg-type]


def by_sitk(view: SliceView) -> np.ndarray:
    """The same picture by SimpleITK; NaN outside."""
    grid = view.volume.grid
    image = sitk.GetImageFromArray(np.ascontiguousarray(view.volume.array.T))
    image.SetSpacing([float(s) for s in grid.spacing])
    image.SetOrigin(grid.affine[:3, 3].tolist())
    image.SetDirection(grid.directions.reshape(-1).tolist())
    resample = sitk.ResampleImageFilter()
    resample.SetSize([*view.size, 1])
    resample.SetOutputSpacing([view.mm_per_pixel, view.mm_per_pixel, 1.0])
    resample.SetOutputOrigin(view.to_lps((0.5, 0.5)).tolist())
    axes = np.stack([view.plane.right, view.plane.down, view.plane.normal], axis=1)
    resample.SetOutputDirection(axes.reshape(-1).tolist())
    resample.SetOutputPixelType(sitk.sitkFloat64)
    resample.SetDefaultPixelValue(-99999)
    resample.SetInterpolator(sitk.sitkNearestNeighbor if view.interpolation == "nearest" else sitk.sitkLinear)
    result = sitk.GetArrayFromImage(resample.Execute(image))[0]
    return np.where(result == -99999, np.nan, result)


def assert_same(view: SliceView, tolerance: float = 0.0) -> None:
    """Equal everywhere but at pixels that lie on an edge between voxels to within rounding."""
    mine, theirs = CpuRenderer().sample(view), by_sitk(view)
    differs = ~np.isclose(mine, theirs, rtol=0, atol=max(tolerance, 1e-9), equal_nan=True)
    assert differs.mean() <= 0.002, f"{differs.mean():.2%} of the pixels differ"
    if differs.any():
        rows, columns = np.nonzero(differs)
        index = view.volume.grid.to_ijk(view.to_lps(np.stack([columns + 0.5, rows + 0.5], axis=1)))
        from_edge = np.abs(np.abs(index - np.floor(index)) - 0.5).min(axis=1)
        assert from_edge.max() < 1e-4


def test_a_pixel_for_a_voxel_shows_the_slice_itself():
    volume = counting()
    stack = build_stack(volume, "Transversal")
    view = view_of(volume, stack.plane(stack.count - 1), (4, 3), 1.0)
    expected = [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]
    assert CpuRenderer().sample(view).tolist() == expected


def test_two_pixels_for_a_voxel_repeat_it():
    volume = counting((2, 2, 1))
    view = view_of(volume, build_stack(volume, "Transversal").plane(0), (4, 4), 0.5)
    assert CpuRenderer().sample(view).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [10, 10, 11, 11], [10, 10, 11, 11]]


def test_linear_between_two_voxels_by_hand():
    volume = counting((2, 1, 1))
    view = view_of(volume, build_stack(volume, "Transversal").plane(0), (4, 1), 0.5, interpolation="linear")
    # pixel centres at voxel positions -0.25, 0.25, 0.75, 1.25; the edge voxel holds to its border
    assert CpuRenderer().sample(view)[0].tolist() == [0.0, 0.25, 0.75, 1.0]


def test_outside_is_not_a_number_and_black():
    volume = counting((2, 2, 1))
    view = view_of(volume, build_stack(volume, "Transversal").plane(0), (4, 4), 1.0)
    sample = CpuRenderer().sample(view)
    assert np.isnan(sample).sum() == 12
    assert not np.isnan(sample[1:3, 1:3]).any()
    for inverted in (False, True):
        picture = CpuRenderer().picture(replace(view, inverted=inverted))
        assert picture.pixelColor(0, 0).getRgb() == (0, 0, 0, 255)


def test_positions_of_pixels_are_those_of_the_mouse():
    volume = counting((4, 3, 2), turned())
    view = view_of(volume, anatomical_plane("Coronal", volume.grid.center_lps), (60, 40), 0.2)
    sample = CpuRenderer().sample(view)
    for x, y in ((30, 20), (25, 22), (33, 17)):
        i, j, k = np.floor(volume.grid.to_ijk(view.to_lps((x + 0.5, y + 0.5))) + 0.5).astype(int)
        assert sample[y, x] == i + 10 * j + 100 * k
    points = np.array([(1.5, 2.5), (59.0, 0.0)])
    assert np.allclose(view.to_uv(view.to_lps(points)), points)


@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
@pytest.mark.parametrize("patient", [False, True])
def test_turned_grid_as_simpleitk(orientation, interpolation, patient):
    rng = np.random.default_rng(3)
    array = np.asfortranarray(rng.integers(-500, 500, (31, 27, 19), dtype=np.int16))
    volume = Volume(array, Grid(array.shape, turned()), "MR")
    make = anatomical_plane if patient else lambda o, c: acquisition_plane(volume.grid, o, c)
    plane = make(orientation, volume.grid.center_lps + np.array([1.3, -0.7, 2.1]))
    assert_same(view_of(volume, plane, (90, 70), 0.47, interpolation=interpolation), 1e-3)


@pytest.mark.parametrize("order", ["C", "F", "view"])
def test_memory_order_does_not_matter(order):
    volume = counting((9, 8, 7), turned())
    array = volume.array
    other = {"C": np.ascontiguousarray(array), "F": np.asfortranarray(array),
             "view": np.repeat(array, 2, axis=0)[::2]}[order]  # fmt: skip
    plane = Plane(volume.grid.center_lps, np.array([0.6, 0.8, 0]), np.array([-0.48, 0.36, 0.8]))
    for interpolation in ("nearest", "linear"):
        view = view_of(volume, plane, (40, 30), 0.5, interpolation=interpolation)
        turned_view = replace(view, volume=replace(volume, array=other))
        assert np.array_equal(CpuRenderer().sample(view), CpuRenderer().sample(turned_view), equal_nan=True)


@pytest.mark.parametrize("name", ["ct-chest-philips", "mr-t1-philips"])
@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
def test_real_scans_as_simpleitk(name, orientation, interpolation, scans):
    volume = scans[name]
    stack = build_stack(volume, orientation)
    mm = max(stack.extent) / 300
    for index in (stack.count // 4, stack.count // 2):
        plane = stack.plane(index, pan_mm=(3.3, -7.1))
        assert_same(view_of(volume, plane, (310, 280), mm, interpolation=interpolation), 0.05)


def test_real_scan_along_the_patient_as_simpleitk(scans):
    volume = scans["mr-t1-philips"]
    stack = build_stack(volume, "Coronal", anatomical=True)
    view = view_of(volume, stack.plane(stack.count // 2), (256, 256), 1.0, interpolation="linear")
    assert_same(view, 0.05)


@pytest.fixture(scope="module")
def scans():
    return {name: load_series(SHARED / name)[0] for name in ("ct-chest-philips", "mr-t1-philips")}


def test_uneven_slices_show_what_lies_there():
    positions = np.array([(0, 0, z) for z in (0.0, 1.0, 5.0)], float)
    affine = np.diag([1, 1, 2.5, 1.0])
    base = counting((3, 3, 3))
    volume = replace(base, grid=Grid((3, 3, 3), affine, positions))
    plane = anatomical_plane("Coronal", (1.0, 1.0, 2.6))
    sample = CpuRenderer().sample(view_of(volume, plane, (1, 9), 1.0))[:, 0]
    # heights 6.6, 5.6 ... -1.4; slices at 5, 1 and 0, so the edges between them at 3 and 0.5, the ends at 7 and -0.5
    assert ((sample[:8] - 11) / 100).tolist() == [2, 2, 2, 2, 1, 1, 1, 0]
    assert np.isnan(sample[8])


def test_slabs_take_the_slices_around():
    volume = counting((2, 2, 5))
    stack = build_stack(volume, "Transversal")
    middle = stack.plane(2)
    for projection, k in (("max", 3), ("min", 1), ("mean", 2)):
        view = view_of(volume, middle, (2, 2), 1.0, projection=projection, slab_slices=3)
        assert CpuRenderer().sample(view).tolist() == [[100 * k, 100 * k + 1], [100 * k + 10, 100 * k + 11]]


def test_oblique_slab_leaves_out_what_lies_outside():
    volume = counting((6, 6, 6), turned(20))
    plane = anatomical_plane("Sagittal", volume.grid.center_lps)
    single = CpuRenderer().sample(view_of(volume, plane, (40, 40), 0.5))
    slab = CpuRenderer().sample(view_of(volume, plane, (40, 40), 0.5, projection="max", slab_slices=3))
    there = ~np.isnan(single)
    assert np.all(slab[there] >= single[there])
    assert np.isnan(slab).sum() < np.isnan(single).sum()


def test_first_time_point_of_a_series_in_time():
    base = counting((3, 3, 2))
    array = np.stack([base.array, base.array + 500], axis=-1)
    volume = replace(base, array=array, axes=("time",))
    stack = build_stack(volume, "Transversal")
    assert CpuRenderer().sample(view_of(volume, stack.plane(1), (3, 3), 1.0)).max() == 22


@pytest.mark.parametrize("axes", [("time",), ("time", "echo"), ("time", "channel")])
def test_any_point_of_the_named_axes_is_shown(axes):
    base = counting((3, 3, 2))
    shape = tuple({"time": 3, "echo": 2, "channel": 3}[name] for name in axes)
    array = base.array.reshape(3, 3, 2, *(1,) * len(axes)) + 1000 * np.arange(3).reshape(3, *(1,) * (len(axes) - 1))
    array = np.broadcast_to(array, (3, 3, 2, *shape)).astype(np.int16)
    volume = replace(base, array=array, axes=axes)
    stack = build_stack(volume, "Transversal")
    renderer = CpuRenderer()
    for frame, time in (((), 0), ((1,), 1), ((2, 1), 2), ((9, 9), 2), ((-4,), 0)):
        view = view_of(volume, stack.plane(1), (3, 3), 1.0, frame=frame)
        sample = renderer.sample(view)
        assert sample.max() == 22 + 1000 * time
        assert sample.ndim == (3 if "channel" in axes else 2)


def test_the_next_frame_is_not_taken_for_the_one_before():
    base = counting((3, 3, 2))
    volume = replace(base, array=np.stack([base.array * 0, base.array * 0 + 100], axis=-1), axes=("time",))
    renderer = CpuRenderer()
    view = view_of(volume, build_stack(volume, "Transversal").plane(0), (3, 3), 1.0)
    greys = [renderer.picture(replace(view, frame=(number,))).pixelColor(1, 1).red() for number in (0, 1, 0)]
    assert greys == [0, 255, 0]


def test_no_copy_of_the_volume_is_made():
    import tracemalloc

    volume = counting((200, 200, 100))
    stack = build_stack(volume, "Sagittal")
    renderer = CpuRenderer()
    tracemalloc.start()
    renderer.picture(view_of(volume, stack.plane(100), (200, 200), 1.0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < volume.array.nbytes / 4


def test_a_slab_along_an_axis_equals_one_sampled_slice_by_slice():
    """Nearest voxels: projecting first and sampling first are the same, for both directions of the normal."""
    rng = np.random.default_rng(3)
    grid = Grid((7, 6, 9), np.diag([1.0, 1.5, -2.0, 1.0]))
    volume = Volume(np.asfortranarray(rng.integers(-50, 50, grid.shape, np.int16)), grid)
    for orientation in ("Transversal", "Coronal", "Sagittal"):
        plane = acquisition_plane(grid, orientation, grid.center_lps)
        for projection, join in (("max", np.fmax), ("min", np.fmin)):
            view = view_of(volume, plane, (12, 12), 0.7, projection=projection, slab_slices=4)
            expected = np.full((12, 12), np.nan)
            for single in slab_planes(grid, plane, 4):
                expected = join(expected, CpuRenderer().sample(view_of(volume, single, (12, 12), 0.7)))
            np.testing.assert_array_equal(CpuRenderer().sample(view), expected)
