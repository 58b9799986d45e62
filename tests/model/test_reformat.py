"""Turned reformat axes, against pictures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from viewr.model.geometry import anatomical_plane
from viewr.model.reformat import ORIENTATIONS, from_plane

ZERO = (0.0, 0.0, 0.0)
STRAIGHT = from_plane(anatomical_plane("Transversal", ZERO), "Transversal")


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_any_of_the_patients_planes_gives_the_patients_axes(orientation):
    axes = from_plane(anatomical_plane(orientation, ZERO), orientation)
    assert np.array(axes.axes) == pytest.approx(np.eye(3))
    plane = axes.plane(orientation, ZERO)
    assert plane.letters == anatomical_plane(orientation, ZERO).letters


def test_turning_about_the_head_leaves_the_transversal_picture_and_turns_the_others():
    turned = STRAIGHT.turned((0, 0, 1), np.radians(30))
    transversal = turned.plane("Transversal", ZERO)
    assert transversal.right == pytest.approx([1, 0, 0])
    assert transversal.down == pytest.approx([0, 1, 0])
    coronal = turned.plane("Coronal", ZERO)  # its right goes from L towards P by 30 degrees
    assert coronal.right == pytest.approx([np.cos(np.pi / 6), 0.5, 0])
    assert coronal.down == pytest.approx([0, 0, -1])
    assert coronal.letters == ("RA", "LP", "H", "F")
    sagittal = turned.plane("Sagittal", ZERO)
    assert sagittal.right == pytest.approx([-0.5, np.cos(np.pi / 6), 0])
    assert sagittal.letters == ("AL", "PR", "H", "F")


def test_a_double_oblique_plane_is_upright_and_its_letters_are_true():
    twice = STRAIGHT.turned((0, 0, 1), np.radians(30))
    twice = twice.turned(twice.normal("Sagittal"), np.radians(40))
    planes = [twice.plane(orientation, ZERO) for orientation in ORIENTATIONS]
    normals = np.array([plane.normal for plane in planes])
    assert np.abs(normals @ normals.T) == pytest.approx(np.eye(3), abs=1e-12)
    # the sagittal normal is (-cos 30, -sin 30, 0); about it, head goes to back and left: (-sin 30, cos 30, 0) sin 40
    tilt = np.sin(np.radians(40)) * np.array([-0.5, np.cos(np.pi / 6), 0])
    assert np.abs(twice.normal("Transversal") @ [0, 0, 1]) == pytest.approx(np.cos(np.radians(40)))
    assert np.abs(twice.normal("Transversal")[:2]) == pytest.approx(np.abs(tilt[:2]))
    transversal = planes[0]
    assert transversal.right @ [1, 0, 0] > 0.9  # the patient's left is still at the right
    assert transversal.letters[1].startswith("L")
    assert transversal.letters[3] in ("PH", "PF")


def test_half_a_turn_is_a_picture_too():
    turned = STRAIGHT.turned((1, 0, 0), np.pi)
    plane = turned.plane("Transversal", ZERO)
    assert plane.normal == pytest.approx([0, 0, -1])
    assert abs(plane.right @ plane.down) < 1e-12


def test_many_small_turns_stay_perpendicular():
    axes = STRAIGHT
    for _ in range(500):
        axes = axes.turned(axes.normal("Coronal"), 0.01).turned(axes.normal("Sagittal"), -0.02)
    assert np.array(axes.axes) @ np.array(axes.axes).T == pytest.approx(np.eye(3), abs=1e-9)
