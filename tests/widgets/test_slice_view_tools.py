"""Tools in a viewport: strokes, markers and contours by the mouse, their undo, and who draws them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import at, drag, move, one, press, shown, viewport, views, volume
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.template import Context, Field, Template
from viewr.widgets.slice_view_drawings import belongs, drawn_words, marker_strength
from viewr.widgets.tool_context import DrawingFields

Key = Qt.Key
POINTS, OUTLINE = ("default", "points"), ("default", "outline")


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid):
    return one(grid)


def labels(view):
    return view.document.labelmaps["default", "lab"].array


def paint(view, *places, release=True):
    z = 2.0 * shown(view)
    drag(view, *[at(view, x, y, z) for x, y in places], release=release)


def click(view, x, y):
    paint(view, (x, y))


def drawings(view, key):
    return view.document.state.annotation.drawings.get(key, ())


# --- brush ---------------------------------------------------------------------------------------------------------


def test_a_stroke_paints_and_undo_takes_it_back_whole(view):
    view.document.look(tool="brush", brush_mm=2.4)
    k = shown(view)
    # two ways of 7 + 5 + 5 voxels that share 6
    paint(view, (10, 10), (14, 10), (14, 14))
    painted = labels(view)[:, :, k]
    assert painted[10, 10] == painted[12, 10] == painted[14, 12] == painted[14, 14] == 1
    assert labels(view).sum() == painted.sum() == 28
    assert view.document.stack.count() == 1
    view.document.undo()
    assert not labels(view).any()
    view.document.redo()
    assert labels(view).sum() == 28


def test_the_label_in_the_hand_is_painted(view):
    view.document.look(tool="brush", brush_mm=2.4, labels={("default", "lab"): 2})
    click(view, 10, 10)
    assert labels(view).max() == 2


def test_escape_cancels_a_stroke(view):
    view.document.look(tool="brush", brush_mm=4.0)
    paint(view, (10, 10), (14, 10), release=False)
    assert labels(view).any()
    press(view, Key.Key_Escape)
    assert not labels(view).any()
    assert view.document.stack.count() == 0
    move(view, at(view, 30, 30, 0), Qt.MouseButton.LeftButton)
    assert not labels(view).any()
    assert view.document.state.look.tool == "brush"


def test_eraser_and_keys_of_tools(view):
    labels(view)[...] = 1
    view.document.look(brush_mm=2.4)
    press(view, Key.Key_E)
    click(view, 10, 10)
    assert (labels(view) == 0).sum() == 5
    press(view, Key.Key_B)
    assert view.document.state.look.tool == "brush"
    press(view, Key.Key_W)
    assert view.document.state.look.tool == "window"


def test_read_only_paints_nothing_and_says_so(view):
    view.document.read_only = True
    view.document.look(tool="brush")
    click(view, 10, 10)
    assert not labels(view).any()
    assert "reading only" in view.hand.context.message


def test_hidden_overlays_are_not_painted_on(view):
    view.document.look(tool="brush", overlays_hidden=True)
    click(view, 10, 10)
    assert not labels(view).any()
    assert "hidden" in view.hand.context.message


def test_no_annotation_to_paint(view):
    view.look_at(annotation="")
    view.document.look(tool="brush")
    click(view, 10, 10)
    assert "no annotation" in view.hand.context.message


# --- markers -------------------------------------------------------------------------------------------------------


def test_markers_by_the_mouse(view):
    view.document.look(tool="marker", target=POINTS)
    click(view, 10, 12)
    (marker,) = drawings(view, POINTS)
    assert marker.pos == pytest.approx((10, 12, 2.0 * shown(view)), abs=0.06)
    assert marker.scan == "CT"
    click(view, 30, 12)
    click(view, 20, 30)  # the template allows two
    assert len(drawings(view, POINTS)) == 2
    press(view, Key.Key_Delete)
    assert len(drawings(view, POINTS)) == 1
    view.document.undo()
    assert len(drawings(view, POINTS)) == 2


def test_a_double_click_while_marking_does_not_maximise(view):
    view.document.look(tool="marker", target=POINTS)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    assert view.document.state.look.maximised is None


def test_escape_puts_the_tool_of_the_form_down(view):
    view.document.look(tool="marker", target=POINTS)
    press(view, Key.Key_Escape)
    assert (view.document.state.look.tool, view.document.state.look.target) == ("window", None)


def test_markers_fade_with_distance():
    assert marker_strength(0.0) == marker_strength(0.5) == 1.0
    assert 0 < marker_strength(2.0) < marker_strength(1.0) < 0.5
    assert marker_strength(2.6) == 0.0


def test_markers_are_drawn_in_their_colour_where_they_are(view):
    z = 2.0 * shown(view)
    view.document.look(crosshair=False)
    view.document.edit("m", lambda a: type(a)(a.answers, {POINTS: (Marker((10, 10, z), id=1, scan="CT"),)}))
    QApplication.processEvents()
    place = at(view, 10, 10, z)
    assert view.grab().toImage().pixelColor(place).getRgb()[:3] == (0, 255, 0)
    view.page(1)
    faint = view.grab().toImage().pixelColor(place)
    assert 0 < faint.green() < 250
    view.page(3)
    grey = view.grab().toImage().pixelColor(place)
    assert grey.red() == grey.green()


def test_drawings_of_listings_are_told_apart_by_their_rows(view):
    def words(path, item, limit):
        where = Field("where", "MarkerEdit", extra={"max_number": limit})
        listing = Field("rows", "ListingWidget", children=(where, Field("edge", "CSOEdit")))
        fields = DrawingFields(Template("t", (Context("default", fields=(listing,)),)))
        return drawn_words(view, ("default", path), item, fields)

    rows = [{"__id__": "r4"}, {"__id__": "r1", "inner": [{"__id__": "r9"}]}]
    view.document.edit("rows", lambda a: type(a)({"default": {"rows": rows}}))
    contour = Contour(5, ((0, 0, 0),), ((0, 0, 0),), (0, 0, 0), (0, 0, 1))
    assert words("rows/r1/where", Marker((0, 0, 0), id=1), 1) == "2"
    assert words("rows/r4/where", Marker((0, 0, 0), id=1), 1) == "1"
    assert words("rows/r1/where", Marker((0, 0, 0), id=3), 0) == "2.3"
    assert words("rows/r1/where", Marker((0, 0, 0), name="tip", id=3), 0) == "2 tip"
    assert words("rows/r1/edge", contour, 0) == "2"
    assert words("rows/r1/inner/r9/where", Marker((0, 0, 0)), 0) == "2.1"
    assert words("points", Marker((0, 0, 0), id=1), 0) == "1"
    assert words("outline", contour, 0) == ""


def test_a_marker_shows_the_place_of_its_row_when_rows_are_moved(view):
    z, key = 2.0 * shown(view), ("default", "rows/r1/where")
    rows = [{"__id__": "r1"}, {"__id__": "r2"}]
    marker = Marker((10, 10, z), scan="CT")
    view.document.edit("m", lambda a: type(a)({"default": {"rows": rows}}, {key: (marker,)}))
    QApplication.processEvents()
    first = view.grab().toImage()
    view.document.edit("move", lambda a: type(a)({"default": {"rows": rows[::-1]}}, a.drawings))
    QApplication.processEvents()
    assert view.grab().toImage() != first
    view.document.undo()
    QApplication.processEvents()
    assert view.grab().toImage() == first


# --- contours ------------------------------------------------------------------------------------------------------


def test_a_polygon_by_the_mouse(view):
    view.document.look(tool="polygon", target=OUTLINE)
    for x, y in ((10, 10), (20, 10), (20, 20), (10, 20)):
        click(view, x, y)
        move(view, at(view, x, y + 1, 0))
    press(view, Key.Key_Return)
    (contour,) = drawings(view, OUTLINE)
    assert isinstance(contour, Contour)
    assert len(contour.seed_points) == 4
    assert contour.seed_points[2] == pytest.approx((20, 20, 2.0 * shown(view)), abs=0.06)
    assert view.document.stack.count() == 1
    paint(view, (20, 20), (25, 25))
    assert drawings(view, OUTLINE)[0].seed_points[2] == pytest.approx((25, 25, 2.0 * shown(view)), abs=0.11)
    view.document.undo()
    assert drawings(view, OUTLINE)[0] == contour


def test_the_polygon_survives_paging_and_is_drawn_on_its_slice(view):
    view.document.look(tool="polygon", target=OUTLINE)
    click(view, 10, 10)
    click(view, 20, 10)
    view.page(1)
    click(view, 30, 30)
    view.page(-1)
    assert len(view.hand.runner.preview.corners) == 2
    press(view, Key.Key_Escape)
    assert drawings(view, OUTLINE) == ()
    assert view.document.state.look.tool == "polygon"


# --- where drawings belong -----------------------------------------------------------------------------------------


def test_drawings_keep_to_their_frame_of_reference(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="MR", x=1), viewport("c", scan="PT", x=2))
    document = grid.document
    document.add_volume(("default", "MR"), volume(frame="9.9", modality="MR"))
    document.add_volume(("default", "PT"), volume(frame="1.2", modality="PT"))
    marker = Marker((10, 10, 20), scan="CT")
    there = {name: belongs(one(grid, name), one(grid, name).scene.volume, marker) for name in "abc"}
    assert there == {"a": True, "b": False, "c": True}


def test_fields_are_found_through_listing_rows(view):
    fields = view.hand.context.fields
    assert fields.field(("default", "rows/r3/where")).control == "MarkerEdit"
    assert fields.field(("default", "rows/r3/nothing")) is None
    assert fields.limit(POINTS) == 2
    assert fields.group(POINTS, 0).color == (0, 255, 0)
    assert DrawingFields().group(POINTS, 5).marker_type == "Dot"
