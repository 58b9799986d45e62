"""What a pressed key means on whatever keyboard: what is printed on it, else what a US keyboard has in its place."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

#: Scan codes of the keys of a US keyboard, as the PC has had them since 1981 and Linux counts them.
_PC = {
    **dict(zip(range(2, 12), "1234567890", strict=True)), **dict(zip(range(16, 26), "qwertyuiop", strict=True)),
    **dict(zip(range(30, 39), "asdfghjkl", strict=True)), **dict(zip(range(44, 51), "zxcvbnm", strict=True)),
}  # fmt: skip
_APPLE = {
    18: "1", 19: "2", 20: "3", 21: "4", 23: "5", 22: "6", 26: "7", 28: "8", 25: "9", 29: "0",
    12: "q", 13: "w", 14: "e", 15: "r", 17: "t", 16: "y", 32: "u", 34: "i", 31: "o", 35: "p",
    0: "a", 1: "s", 2: "d", 3: "f", 5: "g", 4: "h", 38: "j", 40: "k", 37: "l",
    6: "z", 7: "x", 8: "c", 9: "v", 11: "b", 45: "n", 46: "m",
}  # fmt: skip
#: X11 and Wayland count from 8.
_SHIFT = 8 if sys.platform.startswith("linux") else 0
#: The digits of a French keyboard, for remote desktops that send no scan codes.
_FRENCH = dict(zip("&é\"'(", "12345", strict=True))
_ORDINARY = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def key_names(event: QKeyEvent) -> tuple[str, ...]:
    """Names of a key as templates write them ("1", "m"), the likeliest first; none with Ctrl, Alt or Meta."""
    if event.modifiers() & ~_ORDINARY:
        return ()
    printed = _printed(event)
    if not printed or (printed.isascii() and printed.isalnum()):
        return (printed,) if printed else ()
    shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    in_place = "" if shifted else _in_place(event, printed)
    return (printed, in_place) if in_place else (printed,)


def _printed(event: QKeyEvent) -> str:
    text = event.text().lower()
    if len(text) == 1 and text.isprintable():
        return text
    key = int(event.key())
    return chr(key).lower() if not text and 0x21 <= key < 0x7F else ""


def _in_place(event: QKeyEvent, printed: str) -> str:
    """What a US keyboard has where this key is."""
    code = int(event.nativeScanCode())
    if sys.platform == "darwin":
        return _APPLE.get(code, "")
    return _PC.get(code - _SHIFT, "") if code else _FRENCH.get(printed, "")
