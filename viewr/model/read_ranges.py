"""Which slices of a scan, or frames of a film, were seen: ((0, 4), (7, 7)) is 0 to 4 and 7, counted from 0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

#: First and last slice of each run, growing, none touching the next.
Ranges = tuple[tuple[int, int], ...]


def ranges_of(mask: npt.NDArray[np.bool_]) -> Ranges:
    """The runs of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (n,)
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return tuple((int(first), int(end) - 1) for first, end in edges.reshape(-1, 2))


def mask_of(ranges: Ranges, count: int) -> npt.NDArray[np.bool_]:
    """Which of `count` slices are in the ranges; what lies beyond is left out."""
    mask = np.zeros(count, bool)
    for first, last in ranges:
        mask[max(first, 0) : last + 1] = True
    return mask


def with_slice(ranges: Ranges, k: int) -> Ranges:
    """The ranges with one more slice."""
    before = [run for run in ranges if run[1] < k - 1]
    after = [run for run in ranges if run[0] > k + 1]
    touching = [run for run in ranges if run[1] >= k - 1 and run[0] <= k + 1]
    joined = (min([k, *(run[0] for run in touching)]), max([k, *(run[1] for run in touching)]))
    return (*before, joined, *after)


def holds(ranges: Ranges, k: int) -> bool:
    return any(first <= k <= last for first, last in ranges)


def size_of(ranges: Ranges) -> int:
    """How many slices the ranges have."""
    return sum(last - first + 1 for first, last in ranges)


def unseen(ranges: Ranges, count: int) -> Ranges:
    """The slices of a scan of `count` that are not in the ranges."""
    return ranges_of(~mask_of(ranges, count))


def ranges_text(ranges: Ranges, most: int = 4) -> str:
    """The slices in words, counted from 1 as readers do: "3 to 9, 12"."""
    words = [f"{first + 1}" if first == last else f"{first + 1} to {last + 1}" for first, last in ranges[:most]]
    return ", ".join(words) + (" and more" if len(ranges) > most else "")


def ranges_from_json(data: Any) -> Ranges:
    """Ranges as they were written; what is none is left out."""
    ranges: Ranges = ()
    for run in data if isinstance(data, Iterable) and not isinstance(data, str | dict) else ():
        if isinstance(run, list | tuple) and len(run) == 2 and all(type(end) is int and end >= 0 for end in run):
            ranges = _with_run(ranges, (min(run), max(run)))
    return ranges


def _with_run(ranges: Ranges, run: tuple[int, int]) -> Ranges:
    touching = [other for other in (*ranges, run) if other[1] >= run[0] - 1 and other[0] <= run[1] + 1]
    rest = [other for other in ranges if other not in touching]
    return tuple(sorted([*rest, (min(r[0] for r in touching), max(r[1] for r in touching))]))
