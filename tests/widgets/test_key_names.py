"""Keys of other layouts: what is printed on them, else what a US keyboard has in their place."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from viewr.widgets.key_names import key_names

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def press(key: int, text: str, scan_code: int = 0, modifiers: Qt.KeyboardModifier = NONE) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, scan_code, 0, 0, text)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="scan codes of X11")
@pytest.mark.parametrize(
    ("key", "text", "scan_code", "names"),
    [
        (Qt.Key.Key_1, "1", 10, ("1",)),
        (Qt.Key.Key_Ampersand, "&", 10, ("&", "1")),  # AZERTY
        (0xC9, "é", 11, ("é", "2")),
        (Qt.Key.Key_Plus, "+", 10, ("+", "1")),  # Czech
        (0x42C, "ь", 58, ("ь", "m")),  # Russian
        (Qt.Key.Key_A, "a", 24, ("a",)),  # AZERTY: printed letters count, not their place
        (Qt.Key.Key_M, "M", 58, ("m",)),
    ],
)
def test_printed_then_in_place(key: int, text: str, scan_code: int, names: tuple[str, ...]) -> None:
    assert key_names(press(int(key), text, scan_code)) == names


def test_french_digits_without_scan_codes() -> None:
    assert key_names(press(int(Qt.Key.Key_Ampersand), "&")) == ("&", "1")
    assert key_names(press(int(Qt.Key.Key_QuoteDbl), '"')) == ('"', "3")


def test_a_shifted_sign_is_no_digit_but_a_shifted_digit_is() -> None:
    assert key_names(press(int(Qt.Key.Key_Exclam), "!", 10, SHIFT)) == ("!",)
    assert key_names(press(int(Qt.Key.Key_1), "1", 10, SHIFT)) == ("1",)


def test_keys_with_ctrl_are_commands_of_others() -> None:
    assert key_names(press(int(Qt.Key.Key_Z), "\x1a", 52, Qt.KeyboardModifier.ControlModifier)) == ()
