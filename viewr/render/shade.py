"""From values to colours: window, look-up table, label overlays."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.labelmap import Label
from viewr.model.volume import Window

AnyArray = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]
Pixels = npt.NDArray[np.uint32]

#: Colour of voxels whose value no label of the template explains: shown, never hidden.
UNKNOWN_COLOUR = (255, 0, 255)
OPAQUE = np.uint32(0xFF000000)


def window_bytes(values: AnyArray, window: Window, inverted: bool) -> Bytes:
    """Grey levels 0 to 255 of values in a window.

    Integers of up to 16 bits go through a table, since a picture has more pixels than there are values.
    """
    if values.dtype.itemsize <= 2 and values.dtype.kind in "iub":
        table = _window_table(values.dtype.str, window.width, window.level, inverted)
        unsigned = values.view(np.dtype(f"u{values.dtype.itemsize}"))
        return table.take(unsigned)
    return _window_levels(values, window, inverted)


def _window_levels(values: AnyArray, window: Window, inverted: bool) -> Bytes:
    kind = np.float32 if values.dtype.itemsize <= 4 and values.dtype.kind == "f" else np.float64
    low = window.level - window.width / 2
    grey: AnyArray = np.subtract(values, kind(low), dtype=kind)
    if window.width > 0:
        grey *= kind(255 / window.width)
    else:
        grey = np.where(grey >= 0, kind(255), kind(0))
    grey += kind(0.5)
    np.clip(grey, 0, 255, out=grey)
    if kind is np.float32 or values.dtype.kind == "f":
        np.nan_to_num(grey, copy=False, nan=0.0)
    levels = grey.astype(np.uint8)
    if inverted:
        np.subtract(255, levels, out=levels)
    return levels


@lru_cache(maxsize=16)
def _window_table(dtype: str, width: float, level: float, inverted: bool) -> Bytes:
    """Grey level of each bit pattern of a small integer type."""
    kind = np.dtype(dtype)
    patterns = np.arange(256**kind.itemsize, dtype=np.dtype(f"u{kind.itemsize}"))
    table = _window_levels(patterns.view(kind).astype(np.float64), Window(width, level), inverted)
    table.setflags(write=False)
    return table


def colour_window(values: AnyArray, window: Window | None) -> Bytes:
    """Bytes of a colour picture [row, column, channel]; 8-bit colour is shown as it was stored."""
    if values.dtype == np.uint8:
        return values
    return window_bytes(values, window or Window(255, 127.5), False)


# --- look-up tables ------------------------------------------------------------------------------------------------


def _ramp(*stops: tuple[float, tuple[int, int, int]]) -> npt.NDArray[np.float64]:
    places = [stop[0] for stop in stops]
    grey = np.arange(256) / 255
    return np.stack([np.interp(grey, places, [stop[1][c] for stop in stops]) for c in range(3)], axis=1)


_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
LUTS = {
    "grey": _ramp((0, _BLACK), (1, _WHITE)),
    "hot": _ramp((0, _BLACK), (0.37, (255, 0, 0)), (0.74, (255, 255, 0)), (1, _WHITE)),
    "pet": _ramp((0, _WHITE), (1, _BLACK)),
}


@lru_cache(maxsize=8)
def lut_pixels(name: str) -> Pixels:
    """Pixel (0xffRRGGBB) of each grey level, shape (256,)."""
    rgb = np.round(LUTS.get(name, LUTS["grey"])).astype(np.uint32)
    table = OPAQUE | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]
    table.setflags(write=False)
    return np.asarray(table)


def rgb_pixels(rgb: Bytes) -> Pixels:
    """Pixels (0xffRRGGBB) of bytes [row, column, red green blue]."""
    wide = rgb.astype(np.uint32)
    return np.asarray(OPAQUE | wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2])


# --- label overlays ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def label_table(labels: tuple[Label, ...], size: int, only: int | None, factor: float) -> npt.NDArray[np.uint16]:
    """Red, green, blue and opacity (0 to 256) of each label value, shape (size, 4)."""
    table = np.zeros((size, 4), np.uint16)
    table[1:] = (*UNKNOWN_COLOUR, round(128 * factor))
    for label in labels:
        if 0 < label.value < size:
            table[label.value] = (*label.colour, round(256 * min(1.0, max(0.0, label.opacity * factor))))
    if only is not None:
        table[np.arange(size) != only] = 0
    table[0] = 0
    table.setflags(write=False)
    return table


def blend_labels(pixels: Pixels, labels: AnyArray, table: npt.NDArray[np.uint16]) -> None:
    """Lay labels over pixels, in place.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns), uint32
    labels : ndarray, shape (rows, columns), unsigned
    table : ndarray, shape (values, 4)
        See `label_table`.
    """
    rows, columns = np.nonzero(labels)
    if not len(rows):
        return
    entry = table.take(labels[rows, columns], axis=0)
    under = pixels[rows, columns]
    alpha = entry[:, 3].astype(np.uint32)
    mixed = np.full(len(rows), OPAQUE, np.uint32)
    for channel, shift in enumerate((16, 8, 0)):
        below = (under >> np.uint32(shift)) & np.uint32(255)
        mixed |= (below * (256 - alpha) + entry[:, channel] * alpha + 128 >> 8) << np.uint32(shift)
    pixels[rows, columns] = mixed
