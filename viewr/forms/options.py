"""How the options of a choice are shown and found again; types are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from viewr.model.template import Field

Colour = tuple[int, int, int]


def option_text(option: Any) -> str:
    """What the reader sees; YAML's booleans read as the author wrote them."""
    if isinstance(option, bool):
        return "Yes" if option else "No"
    return "" if option is None else str(option)


def option_index(options: Sequence[Any], value: Any) -> int:
    """Index of a value among the options, by type and value first, then by its text; -1 if it is none of them."""
    for index, option in enumerate(options):
        if type(option) is type(value) and option == value:
            return index
    if value is None or isinstance(value, (dict, list, tuple)):
        return -1
    texts = [option_text(option) for option in options]
    return texts.index(option_text(value)) if option_text(value) in texts else -1


def option_keys(field: Field) -> list[str]:
    """The key that gives each option, "" for one that has none."""
    keys = [str(key) if key is not None else "" for key in field.extra.get("option_keys") or ()]
    return (keys + [""] * len(field.options))[: len(field.options)]


def option_colours(field: Field) -> list[Colour | None]:
    """The colour of each option, None for one that has none."""
    given = field.extra.get("option_colours")
    colours: list[Colour | None] = list(given) if isinstance(given, (list, tuple)) else []
    return (colours + [None] * len(field.options))[: len(field.options)]


def dot(colour: Colour, filled: bool = True) -> QPixmap:
    """A dot of 28 pixels in a colour, or a ring."""
    picture = QPixmap(28, 28)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(128, 128, 128))
    painter.setBrush(QColor(*colour) if filled else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(4, 4, 20, 20)
    painter.end()
    return picture


def colour_icon(colour: Colour | None) -> QIcon:
    """The dot of an option as an icon; an empty one for no colour."""
    return QIcon(dot(colour)) if colour else QIcon()
