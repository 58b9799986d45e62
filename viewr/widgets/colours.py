"""Colours of the viewports and tools, in one place; the form and windows take theirs from the style sheet."""

from __future__ import annotations

from PySide6.QtGui import QColor

BACKGROUND = QColor(0, 0, 0)
#: Gaps between viewports.
GAP = QColor(30, 33, 38)
ACCENT = QColor(77, 163, 255)
TEXT = QColor(224, 228, 233)
QUIET_TEXT = QColor(186, 194, 204)
SHADOW = QColor(0, 0, 0, 215)
LETTER = QColor(255, 203, 92)
WARNING = QColor(255, 179, 64)
CROSSHAIR = QColor(84, 176, 108)
REFERENCE = QColor(255, 214, 110)
CROSSHAIR_HELD = QColor(140, 235, 165)
SCALE = QColor(224, 228, 233, 220)
SLIDER_TRACK = QColor(58, 63, 70)
#: Slices that have not been on the screen.
UNSEEN = QColor(196, 142, 48)
SLIDER_HANDLE = QColor(150, 158, 168)
HATCH = QColor(86, 94, 105)
HATCH_BACKGROUND = QColor(24, 27, 31)
HIGHLIGHT = QColor(255, 203, 92)
#: What belongs to the scan that is laid over another.
FUSION = QColor(255, 138, 76)
BRUSH = QColor(255, 255, 255, 220)
PREVIEW = QColor(255, 255, 255)
FRAMES = QColor(255, 170, 90)
MEASURE = QColor(110, 231, 255)
SELECTED = QColor(255, 255, 255)

#: What a verdict means for a scan, on dark and on light.
GRADES = {
    "usable": QColor(58, 165, 93), "questionable": QColor(226, 150, 30), "unusable": QColor(222, 72, 62),
    "": QColor(112, 128, 150),
}  # fmt: skip


def text_on(background: QColor) -> QColor:
    """Black or white, whichever is read more easily (ITU-R BT.601 luma)."""
    luma = 0.299 * background.red() + 0.587 * background.green() + 0.114 * background.blue()
    return QColor(16, 18, 22) if luma > 115 else QColor(255, 255, 255)
