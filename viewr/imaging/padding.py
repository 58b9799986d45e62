"""Voxels that stand for "outside the image" (Pixel Padding Value, DICOM PS3.3 C.7.5.1.1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def padding_mask(values: npt.NDArray[Any], padding: tuple[float, float] | None) -> npt.NDArray[np.bool_]:
    """Which values are padding.

    Parameters
    ----------
    values : ndarray
        Of any shape, real-world values as the volume holds them.
    padding : tuple of float, or None
        Lowest and highest of the values that are, as `Volume.padding`.
    """
    if padding is None:
        return np.zeros(values.shape, bool)
    low, high = padding
    if values.dtype.kind == "f":
        # The voxels were rescaled in their own precision, the ends were not.
        low, high = low - _rounding(low, values.dtype), high + _rounding(high, values.dtype)
    return np.asarray((values >= low) & (values <= high))


def _rounding(end: float, dtype: np.dtype[Any]) -> float:
    return 2 * float(np.spacing(np.abs(np.asarray(end, dtype))))
