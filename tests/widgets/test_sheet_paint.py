"""Where the tiles of a contact sheet lie; worked out by hand."""

from __future__ import annotations

from PySide6.QtCore import QSize

from viewr.widgets.sheet_paint import GAP, LEAST_TILE, lay_out

AREA = QSize(1200, 700)


def test_one_high_picture_takes_the_height() -> None:
    layout = lay_out(AREA, 1, 2.0)
    assert (layout.columns, layout.rows) == (1, 1)
    # 700 less two gaps of 3
    assert (layout.tile.width(), layout.tile.height()) == (347, 694)
    assert layout.height <= AREA.height()


def test_few_high_pictures_are_all_in_sight() -> None:
    layout = lay_out(AREA, 3, 2.0)
    assert (layout.columns, layout.rows) == (3, 1)
    assert layout.rect(2).right() + GAP <= AREA.width()
    assert layout.height <= AREA.height()
    # side by side there would be 300 pixels for each, but not the height for them
    assert (lay_out(AREA, 4, 3.0).columns, lay_out(AREA, 4, 3.0).tile.width()) == (4, 231)


def test_what_would_be_too_small_scrolls() -> None:
    layout = lay_out(AREA, 200, 1.0)
    assert layout.tile.width() >= LEAST_TILE
    assert layout.height > AREA.height()
    assert layout.columns * layout.rows >= 200


def test_one_wide_picture_takes_the_width() -> None:
    layout = lay_out(AREA, 1, 0.5)
    assert (layout.tile.width(), layout.tile.height()) == (1194, 597)
