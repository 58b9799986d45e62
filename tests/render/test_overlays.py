"""Fused scans against SimpleITK, and outlines of labels by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from PySide6.QtGui import QImage

from tests.data import SHARED, needs_real_scans
from tests.render.volumes import counting, turned
from viewr.imaging.series import load_series
from viewr.model.geometry import Grid, Plane, anatomical_plane
from viewr.model.labelmap import Label, Labelmap, empty_labelmap
from viewr.model.volume import Volume, Window
from viewr.render.base import FusedScan, LabelOverlay, SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.overlays import fusion_problem, outline_of
from viewr.render.shade import LUTS


def rgb(image: QImage) -> np.ndarray:
    """Shape (height, width, 3)."""
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return pixels[:, : image.width(), 2::-1].astype(int)


def by_sitk(volume: Volume, view: SliceView, outside: float) -> np.ndarray:
    """Linear values of a volume at the pixels of a view."""
    grid = volume.grid
    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.array.T).astype(np.float64))
    image.SetSpacing([float(s) for s in grid.spacing])
    image.SetOrigin(grid.affine[:3, 3].tolist())
    image.SetDirection(grid.directions.reshape(-1).tolist())
    axes = np.stack([view.plane.right, view.plane.down, view.plane.normal], axis=1)
    return sitk.GetArrayFromImage(
        sitk.Resample(image, [*view.size, 1], sitk.Transform(), sitk.sitkLinear, view.to_lps((0.5, 0.5)).tolist(),
                      [view.mm_per_pixel, view.mm_per_pixel, 1.0], axes.reshape(-1).tolist(), outside, sitk.sitkFloat64)
    )[0]  # fmt: skip


def expected_fusion(view: SliceView, fused: FusedScan) -> np.ndarray:
    """The formula of `FusedScan`, with values by SimpleITK."""
    values = by_sitk(fused.volume, view, np.nan)
    low, high = fused.window.bounds
    level = np.nan_to_num(np.floor(np.clip((values - low) / (high - low), 0, 1) * 255 + 0.5))
    share = (fused.opacity * level / 255)[..., None]
    under = rgb(CpuRenderer().picture(replace(view, fused=())))
    return under * (1 - share) + LUTS[fused.lut][level.astype(int)] * share


@pytest.mark.parametrize("affine", [turned(20), np.diag([2.0, 3.0, 4.0, 1.0])])
@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
def test_fused_scan_of_another_grid_lies_as_simpleitk_puts_it(affine, interpolation):
    volume = counting((40, 40, 20))
    values = np.random.default_rng(4).normal(50, 30, (12, 10, 9)).astype(np.float32)
    affine = affine.copy()
    affine[:3, 3] = (3, 5, 2)
    over = Volume(np.asfortranarray(values), Grid(values.shape, affine, frame_of_reference="1.2.3"), "PT")
    plane = anatomical_plane("Transversal", volume.grid.center_lps)
    fused = FusedScan(over, Window(100, 50), "hot iron", 0.7)
    view = SliceView(volume, plane, (90, 80), 0.5, Window(3000, 1500), interpolation=interpolation, fused=(fused,))
    shown = rgb(CpuRenderer().picture(view))
    expected = expected_fusion(view, fused)
    assert np.abs(expected - rgb(CpuRenderer().picture(replace(view, fused=())))).max() > 100
    assert np.abs(shown - expected).max() <= 2


@needs_real_scans
@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
def test_pet_on_ct_as_simpleitk(orientation):
    volumes = load_series(SHARED / "petct-cropped-ge")
    ct = next(volume for volume in volumes if volume.modality == "CT")
    pet = next(volume for volume in volumes if volume.modality == "PT")
    assert fusion_problem(ct, pet) == ""
    plane = anatomical_plane(orientation, ct.grid.center_lps)
    fused = FusedScan(pet, Window(float(pet.array.max()), float(pet.array.max()) / 2), "hot", 0.6)
    view = SliceView(ct, plane, (200, 180), 1.3, Window(400, 40), interpolation="linear", fused=(fused,))
    assert np.abs(rgb(CpuRenderer().picture(view)) - expected_fusion(view, fused)).max() <= 3


def test_what_is_black_in_the_fused_scan_hides_nothing():
    grid = Grid((5, 4, 1), np.eye(4))
    volume = Volume(np.full((5, 4, 1), 100, np.int16), grid, "CT")
    column = np.array([0, 50, 100, 0, np.nan], np.float32).reshape(5, 1, 1)
    over = Volume(column * np.ones((5, 4, 1), np.float32), grid, "PT")
    plane = Plane(grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    view = SliceView(volume, plane, (5, 4), 1.0, Window(255, 127.5), interpolation="nearest")
    row = rgb(CpuRenderer().picture(replace(view, fused=(FusedScan(over, Window(100, 50), "grey", 0.5),))))[0]
    # Level 128 of 255 at half opacity is a share of 64/256: 100 * 0.75 + 128 * 0.25 = 107; white: 100 / 2 + 255 / 2
    assert row.tolist() == [[100] * 3, [107] * 3, [178] * 3, [100] * 3, [100] * 3]


def test_a_fused_scan_shows_the_frame_that_is_asked_for():
    volume = Volume(np.zeros((2, 2, 1), np.int16), Grid((2, 2, 1), np.eye(4)), "CT")
    over = Volume(np.arange(3, dtype=np.uint8) * np.ones((2, 2, 1, 1), np.uint8), volume.grid, "PT", axes=("time",))
    plane = Plane(volume.grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    renderer = CpuRenderer()
    for frame, grey in (((), 0), ((1,), 128), ((2,), 255)):
        fused = FusedScan(over, Window(2, 1), "grey", 1.0, frame)
        view = SliceView(volume, plane, (2, 2), 1.0, Window(1, 0.5), fused=(fused,))
        assert abs(int(rgb(renderer.picture(view))[0, 0, 0]) - grey * grey / 255) <= 1


@pytest.mark.parametrize("which", ["under", "over"])
def test_a_scan_without_a_place_is_not_fused(which):
    placed = Volume(np.full((4, 4, 1), 50, np.int16), Grid((4, 4, 1), np.eye(4)), "CT", description="Chest")
    lost = replace(placed, placed=False, description="Photo")
    under, over = (lost, placed) if which == "under" else (placed, lost)
    assert fusion_problem(under, over, aligned=True).startswith("Photo does not say where in the patient it lies")
    plane = Plane(placed.grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    view = SliceView(under, plane, (4, 4), 1.0, Window(100, 50))
    shown = CpuRenderer().picture(replace(view, fused=(FusedScan(over, Window(1, 0)),)))
    assert shown == CpuRenderer().picture(view)


def test_scans_of_two_sessions_are_fused_once_aligned():
    first, second = counting(), replace(counting(), description="Old MR")
    assert fusion_problem(first, second) == ""
    other = replace(second, grid=Grid(second.grid.shape, np.eye(4), frame_of_reference="9.9"))
    assert "Old MR was not taken in the same position" in fusion_problem(first, other)
    assert fusion_problem(first, other, aligned=True) == ""


def spotted(grid: Grid, share: float) -> Labelmap:
    """Label 1 or 2 in some voxels, in a part of the slice that touches one border."""
    labelmap = empty_labelmap(grid, (Label(1, opacity=0.5), Label(2, colour=(0, 200, 255), opacity=1.0)))
    drawn = np.random.default_rng(7).random(grid.shape) < share
    drawn[:, : grid.shape[1] // 3] = False
    drawn[:5] = False
    i, j, _ = np.indices(grid.shape)
    labelmap.array[drawn] = (1 + (i + j) % 2)[drawn]
    return labelmap


@pytest.mark.parametrize("share", [0.01, 0.9])
@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
@pytest.mark.parametrize(("mm_per_pixel", "mirrored"), [(0.23, False), (0.23, True), (0.37, False), (1.7, True)])
def test_each_pixel_has_the_colour_of_the_label_at_its_centre(share, interpolation, mm_per_pixel, mirrored):
    volume = counting((120, 90, 3))
    labelmap = spotted(volume.grid, share)
    right, down, _ = np.eye(3) * (-1 if mirrored else 1)
    plane = Plane(volume.grid.center_lps + np.array((7.3, -4.1, 0)), right, down)
    view = SliceView(volume, plane, (300, 290), mm_per_pixel, Window(1500, 700), interpolation=interpolation)
    under = rgb(CpuRenderer().picture(view))
    shown = rgb(CpuRenderer().picture(replace(view, overlays=(LabelOverlay(labelmap),))))
    y, x = np.indices((290, 300))
    centres = view.to_lps(np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1))
    index = np.floor(volume.grid.to_ijk(centres) + 0.5).astype(int)
    inside = ((index >= 0) & (index < volume.grid.shape)).all(axis=1)
    labels = np.where(inside, labelmap.array[tuple(np.where(inside[:, None], index, 0).T)], 0).reshape(290, 300)
    expected = np.where((labels == 1)[..., None], 0.5 * under + 0.5 * np.array((255, 0, 0)), under)
    expected = np.where((labels == 2)[..., None], (0, 200, 255), expected)
    assert np.count_nonzero(labels) > 10
    assert np.abs(shown - expected).max() <= 1
    assert np.array_equal(shown[labels == 0], under[labels == 0])


def test_outline_by_hand():
    labels = np.array([[0, 0, 0, 0, 0], [0, 1, 1, 1, 2], [0, 1, 1, 1, 2], [0, 1, 1, 1, 2]], np.uint8)
    whole = [[0, 0, 0, 0, 0], [0, 1, 1, 1, 2], [0, 1, 0, 1, 2], [0, 1, 0, 1, 2]]
    assert outline_of(labels, (0, 0), (4, 5)).tolist() == whole
    # In the middle of a picture, what lies around has no label.
    inner = [[0, 0, 0, 0, 0], [0, 1, 1, 1, 2], [0, 1, 0, 1, 2], [0, 1, 1, 1, 2]]
    assert outline_of(labels, (2, 2), (9, 9)).tolist() == inner


@pytest.mark.parametrize("zoom", [1, 4])
def test_outlines_are_one_pixel_thick_at_any_zoom(zoom):
    volume = Volume(np.zeros((10, 10, 1), np.int16), Grid((10, 10, 1), np.eye(4)), "CT")
    labelmap = empty_labelmap(volume.grid, (Label(1, colour=(255, 0, 0), opacity=0.2),))
    labelmap.array[2:7, 3:8] = 1
    plane = Plane(volume.grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    size = (10 * zoom, 10 * zoom)
    overlay = LabelOverlay(labelmap, outline=True)
    view = SliceView(volume, plane, size, 1 / zoom, Window(100, 50), overlays=(overlay,))
    red = rgb(CpuRenderer().picture(view))[..., 0]
    expected = np.zeros((10 * zoom, 10 * zoom), int)
    expected[3 * zoom : 8 * zoom, 2 * zoom : 7 * zoom] = 255
    expected[3 * zoom + 1 : 8 * zoom - 1, 2 * zoom + 1 : 7 * zoom - 1] = 0
    assert np.array_equal(red, expected)


def test_many_overlays_lie_over_one_another_in_their_order():
    volume = Volume(np.zeros((6, 6, 1), np.int16), Grid((6, 6, 1), np.eye(4)), "CT")
    plane = Plane(volume.grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    overlays = []
    for column, colour in enumerate(((200, 0, 0), (0, 200, 0), (0, 0, 200), (100, 100, 100))):
        labelmap = empty_labelmap(volume.grid, (Label(1, colour=colour, opacity=1.0),))
        labelmap.array[column:, :] = 1
        overlays.append(LabelOverlay(labelmap, outline=column == 1))
    view = SliceView(volume, plane, (6, 6), 1.0, Window(100, 50), overlays=tuple(overlays))
    row = rgb(CpuRenderer().picture(view))[3].tolist()
    assert row == [[200, 0, 0], [0, 200, 0], [0, 0, 200], *[[100] * 3] * 3]


def test_an_overlay_of_one_label_draws_its_whole_outline():
    volume = Volume(np.zeros((6, 3, 1), np.int16), Grid((6, 3, 1), np.eye(4)), "CT")
    labelmap = empty_labelmap(volume.grid, (Label(1, colour=(255, 0, 0)), Label(2, colour=(0, 255, 0))))
    labelmap.array[:3], labelmap.array[3:] = 1, 2
    plane = Plane(volume.grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    view = SliceView(
        volume, plane, (6, 3), 1.0, Window(1, 50), overlays=(LabelOverlay(labelmap, only=2, outline=True),)
    )
    assert rgb(CpuRenderer().picture(view))[1].tolist() == [[0] * 3] * 3 + [[0, 255, 0]] + [[0] * 3] * 2


def test_colour_with_a_label_and_a_fused_scan_over_it():
    colours = np.full((4, 4, 1, 3), (10, 20, 30), np.uint8)
    grid = Grid((4, 4, 1), np.eye(4), frame_of_reference="1.2")
    volume = Volume(colours, grid, "US", axes=("channel",))
    labelmap = empty_labelmap(grid, (Label(1, colour=(250, 0, 0), opacity=1.0),))
    labelmap.array[0] = 1
    over = Volume(np.full((4, 4, 1), 9, np.int16), grid, "PT")
    plane = Plane(grid.center_lps, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    for interpolation in ("nearest", "linear", "cubic"):
        view = SliceView(
            volume, plane, (8, 8), 0.5, Window(255, 127.5), interpolation=interpolation,  # type: ignore[arg-type]
            overlays=(LabelOverlay(labelmap),), fused=(FusedScan(over, Window(8, 4), "grey", 0.5),),
        )  # fmt: skip
        shown = rgb(CpuRenderer().picture(view))
        assert shown[4, 1].tolist() == [250, 0, 0]
        assert np.abs(shown[4, 6] - [132.5, 137.5, 142.5]).max() <= 1
