"""What readers bring from their own reading room: how a drag changes the window, how large their screens are."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtWidgets import QWidget

from viewr.settings import Settings, save_settings

log = logging.getLogger(__name__)

#: mm of a pixel of a screen that does not say how large it is.
_USUAL_PIXEL = 25.4 / 96


@dataclass(frozen=True)
class ScreenPixel:
    """A logical pixel of a screen.

    Attributes
    ----------
    mm : float
        Its width.
    calibrated : bool
        Somebody measured the screen; else it is what the screen says of itself, which may be wrong.
    """

    mm: float
    calibrated: bool


class _Habits:
    """The settings in use; those of the program's start until they are changed."""

    settings = Settings()


def habits() -> Settings:
    """The settings as they are now."""
    return _Habits.settings


def use(settings: Settings) -> None:
    """Take over the settings of the program's start."""
    _Habits.settings = settings


def change(**values: Any) -> None:
    """Change settings now and in the user's file; where that cannot be written, until the program ends."""
    _Habits.settings = replace(_Habits.settings, **values)
    try:
        save_settings(**values)
    except OSError:
        log.warning("a setting could not be kept: %s", ", ".join(values))


def toggle(name: str, _checked: bool = False) -> None:
    """Change a setting that is true or false."""
    change(**{name: not getattr(habits(), name)})


def screen_pixel(widget: QWidget) -> ScreenPixel:
    """The pixels of the screen that a widget is on."""
    screen = widget.screen()
    width = screen.geometry().width()
    measured = measured_width(screen.name())
    if measured:
        return ScreenPixel(measured / width, True)
    said = screen.physicalSize().width()
    return ScreenPixel(said / width if said > 0 else _USUAL_PIXEL, False)


def measured_width(screen: str) -> float | None:
    """The width of a screen in mm that somebody measured."""
    for entry in habits().screen_widths_mm:
        name, _, width = entry.rpartition("=")
        try:
            value = float(width)
        except ValueError:
            continue
        if name == screen and math.isfinite(value) and value > 0:
            return value
    return None


def calibrate(screen: str, width_mm: float) -> None:
    """Keep the measured width of a screen."""
    others = (entry for entry in habits().screen_widths_mm if entry.rpartition("=")[0] != screen)
    change(screen_widths_mm=(*others, f"{screen}={width_mm:.2f}"))
