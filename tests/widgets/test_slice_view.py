"""The mouse and keys of a viewport, and what it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.widgets.viewing import at, drag, move, one, press, shown, viewport, views, volume, wheel
from viewr.model.volume import Window

Key = Qt.Key
KEY = ("default", "a")


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid):
    return one(grid)


def look(view):
    return view.document.state.look.viewports[view.key]


# --- paging --------------------------------------------------------------------------------------------------------


def test_one_notch_one_slice(view):
    first = shown(view)
    wheel(view, -120)
    assert shown(view) == first - 1  # towards the feet
    wheel(view, 120)
    assert shown(view) == first


def test_parts_of_a_notch_add_up(view):
    first = shown(view)
    for _ in range(3):
        wheel(view, -30)
    assert shown(view) == first
    wheel(view, -30)
    assert shown(view) == first - 1
    wheel(view, -90)
    wheel(view, 90)  # turned back: what was gathered the other way does not count
    assert shown(view) == first - 1


def test_every_slice_of_a_fast_wheel_is_painted(view):
    press(view, Key.Key_Home)
    before = view.painted
    for _ in range(10):
        wheel(view, -120)
    assert view.painted - before == 10
    wheel(view, -5 * 120)
    assert view.painted - before == 15
    assert view.skipped == 0


def test_keys_page(view):
    press(view, Key.Key_Home)
    assert shown(view) == 19
    press(view, Key.Key_Up)
    assert shown(view) == 19
    press(view, Key.Key_Down)
    press(view, Key.Key_PageDown)
    assert shown(view) == 17
    press(view, Key.Key_PageUp)
    assert shown(view) == 18
    press(view, Key.Key_End)
    assert shown(view) == 0


def test_slider_goes_to_slices(view):
    drag(view, QPoint(view.width() - 3, view.height() - 9))
    assert shown(view) == 0
    drag(view, QPoint(view.width() - 3, 9))
    assert shown(view) == 19


# --- window --------------------------------------------------------------------------------------------------------


def test_drag_right_widens_and_down_raises(view):
    drag(view, QPoint(100, 100), QPoint(150, 100))
    wide = look(view).window
    assert wide.width > 2000
    assert wide.level == 1000
    drag(view, QPoint(100, 100), QPoint(100, 150))
    assert look(view).window.level > wide.level


def test_escape_takes_a_window_drag_back(view):
    drag(view, QPoint(100, 100), QPoint(150, 120), release=False)
    assert look(view).window is not None
    press(view, Key.Key_Escape)
    assert look(view).window is None


def test_digits_choose_windows(view):
    press(view, Key.Key_1)
    assert (look(view).window.width, look(view).window.level) == (2000, 1000)
    press(view, Key.Key_2)  # there is no second stored one
    assert (look(view).window.width, look(view).window.level) == (2000, 1000)
    press(view, Key.Key_4)
    assert look(view).window == Window(1500, -600, "Lung")
    press(view, Key.Key_0)
    auto = look(view).window
    press(view, Key.Key_0)
    assert (look(view).window.width, look(view).window.level) == (1900, 950)
    assert auto != look(view).window


def test_invert_and_reset(view):
    press(view, Key.Key_I)
    assert look(view).inverted
    wheel(view, 120, modifiers=Qt.KeyboardModifier.ControlModifier)
    press(view, Key.Key_R)
    assert look(view) == replace(look(view), inverted=False, window=None, mm_per_pixel=None, pan_mm=(0.0, 0.0))


# --- pan and zoom --------------------------------------------------------------------------------------------------


def test_middle_drag_pans_with_the_picture(view):
    place = (12.0, 17.0, 20.0)
    before = view.scene.to_xy(place)
    drag(view, QPoint(100, 100), QPoint(130, 85), button=Qt.MouseButton.MiddleButton)
    assert np.subtract(view.scene.to_xy(place), before) == pytest.approx((30, -15))


def test_right_drag_zooms_about_the_press(view):
    before = view.scene.to_lps(120, 90)
    drag(view, QPoint(120, 90), QPoint(120, 40), button=Qt.MouseButton.RightButton)
    assert view.scene.to_lps(120, 90) == pytest.approx(before)
    assert view.scene.mm_per_pixel < 0.1 * 400 / 400


def test_ctrl_wheel_zooms_at_the_pointer(view):
    before, zoom = view.scene.to_lps(300, 50), view.scene.mm_per_pixel
    wheel(view, 120, QPoint(300, 50), Qt.KeyboardModifier.ControlModifier)
    assert view.scene.to_lps(300, 50) == pytest.approx(before)
    assert view.scene.mm_per_pixel == pytest.approx(0.87 * zoom)
    press(view, Key.Key_F)
    assert view.scene.mm_per_pixel == pytest.approx(zoom)


def test_right_click_is_a_menu(view, qtbot):
    QTest.mouseClick(view, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    menus = [child for child in view.findChildren(QMenu) if child.isVisible()]
    assert menus
    texts = [action.text() for action in menus[0].actions()]
    for word in ("Reset", "Window", "Orientation", "Scan", "Annotation", "Interpolation", "Slab", "Invert"):
        assert any(word in text for text in texts)
    menus[0].close()
    assert look(view).mm_per_pixel is None


def test_menu_changes_the_view(view):
    from viewr.widgets.slice_view_menu import build_menu

    menu = build_menu(view, view.scene)
    actions = {action.text(): action for sub in [menu, *menu.findChildren(QMenu)] for action in sub.actions()}
    actions["Coronal"].trigger()
    actions["Linear (smooth)"].trigger()
    actions["Maximum"].trigger()
    actions["10 slices\t20.0 mm"].trigger()
    actions["Lung: W 1500 L -600\t4"].trigger()
    now = look(view)
    assert (now.orientation, now.interpolation, now.projection, now.slab_slices) == ("Coronal", "linear", "max", 10)
    assert now.window == Window(1500, -600, "Lung")
    menu.deleteLater()


# --- geometry ------------------------------------------------------------------------------------------------------


def test_a_voxel_is_where_the_mouse_says_it_is(view):
    labels = view.document.labelmaps["default", "lab"].array
    values = np.zeros((1, 1, 1), np.uint8) + 1
    k = shown(view)
    view.document.patch(("default", "lab"), ((7, 9, k), (8, 10, k + 1)), values)
    assert labels[7, 9, k] == 1
    picture = view.grab().toImage()
    for dx, dy, inside in ((-0.4, 0, True), (0.4, 0.4, True), (-0.7, 0, False), (0, 0.7, False)):
        place = view.scene.to_xy((7 + dx, 9 + dy, 2.0 * k))
        colour = picture.pixelColor(int(place[0]), int(place[1]))
        assert ((colour.red(), colour.green(), colour.blue()) == (255, 0, 0)) is inside


@pytest.mark.parametrize(("value", "words"), [(np.inf, "inf HU"), (-np.inf, "-inf HU"), (np.nan, "")])
def test_values_that_are_no_numbers_under_the_pointer(view, value, words):
    scan = volume()
    array = np.full(scan.array.shape, value, np.float32, order="F")
    view.document.add_volume(("default", "CT"), replace(scan, array=array))
    view.look_at(interpolation="nearest")
    move(view, at(view, 5, 6, 2.0 * shown(view)))
    assert view.value_at_pointer() == words
    assert not view.grab().isNull()


def test_value_under_the_pointer_is_that_of_the_voxel(view):
    move(view, at(view, 5, 6, 2.0 * shown(view)))
    assert view.value_at_pointer() == f"{100 * shown(view)} HU"
    assert view.pointer == pytest.approx((5, 6, 2.0 * shown(view)), abs=0.051)


def test_distances_on_the_screen_are_true(view):
    drag(view, QPoint(50, 50), QPoint(50, 20), button=Qt.MouseButton.RightButton)
    first, second = view.scene.to_lps(100, 100), view.scene.to_lps(160, 180)
    assert np.linalg.norm(np.subtract(second, first)) == pytest.approx(100 * view.scene.mm_per_pixel)


def test_letters_come_from_the_plane(view):
    from viewr.widgets.slice_view_texts import edge_letters

    assert edge_letters(view.scene.volume, view.scene.view.plane) == ("R", "L", "A", "P")
    view.look_at(orientation="Sagittal")
    assert edge_letters(view.scene.volume, view.scene.view.plane) == ("A", "P", "H", "F")


def test_projections_without_a_patient_have_no_letters_and_no_position(view):
    from viewr.widgets.slice_view_texts import edge_letters, scale_note, slice_lines

    view.document.add_volume(("default", "CT"), volume((40, 30, 1), frame="", modality="MG", spacing_source="none"))
    scene = view.scene
    assert edge_letters(scene.volume, scene.view.plane) == ("", "", "", "")
    assert [line.text for line in slice_lines(scene)] == ["1/1"]
    assert scale_note(scene.volume) is None


@pytest.mark.parametrize(("source", "note"), [
    ("", ""), ("in the image", ""), ("at the detector, not in the patient", "at detector"),
    ("at the detector, divided by magnification 1.04", "estimate"), ("none", None),
    ("ultrasound region calibration", "calibrated"), ("calibrated in the image (fiducial)", "calibrated"),
    ("of the scanned film", "on film"),
    ("in the image, which does not say whether it is that at the detector", "at detector?"),
    ("calibrated in the image (it differs from that at the detector)", "calibrated"),
])  # fmt: skip
def test_scale_bar_says_how_far_it_can_be_trusted(source, note):
    from viewr.widgets.slice_view_texts import scale_note

    assert scale_note(volume(spacing_source=source)) == note


def test_lossy_pictures_are_marked_and_notes_say_where_millimetres_come_from(view):
    from viewr.widgets.slice_view_texts import head_lines, scan_notes

    lossy = volume(spacing_source="in the image", warnings=("The images were compressed with loss (JPEG).",))
    view.document.add_volume(("default", "CT"), lossy)
    assert [line.text for line in head_lines(view.scene, None)][1:] == ["compressed with loss", "! 1 note on this scan"]
    assert scan_notes(lossy) == ["Distances: in the image.", "The images were compressed with loss (JPEG)."]


# --- drawing only what changed -------------------------------------------------------------------------------------


class Counting:
    """A renderer that counts its pictures."""

    def __init__(self, renderer):
        self._renderer = renderer
        self.pictures = 0

    def picture(self, view):
        self.pictures += 1
        return self._renderer.picture(view)

    def __getattr__(self, name):
        return getattr(self._renderer, name)


@pytest.fixture
def counted(qtbot, view):
    # the first picture may come late on a busy machine: it is none of those that are counted
    qtbot.waitUntil(lambda: view.painted > 0)
    assert not view.picture.isNull()
    view.renderer = Counting(view.renderer)
    return view


def settle(view):
    QApplication.processEvents()
    return view.renderer.pictures


def test_other_changes_render_nothing(counted):
    before = settle(counted)
    counted.document.look(brush_mm=9.0)
    counted.document.look(crosshair=False)
    counted.document.edit("x", lambda a: replace(a, answers={"default": {"q": 1}}))
    assert settle(counted) == before


def test_voxels_of_other_slices_render_nothing(counted):
    before, k = settle(counted), shown(counted)
    ones = np.ones((2, 2, 1), np.uint8)
    counted.document.patch(("default", "lab"), ((0, 0, k - 1), (2, 2, k)), ones)
    assert settle(counted) == before
    counted.document.patch(("default", "lab"), ((0, 0, k), (2, 2, k + 1)), ones)
    assert settle(counted) == before + 1
    counted.document.undo()
    assert settle(counted) == before + 2


def test_moves_between_paints_render_once(counted):
    before = settle(counted)
    drag(counted, QPoint(100, 100), *[QPoint(100 + n, 100) for n in range(1, 20)])
    assert settle(counted) == before + 1


def test_slices_arrive(counted):
    document, scan = counted.document, counted.scene.volume
    document.arriving["default", "CT"] = np.zeros(20, bool)
    before, k = settle(counted), shown(counted)
    counted.update()
    settle(counted)
    hatched = counted.grab().toImage().pixelColor(200, 260)
    assert hatched.lightness() > 10  # never black, which would look like an image
    move(counted, at(counted, 5, 5, 2.0 * k))
    assert counted.value_at_pointer() == "no data"
    scan.array[:, :, k] = 1500
    document.arriving["default", "CT"][k] = True
    document.volume_filled(("default", "CT"), k)
    assert settle(counted) > before
    move(counted, at(counted, 5, 5, 2.0 * k))
    assert counted.value_at_pointer() == "1500 HU"
    document.volume_filled(("default", "other"), 3)


def test_a_hundred_slices_are_a_few_pictures(counted, qtbot):
    document = counted.document
    loaded = document.arriving["default", "CT"] = np.zeros(20, bool)
    document.look_viewport(KEY, window=Window(400, 40))
    before, k = settle(counted), shown(counted)
    painted = counted.painted
    for other in [n for n in range(20) if n != k] * 5:
        loaded[other] = True
        document.volume_filled(("default", "CT"), other)
        settle(counted)
    assert settle(counted) == before  # none of them is shown
    assert counted.painted - painted < 20
    loaded[k] = True
    counted.scene.volume.array[:, :, k] = 77
    for _ in range(50):
        document.volume_filled(("default", "CT"), k)
        settle(counted)
    # Whenever the last of them came, it is shown in the end.
    qtbot.waitUntil(lambda: settle(counted) > before)
    assert settle(counted) - before < 10


def test_hide_overlays(view):
    press(view, Key.Key_H)
    assert view.document.state.look.overlays_hidden
    assert view.scene.view.overlays == ()
    press(view, Key.Key_Space)
    assert len(view.scene.view.overlays) == 1


def test_shift_wheel_changes_the_brush(view):
    before = view.document.state.look.brush_mm
    wheel(view, 120, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.document.state.look.brush_mm > before
    press(view, Key.Key_BracketLeft)
    assert view.document.state.look.brush_mm == pytest.approx(before, abs=0.11)


def test_without_a_volume_it_says_which_scan_it_waits_for(qtbot):
    grid = views(qtbot, viewport("a", scan="MR"))
    view = one(grid)
    assert view.scene is None
    for key in (Key.Key_Down, Key.Key_Home, Key.Key_0, Key.Key_F, Key.Key_I):
        press(view, key)
    drag(view, QPoint(50, 50), QPoint(80, 80))
    wheel(view, -120)
    assert view.grab().toImage().pixelColor(200, 200).lightness() < 250


@pytest.mark.parametrize("shape", [(1, 30, 1), (30, 1, 1), (1, 1, 1), (40, 40, 1)])
def test_odd_shapes_are_shown(view, shape):
    view.document.add_volume(("default", "CT"), volume(shape))
    QApplication.processEvents()
    assert view.scene is not None
    view.grab()


def test_values_that_are_no_numbers(view):
    scan = volume()
    array = scan.array.astype(np.float32)
    array[:, :20] = np.nan
    array[:, 20:30] = np.inf
    view.document.add_volume(("default", "CT"), replace(scan, array=array, windows=()))
    view.grab()
    move(view, at(view, 5, 5, 20.0))
    assert view.value_at_pointer() == ""


def test_double_click_maximises_and_restores(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", x=1), size=(800, 400))
    view = one(grid)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    assert view.document.state.look.maximised == KEY
    assert not one(grid, "b").isVisible()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    assert one(grid, "b").isVisible()


def test_texts_do_not_overlap_in_a_small_viewport(qtbot):
    from viewr.widgets import slice_view_paint as paint
    from viewr.widgets.slice_view_texts import head_lines, pointer_lines, slice_lines, view_lines

    grid = views(qtbot, viewport("a"), size=(300, 250))
    view = one(grid)
    view.document.add_volume(("default", "CT"), volume(description="A very long series description, far too long",
                                                       warnings=("one", "two")))  # fmt: skip
    view.look_at(projection="max", slab_slices=5)
    move(view, QPoint(100, 100))
    scene = view.scene
    corners = [head_lines(scene, (1, 20)), slice_lines(scene), view_lines(scene)]
    corners.append(pointer_lines(scene, "1 HU", (1, 1, 1)))
    assert max(len(lines) for lines in corners) * paint.line_height((250, 250)) < 250 / 2 - 20
    view.grab()


def test_the_mouse_outside_keeps_no_value(view):
    move(view, QPoint(100, 100))
    assert view.pointer is not None
    view.leaveEvent(None)
    assert view.pointer is None
    assert view.on_slider(QPointF(view.width() - 2, 50))
