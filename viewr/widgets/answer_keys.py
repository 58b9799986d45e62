"""The keys that a template prints on its answers: they work wherever the focus is, but in text fields.

They go before the viewports' own keys: where a template says that 1 is "usable", 1 is no window.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from viewr.forms.form import Form
from viewr.model.template import Context, walk_fields


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
    return [QShortcut(QKeySequence(key), window, partial(_press, forms, key)) for key in keys]


def _press(forms: list[Form], key: str) -> None:
    for form in forms:
        if form.isVisible() and form.press_key(key):
            return
