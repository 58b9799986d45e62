"""Surfaces of labels lie on the faces of their voxels, whatever way the scan lies in the patient."""

from __future__ import annotations

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy

from tests.render.test_volume_geometry import GRIDS, oblique_left_handed
from viewr.model.geometry import Grid
from viewr.model.labelmap import Label, empty_labelmap
from viewr.render.volume_labels import cut_labels
from viewr.render.volume_surfaces import label_surface

#: Voxels of a known block, first and one past the last along i, j, k.
FIRST, END = np.array([10, 14, 5]), np.array([30, 26, 17])
BOTH_HANDS = {**GRIDS, "right-handed": Grid((60, 50, 40), oblique_left_handed() @ np.diag([1, 1, -1, 1]))}


def block(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of the surface of the block in voxels of its grid, and their normals in LPS; both shape (n, 3)."""
    labels = empty_labelmap(grid, (Label(1),))
    labels.array[tuple(slice(a, b) for a, b in zip(FIRST, END, strict=True))] = 1
    cut = cut_labels(labels)
    assert cut is not None
    surface = label_surface(cut, grid, [1])
    points = vtk_to_numpy(surface.GetPoints().GetData()).astype(float)
    normals = vtk_to_numpy(surface.GetPointData().GetNormals()).astype(float)
    return grid.to_ijk(points), normals


@pytest.mark.parametrize("name", BOTH_HANDS)
def test_the_faces_of_a_known_block_are_where_its_outer_voxels_end(name):
    grid = BOTH_HANDS[name]
    points, _ = block(grid)
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        # away from the edges, which are rounded for the eye
        inner = np.all((points[:, others] > FIRST[others] + 3) & (points[:, others] < END[others] - 4), axis=1)
        places = np.sort(points[inner, axis])
        assert len(places) > 20
        low, high = places[places < places.mean()], places[places >= places.mean()]
        np.testing.assert_allclose(low, FIRST[axis] - 0.5, atol=0.02)
        np.testing.assert_allclose(high, END[axis] - 0.5, atol=0.02)
    # no vertex is farther from the block than rounding goes
    assert np.all(points > FIRST - 0.5 - 0.05)
    assert np.all(points < END - 0.5 + 0.05)


@pytest.mark.parametrize("name", BOTH_HANDS)
def test_a_surface_is_lit_from_the_same_side_in_scans_of_either_hand(name):
    grid = BOTH_HANDS[name]
    points, normals = block(grid)
    middle = grid.to_lps((FIRST + END - 1) / 2)
    outwards = np.sum(normals * (grid.to_lps(points) - middle), axis=1)
    # all to the outside, or all to the inside: OpenGL turns those of faces that it sees from behind
    assert abs(np.sign(outwards).mean()) > 0.99
