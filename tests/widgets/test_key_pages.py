"""The list of all keys, and the settings where they are changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from viewr.model.template import Context, Field
from viewr.settings import Settings, load_settings
from viewr.widgets import habits, keymap
from viewr.widgets.actions import ACTIONS
from viewr.widgets.fixed_keys import fixed_use
from viewr.widgets.key_editor import KeyEditor
from viewr.widgets.key_profiles import KEYS
from viewr.widgets.keys_help import KeysHelp, found, key_groups, open_keys, shared_out
from viewr.widgets.settings_dialog import SettingsDialog, open_settings
from viewr.widgets.style import apply_style

Key, Held = Qt.Key, Qt.KeyboardModifier
ANSWERS = Context("default", fields=(
    Field("verdict", "RadioButtonGroup", label="Quality", options=("Good", "Poor"),
          extra={"option_keys": ["1", "Shift+2"]}),
))  # fmt: skip


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("VIEWR_CONFIG_DIR", str(tmp_path))
    before = habits.habits()
    habits.use(Settings())
    yield
    habits.use(before)


@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    window.resize(1280, 720)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def editor(qtbot) -> KeyEditor:
    editor = KeyEditor()
    qtbot.addWidget(editor)
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def words(page: QWidget) -> set[str]:
    return {label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)}


def press(editor: KeyEditor, button: QWidget, key: Key, held: Held = Held.NoModifier) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.keyClick(button, key, held)


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_has_the_keys_of_now_and_the_answers_of_the_task(window):
    page = open_keys(window, ANSWERS)
    assert {"Quality: Good", "Shift+2", "Answers of this task", "Fit into the view", "Home"} <= words(page)
    keymap.set_keys("zoom.fit", ("Ctrl+F9",))
    assert "Ctrl+F9" in words(page)


def test_searching_leaves_what_has_the_words_or_the_key(window, qtbot):
    page = open_keys(window, ANSWERS)
    QTest.keyClicks(page.search, "brush larger")
    assert "Larger brush" in words(page)
    assert "Invert" not in words(page)
    page.search.clear()
    QTest.keyClicks(page.search, "i")
    assert "Invert" in words(page)
    assert "First slice" not in words(page)


def test_escape_closes_the_list_and_asking_again_shows_one(window, qtbot):
    page = open_keys(window)
    assert open_keys(window) is page
    with qtbot.waitSignal(page.destroyed):
        QTest.keyClick(page.search, Key.Key_Escape)
    assert window.findChild(KeysHelp) is None


def test_groups_are_shared_out_evenly_and_in_their_order():
    assert shared_out({"a": 10, "b": 2, "c": 8, "d": 4, "e": 6}, 3) == [["a"], ["b", "c"], ["d", "e"]]
    assert shared_out({"a": 1}, 4) == [["a"]]
    assert [title for column in shared_out(dict.fromkeys("abcdefg", 9), 4) for title in column] == list("abcdefg")


def test_mouse_of_the_profile_is_in_the_list():
    habits.use(Settings(shortcut_profile="ITK-SNAP"))
    assert ("Alt+Left button", "Pan") in [(row.keys, row.text) for row in key_groups()["Mouse"]]


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_new_key_is_taken_and_kept(editor):
    editor.choose("zoom.fit")
    press(editor, editor.change, Key.Key_F, Held.ControlModifier | Held.AltModifier)
    assert keymap.keys_of("zoom.fit") == ("Ctrl+Alt+F",)
    press(editor, editor.add, Key.Key_Tab, Held.ControlModifier)
    assert load_settings().shortcuts == ("zoom.fit=Ctrl+Alt+F Ctrl+Tab",)
    QTest.mouseClick(editor.reset, Qt.MouseButton.LeftButton)
    assert (keymap.keys_of("zoom.fit"), load_settings().shortcuts) == (("F",), ())


def test_a_taken_key_is_named_with_who_has_it_and_can_be_exchanged(editor):
    editor.choose("zoom.fit")
    press(editor, editor.change, Key.Key_I)
    assert "I is the key of “Invert” (Windows)." in editor.conflict.text()
    assert keymap.keys_of("zoom.fit") == ("F",)
    QTest.mouseClick(editor.swap, Qt.MouseButton.LeftButton)
    assert (keymap.keys_of("zoom.fit"), keymap.keys_of("window.invert")) == (("I",), ("F",))
    assert not editor.conflict.text()


def test_escape_changes_nothing_while_a_key_is_awaited(editor):
    editor.choose("zoom.fit")
    press(editor, editor.change, Key.Key_Escape)
    assert not editor.change.isChecked()
    assert keymap.keys_of("zoom.fit") == ("F",)


def test_a_profile_is_chosen_at_once(editor):
    editor.profile.setCurrentText("Slicer")
    assert keymap.keys_of("slices.on")[0] == "Right"
    assert load_settings().shortcut_profile == "Slicer"


def test_settings_change_colours_and_habits_at_once(window):
    apply_style(QApplication.instance(), "dark")
    dialog = open_settings(window)
    sheet = QApplication.instance().styleSheet()
    dialog.theme.setCurrentText("Light")
    assert QApplication.instance().styleSheet() != sheet
    dialog.switches["window_drag_swapped"].click()
    kept = load_settings()
    assert (kept.theme, kept.window_drag_swapped, habits.habits().window_drag_swapped) == ("light", True, True)
    dialog.theme.setCurrentText("Dark")
    assert open_settings(window, keys=True) is window.findChild(SettingsDialog)


def test_keys_that_nobody_can_change_stand_in_the_list():
    lines = {row.keys: row.text for rows in key_groups().values() for row in rows}
    assert lines["Ctrl+N"] == "Open the next task"
    assert "Alt+1 to Alt+9" in lines
    assert {"Task list", "Quality control", "Volume view"} <= key_groups().keys()


@pytest.mark.parametrize(("action", "key", "held", "words"), [
    ("zoom.reset", Key.Key_3, Held.AltModifier, "“The buttons above the views”"),
    ("program.performance", Key.Key_N, Held.ControlModifier, "“Open the next task”"),
    ("zoom.reset", Key.Key_1, Held.NoModifier, "“Quality: Good” (answers of this task)"),
])  # fmt: skip
def test_a_key_that_is_taken_for_good_is_refused(editor, action, key, held, words):
    editor.context = ANSWERS
    before = keymap.keys_of(action)
    editor.choose(action)
    QTest.mouseClick(editor.change, Qt.MouseButton.LeftButton)
    QTest.keyClick(editor.change, key, held)
    assert words in editor.conflict.text()
    assert not editor.swap.isVisible()
    assert keymap.keys_of(action) == before


def test_no_profile_uses_a_key_that_is_taken_for_good():
    for profile in KEYS:
        keymap.set_profile(profile)
        for name, action in ACTIONS.items():
            for key in keymap.keys_of(name):
                assert fixed_use(key, everywhere=action.scope == "window") == "", (profile, name)


def test_the_digits_are_one_line_as_long_as_they_are_together():
    assert ("1 to 9", "The windows of the menu") in [(row.keys, row.text) for row in key_groups()["Windows"]]
    assert [row.keys for row in found(key_groups(), "3")["Windows"]] == ["1 to 9"]
    keymap.set_keys("window.3", ("Shift+Q",))
    assert ("Shift+Q", "Window 3 of the menu") in [(row.keys, row.text) for row in key_groups()["Windows"]]
