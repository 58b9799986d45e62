"""How coarse the moving pictures of a volume are, with a GPU and without, on made-up times."""

from __future__ import annotations

from viewr.widgets.volume_view_pace import COARSEST, GOAL, GPU_GOAL, Pace


def test_without_a_gpu_pictures_get_coarser_until_they_come_quickly_enough():
    pace = Pace()
    assert pace.coarse
    first = pace.scale
    pace.took(4 * GOAL)
    assert first < pace.scale <= COARSEST
    for _ in range(30):
        pace.took(GOAL / 10)
    assert pace.scale == 1.0


def test_a_gpu_draws_the_whole_copy_while_it_is_quick_enough():
    pace = Pace(has_gpu=True)
    for _ in range(100):
        pace.took(GPU_GOAL * 0.9)
    assert (pace.scale, pace.coarse) == (1.0, False)
    # twice as slow as it should be at the finest, and never better: it takes the smaller copy and keeps it
    for _ in range(10):
        pace.took(GPU_GOAL * 2)
    assert pace.coarse
    for _ in range(100):
        pace.took(GPU_GOAL / 10)
    assert pace.coarse
    assert pace.scale == 1.0


def test_a_gpu_that_is_far_too_slow_twice_in_a_row_takes_the_smaller_copy_at_once():
    pace = Pace(has_gpu=True)
    pace.took(GPU_GOAL * 20)
    assert not pace.coarse
    pace.took(GPU_GOAL / 2)
    pace.took(GPU_GOAL * 20)
    assert not pace.coarse
    pace.took(GPU_GOAL * 20)
    assert pace.coarse
