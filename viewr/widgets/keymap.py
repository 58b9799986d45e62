"""Which keys and mouse buttons do what for this reader: those of the profile, under single ones of their own."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QInputEvent, QKeyEvent, QKeySequence

from viewr.settings import ShortcutProfile
from viewr.widgets import habits
from viewr.widgets.actions import ACTIONS, Scope
from viewr.widgets.key_names import key_names
from viewr.widgets.key_profiles import KEYS, MOUSE

Modifier = Qt.KeyboardModifier
#: In the settings a list in the environment is cut at its commas.
_COMMA = "Comma"


class Notifier(QObject):
    """Says that keys have changed."""

    changed = Signal()


notifier = Notifier()


# --- which keys ------------------------------------------------------------------------------------------------------


def own_keys() -> dict[str, tuple[str, ...]]:
    """The keys that the reader chose, by action; others come from the profile."""
    return _own(habits.habits().shortcuts)


@lru_cache(maxsize=4)
def _own(entries: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        name, found, keys = entry.partition("=")
        if found and name in ACTIONS:
            chosen[name] = tuple(_key_of(key) for key in keys.split())
    return chosen


def profile_keys(name: str) -> tuple[str, ...]:
    """The keys of an action in the reader's profile."""
    return KEYS[habits.habits().shortcut_profile].get(name, ACTIONS[name].keys)


def keys_of(name: str) -> tuple[str, ...]:
    """The keys of an action."""
    own = own_keys().get(name)
    return profile_keys(name) if own is None else own


def key_text(key: str) -> str:
    """A key as the platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def hint(name: str, before: str = "\t") -> str:
    """The first key of an action for a menu or, with another text `before`, a tip; "" if it has none."""
    keys = keys_of(name)
    return before + key_text(keys[0]) if keys else ""


def tip(text: str, name: str) -> str:
    """A tip that ends in the key."""
    key = hint(name, "")
    return f"{text} ({key})" if key else text


def actions_by_key(scope: Scope) -> dict[str, str]:
    """Key -> name of the action, for one scope; where two claim a key the first has it."""
    found: dict[str, str] = {}
    for name, action in ACTIONS.items():
        if action.scope == scope:
            for key in keys_of(name):
                found.setdefault(key, name)
    return found


def holder_of(key: str, name: str) -> str:
    """Another action that has a key and would be in the way; "" for none."""
    held = ACTIONS[name].scope == "hold"
    others = (other for other, action in ACTIONS.items() if other != name and (action.scope == "hold") == held)
    return next((other for other in others if key in keys_of(other)), "")


# --- changing them ---------------------------------------------------------------------------------------------------


def set_keys(name: str, keys: tuple[str, ...]) -> None:
    """Give an action keys of the reader's own; those of the profile leave no trace."""
    _keep({**own_keys(), name: keys})


def reset_keys(*names: str) -> None:
    """Go back to the keys of the profile; without names for all actions."""
    _keep({name: keys for name, keys in own_keys().items() if names and name not in names})


def set_profile(profile: ShortcutProfile) -> None:
    """Take the keys and mouse of a profile; keys of the reader's own stay."""
    habits.change(shortcut_profile=profile)
    notifier.changed.emit()


def exchange(name: str, key: str, other: str) -> None:
    """Give an action the key of another one, which gets the first key that this one had, if any."""
    had = keys_of(name)
    left = tuple(held for held in keys_of(other) if held != key)
    _keep({**own_keys(), name: (key, *had[1:]), other: (*left, *had[:1])})


def _keep(chosen: dict[str, tuple[str, ...]]) -> None:
    entries = (f"{name}={' '.join(_stored(key) for key in keys)}" for name, keys in chosen.items()
               if keys != profile_keys(name))  # fmt: skip
    habits.change(shortcuts=tuple(entries))
    notifier.changed.emit()


def _stored(key: str) -> str:
    return key[:-1] + _COMMA if key.endswith(",") else key


def _key_of(stored: str) -> str:
    return stored.removesuffix(_COMMA) + "," if stored.endswith(_COMMA) else stored


# --- what was pressed ------------------------------------------------------------------------------------------------


def pressed(event: QKeyEvent) -> list[str]:
    """What a press of a key may be called, the best name first.

    The sign that it types comes first, then that without Shift (to type + or ? may take it), then the key at its
    place on a keyboard of the United States: digits are there without Shift in France, letters in Greece.
    """
    key, held = event.key(), event.modifiers() & ~(Modifier.KeypadModifier | Modifier.GroupSwitchModifier)
    typed = event.text()
    sign = typed.isprintable() and len(typed) == 1 and not typed.isalnum() and typed != " "
    if sign and held & Modifier.ControlModifier and held & Modifier.AltModifier:
        # AltGr is Ctrl and Alt on Windows: [ is typed with it in Germany
        held &= ~(Modifier.ControlModifier | Modifier.AltModifier)
    if key == Qt.Key.Key_Backtab:
        key, held = Qt.Key.Key_Tab, held | Modifier.ShiftModifier
    names = [_name(key, held), _name(key, held & ~Modifier.ShiftModifier)]
    place = _at_place(event)
    if place:
        names += [_name(place, held), _name(place, held & ~Modifier.ShiftModifier)]
    return list(dict.fromkeys(name for name in names if name))


def chosen(event: QKeyEvent) -> str:
    """How a key that the reader presses is to be written; "" for Shift alone and the like.

    A sign stands for itself, whether it takes Shift to type it or not.
    """
    names = pressed(event)
    sign = len(event.text()) == 1 and event.text().isprintable() and not event.text().isalnum() and event.text() != " "
    return (names[1] if sign and len(names) > 1 and not _at_place(event) else names[0]) if names else ""


def _name(key: int, held: Modifier) -> str:
    if key in (Qt.Key.Key_unknown, 0) or Qt.Key.Key_Shift <= key <= Qt.Key.Key_ScrollLock:
        return ""
    return QKeySequence(QKeyCombination(held, Qt.Key(key))).toString(QKeySequence.SequenceFormat.PortableText)


def _at_place(event: QKeyEvent) -> int:
    """The key that a keyboard of the United States has there, if what was typed is no letter or digit of ours."""
    names = key_names(event)
    return ord(names[1].upper()) if len(names) > 1 else 0


# --- the mouse -------------------------------------------------------------------------------------------------------


def held_text(event: QInputEvent) -> str:
    """What is held with the mouse, as `MOUSE` writes it: "ctrl+shift+"."""
    words = ((Modifier.ControlModifier, "ctrl+"), (Modifier.ShiftModifier, "shift+"), (Modifier.AltModifier, "alt+"))
    return "".join(word for modifier, word in words if event.modifiers() & modifier)


def mouse_action(what: str, event: QInputEvent) -> str:
    """What a button ("left", "middle", "right") or the "wheel" does with what is held; a button alone if no more."""
    bound = MOUSE[habits.habits().shortcut_profile]
    return bound.get(held_text(event) + what) or bound.get(what, "")


def is_bound(what: str, event: QInputEvent) -> bool:
    """Whether the profile says something for a button with just what is held."""
    return bool(held_text(event)) and held_text(event) + what in MOUSE[habits.habits().shortcut_profile]
