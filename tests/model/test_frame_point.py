"""Frames as readers count them, and back to the places of an array."""

from __future__ import annotations

import json

import numpy as np
import pytest

from viewr.model.frame_point import (
    FramePoint,
    frame_at_points,
    frame_points,
    is_film,
    points_text,
    points_value,
    read_points,
)
from viewr.model.geometry import Grid
from viewr.model.volume import Volume


def scan(shape, axes) -> Volume:
    return Volume(np.zeros(shape, np.uint8), Grid(shape[:3], np.eye(4)), axes=axes)


MANY = scan((2, 2, 3, 1, 5, 4, 3), ("phase", "time", "echo", "channel"))


def test_axes_of_one_point_and_colours_are_not_named():
    assert frame_points(MANY, (0, 4, 2)) == (FramePoint("time", 5, 5), FramePoint("echo", 3, 4))
    assert frame_points(MANY, ()) == (FramePoint("time", 1, 5), FramePoint("echo", 1, 4))
    assert frame_points(MANY, (0, 99, -1)) == (FramePoint("time", 5, 5), FramePoint("echo", 1, 4))
    assert frame_points(scan((2, 2, 1, 3), ("channel",)), ()) == ()


def test_readers_see_words():
    assert points_text(frame_points(MANY, (0, 4, 2))) == "frame 5 of 5, echo 3 of 4"


def test_the_way_back_leaves_what_is_not_named():
    points = (FramePoint("echo", 3, 4),)
    assert frame_at_points(MANY, points, (0, 4)) == (0, 4, 2)
    assert frame_at_points(MANY, points) == (0, 0, 2)
    assert frame_at_points(MANY, (FramePoint("diffusion", 3, 4),), (0, 1)) == (0, 1)
    # a scan that has become shorter: its last one
    assert frame_at_points(MANY, (FramePoint("time", 30, 30),)) == (0, 4)


def test_they_survive_a_file():
    points = frame_points(MANY, (0, 4, 2))
    assert read_points(json.loads(json.dumps(points_value(points)))) == points
    assert points_value(()) == {}
    assert read_points({}) == read_points(None) == ()


@pytest.mark.parametrize(
    ("shape", "axes", "film"),
    [((2, 2, 1, 5), ("time",), True), ((2, 2, 1, 5, 3), ("time", "channel"), True), ((2, 2, 1, 3), ("channel",), False),
     ((2, 2, 1), (), False), ((2, 2, 2, 5), ("time",), False), ((2, 2, 1, 1), ("time",), False)],
)  # fmt: skip
def test_a_film_is_one_slice_with_frames(shape, axes, film):
    assert is_film(scan(shape, axes)) is film
