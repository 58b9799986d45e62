"""The clipping box: where it lies in the patient, and where its handles are in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.render.test_volume_geometry import GRIDS, ball_volume, camera_on
from viewr.model.geometry import Grid
from viewr.render.volume_camera import VolumeCamera, corners_of, whole_view
from viewr.render.volume_clip import (
    CopyFrame,
    crop_of,
    edges_of,
    handle_at,
    handles_of,
    place_of,
    share_of,
    shares_of,
    with_face,
)
from viewr.render.volume_pick import whole_box
from viewr.render.volume_reduce import reduce_volume

SIZE = (400, 300)
#: 10 x 40 x 90 mm; the outer faces at x -0.5 and 9.5, y -1 and 39, z -1.5 and 88.5.
GRID = Grid((10, 20, 30), np.diag([1.0, 2.0, 3.0, 1.0]))
FRAME = CopyFrame(GRID.affine, GRID.shape)
WHOLE = shares_of(whole_box(GRID), GRID, FRAME)


def front() -> VolumeCamera:
    """From the front, half a mm on a pixel, the middle of the scan (4.5, 19, 43.5) in the middle."""
    camera = whole_view(GRID.to_lps(corners_of(GRID.shape)), SIZE)
    return VolumeCamera(camera.plane, 0.5)


def copied(name: str, limit: int = 256) -> tuple[Grid, CopyFrame]:
    grid = GRIDS[name]
    reduced = reduce_volume(ball_volume(grid, grid.center_lps), limit=limit)
    return grid, CopyFrame(reduced.affine, reduced.array.shape[::-1])


def test_from_the_front_the_handles_are_where_a_ruler_puts_them():
    found = {(handle.axis, handle.upper): handle.at for handle in handles_of(WHOLE, FRAME, front(), SIZE)}
    # x: 5 mm to either side are 10 pixels; z: 45 mm are 90 pixels, the head up; y runs along the eye
    assert set(found) == {(0, False), (0, True), (2, False), (2, True)}
    assert_allclose(found[0, False], (190, 150))
    assert_allclose(found[0, True], (210, 150))
    assert_allclose(found[2, False], (200, 240))
    assert_allclose(found[2, True], (200, 60))


def test_a_drag_counts_only_along_its_axis():
    handles = handles_of(WHOLE, FRAME, front(), SIZE)
    left = next(handle for handle in handles if (handle.axis, handle.upper) == (0, False))
    # 4 pixels are 2 mm are 2 of 10 voxels
    assert left.dragged((4, 25)) == pytest.approx(0.2)
    head = next(handle for handle in handles if (handle.axis, handle.upper) == (2, True))
    assert head.dragged((7, 18)) == pytest.approx(0.9)


def test_of_two_handles_in_one_place_the_nearer_one_is_taken():
    camera = front().seen_from("A").turned(0.3, 0.0)
    handles = handles_of(WHOLE, FRAME, camera, SIZE)
    assert [handle.depth for handle in handles] == sorted(handle.depth for handle in handles)
    nearest = handles[0]
    assert handle_at(handles, tuple(nearest.at + np.array((6, 7))), 10) is nearest
    assert handle_at(handles, tuple(nearest.at + np.array((8, 8))), 10) is not nearest
    assert handle_at(handles, (1, 1), 10) is None


def test_a_face_outside_the_picture_has_its_handle_at_the_edge_and_drags_the_same():
    near = VolumeCamera(front().plane, 0.02)
    found = {(handle.axis, handle.upper): handle for handle in handles_of(WHOLE, FRAME, near, SIZE)}
    assert_allclose(found[0, True].at, (388, 150))
    assert_allclose(found[2, True].at, (200, 12))
    # 50 pixels are 1 mm are 1 of 10 voxels
    assert found[0, True].dragged((-50, 0)) == pytest.approx(0.9)


def test_edges_that_lie_behind_the_box_are_the_three_at_its_farthest_corner():
    camera = front().turned(0.5, 0.4)
    hidden = [edge for edge in edges_of(WHOLE, FRAME, camera, SIZE) if edge.hidden]
    assert len(edges_of(WHOLE, FRAME, camera, SIZE)) == 12
    corners = FRAME.to_lps(np.array([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)], float))
    farthest = corners[int(np.argmax(corners @ camera.forward))]
    at = camera.to_uv(farthest, SIZE)
    assert len(hidden) == 3
    for edge in hidden:
        assert min(np.linalg.norm(edge.first - at), np.linalg.norm(edge.last - at)) < 1e-6


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("limit", [256, 24])
def test_places_and_shares_are_the_same_place(name, limit):
    grid, frame = copied(name, limit)
    for axis in range(3):
        outer = whole_box(grid)
        assert [share_of(side[axis], axis, grid, frame) for side in outer] == [0, 1]
        assert [place_of(share, axis, grid, frame) for share in (0, 1, -3, 4)] == [
            outer[0][axis], outer[1][axis], outer[0][axis], outer[1][axis]]  # fmt: skip
        for place in (3.0, grid.shape[axis] / 2, grid.shape[axis] - 4.25):
            share = share_of(place, axis, grid, frame)
            assert place_of(share, axis, grid, frame) == pytest.approx(place)


@pytest.mark.parametrize("limit", [256, 24])
def test_slices_of_uneven_distance_are_clipped_where_they_lie(limit):
    grid, frame = copied("uneven", limit)
    for k in (4, 11, 25):
        crop = crop_of(with_face(whole_box(grid), 2, False, float(k)), grid, frame)
        assert crop is not None
        assert crop[:4] == (0, 1, 0, 1)
        assert crop[5] == 1
        height = frame.to_lps(np.array([0.5, 0.5, crop[4]]))[2]
        assert height == pytest.approx(grid.to_lps([0, 0, k])[2])


def test_nothing_is_cropped_of_the_whole_box():
    assert crop_of(whole_box(GRID), GRID, FRAME) is None


def test_the_box_of_an_oblique_scan_is_the_scan():
    grid, frame = copied("tilted")
    shares = shares_of(whole_box(grid), grid, frame)
    camera = camera_on(grid)
    seen = np.array([edge.first for edge in edges_of(shares, frame, camera, SIZE)])
    corners = camera.to_uv(grid.to_lps(corners_of(grid.shape)), SIZE)
    assert all(np.linalg.norm(corners - at, axis=1).min() < 1e-6 for at in seen)
