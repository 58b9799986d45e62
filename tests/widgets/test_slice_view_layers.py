"""What lies over a slice: several label maps, hidden labels, outlines, and a fused scan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.widgets.test_slice_view_display import choose
from tests.widgets.viewing import LABELS, at, drag, move, one, press, shown, viewport, views, volume, wheel
from viewr.model.labelmap import empty_labelmap
from viewr.model.state import ViewportLook
from viewr.model.volume import Volume, Window
from viewr.widgets.slice_view_menu import build_menu
from viewr.widgets.slice_view_texts import view_lines

Key, Modifier = Qt.Key, Qt.KeyboardModifier
LAB, OTHER = ("default", "lab"), ("default", "other")


@pytest.fixture
def grid(qtbot):
    grid = views(qtbot, viewport("a"))
    grid.document.look(strip=False)
    return grid


@pytest.fixture
def view(grid):
    return one(grid)


def look(view):
    return view.document.state.look.viewports[view.key]


def colour(view, i, j):
    """The colour in the middle of a voxel of the shown slice."""
    place = at(view, i, j, 2.0 * shown(view))
    found = view.grab().toImage().pixelColor(place)
    return found.red(), found.green(), found.blue()


# --- label maps ----------------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(view):
    """Label 1 (red) in a block of 10 x 10, label 2 (blue) beside it in another map."""
    document, k = view.document, shown(view)
    document.add_labelmap(OTHER, empty_labelmap(view.scene.volume.grid, LABELS))
    document.patch(LAB, ((10, 10, k), (20, 20, k + 1)), np.full((10, 10, 1), 1, np.uint8))
    document.patch(OTHER, ((22, 10, k), (30, 20, k + 1)), np.full((8, 10, 1), 2, np.uint8))
    return view


def test_any_number_of_label_maps_at_once(labelled):
    grey = colour(labelled, 2, 2)
    assert colour(labelled, 15, 15) == (255, 0, 0)
    assert colour(labelled, 25, 15) == grey
    choose(labelled, "Annotation", "Also show", "other")
    assert colour(labelled, 25, 15) == (0, 0, 255)
    assert colour(labelled, 15, 15) == (255, 0, 0)
    k = shown(labelled)
    labelled.document.patch(OTHER, ((22, 10, k), (30, 20, k + 1)), np.zeros((8, 10, 1), np.uint8))
    assert colour(labelled, 25, 15) == grey
    labelled.document.undo()
    choose(labelled, "Annotation", "Also show", "other")
    assert colour(labelled, 25, 15) == grey


def test_labels_are_hidden_one_by_one(labelled):
    grey = colour(labelled, 2, 2)
    k = shown(labelled)
    labelled.document.patch(LAB, ((10, 25, k), (20, 35, k + 1)), np.full((10, 10, 1), 2, np.uint8))
    labelled.document.look(hidden_labels={LAB: frozenset({1})})
    assert colour(labelled, 15, 15) == grey
    assert colour(labelled, 15, 30) == (0, 0, 255)
    overlays = labelled.scene.view.overlays
    labelled.document.look(brush_mm=3.0)
    assert labelled.scene.view.overlays == overlays  # the picture is used again
    labelled.document.look(hidden_labels={})
    assert colour(labelled, 15, 15) == (255, 0, 0)


def test_outlines_leave_the_inside_free(labelled):
    grey = colour(labelled, 2, 2)
    press(labelled, Key.Key_G)
    assert colour(labelled, 15, 15) == grey
    corner = labelled.scene.to_xy((9.5, 9.5, 0))  # outer corner of the block
    edge = labelled.grab().toImage().pixelColor(round(corner[0]), round(corner[1]) + 40)
    assert (edge.red(), edge.green()) == (255, 0)
    press(labelled, Key.Key_G)
    assert colour(labelled, 15, 15) == (255, 0, 0)


def test_opacity_by_keys(view):
    press(view, Key.Key_Comma)
    assert view.document.state.look.overlay_opacity == 0.8
    for _ in range(20):
        press(view, Key.Key_Period)
    assert view.document.state.look.overlay_opacity == 2.0


# --- fusion --------------------------------------------------------------------------------------------------------


@pytest.fixture
def pet(view):
    """A PET of 4 mm voxels over the same place: 8 where x is 20 mm and more, else 0; and one placed elsewhere."""
    scan = volume((10, 10, 10), (4, 4, 4), modality="PT", unit="SUVbw", windows=())
    scan.array[:5], scan.array[5:] = 0, 8
    view.document.add_volume(("default", "PET"), scan)
    view.document.add_volume(("default", "PRIOR"), volume(frame="9.9", modality="PT"))
    QApplication.processEvents()
    return scan


def test_scans_that_may_not_be_linked_say_why(view, pet):
    menu = build_menu(view, view.scene)
    over = next(sub for sub in menu.findChildren(QMenu) if sub.title() == "Lay over")
    actions = {action.text(): action for action in over.actions()}
    assert actions["PET"].isEnabled()
    why = next(action for text, action in actions.items() if text.startswith("PRIOR: "))
    assert not why.isEnabled()
    assert "align the scans first" in why.toolTip()
    assert "CT" not in actions
    menu.deleteLater()


@pytest.mark.parametrize("held", [Modifier.AltModifier, Modifier.ControlModifier | Modifier.AltModifier])
def test_a_scan_is_laid_over_with_its_own_window(view, pet, held):
    choose(view, "Lay over", "PET")
    (fused,) = view.scene.view.fused
    assert fused.volume is pet
    assert (fused.window.width, fused.window.level) == (5, 2.5)  # SUV 0 to 5
    assert view_lines(view.scene)[0].text == "PT 50%  W 5  L 2.5 SUVbw"
    choose(view, "Lay over", "Window", "SUV 0 to 10: W 10 L 5")
    assert view.scene.view.fused[0].window.width == 10
    window = view.scene.view.window
    QTest.mousePress(view, Qt.MouseButton.LeftButton, held, QPoint(100, 100))
    move(view, QPoint(160, 100), Qt.MouseButton.LeftButton, held)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, held, QPoint(160, 100))
    assert view.scene.view.fused[0].window.width > 10
    assert view.scene.view.window == window
    press(view, Key.Key_Y)
    assert view.scene.view.fused == ()
    press(view, Key.Key_Y)
    assert view.scene.view.fused[0].volume is pet


@pytest.fixture
def moving(view):
    """A PET of 3 points in time over the CT: 0, 5 and 10."""
    grid = view.document.volumes["default", "CT"].grid
    array = np.zeros((*grid.shape, 3), np.float32) + 5 * np.arange(3, dtype=np.float32)
    scan = Volume(array, grid, modality="PT", unit="SUVbw", axes=("time",))
    view.document.add_volume(("default", "PET"), scan)
    QApplication.processEvents()
    return scan


def test_a_scan_laid_over_shows_the_point_in_time_of_its_own_view(view, moving):
    choose(view, "Lay over", "PET")
    move(view, at(view, 10, 10, 2.0 * shown(view)))
    assert view.fused_value_at_pointer() == "0 SUVbw"
    other = ("default", "b")
    looks = view.document.state.look.viewports
    view.document.look(viewports={**looks, other: ViewportLook(scan="PET", frame=(2,))})
    assert view.fused_value_at_pointer() == "10 SUVbw"
    assert view_lines(view.scene)[0].text.endswith("3/3")


def test_two_scans_with_as_many_points_in_time_go_together(view, moving):
    scan = volume()
    view.document.add_volume(
        ("default", "CT"), replace(scan, array=np.repeat(scan.array[..., None], 3, axis=3), axes=("time",))
    )
    choose(view, "Lay over", "PET")
    press(view, Key.Key_Right)
    move(view, at(view, 10, 10, 2.0 * shown(view)))
    assert view.fused_value_at_pointer() == "5 SUVbw"


def test_where_nothing_can_be_laid_over_the_view_says_why(view):
    press(view, Key.Key_Y)
    assert view.hand.context.message == "Nothing can be laid over. The task has no other scan."
    view.document.add_volume(("default", "Photo"), replace(volume(), placed=False, description="Photo"))
    press(view, Key.Key_Y)
    assert "Photo does not say where in the patient it lies" in view.hand.context.message
    assert look(view).fused == ""


def test_both_values_are_read_out(view, pet):
    choose(view, "Lay over", "PET")
    move(view, at(view, 30, 6, 2.0 * shown(view)))
    assert view.value_at_pointer() == f"{100 * shown(view)} HU"
    assert view.fused_value_at_pointer() == "8 SUVbw"
    move(view, at(view, 6, 6, 2.0 * shown(view)))
    assert view.fused_value_at_pointer() == "0 SUVbw"


def test_opacity_by_slider_wheel_and_keys(view, pet):
    choose(view, "Lay over", "PET")
    view.resize(400, 400)
    drag(view, QPoint(3, 200), QPoint(3, 8))
    assert look(view).fused_opacity == 1.0
    drag(view, QPoint(3, 100), QPoint(3, 200))
    assert look(view).fused_opacity == 0.5
    wheel(view, 120, modifiers=Modifier.AltModifier)
    press(view, Key.Key_Period)
    assert look(view).fused_opacity == pytest.approx(0.7)
    assert look(view).gamma == 1.0
    drag(view, QPoint(3, 200), QPoint(3, 300), release=False)
    press(view, Key.Key_Escape)
    assert look(view).fused_opacity == pytest.approx(0.7)
    assert look(view).window is None
    assert view.document.state.look.overlay_opacity == 1.0


def test_the_picture_shows_both(view, pet):
    view.look_at(window=Window(2000, 1000))
    alone = colour(view, 30, 6)
    choose(view, "Lay over", "PET")
    assert colour(view, 6, 6) == colour(view, 6, 20) == alone  # no uptake hides nothing
    over = colour(view, 30, 6)
    # white of the hot table at half: the middle between the grey below and 255
    assert over == pytest.approx(tuple(np.round((np.array(alone) + 255) / 2)), abs=2)


def test_a_fused_scan_that_is_still_arriving_is_painted_as_it_comes(view, pet):
    choose(view, "Lay over", "PET")
    before = colour(view, 6, 6)
    pet.array[:5] = 8
    view.document.volume_filled(("default", "PET"), 3)
    assert colour(view, 6, 6) != before


def test_another_scan_in_the_viewport_has_nothing_over_it(view, pet):
    choose(view, "Lay over", "PET")
    choose(view, "Scan", "PET")
    assert look(view).fused == ""


def test_a_scan_that_was_aligned_by_hand_lies_where_it_was_brought(view):
    scan = volume(frame="9.9", modality="PT", unit="SUVbw")
    scan.array[:] = 0
    scan.array[11:14, 7:10] = 7
    view.document.add_volume(("default", "PRIOR"), scan)
    view.document.look(aligned={("default", "1.2", "9.9"): (2.0, -3.0, 0.0)})  # 2 mm to the left, 3 mm to the front
    choose(view, "Lay over", "PRIOR")
    assert view_lines(view.scene)[0].text.endswith("by hand")
    before = view.scene.view
    view.document.look(brush_mm=3.0)
    assert view.scene.view == before
    # what lies around 12, 8 in the prior belongs to 10, 11 here
    move(view, at(view, 10, 11, 2.0 * shown(view)))
    assert view.fused_value_at_pointer() == "7 SUVbw"
    move(view, at(view, 12, 8, 2.0 * shown(view)))
    assert view.fused_value_at_pointer() == "0 SUVbw"


def test_the_ends_of_a_bar():
    from viewr.widgets.slice_view_bars import end_text

    assert end_text(-0.000183, 5.0) == "0"
    assert end_text(5.0, -0.000183) == "5"
    assert [end_text(140.4, 2000), end_text(0.1234, 1)] == ["140", "0.123"]


def test_the_mouse_at_rest_is_told_what_can_be_done(view, pet):
    from viewr.widgets.slice_view_editors import tip_at

    choose(view, "Lay over", "PET")
    assert tip_at(view.scene, QPointF(3, 200)) == "Opacity of PET: 50%. Drag, or Alt and wheel"
    assert "Double click" in tip_at(view.scene, QPointF(40, view.height() - 30))
    assert tip_at(view.scene, QPointF(200, 150)) == ""
