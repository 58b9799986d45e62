"""Thick slabs in turned planes: coarse while the hand turns them, true when it rests; what is read out is true."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from tests.widgets.test_oblique import three, turn_line
from tests.widgets.viewing import move, one
from viewr.render import slabs
from viewr.render.cpu import CpuRenderer
from viewr.widgets import slice_view_draft
from viewr.widgets.slice_view import SliceViewport

SLICES = 12


def pixels(image: QImage) -> np.ndarray:
    bits = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return bits[:, : image.width()].copy()


def true_picture(view: SliceViewport) -> np.ndarray:
    return pixels(CpuRenderer().picture(view.scene.view))


@pytest.fixture
def turned(qtbot, monkeypatch):
    """A coronal view with a thick slab, just turned; the hand rests when `rest` is called."""
    monkeypatch.setattr(slice_view_draft, "REST", 3_600_000)
    grid = three(qtbot)
    view = one(grid, "c")
    view.look_at(projection="max", slab_slices=SLICES, interpolation="linear")
    turn_line(one(grid, "a"), 30)
    yield view
    grid.close()


def rest(view, qtbot):
    view.drafts.go_on()
    qtbot.waitUntil(lambda: not view.drafts.shown)


def test_a_turned_slab_is_coarse_first_and_true_at_rest(turned, qtbot):
    coarse, true = pixels(turned.picture), true_picture(turned)
    assert turned.drafts.shown
    assert not np.array_equal(coarse, true)
    # The same patient at the same place: nearly all pixels of a smooth scan agree.
    levels = np.abs((coarse & 255).astype(int) - (true & 255).astype(int))
    assert np.mean(levels <= 12) > 0.9
    rest(turned, qtbot)
    assert np.array_equal(pixels(turned.picture), true)
    assert np.array_equal(pixels(turned.grab().toImage().convertToFormat(QImage.Format.Format_RGB32))[150:160, 40:80],
                          true[150:160, 40:80])  # fmt: skip


def test_the_true_picture_comes_by_itself(turned, qtbot, monkeypatch):
    monkeypatch.setattr(slice_view_draft, "REST", 1)
    turned.look_at(projection="min")
    qtbot.waitUntil(lambda: not turned.drafts.shown)
    assert np.array_equal(pixels(turned.picture), true_picture(turned))


def test_the_value_under_the_pointer_is_true_while_the_picture_is_coarse(turned, qtbot):
    x, y = 171, 163
    move(turned, QPoint(x, y))
    assert turned.drafts.shown
    early = turned.value_at_pointer()
    expected = CpuRenderer().sample(turned.scene.view)[y, x]
    assert float(early.split()[0]) == pytest.approx(expected, abs=0.6)
    rest(turned, qtbot)
    assert turned.value_at_pointer() == early


def test_turned_on_before_the_true_picture_came_the_last_plane_counts(turned, qtbot):
    first = turned.picture.copy()
    turned.drafts.go_on()
    turn_line(next(view for view in turned.parent().findChildren(SliceViewport) if view.key[1] == "a"), 20)
    assert turned.drafts.shown
    rest(turned, qtbot)
    assert np.array_equal(pixels(turned.picture), true_picture(turned))
    assert not np.array_equal(pixels(turned.picture), pixels(first))


def test_without_room_for_the_planes_the_true_picture_comes_all_the_same(turned, qtbot, monkeypatch):
    monkeypatch.setattr(slabs, "_KEPT_BYTES", 0)
    turned.look_at(projection="mean")
    coarse = pixels(turned.picture)
    assert turned.drafts.shown
    rest(turned, qtbot)
    assert np.array_equal(pixels(turned.picture), true_picture(turned))
    assert not np.array_equal(pixels(turned.picture), coarse)
    assert not turned.drafts.shown


def test_thin_slabs_and_true_slices_are_never_coarse(qtbot):
    grid = three(qtbot)
    turn_line(one(grid, "a"), 30)
    views = [one(grid, name) for name in "acs"]
    for view in views:
        view.look_at(projection="max", slab_slices=3)
        assert np.array_equal(pixels(view.picture), true_picture(view))
        assert not view.drafts.shown
