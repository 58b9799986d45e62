"""The type of the voxels while slices arrive, each in the smallest type that holds its own values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging import rescale
from viewr.imaging.decode import stored_type
from viewr.imaging.frame import Frame

Array = npt.NDArray[Any]


def holds(kind: np.dtype[Any], picture: Array) -> bool:
    """Whether a type holds all values of a picture."""
    if np.can_cast(picture.dtype, kind):
        return True
    if picture.dtype.kind not in "iu" or kind.kind not in "iu":
        return False
    limits = np.iinfo(kind)
    return bool(limits.min <= picture.min() and picture.max() <= limits.max)


def common_type(pictures: Sequence[Array]) -> np.dtype[Any]:
    """The type that holds them all, none larger than needed: slices of one CT may come signed and unsigned."""
    kinds = sorted({picture.dtype for picture in pictures}, key=lambda kind: (kind.itemsize, kind.kind == "u"))
    for kind in kinds:
        if all(holds(kind, picture) for picture in pictures):
            return kind
    common = np.result_type(*kinds)
    if common.kind == "f" and common.itemsize > max(kind.itemsize for kind in kinds):
        return np.dtype("f4")
    return common


def is_final(voxels: Array, frames: Sequence[Frame]) -> bool:
    """Whether the reader would take the same type, now that all values are there."""
    stored = {stored_type(frame.header) for frame in frames}
    if len(stored) > 1 or len({frame.rescale for frame in frames}) > 1 or voxels.dtype.kind == "f":
        return False
    return rescale.value_type(float(voxels.min()), float(voxels.max()), stored.pop()) == voxels.dtype
