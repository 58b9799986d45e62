"""Slices that were on the screen long enough are noted; the others stand beside the slider."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import one, press, shown, template, viewport, views, volume
from viewr.model.geometry import Grid
from viewr.model.volume import Volume
from viewr.widgets import colours, slice_view_reading
from viewr.widgets.slice_view_frames import HEIGHT, track
from viewr.widgets.slice_view_reading import share_in_view
from viewr.widgets.unread_slices import UNREAD, show_unread, stored_orientation, unread_lines
from viewr.workspace.read_record import seen_after, to_see
from viewr.workspace.reformatting import axes_from, turn

CT = ("default", "CT")


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(slice_view_reading, "time", clock)
    return clock


@pytest.fixture
def grid(clock, qtbot, monkeypatch):
    # its own timer would count in real time
    monkeypatch.setattr(slice_view_reading, "SEEN_AFTER", 50)
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(800, 400))
    for port in grid.viewports.values():
        port.reading._timer.setInterval(10**6)
        port.reading._timer.stop()
    grid.document.seen.ranges.clear()
    return grid


def page(view, clock: Clock, milliseconds: float, key: Qt.Key = Qt.Key.Key_Down) -> None:
    clock.now += milliseconds / 1000
    press(view, key)


def test_only_what_stayed_for_50_ms_counts(grid, clock):
    view, seen = one(grid, "a"), grid.document.seen
    view.show_slice(0)
    QApplication.processEvents()
    first = shown(view)
    page(view, clock, 49)
    page(view, clock, 51)
    page(view, clock, 10)
    step = shown(view) - first
    assert seen.ranges == {CT: ((first + step // 3, first + step // 3),)}


def test_the_slice_that_stays_is_counted_without_a_key(qtbot):
    grid = views(qtbot, viewport("a"))
    view = one(grid, "a")
    qtbot.waitUntil(lambda: grid.document.seen.ranges.get(CT) == ((shown(view), shown(view)),))


def test_cuts_across_the_slices_do_not_count(grid, clock):
    view = one(grid, "b")
    for _ in range(5):
        page(view, clock, 200)
    assert grid.document.seen.ranges.keys() <= {CT}
    assert sum(last - first + 1 for first, last in grid.document.seen.ranges.get(CT, ())) <= 1


def test_nothing_counts_that_nobody_can_see(qtbot, clock):
    grid = views(qtbot, viewport("a"))
    view = one(grid, "a")
    grid.document.seen.ranges.clear()
    grid.hide()
    for _ in range(3):
        clock.now += 1
        view.page(1)
        view.grab()
    view.reading._on_due()
    assert grid.document.seen.ranges.get(CT, ()) == ()


def test_what_is_left_stands_beside_the_slider(grid, clock):
    view = one(grid, "a")
    view.show_slice(0)
    QApplication.processEvents()

    def bar() -> list[bool]:
        picture = view.grab().toImage()
        x, step = view.width() - 11, (view.height() - 16) / 20
        return [picture.pixelColor(x, round(8 + (k + 0.5) * step)).name() == colours.UNSEEN.name() for k in range(20)]

    for _ in range(5):
        page(view, clock, 60)
    assert bar() == [False] * 5 + [True] * 15


def test_a_template_may_demand_all_slices_and_says_what_is_left(grid, clock):
    demanding = replace(template(viewport("a")), extra={"require_full_read": True})
    document = grid.document
    for k in range(20):
        if k not in (4, 5, 11):
            document.seen.add(CT, k)
    (line,) = unread_lines(demanding, document)
    assert (line.context, line.path) == ("default", UNREAD + "CT")
    assert line.text or line.label == "Scan 'CT': 3 slices were not on the screen yet (5 to 6, 12)."
    assert unread_lines(template(viewport("a")), document) == []
    show_unread(grid.viewports.values(), "CT")
    assert shown(one(grid, "a")) == 4
    for k in (4, 5, 11):
        document.seen.add(CT, k)
    assert unread_lines(demanding, document) == []


def test_the_way_to_a_slice_turns_a_view_that_cuts_across(qtbot):
    grid = views(qtbot, viewport("a", "Coronal"))
    show_unread(grid.viewports.values(), "CT")
    assert one(grid, "a").scene.stack.axis == 2
    assert stored_orientation(volume()) == "Transversal"


def test_a_slab_shows_no_slice_of_its_own(grid, clock):
    view = one(grid, "a")
    view.look_at(projection="max", slab_slices=5)
    QApplication.processEvents()
    for _ in range(5):
        page(view, clock, 200)
    assert grid.document.seen.ranges.get(CT, ()) == ()


def test_the_way_to_what_is_left_ends_a_slab_and_turned_axes(grid, clock):
    view = one(grid, "a")
    axes = axes_from(grid.document, view.key)
    turn(grid.document, "default", axes, (1.0, 0.0, 0.0), 0.3)
    view.look_at(projection="max", slab_slices=5)
    assert view.scene.stack.oblique
    for k in range(20):
        if k != 13:
            grid.document.seen.add(CT, k)
    show_unread(grid.viewports.values(), "CT")
    assert shown(view) == 13
    assert view.scene.view.projection == "none"


def film(frames: int = 10, **fields) -> Volume:
    array = np.zeros((40, 40, 1, frames), np.uint8)
    return Volume(array, Grid((40, 40, 1), np.eye(4)), modality="US", axes=("time",), placed=False, **fields)


@pytest.fixture
def us(grid):
    """A view of ten frames, none of them seen."""
    grid.document.add_volume(CT, film(frame_time_ms=40.0))
    QApplication.processEvents()
    view = one(grid, "a")
    view.reading._timer.setInterval(10**6)
    view.reading._timer.stop()
    grid.document.seen.ranges.clear()
    return view


def play(view, clock: Clock, frame: int, milliseconds: float) -> None:
    """The next frame comes after some time."""
    clock.now += milliseconds / 1000
    view.cine.show(frame)
    view.repaint()
    view.reading._timer.stop()


def test_of_a_film_each_frame_must_be_seen_as_long_as_its_own_speed_shows_it(us, grid, clock):
    play(us, clock, 3, 0)
    play(us, clock, 4, 29)  # three quarters of 40 ms are 30 ms
    play(us, clock, 5, 31)
    play(us, clock, 6, 31)
    play(us, clock, 7, 10)
    assert grid.document.seen.ranges == {CT: ((4, 5),)}


def test_a_slow_film_needs_no_longer_than_a_slice():
    assert seen_after(film(frame_time_ms=400.0)) == seen_after(film()) == seen_after(volume()) == 50
    assert seen_after(film(frame_time_ms=20.0)) == 15


def test_a_slice_counts_at_whichever_point_in_time_it_was_seen(grid, clock):
    scan = Volume(np.zeros((40, 40, 20, 5), np.int16), volume().grid, modality="MR", axes=("time",))
    grid.document.add_volume(CT, scan)
    grid.document.seen.ranges.clear()
    view = one(grid, "a")
    view.show_slice(0)
    view.cine.show(3)
    QApplication.processEvents()
    first = shown(view)
    page(view, clock, 60)
    assert grid.document.seen.ranges == {CT: ((first, first),)}
    assert to_see(scan) == ("slice", 20)


def test_the_frames_that_are_left_stand_over_their_slider(us, grid):
    for frame in range(4):
        grid.document.seen.add(CT, frame)
    picture = us.grab().toImage()
    left, length = track(us.scene)
    y = us.height() - HEIGHT + 1
    bar = [picture.pixelColor(round(left + (n + 0.5) * length / 10), y).name() for n in range(10)]
    assert [name == colours.UNSEEN.name() for name in bar] == [False] * 4 + [True] * 6


def test_a_template_may_demand_all_frames_and_the_way_leads_to_the_first(us, grid):
    demanding = replace(template(viewport("a")), extra={"require_full_read": True})
    for frame in (0, 1, 2, 3, 6, 7, 8, 9):
        grid.document.seen.add(CT, frame)
    (line,) = unread_lines(demanding, grid.document)
    assert line.label == "Scan 'CT': 2 frames were not on the screen yet (5 to 6)."
    show_unread(grid.viewports.values(), "CT")
    assert us.cine.point == 4


def test_a_slice_of_which_less_than_half_is_in_the_view_is_not_seen(grid, clock):
    view, seen = one(grid, "a"), grid.document.seen
    size = view.scene.mm_per_pixel * view.width(), view.scene.mm_per_pixel * view.height()
    assert min(size) == pytest.approx(40)  # all of it fits
    assert share_in_view(view.scene) == 1
    view.look_at(pan_mm=(0.0, 15.0))
    assert share_in_view(view.scene) == pytest.approx(25 / 40, abs=0.005)
    view.look_at(pan_mm=(0.0, 25.0))
    assert share_in_view(view.scene) == pytest.approx(15 / 40, abs=0.005)
    QApplication.processEvents()
    seen.ranges.clear()
    for _ in range(3):
        page(view, clock, 200)
    assert seen.ranges.get(CT, ()) == ()
    view.fit()
    QApplication.processEvents()
    here = shown(view)
    page(view, clock, 60)
    assert seen.ranges[CT] == ((here, here),)


def test_zoomed_into_a_part_the_rest_is_not_seen_and_the_way_to_it_shows_all(grid):
    view = one(grid, "a")
    view.zoom_at(QPointF(100, 100), 0.5)
    assert share_in_view(view.scene) < 0.5
    show_unread(grid.viewports.values(), "CT")
    assert share_in_view(view.scene) == 1
