"""Markers, landmarks and polygons, drawn by pointers without a window."""

from __future__ import annotations

import pytest

from tests.tools.made import FakeContext, close, key, pointer
from viewr.model.contour import Contour
from viewr.model.geometry import anatomical_plane
from viewr.model.marker import Marker
from viewr.tools.base import GestureRunner
from viewr.tools.catalog import TOOLS
from viewr.tools.hit import edge_at, marker_at, seed_at
from viewr.tools.marker import delete_selected, landmark, marker
from viewr.tools.polygon import delete_under, polygon

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))


def drag(context: FakeContext, tool, *places: tuple[float, float]) -> None:
    runner = GestureRunner(context)
    runner.start(tool, pointer("press", *places[0]))
    for place in places[1:]:
        runner.feed(pointer("move", *place))
    runner.feed(pointer("release", *places[-1]))
    assert not runner.active


def click(runner: GestureRunner, x: float, y: float) -> None:
    if runner.active:
        runner.feed(pointer("move", x, y))
        runner.feed(pointer("press", x, y))
    else:
        runner.start(polygon, pointer("press", x, y))
    runner.feed(pointer("release", x, y))


def draw_square(context: FakeContext) -> GestureRunner:
    runner = GestureRunner(context)
    for place in SQUARE:
        click(runner, *place)
    return runner


# --- markers -------------------------------------------------------------------------------------------------------


def test_a_click_places_a_marker():
    context = FakeContext(group=2)
    drag(context, marker, (3.0, 4.0))
    assert context.drawn == (Marker((3.0, 4.0, 0.0), 2, "", 1, "CT"),)
    assert context.selected == 1
    assert context.log == ["begin Place a marker", "commit"]


def test_a_marker_goes_with_the_pointer_until_the_release():
    context = FakeContext()
    drag(context, marker, (3.0, 4.0), (5.0, 6.0), (7.0, 8.0))
    assert [item.pos for item in context.drawn] == [(7.0, 8.0, 0.0)]


def test_a_press_near_a_marker_takes_hold_of_it():
    context = FakeContext()
    drag(context, marker, (3.0, 4.0))
    drag(context, marker, (3.5, 4.0))
    assert [item.pos for item in context.drawn] == [(3.0, 4.0, 0.0)]
    drag(context, marker, (3.2, 4.0), (9.0, 9.0))
    assert [item.pos for item in context.drawn] == [(9.0, 9.0, 0.0)]
    assert context.log[-2:] == ["begin Move the marker", "commit"]


def test_ids_are_not_used_again():
    context = FakeContext()
    for x in (0.0, 10.0, 20.0):
        drag(context, marker, (x, 0.0))
    context.select(2)
    assert delete_selected(context)
    drag(context, marker, (30.0, 0.0))
    assert [item.id for item in context.drawn] == [1, 3, 4]
    assert context.selected == 4


def test_no_more_markers_than_the_template_allows():
    context = FakeContext(limit=1)
    drag(context, marker, (0.0, 0.0))
    runner = GestureRunner(context)
    runner.start(marker, pointer("press", 10.0, 0.0))
    assert len(context.drawn) == 1
    assert "All 1 are placed" in context.log[-1]


def test_nothing_selected_nothing_deleted():
    context = FakeContext()
    drag(context, marker, (0.0, 0.0))
    context.select(None)
    assert not delete_selected(context)
    context.select(99)
    assert not delete_selected(context)
    assert len(context.drawn) == 1


@pytest.mark.parametrize("name", ["marker", "landmark", "polygon"])
def test_without_a_field_the_tool_says_what_to_do(name):
    context = FakeContext(target=None)
    runner = GestureRunner(context)
    runner.start(TOOLS[name].function, pointer("press", 0, 0))
    assert not runner.active
    assert context.log[-1].startswith("Choose in the form")


def test_a_landmark_is_placed_once_and_moved_after():
    context = FakeContext(target_name="nasion", group=1)
    drag(context, landmark, (1.0, 2.0))
    drag(context, landmark, (40.0, 2.0))
    assert context.drawn == (Marker((40.0, 2.0, 0.0), 1, "nasion", 1, "CT"),)
    context.target_name = "inion"
    drag(context, landmark, (-40.0, 2.0))
    assert [item.name for item in context.drawn] == ["nasion", "inion"]


def test_a_marker_far_from_the_plane_is_not_held():
    plane = anatomical_plane("Transversal", (0, 0, 0))
    deep = Marker((0.0, 0.0, 5.0), id=1)
    near = Marker((0.5, 0.0, 1.0), id=2)
    assert marker_at([deep, near], plane, (0.0, 0.0, 0.0), 1.0, 2.0) is near
    assert marker_at([deep], plane, (0.0, 0.0, 0.0), 1.0, 2.0) is None


# --- polygons ------------------------------------------------------------------------------------------------------


def outline(context: FakeContext) -> Contour:
    (contour,) = context.drawn
    assert isinstance(contour, Contour)
    return contour


def test_enter_closes_a_polygon():
    context = FakeContext(group=1)
    runner = draw_square(context)
    assert context.drawn == ()
    assert runner.preview.corners == tuple((x, y, 0.0) for x, y in SQUARE)
    runner.feed(key("enter"))
    contour = outline(context)
    assert contour.seed_points == contour.path_points == tuple((x, y, 0.0) for x, y in SQUARE)
    assert contour.closed
    assert contour.group == 1
    assert contour.plane_normal == (0.0, 0.0, 1.0)
    assert contour.plane_origin == (0.0, 0.0, 0.0)
    assert context.selected == contour.id == 1


def test_a_click_on_the_first_corner_closes():
    context = FakeContext()
    runner = draw_square(context)
    click(runner, 0.3, 0.2)
    assert len(outline(context).seed_points) == 4
    assert not runner.active


def test_a_double_click_closes_without_a_second_corner_there():
    context = FakeContext()
    runner = draw_square(context)
    runner.feed(pointer("double", *SQUARE[-1]))
    assert len(outline(context).seed_points) == 4


def test_two_corners_are_no_polygon():
    context = FakeContext()
    runner = GestureRunner(context)
    click(runner, 0, 0)
    click(runner, 10, 0)
    runner.feed(key("enter"))
    assert runner.active
    assert context.drawn == ()


def test_backspace_takes_corners_back_down_to_none():
    context = FakeContext()
    runner = draw_square(context)
    runner.feed(key("backspace"))
    assert len(runner.preview.corners) == 3
    for _ in range(3):
        runner.feed(key("backspace"))
    assert not runner.active
    assert context.drawn == ()


def test_the_line_goes_to_the_pointer():
    runner = GestureRunner(FakeContext())
    click(runner, 0, 0)
    runner.feed(pointer("move", 5, 5))
    assert runner.preview.line == ((0, 0, 0), (5, 5, 0))


def test_clicks_on_another_slice_do_not_count():
    context = FakeContext()
    runner = GestureRunner(context)
    click(runner, 0, 0)
    runner.feed(pointer("press", 5, 5, 3.0, anatomical_plane("Transversal", (0, 0, 3.0))))
    assert len(runner.preview.corners) == 1


def test_escape_leaves_nothing():
    context = FakeContext()
    runner = draw_square(context)
    assert runner.cancel()
    assert context.drawn == ()


def drawn_square() -> FakeContext:
    context = FakeContext()
    draw_square(context).feed(key("enter"))
    return context


def test_a_corner_can_be_dragged():
    context = drawn_square()
    drag(context, polygon, (10.2, 9.9), (15.0, 15.0))
    assert outline(context).seed_points[2] == (15.0, 15.0, 0.0)
    assert len(outline(context).seed_points) == 4
    assert context.log == ["begin Move a corner", "commit"]


def test_a_press_on_an_edge_inserts_a_corner():
    context = drawn_square()
    drag(context, polygon, (5.0, 0.2), (5.0, -3.0))
    assert outline(context).seed_points == (
        (0, 0, 0), (5.0, -3.0, 0.0), (10, 0, 0), (10, 10, 0), (0, 10, 0),
    )  # fmt: skip
    drag(context, polygon, (0.1, 5.0), (-2.0, 5.0))
    assert outline(context).seed_points[-1] == (-2.0, 5.0, 0.0)


def test_delete_takes_a_corner_then_the_contour():
    context = drawn_square()
    assert delete_under(pointer("move", 10.0, 10.0), context)
    assert len(outline(context).seed_points) == 3
    assert not delete_under(pointer("move", 50.0, 50.0), context)
    assert delete_under(pointer("move", 10.0, 0.0), context)
    assert context.drawn == ()


def test_delete_takes_the_selected_contour():
    context = drawn_square()
    assert delete_selected(context)
    assert context.drawn == ()


def test_contours_of_other_slices_are_not_touched():
    context = drawn_square()
    plane = anatomical_plane("Transversal", (0, 0, 2.0))
    runner = GestureRunner(context)
    runner.start(polygon, pointer("press", 10.0, 10.0, 2.0, plane))
    assert runner.preview.corners == ((10.0, 10.0, 2.0),)


def test_hits_are_nearest_and_within_reach():
    contour = outline(drawn_square())
    plane = anatomical_plane("Transversal", (0, 0, 0))
    assert seed_at(contour, plane, (9.5, 0.5, 0.0), 1.0) == 1
    assert seed_at(contour, plane, (5.0, 5.0, 0.0), 1.0) is None
    assert edge_at(contour, plane, (10.4, 5.0, 0.0), 1.0) == 1
    assert edge_at(contour, plane, (0.0, 5.0, 0.0), 1.0) == 3
    assert edge_at(contour, plane, (5.0, 5.0, 0.0), 1.0) is None
    assert close(contour.plane_normal, (0, 0, 1))
