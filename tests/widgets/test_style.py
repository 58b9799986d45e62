"""The look: readable in both themes, and a style sheet that Qt understands."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit

from viewr.widgets.style import THEMES, Theme, apply_style


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.1."""
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_text_can_be_read(theme: Theme) -> None:
    for text in (theme.text, theme.quiet, theme.error, theme.warning, theme.ok):
        for ground in (theme.window, theme.surface, theme.field):
            assert contrast(text, ground) >= 4.5, (text, ground)
    for ground in (theme.accent_tint, theme.warning_tint, theme.error_tint, theme.hover):
        assert contrast(theme.text, ground) >= 4.5, ground
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_edges_of_what_can_be_operated_are_seen(theme: Theme) -> None:
    for ground in (theme.window, theme.surface, theme.field):
        assert contrast(theme.line, ground) >= 3, ground
        assert contrast(theme.accent, ground) >= 3, ground


@pytest.mark.parametrize("theme", THEMES)
def test_qt_takes_the_style_sheet_without_a_word(qtbot: Any, theme: str) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.styleSheet(), app.palette(), app.style().objectName()
    try:
        apply_style(app, theme)
        line = QLineEdit("a")
        qtbot.addWidget(line)
        line.show()
        assert line.palette().text().color() == QColor(THEMES[theme].text)
    finally:
        app.setStyleSheet(before[0])
        app.setStyle(before[2])
        app.setPalette(before[1])
