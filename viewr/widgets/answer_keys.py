"""The keys that a template prints on its answers: they work wherever the focus is, but in text fields.

They go before the viewports' own keys: where a template says that 1 is "usable", 1 is no window.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from viewr.forms.form import Form
from viewr.model.template import Context, walk_fields
from viewr.widgets.key_names import key_names


def answer_keys(context: Context) -> list[str]:
    """The keys of a context's fields, each once, in the order of the form."""
    keys: dict[str, None] = {}
    for _path, field in walk_fields(context.fields):
        keys.update(dict.fromkeys(str(key) for key in field.extra.get("option_keys") or ()))
        if field.extra.get("key"):
            keys[str(field.extra["key"])] = None
    return [key for key in keys if key]


def add_answer_keys(window: QWidget, forms: Iterable[Form]) -> list[QShortcut]:
    """Make the keys of some forms work anywhere in a window; those of the form in sight count."""
    forms = list(forms)
    keys = dict.fromkeys(key for form in forms for key in answer_keys(form.context))
    _OtherLayouts(window, forms)
    return [QShortcut(QKeySequence(key), window, partial(_press, forms, key)) for key in keys]


class _OtherLayouts(QObject):
    """Keys that nobody took, by their place on the keyboard: without Shift a French one has no digits."""

    def __init__(self, window: QWidget, forms: list[Form]) -> None:
        super().__init__(window)
        self._forms = forms
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return any(_press(self._forms, name) for name in key_names(event)[1:])
        return super().eventFilter(watched, event)


def _press(forms: list[Form], key: str) -> bool:
    return any(form.isVisible() and form.press_key(key) for form in forms)
