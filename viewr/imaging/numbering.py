"""Which pass a picture belongs to, where only its instance number tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int_]


def ranks_by_number(orders: Sequence[tuple[float, ...]], place: Places, count: int) -> Places | None:
    """The pass of each picture, if instance numbers run through the places in one fixed order, some left out.

    Parameters
    ----------
    orders : sequence of tuple
        Instance number, then frame, of each picture.
    place : ndarray of int, shape (n,)
        Number of the place in which each lies, 0 to `count` - 1.

    Returns
    -------
    ndarray of int, shape (n,), or None
        None where the numbers show no such order.
    """
    numbers = np.array([order[0] for order in orders])
    if any(any(order[1:]) for order in orders) or len(set(numbers.tolist())) < len(numbers):
        return None
    passes = -(-len(numbers) // count)
    for first in dict.fromkeys((numbers.min(), 1.0)):
        offset = (numbers - first).astype(int)
        if offset.min() < 0:
            continue
        if _one_to_one(offset % count, place):
            return offset // count
        if _one_to_one(offset // passes, place):
            return offset % passes
    return None


def _one_to_one(slot: Places, place: Places) -> bool:
    """Whether each slot of the numbering is one place, and each place one slot."""
    pairs = set(zip(slot.tolist(), place.tolist(), strict=True))
    return len(pairs) == len(set(slot.tolist())) == len(set(place.tolist()))
