"""Counts of values, beside numpy's unique values and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from viewr.imaging import histogram
from viewr.imaging.histogram import count_values
from viewr.model.errors import Cancelled
from viewr.model.progress import Progress


def test_whole_numbers_have_bars_of_their_own():
    counted = count_values(np.array([[3, 3], [5, 3]], np.int16), None, Progress())
    assert (counted.low, counted.high) == (2.5, 5.5)
    assert counted.counts.tolist() == [3, 0, 1]
    assert (counted.least, counted.most, counted.total) == (3, 5, 4)


def test_wide_ranges_share_bars_evenly():
    values = np.arange(-1024, 3072, dtype=np.int16)  # 4096 values, each once
    counted = count_values(values, None, Progress())
    assert set(counted.counts.tolist()) == {16}
    assert len(counted.counts) == 256


def test_padding_and_what_is_no_number_do_not_count():
    values = np.array([np.nan, np.inf, -2000, 1.0, 2.0, 2.0])
    counted = count_values(values, (-2000, -2000), Progress())
    assert (counted.least, counted.most, counted.total) == (1.0, 2.0, 3)
    assert count_values(np.full(5, np.nan), None, Progress()) is None
    assert count_values(np.zeros((0, 3), np.uint8), None, Progress()) is None


def test_one_value_alone():
    assert count_values(np.full((4, 4), 7.5), None, Progress()).counts.tolist() == [16]


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_parts_add_up(monkeypatch, kind):
    values = np.random.default_rng(3).integers(0, 200, (31, 17, 5)).astype(kind)
    whole = count_values(values, None, Progress())
    monkeypatch.setattr(histogram, "_CHUNK", 100)
    assert np.array_equal(count_values(values, None, Progress()).counts, whole.counts)
    if kind is not np.float32:
        assert whole.counts[whole.counts > 0].tolist() == np.unique(values, return_counts=True)[1].tolist()


def test_a_count_can_be_given_up():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        count_values(np.zeros(10, np.uint8), None, progress)
