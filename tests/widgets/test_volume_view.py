"""The volume view under a reader's hands: what is shown, where a click leads, and that nothing is left of it."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.render.test_volume_geometry import GRIDS, ball_volume
from tests.widgets.viewing import LABELS, at, move, one, template, viewport, volume, wheel
from viewr.model.annotation import with_drawing
from viewr.model.contour import Contour
from viewr.model.geometry import Grid
from viewr.model.labelmap import empty_labelmap
from viewr.model.marker import Marker
from viewr.model.volume import Volume, Window
from viewr.render import volume_process
from viewr.render.volume_clip import with_face
from viewr.render.volume_pick import whole_box
from viewr.widgets.viewports import ViewportGrid
from viewr.widgets.volume_view import VolumeView, obstacle
from viewr.widgets.volume_view_look import clip_around, dragged_window, first_look
from viewr.widgets.volume_view_paint import face_corners, visible_faces
from viewr.workspace.document import Document

Key = Qt.Key
BALL = np.array([35.0, 25.0, 12.0])


def slices(qtbot, scan: Volume) -> ViewportGrid:
    """An axial and a coronal viewport on a scan with an empty label map."""
    grid = ViewportGrid(Document(), template(viewport("a"), viewport("c", "Coronal", x=1)), "default")
    qtbot.addWidget(grid)
    grid.resize(1000, 420)
    grid.show()
    qtbot.waitExposed(grid)
    grid.document.add_volume(("default", "CT"), scan)
    grid.document.add_labelmap(("default", "lab"), empty_labelmap(scan.grid, LABELS))
    QApplication.processEvents()
    return grid


def opened(qtbot, grid: ViewportGrid) -> VolumeView:
    """The volume view, opened by its key, with its first fine picture."""
    QTest.keyClick(one(grid), Key.Key_F11)
    view = grid.volume_place.view
    assert view is not None
    fine(qtbot, view)
    return view


def fine(qtbot, view: VolumeView) -> np.ndarray:
    """The picture once it stands still, shape (height, width, 3)."""
    view.pictures.settle()
    view.pictures.fine = False
    qtbot.waitUntil(lambda: view.pictures.fine, timeout=60000)
    return pixels(view)


def pixels(view: VolumeView) -> np.ndarray:
    """Red, green and blue of the picture as it came, shape (height, width, 3)."""
    image = view.canvas.picture.convertToFormat(QImage.Format.Format_RGBX8888)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., :3].astype(float)


def place_in(view: VolumeView, lps: np.ndarray) -> QPoint:
    assert view.look is not None
    u, v = view.look.camera.to_uv(lps, view.canvas.extent)
    return QPoint(int(u), int(v))


@pytest.fixture
def ball(qtbot):
    """Viewports and the volume view over an oblique, left-handed scan with a ball of bone; and where the ball is."""
    scan_grid = GRIDS["oblique"]
    center = scan_grid.to_lps(BALL)
    grid = slices(qtbot, ball_volume(scan_grid, center))
    view = opened(qtbot, grid)
    yield grid, view, center
    grid.volume_place.close_volume()


def test_a_click_on_the_ball_brings_all_slices_there(qtbot, ball):
    grid, view, center = ball
    seen = fine(qtbot, view)
    spot = place_in(view, center)
    scale = seen.shape[1] / view.canvas.width()
    assert seen[int(spot.y() * scale), int(spot.x() * scale)].sum() > 100
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=spot)
    cursor = np.array(grid.document.state.look.cursors["default"])
    assert np.linalg.norm(cursor - (center - 6 * view.look.camera.forward)) < 2.5
    QTest.keyClick(view.canvas, Key.Key_5)
    assert view.look.preset == "mip"
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=spot)
    highest = GRIDS["oblique"].to_ijk(grid.document.state.look.cursors["default"])
    assert np.all(np.abs(highest - BALL) <= 1.01)


def test_a_click_beside_everything_moves_nothing(ball):
    grid, view, _center = ball
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert "default" not in grid.document.state.look.cursors


def test_the_localizer_of_the_slices_is_seen_in_the_volume(qtbot, ball):
    grid, view, _center = ball
    grid.document.look(tool="crosshair")
    port = one(grid)
    target = port.scene.to_lps(150, 130)
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=at(port, *target))
    assert np.allclose(view.localizer, grid.document.state.look.cursors["default"])
    QTest.keyClick(view.canvas, Key.Key_1)
    picture = fine(qtbot, view)
    green = (picture[..., 1] > 120) & (picture[..., 0] < 110)
    assert green.sum() > 50
    QTest.keyClick(view.canvas, Key.Key_X)
    assert view.localizer is None
    picture = fine(qtbot, view)
    assert ((picture[..., 1] > 120) & (picture[..., 0] < 110)).sum() == 0


def test_mouse_and_keys_turn_move_and_zoom(ball):
    _grid, view, center = ball
    canvas, before = view.canvas, view.look.camera

    def dragged(button: Qt.MouseButton, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.mousePress(canvas, button, modifiers, QPoint(100, 100))
        move(canvas, QPoint(120, 100), button, modifiers)
        move(canvas, QPoint(130, 110), button, modifiers)
        QTest.mouseRelease(canvas, button, modifiers, QPoint(130, 110))
        return view.look.camera

    assert np.degrees(np.arccos(dragged(Qt.MouseButton.LeftButton).forward @ before.forward)) > 5
    QTest.keyClick(canvas, Key.Key_A)
    assert np.allclose(view.look.camera.forward, (0, 1, 0))
    there = view.look.camera.to_uv(center, canvas.extent)
    moved = dragged(Qt.MouseButton.MiddleButton).to_uv(center, canvas.extent)
    assert np.allclose(moved - there, (30, 10))
    zoomed = dragged(Qt.MouseButton.RightButton)
    assert zoomed.mm_per_pixel > before.mm_per_pixel
    wheel(canvas, 120)
    assert view.look.camera.mm_per_pixel < zoomed.mm_per_pixel
    window = view.look.window
    dragged(Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    assert view.look.window.width > window.width
    QTest.keyClick(canvas, Key.Key_H)
    assert np.allclose(view.look.camera.forward, (0, 0, -1))
    QTest.keyClick(canvas, Key.Key_0)
    assert np.allclose(view.look.camera.to_uv(center, canvas.extent), before.to_uv(center, canvas.extent))


def test_hints_go_with_the_first_drag(qtbot, ball):
    _grid, view, _center = ball

    def corner() -> bytes:
        image = view.canvas.grab(QRect(view.canvas.width() - 120, view.canvas.height() - 70, 110, 60)).toImage()
        return bytes(image.constBits())

    hinted = corner()
    QTest.mousePress(view.canvas, Qt.MouseButton.MiddleButton, pos=QPoint(100, 100))
    move(view.canvas, QPoint(106, 100), Qt.MouseButton.MiddleButton)
    QTest.mouseRelease(view.canvas, Qt.MouseButton.MiddleButton, pos=QPoint(106, 100))
    assert corner() != hinted


def test_it_rotates_until_it_is_stopped(qtbot, ball):
    _grid, view, _center = ball
    before = view.look.camera.forward
    QTest.keyClick(view.canvas, Key.Key_Space)
    assert view.look.playing
    qtbot.waitUntil(lambda: bool(view.look.camera.forward @ before < 0.95), timeout=60000)
    QTest.keyClick(view.canvas, Key.Key_Space)
    stopped = view.look.camera
    QApplication.processEvents()
    assert view.look.camera is stopped
    # about the patient's long axis: upright ever after
    assert abs(stopped.forward[2] - before[2]) < 1e-9


def test_clipping_cuts_the_ball_away_and_shows_it_again(qtbot, ball):
    _grid, view, center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    assert fine(qtbot, view).sum() > 0
    QTest.keyClick(view.canvas, Key.Key_C)
    assert view._clip.isVisible()
    slider = view._clip.sliders[0, False]
    slider.setValue(round(0.7 * slider.maximum()))
    assert view.look.clip[0][0] == pytest.approx(0.7 * 90 - 0.5)
    assert fine(qtbot, view).sum() == 0
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place_in(view, center))
    assert "default" not in view.document.state.look.cursors
    QTest.mouseClick(view._clip.all, Qt.MouseButton.LeftButton)
    assert fine(qtbot, view).sum() > 0


def test_it_is_clipped_to_what_the_slices_show(ball):
    grid, view, _center = ball
    for port in grid.viewports.values():
        port.look_at(mm_per_pixel=0.08)
    QTest.keyClick(view.canvas, Key.Key_C)
    QTest.mouseClick(view._clip.to_slices, Qt.MouseButton.LeftButton)
    low, high = np.array(view.look.clip)
    axial = one(grid).scene
    reach = GRIDS["oblique"].to_ijk([axial.to_lps(0, 0), axial.to_lps(one(grid).width(), one(grid).height())])
    assert high[0] - low[0] <= abs(reach[1] - reach[0])[0] + 1e-6 < 90
    assert "Clipped" in view.words()


def test_surfaces_follow_an_edit_and_an_undo(qtbot, ball):
    grid, view, _center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    box = ((10, 40, 25), (30, 60, 35))
    grid.document.patch(("default", "lab"), box, np.full((20, 20, 10), 2, np.uint8))

    def blue() -> int:
        seen = pixels(view)
        return int((seen[..., 2] > 60 + seen[..., 0]).sum())

    qtbot.waitUntil(lambda: blue() > 50, timeout=60000)
    # the first labels make the scan less dense: they would be hidden in it
    assert view.look.strength < 0.5
    spot = place_in(view, GRIDS["oblique"].to_lps([19.5, 49.5, 29.5]))
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=spot)
    met = GRIDS["oblique"].to_ijk(grid.document.state.look.cursors["default"])
    assert np.all(met >= np.array(box[0]) - 0.6)
    assert np.all(met <= np.array(box[1]) - 0.4)
    QTest.keyClick(view.canvas, Key.Key_G)
    qtbot.waitUntil(lambda: blue() == 0, timeout=60000)
    QTest.keyClick(view.canvas, Key.Key_G)
    qtbot.waitUntil(lambda: blue() > 50, timeout=60000)
    grid.document.undo()
    qtbot.waitUntil(lambda: blue() == 0, timeout=60000)


def test_markers_and_contours_are_shown_in_the_volume(qtbot, ball):
    grid, view, center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    ring = tuple(tuple(map(float, center + 12 * np.array(side))) for side in ((1, 0, 0), (0, 0, 1), (-1, 0, 0)))
    marker = Marker(tuple(map(float, center + np.array([0, 0, 20]))), id=1, scan="CT")
    contour = Contour(1, ring, ring, ring[0], (0.0, 1.0, 0.0), scan="CT")
    grid.document.edit("Draw", lambda annotation: with_drawing(
        with_drawing(annotation, ("default", "points"), (marker,)), ("default", "outline"), (contour,)))  # fmt: skip
    assert [item.pos for item, _colour in view.markers] == [marker.pos]
    picture = fine(qtbot, view)
    # the group of the markers is green, drawings without a group are yellow
    assert ((picture[..., 1] > 60) & (picture[..., 0] < 30)).sum() > 5
    assert ((picture[..., 0] > 200) & (picture[..., 1] > 150) & (picture[..., 2] < 120)).sum() > 20
    grid.document.look(overlays_hidden=True)
    assert ((fine(qtbot, view)[..., 1] > 60) & (fine(qtbot, view)[..., 0] < 30)).sum() == 0


@pytest.mark.skipif(os.name != "posix", reason="looks at processes by their ids")
def test_closed_by_key_or_with_its_task_it_leaves_no_process(qtbot):
    grid = slices(qtbot, ball_volume(GRIDS["upright"], np.array([30.0, 25.0, 30.0])))
    first = opened(qtbot, grid)
    process = first.pictures.process
    QTest.keyClick(first.canvas, Key.Key_Escape)
    assert grid.volume_place.view is None
    qtbot.waitUntil(lambda: process._process.poll() is not None, timeout=60000)
    second = opened(qtbot, grid)
    process = second.pictures.process
    grid.document.retire()
    grid.hide()
    grid.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: process._process.poll() is not None, timeout=60000)


def test_a_process_that_dies_is_started_again(qtbot, ball):
    _grid, view, _center = ball
    first = view.pictures.process
    first._process.kill()
    qtbot.waitUntil(lambda: view.pictures.process is not first, timeout=60000)
    assert fine(qtbot, view).sum() > 0


def test_where_nothing_draws_a_sentence_says_so(qtbot, monkeypatch):
    import sys

    monkeypatch.setattr(volume_process, "worker_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    grid = slices(qtbot, volume())
    QTest.keyClick(one(grid), Key.Key_F11)
    view = grid.volume_place.view
    qtbot.waitUntil(lambda: "cannot be drawn" in view.canvas.sentence, timeout=60000)
    assert view.pictures.process is None
    grid.volume_place.close_volume()


def test_one_slice_colour_and_a_scan_under_way_are_sentences():
    flat = Volume(np.zeros((9, 9, 1), np.int16), Grid((9, 9, 1), np.eye(4)), "CR")
    colour = Volume(np.zeros((9, 9, 9, 3), np.uint8), Grid((9, 9, 9), np.eye(4)), "US", axes=("channel",))
    assert "one slice" in obstacle(flat, True)
    assert "colour" in obstacle(colour, True)
    assert "loading" in obstacle(None, True)
    assert "loading" in obstacle(volume(), False)
    assert obstacle(volume(), True) == ""


def test_a_one_slice_scan_says_so_in_its_view_and_takes_no_room(qtbot):
    grid = slices(qtbot, Volume(np.zeros((9, 9, 1), np.int16, order="F"), Grid((9, 9, 1), np.eye(4)), "CR"))
    port = one(grid)
    QTest.keyClick(port, Key.Key_F11)
    assert grid.volume_place.view is None
    assert "one slice" in port.hand.context.message
    QTest.mouseClick(port, Qt.MouseButton.LeftButton)
    assert port.hand.context.message == ""


def test_a_scan_that_arrives_is_shown_when_it_is_whole(qtbot):
    grid = slices(qtbot, ball_volume(GRIDS["upright"], np.array([30.0, 25.0, 30.0])))
    loaded = np.zeros(40, bool)
    grid.document.arriving["default", "CT"] = loaded
    QTest.keyClick(one(grid), Key.Key_F11)
    QApplication.processEvents()
    view = grid.volume_place.view
    assert "loading" in view.canvas.sentence
    loaded[:] = True
    grid.document.volume_filled(("default", "CT"), 39)
    assert fine(qtbot, view).sum() > 0
    grid.volume_place.close_volume()


def test_another_point_in_time_is_another_volume(qtbot):
    scan_grid = GRIDS["upright"]
    still = ball_volume(scan_grid, np.array([30.0, 25.0, 30.0]))
    frames = np.stack([still.array, np.full_like(still.array, -1000)], axis=-1)
    grid = slices(qtbot, Volume(frames, scan_grid, "CT", "HU", axes=("time",)))
    view = opened(qtbot, grid)
    QTest.keyClick(view.canvas, Key.Key_X)
    assert fine(qtbot, view).sum() > 0
    assert "frame 1/2" in view.words()
    one(grid).look_at(frame=(1,))
    qtbot.waitUntil(lambda: "frame 2/2" in view.words(), timeout=60000)
    qtbot.waitUntil(lambda: fine(qtbot, view).sum() == 0, timeout=60000)
    grid.volume_place.close_volume()


def test_no_letters_where_it_is_not_known_how_the_patient_lay(qtbot):
    unknown = Volume(np.zeros((20, 20, 20), np.int16, order="F"), Grid((20, 20, 20), np.eye(4)), "US", placed=False)
    grid = slices(qtbot, unknown)
    view = opened(qtbot, grid)
    assert not view.has_sides
    corner = view.canvas.grab(QRect(10, view.canvas.height() - 80, 70, 70)).toImage()
    assert {corner.pixelColor(x, y).name() for x in range(0, 70, 5) for y in range(0, 70, 5)} == {"#000000"}
    grid.volume_place.close_volume()


# --- small parts -----------------------------------------------------------------------------------------------------


def test_the_cube_shows_the_sides_that_the_reader_sees(ball):
    _grid, view, _center = ball
    camera = view.look.camera.seen_from("A")
    assert visible_faces(camera) == ["A"]
    turned = camera.turned(0.4, 0.0)
    # the front goes to the right: the patient's right side comes into sight at the left
    assert set(visible_faces(turned)) == {"A", "R"}
    assert face_corners(turned, "R")[:, 0].mean() < face_corners(turned, "A")[:, 0].mean()
    front = face_corners(camera, "A")
    assert np.allclose(front, [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])


def test_faces_of_the_clipping_box_do_not_pass_each_other():
    box = whole_box(Grid((10, 10, 10), np.eye(4)))
    cut = with_face(with_face(box, 1, False, 6.0), 1, True, 2.0)
    assert (cut[0][1], cut[1][1]) == (6.0, 7.0)


def test_slices_that_show_nothing_of_an_axis_do_not_clip_it():
    grid = Grid((10, 10, 10), np.eye(4))
    beside = np.array([(50.0, 0, 5), (60, 0, 5), (50, 5, 5), (60, 5, 5)])
    assert clip_around(grid, [beside]) == ((-0.5, 0.0, -0.5), (9.5, 5.0, 9.5))
    assert clip_around(grid, []) == whole_box(grid)


def test_a_drag_of_the_window_widens_to_the_right_and_falls_upwards():
    window = dragged_window(Window(100, 50), 0.5, -0.25)
    assert window.width == pytest.approx(100 * np.e)
    assert window.level == 25


@pytest.mark.parametrize("preset", ["bone", "mip"])
def test_the_slider_of_the_scan_makes_it_fainter_in_every_preset(qtbot, ball, preset):
    _grid, view, _center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    view.choose_preset(preset)
    dense = fine(qtbot, view).sum()
    view._bar.strength.setValue(40)
    faint = fine(qtbot, view).sum()
    assert 0 < faint < 0.8 * dense
    view._bar.strength.setValue(0)
    assert fine(qtbot, view).sum() == 0


def test_labels_make_the_scan_less_dense_where_it_would_hide_them_unless_the_reader_has_chosen():
    scan = ball_volume(GRIDS["upright"], np.zeros(3))
    look = first_look(scan, Window(400, 40), (400, 300))
    assert look.strength == 1.0
    assert replace(look, labelled=True).strength < 0.5
    assert replace(look, labelled=True, preset="mip").strength == 1.0
    assert replace(look, labelled=True, chosen=0.7).strength == 0.7
