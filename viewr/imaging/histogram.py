"""How often each value occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.padding import padding_mask
from viewr.model.progress import Progress

#: More bars than this cannot be told apart.
MOST_BARS = 256
#: Values that are counted at a time, so that a long count can be given up.
_CHUNK = 4_000_000


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of values in bars of one width.

    Attributes
    ----------
    low, high : float
        Lower end of the first bar and upper end of the last.
    counts : ndarray of int, shape (bars,)
    least, most : float
        The lowest and highest value.
    """

    low: float
    high: float
    counts: npt.NDArray[np.int64]
    least: float
    most: float

    @property
    def total(self) -> int:
        return int(self.counts.sum())


def count_values(
    values: npt.NDArray[Any], padding: tuple[float, float] | None, progress: Progress
) -> Histogram | None:
    """The histogram of an array; None where there is no value to count.

    Whole numbers get bars of whole widths, so that none holds more of them than its neighbours.

    Parameters
    ----------
    values : ndarray
        Of any shape; what is no finite number does not count.
    padding : tuple of float, optional
        Lowest and highest of the values that stand for "outside the image" and do not count.
    """
    parts = _parts(values)
    ends = [ends for part in parts if (ends := _ends(_counted(part, padding))) is not None]
    if not ends:
        return None
    least, most = min(low for low, _ in ends), max(high for _, high in ends)
    low, high, bars = _bars(least, most, values.dtype.kind != "f")
    counts = np.zeros(bars, np.int64)
    for number, part in enumerate(parts):
        progress.report(number, len(parts))
        counts += np.histogram(_counted(part, padding), bars, (low, high))[0]
    return Histogram(low, high, counts, least, most)


def _parts(values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    flat = values.ravel(order="K")
    return [flat[start : start + _CHUNK] for start in range(0, len(flat), _CHUNK)]


def _counted(part: npt.NDArray[Any], padding: tuple[float, float] | None) -> npt.NDArray[Any]:
    if part.dtype.kind == "f":
        part = part[np.isfinite(part)]
    return part if padding is None else part[~padding_mask(part, padding)]


def _ends(part: npt.NDArray[Any]) -> tuple[float, float] | None:
    return (float(part.min()), float(part.max())) if part.size else None


def _bars(least: float, most: float, whole: bool) -> tuple[float, float, int]:
    """Ends and number of the bars; whole numbers lie in the middle of theirs."""
    if whole:
        width = int(np.ceil((most - least + 1) / MOST_BARS))
        bars = int(np.ceil((most - least + 1) / width))
        return least - 0.5, least - 0.5 + bars * width, bars
    return (least, most, MOST_BARS) if most > least else (least - 0.5, least + 0.5, 1)
