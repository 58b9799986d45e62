"""Cine, the slider of points in time, time curves, hung mammograms and their quarters, by mouse and keys."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import at, drag, one, press, viewport, views, volume, wheel
from viewr.model.geometry import Grid
from viewr.model.volume import Volume, Window
from viewr.widgets import cine
from viewr.widgets.display_test import DisplayTest, open_display_test
from viewr.widgets.performance import viewing_lines
from viewr.widgets.slice_view_frames import frame_words
from viewr.widgets.slice_view_measures import figures
from viewr.widgets.slice_view_menu import show_display_test
from viewr.widgets.slice_view_texts import edge_letters, slice_lines
from viewr.widgets.time_curve import open_time_curve


def film(points: int = 5, **fields) -> Volume:
    """Voxels hold 100 times their point in time."""
    array = np.zeros((40, 40, 20, points), np.int16)
    array += (100 * np.arange(points, dtype=np.int16))[None, None, None, :]
    return Volume(array, Grid((40, 40, 20), np.diag([1, 1, 2, 1]), frame_of_reference="1.2"), modality="MR",
                  axes=("time",), windows=(Window(400, 200),), frame_time_ms=50.0, **fields)  # fmt: skip


@pytest.fixture
def grid(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(800, 400))
    grid.document.add_volume(("default", "CT"), film())
    QApplication.processEvents()
    return grid


@pytest.fixture
def view(grid):
    return one(grid)


def level(view) -> int:
    """Grey level in the middle of the picture."""
    image = view.picture
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def test_arrows_and_shift_with_the_wheel_page_through_time_in_all_views_of_the_scan(view, grid):
    assert level(view) == 0
    press(view, Qt.Key.Key_Right)
    press(view, Qt.Key.Key_Right)
    # W 400 L 200: 200 of 400 is half way
    assert (view.cine.point, level(view)) == (2, 128)
    assert one(grid, "b").cine.point == 2
    wheel(view, 120, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.cine.point == 1
    press(view, Qt.Key.Key_Left)
    press(view, Qt.Key.Key_Left)
    assert view.cine.point == 4  # round the end


def test_the_value_under_the_pointer_is_that_of_the_point_in_time(view):
    view.cine.show(3)
    view.read_out.follow(at(view, 20, 20, 20).toPointF())
    assert view.value_at_pointer() == "300"


def test_the_slider_at_the_lower_edge(view):
    bottom = view.height() - 3
    drag(view, QPoint(30, bottom), QPoint(view.width() - 25, bottom))
    assert view.cine.point == 4
    drag(view, QPoint(28, bottom))
    assert view.cine.point == 0
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(10, bottom))
    assert view.cine.playing
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(10, bottom))
    assert not view.cine.playing


def test_playing_goes_round_at_the_speed_of_the_data(view, qtbot):
    assert view.cine.speed == 20
    seen = set()
    view.document.changed.connect(lambda _change: seen.add(view.cine.point))
    press(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: seen == {0, 1, 2, 3, 4})
    assert frame_words(view.scene, view.cine.speed_shown)[0].endswith("20/s")
    press(view, Qt.Key.Key_Return)
    assert not view.cine.playing
    view.cine.faster(1)
    assert view.cine.speed == 25


def test_a_hidden_view_stops_playing(view, qtbot):
    view.cine.toggle()
    view.hide()
    qtbot.waitUntil(lambda: not view.cine.playing)


def test_words_tell_point_and_time(view):
    view.cine.show(3)
    assert frame_words(view.scene, None) == ["frame 4/5  0.15 s"]


def test_a_scan_of_one_point_has_no_slider(qtbot):
    grid = views(qtbot, viewport("a"))
    view = one(grid)
    assert view.cine.axis is None
    view.cine.toggle()
    assert not view.cine.playing
    press(view, Qt.Key.Key_Right)
    assert view.scene.look.frame == ()


def test_statistics_and_curves_of_an_ellipse_over_time(view, qtbot):
    view.cine.show(2)
    press(view, Qt.Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 20, 20, 20))
    window = open_time_curve(view)
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: "Ellipse 1" in window.curves, timeout=20000)
    np.testing.assert_array_equal(window.curves["Ellipse 1"], [0, 100, 200, 300, 400])
    window.copy()
    rows = QApplication.clipboard().text().splitlines()
    assert rows[0].split("\t")[0] == "Time (s)"
    assert rows[2].split("\t") == ["0.05", "100", "100"]
    (measure,) = (item for drawn in view.document.state.annotation.drawings.values() for item in drawn)
    assert next(value.number for value in measure.values if value.name == "Mean") == 200


def test_figures_tell_the_point_in_time_that_they_were_taken_at(view):
    view.cine.show(2)
    press(view, Qt.Key.Key_O)
    drag(view, at(view, 10, 10, 20), at(view, 20, 20, 20))
    view.cine.show(4)
    (measure,) = (item for drawn in view.document.state.annotation.drawings.values() for item in drawn)
    assert figures(measure)[1:] == ["200 ± 0", "200 to 200", "Frame 3"]
    assert measure.text.endswith(", Frame 3")
    drag(view, at(view, *measure.points[0]), at(view, 18, 18, 20))
    kept, added = (item for drawn in view.document.state.annotation.drawings.values() for item in drawn)
    assert kept == measure  # another point in time has measures of its own
    assert figures(added)[1:] == ["400 ± 0", "400 to 400", "Frame 5"]


def test_a_scan_that_is_swapped_in_shows_the_point_in_time_of_its_other_views(view, grid):
    other = one(grid, "b")
    view.document.add_volume(("default", "film"), film(points=9))
    other.show_scan("film")
    other.cine.show(7)
    view.cine.show(3)
    other.show_scan("CT")
    assert (view.cine.point, other.cine.point) == (3, 3)
    other.show_scan("film")
    assert other.cine.point == 0  # no other view shows it


def test_curves_that_were_kept_go_with_their_scan(view, qtbot):
    window = open_time_curve(view)
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.curves != {}, timeout=20000)
    window._keep()
    (kept,) = window.curves
    view.document.add_volume(("default", "longer"), film(points=9))
    view.show_scan("longer")
    view.point_at(at(view, 5, 5, 20).toPointF())
    qtbot.waitUntil(lambda: window.curves != {} and kept not in window.curves)
    assert {len(values) for values in window.curves.values()} == {9}
    assert "longer" in window.windowTitle()


# mammograms


def mammogram(side: str, toward: tuple[str, str], shape=(60, 80)) -> Volume:
    array = np.full((*shape, 1), 500, np.uint16)
    return Volume(array, Grid((*shape, 1), np.diag([1.0, 1.0, 1, 1])), modality="MG", laterality=side,
                  view_position="CC", toward=toward, placed=False, windows=(Window(1000, 500),),
                  spacing_source="at the detector")  # fmt: skip


@pytest.fixture
def breasts(qtbot):
    grid = views(qtbot, viewport("a", scan="R", linked=False), viewport("b", scan="L", linked=False, x=1),
                 size=(800, 400))  # fmt: skip
    grid.document.add_volume(("default", "R"), mammogram("R", ("A", "L")))  # stored mirrored
    grid.document.add_volume(("default", "L"), mammogram("L", ("A", "R"), (90, 120)))
    QApplication.processEvents()
    return grid


def lit(view) -> tuple[int, int]:
    """First and last lit column in the middle of the picture."""
    image = view.picture
    row = [image.pixelColor(x, image.height() // 2).red() > 0 for x in range(image.width())]
    return row.index(True), len(row) - 1 - row[::-1].index(True)


def test_chest_walls_meet_at_one_scale(breasts):
    right, left = one(breasts, "a"), one(breasts, "b")
    assert right.scene.mm_per_pixel == left.scene.mm_per_pixel == pytest.approx(120 / right.height())
    assert lit(right)[1] == right.width() - 1
    assert lit(left)[0] == 0
    assert lit(left)[1] - lit(left)[0] == pytest.approx(90 / 120 * left.height(), abs=2)
    assert edge_letters(right.scene.volume, right.scene.view.plane) == ("A", "P", "R", "L")
    assert "hung: mirrored" in [line.text for line in slice_lines(right.scene)]


def test_the_scale_is_that_of_the_views_on_the_screen(breasts):
    right = one(breasts, "a")
    before = right.scene.mm_per_pixel
    right.setFocus()
    press(right, Qt.Key.Key_F7)
    small = one(breasts, "extra 1").scene
    assert small.mm_per_pixel > before
    press(right, Qt.Key.Key_F8)
    assert right.scene.mm_per_pixel == before
    press(right, Qt.Key.Key_Q)
    one(breasts, "b").activate()
    assert right.scene.mm_per_pixel == before


def test_the_picture_stays_under_the_mouse_when_it_is_zoomed_from_its_place(breasts):
    view = one(breasts, "a")
    place = QPoint(view.width() - 40, 100)
    before = view.scene.under(place.toPointF())
    view.zoom_at(place.toPointF(), 0.5)
    np.testing.assert_allclose(view.scene.under(place.toPointF()), before, atol=0.5 * view.scene.mm_per_pixel)


def test_quarters_one_after_the_other_then_all(breasts):
    view = one(breasts, "b")
    corners = []
    for _ in range(4):
        press(view, Qt.Key.Key_F10)
        corners.append(view.scene.pan_mm)
    assert corners == [(-22.5, -30), (22.5, -30), (22.5, 30), (-22.5, 30)]
    press(view, Qt.Key.Key_F10)
    assert view.scene.look.mm_per_pixel is None


def test_the_display_test_closes_by_a_click_and_shows_every_step(qtbot):
    test = DisplayTest()
    test.resize(1280, 720)
    test.show()
    image = test.grab().toImage()
    levels = {image.pixelColor(x, 40).red() for x in range(30, 1250)}
    assert len(levels) == 18
    assert {0, 255} <= levels
    with qtbot.waitSignal(test.destroyed):
        QTest.mouseClick(test, Qt.MouseButton.LeftButton)


def test_the_display_test_opens_on_the_screen_of_the_view(qtbot):
    grid = views(qtbot, viewport("a"))
    view = one(grid)
    test = open_display_test(view)
    assert test.screen() is view.screen()
    with qtbot.waitSignal(test.destroyed):
        QTest.keyClick(test, Qt.Key.Key_Escape)


def test_the_display_test_stays_though_nobody_in_python_holds_it(qtbot):
    grid = views(qtbot, viewport("a"))
    show_display_test(one(grid))
    gc.collect()
    QApplication.processEvents()
    (test,) = (window for window in QApplication.topLevelWidgets() if isinstance(window, DisplayTest))
    assert test.isVisible()
    with qtbot.waitSignal(test.destroyed):
        test.close()


def test_an_ordinary_view_of_the_scan_is_as_before(qtbot):
    grid = views(qtbot, viewport("a"))
    view = one(grid)
    view.document.add_volume(("default", "CT"), volume())
    assert view.scene.pan_mm == (0, 0)


# playing


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cine, "time", clock)
    return clock


def tick(view, clock: Clock, milliseconds: float, paint: bool = True) -> int:
    """The cine's timer goes off after some time; the point that it leads to."""
    clock.now += milliseconds / 1000
    view.cine._timer.stop()
    view.cine._go_on()
    if paint:
        view.repaint()
    view.cine._timer.stop()
    return view.cine.point


def test_the_beat_is_kept_and_points_that_were_not_painted_are_counted(view, clock):
    # 50 ms a point; times from the start: 50, 100, 150, 260, 330, 350
    view.cine.toggle()
    view.repaint()
    assert [tick(view, clock, ms) for ms in (50, 50, 50)] == [1, 2, 3]
    assert (view.cine.shown, view.cine.left_out) == (3, 0)
    assert tick(view, clock, 110) == 0  # point 4 went by
    assert (view.cine.shown, view.cine.left_out) == (4, 1)
    assert tick(view, clock, 70, paint=False) == 1
    assert tick(view, clock, 20) == 2  # 350: point 1 never reached the screen
    assert (view.cine.shown, view.cine.left_out) == (5, 2)
    assert viewing_lines([view])[1] == "Cine: 5 frames shown, 2 left out"


def test_a_timer_that_goes_off_early_changes_nothing(view, clock):
    view.cine.toggle()
    assert tick(view, clock, 49) == 0
    assert tick(view, clock, 2) == 1


def test_one_view_plays_for_all_of_its_scan(view, grid):
    other = one(grid, "b")
    view.cine.toggle()
    assert (view.cine.playing, other.cine.playing) == (True, True)
    assert other.cine.speed_shown == 20
    other.cine.faster(1)
    assert view.cine.speed == 25
    other.cine.toggle()
    assert (view.cine.playing, other.cine.playing) == (False, False)
    other.cine.toggle()
    press(view, Qt.Key.Key_Right)
    assert not other.cine.playing


def test_films_of_two_scans_play_each_at_its_own_speed(view, grid, clock):
    other = one(grid, "b")
    view.document.add_volume(("default", "film"), replace(film(points=9), frame_time_ms=100.0))
    other.show_scan("film")
    view.cine.toggle()
    other.cine.toggle()
    for _ in range(4):
        tick(view, clock, 50)
        tick(other, clock, 0)
    assert (view.cine.point, other.cine.point) == (4, 2)
    view.cine.stop()
    assert other.cine.playing


def test_a_film_that_was_led_elsewhere_stops(view, clock):
    view.cine.toggle()
    assert tick(view, clock, 50) == 1
    view.cine.show(3)
    assert tick(view, clock, 50) == 3
    assert not view.cine.playing
