"""Keys and mouse as the reader wants them: profiles, keys of their own, keyboards of other countries, held keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.widgets.viewing import at, drag, move, one, press, viewport, views
from viewr.settings import Settings, load_settings
from viewr.widgets import habits, keymap
from viewr.widgets.actions import ACTIONS
from viewr.widgets.key_profiles import KEYS
from viewr.widgets.slice_view import SliceViewport
from viewr.widgets.viewports import ViewportGrid

Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("VIEWR_CONFIG_DIR", str(tmp_path))
    before = habits.habits()
    habits.use(Settings())
    yield
    habits.use(before)


@pytest.fixture
def grid(qtbot) -> ViewportGrid:
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid) -> SliceViewport:
    view = one(grid)
    view.show_slice(10)
    view.setFocus()
    return view


def type_key(view: SliceViewport, key: int, text: str, place: int = 0, held: Held = Held.NoModifier) -> None:
    """A key of a real keyboard, with its place as X11 counts."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(view, QKeyEvent(kind, key, held, place, key, 0, text))
    QApplication.processEvents()


@pytest.mark.parametrize("profile", KEYS)
@pytest.mark.parametrize("held", [True, False])
def test_no_key_has_two_meanings(profile, held):
    habits.use(Settings(shortcut_profile=profile))
    keys = [key for name, action in ACTIONS.items() if (action.scope == "hold") == held for key in keymap.keys_of(name)]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("profile", KEYS)
def test_profiles_name_actions_and_keys_that_exist(profile):
    assert KEYS[profile].keys() <= ACTIONS.keys()
    habits.use(Settings(shortcut_profile=profile))
    for name in ACTIONS:
        assert all(keymap.key_text(key) for key in keymap.keys_of(name))


def test_arrows_page_in_slicer_and_move_the_localizer_in_itk_snap(view):
    before = view.position
    press(view, Key.Key_Right)
    assert view.position == before
    keymap.set_profile("Slicer")
    press(view, Key.Key_Right)
    assert view.scene.index == 11
    keymap.set_profile("ITK-SNAP")
    view.show_slice(10)
    press(view, Key.Key_Right)
    press(view, Key.Key_Down)
    assert view.position == pytest.approx((before[0] + 1, before[1] + 1, before[2]))


def test_left_drag_moves_the_localizer_in_itk_snap(view):
    keymap.set_profile("ITK-SNAP")
    window = view.scene.view.window
    view.document.look(crosshair=False)
    drag(view, at(view, 10, 10, 18), at(view, 25, 12, 18))
    assert view.position == pytest.approx((25, 12, 18), abs=0.6)
    assert view.scene.view.window == window


def test_own_keys_work_at_once_and_are_kept(view):
    keymap.set_keys("slices.on", ("Ctrl+Down", ","))
    press(view, Key.Key_Down)
    assert view.scene.index == 10
    QTest.keyClick(view, Key.Key_Down, Held.ControlModifier)
    press(view, Key.Key_Comma)
    assert view.scene.index == 12
    kept = load_settings()
    assert kept.shortcuts == ("slices.on=Ctrl+Down Comma",)
    habits.use(load_settings(environment={"VIEWR_SHORTCUTS": "slices.on=Ctrl+Comma,tool.cobb=F9"}))
    assert (keymap.keys_of("slices.on"), keymap.keys_of("tool.cobb")) == (("Ctrl+,",), ("F9",))


def test_keys_go_back_to_those_of_the_profile(view):
    keymap.set_keys("zoom.fit", ("F11",))
    keymap.set_keys("zoom.reset", ())
    keymap.reset_keys("zoom.fit")
    assert (keymap.keys_of("zoom.fit"), keymap.keys_of("zoom.reset")) == (("F",), ())
    keymap.reset_keys()
    assert load_settings().shortcuts == ()


def test_digits_are_at_their_places_in_france(view):
    assert view.scene.view.window.name == "Stored"
    type_key(view, Key.Key_QuoteDbl, '"', place=12)
    third = view.scene.view.window
    assert third.name == "Soft tissue"
    press(view, Key.Key_1)
    assert third != view.scene.view.window
    press(view, Key.Key_3)
    assert third == view.scene.view.window


def test_letters_are_at_their_places_in_greece(view):
    type_key(view, 0x399, "ι", place=31)
    assert view.scene.look.inverted


def test_altgr_types_brackets_in_germany_on_windows(view):
    size = view.document.state.look.brush_mm
    type_key(view, Key.Key_BracketRight, "]", held=Held.ControlModifier | Held.AltModifier)
    assert view.document.state.look.brush_mm > size


def test_space_held_pans_and_tapped_hides(view):
    look = view.scene.look
    QTest.keyPress(view, Key.Key_Space)
    drag(view, QPoint(100, 100), QPoint(130, 110))
    QTest.keyRelease(view, Key.Key_Space)
    assert view.scene.look.pan_mm != look.pan_mm
    assert view.scene.look.window == look.window
    assert not view.document.state.look.overlays_hidden
    press(view, Key.Key_Space)
    assert view.document.state.look.overlays_hidden


def test_z_held_zooms_and_a_drag_without_it_changes_the_window(view):
    before = view.scene.mm_per_pixel
    QTest.keyPress(view, Key.Key_Z)
    drag(view, QPoint(100, 200), QPoint(100, 150))
    QTest.keyRelease(view, Key.Key_Z)
    assert view.scene.mm_per_pixel < before
    zoomed, window = view.scene.mm_per_pixel, view.scene.view.window
    drag(view, QPoint(40, 60), QPoint(80, 60))
    assert view.scene.mm_per_pixel == zoomed
    assert view.scene.view.window != window


def test_a_held_key_is_forgotten_when_the_keyboard_goes_elsewhere(view):
    QTest.keyPress(view, Key.Key_Space)
    QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusOut))
    pan = view.scene.look.pan_mm
    drag(view, QPoint(40, 60), QPoint(80, 60))
    move(view, QPoint(80, 60))
    assert view.scene.look.pan_mm == pan
