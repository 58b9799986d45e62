"""Keys of other layouts: what is printed on them, else what a US keyboard has in their place."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from viewr.widgets.key_names import UNPRINTED, key_names

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
        (0x424, "ф", 38, ("ф", "a")),  # Russian
        (0x39C, "μ", 58, ("μ", "m")),  # Greek
        (Qt.Key.Key_Semicolon, ";", 24, (";", "q")),  # Greek: no letter in the place of Q
        (0x665, "٥", 14, ("٥", "5")),  # Arabic digits
        (0x644, "لا", 56, (UNPRINTED, "b")),  # Arabic: two letters from one key
        (Qt.Key.Key_Dead_Circumflex, "", 10, (UNPRINTED, "1")),  # a dead key in the row of digits
        (0x130, "İ", 48, ("i",)),  # Turkish
        (0x49, "ı", 31, ("ı", "i")),  # Turkish
        (Qt.Key.Key_Minus, "-", 15, ("-", "6")),  # AZERTY
        (Qt.Key.Key_Return, "\r", 36, ()),
        (Qt.Key.Key_Backspace, "\b", 22, ()),
        (Qt.Key.Key_Shift, "", 50, ()),
        (Qt.Key.Key_1, "1", 87, ("1",)),  # keypad
        (Qt.Key.Key_End, "", 87, ()),  # keypad without Num Lock
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="scan codes of X11")
def test_a_shifted_letter_is_that_letter_on_every_layout() -> None:
    assert key_names(press(int(Qt.Key.Key_M), "M", 58, SHIFT)) == ("m",)
    assert key_names(press(0x42C, "Ь", 58, SHIFT)) == ("ь", "m")
    assert key_names(press(int(Qt.Key.Key_QuoteDbl), '"', 11, SHIFT)) == ('"',)  # Russian, above the 2
    assert key_names(press(int(Qt.Key.Key_Question), "?", 58, SHIFT)) == ("?",)  # AZERTY


def real(key: int, text: str, scan_code: int, virtual_key: int) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, NONE, scan_code, virtual_key, 0, text)


@pytest.mark.parametrize(
    ("key", "text", "virtual_key", "names"),
    [
        (0x424, "ф", 0, ("ф", "a")),  # kVK_ANSI_A
        (0x42C, "ь", 46, ("ь", "m")),
        (Qt.Key.Key_Ampersand, "&", 18, ("&", "1")),  # AZERTY
        (0xA7, "§", 22, ("§", "6")),
        (Qt.Key.Key_S, "s", 1, ("s",)),
        (Qt.Key.Key_Return, "\r", 36, ()),
        (Qt.Key.Key_Left, "", 123, ()),
    ],
)
def test_an_apple_tells_virtual_keys_and_one_as_every_scan_code(
    key: int, text: str, virtual_key: int, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert key_names(real(int(key), text, 1, virtual_key)) == names


@pytest.mark.parametrize(
    ("key", "text", "virtual_key", "names"),
    [
        (0x424, "ф", 0x41, ("ф", "a")),
        (0x39C, "μ", 0x4D, ("μ", "m")),
        (Qt.Key.Key_Minus, "-", 0x36, ("-", "6")),  # AZERTY
        (0x416, "ж", 0xBA, ("ж",)),  # no letter of a US keyboard
        (Qt.Key.Key_End, "", 0x23, ()),
    ],
)
def test_a_remote_windows_without_scan_codes_tells_virtual_keys(
    key: int, text: str, virtual_key: int, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert key_names(real(int(key), text, 0, virtual_key)) == names


def test_keys_with_ctrl_are_commands_of_others() -> None:
    assert key_names(press(int(Qt.Key.Key_Z), "\x1a", 52, Qt.KeyboardModifier.ControlModifier)) == ()
