"""From values to colours: window, look-up table, label overlays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.labelmap import Label
from viewr.model.volume import Palette, Window

AnyArray = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
Pixels = npt.NDArray[np.uint32]

#: Colour of voxels whose value no label of the template explains: shown, never hidden.
UNKNOWN_COLOUR = (255, 0, 255)
OPAQUE = np.uint32(0xFF000000)
#: Share of a level by which a value may miss it for rounding, and still be at the step of a window without width.
STEP_SLACK = 2e-6
#: Pixels whose colours are found at a time.
_AT_ONCE = 200_000


def window_pixels(values: AnyArray, window: Window, inverted: bool, lut: str, gamma: float = 1.0) -> Pixels:
    """Pixels (0xffRRGGBB) of values in a window; what is no number is black, whatever the window and table.

    Integers of up to 16 bits go through one table of pixels, since a picture has more pixels than there are values.
    """
    if values.dtype.itemsize <= 2 and values.dtype.kind in "iub":
        table = _window_table(values.dtype.str, window, inverted, lut, gamma)
        return table.take(values.view(np.dtype(f"u{values.dtype.itemsize}")))
    return _pixels_of(values, window, inverted, lut, gamma)


def window_rows(target: Pixels, values: AnyArray, window: Window, inverted: bool, lut: str, gamma: float = 1.0) -> None:
    """Write `window_pixels` into `target`, some rows at a time: memory that is used again at once is in the cache."""
    step = max(1, _AT_ONCE // max(1, values.shape[1]))
    for top in range(0, len(values), step):
        rows = slice(top, top + step)
        target[rows] = window_pixels(values[rows], window, inverted, lut, gamma)


def _pixels_of(values: AnyArray, window: Window, inverted: bool, lut: str, gamma: float) -> Pixels:
    if lut == LABEL_LUT:
        return label_scan_pixels(values)
    pixels = grey_pixels(window_levels(values, window, inverted, gamma), lut)
    if (inverted or lut != "grey") and values.dtype.kind == "f" and values.size and np.isnan(values.min()):
        np.copyto(pixels, OPAQUE, where=np.isnan(values))
    return pixels


def grey_pixels(levels: Bytes, lut: str) -> Pixels:
    """Pixels of grey levels 0 to 255."""
    if lut != "grey":
        return lut_pixels(lut).take(levels)
    pixels = levels.astype(np.uint32)
    pixels *= np.uint32(0x010101)
    pixels |= OPAQUE
    return pixels


def window_levels(values: AnyArray, window: Window, inverted: bool, gamma: float = 1.0) -> Bytes:
    """Grey levels 0 to 255 of values in a window (DICOM PS3.3 C.11.2.1.2.1, C.11.2.1.3.2); no number is black.

    Parameters
    ----------
    gamma : float
        Exponent on the level as a share of white, after inversion: below 1 brightens.
    """
    if window.curve:
        levels = _curve_levels(values, window)
        return _bend_levels(255 - levels if inverted else levels, gamma)
    kind = np.float32 if values.dtype.itemsize <= 4 and values.dtype.kind == "f" else np.float64
    low, high = window.bounds
    grey: AnyArray = np.subtract(values, kind(low), dtype=kind)
    if high > low:
        with np.errstate(over="ignore"):
            grey *= kind(255 / (high - low))
    else:
        slack = abs(low) * STEP_SLACK if values.dtype.kind == "f" else 0.0
        bright = grey > slack if window.linear else grey >= -slack
        grey = np.where(bright, kind(255), np.where(np.isnan(grey), kind(np.nan), kind(0)))
    if gamma != 1:
        _bend(grey, inverted, gamma)
        inverted = False
    grey += kind(0.5)
    np.clip(grey, 0, 255, out=grey)
    if values.dtype.kind == "f" and grey.size and np.isnan(grey.min()):
        np.copyto(grey, 0, where=np.isnan(grey))
    levels = grey.astype(np.uint8)
    if inverted:
        np.subtract(255, levels, out=levels)
    return levels


def _bend(grey: AnyArray, inverted: bool, gamma: float) -> None:
    """Invert and raise to a power, in place; levels 0 to 255, not yet rounded."""
    np.clip(grey, 0, 255, out=grey)
    if inverted:
        np.subtract(255, grey, out=grey)
    grey /= 255
    np.power(grey, grey.dtype.type(gamma), out=grey)
    grey *= 255


def _bend_levels(levels: Bytes, gamma: float) -> Bytes:
    if gamma == 1:
        return levels
    table = np.floor((np.arange(256) / 255) ** gamma * 255 + 0.5).astype(np.uint8)
    return np.asarray(table.take(levels))


def _curve_levels(values: AnyArray, window: Window) -> Bytes:
    """Grey levels along a window's own curve, flat beyond its ends (DICOM PS3.3 C.11.2.1.1)."""
    curve = np.frombuffer(window.curve, np.uint8)
    span = window.width * window.reach
    place = np.subtract(values, window.level - span / 2, dtype=np.float64)
    place *= (len(curve) - 1) / max(span, 1e-12)
    place += 0.5
    levels: Bytes = curve.take(np.clip(np.nan_to_num(place), 0, len(curve) - 1).astype(np.intp))
    if values.dtype.kind == "f":
        levels[np.isnan(values)] = 0
    return levels


@lru_cache(maxsize=16)
def _window_table(dtype: str, window: Window, inverted: bool, lut: str, gamma: float) -> Pixels:
    """Pixel of each bit pattern of a small integer type."""
    kind = np.dtype(dtype)
    patterns = np.arange(256**kind.itemsize, dtype=np.dtype(f"u{kind.itemsize}"))
    table = _pixels_of(patterns.view(kind).astype(np.float32), window, inverted, lut, gamma)
    table.setflags(write=False)
    return table


def colour_window(values: AnyArray, window: Window | None) -> Bytes:
    """Bytes of a colour picture [row, column, channel]; 8-bit colour is shown as it was stored."""
    if values.dtype == np.uint8:
        return values
    return window_levels(values, window or Window(255, 127.5), False)


def paint_palette(pixels: Pixels, values: AnyArray, palette: Palette) -> None:
    """Lay the colours of a palette over the pixels of its values, in place; the nearest colour counts.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns), uint32
    values : ndarray, shape (rows, columns)
    """
    table = rgb_pixels(np.frombuffer(palette.colours, np.uint8).reshape(-1, 3))
    place = np.subtract(values, palette.first, dtype=np.float64)
    place /= palette.step
    np.rint(place, out=place)
    coloured = place >= 0
    pixels[coloured] = table.take(np.minimum(place[coloured], len(table) - 1).astype(np.intp))


# --- look-up tables ------------------------------------------------------------------------------------------------


def _ramp(*stops: tuple[float, tuple[int, int, int]]) -> npt.NDArray[np.float64]:
    places = [stop[0] for stop in stops]
    grey = np.arange(256) / 255
    return np.stack([np.interp(grey, places, [stop[1][c] for stop in stops]) for c in range(3)], axis=1)


def _label_colours() -> npt.NDArray[np.float64]:
    """Colours that differ much from one label to the next: hues a golden section apart, in three brightnesses."""
    hues = np.arange(255) * 0.618034 % 1
    bright = np.array([1.0, 0.75, 0.9])[np.arange(255) % 3]
    sixths = (hues[:, None] * 6 + np.array([0, 4, 2])) % 6
    colours = np.clip(np.abs(sixths - 3) - 1, 0, 1) * bright[:, None] * 255
    return np.vstack([np.zeros((1, 3)), colours])


_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
#: The table of scans whose values are labels: it takes no window.
LABEL_LUT = "labels"
#: Colours of the grey levels 0 to 255; "hot iron" is DICOM's own (PS3.6 B.1.1), "pet" white to black.
LUTS = {
    "grey": _ramp((0, _BLACK), (1, _WHITE)),
    "hot": _ramp((0, _BLACK), (0.37, (255, 0, 0)), (0.74, (255, 255, 0)), (1, _WHITE)),
    "hot iron": _ramp((0, _BLACK), (128 / 255, (255, 0, 0)), (192 / 255, (255, 128, 0)), (1, _WHITE)),
    "pet": _ramp((0, _WHITE), (1, _BLACK)),
    "rainbow": _ramp((0, _BLACK), (0.1, (80, 0, 160)), (0.25, (0, 0, 255)), (0.4, (0, 255, 255)), (0.6, (0, 255, 0)),
                     (0.8, (255, 255, 0)), (1, (255, 0, 0))),
    LABEL_LUT: _label_colours(),
}  # fmt: skip


def label_scan_pixels(values: AnyArray) -> Pixels:
    """Pixels of values that are labels: rounded; 0, below and no number are black, 256 is drawn as 1 and so on."""
    whole = np.nan_to_num(values, posinf=0, neginf=0).astype(np.float64) if values.dtype.kind == "f" else values
    index = np.maximum(np.rint(whole).astype(np.int64), 0)
    return lut_pixels(LABEL_LUT).take(np.where(index > 0, (index - 1) % 255 + 1, 0))


@lru_cache(maxsize=8)
def lut_pixels(name: str) -> Pixels:
    """Pixel (0xffRRGGBB) of each grey level, shape (256,)."""
    rgb = np.round(LUTS.get(name, LUTS["grey"])).astype(np.uint32)
    table = OPAQUE | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]
    table.setflags(write=False)
    return np.asarray(table)


def rgb_pixels(rgb: Bytes) -> Pixels:
    """Pixels (0xffRRGGBB) of bytes [..., red green blue]."""
    wide = rgb.astype(np.uint32)
    return np.asarray(OPAQUE | wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2])


# --- label overlays ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BlendTable:
    """How each label value changes the pixel under it: red and blue at once, and green.

    Attributes
    ----------
    rest : ndarray, shape (values,), uint32
        What is left of the pixel, 0 to 256.
    red_blue, green : ndarray, shape (values,), uint32
        What is added, times 256, at the bits of these colours; half is added for rounding.
    """

    rest: Pixels
    red_blue: Pixels
    green: Pixels


_RED_BLUE = np.uint32(0xFF00FF)
_GREEN = np.uint32(0x00FF00)


@lru_cache(maxsize=32)
def label_table(
    labels: tuple[Label, ...], size: int, only: int | None, factor: float, outline: bool = False
) -> BlendTable:
    """The table of `size` label values; see `label_shades`."""
    return _blend_table(*label_shades(labels, size, only, factor, outline))


def label_shades(
    labels: tuple[Label, ...], size: int, only: int | None, factor: float, outline: bool = False
) -> tuple[Pixels, Pixels]:
    """Colours, shape (size, 3), and opacities (0 to 256) of label values.

    `only` shows one of them alone, `factor` is on every opacity. An outline has the opacity `factor` alone, or a faint
    label's line would be lost; opacity 0 hides it all the same.
    """
    colours = np.tile(np.array(UNKNOWN_COLOUR, np.uint32), (size, 1))
    alpha = np.full(size, round((256 if outline else 128) * factor), np.uint32)
    for label in labels:
        if 0 < label.value < size:
            colours[label.value] = label.colour
            alpha[label.value] = round(256 * (float(label.opacity > 0) if outline else label.opacity) * factor)
    alpha = np.minimum(alpha, 256)
    alpha[0] = 0
    if only is not None:
        alpha[np.arange(size) != only] = 0
    return colours, alpha


@lru_cache(maxsize=16)
def fusion_table(lut: str, opacity: float) -> BlendTable:
    """The table of the grey levels of a fused scan: share `opacity` times the level, nothing at level 0."""
    colours = np.round(LUTS.get(lut, LUTS["grey"])).astype(np.uint32)
    alpha = np.floor(np.arange(256) / 255 * min(max(opacity, 0.0), 1.0) * 256 + 0.5).astype(np.uint32)
    return _blend_table(colours, alpha)


def _blend_table(colours: Pixels, alpha: Pixels) -> BlendTable:
    red_blue = (colours[:, 0] << 16 | colours[:, 2]) * alpha + 0x800080
    green = (colours[:, 1] * alpha << 8) + 0x8000
    return BlendTable((256 - alpha).astype(np.uint32), red_blue.astype(np.uint32), green.astype(np.uint32))


def blend_labels(pixels: Pixels, labels: AnyArray, table: BlendTable) -> None:
    """Lay labels over pixels, in place.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns), uint32, contiguous
    labels : ndarray, shape (rows, columns), unsigned
    """
    flat_labels, flat = labels.reshape(-1), pixels.reshape(-1)
    for first in range(0, len(flat), _BLENDED_AT_ONCE):
        part = slice(first, first + _BLENDED_AT_ONCE)
        touched = np.flatnonzero(flat_labels[part] != 0)
        if 2 * len(touched) > len(flat_labels[part]):
            flat[part] = _blended(flat[part], flat_labels[part].astype(np.intp), table)
        elif len(touched):
            under, values = flat[part].take(touched), flat_labels[part].take(touched).astype(np.intp)
            flat[part][touched] = _blended(under, values, table)


#: So few that each step finds them in the processor's nearest cache.
_BLENDED_AT_ONCE = 15_000


def _blended(under: Pixels, values: npt.NDArray[np.intp], table: BlendTable) -> Pixels:
    """Pixels with labels over them; a label of 0 leaves them as they are."""
    rest = table.rest.take(values)
    red_blue = under & _RED_BLUE
    red_blue *= rest
    red_blue += table.red_blue.take(values)
    red_blue >>= np.uint32(8)
    red_blue &= _RED_BLUE
    green = under & _GREEN
    green *= rest
    green += table.green.take(values)
    green >>= np.uint32(8)
    green &= _GREEN
    green |= red_blue
    green |= OPAQUE
    return green
