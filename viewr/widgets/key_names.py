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
#: Virtual keys of Windows that are letters and digits on every layout, those of Cyrillic and Greek ones too.
_WINDOWS = {code: chr(code).lower() for code in (*range(0x30, 0x3A), *range(0x41, 0x5B))}
#: The digits of a French keyboard, for remote desktops that send no scan codes.
_FRENCH = dict(zip("&é\"'(", "12345", strict=True))
_ORDINARY = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
#: Stands for a key that types nothing by itself, or more than one sign (dead keys, Arabic ligatures).
UNPRINTED = "unprinted"


def key_names(event: QKeyEvent) -> tuple[str, ...]:
    """Names of a key as templates write them ("1", "m"), the likeliest first; none with Ctrl, Alt or Meta."""
    if event.modifiers() & ~_ORDINARY:
        return ()
    printed = _printed(event)
    if printed.isascii() and printed.isalnum():
        return (printed,)
    in_place = _in_place(event, printed)
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not (printed.isalpha() and in_place.isalpha()):
        in_place = ""  # a sign of its own, as "?" on a French keyboard
    if in_place:
        return printed or UNPRINTED, in_place
    return (printed,) if printed else ()


def _printed(event: QKeyEvent) -> str:
    text = event.text()
    if len(text) == 1 and text.isprintable():
        return text.lower()[0]  # a Turkish capital I has a dot of its own in small letters
    key = int(event.key())
    return chr(key).lower() if not text and 0x21 <= key < 0x7F else ""


def _in_place(event: QKeyEvent, printed: str) -> str:
    """What a US keyboard has where this key is."""
    code, virtual = int(event.nativeScanCode()), int(event.nativeVirtualKey())
    if sys.platform == "darwin":  # no scan codes there: Qt says 1 for every real key
        return _APPLE.get(virtual, "") if code else _FRENCH.get(printed, "")
    if code:
        return _PC.get(code - _SHIFT, "")
    if sys.platform == "win32" and virtual in _WINDOWS and not event.modifiers() & Qt.KeyboardModifier.KeypadModifier:
        return _WINDOWS[virtual]
    return _FRENCH.get(printed, "")
