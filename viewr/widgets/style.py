"""The look of the whole program: Fusion with colours of our own, dark for reading rooms, light for offices."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from string import Template

from PySide6.QtCore import QDir
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from viewr.widgets.style_sheet import STYLE_SHEET

#: Text smaller than this many points is hard to read from an arm's length.
SMALLEST_POINTS = 9.0


@dataclass(frozen=True)
class Theme:
    """Its name in the files of pictures, and colours as "#rrggbb", by what they are for.

    Text colours have a contrast of at least 4.5 against `window`, `surface` and `field` (WCAG AA), `line` and
    `accent` of at least 3 where they alone show what can be operated.
    """

    name: str
    window: str
    surface: str
    field: str
    hover: str
    line: str
    faint_line: str
    text: str
    quiet: str
    disabled: str
    accent: str
    on_accent: str
    accent_tint: str
    error: str
    error_tint: str
    warning: str
    warning_tint: str
    ok: str


DARK = Theme(
    name="dark",
    window="#1e2126", surface="#262a30", field="#15171b", hover="#323740", line="#737c88", faint_line="#3a4049",
    text="#e0e4e9", quiet="#a3abb6", disabled="#747c87", accent="#4da3ff", on_accent="#06182b", accent_tint="#1d3550",
    error="#ff8a80", error_tint="#46211f", warning="#ffb340", warning_tint="#40300f", ok="#6fd38b",
)  # fmt: skip
LIGHT = Theme(
    name="light",
    window="#f2f4f6", surface="#fafbfc", field="#ffffff", hover="#e3e7ec", line="#868e99", faint_line="#d3d8de",
    text="#1b1f24", quiet="#525b66", disabled="#858c95", accent="#0b62c4", on_accent="#ffffff", accent_tint="#d6e6fa",
    error="#b3261e", error_tint="#fbe1df", warning="#7d4b00", warning_tint="#fdeccb", ok="#1a7038",
)  # fmt: skip
THEMES = {"dark": DARK, "light": LIGHT}


def apply_style(app: QApplication, theme: str = "dark") -> None:
    """Give the program its look; may be called again to change it while windows are open.

    Parameters
    ----------
    app : QApplication
    theme : {"dark", "light"}
        Anything else means dark.
    """
    colours = THEMES.get(theme, DARK)
    QDir.setSearchPaths("viewrstyle", [str(Path(__file__).parent / "images")])
    app.setStyle("Fusion")
    font = app.font()
    if 0 < font.pointSizeF() < SMALLEST_POINTS:
        font.setPointSizeF(SMALLEST_POINTS)
        app.setFont(font)
    app.setPalette(palette(colours))
    app.setStyleSheet(style_sheet(colours, font.pointSizeF() if font.pointSizeF() > 0 else SMALLEST_POINTS))


def style_sheet(theme: Theme, points: float) -> str:
    """The style sheet of the program, for a base size of text in points."""
    colours = {field.name: getattr(theme, field.name) for field in fields(theme)}
    sizes = {"small": f"{points * 0.92:.1f}pt", "large": f"{points * 1.12:.1f}pt", "title": f"{points * 1.6:.1f}pt"}
    return Template(STYLE_SHEET).substitute(colours, **sizes)


def palette(theme: Theme) -> QPalette:
    """The colours of a theme for what the style sheet leaves to Fusion."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.field, role.Text: theme.text,
        role.AlternateBase: theme.surface, role.Button: theme.surface, role.ButtonText: theme.text,
        role.BrightText: theme.error, role.Highlight: theme.accent, role.HighlightedText: theme.on_accent,
        role.ToolTipBase: theme.surface, role.ToolTipText: theme.text, role.PlaceholderText: theme.quiet,
        role.Link: theme.accent, role.LinkVisited: theme.accent, role.Accent: theme.accent,
        role.Light: theme.hover, role.Midlight: theme.hover, role.Mid: theme.faint_line, role.Dark: theme.line,
        role.Shadow: theme.field,
    }  # fmt: skip
    result = QPalette()
    for name, colour in colours.items():
        result.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.disabled))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.faint_line))
    return result
