"""The buttons above the viewports, by mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.test_cine import film
from tests.widgets.viewing import drag, one, viewport, views, volume
from viewr.settings import Settings
from viewr.widgets import habits, keymap
from viewr.widgets.measure_window import MeasureWindow
from viewr.widgets.slice_view_paint import MARGIN, SLIDER_WIDTH
from viewr.widgets.view_bar import ViewBar


@pytest.fixture
def grid(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(900, 400))
    grid.document.add_volume(("default", "MR"), volume(modality="MR", unit=""))
    return grid


@pytest.fixture
def bar(grid):
    bar = ViewBar(grid.document, grid.acting_viewport, grid)
    grid.add_bar(bar)
    QApplication.processEvents()
    return bar


def click(bar, name):
    QTest.mouseClick(bar.buttons[name], Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def choose(bar, name, *path):
    """Open the menu of a button and take an entry of it."""
    menu = bar.menus[name]
    menu.aboutToShow.emit()
    for step in path[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text().split("\t")[0] == step)
    next(action for action in menu.actions() if action.text().startswith(path[-1])).trigger()
    QApplication.processEvents()


def look(view):
    return view.document.state.look.viewports[view.key]


def test_what_is_chosen_is_done_to_the_active_view(bar, grid):
    one(grid, "b").activate()
    choose(bar, "slab", "Maximum")
    assert (look(one(grid, "a")).projection, look(one(grid, "b")).projection) == ("none", "max")
    choose(bar, "contrast", "Lung")
    assert look(one(grid, "b")).window.width == 1500
    click(bar, "reset")
    assert look(one(grid, "b")).window is None


def test_layouts_comparing_and_measures_are_found_without_a_key(bar, grid):
    choose(bar, "layout", "Two by two")
    assert grid.document.state.look.layouts["default"].name == "2x2"
    choose(bar, "compare", "MR")
    assert look(one(grid, "extra 1")).scan == "MR"
    choose(bar, "ruler", "Distance")
    assert grid.document.state.look.tool == "distance"
    choose(bar, "more", "Colours", "Hot iron")
    assert look(one(grid, "a")).lut == "hot iron"


def test_the_row_of_scans_opens_and_closes(bar, grid):
    before = bool(grid.document.state.look.strip)
    click(bar, "scans")
    assert bar.buttons["scans"].isChecked() is not before
    assert bool(grid.document.state.look.strip) is not before


def test_playing_is_offered_where_something_moves(bar, grid):
    assert not bar.buttons["play"].isVisible()
    grid.document.add_volume(("default", "CT"), film())
    QApplication.processEvents()
    assert bar.buttons["play"].isVisible()
    click(bar, "play")
    assert one(grid, "a").cine.playing
    click(bar, "play")
    assert not one(grid, "a").cine.playing


@pytest.fixture
def own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("VIEWR_CONFIG_DIR", str(tmp_path))
    before = habits.habits()
    habits.use(Settings())
    yield
    habits.use(before)


def test_tips_follow_the_readers_keys(own_settings, bar):
    assert bar.buttons["reset"].toolTip() == "Reset the view (R)"
    keymap.set_keys("zoom.reset", ("Ctrl+R",))
    assert bar.buttons["reset"].toolTip() == "Reset the view (Ctrl+R)"
    assert bar.buttons["reset"].accessibleName() == "Reset the view"


def test_the_list_of_keys_is_one_click_away(bar, qtbot):
    with qtbot.waitSignal(bar.keys_requested):
        click(bar, "help")


def test_measures_are_listed_where_the_template_shows_no_tools(bar, grid):
    view = one(grid, "a")
    choose(bar, "ruler", "Distance")
    drag(view, QPoint(100, 100), QPoint(200, 100))
    choose(bar, "ruler", "List of measures")
    window = grid.window().findChild(MeasureWindow)
    assert window.isVisible()
    assert window.measures.topLevelItemCount() == 1
    choose(bar, "ruler", "List of measures")
    assert len(grid.window().findChildren(MeasureWindow)) == 1
    window.close()


def test_a_colour_bar_keeps_its_colours_beside_a_selected_ellipse(bar, grid):
    view = one(grid, "a")
    grid.resize(900, 700)
    QApplication.processEvents()
    view.look_at(lut="hot iron")
    choose(bar, "ruler", "Ellipse")
    drag(view, QPoint(60, 60), QPoint(120, 110))
    assert view.document.state.look.selected
    image = view.grab().toImage()
    x = view.width() - SLIDER_WIDTH - MARGIN - 5
    colours = {image.pixelColor(x, y).name() for y in range(view.height() * 7 // 10, view.height() * 17 // 20)}
    assert len(colours) > 20


def test_the_ruler_tells_that_a_measuring_tool_is_in_the_hand(bar, grid):
    choose(bar, "ruler", "Angle")
    assert bar.buttons["ruler"].isChecked()
    choose(bar, "ruler", "No tool")
    assert not bar.buttons["ruler"].isChecked()


def test_a_single_scan_has_nothing_to_be_laid_over_and_says_so(qtbot):
    grid = views(qtbot, viewport("a"))
    bar = ViewBar(grid.document, grid.acting_viewport, grid)
    bar.menus["fusion"].aboutToShow.emit()
    (action,) = bar.menus["fusion"].actions()
    assert action.text() == "The task has no other scan"
    assert not action.isEnabled()
