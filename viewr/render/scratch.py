"""Memory that one picture after another is made in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt


class Scratch:
    """Arrays that are used again: fresh memory for every step of a drag costs as much time as the picture itself."""

    def __init__(self) -> None:
        self._kept: dict[str, npt.NDArray[np.uint8]] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array with anything in it; it holds until the next one of the same name is asked for."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        kept = self._kept.get(name)
        if kept is None or not size <= len(kept) <= 4 * size + 4096:
            kept = self._kept[name] = np.empty(size, np.uint8)
        return kept[:size].view(kind).reshape(shape)
