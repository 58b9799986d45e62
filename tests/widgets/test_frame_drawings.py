"""What was drawn on a frame belongs to it: gone from the others of a film, faint where slices have points in time."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.data import SHARED, needs_real_scans
from tests.widgets.test_cine import film
from tests.widgets.viewing import at, drag, one, press, template, viewport, views
from viewr.imaging.series import read_folder
from viewr.model.annotation import drawn_from_json, drawn_to_json
from viewr.model.contour import Contour
from viewr.model.frame_point import FramePoint, frame_points
from viewr.model.geometry import Grid
from viewr.model.marker import Marker
from viewr.model.measure import MEASURES, Measure
from viewr.model.result import fields_document, read_fields
from viewr.model.volume import Volume, Window
from viewr.widgets.measure_list import MeasureList
from viewr.widgets.slice_view_measures import figures
from viewr.workspace.read_record import to_see

Key = Qt.Key
KEY = ("default", MEASURES)
POINTS, OUTLINE = ("default", "points"), ("default", "outline")
UP = (0.0, 0.0, 1.0)


def ultrasound(frames: int = 30) -> Volume:
    """One slice of 40 x 40; frame n holds n."""
    array = np.zeros((40, 40, 1, frames), np.uint8)
    array += np.arange(frames, dtype=np.uint8)
    return Volume(array, Grid((40, 40, 1), np.eye(4)), modality="US", axes=("time",), windows=(Window(1000, 500),),
                  frame_time_ms=33.0, placed=False, spacing_source="calibrated by the ultrasound regions")  # fmt: skip


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def us(grid):
    """A view of a film of 30 frames, at frame 17."""
    grid.document.add_volume(("default", "CT"), ultrasound())
    QApplication.processEvents()
    view = one(grid)
    view.cine.show(16)
    return view


@pytest.fixture
def perfusion(grid):
    """A view of 20 slices with 5 points in time."""
    grid.document.add_volume(("default", "CT"), film())
    QApplication.processEvents()
    return one(grid)


def taken(view, key=KEY):
    return view.document.state.annotation.drawings.get(key, ())


def colour_at(view, place: QPoint, reach: int = 3) -> int:
    """The most saturated colour around a place, 0 for grey."""
    view.document.look(tool="window", selected=None)
    image = view.grab().toImage()
    around = range(-reach, reach + 1)
    return max(image.pixelColor(place + QPoint(x, y)).saturation() for x in around for y in around)


def test_a_distance_in_a_film_is_on_its_frame_alone(us):
    press(us, Key.Key_D)
    drag(us, at(us, 5, 8, 0), at(us, 33, 29, 0))
    (measure,) = taken(us)
    assert measure.frames == (FramePoint("time", 17, 30),)
    assert measure.text == "35.0 mm calibrated, Frame 17"
    assert figures(measure) == ["35.0 mm calibrated", "Frame 17"]
    middle = at(us, 19, 18.5, 0)
    assert colour_at(us, middle) > 50
    us.cine.show(17)
    assert colour_at(us, middle) == 0
    us.cine.show(16)
    assert colour_at(us, middle) > 50


def test_on_another_frame_of_a_film_it_cannot_be_taken_hold_of(us):
    press(us, Key.Key_D)
    drag(us, at(us, 5, 8, 0), at(us, 33, 29, 0))
    (before,) = taken(us)
    us.cine.show(3)
    drag(us, at(us, 33, 29, 0), at(us, 10, 30, 0))
    kept, added = taken(us)
    assert kept == before
    assert added.frames == (FramePoint("time", 4, 30),)
    us.document.undo()
    assert taken(us) == (before,)


def test_the_list_names_the_frame_and_leads_to_it(us, qtbot):
    box = MeasureList(us.document, "default")
    qtbot.addWidget(box)
    press(us, Key.Key_D)
    drag(us, at(us, 5, 8, 0), at(us, 33, 29, 0))
    assert [box.topLevelItem(0).text(column) for column in range(3)] == ["Distance 1", "35.0 mm calibrated", "17"]
    assert not box.isColumnHidden(2)
    us.cine.show(2)
    box.show()
    place = box.visualItemRect(box.topLevelItem(0)).center()
    QTest.mouseClick(box.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert us.cine.point == 16


def test_without_frames_the_list_has_no_column_for_them(grid, qtbot):
    box = MeasureList(grid.document, "default")
    qtbot.addWidget(box)
    press(one(grid), Key.Key_D)
    drag(one(grid), at(one(grid), 5, 8, 20), at(one(grid), 33, 29, 20))
    assert box.topLevelItemCount() == 1
    assert box.isColumnHidden(2)


def test_drawing_stops_the_film(us):
    us.cine.toggle()
    press(us, Key.Key_D)
    drag(us, at(us, 5, 8, 0), at(us, 33, 29, 0))
    assert not us.cine.playing
    assert taken(us)[0].frames[0].number == us.cine.point + 1


def test_a_measure_of_before_that_names_no_frame_is_on_all_of_them(us):
    places = ((5.0, 8.0, 0.0), (33.0, 29.0, 0.0))
    older = Measure("distance", places, places[0], UP, 1, "CT")
    us.document.edit("Measure", lambda a: type(a)(a.answers, {KEY: (older,)}))
    for frame in (0, 16):
        us.cine.show(frame)
        assert colour_at(us, at(us, 19, 18.5, 0)) > 50


def test_in_slices_with_points_in_time_a_measure_is_faint_on_the_others_and_stays_as_it_is(perfusion):
    view = perfusion
    view.cine.show(2)
    press(view, Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 20, 20, 20))
    (measure,) = taken(view)
    edge = at(view, *measure.points[1])
    strong = colour_at(view, edge)
    view.cine.show(4)
    press(view, Key.Key_O)
    assert 0 < colour_at(view, edge + QPoint(0, 6), 4) < strong
    press(view, Key.Key_O)
    drag(view, at(view, *measure.points[0]), at(view, 18, 18, 20))
    kept, added = taken(view)
    assert kept == measure
    assert added.frames == (FramePoint("time", 5, 5),)
    assert next(value.number for value in added.values if value.name == "Mean") == 400
    view.cine.show(2)
    press(view, Key.Key_O)
    drag(view, at(view, *measure.points[0]), at(view, 18, 18, 20))
    assert taken(view)[0].points != measure.points
    assert taken(view)[0].frames == measure.frames


def test_the_hand_without_a_tool_takes_hold_of_measures_of_the_shown_frame_alone(perfusion):
    view = perfusion
    press(view, Key.Key_D)
    drag(view, at(view, 10, 10, 20), at(view, 30, 20, 20))
    (measure,) = taken(view)
    view.document.look(tool="window", selected=None)
    view.cine.show(1)
    drag(view, at(view, 30, 20, 20), at(view, 30, 30, 20))
    assert taken(view) == (measure,)
    view.cine.show(0)
    drag(view, at(view, 30, 20, 20), at(view, 30, 30, 20))
    assert taken(view)[0].points != measure.points


@pytest.mark.parametrize("tool", ["marker", "polygon"])
def test_markers_and_contours_of_a_film_are_on_their_frame_alone(us, tool):
    key = POINTS if tool == "marker" else OUTLINE
    us.document.look(target=key, tool=tool)
    if tool == "marker":
        QTest.mouseClick(us, Qt.MouseButton.LeftButton, pos=at(us, 10, 10, 0))
    else:
        for place in ((10, 10, 0), (30, 10, 0), (20, 30, 0)):
            QTest.mouseClick(us, Qt.MouseButton.LeftButton, pos=at(us, *place))
        press(us, Key.Key_Return)
    (drawn,) = taken(us, key)
    assert drawn.frames == (FramePoint("time", 17, 30),)
    place = at(us, 10, 10, 0)
    assert colour_at(us, place) > 50
    us.cine.show(0)
    assert colour_at(us, place) == 0


def test_a_marker_in_slices_stays_on_all_points_in_time(perfusion):
    view = perfusion
    view.document.look(target=POINTS, tool="marker")
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 10, 10, 20))
    assert taken(view, POINTS)[0].frames == (FramePoint("time", 1, 5),)
    view.cine.show(3)
    assert colour_at(view, at(view, 10, 10, 20)) > 50


@needs_real_scans
def test_real_films_and_scans_with_points_in_time_are_told_apart():
    found = {}
    for folder in ("ultrasound", "projection", "mr-epi4d-ge"):
        for volume in read_folder(SHARED / folder).volumes:
            if volume.series_uid and frame_points(volume, ()):
                found.setdefault(volume.modality, []).append(to_see(volume))
    assert {name: sorted(units) for name, units in found.items()} == {
        "US": [("frame", 10), ("frame", 30)], "XA": [("frame", 96)], "MR": [("slice", 15)]
    }  # fmt: skip


DRAWN = (
    Marker((1.0, 2.0, 3.0), 0, "tip", 4, "US", (FramePoint("time", 17, 30),)),
    Contour(1, ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
            (0.0, 0.0, 0.0), UP, frames=(FramePoint("time", 17, 30),)),
    Measure("probe", ((1.0, 2.0, 3.0),), (0.0, 0.0, 0.0), UP, 1, "US", frames=(FramePoint("echo", 2, 3),)),
)  # fmt: skip


@pytest.mark.parametrize("drawn", DRAWN)
def test_the_journal_keeps_the_frame_and_reads_what_has_none(drawn):
    data = json.loads(json.dumps(drawn_to_json(drawn)))
    assert drawn_from_json(data) == drawn
    del data["frame"]
    assert drawn_from_json(data).frames == ()
    assert "frame" not in drawn_to_json(drawn_from_json(data))


def test_the_result_keeps_the_frame():
    context = template(viewport("a")).contexts[0]
    drawings = dict(zip((POINTS, OUTLINE, KEY), ((item,) for item in DRAWN), strict=True))
    document = json.loads(json.dumps(fields_document(context, {}, drawings, {})))
    assert document["points"][0]["frame"] == [{"axis": "time", "number": 17, "of": 30}]
    assert document["__viewr__"]["measurements"][0]["frame"] == [{"axis": "echo", "number": 2, "of": 3}]
    _answers, read, unread = read_fields(document, context)
    assert {key: items[0].frames for key, items in read.items()} == {
        key: items[0].frames for key, items in drawings.items()
    }
    assert unread == {}
