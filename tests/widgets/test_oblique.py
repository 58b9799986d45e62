"""Cross-hair lines that are taken hold of: oblique and double-oblique planes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import LABELS, at, drag, move, one, press, shown, viewport, views, volume, wheel
from viewr.model.labelmap import empty_labelmap
from viewr.model.measure import MEASURES
from viewr.widgets import colours

Key = Qt.Key
A, B = (12, 10, 5), (27, 30, 14)  # voxels; 1 x 1 x 2 mm


def three(qtbot, size=(1202, 400), **fields):
    names = (("a", "Transversal"), ("c", "Coronal"), ("s", "Sagittal"))
    return views(qtbot, *[viewport(n, o, x=x, **fields) for x, (n, o) in enumerate(names)], size=size)


def lps(voxel):
    return float(voxel[0]), float(voxel[1]), 2.0 * voxel[2]


def turn_line(view, degrees, far=100):
    """Take the upright line away from the middle, and drag it about the middle (clockwise on the screen)."""
    x, y = view.scene.to_xy(view.scene.position)
    angles = np.radians(np.linspace(-90, -90 + degrees, 6))
    drag(view, *[QPoint(round(x + far * np.cos(angle)), round(y + far * np.sin(angle))) for angle in angles])


def test_a_line_dragged_away_from_the_middle_turns_the_two_other_planes(qtbot):
    grid = three(qtbot)
    a, c, s = (one(grid, name) for name in "acs")
    still = a.scene.view.plane
    turn_line(a, 30, far=150)
    assert a.scene.view.plane.normal == pytest.approx(still.normal)
    assert a.scene.view.plane.right == pytest.approx(still.right)
    # clockwise on the screen, seen from the feet: left goes towards back
    assert c.scene.view.plane.right == pytest.approx([np.cos(np.pi / 6), 0.5, 0], abs=0.01)
    assert c.scene.view.plane.normal @ s.scene.view.plane.normal == pytest.approx(0, abs=1e-9)
    assert c.scene.view.plane.letters == ("RA", "LP", "H", "F")
    assert a.document.state.look.viewports["default", "a"].window is None  # it was no window drag


def test_true_slices_stay_where_the_plane_did_not_turn(qtbot):
    grid = three(qtbot)
    turn_line(one(grid, "a"), 30)
    assert one(grid, "a").scene.stack.axis == 2
    assert not one(grid, "a").scene.stack.oblique
    assert one(grid, "c").scene.stack.oblique


def test_double_oblique(qtbot):
    grid = three(qtbot)
    a, c, s = (one(grid, name) for name in "acs")
    turn_line(a, 30)
    turn_line(c, -20)
    normals = np.array([view.scene.view.plane.normal for view in (a, c, s)])
    assert np.abs(normals @ normals.T) == pytest.approx(np.eye(3), abs=1e-9)
    assert abs(normals[0] @ [0, 0, 1]) == pytest.approx(np.cos(np.radians(20)), abs=0.005)
    assert all(view.scene.distance(view.scene.position) == pytest.approx(0, abs=1e-3) for view in (a, c, s))


def test_z_and_reset_straighten(qtbot):
    grid = three(qtbot)
    for key in (Key.Key_Z, Key.Key_R):
        turn_line(one(grid, "a"), 30)
        assert one(grid, "c").scene.stack.oblique
        press(one(grid, "s"), key)
        assert not one(grid, "c").scene.stack.oblique
        assert grid.document.state.look.axes == {}


def test_escape_takes_a_turn_back(qtbot):
    grid = three(qtbot)
    view = one(grid, "a")
    x, y = view.scene.to_xy(view.scene.position)
    drag(view, QPoint(round(x), round(y) - 90), QPoint(round(x) + 60, round(y) - 70), release=False)
    assert grid.document.state.look.axes
    press(view, Key.Key_Escape)
    assert not grid.document.state.look.axes


def test_the_middle_moves_the_localizer_and_the_pointer_tells(qtbot):
    grid = three(qtbot)
    view = one(grid, "a")
    x, y = (round(value) for value in view.scene.to_xy(view.scene.position))
    arrow = view.cursor().shape()
    move(view, QPoint(x, y))
    assert view.cursor().shape() == Qt.CursorShape.SizeAllCursor
    move(view, QPoint(x, y + 80))
    assert view.cursor().shape() == Qt.CursorShape.BitmapCursor
    move(view, QPoint(x + 50, y + 80))
    assert view.cursor().shape() == arrow
    drag(view, QPoint(x, y), at(view, 30, 8, 20))
    assert (shown(one(grid, "s")), shown(one(grid, "c"))) == (30, 8)
    assert not grid.document.state.look.axes


@pytest.mark.parametrize("tool", ["brush", "polygon", "pan"])
def test_other_tools_keep_their_press(qtbot, tool):
    grid = three(qtbot)
    grid.document.look(tool=tool)
    turn_line(one(grid, "a"), 30)
    assert not grid.document.state.look.axes


def test_with_the_localizer_a_line_turns_too(qtbot):
    grid = three(qtbot)
    grid.document.look(tool="crosshair")
    turn_line(one(grid, "a"), 30)
    assert grid.document.state.look.axes


def test_hidden_lines_and_lines_of_a_single_plane_do_not_turn(qtbot):
    grid = three(qtbot)
    grid.document.look(crosshair=False)
    turn_line(one(grid, "a"), 30)
    assert not grid.document.state.look.axes
    alone = views(qtbot, viewport("a"), viewport("b", x=1), size=(800, 400))
    turn_line(one(alone, "a"), 30)
    assert not alone.document.state.look.axes


def through_both(grid):
    """The coronal cut through the voxels A and B: the localizer to A, its line to where B is seen."""
    a = one(grid, "a")
    grid.document.look(tool="crosshair")
    drag(a, at(a, *lps(A)))
    x, y = a.scene.to_xy(a.scene.position)
    drag(a, QPoint(round(x) + 120, round(y)), at(a, *lps(B)))
    grid.document.look(tool="window")


def test_a_distance_by_mouse_on_an_oblique_cut_is_the_true_one(qtbot):
    grid = three(qtbot)
    scan = volume()
    scan.array[:] = 0
    scan.array[A] = scan.array[B] = 1000
    grid.document.add_volume(("default", "CT"), scan)
    through_both(grid)
    view = one(grid, "c")
    assert view.scene.stack.oblique
    values = np.nan_to_num(view.renderer.sample(view.scene.view))
    rows, columns = np.nonzero(values > 500)
    places, middle = [], np.median(columns)
    for side in (columns < middle, columns > middle):
        place = QPoint(round(columns[side].mean()), round(rows[side].mean()))
        move(view, place)
        places.append(np.array(view.pointer))
    true = np.linalg.norm(np.subtract(lps(B), lps(A)))
    assert np.linalg.norm(places[1] - places[0]) == pytest.approx(true, abs=1.0)  # a voxel: blobs are blocks
    exact = [view.scene.to_xy(lps(voxel)) for voxel in (A, B)]
    pixels = np.hypot(*np.subtract(exact[1], exact[0]))
    assert pixels * view.scene.mm_per_pixel == pytest.approx(true, abs=view.scene.mm_per_pixel / 2)
    for voxel in (A, B):
        assert abs(view.scene.distance(lps(voxel))) < 0.5


def test_paging_steps_along_the_normal_and_comes_back(qtbot):
    grid = three(qtbot)
    turn_line(one(grid, "a"), 45)
    view = one(grid, "c")
    before = view.scene.view.plane
    wheel(view, -120)
    step = view.scene.view.plane.center - before.center
    assert np.abs(step @ before.normal) == pytest.approx(np.linalg.norm(step))
    assert np.linalg.norm(step) == pytest.approx(np.cos(np.pi / 4), abs=0.02)  # a voxel of 1 mm along the normal
    wheel(view, 120)
    assert view.scene.view.plane.center == pytest.approx(before.center)
    press(view, Key.Key_Home)
    assert view.scene.index == 0
    press(view, Key.Key_End)
    assert view.scene.index == view.scene.stack.count - 1


def test_paging_while_the_other_views_show_the_localizer_keeps_their_slices(qtbot):
    grid = three(qtbot)
    turn_line(one(grid, "a"), 45)
    s = one(grid, "s").scene
    one(grid, "c").page(3)
    assert one(grid, "s").scene.view.plane.center == pytest.approx(s.view.plane.center)


def test_labels_lie_on_an_oblique_cut(qtbot):
    grid = three(qtbot)
    labels = empty_labelmap(grid.document.volumes["default", "CT"].grid, LABELS)
    labels.array[B] = 2
    grid.document.add_labelmap(("default", "lab"), labels)
    through_both(grid)
    view = one(grid, "c")
    x, y = view.scene.to_xy(lps(B))
    image = view.picture.convertToFormat(QImage.Format.Format_RGB32)
    assert image.pixelColor(round(x - 0.5), round(y - 0.5)).getRgb()[:3] == (0, 0, 255)


def test_missing_slices_are_hatched_where_the_cut_meets_them(qtbot):
    grid = three(qtbot)
    turn_line(one(grid, "a"), 30)
    turn_line(one(grid, "c"), 25)
    scan = grid.document.volumes["default", "CT"]
    grid.document.add_volume(("default", "CT"), replace(scan, missing=(8, 9)))
    view = one(grid, "s")
    grid.document.look(crosshair=False)
    QApplication.processEvents()
    image = view.grab().toImage()
    hatch = {colours.HATCH.rgb(), colours.HATCH_BACKGROUND.rgb()}
    wrong = checked = 0
    for y in range(60, view.height() - 80, 7):
        for x in range(60, view.width() - 60, 7):
            i, j, k = grid.document.volumes["default", "CT"].grid.to_ijk(view.scene.to_lps(x + 0.5, y + 0.5))
            edge = min(abs(k - 7.5), abs(k - 9.5)) < 0.2 or not (0 <= i <= 39 and 0 <= j <= 39)
            if not edge:
                checked += 1
                wrong += (image.pixel(x, y) in hatch) != (7.5 < k < 9.5)
    assert checked > 200
    assert wrong == 0


@pytest.mark.parametrize("keys", [(Key.Key_J,), (Key.Key_T,), (Key.Key_U, Key.Key_T)])
def test_a_line_goes_with_the_mouse_on_a_mirrored_or_turned_picture_too(qtbot, keys):
    from viewr.widgets.slice_view_crosshair import directions

    grid = three(qtbot)
    a = one(grid, "a")
    for key in keys:
        press(a, key)
    turn_line(a, 30)
    # 30 degrees clockwise from upwards on the screen
    along = np.array([np.sin(np.pi / 6), -np.cos(np.pi / 6)])
    assert max(abs(along @ np.array(line)) for line in directions(a, a.scene)) == pytest.approx(1, abs=1e-3)
    assert one(grid, "c").scene.stack.oblique or one(grid, "s").scene.stack.oblique


def test_a_fitted_oblique_cut_is_seen_whole(qtbot):
    grid = three(qtbot)
    turn_line(one(grid, "a"), 45)
    view = one(grid, "c")
    index = np.array(np.meshgrid((-0.5, 39.5), (-0.5, 39.5), (-0.5, 19.5), indexing="ij")).reshape(3, -1).T
    places = [view.scene.to_xy(tuple(corner)) for corner in view.scene.volume.grid.to_lps(index)]
    assert np.min(places) > -1
    assert np.max(places) < 401


def test_a_mirrored_view_turns_its_own_way(qtbot):
    grid = three(qtbot)
    a, c = one(grid, "a"), one(grid, "c")
    a.look_at(flipped=True)
    turn_line(a, 30)  # clockwise on the mirrored screen: the patient's right goes towards the back
    assert c.scene.view.plane.right == pytest.approx([np.cos(np.pi / 6), -0.5, 0], abs=0.01)
    x, y = a.scene.to_xy(a.scene.position)
    line = np.cross(a.scene.view.plane.normal, c.scene.view.plane.normal)
    end = a.scene.to_xy(tuple(np.add(a.scene.position, 10 * line)))
    slope = (end[1] - y) / (end[0] - x)
    assert slope == pytest.approx(np.tan(np.pi / 6), abs=0.02)  # where the mouse left it


@pytest.mark.parametrize(
    # 15 x 20 mm; 16 x 12 x 16 mm
    ("first", "second", "true"), [((12, 10, 5), (27, 30, 5), 25.0), ((8, 9, 4), (24, 21, 12), 656**0.5)]
)
def test_the_measuring_tool_is_true_to_half_a_pixel_on_an_oblique_cut(qtbot, first, second, true):
    grid = three(qtbot)
    a, view = one(grid, "a"), one(grid, "c")
    grid.document.look(tool="crosshair")
    drag(a, at(a, *lps(first)))
    grid.document.look(cursors={"default": lps(first)})
    x, y = a.scene.to_xy(a.scene.position)
    drag(a, QPoint(round(x) + 120, round(y)), at(a, *lps(second)))
    grid.document.look(tool="distance")
    assert view.scene.stack.oblique
    drag(view, at(view, *lps(first)), QPoint(200, 300), at(view, *lps(second)))
    (measure,) = grid.document.state.annotation.drawings["default", MEASURES]
    # half a pixel at each end, and what the mouse missed of the angle
    assert measure.values[0].number == pytest.approx(true, abs=0.5 * view.scene.mm_per_pixel + 0.01)
    for point, voxel in zip(measure.points, (first, second), strict=True):
        assert np.linalg.norm(np.subtract(point, lps(voxel))) < view.scene.mm_per_pixel + 0.1


def test_a_click_in_the_middle_moves_nothing_and_escape_takes_a_move_back(qtbot):
    grid = three(qtbot)
    view = one(grid, "a")
    x, y = (round(value) for value in view.scene.to_xy(view.scene.position))
    before = view.position
    drag(view, QPoint(x + 6, y - 5))
    assert view.position == before
    drag(view, QPoint(x + 6, y - 5), QPoint(x + 66, y + 35), release=False)
    moved = np.subtract(view.position, before) / view.scene.mm_per_pixel
    assert moved == pytest.approx((60, 40, 0))
    press(view, Key.Key_Escape)
    assert view.position == pytest.approx(before)
