"""Ranges of slices that were seen."""

from __future__ import annotations

import numpy as np
import pytest

from viewr.model.read_ranges import (
    mask_of,
    ranges_from_json,
    ranges_of,
    ranges_text,
    size_of,
    unseen,
    with_slice,
)


def seen(*slices: int):
    ranges = ()
    for k in slices:
        ranges = with_slice(ranges, k)
    return ranges


def test_slices_join_whatever_their_order():
    assert seen(3, 5, 4, 9, 0, 1, 5) == ((0, 1), (3, 5), (9, 9))
    assert seen(2, 1, 0) == seen(0, 2, 1) == ((0, 2),)


def test_random_orders_equal_the_mask():
    order = np.random.default_rng(5).permutation(60)[:40]
    mask = np.isin(np.arange(60), order)
    ranges = seen(*map(int, order))
    assert ranges == ranges_of(mask)
    assert (mask_of(ranges, 60) == mask).all()
    assert size_of(ranges) == 40


def test_what_is_left():
    assert unseen(((0, 1), (3, 5), (9, 9)), 12) == ((2, 2), (6, 8), (10, 11))
    assert unseen((), 3) == ((0, 2),)
    assert unseen(((0, 5),), 3) == ()


def test_words_count_from_one():
    assert ranges_text(((2, 2), (6, 8))) == "3, 7 to 9"
    assert ranges_text(((0, 0), (2, 2), (4, 4), (6, 6), (8, 8))) == "1, 3, 5, 7 and more"


@pytest.mark.parametrize(("data", "ranges"), [
    ([[0, 4], [7, 7]], ((0, 4), (7, 7))), ([[5, 9], [0, 6], "x", [1], [-1, 2], [3, True]], ((0, 9),)),
    (None, ()), ("seen", ()), ({"0": 1}, ()), ([[4, 2]], ((2, 4),)),
])  # fmt: skip
def test_what_was_written_is_read_leniently(data, ranges):
    assert ranges_from_json(data) == ranges
