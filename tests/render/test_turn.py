"""Turned and mirrored planes, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.widgets.viewing import volume
from viewr.model.geometry import anatomical_plane
from viewr.model.volume import Window
from viewr.render.base import SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.stack import build_stack
from viewr.render.turn import (
    carried,
    mirrored,
    turn_words,
    turned_clockwise,
    turned_plane,
    turned_stack,
    upside_down,
)

AXIAL = anatomical_plane("Transversal", (0, 0, 0))  # letters R, L, A, P: left, right, top, bottom


@pytest.mark.parametrize(("turn", "letters"), [
    ((0, False), ("R", "L", "A", "P")),
    ((1, False), ("P", "A", "R", "L")),  # clockwise: what was at the left is at the top
    ((2, False), ("L", "R", "P", "A")),
    ((3, False), ("A", "P", "L", "R")),
    ((0, True), ("L", "R", "A", "P")),
    ((1, True), ("P", "A", "L", "R")),
])  # fmt: skip
def test_letters_turn_with_the_picture(turn, letters):
    assert turned_plane(AXIAL, turn).letters == letters


def test_what_the_reader_sees_is_turned_further():
    once = turned_clockwise((0, False), 1)
    assert turned_plane(AXIAL, mirrored(once)).letters == ("A", "P", "R", "L")  # left and right of P A R L exchanged
    assert turned_plane(AXIAL, upside_down(once)).letters == ("P", "A", "L", "R")
    for turn in [(n, flip) for n in range(4) for flip in (False, True)]:
        assert mirrored(mirrored(turn)) == turn
        assert upside_down(upside_down(turn)) == turn
        assert turned_clockwise(turn, 4) == turn


def test_a_shift_stays_at_its_place_in_the_patient():
    pan = (3.0, 5.0)
    for before in [(n, flip) for n in range(4) for flip in (False, True)]:
        for after in [(n, flip) for n in range(4) for flip in (False, True)]:
            first, second = turned_plane(AXIAL, before), turned_plane(AXIAL, after)
            x, y = carried(pan, before, after)
            there = pan[0] * first.right + pan[1] * first.down
            assert x * second.right + y * second.down == pytest.approx(there)


def test_the_turned_picture_holds_the_turned_values():
    scan = volume((4, 3, 2))
    scan.array[:] = np.arange(24).reshape(scan.array.shape)
    window = Window(10, 5)
    stack = build_stack(scan, "Transversal")
    shown = {}
    for turn in [(n, flip) for n in range(4) for flip in (False, True)]:
        turned = turned_stack(stack, turn)
        size = (round(turned.extent[0]), round(turned.extent[1]))
        shown[turn] = CpuRenderer().sample(SliceView(scan, turned.plane(0), size, 1.0, window))
    plain = scan.array[:, :, stack.voxels[0]].T
    for (count, flip), picture in shown.items():
        expected = plain[:, ::-1] if flip else plain
        assert np.array_equal(picture, np.rot90(expected, -count))


def test_words():
    assert turn_words((0, False)) == ""
    assert turn_words((3, True)) == "mirrored, turned 270°"
