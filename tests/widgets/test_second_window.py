"""Viewports in a window of their own for a second monitor."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect, QSettings, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from shiboken6 import isValid

from tests.widgets.test_linking import entry
from tests.widgets.viewing import one, press, shown, template, viewport, views, wheel
from viewr.widgets.second_window import first_place, other_screen
from viewr.widgets.viewports import ViewportGrid
from viewr.workspace.document import Document

Key = Qt.Key
A, B = ("default", "a"), ("default", "b")


@pytest.fixture
def grid(qtbot, tmp_path):
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(802, 602))
    grid.activateWindow()
    qtbot.waitUntil(grid.isActiveWindow)
    one(grid, "a").setFocus()
    return grid


def second(view):
    QTest.keyClick(view, Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()


def inside(grid):
    """Names of the viewports in the second window, and in the first."""
    QApplication.processEvents()
    second = [name for (_c, name), view in grid.viewports.items() if view.isVisible() and view.window() is grid.second]
    first = [name for (_c, name), view in grid.viewports.items() if view.isVisible() and view.window() is grid]
    return second, first


def test_a_key_moves_a_view_and_brings_it_back(grid):
    second(one(grid, "b"))
    assert inside(grid) == (["b"], ["a"])
    assert one(grid, "a").width() == 802
    assert one(grid, "b").size() == grid.second.size()
    second(one(grid, "b"))
    assert inside(grid) == ([], ["a", "b"])
    assert not grid.second.isVisible()


def test_it_shows_the_same_patient_and_pages_on(grid, qtbot):
    second(one(grid, "b"))
    grid.document.look(tool="crosshair")
    before = shown(one(grid, "b"))
    wheel(one(grid, "b"), -120)
    assert shown(one(grid, "b")) == before + 1
    assert one(grid, "a").position[1] == one(grid, "b").position[1]
    qtbot.waitUntil(grid.second.isActiveWindow)
    assert one(grid, "b").hasFocus()
    press(one(grid, "b"), Key.Key_Tab)
    qtbot.waitUntil(grid.isActiveWindow)
    assert one(grid, "a").hasFocus()


def test_closing_it_brings_the_views_back(grid):
    second(one(grid, "b"))
    grid.second.close()
    assert inside(grid) == ([], ["a", "b"])
    assert grid.document.state.look.away == ()


def test_all_views_leave_a_word_behind(grid):
    assert entry(one(grid, "a"), "In the second window", "All views")
    assert inside(grid) == (["a", "b"], [])
    button = next(button for button in grid.findChildren(QPushButton) if button.text() == "Bring them back")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert inside(grid) == ([], ["a", "b"])
    assert not button.isVisible()


def test_keys_of_the_task_work_in_it(grid, qtbot):
    pressed = []
    shortcut = QShortcut(QKeySequence("Ctrl+K"), grid)
    shortcut.activated.connect(lambda: pressed.append(1))
    second(one(grid, "b"))
    qtbot.waitUntil(grid.second.isActiveWindow)
    QTest.keyClick(grid.second.windowHandle(), Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert pressed == [1]
    shortcut.setEnabled(False)
    QTest.keyClick(grid.second.windowHandle(), Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert pressed == [1]


def test_maximised_there_and_here_are_apart(grid):
    grid.document.look(away=(B,))
    one(grid, "b").toggle_maximised()
    assert inside(grid) == (["b"], ["a"])
    one(grid, "b").toggle_maximised()
    one(grid, "a").toggle_maximised()
    assert inside(grid) == (["b"], ["a"])


def test_it_comes_up_where_it_was(grid, qtbot):
    second(one(grid, "b"))
    QApplication.processEvents()
    grid.second.setGeometry(QRect(120, 90, 500, 410))
    QApplication.processEvents()
    grid.second.close()
    again = views(qtbot, viewport("a"), viewport("b", x=1))
    again.document.look(away=(B,))
    QApplication.processEvents()
    assert again.second.geometry().size() == QRect(120, 90, 500, 410).size()


def test_it_goes_with_the_task(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    page.show()
    document = Document()
    grid = ViewportGrid(document, template(viewport("a"), viewport("b", x=1)), "default", page)
    document.look(away=(B,))
    second = grid.second
    assert second.isVisible()
    document.retire()
    grid.deleteLater()
    qtbot.waitUntil(lambda: not isValid(second))


def test_another_monitor_is_preferred_and_the_last_one_first():
    own, left, right = (SimpleNamespace(name=lambda name=name: name) for name in ("own", "left", "right"))
    assert other_screen(own, [own], "left") is own
    assert other_screen(own, [own, left, right], "") is left
    assert other_screen(own, [own, left, right], "right") is right
    assert other_screen(own, [own, left, right], "own") is left
    assert first_place(QRect(0, 0, 1000, 800), False).left() >= 499
    assert first_place(QRect(1000, 0, 1000, 800), True).width() == 984
