"""Which slices are paged through, in which order, and under which letters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.data import SHARED
from tests.render.volumes import counting, turned
from viewr.imaging.series import load_series
from viewr.model.geometry import Grid
from viewr.model.volume import Volume
from viewr.render.stack import build_stack, has_patient_axes


def test_order_of_paging_is_that_of_the_patient():
    volume = counting((4, 3, 2))
    first = {name: build_stack(volume, name).plane(0).center for name in ("Transversal", "Coronal", "Sagittal")}
    assert first["Transversal"][2] == 1.0  # the head
    assert first["Coronal"][1] == 0.0  # the front
    assert first["Sagittal"][0] == 0.0  # the right side


@pytest.mark.parametrize("flip", [(-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1)])
def test_order_of_paging_does_not_depend_on_how_slices_are_stored(flip):
    volume = counting((4, 3, 2), np.diag([*flip, 1.0]))
    stack = build_stack(volume, "Transversal")
    assert stack.plane(0).center[2] > stack.plane(1).center[2]
    assert stack.plane(0).letters == ("R", "L", "A", "P")


def test_every_slice_lies_on_voxels():
    volume = counting((4, 3, 2), turned(12))
    for orientation in ("Transversal", "Coronal", "Sagittal"):
        stack = build_stack(volume, orientation)
        assert stack.voxels is not None
        assert sorted(stack.voxels) == list(range(volume.grid.shape[stack.axis]))
        for index in range(stack.count):
            at = volume.grid.to_ijk(stack.plane(index).center)[stack.axis]
            assert at == pytest.approx(stack.voxels[index])
            assert stack.index_of(stack.plane(index).center) == index


def test_pan_shifts_the_middle_right_and_down():
    volume = counting((4, 3, 2))
    stack = build_stack(volume, "Coronal")
    moved = stack.plane(0, (2.0, 3.0)).center - stack.plane(0).center
    assert moved.tolist() == [2.0, 0.0, -3.0]


def test_moving_into_a_slice_keeps_the_place_in_the_plane():
    volume = counting((4, 3, 2))
    stack = build_stack(volume, "Transversal")
    assert stack.moved((0.4, 1.2, 0.1), 0).tolist() == [0.4, 1.2, 1.0]


def test_planes_of_the_patient_are_spread_evenly_over_the_volume():
    volume = counting((20, 20, 20), turned(10, (1, 1, 1)))
    stack = build_stack(volume, "Transversal", anatomical=True)
    assert stack.axis is None
    assert np.abs(stack.plane(0).normal).tolist() == [0, 0, 1]
    assert np.allclose(np.diff(stack.depths), stack.thickness)


def test_a_single_slice_is_shown_in_its_own_plane():
    volume = counting((4, 3, 1), np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]]))
    assert volume.grid.plane == "Sagittal"
    stack = build_stack(volume, "Transversal")
    assert (stack.orientation, stack.count) == ("Sagittal", 1)


def test_projections_show_their_own_rows_and_columns():
    grid = Grid((4, 3, 1), np.diag([0.1, 0.1, 1, 1]))
    volume = Volume(np.zeros((4, 3, 1), np.uint16), grid, "MG")
    assert not has_patient_axes(volume)
    stack = build_stack(volume, "Sagittal")
    assert stack.plane(0).right.tolist() == [1, 0, 0]
    assert stack.plane(0).down.tolist() == [0, 1, 0]
    assert has_patient_axes(replace(volume, modality="CT"))


def test_frames_of_a_projection_come_in_their_order():
    volume = Volume(np.zeros((4, 3, 5), np.uint8), Grid((4, 3, 5), np.eye(4)), "XA")
    stack = build_stack(volume, "Transversal")
    assert stack.voxels.tolist() == [0, 1, 2, 3, 4]


def test_uneven_slices_are_paged_by_their_true_positions():
    positions = np.array([(0, 0, z) for z in (0.0, 1.0, 5.0)], float)
    volume = replace(counting((3, 3, 3)), grid=Grid((3, 3, 3), np.diag([1, 1, 2.5, 1.0]), positions))
    stack = build_stack(volume, "Transversal")
    assert [stack.plane(n).center[2] for n in range(3)] == [5.0, 1.0, 0.0]


def test_letters_of_an_oblique_head():
    volume = load_series(SHARED / "mr-t1-philips")[0]
    letters = {o: build_stack(volume, o).plane(0).letters for o in ("Transversal", "Coronal", "Sagittal")}
    assert letters == {
        "Transversal": ("R", "L", "A", "P"), "Coronal": ("R", "L", "H", "F"), "Sagittal": ("A", "P", "H", "F"),
    }  # fmt: skip


def test_letters_of_a_tilted_plane_name_both_directions():
    volume = counting((20, 20, 20), turned(30, (1, 1, 1)))
    assert build_stack(volume, "Transversal").plane(0).letters[1] == "LP"
