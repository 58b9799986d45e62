"""Stored to real-world values, in the smallest type that holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def is_whole(slope: float, intercept: float) -> bool:
    """Whether whole numbers stay whole."""
    return slope == int(slope) and intercept == int(intercept) and abs(intercept) < 2**31 and abs(slope) < 2**31


def value_type(low: float, high: float, stored: np.dtype[Any]) -> np.dtype[Any]:
    """The type for whole values from `low` to `high`, no smaller than that stored; float32 where none holds them."""
    for name in ("u1", "i1", "u2", "i2", "u4", "i4"):
        candidate = np.dtype(name)
        info = np.iinfo(candidate)
        if candidate.itemsize >= stored.itemsize and info.min <= low and high <= info.max:
            return candidate
    return np.dtype("f4")


def type_after(stored: np.dtype[Any], low: float, high: float, rescales: set[tuple[float, float]]) -> np.dtype[Any]:
    """The type that holds values stored between `low` and `high` after each (slope, intercept)."""
    if rescales == {(1.0, 0.0)}:
        return stored.newbyteorder("=")
    if stored.kind == "f":
        return np.dtype("f8") if stored.itemsize == 8 else np.dtype("f4")
    if not all(is_whole(slope, intercept) for slope, intercept in rescales):
        return np.dtype("f4")
    ends = [value * slope + intercept for slope, intercept in rescales for value in (low, high)]
    return value_type(min(ends), max(ends), stored)


def rescaled(stored: Array, slope: float, intercept: float) -> Array:
    """Values of a whole array after one slope and intercept."""
    low, high = (float(stored.min()), float(stored.max())) if stored.size else (0.0, 0.0)
    kind = type_after(stored.dtype, low, high, {(slope, intercept)})
    if (slope, intercept) == (1.0, 0.0):
        return stored
    return apply(stored, slope, intercept, np.empty(stored.shape, kind, order="F" if stored.flags.fnc else "C"))


def wrap(array: Array, offset: float) -> Array:
    """Adds a whole number in place; values that leave the type wrap around, and back again with its opposite."""
    array += np.array(int(offset) % (1 << (8 * array.itemsize)), np.uint64).astype(array.dtype)
    return array


def apply(stored: Array, slope: float, intercept: float, out: Array) -> Array:
    """Writes rescaled values into `out`, whose type holds them; may be the same memory."""
    if out.dtype.kind == "f":
        wide = np.multiply(stored, slope, dtype=np.float64)
        wide += intercept
        out[...] = wide
        return out
    if slope == 1:
        if out is not stored:
            out[...] = stored.astype(out.dtype) if stored.dtype.itemsize <= out.dtype.itemsize else stored
        return wrap(out, intercept)
    out[...] = stored.astype(np.int64) * int(slope) + int(intercept)
    return out
