"""Look-up tables as the reader meets them: names, and a small picture of each."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtGui import QIcon, QImage, QPixmap

_TITLES = {"grey": "Grey", "hot": "Hot", "pet": "Inverted grey (PET)", "labels": "A colour for each whole value"}
#: For scans whose values are labels; it knows no window.
LABELS = "labels"
SWATCH = (88, 26)


def lut_names() -> list[str]:
    """All tables, the grey one first."""
    from viewr.render.shade import LUTS

    return sorted(LUTS, key=_usual_first)


def ramp_names() -> list[str]:
    """The tables whose colours rise with the value: all but those for labels."""
    return [name for name in lut_names() if name != LABELS]


def _usual_first(name: str) -> tuple[bool, bool]:
    return name == LABELS, name != "grey"


def lut_title(name: str) -> str:
    return _TITLES.get(name, name.replace("_", " ").capitalize())


def lut_image(name: str, size: tuple[int, int], upright: bool = False) -> QImage:
    """The table from dark to bright: left to right, or from the bottom up."""
    from viewr.render.shade import lut_pixels

    width, height = size
    table = lut_pixels(name)
    if upright:
        column = table[np.linspace(255, 0, height).round().astype(int)]
        pixels = np.repeat(column[:, None], width, axis=1)
    else:
        row = table[np.linspace(0, 255, width).round().astype(int)]
        pixels = np.repeat(row[None, :], height, axis=0)
    return QImage(np.ascontiguousarray(pixels).tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()


@lru_cache(maxsize=32)
def lut_icon(name: str) -> QIcon:
    """A swatch for a menu, the same while its entry is chosen."""
    icon, picture = QIcon(), QPixmap.fromImage(lut_image(name, SWATCH))
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Active, QIcon.Mode.Selected):
        icon.addPixmap(picture, mode)
    return icon
