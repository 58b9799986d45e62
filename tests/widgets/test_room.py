"""Windows fit the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize

from viewr.widgets.room import fitting


def test_a_window_is_as_large_as_it_wants_where_there_is_room():
    assert fitting(QSize(680, 560), QSize(1280, 720)) == QSize(680, 560)


def test_on_a_small_screen_at_twice_the_size_its_buttons_stay_on_it():
    # 1920 x 1080 at twice the size
    assert fitting(QSize(900, 600), QSize(960, 540)) == QSize(900, 480)
