"""The clipping box dragged in the picture: handles where the scan's faces are, sliders in step, every way back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.render.test_volume_geometry import ball_volume
from tests.widgets.test_volume_view import fine, opened, slices
from tests.widgets.viewing import move, one
from viewr.model.geometry import Grid
from viewr.render.volume_pick import whole_box
from viewr.widgets import volume_view_box
from viewr.widgets.volume_view import VolumeView
from viewr.widgets.volume_view_box import cursor_along

Key = Qt.Key
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
#: 60 x 50 x 60 mm: the outer faces at x -0.5 and 59.5, y -0.5 and 49.5, z -0.75 and 59.25.
GRID = Grid((60, 50, 40), np.diag([1.0, 1.0, 1.5, 1.0]))
MIDDLE = np.array([29.5, 24.5, 29.25])


@pytest.fixture
def box(qtbot):
    """The volume view of an upright scan from the front, with its clipping box."""
    grid = slices(qtbot, ball_volume(GRID, MIDDLE))
    view = opened(qtbot, grid)
    QTest.keyClick(view.canvas, Key.Key_X)
    QTest.keyClick(view.canvas, Key.Key_C)
    yield view
    grid.volume_place.close_volume()


def face(view: VolumeView, axis: int, place: float) -> QPoint:
    """Where the middle of a face at a place (LPS, mm) is, seen from the front: x to the right, z up."""
    lps = MIDDLE.copy()
    lps[axis] = place
    x, y = (lps - MIDDLE)[0], -(lps - MIDDLE)[2]
    per_mm = 1 / view.look.camera.mm_per_pixel
    return QPoint(round(view.canvas.width() / 2 + x * per_mm), round(view.canvas.height() / 2 + y * per_mm))


def drag(view: VolumeView, start: QPoint, end: QPoint, release: bool = True) -> None:
    QTest.mousePress(view.canvas, LEFT, NONE, start)
    move(view.canvas, (start + end) / 2, LEFT)
    move(view.canvas, end, LEFT)
    if release:
        QTest.mouseRelease(view.canvas, LEFT, NONE, end)


def colour_at(view: VolumeView, at: QPoint) -> tuple[int, int, int]:
    image = view.canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(at.x() * ratio), round(at.y() * ratio)).getRgb()[:3]


def test_a_face_is_dragged_in_the_picture_and_its_slider_follows(qtbot, box):
    camera = box.look.camera
    start = face(box, 0, -0.5)
    assert colour_at(box, start) == (255, 255, 255)
    step = 60
    drag(box, start, start + QPoint(step, 7))
    # so many mm as the mouse went to the side; voxels are 1 mm
    place = -0.5 + step * camera.mm_per_pixel
    assert box.look.clip[0][0] == pytest.approx(place)
    assert box.look.clip[1] == whole_box(GRID)[1]
    slider = box._clip.sliders[0, False]
    assert slider.value() == round((place + 0.5) / 60 * slider.maximum())
    assert box.look.camera is camera
    assert "Clipped" in box.words()
    # the handle went along, and may be taken where it is now
    drag(box, face(box, 0, place), start)
    assert box.look.clip[0][0] == pytest.approx(-0.5, abs=camera.mm_per_pixel)


def test_what_a_drag_cuts_away_is_gone_from_the_picture(qtbot, box):
    assert fine(qtbot, box).sum() > 0
    start = face(box, 2, 59.25)
    # the ball of 6 mm lies in the middle: down to 10 mm below it
    drag(box, start, QPoint(start.x(), face(box, 2, 19.0).y()))
    assert box.look.clip[1][2] == pytest.approx(19.0 / 1.5, abs=0.5)
    assert fine(qtbot, box).sum() == 0


def test_a_slider_moves_the_handle(box):
    slider = box._clip.sliders[0, True]
    slider.setValue(slider.maximum() // 2)
    assert box.look.clip[1][0] == pytest.approx(29.5)
    start = face(box, 0, 29.5)
    drag(box, start, start - QPoint(20, 0))
    assert box.look.clip[1][0] == pytest.approx(29.5 - 20 * box.look.camera.mm_per_pixel, abs=1.0)


def test_escape_takes_a_drag_back_and_the_view_stays(qtbot, box):
    drag(box, face(box, 0, 59.5), face(box, 0, 40.0), release=False)
    assert box.look.clip[1][0] < 45
    QTest.keyClick(box.canvas, Key.Key_Escape)
    assert box.look.clip == whole_box(GRID)
    # the hand that still holds the button moves nothing, nor is its end a click
    camera = box.look.camera
    move(box.canvas, face(box, 0, 20.0), LEFT)
    QTest.mouseRelease(box.canvas, LEFT, NONE, face(box, 0, 20.0))
    assert box.look.clip == whole_box(GRID)
    assert box.look.camera is camera
    assert "default" not in box.document.state.look.cursors
    assert box.isVisible()


def test_a_double_click_on_a_handle_opens_its_side_and_the_button_all(box):
    drag(box, face(box, 0, -0.5), face(box, 0, 15.0))
    # the box is narrower by what was cut off at the left, and then lower: so are the middles of its sides
    below, across = face(box, 2, -0.75), QPoint((face(box, 0, 15.0) + face(box, 0, 59.5)).x() // 2, 0)
    below.setX(across.x())
    drag(box, below, QPoint(across.x(), face(box, 2, 10.0).y()))
    left = face(box, 0, 15.0)
    left.setY(face(box, 2, (10.0 + 59.25) / 2).y())
    QTest.mouseDClick(box.canvas, LEFT, NONE, left)
    assert box.look.clip[0][0] == -0.5
    assert box.look.clip[0][2] > 5
    QTest.mouseClick(box._clip.all, LEFT)
    assert box.look.clip == whole_box(GRID)


def test_a_double_click_beside_the_handles_still_shows_the_volume_alone(qtbot, box):
    with qtbot.waitSignal(box.alone_toggled):
        QTest.mouseDClick(box.canvas, LEFT, NONE, QPoint(5, box.canvas.height() // 3))


def test_beside_the_handles_a_drag_turns_and_a_click_goes_there(box):
    before = box.look.camera
    drag(box, QPoint(20, 60), QPoint(60, 60))
    assert box.look.camera is not before
    assert box.look.clip == whole_box(GRID)
    QTest.keyClick(box.canvas, Key.Key_A)
    QTest.mouseClick(box.canvas, LEFT, NONE, face(box, 0, 29.5))
    assert np.linalg.norm(np.array(box.document.state.look.cursors["default"]) - MIDDLE) < 8


def test_a_click_on_a_handle_neither_cuts_nor_goes_anywhere(box):
    QTest.mouseClick(box.canvas, LEFT, NONE, face(box, 0, -0.5))
    assert box.look.clip == whole_box(GRID)
    assert "default" not in box.document.state.look.cursors


def test_a_handle_lights_up_and_says_which_way_it_goes(box):
    side, head = face(box, 0, 59.5), face(box, 2, 59.25)
    move(box.canvas, side)
    assert box.canvas.cursor().shape() == Qt.CursorShape.SizeHorCursor
    assert colour_at(box, side) != (255, 255, 255)
    assert box.face_name(0, True) == "L: nothing cut away"
    move(box.canvas, head)
    assert box.canvas.cursor().shape() == Qt.CursorShape.SizeVerCursor
    assert colour_at(box, side) == (255, 255, 255)
    move(box.canvas, QPoint(8, 90))
    assert box.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_no_handles_without_the_panel_of_clipping(box):
    start = face(box, 0, -0.5)
    QTest.keyClick(box.canvas, Key.Key_C)
    assert not box._clip.isVisible()
    before = box.look.camera
    drag(box, face(box, 0, -0.5), start + QPoint(40, 0))
    assert box.look.clip == whole_box(GRID)
    assert box.look.camera is not before


def test_turned_the_other_two_faces_have_handles_too(box):
    QTest.keyClick(box.canvas, Key.Key_L)
    # from the left: y to the right
    start = QPoint(round(box.canvas.width() / 2 + 25 / box.look.camera.mm_per_pixel), box.canvas.height() // 2)
    drag(box, start, start - QPoint(30, 0))
    assert box.look.clip[1][1] == pytest.approx(49.5 - 30 * box.look.camera.mm_per_pixel)


def test_a_face_stops_before_the_opposite_one(box):
    drag(box, face(box, 0, -0.5), QPoint(box.canvas.width() - 3, box.canvas.height() // 2))
    assert box.look.clip[0][0] == pytest.approx(58.5)


def test_where_it_is_not_known_how_the_patient_lay_sides_have_no_letters(qtbot):
    from dataclasses import replace

    scan = replace(ball_volume(GRID, MIDDLE), placed=False)
    grid = slices(qtbot, scan)
    view = opened(qtbot, grid)
    assert view.face_name(0, False).startswith("first column")
    assert view._clip.sliders[2, True].accessibleName() == "Cut away from last slice"
    grid.volume_place.close_volume()
    assert one(grid) is not None


@pytest.mark.parametrize(
    ("direction", "shape"),
    [((1, 0), "SizeHorCursor"), ((-1, 0.1), "SizeHorCursor"), ((0, -3), "SizeVerCursor"),
     ((1, 1), "SizeFDiagCursor"), ((1, -1), "SizeBDiagCursor")],
)  # fmt: skip
def test_the_cursor_goes_along_the_face(direction, shape):
    assert cursor_along(np.array(direction)) == getattr(Qt.CursorShape, shape)


@pytest.mark.parametrize(
    ("handle", "place"),
    [((100, 100), (112, 92)), ((380, 100), (268, 92)), ((60, 3), (72, 4)), ((60, 299), (72, 278))],
)
def test_the_words_of_a_handle_stay_in_the_picture(handle, place):
    at = volume_view_box._beside(QPointF(*handle), 100, 400, 300)
    assert (at.x(), at.y()) == place
