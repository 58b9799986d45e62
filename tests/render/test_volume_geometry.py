"""The volume's camera, its reduced copy and the picking of places, on grids as scanners make them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.data import SHARED, needs_real_scans
from viewr.imaging.series import load_series
from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.volume import Volume, Window
from viewr.render.volume_camera import VolumeCamera, corners_of, whole_view
from viewr.render.volume_pick import pick, pick_maximum, ray_points, whole_box
from viewr.render.volume_presets import PRESETS, first_preset, presets_for, transfer_of, window_for
from viewr.render.volume_reduce import draft_of, reduce_volume


def oblique_left_handed(shear: float = 0.0) -> np.ndarray:
    """Turned about two axes, slices downwards (so left-handed), optionally with a gantry tilt."""
    a = np.deg2rad(30)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    tilt = np.array([[1, 0, 0], [0, 1, shear], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_x @ tilt @ np.diag([0.8, 1.1, -2.5])
    affine[:3, 3] = (-20, 13, 7)
    return affine


def ball_volume(grid: Grid, center_lps: np.ndarray, radius: float = 6.0) -> Volume:
    """Air with a ball of bone, and one brightest voxel in its middle."""
    index = np.stack(np.meshgrid(*[np.arange(size) for size in grid.shape], indexing="ij"), axis=-1)
    distance = np.linalg.norm(grid.to_lps(index.astype(float)) - center_lps, axis=-1)
    array = np.where(distance < radius, 1000, -1000).astype(np.int16)
    array[np.unravel_index(int(np.argmin(distance)), grid.shape)] = 1200
    return Volume(np.asfortranarray(array), grid, modality="CT", unit="HU")


GRIDS = {
    "upright": Grid((60, 50, 40), np.diag([1.0, 1.0, 1.5, 1.0])),
    "oblique": Grid((90, 70, 40), oblique_left_handed()),
    "tilted": Grid((90, 70, 40), oblique_left_handed(0.35)),
    "uneven": Grid((60, 50, 30), np.diag([1.0, 1.0, 2.0, 1.0]),
                   np.stack([np.zeros(30), 0.4 * np.arange(30), np.cumsum(1.0 + np.arange(30) / 15)], axis=1)),
}  # fmt: skip


def camera_on(grid: Grid, size: tuple[int, int] = (400, 300)) -> VolumeCamera:
    return whole_view(grid.to_lps(corners_of(grid.shape)), size).turned(0.7, 0.4)


# --- the camera ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter", "towards_reader"),
    [("A", (0, -1, 0)), ("P", (0, 1, 0)), ("L", (1, 0, 0)), ("R", (-1, 0, 0)), ("H", (0, 0, 1)), ("F", (0, 0, -1))],
)
def test_a_letter_brings_that_side_of_the_patient_to_the_front(letter, towards_reader):
    camera = whole_view(corners_of((10, 10, 10)), (100, 100)).seen_from(letter)
    assert_allclose(-camera.forward, towards_reader, atol=1e-12)


def test_from_the_front_the_patients_left_is_at_the_right_and_the_head_up():
    camera = whole_view(corners_of((10, 10, 10)), (100, 100))
    left, head = camera.to_uv([[9, 4.5, 4.5], [4.5, 4.5, 9]], (100, 100))
    assert left[0] > 50
    assert head[1] < 50


def test_a_hand_that_moves_to_the_right_takes_the_front_with_it():
    camera = whole_view(corners_of((10, 10, 10)), (100, 100))
    nose = (4.5, -0.5, 4.5)
    assert_allclose(camera.to_uv(nose, (100, 100)), (50, 50), atol=1e-9)
    assert camera.turned(0.3, 0).to_uv(nose, (100, 100))[0] > 51
    assert camera.turned(0, 0.3).to_uv(nose, (100, 100))[1] > 51


def test_after_a_full_turn_in_small_steps_the_view_is_as_before():
    camera = turned = whole_view(corners_of((10, 10, 10)), (100, 100))
    for _ in range(360):
        turned = turned.turned(np.pi / 180, 0.0)
    assert_allclose(turned.plane.right, camera.plane.right, atol=1e-9)
    assert_allclose(turned.plane.right @ turned.plane.down, 0, atol=1e-12)


def test_zoom_keeps_what_is_under_the_pointer_and_pan_moves_it():
    camera = camera_on(GRIDS["oblique"])
    there = camera.to_lps((120, 80), (400, 300))
    assert_allclose(camera.zoomed(0.5, (120, 80), (400, 300)).to_uv(there, (400, 300)), (120, 80), atol=1e-9)
    assert_allclose(camera.panned(7, -3).to_uv(there, (400, 300)), (127, 77), atol=1e-9)


# --- the copy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("limit", [256, 24])
def test_the_middle_of_a_ball_stays_where_it_is_in_the_patient(name, limit):
    grid = GRIDS[name]
    center = grid.to_lps(np.array([35.0, 25.0, 12.0]))
    reduced = reduce_volume(ball_volume(grid, center), limit=limit)
    assert max(reduced.array.shape) <= limit
    weights = reduced.array.astype(float)
    index = np.stack(np.meshgrid(*[np.arange(size) for size in weights.shape], indexing="ij"), axis=-1)[..., ::-1]
    middle = (index * weights[..., None]).reshape(-1, 3).sum(axis=0) / weights.sum()
    found = reduced.affine[:3, :3] @ middle + reduced.affine[:3, 3]
    assert np.linalg.norm(found - center) < 0.5


def test_values_survive_and_padding_infinity_and_nan_become_the_lowest():
    array = np.full((8, 8, 4), 100.0, np.float32)
    array[0, 0, 0], array[1, 0, 0], array[2, 0, 0], array[3, 0, 0] = np.nan, np.inf, -np.inf, 300.0
    reduced = reduce_volume(Volume(array, Grid((8, 8, 4), np.eye(4)), "MR"))
    values = reduced.low + reduced.step * reduced.array[0, 0]
    assert_allclose(values[:5], [100, 100, 100, 300, 100], atol=0.01)
    padded = np.full((8, 8, 4), 50, np.int16)
    padded[:4] = -2000
    padded[0] = -1000
    reduced = reduce_volume(Volume(padded, Grid((8, 8, 4), np.eye(4)), "CT", padding=(-2000, -2000)))
    assert_allclose(reduced.low + reduced.step * reduced.array[0, 0], [-1000, -2000, -2000, -2000, 50, 50, 50, 50])


def test_voxels_are_means_of_their_share_also_where_sizes_do_not_divide():
    array = np.broadcast_to(np.arange(30, dtype=np.float32)[:, None, None], (30, 4, 4)).copy()
    reduced = reduce_volume(Volume(array, Grid((30, 4, 4), np.eye(4)), "MR"), limit=20)
    values = reduced.low + reduced.step * reduced.array[0, 0]
    # 1.5 voxels each: (0 + 1/2) / 1.5, (1/2 + 2) / 1.5, ...
    assert_allclose(values[:4], [1 / 3, 5 / 3, 10 / 3, 14 / 3], atol=0.01)
    assert_allclose(reduced.affine[:3, 0], [1.5, 0, 0])
    assert_allclose(reduced.affine[0, 3], 0.25)


def test_a_constant_volume_and_one_of_the_whole_16_bit_range():
    flat = reduce_volume(Volume(np.zeros((4, 4, 4), np.float32), Grid((4, 4, 4), np.eye(4)), "MR"))
    assert flat.array.max() == 0
    array = np.zeros((4, 4, 4), np.uint16)
    array[0, 0, 0] = 65535
    wide = reduce_volume(Volume(array, Grid((4, 4, 4), np.eye(4)), "MR"))
    assert abs(wide.low + wide.step * wide.array.max() - 65535) <= wide.step


def test_the_draft_is_the_mean_of_blocks():
    array = np.arange(4 * 4 * 4, dtype=np.uint16).reshape(4, 4, 4)
    small, factors = draft_of(array, limit=2)
    assert factors == (2, 2, 2)
    assert small[0, 0, 0] == np.mean([0, 1, 4, 5, 16, 17, 20, 21]) // 1


# --- picking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRIDS)
def test_a_click_on_a_ball_gives_its_place_within_a_voxel(name):
    grid = GRIDS[name]
    center = grid.to_lps(np.array([35.0, 25.0, 12.0]))
    volume, camera, size = ball_volume(grid, center), camera_on(grid), (400, 300)
    u, v = camera.to_uv(center, size)
    ray = (camera.to_lps((u, v), size), camera.forward)
    highest = pick_maximum(volume.array, grid, ray_points(grid, whole_box(grid), *ray))
    assert highest is not None
    assert np.all(np.abs(grid.to_ijk(highest) - grid.to_ijk(center)) <= 1)
    bone = transfer_of(PRESETS["bone"], Window(900, 550))
    surface = pick(volume.array, grid, ray, whole_box(grid), bone)
    # the nearest point of a ball of 6 mm, towards the reader
    assert surface is not None
    assert np.linalg.norm(surface - (center - 6 * camera.forward)) < max(grid.spacing)


def test_beside_the_ball_there_is_nothing_and_clipping_takes_it_away():
    grid = GRIDS["upright"]
    center = np.array([30.0, 25.0, 30.0])
    volume, bone = ball_volume(grid, center), transfer_of(PRESETS["bone"], Window(900, 550))
    ahead = np.array([0.0, 1.0, 0.0])
    assert pick(volume.array, grid, (np.array([10.0, 0, 30]), ahead), whole_box(grid), bone) is None
    half = ((-0.5, 30.0, -0.5), (59.5, 49.5, 39.5))
    met = pick(volume.array, grid, (np.array([30.0, 0, 30]), ahead), half, bone)
    assert met is not None
    # the first that is left of the ball, a voxel or so deep until half of the light is gone
    assert 30 <= met[1] < 32
    assert pick(volume.array, grid, (np.array([30.0, 0, 30]), ahead), None, bone) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_not_met_as_it_is_not_seen(value):
    grid = GRIDS["upright"]
    volume, bone = ball_volume(grid, np.array([30.0, 25.0, 30.0])), transfer_of(PRESETS["bone"], Window(900, 550))
    array = volume.array.astype(np.float32)
    array[:, 2:4, :] = value
    met = pick(array, grid, (np.array([30.0, 0, 30]), np.array([0.0, 1.0, 0.0])), whole_box(grid), bone)
    assert met is not None
    assert abs(met[1] - 19) < 1.5


def test_a_label_surface_is_met_before_the_bone_behind_it_and_instead_of_a_maximum():
    grid = GRIDS["upright"]
    volume = ball_volume(grid, np.array([30.0, 25.0, 30.0]))
    labels = empty_labelmap(grid, (Label(1),))
    labels.array[25:35, 5:8, 15:25] = 1
    ray = (np.array([30.0, 0, 30]), np.array([0.0, 1.0, 0.0]))
    for name in ("bone", "mip"):
        transfer = transfer_of(PRESETS[name], Window(900, 550))
        met = pick(volume.array, grid, ray, whole_box(grid), transfer, [labels])
        assert met is not None
        assert abs(met[1] - 4.5) <= 0.5


# --- presets ---------------------------------------------------------------------------------------------------------


def test_presets_suit_the_scan():
    grid = Grid((4, 4, 4), np.eye(4))
    array = np.zeros((4, 4, 4), np.int16)
    assert presets_for(Volume(array, grid, "CT", "HU")) == ["bone", "soft", "lung", "bones", "mip"]
    assert presets_for(Volume(array, grid, "CT", "")) == ["mip"]
    assert first_preset(Volume(array, grid, "MR")) == "mr"
    assert first_preset(Volume(array, grid, "PT", "SUVbw")) == "pet"
    assert first_preset(Volume(array, grid, "US")) == "mip"


def test_the_window_of_a_maximum_keeps_its_lower_end():
    window = window_for(PRESETS["pet"], Window(5, 2.5))
    assert (window.width, window.level) == (10, 5)


@needs_real_scans
def test_a_real_tilted_head_is_reduced_where_it_lies():
    volume = max(load_series(SHARED / "ct-head-tilt-ge"), key=lambda found: found.array.size)
    assert not volume.grid.is_even
    reduced = reduce_volume(volume)
    middle = np.array([128.0, 128.0, 7.0])
    lps = reduced.affine[:3, :3] @ middle + reduced.affine[:3, 3]
    i, j, k = (round(float(value)) for value in volume.grid.to_ijk(lps))
    # bone of the skull: both see the same patches of it along a row
    seen = reduced.low + reduced.step * reduced.array[7, 128].astype(float)
    full = volume.array[: 2 * len(seen), j, k].astype(float).reshape(-1, 2).mean(axis=1)
    assert np.corrcoef(seen, full)[0, 1] > 0.97
    assert abs(i - 256) <= 1
