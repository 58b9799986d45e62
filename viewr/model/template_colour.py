"""Colours as templates write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from viewr.model.template_item import as_number

Colour = tuple[int, int, int]

#: The sixteen names of HTML and those that Qt adds or that drawing programs use.
NAMES: dict[str, Colour] = {
    "black": (0, 0, 0), "silver": (192, 192, 192), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "white": (255, 255, 255), "maroon": (128, 0, 0), "red": (255, 0, 0), "purple": (128, 0, 128),
    "fuchsia": (255, 0, 255), "magenta": (255, 0, 255), "green": (0, 128, 0), "lime": (0, 255, 0),
    "olive": (128, 128, 0), "yellow": (255, 255, 0), "navy": (0, 0, 128), "blue": (0, 0, 255),
    "teal": (0, 128, 128), "aqua": (0, 255, 255), "cyan": (0, 255, 255), "orange": (255, 165, 0),
    "pink": (255, 192, 203), "brown": (165, 42, 42), "gold": (255, 215, 0), "violet": (238, 130, 238),
    "turquoise": (64, 224, 208), "salmon": (250, 128, 114), "indigo": (75, 0, 130), "khaki": (240, 230, 140),
    "darkred": (139, 0, 0), "darkgreen": (0, 100, 0), "darkblue": (0, 0, 139), "darkgray": (169, 169, 169),
    "lightgray": (211, 211, 211), "lightgreen": (144, 238, 144), "lightblue": (173, 216, 230),
}  # fmt: skip

#: For labels and groups that name no colour: far apart in hue, light enough to stand on a dark image.
PALETTE: tuple[Colour, ...] = (
    (230, 75, 53), (77, 187, 213), (0, 160, 135), (243, 196, 15), (155, 89, 182),
    (52, 152, 219), (230, 126, 34), (46, 204, 113), (236, 112, 199), (145, 209, 194),
)  # fmt: skip


def parse_colour(value: Any) -> Colour | None:
    """Red, green and blue, 0 to 255, of any form that templates use; None if it is no colour.

    Three numbers, none above 1, are shares of full colour, whole numbers too; `#rgb`, `#rrggbb` and names are text.
    """
    if isinstance(value, str):
        return _colour_of_text(value.strip().lower())
    if not isinstance(value, Sequence) or len(value) != 3:
        return None
    numbers = [as_number(part) for part in value]
    found = [number for number in numbers if number is not None]
    if len(found) != 3:
        return None
    scale = 255 if max(found) <= 1 else 1
    red, green, blue = (min(255, max(0, round(number * scale))) for number in found)
    return red, green, blue


def _colour_of_text(text: str) -> Colour | None:
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(2 * digit for digit in text[1:])
    if re.fullmatch(r"#[0-9a-f]{6}", text):
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    return NAMES.get(text.replace(" ", ""))
