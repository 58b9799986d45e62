"""How values become light: the ways in which a volume can be shown, and which of them suits a scan.

Opacities and colours are given along a window (0 is its lower end, 1 its upper), so that a drag of window and level
shifts what is shown, as it does in a slice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from viewr.model.volume import Volume, Window

Blend = Literal["composite", "maximum"]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class VolumePreset:
    """One way to show a volume.

    Attributes
    ----------
    window : Window or None
        None: the scan's own.
    stretch : float
        Factor on the scan's own window, its lower end kept: the maximum along a ray is brighter than a slice.
    opacities : tuple of (place, opacity)
        Opacity of 1/256 of the volume's longest side.
    colours : tuple of (place, (red, green, blue))
        0 to 1.
    modalities : tuple of str
        Scans for which it is offered; empty for all.
    """

    title: str
    blend: Blend
    opacities: tuple[tuple[float, float], ...]
    colours: tuple[tuple[float, Colour], ...]
    window: Window | None = None
    shaded: bool = True
    modalities: tuple[str, ...] = ()
    background: Colour = (0, 0, 0)
    stretch: float = 1.0


_RAMP = ((0.0, 0.0), (1.0, 1.0))
# One colour over another background: grey is the window alone, and what is faint hides no surface behind it.
_WHITE: tuple[tuple[float, Colour], ...] = ((0.0, (1, 1, 1)), (1.0, (1, 1, 1)))
_BLACK: tuple[tuple[float, Colour], ...] = ((0.0, (0, 0, 0)), (1.0, (0, 0, 0)))

PRESETS: dict[str, VolumePreset] = {
    "bone": VolumePreset(
        "CT bone", "composite", ((0.0, 0.0), (0.12, 0.0), (0.35, 0.25), (1.0, 0.9)),
        ((0.0, (0.55, 0.25, 0.15)), (0.25, (0.82, 0.62, 0.42)), (0.6, (0.95, 0.9, 0.78)), (1.0, (1, 1, 0.98))),
        Window(900, 550), modalities=("CT",),
    ),
    "soft": VolumePreset(
        "CT soft tissue", "composite", ((0.0, 0.0), (0.3, 0.0), (0.45, 0.08), (0.62, 0.3), (1.0, 0.9)),
        ((0.0, (0.35, 0.16, 0.1)), (0.4, (0.78, 0.5, 0.4)), (0.62, (0.86, 0.38, 0.3)), (1.0, (1, 0.96, 0.88))),
        Window(600, 0), modalities=("CT",),
    ),
    "lung": VolumePreset(
        "CT lung", "composite", ((0.0, 0.0), (0.08, 0.0), (0.2, 0.05), (0.4, 0.12), (0.55, 0.5), (0.7, 0.5),
                                 (0.8, 0.0), (1.0, 0.0)),
        ((0.0, (0.3, 0.5, 0.7)), (0.3, (0.6, 0.8, 0.95)), (0.6, (1, 0.85, 0.75)), (1.0, (1, 0.95, 0.9))),
        Window(1000, -550), modalities=("CT",),
    ),
    "mr": VolumePreset(
        "MR", "composite", ((0.0, 0.0), (0.1, 0.0), (0.25, 0.2), (0.6, 0.5), (1.0, 0.9)),
        ((0.0, (0.45, 0.36, 0.3)), (0.3, (0.8, 0.7, 0.62)), (1.0, (1, 0.98, 0.94))), modalities=("MR",),
    ),
    "pet": VolumePreset("PET MIP", "maximum", _RAMP, _BLACK, shaded=False, modalities=("PT", "NM"),
                        background=(1, 1, 1), stretch=2.0),
    "bones": VolumePreset("CT bone MIP", "maximum", _RAMP, _WHITE, Window(1500, 750), False, ("CT",)),
    "mip": VolumePreset("MIP", "maximum", _RAMP, _WHITE, shaded=False, stretch=1.5),
}  # fmt: skip

#: What a scan is shown with first, by its modality.
_FIRST = {"CT": "bone", "MR": "mr", "PT": "pet", "NM": "pet"}


def presets_for(volume: Volume) -> list[str]:
    """Names of the presets that are offered, the best first; others would show nothing that makes sense."""
    fitting = [name for name, preset in PRESETS.items() if volume.modality in (preset.modalities or ("",))]
    return [*fitting, "mip"] if volume.unit == "HU" or volume.modality != "CT" else ["mip"]


def first_preset(volume: Volume) -> str:
    """Name of the preset that a scan is shown with when nobody has chosen."""
    wanted = _FIRST.get(volume.modality, "mip")
    return wanted if wanted in presets_for(volume) else "mip"


def window_for(preset: VolumePreset, own: Window) -> Window:
    """The window that a preset starts with, for a scan whose slices are shown with `own`."""
    if preset.window is not None:
        return preset.window
    low, width = own.level - own.width / 2, own.width * preset.stretch
    return Window(width, low + width / 2)


@dataclass(frozen=True)
class Transfer:
    """Light and colour of values, at values of the scan.

    Attributes
    ----------
    opacities : tuple of (value, opacity)
    colours : tuple of (value, red, green, blue)
    """

    blend: Blend
    shaded: bool
    opacities: tuple[tuple[float, float], ...]
    colours: tuple[tuple[float, float, float, float], ...]


def transfer_of(preset: VolumePreset, window: Window, strength: float = 1.0) -> Transfer:
    """The preset at a window.

    Parameters
    ----------
    strength : float
        Factor on every opacity, 0 to 1.
    """
    low, high = window.level - window.width / 2, window.level + window.width / 2
    # at least a little wide: points of one value would be one point
    wide = max(high - low, 1e-6)
    opacities = tuple((low + place * wide, opacity * strength) for place, opacity in preset.opacities)
    colours = tuple((low + place * wide, *colour) for place, colour in preset.colours)
    return Transfer(preset.blend, preset.shaded, opacities, colours)
