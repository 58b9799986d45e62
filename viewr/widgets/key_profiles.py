"""Keys and mouse of the viewers that readers come from, as far as they differ from those of "PACS"."""

from __future__ import annotations

from collections.abc import Mapping

#: Profile -> action -> its keys.
KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "PACS": {},
    "Slicer": {
        "time.back": ("Ctrl+Left",), "time.next": ("Ctrl+Right",),
        "slices.back": ("Left", "Up", "PgUp"), "slices.on": ("Right", "Down", "PgDown"),
        "overlays.hide": ("G", "Space"), "overlays.outline": ("H",),
        "brush.larger": ("+", "="), "brush.smaller": ("-",), "zoom.in": ("Ctrl++", "Ctrl+="), "zoom.out": ("Ctrl+-",),
    },
    "ITK-SNAP": {
        "slices.back": ("PgUp",), "slices.on": ("PgDown",),
        "time.back": ("Ctrl+Left",), "time.next": ("Ctrl+Right",),
        "cursor.left": ("Left",), "cursor.right": ("Right",), "cursor.up": ("Up",), "cursor.down": ("Down",),
        "overlays.hide": ("S", "Space"), "overlays.weaker": ("A", ","), "overlays.stronger": ("D", "."),
        "zoom.size": ("Shift+S",), "tool.angle": ("Shift+A",), "tool.distance": ("Shift+D",),
        "brush.larger": ("+", "="), "brush.smaller": ("-",), "zoom.in": ("Ctrl++", "Ctrl+="), "zoom.out": ("Ctrl+-",),
        "tool.crosshair": ("1", "C"), "tool.pan": ("2", "M"), "tool.brush": ("4", "B"),
        **{f"window.{digit}": (f"Ctrl+{digit}",) for digit in range(10)},
    },
}  # fmt: skip

_PACS = {
    "left": "tool", "middle": "pan", "right": "zoom", "wheel": "slices", "ctrl+wheel": "zoom", "shift+wheel": "brush",
    "ctrl+shift+wheel": "slab", "alt+wheel": "strength",
}  # fmt: skip

#: Profile -> button or wheel, with what is held ("ctrl+left") -> what it does.
MOUSE: dict[str, Mapping[str, str]] = {
    "PACS": _PACS,
    "Slicer": {**_PACS, "shift+left": "pan"},
    "ITK-SNAP": {**_PACS, "left": "crosshair", "ctrl+left": "zoom", "alt+left": "pan"},
}

#: What the mouse does, in words.
MOUSE_TEXTS = {
    "tool": "The tool in the hand; none: window", "pan": "Pan", "zoom": "Zoom", "slices": "Slices",
    "brush": "Size of the brush, else points in time", "slab": "Thickness of the slab",
    "strength": "Brightness (gamma), or opacity of a scan laid over",
    "crosshair": "Localizer, or the tool in the hand",
}  # fmt: skip
