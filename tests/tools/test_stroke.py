"""Voxels under the brush, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tools.made import PLANE, FakeContext, labelmap, pointer
from viewr.model.geometry import Grid, Plane, acquisition_plane, anatomical_plane
from viewr.tools.base import GestureRunner
from viewr.tools.brush import brush, eraser
from viewr.tools.stroke import touched_voxels

ORIGIN = (0.0, 0.0, 0.0)


def painted(array: np.ndarray) -> set[tuple[int, int, int]]:
    return {(int(i), int(j), int(k)) for i, j, k in np.argwhere(array)}


def stroke(context: FakeContext, *places: tuple[float, float], tool=brush, **fields: object) -> None:
    runner = GestureRunner(context)
    runner.start(tool, pointer("press", *places[0], **fields))
    for place in places[1:]:
        runner.feed(pointer("move", *place, **fields))
    runner.feed(pointer("release", *places[-1], **fields))
    assert not runner.active


def test_disc_of_two_mm_on_one_mm_voxels_is_a_plus():
    context = FakeContext(labelmap(), brush_mm=2.0)
    stroke(context, (0, 0))
    assert painted(context.labelmap.array) == {(5, 5, 1), (4, 5, 1), (6, 5, 1), (5, 4, 1), (5, 6, 1)}


@pytest.mark.parametrize(("diameter", "count"), [(0.5, 1), (2.0, 5), (3.0, 9), (4.0, 13), (5.0, 21), (6.0, 29)])
def test_voxels_of_a_disc(diameter, count):
    # points of the unit lattice within 0.25, 1, 1.5, 2, 2.5, 3 of its origin
    context = FakeContext(labelmap(), brush_mm=diameter)
    stroke(context, (0, 0))
    assert context.labelmap.array.sum() == count


def test_disc_is_round_in_mm_where_voxels_are_not_square():
    affine = np.diag([0.5, 2.0, 5.0, 1.0])
    affine[:3, 3] = (-5.0, -10.0, -5.0)
    context = FakeContext(labelmap((21, 11, 3), affine), brush_mm=4.2)
    stroke(context, (0, 0))
    # radius 2.1: at y = 0 |x| <= 2.1 holds 9 columns of 0.5 mm, at y = +-2 |x| <= 0.64 holds 3
    by_row = context.labelmap.array[:, :, 1].sum(axis=0)
    assert by_row.tolist() == [0, 0, 0, 0, 3, 9, 3, 0, 0, 0, 0]
    assert context.labelmap.array[:, :, [0, 2]].sum() == 0


def test_fast_strokes_leave_no_gaps():
    context = FakeContext(labelmap((41, 11, 3)), brush_mm=0.5)
    stroke(context, (-18, 0), (18, 0))
    assert context.labelmap.array[:, 5, 1].tolist() == [0, 0, *[1] * 37, 0, 0]


def test_a_stroke_is_the_way_of_the_disc():
    context = FakeContext(labelmap((21, 11, 3)), brush_mm=4.0)
    stroke(context, (-3, 0), (3, 0))
    # rows y = 0: |x| <= 5; +-1: 3 + sqrt(3) = 4.7; +-2: the straight part only, |x| <= 3
    assert context.labelmap.array[:, :, 1].sum(axis=0).tolist() == [0, 0, 0, 7, 9, 11, 9, 7, 0, 0, 0]


def test_the_middle_voxel_is_painted_however_small_the_brush():
    context = FakeContext(labelmap(), brush_mm=0.2)
    stroke(context, (0.4, -0.4))
    assert painted(context.labelmap.array) == {(5, 5, 1)}


@pytest.mark.parametrize("orientation", ["Transversal", "Coronal", "Sagittal"])
def test_one_slice_thick_in_each_plane(orientation):
    grid = labelmap((11, 11, 11)).grid
    plane = acquisition_plane(grid, orientation, ORIGIN)
    touched = touched_voxels(grid, plane, ORIGIN, ORIGIN, 3.0)
    axis = {"Transversal": 2, "Coronal": 1, "Sagittal": 0}[orientation]
    assert touched is not None
    assert (touched.box[0][axis], touched.box[1][axis]) == (5, 6)
    assert touched.mask.sum() == 29


def test_oblique_plane_touches_one_voxel_of_each_column_near_the_plane():
    grid = labelmap((41, 41, 41)).grid
    s = np.sqrt(0.5)
    plane = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, s, s]))
    touched = touched_voxels(grid, plane, ORIGIN, ORIGIN, 6.0)
    assert touched is not None
    index = np.argwhere(touched.mask) + touched.box[0]
    lps = grid.to_lps(index)
    assert np.abs(lps @ plane.normal).max() < 0.5
    assert len({(i, j) for i, j, _ in index}) == len(index)
    assert np.hypot(lps @ plane.right, lps @ plane.down).max() <= 6.0
    # columns (x, y) with x^2 + 2 y^2 <= 36: y 0: 13; +-1: 11; +-2: 11; +-3: 9; +-4: 5
    assert len(index) == 13 + 2 * (11 + 11 + 9 + 5)


def test_tilted_slices_are_painted_along_themselves():
    affine = np.array([[1, 0, 0, -5], [0, 1, 0.5, -5], [0, 0, 2, -2], [0, 0, 0, 1.0]])
    grid = Grid((11, 11, 3), affine)
    plane = acquisition_plane(grid, "Transversal", grid.to_lps((5, 5, 1)))
    center = tuple(plane.center)
    touched = touched_voxels(grid, plane, center, center, 1.0)
    assert touched is not None
    assert touched.box == ((4, 4, 1), (7, 7, 2))


@pytest.mark.parametrize("orientation", ["Transversal", "Coronal"])
def test_uneven_slices(orientation):
    positions = np.array([(-5, -5, z) for z in (-3.0, 0.0, 1.0, 6.0)])
    grid = Grid((11, 11, 4), np.array([[1, 0, 0, -5], [0, 1, 0, -5], [0, 0, 3, -3], [0, 0, 0, 1.0]]), positions)
    touched = touched_voxels(grid, anatomical_plane(orientation, ORIGIN), ORIGIN, ORIGIN, 1.2)
    assert touched is not None
    index = {tuple(int(n) for n in voxel) for voxel in np.argwhere(touched.mask) + touched.box[0]}
    expected = {
        "Transversal": {(5, 5, 1), (4, 5, 1), (6, 5, 1), (5, 4, 1), (5, 6, 1)},
        "Coronal": {(4, 5, 1), (5, 5, 1), (6, 5, 1), (5, 5, 2)},
    }
    assert index == expected[orientation]


def test_beyond_the_edge_nothing_is_touched():
    grid = labelmap().grid
    assert touched_voxels(grid, PLANE, (30.0, 0.0, 0.0), (30.0, 0.0, 0.0), 3.0) is None
    beside = anatomical_plane("Transversal", (0.0, 0.0, 9.0))
    assert touched_voxels(grid, beside, (0.0, 0.0, 9.0), (0.0, 0.0, 9.0), 3.0) is None
    at_corner = touched_voxels(grid, PLANE, (-5.0, -5.0, 0.0), (-5.0, -5.0, 0.0), 1.0)
    assert at_corner is not None
    assert at_corner.mask.sum() == 3


def test_work_grows_with_the_disc_not_with_the_volume():
    touched = touched_voxels(labelmap((101, 101, 3)).grid, PLANE, ORIGIN, ORIGIN, 2.0)
    assert touched is not None
    assert touched.box == ((48, 48, 1), (53, 53, 2))


def test_eraser_and_ctrl_take_labels_away():
    for tool, fields in ((eraser, {}), (brush, {"modifiers": frozenset({"ctrl"})})):
        context = FakeContext(labelmap(), brush_mm=2.0)
        context.labelmap.array[...] = 2
        stroke(context, (0, 0), tool=tool, **fields)
        assert (context.labelmap.array == 0).sum() == 5
        assert context.log == ["begin Erase", "commit"]


def test_a_stroke_is_one_step_and_its_parts_are_small():
    context = FakeContext(labelmap((41, 41, 3)), brush_mm=4.0)
    stroke(context, (-10, 0), (-9, 0), (-8, 0))
    assert context.log == ["begin Paint", "commit"]
    assert max(np.prod(np.subtract(box[1], box[0])) for box in context.boxes) <= 6 * 5


def test_without_an_annotation_it_says_so():
    context = FakeContext(None)
    runner = GestureRunner(context)
    runner.start(brush, pointer("press", 0, 0))
    assert not runner.active
    assert context.log == ["There is no annotation to paint in this view."]


def test_a_cancelled_stroke_is_taken_back():
    context = FakeContext(labelmap())
    runner = GestureRunner(context)
    runner.start(brush, pointer("press", 0, 0))
    assert runner.cancel()
    assert context.log == ["begin Paint", "cancel"]
    assert not runner.cancel()
