"""How a viewport shows its slice, asked for as a reader does: window, colours, turns, size, slab."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.widgets.viewing import at, drag, move, one, press, shown, viewport, views, volume, wheel
from viewr.model.volume import Window
from viewr.settings import Settings, load_settings
from viewr.widgets import habits, slice_view_window
from viewr.widgets.slice_view_editors import type_window
from viewr.widgets.slice_view_menu import build_menu
from viewr.widgets.slice_view_texts import edge_letters, slice_lines, view_lines

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid):
    return one(grid)


@pytest.fixture(autouse=True)
def usual_habits():
    habits.use(Settings())
    yield
    habits.use(Settings())


def look(view):
    return view.document.state.look.viewports[view.key]


def choose(view, *path):
    """Choose an action of the viewport's menu by its texts, without the keys beside them."""
    menu = build_menu(view, view.scene)
    here = menu
    for text in path[:-1]:
        here = next(sub for sub in here.findChildren(QMenu) if sub.title().split("\t")[0] == text)
    action = next(action for action in here.actions() if action.text().split("\t")[0] == path[-1])
    assert action.isEnabled()
    action.trigger()
    menu.deleteLater()


def box(view, first, second, modifiers=Modifier.ControlModifier):
    QTest.mousePress(view, Qt.MouseButton.LeftButton, modifiers, first)
    move(view, second, Qt.MouseButton.LeftButton, modifiers)
    picture = view.grab().toImage()
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, modifiers, second)
    QApplication.processEvents()
    return picture


# --- window --------------------------------------------------------------------------------------------------------


def split_scan(view):
    """Columns to 19 hold -50, those from 20 hold 150."""
    scan = volume()
    scan.array[:20], scan.array[20:] = -50, 150
    view.document.add_volume(("default", "CT"), scan)
    QApplication.processEvents()


def test_a_box_is_the_window_of_its_values(view):
    split_scan(view)
    place = [2.0 * shown(view)]
    picture = box(view, at(view, 15, 10, *place), at(view, 25, 20, *place))
    window = look(view).window
    assert (window.width, window.level) == (200, 50)  # from -50 to 150
    assert picture.pixelColor(at(view, 15, 15, *place)).blue() > 150  # the rubber band at the left side
    box(view, at(view, 30, 10, *place), at(view, 35, 20, *place))
    assert look(view).window.level == 150
    assert look(view).mm_per_pixel is None


def test_a_box_as_a_tool_is_used_once(view):
    split_scan(view)
    choose(view, "Window", "From a box …")
    place = [2.0 * shown(view)]
    drag(view, at(view, 15, 10, *place), at(view, 25, 20, *place))
    assert look(view).window.level == 50
    assert view.document.state.look.tool == "window"


def test_a_box_can_be_given_up(view):
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Modifier.ControlModifier, QPoint(50, 50))
    move(view, QPoint(90, 90), Qt.MouseButton.LeftButton, Modifier.ControlModifier)
    press(view, Key.Key_Escape)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Modifier.ControlModifier, QPoint(90, 90))
    assert look(view).window is None


def test_control_erases_with_the_brush_in_the_hand(view):
    view.document.look(tool="brush")
    box(view, QPoint(100, 100), QPoint(150, 150))
    assert look(view).window is None


def test_a_window_is_typed(view):
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Modifier.NoModifier, QPoint(30, view.height() - 30))
    width, level = view.findChildren(QLineEdit)
    assert (width.text(), level.text()) == ("2000", "1000")
    QTest.keyClicks(width, "350")
    level.selectAll()
    QTest.keyClicks(level, "-40.5i")  # a letter is neither a number nor a key of the viewport
    QTest.keyClick(level, Key.Key_Return)
    assert (look(view).window.width, look(view).window.level) == (350, -40.5)
    assert not look(view).inverted
    assert view.document.state.look.maximised is None


@pytest.mark.parametrize("typed", ["0", ""])
def test_a_window_without_width_is_not_taken(view, typed):
    choose(view, "Window", "Type it …")
    width, level = view.findChildren(QLineEdit)
    width.clear()
    QTest.keyClicks(width, typed)
    for edit in (width, level):
        QTest.keyClick(edit, Key.Key_Return)
    assert look(view).window is None
    assert width.isVisible()


def test_a_typed_window_can_be_left(view, qtbot):
    choose(view, "Window", "Type it …")
    edit = view.findChildren(QLineEdit)[0]
    QTest.keyClick(edit, Key.Key_Escape)
    qtbot.waitUntil(lambda: not view.findChildren(QLineEdit))
    assert look(view).window is None


@pytest.mark.parametrize(("up_raises", "swapped", "by", "wider", "higher"), [
    (False, False, (50, 20), 1, 1), (True, False, (50, 20), 1, -1),
    (False, True, (50, 20), -1, 1), (True, True, (50, 20), -1, -1),
])  # fmt: skip
def test_drags_go_as_readers_are_used_to(view, up_raises, swapped, by, wider, higher):
    habits.use(Settings(window_drag_up_raises=up_raises, window_drag_swapped=swapped))
    drag(view, QPoint(100, 100), QPoint(100 + by[0], 100 + by[1]))
    window = look(view).window
    assert np.sign(window.width - 2000) == wider
    assert np.sign(window.level - 1000) == higher


def test_habits_are_kept(view, monkeypatch, tmp_path):
    monkeypatch.setenv("VIEWR_CONFIG_DIR", str(tmp_path))
    choose(view, "Window", "Dragging up raises the level")
    assert load_settings().window_drag_up_raises
    assert habits.habits().window_drag_up_raises


# --- turns ---------------------------------------------------------------------------------------------------------


def test_letters_turn_and_it_is_said(view):
    press(view, Key.Key_T)
    assert edge_letters(view.scene.volume, view.scene.view.plane) == ("P", "A", "R", "L")
    assert "turned 90°" in [line.text for line in slice_lines(view.scene)]
    press(view, Key.Key_J)
    assert edge_letters(view.scene.volume, view.scene.view.plane) == ("A", "P", "R", "L")
    assert [line.text for line in slice_lines(view.scene)][-1].startswith("mirrored")
    press(view, Key.Key_R)
    assert edge_letters(view.scene.volume, view.scene.view.plane) == ("R", "L", "A", "P")
    press(view, Key.Key_U)
    assert edge_letters(view.scene.volume, view.scene.view.plane) == ("R", "L", "P", "A")
    choose(view, "Turn and mirror", "As it was (now mirrored, turned 180°)")
    assert not look(view).flipped


def test_a_turn_keeps_the_middle_of_the_view(view):
    wheel(view, 120, QPoint(300, 60), Modifier.ControlModifier)
    drag(view, QPoint(100, 100), QPoint(130, 85), button=Qt.MouseButton.MiddleButton)
    before = view.scene.to_lps(200, 200)
    for key in (Key.Key_T, Key.Key_J, Key.Key_T, Key.Key_U):
        press(view, key)
        assert view.scene.to_lps(200, 200) == pytest.approx(before)


def test_a_mouse_on_a_turned_picture_is_at_the_right_place(view):
    press(view, Key.Key_T)
    press(view, Key.Key_J)
    view.document.look(target=("default", "points"), tool="marker")
    place = (7.0, 31.0, 2.0 * shown(view))
    # 40 x 40 mm on 400 pixels, turned clockwise, then mirrored: the patient's left is down, the back at the right
    assert view.scene.to_xy(place) == pytest.approx((10 * (31 + 0.5), 10 * (7 + 0.5)))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Modifier.NoModifier, at(view, *place))
    marker = view.document.state.annotation.drawings["default", "points"][0]
    assert marker.pos == pytest.approx(place, abs=0.051)


def test_the_value_under_the_pointer_is_that_of_the_slab_in_the_picture(qtbot):
    grid = views(qtbot, viewport("a", "Coronal"))
    view = one(grid)
    view.look_at(projection="max", slab_slices=5)
    # voxels hold 100 k: along the way through the picture all are the same
    move(view, at(view, 5, 20, 14))
    assert view.value_at_pointer() == "700 HU"


def test_turned_values_are_those_under_the_pointer(view):
    scan = volume()
    scan.array[7, 31] = 777
    view.document.add_volume(("default", "CT"), scan)
    press(view, Key.Key_T)
    move(view, at(view, 7, 31, 2.0 * shown(view)))
    assert view.value_at_pointer() == "777 HU"
    first = shown(view)
    wheel(view, -120)
    assert shown(view) == first - 1  # paging is not turned


def test_another_scan_is_not_turned(view):
    other = volume()
    view.document.add_volume(("default", "T2"), other)
    press(view, Key.Key_J)
    press(view, Key.Key_I)
    choose(view, "Scan", "T2")
    now = look(view)
    assert (now.flipped, now.inverted, now.scan) == (False, False, "T2")


# --- size ----------------------------------------------------------------------------------------------------------


def words(view):
    return view_lines(view.scene, habits.screen_pixel(view))[-1].text


def test_one_to_one_and_true_size(view):
    view.document.add_volume(("default", "CT"), replace(volume(spacing=(0.5, 0.5, 2)), spacing_source="in the image"))
    screen = view.screen()
    habits.use(Settings(screen_widths_mm=(f"{screen.name()}={0.25 * screen.geometry().width()}",)))
    press(view, Key.Key_S)
    assert view.scene.mm_per_pixel == pytest.approx(0.5)
    assert words(view) == "Zoom 100%  1:1  nearest"
    press(view, Key.Key_S)
    # a pixel of the screen is 0.25 mm: 10 mm of the patient are 40 pixels
    assert view.scene.mm_per_pixel == pytest.approx(0.25)
    first, second = view.scene.to_xy((2, 2, 0)), view.scene.to_xy((12, 2, 0))
    assert second[0] - first[0] == pytest.approx(40)
    assert "true size" in words(view)
    assert "not calibrated" not in words(view)
    habits.use(Settings())
    assert "1:1" not in words(view)


def test_true_size_by_the_screens_own_word_says_so(view):
    choose(view, "Size", "True size (screen not calibrated)")
    assert "true size (not calibrated)" in words(view)
    press(view, Key.Key_F)
    assert "true" not in words(view)


def test_true_size_of_a_radiograph_is_that_at_the_detector(view):
    scan = volume((40, 40, 1), spacing_source="at the detector, not in the patient")
    view.document.add_volume(("default", "CT"), scan)
    choose(view, "Size", "True size (screen not calibrated)")
    assert "true size at detector (not calibrated)" in words(view)


def test_pictures_without_millimetres_have_no_true_size(view):
    view.document.add_volume(("default", "CT"), volume(spacing_source="none"))
    menu = build_menu(view, view.scene)
    texts = {action.text(): action for sub in menu.findChildren(QMenu) for action in sub.actions()}
    assert not texts["True size (the image does not say how large it is)"].isEnabled()
    menu.deleteLater()
    before = view.scene.mm_per_pixel
    press(view, Key.Key_S)
    press(view, Key.Key_S)
    assert "true" not in words(view)
    assert view.scene.mm_per_pixel != before


def test_a_screen_is_calibrated_with_a_ruler(view, monkeypatch, tmp_path):
    from viewr.widgets.slice_view_editors import Calibration

    monkeypatch.setenv("VIEWR_CONFIG_DIR", str(tmp_path))
    choose(view, "Size", "Calibrate this screen …")
    dialog = view.findChild(Calibration)
    dialog.length.setValue(120.0)  # 400 pixels
    dialog.accept()
    assert habits.screen_pixel(view).calibrated
    assert habits.screen_pixel(view).mm == pytest.approx(0.3, rel=1e-4)
    assert load_settings().screen_widths_mm == habits.habits().screen_widths_mm


# --- colours, interpolation, slab ----------------------------------------------------------------------------------


def test_colours_by_key_and_menu(view):
    press(view, Key.Key_L)
    assert look(view).lut == view.scene.view.lut != "grey"
    choose(view, "Colours", "Hot")
    assert view.scene.view.lut == "hot"
    press(view, Key.Key_0)
    picture = view.grab().toImage()
    # full bright red in the lower third of the bar, beside the slider
    column = [picture.pixelColor(view.width() - 25, y) for y in range(200, 400)]
    assert any(colour.red() == 255 and colour.green() < 30 for colour in column)


def test_uptake_is_black_on_white(view):
    view.document.add_volume(("default", "CT"), volume(modality="PT", unit="SUVbw"))
    assert view.scene.view.lut == "pet"


def test_gamma_by_wheel(view):
    wheel(view, 120, modifiers=Modifier.AltModifier)
    assert look(view).gamma == pytest.approx(1 / 1.1)
    assert "gamma 0.91" in view_lines(view.scene)[0].text
    wheel(view, -120, modifiers=Modifier.AltModifier)
    assert look(view).gamma == 1.0


def test_interpolation_by_key(view):
    names = []
    for _ in range(3):
        press(view, Key.Key_N)
        names.append(look(view).interpolation)
    assert names == ["linear", "cubic", "nearest"]


def test_a_slab_grows_by_the_wheel(view):
    both = Modifier.ControlModifier | Modifier.ShiftModifier
    wheel(view, 120, modifiers=both)
    assert (look(view).projection, look(view).slab_slices) == ("max", 2)
    wheel(view, 240, modifiers=both)
    assert "MIP 4 slices, 8.0 mm" in [line.text for line in slice_lines(view.scene)]  # slices are 2 mm apart
    press(view, Key.Key_P)
    assert look(view).projection == "min"
    wheel(view, -360, modifiers=both)
    assert look(view).projection == "none"
    wheel(view, -120, modifiers=both)
    assert look(view).projection == "none"


def test_a_slab_of_the_menu_is_there_at_once(view):
    choose(view, "Slab", "10 slices")
    assert (look(view).projection, look(view).slab_slices) == ("max", 10)
    choose(view, "Slab", "Mean")
    choose(view, "Slab", "5 slices")
    assert (look(view).projection, look(view).slab_slices) == ("mean", 5)


def test_presets_have_keys(qtbot):
    from viewr.model.template import Preset

    presets = (Preset("Front", {"a": {"orientation": "Coronal"}}), Preset("Side", {"a": {"orientation": "Sagittal"}}))
    grid = views(qtbot, viewport("a"), presets=presets)
    view = one(grid)
    grid.activateWindow()
    qtbot.waitUntil(grid.isActiveWindow)
    view.setFocus()
    QTest.keyClick(view, Key.Key_2, Modifier.AltModifier)
    QApplication.processEvents()
    assert look(view).orientation == "Sagittal"
    assert look(view).window is None


def test_usual_windows_have_the_same_digits_whatever_is_stored(view):
    for count in (0, 1, 2, 5):
        stored = tuple(Window(100 * n + 50, 30) for n in range(count))
        view.document.add_volume(("default", "CT"), volume(windows=stored))
        for key, name in ((Key.Key_3, "Soft tissue"), (Key.Key_5, "Bone"), (Key.Key_6, "Brain")):
            press(view, key)
            assert look(view).window.name == name
    press(view, Key.Key_2)
    assert look(view).window.width == 150  # the second stored one
    view.document.add_volume(("default", "CT"), volume(windows=stored, unit="", modality="MR"))
    press(view, Key.Key_5)
    assert look(view).window.width == 450  # an MR has no others: the fifth stored one


def test_window_values_that_stand_at_the_middle(view):
    choose(view, "Window", "Brain: W 80 L 40")
    assert look(view).window == Window(80, 40, "Brain")


def test_the_full_range_of_a_large_scan_is_found_beside_the_gui(view, qtbot, monkeypatch):
    monkeypatch.setattr(slice_view_window, "QUICK", 10)
    press(view, Key.Key_0)
    assert view.scene.look.window.name == "Auto"
    press(view, Key.Key_0)
    qtbot.waitUntil(lambda: view.scene.look.window.name == "Full range")
    # the voxels of slice k hold 100 k, of 20 slices
    assert (view.scene.look.window.width, view.scene.look.window.level) == (1900, 950)
    press(view, Key.Key_0)
    press(view, Key.Key_0)
    assert view.scene.look.window.name == "Full range"  # known by now


def test_a_box_on_a_colour_picture_says_that_there_is_no_window(view):
    array = np.zeros((40, 40, 20, 3), np.uint8)
    view.document.add_volume(("default", "CT"), replace(volume(), array=array, axes=("channel",), unit=""))
    box(view, QPoint(100, 100), QPoint(150, 150))
    assert view.hand.context.message == "A colour picture has no window."
    assert view.scene.look.window is None


def test_reset_gives_back_the_slab_and_interpolation_of_the_template(qtbot):
    mip = viewport("mip", projection="max", projection_slab=7, interpolation="linear")
    grid = views(qtbot, mip)
    view = one(grid, "mip")
    press(view, Key.Key_P)
    press(view, Key.Key_N)
    wheel(view, 120, modifiers=Modifier.ControlModifier | Modifier.ShiftModifier)
    assert (look(view).projection, look(view).slab_slices, look(view).interpolation) != ("max", 7, "linear")
    press(view, Key.Key_R)
    assert (look(view).projection, look(view).slab_slices, look(view).interpolation) == ("max", 7, "linear")


@pytest.mark.parametrize(("typed", "width"), [("1,500", 1.5), ("0,5", 0.5), ("1500", 1500.0)])
def test_a_comma_in_a_typed_window_is_the_decimal_point(view, typed, width):
    editor = type_window(view)
    QTest.keyClicks(editor.width_edit, typed)
    assert editor.width_edit.text() == typed.replace(",", ".")
    QTest.keyClick(editor.width_edit, Qt.Key.Key_Return)
    assert view.scene.view.window.width == width
