"""Lengths, angles and areas, worked out by hand; and what stays at a right angle when a point is dragged."""

from __future__ import annotations

import json

import numpy as np
import pytest

from viewr.model.annotation import Annotation, apply_diff, diff, drawn_from_json, drawn_to_json, with_drawing
from viewr.model.geometry import Plane, anatomical_plane
from viewr.model.measure import (
    MEASURES,
    Measure,
    Value,
    geometric_values,
    measure_value,
    moved,
    points_from_places,
    read_measure,
    with_point,
)
from viewr.model.result import fields_document, read_fields
from viewr.model.template import Context

AXIAL = anatomical_plane("Transversal", (0.0, 0.0, 0.0))
UP = (0.0, 0.0, 1.0)


def measure(kind, *points, **fields) -> Measure:
    return Measure(kind, tuple((float(x), float(y), float(z)) for x, y, z in points), (0.0, 0.0, 0.0), UP, **fields)


def numbers(one: Measure) -> list[float]:
    return [value.number for value in geometric_values(one)]


@pytest.mark.parametrize(
    ("kind", "points", "values"),
    [
        ("distance", [(0, 0, 0), (3, 4, 12)], [13]),
        ("angle", [(1, 0, 0), (0, 0, 0), (1, 1, 0)], [45]),
        ("angle", [(1, 0, 0), (0, 0, 0), (-1, 0, 0)], [180]),
        ("cobb", [(0, 0, 0), (10, 0, 0), (0, 20, 0), (10, 30, 0)], [45]),
        # drawn from the other side the lines are the same
        ("cobb", [(0, 0, 0), (10, 0, 0), (10, 30, 0), (0, 20, 0)], [45]),
        ("bidirectional", [(0, 0, 0), (10, 0, 0), (5, 2, 0), (5, -2, 0)], [10, 4]),
        ("ellipse", [(0, 0, 0), (4, 0, 0), (0, 3, 0)], [12 * np.pi]),
    ],
)
def test_figures_by_hand(kind, points, values):
    assert numbers(measure(kind, *points)) == pytest.approx(values)


def test_a_line_without_length_has_an_angle_of_0_not_an_error():
    assert numbers(measure("angle", (0, 0, 0), (0, 0, 0), (1, 0, 0))) == [0]


def test_figures_of_a_damaged_file_can_be_written_down():
    assert [Value("Mean", number, "").text for number in (np.nan, np.inf, 5)] == ["nan", "inf", "5"]


def test_an_uncalibrated_image_is_measured_in_pixels():
    values = geometric_values(measure("ellipse", (0, 0, 0), (4, 0, 0), (0, 3, 0)), "px")
    assert values[0].text == "37.7 px²"
    (area,) = geometric_values(measure("ellipse", (0, 0, 0), (4, 0, 0), (0, 3, 0)), "mm at detector")
    assert area.text == "37.7 mm² at detector"


@pytest.mark.parametrize(("number", "unit", "text"), [(3.14159, "mm", "3.14 mm"), (42.345, "mm", "42.3 mm"),
                                                      (123456.0, "HU", "123456 HU"), (7.0, "°", "7.0°")])  # fmt: skip
def test_figures_are_written_with_their_unit(number, unit, text):
    assert Value("", number, unit).text == text


def test_an_ellipse_fills_the_box_between_two_corners_along_the_axes_of_the_picture():
    points = points_from_places("ellipse", [(10.0, 0.0, 0.0), (0.0, 4.0, 0.0)], AXIAL)
    np.testing.assert_allclose(points, [(5, 2, 0), (10, 2, 0), (5, 4, 0)])


def test_the_short_diameter_goes_through_the_third_place_at_a_right_angle():
    points = points_from_places("bidirectional", [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (4.0, 3.0, 0.0)], AXIAL)
    np.testing.assert_allclose(points, [(0, 0, 0), (10, 0, 0), (4, 3, 0), (4, -3, 0)], atol=1e-12)


def test_turning_the_long_diameter_takes_the_short_one_along():
    one = measure("bidirectional", (0, 0, 0), (10, 0, 0), (5, 2, 0), (5, -1, 0))
    points = np.array(with_point(one, 1, (0.0, 10.0, 0.0), AXIAL))
    assert float((points[1] - points[0]) @ (points[3] - points[2])) == pytest.approx(0)
    np.testing.assert_allclose(points[2:], [(-2, 5, 0), (1, 5, 0)], atol=1e-12)


def test_an_end_of_the_short_diameter_slides_it_along_and_changes_its_own_side_only():
    one = measure("bidirectional", (0, 0, 0), (10, 0, 0), (5, 2, 0), (5, -1, 0))
    np.testing.assert_allclose(with_point(one, 2, (7.0, 4.0, 0.0), AXIAL)[2:], [(7, 4, 0), (7, -1, 0)], atol=1e-12)
    np.testing.assert_allclose(with_point(one, 3, (7.0, -3.0, 0.0), AXIAL)[2:], [(7, 2, 0), (7, -3, 0)], atol=1e-12)


def test_dragging_a_half_axis_turns_the_ellipse_and_keeps_the_other_half_axis():
    one = measure("ellipse", (0, 0, 0), (4, 0, 0), (0, 3, 0))
    points = np.array(with_point(one, 1, (0.0, 6.0, 0.0), AXIAL))
    np.testing.assert_allclose(points, [(0, 0, 0), (0, 6, 0), (-3, 0, 0)], atol=1e-12)
    points = np.array(with_point(one, 2, (0.0, 5.0, 0.0), AXIAL))
    np.testing.assert_allclose(points, [(0, 0, 0), (4, 0, 0), (0, 5, 0)], atol=1e-12)


def test_a_half_axis_dragged_onto_the_centre_changes_nothing():
    one = measure("ellipse", (0, 0, 0), (4, 0, 0), (0, 3, 0))
    assert with_point(one, 1, (0.0, 0.0, 0.0), AXIAL) == one.points


def test_right_angles_hold_on_oblique_planes():
    turned = Plane((1.0, 2.0, 3.0), (0.6, 0.8, 0.0), (0.0, 0.0, -1.0))
    places = [turned.center, turned.center + 10 * turned.right, turned.center + 4 * turned.right + 3 * turned.down]
    points = np.array(points_from_places("bidirectional", [tuple(place) for place in places], turned))
    np.testing.assert_allclose(points[3], turned.center + 4 * turned.right - 3 * turned.down, atol=1e-12)


def test_moving_moves_every_point():
    assert moved(measure("distance", (0, 0, 0), (1, 0, 0)), (1, 2, 3)) == ((1.0, 2.0, 3.0), (2.0, 2.0, 3.0))


def test_a_measure_survives_journal_undo_and_json():
    one = measure("distance", (0, 0, 0), (3, 4, 0), id=3, scan="CT", values=(Value("", 5.0, "mm"),))
    assert drawn_from_json(json.loads(json.dumps(drawn_to_json(one)))) == one
    before, after = Annotation(), with_drawing(Annotation(), ("default", MEASURES), (one,))
    changes = json.loads(json.dumps(diff(before, after)))
    assert apply_diff(before, changes) == after
    assert apply_diff(after, changes, back=True) == before


def test_results_hold_measures_with_their_figures_and_give_them_back():
    one = measure("distance", (0, 0, 0), (3, 4, 0), id=3, scan="CT", values=(Value("", 5.0, "mm"),))
    context = Context("default")
    document = json.loads(json.dumps(fields_document(context, {}, {("default", MEASURES): [one]}, {})))
    assert document["__viewr__"]["measurements"] == [{
        "id": 3, "kind": "distance", "label": "", "scan": "CT", "points": [[0, 0, 0], [3, 4, 0]],
        "plane": {"origin": [0, 0, 0], "normal": [0, 0, 1]}, "values": [{"name": "", "value": 5.0, "unit": "mm"}],
    }]  # fmt: skip
    assert read_fields(document, context)[1] == {("default", MEASURES): (one,)}


@pytest.mark.parametrize("change", [
    {"kind": "area"}, {"points": [[0, 0]]}, {"points": [[0, 0, 0]]}, {"points": 7}, {"id": "x"}, {"plane": None},
    {"points": [[0, 0, 0], [float("nan"), 0, 0]]}, {"values": [{"name": "a"}]},
])  # fmt: skip
def test_what_is_no_measure_of_ours_is_passed_over(change):
    good = measure_value(measure("distance", (0, 0, 0), (3, 4, 0), id=1))
    assert read_measure(good) is not None
    assert read_measure({**good, **change}) is None
