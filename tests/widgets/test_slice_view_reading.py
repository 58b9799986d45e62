"""Slices that were on the screen long enough are noted; the others stand beside the slider."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import one, press, shown, template, viewport, views, volume
from viewr.widgets import colours, slice_view_reading
from viewr.widgets.unread_slices import UNREAD, show_unread, stored_orientation, unread_lines
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
