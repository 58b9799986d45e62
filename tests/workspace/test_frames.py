"""Points in time: which there are, how fast they follow each other, who shows them."""

from __future__ import annotations

import numpy as np
import pytest

from viewr.model.frame_point import FramePoint
from viewr.model.geometry import Grid
from viewr.model.state import Look, State, ViewportLook
from viewr.model.volume import Volume
from viewr.workspace.document import Document
from viewr.workspace.frames import (
    FrameAxis,
    frame_at,
    frame_axes,
    frame_rate,
    frame_seconds,
    show_frame,
    show_points,
)


def volume(shape, axes, **fields) -> Volume:
    return Volume(np.zeros(shape, np.uint8), Grid(shape[:3], np.eye(4)), axes=axes, **fields)


def test_axes_of_one_point_and_channels_are_no_frames():
    scan = volume((2, 2, 2, 1, 5, 3), ("echo", "time", "channel"))
    assert frame_axes(scan) == (FrameAxis(1, "time", 5),)
    assert frame_axes(volume((2, 2, 2, 3), ("channel",))) == ()


@pytest.mark.parametrize(("milliseconds", "rate"), [(33, 30.3), (None, 10), (0, 10), (9000, 0.5), (1, 100)])
def test_the_rate_comes_from_the_data_within_limits(milliseconds, rate):
    assert frame_rate(volume((2, 2, 1, 5), ("time",), frame_time_ms=milliseconds)) == pytest.approx(rate, rel=1e-3)


def test_a_point_has_a_time_where_the_scan_says():
    axis = FrameAxis(0, "time", 5)
    assert frame_seconds(volume((2, 2, 1, 5), ("time",), frame_time_ms=40), axis, 3) == pytest.approx(0.12)
    assert frame_seconds(volume((2, 2, 1, 5), ("time",)), axis, 3) is None
    assert frame_seconds(volume((2, 2, 1, 5), ("echo",), frame_time_ms=40), FrameAxis(0, "echo", 5), 3) is None


def test_all_views_of_a_scan_show_the_same_point():
    keys = [("default", name) for name in "abc"]
    looks = dict(zip(keys, (ViewportLook("US"), ViewportLook("US"), ViewportLook("CT")), strict=True))
    looks["other", "a"] = ViewportLook("US")
    document = Document(State(look=Look(viewports=looks)))
    axis = FrameAxis(1, "time", 5)
    show_frame(document, keys[0], axis, 99)
    shown = document.state.look.viewports
    assert [shown[key].frame for key in keys] == [(0, 4), (0, 4), ()]
    assert shown["other", "a"].frame == ()
    assert frame_at(shown[keys[0]], axis) == 4
    assert frame_at(shown[keys[2]], axis) == 0


def test_a_frame_is_brought_back_in_all_views_of_its_scan_and_nowhere_else():
    keys = [("default", name) for name in "abc"]
    looks = dict(zip(keys, (ViewportLook("US"), ViewportLook("US", frame=(1, 1)), ViewportLook("CT")), strict=True))
    document = Document(State(look=Look(viewports=looks)))
    show_points(document, "default", "US", (FramePoint("time", 3, 5),))
    assert document.state.look.viewports == looks  # what its axes are is not known before it is there
    document.add_volume(("default", "US"), volume((2, 2, 1, 2, 5), ("echo", "time")))
    show_points(document, "default", "US", (FramePoint("time", 3, 5),))
    assert [document.state.look.viewports[key].frame for key in keys] == [(0, 2), (1, 2), ()]
