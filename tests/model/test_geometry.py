"""Where voxels lie in the patient; numbers worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from viewr.model.geometry import Grid, Plane, acquisition_plane, anatomical_plane, direction_letters

POINTS = st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=1, max_size=5)


def axial(spacing: tuple[float, float, float] = (0.5, 0.5, 2.5), origin: tuple[float, float, float] = (-120, -95, -40)
          ) -> Grid:
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = origin
    return Grid((512, 512, 40), affine)


def uneven() -> Grid:
    """Slices at 0, 1, 4 and 10 mm, each 0.5 mm further back for each mm up (a tilted gantry)."""
    heights = np.array([0.0, 1.0, 4.0, 10.0])
    affine = np.diag([1.0, 2.0, 3.5, 1.0])
    affine[1, 2] = 1.75
    return Grid((8, 6, 4), affine, np.stack([0 * heights, heights / 2, heights], axis=1))


def test_one_slice_up_is_one_spacing_up() -> None:
    # Origin z -40 mm, one 2.5 mm slice up.
    assert_allclose(axial().to_lps([[0, 0, 1]]), [[-120, -95, -37.5]])
    assert_allclose(axial().to_lps([2, 4, 0]), [-119, -93, -40])


@given(POINTS)
def test_round_trip_of_an_oblique_sheared_grid(points: list[tuple[float, float, float]]) -> None:
    affine = np.array([[0.8, 0.1, 0.3, 5], [-0.1, 0.9, 1.2, -7], [0.2, 0, 3, 11], [0, 0, 0, 1]])
    grid = Grid((10, 10, 10), affine)
    assert_allclose(grid.to_ijk(grid.to_lps(points)), points, atol=1e-9)


@given(POINTS)
def test_round_trip_of_uneven_slices(points: list[tuple[float, float, float]]) -> None:
    assert_allclose(uneven().to_ijk(uneven().to_lps(points)), points, atol=1e-7)


def test_uneven_slices_lie_where_they_were_made() -> None:
    grid = uneven()
    assert_allclose(grid.to_lps([[0, 0, 0.0], [0, 0, 1], [0, 0, 2], [0, 0, 3]])[:, 2], [0, 1, 4, 10])
    # Half-way between slices 2 and 3, one voxel along j.
    assert_allclose(grid.to_lps([0, 1, 2.5]), [0, 2 + 3.5, 7])
    # Beyond the last slice, in its own step of 6 mm.
    assert_allclose(grid.to_lps([0, 0, 4.0]), [0, 8, 16])
    assert_allclose(grid.to_ijk([0, 8, 16]), [0, 0, 4], atol=1e-9)


def test_arrays_of_any_shape_are_mapped() -> None:
    points = np.zeros((3, 4, 5, 3))
    assert axial().to_lps(points).shape == points.shape
    assert uneven().to_ijk(points).shape == points.shape


@pytest.mark.parametrize(
    ("direction", "letters"),
    [((1, 0, 0), "L"), ((-1, 0, 0), "R"), ((0, 1, 0), "P"), ((0, -1, 0), "A"), ((0, 0, 1), "H"), ((0, 0, -1), "F"),
     ((-0.5, -0.8, 0), "AR"), ((0.1, 0, 5), "H"), ((0.6, 0.6, 0.5), "LPH")],
)
def test_letters(direction: tuple[float, ...], letters: str) -> None:
    assert direction_letters(direction) == letters


def test_grid_knows_its_plane_and_letters() -> None:
    assert axial().plane == "Transversal"
    assert axial().letters == ("L", "P", "H")
    sagittal = np.array([[0, 0, 1.0, 0], [1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    assert Grid((4, 4, 4), sagittal).plane == "Sagittal"
    assert Grid((4, 4, 4), sagittal).letters == ("P", "F", "L")


def test_tilt_is_measured_against_the_normal() -> None:
    assert axial().tilt_degrees == pytest.approx(0, abs=1e-6)
    # 1.75 back for 3.5 up.
    assert uneven().tilt_degrees == pytest.approx(np.degrees(np.arctan(0.5)))
    assert_allclose(uneven().normal, [0, 0, 1], atol=1e-12)
    assert not uneven().is_even


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
def test_nearest_axes_lead_to_left_posterior_head(order: tuple[int, ...], signs: tuple[int, ...]) -> None:
    affine = np.eye(4)
    affine[:3, :3] = 0
    for column in range(3):
        affine[order[column], column] = signs[column] * (column + 1.0)
    angle = 0.2
    turn = np.array([[np.cos(angle), -np.sin(angle), 0, 0], [np.sin(angle), np.cos(angle), 0, 0], [0, 0, 1, 0],
                     [0, 0, 0, 1]])
    grid = Grid((2, 3, 4), turn @ affine)
    axes, flipped = grid.nearest_axes()
    turned = [grid.directions[:, axis] * (-1 if flip else 1) for axis, flip in zip(axes, flipped, strict=True)]
    assert [direction_letters(direction)[0] for direction in turned] == ["L", "P", "H"]


def test_only_one_known_frame_of_reference_links() -> None:
    one = Grid((2, 2, 2), np.eye(4), None, "1.2")
    assert one.shares_space_with(Grid((3, 3, 3), np.eye(4), None, "1.2"))
    assert not one.shares_space_with(Grid((2, 2, 2), np.eye(4), None, "1.3"))
    assert not axial().shares_space_with(axial())


def test_contains_reaches_to_the_faces_of_the_outer_voxels() -> None:
    grid = axial()
    assert grid.contains([-120.24, -95, -40])
    assert not grid.contains([-120.26, -95, -40])
    assert grid.contains(grid.center_lps)


def test_a_flat_affine_is_refused() -> None:
    with pytest.raises(ValueError, match="invertible"):
        Grid((2, 2, 2), np.diag([1.0, 1.0, 0.0, 1.0]))


def test_nothing_can_change_a_grid() -> None:
    with pytest.raises(ValueError, match="read-only"):
        axial().affine[0, 0] = 2


@pytest.mark.parametrize(
    ("orientation", "letters"),
    [("Transversal", ("R", "L", "A", "P")), ("Coronal", ("R", "L", "H", "F")), ("Sagittal", ("A", "P", "H", "F"))],
)
def test_anatomical_planes_follow_the_radiological_convention(orientation, letters) -> None:
    assert anatomical_plane(orientation, (0, 0, 0)).letters == letters


def test_acquisition_plane_shows_true_slices_the_usual_way_round() -> None:
    # Columns run to the right, rows to the front: both are turned round for display.
    affine = np.diag([-0.7, -0.7, 3.0, 1.0])
    plane = acquisition_plane(Grid((10, 10, 10), affine), "Transversal", (0, 0, 0))
    assert plane.letters == ("R", "L", "A", "P")
    tilted = acquisition_plane(uneven(), "Transversal", (0, 0, 0))
    assert_allclose(tilted.normal, [0, 0, 1], atol=1e-12)


def test_a_planes_normal_points_away_from_the_viewer() -> None:
    plane = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    assert_allclose(plane.normal, [0, 0, 1])
