"""When something goes wrong behind the volume view: it says so, goes on, and shows nothing that is not so."""

from __future__ import annotations

import gc
import os
import signal
import sys
import weakref
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.render.test_volume_geometry import GRIDS, ball_volume
from tests.widgets.test_volume_view import ball, fine, opened, pixels, place_in, slices
from tests.widgets.viewing import LABELS, one
from viewr.model.geometry import Grid
from viewr.model.labelmap import empty_labelmap
from viewr.model.volume import Volume, Window
from viewr.render import volume_process
from viewr.widgets import volume_view_pictures
from viewr.widgets.volume_view import VolumeView

Key = Qt.Key
posix = pytest.mark.skipif(os.name != "posix", reason="stops and looks at processes by signals")
#: A GPU that answers, and fails as soon as it should draw.
BAD_GPU = """
import json, sys
print(json.dumps({"ready": "a card", "gpu": True, "room": {}}), flush=True)
sys.stdin.buffer.readline()
print(json.dumps({"failed": "GpuFailed: out of memory", "gpu": True}), flush=True)
"""

__all__ = ["ball"]


def blue(view: VolumeView) -> int:
    seen = pixels(view)
    return int((seen[..., 2] > 60 + seen[..., 0]).sum())


# --- the process -----------------------------------------------------------------------------------------------------


@posix
def test_a_process_that_hangs_is_ended_and_another_one_goes_on(qtbot, ball, monkeypatch):
    _grid, view, _center = ball
    first, pictures = view.pictures.process, view.pictures
    # no look in vain at the old one; all the time in the world for the new one
    monkeypatch.setattr(volume_view_pictures, "PATIENCE", 0)
    pictures.started.connect(lambda: monkeypatch.setattr(volume_view_pictures, "PATIENCE", 10**9))
    os.kill(first.pid, signal.SIGSTOP)
    with qtbot.waitSignal(pictures.trouble, timeout=60000) as told:
        QTest.keyClick(view.canvas, Key.Key_Left)
    assert "did not answer" in told.args[0]
    # until then the picture is the last one, with the sentence, never black
    assert not view.canvas.picture.isNull()
    qtbot.waitUntil(lambda: first._process.poll() is not None, timeout=60000)
    assert fine(qtbot, view).sum() > 0


def test_a_reader_hears_of_a_process_that_was_killed_and_sees_the_last_picture_meanwhile(qtbot, ball):
    _grid, view, _center = ball
    with qtbot.waitSignal(view.pictures.trouble, timeout=60000) as told:
        view.pictures.process._process.kill()
    assert "started again" in told.args[0]
    assert not view.canvas.picture.isNull()
    plain = fine(qtbot, view)
    assert plain.sum() > 0
    assert view.canvas._note == ""


def test_one_that_dies_again_and_again_is_given_up_until_the_reader_asks(qtbot, ball):
    _grid, view, _center = ball
    for _ in range(volume_view_pictures.ATTEMPTS):
        first = view.pictures.process
        first._process.kill()
        qtbot.waitUntil(lambda first=first: view.pictures.process is not first, timeout=60000)
    assert "Reset" in view.canvas.sentence
    assert view.pictures.process is None
    QTest.keyClick(view.canvas, Key.Key_0)
    assert view.canvas.sentence == ""
    assert fine(qtbot, view).sum() > 0


def test_where_the_gpu_fails_the_processor_draws(qtbot, monkeypatch):
    real = volume_process.worker_command

    def command(own_window, rays):
        return [sys.executable, "-c", BAD_GPU] if rays == "auto" else real(own_window, rays)

    monkeypatch.setattr(volume_process, "worker_command", command)
    grid = slices(qtbot, ball_volume(GRIDS["upright"], np.array([30.0, 25.0, 30.0])))
    QTest.keyClick(one(grid), Key.Key_F11)
    view = grid.volume_place.view
    told = []
    view.pictures.trouble.connect(told.append)
    assert fine(qtbot, view).sum() > 0
    assert [sentence.startswith("The GPU failed") for sentence in told] == [True]
    assert view.pictures.rays == "cpu"
    grid.volume_place.close_volume()


def test_too_little_memory_is_said_and_nothing_runs_on(qtbot, monkeypatch):
    def refuse(*_args):
        raise MemoryError

    monkeypatch.setattr(volume_process, "reduce_volume", refuse)
    grid = slices(qtbot, ball_volume(GRIDS["upright"], np.zeros(3)))
    QTest.keyClick(one(grid), Key.Key_F11)
    view = grid.volume_place.view
    qtbot.waitUntil(lambda: "not enough memory" in view.canvas.sentence, timeout=60000)
    assert view.pictures.process is None
    grid.volume_place.close_volume()


@posix
def test_a_task_that_closes_while_a_picture_is_coming_leaves_no_process(qtbot):
    grid = slices(qtbot, ball_volume(GRIDS["upright"], np.array([30.0, 25.0, 30.0])))
    view = opened(qtbot, grid)
    process = view.pictures.process
    QTest.keyClick(view.canvas, Key.Key_Left)
    assert view.pictures._pending is not None
    grid.document.retire()
    grid.hide()
    grid.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: process._process.poll() is not None, timeout=60000)


# --- another scan ----------------------------------------------------------------------------------------------------


def test_the_picture_and_the_surfaces_of_one_scan_are_never_shown_for_another(qtbot, ball):
    grid, view, _center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    grid.document.patch(("default", "lab"), ((10, 40, 25), (30, 60, 35)), np.full((20, 20, 10), 2, np.uint8))
    qtbot.waitUntil(lambda: blue(view) > 50, timeout=60000)
    empty_grid = Grid((30, 30, 30), np.eye(4), frame_of_reference="9.9")
    empty = Volume(np.full((30, 30, 30), -1000, np.int16, order="F"), empty_grid, "CT", "HU")
    grid.document.add_volume(("default", "OTHER"), empty)
    one(grid).look_at(scan="OTHER")
    assert view.scan_key[1] == "OTHER"
    assert view.canvas.picture.isNull()
    QTest.keyClick(view.canvas, Key.Key_X)
    qtbot.waitUntil(lambda: view.pictures.fine and not view.canvas.picture.isNull(), timeout=60000)
    assert fine(qtbot, view).sum() == 0
    assert "All voxels have one value" in view.words()
    one(grid).look_at(scan="CT")
    qtbot.waitUntil(lambda: not view.canvas.picture.isNull() and blue(view) > 50, timeout=60000)


def test_in_place_of_a_scan_without_a_volume_stands_a_sentence_and_a_click_goes_nowhere(qtbot, ball):
    grid, view, center = ball
    spot = place_in(view, center)
    flat = Volume(np.zeros((9, 9, 1), np.int16, order="F"), Grid((9, 9, 1), np.eye(4)), "CR")
    grid.document.add_volume(("default", "FLAT"), flat)
    one(grid).look_at(scan="FLAT")
    assert "only one slice" in view.canvas.sentence
    cursors = grid.document.state.look.cursors
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=spot)
    assert grid.document.state.look.cursors == cursors
    assert view.words() == []
    one(grid).look_at(scan="CT")
    assert fine(qtbot, view).sum() > 0


# --- labels ----------------------------------------------------------------------------------------------------------


def test_a_label_that_is_hidden_has_no_surface_and_is_not_met_by_a_click(qtbot, ball):
    grid, view, _center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    key, box = ("default", "lab"), ((10, 40, 25), (30, 60, 35))
    grid.document.patch(key, box, np.full((20, 20, 10), 2, np.uint8))
    qtbot.waitUntil(lambda: blue(view) > 50, timeout=60000)
    grid.document.look(hidden_labels={key: frozenset({2})})
    qtbot.waitUntil(lambda: blue(view) == 0, timeout=60000)
    spot = place_in(view, GRIDS["oblique"].to_lps([19.5, 49.5, 29.5]))
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=spot)
    assert "default" not in grid.document.state.look.cursors
    grid.document.look(hidden_labels={})
    qtbot.waitUntil(lambda: blue(view) > 50, timeout=60000)


def test_labels_on_another_grid_of_the_same_space_are_shown_where_they_lie(qtbot):
    scan_grid = replace(GRIDS["upright"], frame_of_reference="1.2")
    scan = ball_volume(scan_grid, np.array([30.0, 25.0, 30.0]))
    grid = slices(qtbot, scan)
    coarse = Grid((30, 25, 20), np.diag([2.0, 2.0, 3.0, 1.0]), frame_of_reference="1.2")
    labels = empty_labelmap(coarse, LABELS)
    labels.array[2:6, 10:14, 14:18] = 2
    grid.document.add_labelmap(("default", "seg"), labels)
    view = opened(qtbot, grid)
    QTest.keyClick(view.canvas, Key.Key_X)
    qtbot.waitUntil(lambda: blue(view) > 20, timeout=60000)
    seen = fine(qtbot, view)
    rows, columns = np.nonzero(seen[..., 2] > 60 + seen[..., 0])
    middle = np.array([columns.min() + columns.max() + 1, rows.min() + rows.max() + 1]) / 2
    scale = seen.shape[1] / view.canvas.width()
    expected = view.look.camera.to_uv(coarse.to_lps([3.5, 11.5, 15.5]), view.canvas.extent) * scale
    np.testing.assert_allclose(middle, expected, atol=2)
    grid.volume_place.close_volume()


# --- strange values --------------------------------------------------------------------------------------------------


def test_a_window_without_width_is_a_threshold(qtbot, ball):
    _grid, view, center = ball
    QTest.keyClick(view.canvas, Key.Key_X)
    view.change(window=Window(0, 0))
    seen = fine(qtbot, view)
    spot = place_in(view, center)
    scale = seen.shape[1] / view.canvas.width()
    assert seen[int(spot.y() * scale), int(spot.x() * scale)].sum() > 100
    assert seen[2, -2].sum() == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, 7.0])
def test_a_scan_of_one_value_or_none_says_so(qtbot, value):
    scan = Volume(np.full((20, 20, 20), value, np.float32, order="F"), Grid((20, 20, 20), np.eye(4)), "MR")
    grid = slices(qtbot, scan)
    view = opened(qtbot, grid)
    assert "All voxels have one value" in view.words()
    grid.volume_place.close_volume()


# --- memory ----------------------------------------------------------------------------------------------------------


def test_a_view_that_was_closed_holds_nothing_of_its_scan(qtbot):
    grid = slices(qtbot, ball_volume(GRIDS["upright"], np.array([30.0, 25.0, 30.0])))
    view = opened(qtbot, grid)
    process = view.pictures.process
    kept = [weakref.ref(view), weakref.ref(view.canvas), weakref.ref(process)]
    grid.volume_place.close_volume()
    del view
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    process._process.wait(30)
    del process

    def gone() -> bool:
        gc.collect()
        return not any(ref() for ref in kept)

    qtbot.waitUntil(gone, timeout=60000)
