"""Windows: what is shown from black to white when nobody has chosen yet, and the usual ones by name."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.volume import Volume, Window

#: In HU; where viewers disagree, the middle way (width, level).
CT_PRESETS: tuple[Window, ...] = (
    Window(400, 40, "Soft tissue"), Window(1500, -600, "Lung"), Window(2000, 400, "Bone"), Window(80, 40, "Brain"),
    Window(350, 50, "Mediastinum"), Window(150, 90, "Liver (contrast)"), Window(150, 30, "Liver (plain)"),
    Window(200, 75, "Subdural"), Window(40, 40, "Stroke"), Window(1000, -426, "Airways"), Window(600, 300, "Angio"),
)
#: In SUV.
PET_PRESETS: tuple[Window, ...] = tuple(Window(top, top / 2, f"SUV 0 to {top}") for top in (5, 7, 10, 15))
_SAMPLES = 200_000
#: Percentiles, not extremes: metal artefacts and hot vessels would darken the rest.
_LOW, _HIGH = 0.5, 99.5


def presets(volume: Volume) -> tuple[Window, ...]:
    """Windows to offer beside those stored with the images."""
    if volume.unit == "HU":
        return CT_PRESETS
    return PET_PRESETS if volume.unit.startswith("SUV") or volume.unit == "g/ml" else ()


def default_lut(volume: Volume) -> str:
    """Uptake is read black on white; everything else in grey."""
    return "pet" if volume.modality == "PT" else "grey"


def default_window(volume: Volume) -> Window:
    """The first stored window that shows anything, else that of the modality, else one from the values."""
    for window in volume.windows:
        if window.width > 1 or volume.array.dtype.kind == "f":
            return window
    offered = presets(volume)
    return offered[0] if offered else auto_window(volume.array, volume.padding)


def auto_window(array: npt.NDArray[Any], padding: tuple[float, float] | None = None) -> Window:
    """Window between robust percentiles of a sample of the values.

    Parameters
    ----------
    array : ndarray
        Of any shape; a few hundred thousand values are looked at.
    padding : tuple of float, optional
        Lowest and highest of the values that stand for "outside the image" and do not count.
    """
    values = _sample(array)
    inside = values[(values < padding[0]) | (values > padding[1])] if padding is not None else values
    if not len(inside):
        return Window(1.0, 0.0 if padding is None else padding[1], "Auto")
    low, high = _percentiles(inside, _LOW, _HIGH)
    if high <= low:
        low, high = float(inside.min()), float(inside.max())
    return _between(low, high, "Auto")


def _percentiles(values: npt.NDArray[Any], *shares: float) -> list[float]:
    """As `np.percentile`, which takes twenty times as long over integers: sorting them is quick."""
    ranked = np.sort(values, axis=None)
    places = [share / 100 * (len(ranked) - 1) for share in shares]
    between = [(ranked[math.floor(place)], ranked[math.ceil(place)], place % 1) for place in places]
    return [float(low) + (float(high) - float(low)) * part for low, high, part in between]


def full_window(array: npt.NDArray[Any]) -> Window:
    """Window from the lowest to the highest finite value."""
    if array.dtype.kind != "f":
        return _between(float(array.min()), float(array.max()), "Full range")
    finite = array[np.isfinite(array)]
    if not len(finite):
        return Window(1.0, 0.0, "Full range")
    return _between(float(finite.min()), float(finite.max()), "Full range")


def _between(low: float, high: float, name: str) -> Window:
    return Window(high - low, (low + high) / 2, name) if high > low else Window(1.0, low, name)


def _sample(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Some finite values, spread over the whole array."""
    flat = array.ravel(order="K") if array.size <= _SAMPLES else _strided(array)
    return flat[np.isfinite(flat)] if flat.dtype.kind == "f" else flat


def _strided(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Every n-th value along each axis but a short one, about `_SAMPLES` in all; touches few pages."""
    steps = [1] * array.ndim
    while np.prod([-(-size // step) for size, step in zip(array.shape, steps, strict=True)]) > _SAMPLES:
        longest = max(range(array.ndim), key=lambda axis: array.shape[axis] / steps[axis])
        steps[longest] += 1
    return array[tuple(slice(step // 2, None, step) for step in steps)].ravel()
