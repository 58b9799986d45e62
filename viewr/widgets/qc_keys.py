"""The keys of quality control: which are whose, and when they are meant for a text field."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from viewr.model.template_qc import QcForm

#: Letters for commands whose own one belongs to the template.
_SPARE = "ejzyqkuahtbdrsfxwmcilnopvg"
#: Commands and the letters that they would like; the template's own keys go first.
COMMANDS = {"later": "l", "full": "v", "note": "n", "place": "p", "plane": "o", "beside": "g"}
#: What they do, for the list of keys.
COMMAND_TEXTS = {
    "later": "Later: this case again at the end", "full": "The views with their tools", "note": "The note",
    "place": "Where it is: then click", "plane": "Slices along another plane",
    "beside": "Scans side by side, or one at a time",
}  # fmt: skip


def command_keys(forms: Iterable[QcForm]) -> dict[str, str]:
    """The key of each command, so that none is a key of the template."""
    taken = {key for form in forms for key in _keys_of(form)}
    found: dict[str, str] = {}
    for name, wished in COMMANDS.items():
        found[name] = next(letter for letter in wished + _SPARE if letter not in taken)
        taken.add(found[name])
    return found


def _keys_of(form: QcForm) -> list[str]:
    return [option.key for option in form.options] + [tag.key for tag in form.tags]


def is_typing(widget: QWidget | None) -> bool:
    """Whether keys go into a text."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    texts = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
    return isinstance(widget, texts) and widget.isEnabled() and not widget.isReadOnly()
