"""Words at the corners of a viewport: whole as long as there is room beside each other."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter

from viewr.widgets.slice_view_paint import MARGIN, SLIDER_WIDTH, Lettering, font_pixels, line_height, rooms_of, rows_of
from viewr.widgets.slice_view_texts import Line


@pytest.fixture
def lettering(qapp):
    """Of a viewport of 200 x 200."""
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    yield Lettering(painter, 200, 200, 1.0)
    painter.end()


def test_rows_begin_at_the_edge_of_the_view():
    above, below = Line("above"), Line("below")
    assert rows_of([above, below], [Line("x")], from_below=False) == [(above, Line("x")), (below, None)]
    assert rows_of([above, below], [Line("x")], from_below=True) == [(below, Line("x")), (above, None)]


def test_a_line_alone_has_all_the_width(lettering):
    left, _ = rooms_of(lettering, Line("W 2800  L 1600"), None, lettered=False)
    assert left > 160


def test_beside_the_letter_each_has_its_half(lettering):
    left, right = rooms_of(lettering, Line("a"), Line("b"), lettered=True)
    assert left < 100 - MARGIN
    assert right == left - SLIDER_WIDTH


def test_two_lines_share_the_width_and_the_right_one_is_kept_whole(lettering):
    description, place = Line("T1 MPRAGE sag p2 iso with a long name"), Line("H 12.5 mm")
    left, right = rooms_of(lettering, description, place, lettered=False)
    assert right >= lettering.wide(place.text)
    assert left + lettering.wide(place.text) <= 200 - 2 * MARGIN - SLIDER_WIDTH


def test_words_are_larger_in_large_views():
    assert font_pixels((1000, 630)) == 12
    assert font_pixels((1000, 640)) == 14
    assert line_height((1000, 640)) > line_height((1000, 630))
