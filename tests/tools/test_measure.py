"""Measures, taken and changed by pointers without a window."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tools.made import FakeContext, key, pointer
from viewr.model.geometry import anatomical_plane
from viewr.model.measure import Measure
from viewr.tools.base import GestureRunner
from viewr.tools.catalog import TOOLS
from viewr.tools.marker import delete_selected


@pytest.fixture
def context() -> FakeContext:
    return FakeContext()


def take(context: FakeContext, kind: str, *places: tuple[float, float], clicks: bool = True) -> GestureRunner:
    """Measure by clicks on places, or by one drag from the first to the second of them."""
    runner = GestureRunner(context)
    runner.start(TOOLS[kind].function, pointer("press", *places[0]))
    if clicks:
        runner.feed(pointer("release", *places[0]))
    for place in places[1:]:
        runner.feed(pointer("move", *place))
        if clicks:
            runner.feed(pointer("press", *place))
        runner.feed(pointer("release", *place))
    return runner


def only(context: FakeContext) -> Measure:
    (measure,) = context.drawn
    assert isinstance(measure, Measure)
    return measure


@pytest.mark.parametrize("clicks", [True, False])
def test_a_distance_by_two_clicks_or_a_drag(context, clicks):
    runner = take(context, "distance", (0, 0), (30, 40), clicks=clicks)
    assert not runner.active
    measure = only(context)
    assert measure.points == ((0.0, 0.0, 0.0), (30.0, 40.0, 0.0))
    assert measure.text == "50.0 mm"
    assert (measure.scan, measure.id, context.selected) == ("CT", 1, 1)


@pytest.mark.parametrize(
    ("kind", "places", "text"),
    [
        ("angle", [(10, 0), (0, 0), (0, 10)], "90.0°"),
        ("cobb", [(0, 0), (10, 0), (0, 30), (10, 40)], "45.0°"),
        ("bidirectional", [(0, 0), (20, 0), (8, 5)], "Long 20.0 mm, Short 10.0 mm"),
        ("ellipse", [(0, 0), (20, 10)], "Area 157.1 mm²"),
    ],
)
def test_each_kind_by_clicks(context, kind, places, text):
    assert not take(context, kind, *places).active
    assert only(context).text == text


def test_while_it_is_drawn_the_figure_is_there_already(context):
    runner = GestureRunner(context)
    runner.start(TOOLS["distance"].function, pointer("press", 0, 0))
    runner.feed(pointer("move", 3, 4))
    assert runner.preview is not None
    assert runner.preview.measure is not None
    assert runner.preview.measure.text == "5.00 mm"
    assert context.drawn == ()


def test_a_click_without_a_way_is_no_measure_and_backspace_takes_places_back(context):
    runner = take(context, "angle", (10, 0), (0, 0))
    assert runner.active
    runner.feed(key("backspace"))
    runner.feed(pointer("press", 5, 0))
    runner.feed(pointer("press", 5, 5))
    assert only(context).text == "90.0°"
    again = take(context, "distance", (50, 50))
    again.feed(key("backspace"))
    assert not again.active
    assert len(context.drawn) == 1


def test_escape_leaves_nothing(context):
    runner = take(context, "angle", (10, 0), (0, 0))
    runner.cancel()
    assert context.drawn == ()


def test_an_end_is_dragged_and_the_line_takes_the_whole(context):
    take(context, "distance", (0, 0), (30, 40))
    take(context, "distance", (30, 40), (30, 0), clicks=False)
    assert only(context).text == "30.0 mm"
    take(context, "angle", (15, 0), (15, 7), clicks=False)  # whatever measuring tool is in the hand
    assert only(context).points == ((0.0, 7.0, 0.0), (30.0, 7.0, 0.0))
    assert context.log.count("commit") == 2


def test_an_ellipse_is_taken_by_its_edge_not_its_inside(context):
    take(context, "ellipse", (0, 0), (20, 10))
    angle = np.radians(45)
    edge = (10 + 10 * np.cos(angle), 5 + 5 * np.sin(angle))
    take(context, "ellipse", edge, (edge[0] + 3, edge[1]), clicks=False)
    assert only(context).points[0] == (13.0, 5.0, 0.0)
    take(context, "ellipse", (13, 7.5), (15, 9.5), clicks=False)
    assert len(context.drawn) == 2


def test_a_measure_of_another_slice_is_out_of_reach(context):
    take(context, "distance", (0, 0), (30, 40))
    above = anatomical_plane("Transversal", (0.0, 0.0, 5.0))
    runner = GestureRunner(context)
    runner.start(TOOLS["distance"].function, pointer("press", 0, 0, 5.0, above))
    runner.feed(pointer("move", 0, 9, 5.0, above))
    runner.feed(pointer("release", 0, 9, 5.0, above))
    assert [measure.text for measure in context.drawn] == ["50.0 mm", "9.00 mm"]


def test_delete_takes_the_selected_one(context):
    take(context, "distance", (0, 0), (30, 40))
    assert delete_selected(context)
    assert context.drawn == ()
