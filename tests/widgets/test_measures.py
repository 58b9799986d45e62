"""Measuring in a viewport, by the mouse: true lengths, live figures, the list, undo, read-only tasks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import at, drag, move, one, press, viewport, views, volume
from viewr.model.measure import MEASURES, Measure, Value
from viewr.model.volume import BY_REGIONS, PixelRegion
from viewr.widgets.measure_list import MeasureList
from viewr.widgets.slice_view_measures import figures

KEY = ("default", MEASURES)


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid):
    return one(grid)


@pytest.fixture
def measures(qtbot, view):
    box = MeasureList(view.document, "default")
    qtbot.addWidget(box)
    return box


def taken(view):
    return view.document.state.annotation.drawings.get(KEY, ())


def test_a_distance_dragged_with_the_mouse_is_true_to_half_a_pixel(view):
    press(view, Qt.Key.Key_D)
    start, end = at(view, 5, 8, 20), at(view, 33, 29, 20)
    drag(view, start, QPoint(200, 200), end)
    (measure,) = taken(view)
    assert measure.values[0].number == pytest.approx(35.0, abs=0.5 * view.scene.mm_per_pixel)
    assert measure.values[0].unit == "mm"
    np.testing.assert_allclose(measure.points[0], (5, 8, 20), atol=0.5 * view.scene.mm_per_pixel)


def test_clicks_measure_an_angle_and_a_second_quick_click_counts(view):
    press(view, Qt.Key.Key_A)
    for place in (at(view, 30, 20, 20), at(view, 10, 20, 20), at(view, 10, 35, 20)):
        move(view, place)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    (measure,) = taken(view)
    assert measure.values[0].number == pytest.approx(90, abs=1)


def test_an_ellipse_tells_what_is_under_it(view):
    press(view, Qt.Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 25, 22, 20))
    (measure,) = taken(view)
    values = {value.name: value for value in measure.values}
    # every voxel of slice 10 holds 1000
    assert (values["Mean"].number, values["SD"].number, values["Mean"].unit) == (1000, 0, "HU")
    assert figures(measure)[1:] == ["1000 ± 0 HU", "1000 to 1000 HU"]


def test_an_image_without_a_scale_is_measured_in_pixels(qtbot):
    grid = views(qtbot, viewport("a"))
    grid.document.add_volume(("default", "CT"), volume((40, 40, 1), placed=False, spacing_source="none"))
    QApplication.processEvents()
    view = one(grid)
    press(view, Qt.Key.Key_D)
    drag(view, QPoint(100, 100), QPoint(200, 100))
    assert taken(view)[0].values[0].unit == "px"


def test_undo_and_delete(view):
    press(view, Qt.Key.Key_D)
    drag(view, at(view, 5, 8, 20), at(view, 33, 29, 20))
    press(view, Qt.Key.Key_Delete)
    assert taken(view) == ()
    view.document.undo()
    assert len(taken(view)) == 1
    view.document.undo()
    assert taken(view) == ()


def test_a_task_for_reading_only_may_be_measured_but_not_changed(view):
    view.document.read_only = view.document.for_looking = True
    press(view, Qt.Key.Key_D)
    drag(view, at(view, 5, 8, 20), at(view, 33, 29, 20))
    assert len(taken(view)) == 1
    view.document.undo()
    assert taken(view) == ()


def test_the_list_shows_names_jumps_copies_and_deletes(view, measures):
    assert not measures.isVisibleTo(measures.parentWidget())
    press(view, Qt.Key.Key_D)
    drag(view, at(view, 5, 8, 20), at(view, 33, 29, 20))
    view.show_slice(0)
    assert measures.topLevelItem(0).text(0) == "Distance 1"
    assert measures.topLevelItem(0).text(1).startswith("35.")
    measures.show()
    rect = measures.visualItemRect(measures.topLevelItem(0))
    QTest.mouseClick(measures.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert view.position[2] == pytest.approx(20)
    measures.copy()
    assert QApplication.clipboard().text().splitlines()[1].startswith("Distance 1\tDistance\tCT\t\t35\tmm")
    measures.topLevelItem(0).setText(0, "Lesion")
    assert taken(view)[0].label == "Lesion"
    QTest.keyClick(measures, Qt.Key.Key_Delete)
    assert taken(view) == ()
    assert measures.topLevelItemCount() == 0


def test_a_measure_is_painted_on_its_own_slice_alone(view):
    empty = view.grab().toImage()
    press(view, Qt.Key.Key_D)
    drag(view, at(view, 5, 8, 20), at(view, 33, 29, 20))
    press(view, Qt.Key.Key_W)
    drawn = view.grab().toImage()
    middle = at(view, 19, 18.5, 20)
    colours = {drawn.pixelColor(middle + QPoint(dx, dy)).name() for dx in range(-3, 4) for dy in range(-3, 4)}
    before = {empty.pixelColor(middle + QPoint(dx, dy)).name() for dx in range(-3, 4) for dy in range(-3, 4)}
    assert colours - before
    view.page(2)
    other = view.grab().toImage()
    assert all(other.pixelColor(middle + QPoint(d, d)).saturation() == 0 for d in range(-3, 4))


def test_the_figures_are_those_of_the_scan_that_was_measured_whatever_view_it_is_dragged_in(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="PET", x=1), size=(800, 400))
    uptake = volume(modality="PT", unit="SUVbw")
    uptake.array[:] = 7
    grid.document.add_volume(("default", "PET"), uptake)
    QApplication.processEvents()
    view, other = one(grid, "a"), one(grid, "b")
    press(view, Qt.Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 25, 22, 20))
    (before,) = taken(view)
    drag(other, at(other, *before.points[0]), at(other, 20, 20, 20))
    (after,) = taken(view)
    assert after.points != before.points
    assert after.scan == "CT"
    values = {value.name: value for value in after.values}
    assert (values["Mean"].number, values["Mean"].unit) == (1000, "HU")


def test_a_measure_in_the_space_of_another_scan_is_not_taken_hold_of(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", scan="prior", x=1), size=(800, 400))
    grid.document.add_volume(("default", "prior"), volume(frame="9.9"))
    QApplication.processEvents()
    view, other = one(grid, "a"), one(grid, "b")
    press(view, Qt.Key.Key_D)
    drag(view, at(view, 5, 8, 20), at(view, 33, 29, 20))
    (before,) = taken(view)
    drag(other, at(other, 5, 8, 20), at(other, 15, 35, 20))
    assert taken(view)[0] == before
    assert [measure.scan for measure in taken(view)] == ["CT", "prior"]


def test_slices_that_have_not_come_have_no_values_but_lengths(view):
    view.document.arriving["default", "CT"] = np.zeros(20, bool)
    press(view, Qt.Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 25, 22, 20))
    (measure,) = taken(view)
    assert [value.name for value in measure.values] == ["Area"]
    view.document.arriving["default", "CT"][10] = True
    drag(view, at(view, *measure.points[0]), at(view, 18, 18, 20))
    (measure,) = taken(view)
    assert next(value.number for value in measure.values if value.name == "Mean") == 1000


def test_a_measure_with_only_some_figures_is_shown_all_the_same(view):
    places = ((10.0, 10.0, 20.0), (15.0, 10.0, 20.0), (10.0, 15.0, 20.0))
    kept = Measure("ellipse", places, places[0], (0.0, 0.0, 1.0), 1, "CT", values=(Value("Mean", 7.0, "HU"),))
    assert figures(kept) == ["Mean 7.00 HU"]


def test_the_read_out_tells_what_was_padding(view):
    scan = volume(padding=(-2000.0, -2000.0))
    scan.array[:15] = -2000
    view.document.add_volume(("default", "CT"), scan)
    press(view, Qt.Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 25, 22, 20))
    (measure,) = taken(view)
    values = {value.name: value.number for value in measure.values}
    # every voxel of slice 10 that is none holds 1000
    assert (values["Mean"], values["SD"], values["Min"]) == (1000, 0, 1000)
    assert values["Padding left out"] > 20
    assert figures(measure)[0].endswith(f", {values['Voxels']:.0f} voxels")
    assert figures(measure)[1:] == [
        f"({values['Padding left out']:.0f} padding left out)", "1000 ± 0 HU", "1000 to 1000 HU"
    ]  # fmt: skip


def test_beside_the_calibrated_part_of_a_picture_it_is_measured_in_pixels_and_said(qtbot):
    grid = views(qtbot, viewport("a"))
    part = PixelRegion(0, 0, 20, 39, (0.5, 0.5))
    grid.document.add_volume(("default", "CT"), volume((40, 40, 1), (0.5, 0.5, 1), modality="US", placed=False,
                                                       spacing_source=BY_REGIONS, regions=(part,)))  # fmt: skip
    QApplication.processEvents()
    view = one(grid)
    press(view, Qt.Key.Key_D)
    drag(view, at(view, 1, 5, 0), at(view, 7, 13, 0))
    assert taken(view)[0].values[0].text == "10.0 mm calibrated"
    assert view.hand.context.message == ""
    drag(view, at(view, 12, 5, 0), at(view, 18, 13, 0))
    assert (taken(view)[1].values[0].number, taken(view)[1].values[0].unit) == (pytest.approx(20, abs=0.2), "px")
    assert view.hand.context.message == "This part of the picture has no scale of its own: measured in pixels."
    grid.document.arriving["default", "CT"] = np.zeros(1, bool)  # nor while its voxels are still to come
    drag(view, at(view, 12, 15, 0), at(view, 18, 23, 0))
    assert taken(view)[2].values[0].unit == "px"
