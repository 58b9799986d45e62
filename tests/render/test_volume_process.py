"""Pictures from the process that renders volumes: truthful, in order, and gone when nobody wants them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.render.test_volume_geometry import GRIDS, ball_volume, camera_on
from viewr.model.errors import ViewrError
from viewr.model.geometry import Grid, Plane
from viewr.model.labelmap import Label, empty_labelmap
from viewr.model.volume import Volume, Window
from viewr.render import volume_process
from viewr.render.volume_camera import VolumeCamera, corners_of, whole_view
from viewr.render.volume_check import try_volume
from viewr.render.volume_clip import CopyFrame, crop_of, edges_of, shares_of, with_face
from viewr.render.volume_labels import cut_labels, cut_of, grid_of, label_message
from viewr.render.volume_messages import Ball, Line, Message, Recipe, recipe_of, recipe_to_json
from viewr.render.volume_pick import whole_box
from viewr.render.volume_presets import PRESETS, Transfer, transfer_of, window_for
from viewr.render.volume_process import VolumeProcess
from viewr.render.volume_reduce import reduce_volume
from viewr.render.volume_worker import Mailbox

SIZE = (400, 300)
BONE = transfer_of(PRESETS["bone"], Window(900, 550))


@pytest.fixture
def process() -> Iterator[VolumeProcess]:
    started = VolumeProcess()
    yield started
    started.close()
    started._process.wait(20)


def heard(process: VolumeProcess, wanted: Callable[[Message], bool], seconds: float = 60.0) -> tuple[Message, bytes]:
    """The first thing that the process says which is wanted."""
    end = time.monotonic() + seconds
    pending: list[tuple[Message, bytes]] = []
    while time.monotonic() < end:
        pending += process.take()
        while pending:
            message, payload = pending.pop(0)
            assert "failed" not in message, message
            if wanted(message):
                return message, payload
            assert "ended" not in message
        time.sleep(0.005)
    raise AssertionError("the process says nothing")


def recipe(camera: VolumeCamera, transfer: Transfer = BONE, **fields: object) -> Recipe:
    center, right, down = (tuple(map(float, getattr(camera.plane, name))) for name in ("center", "right", "down"))
    return Recipe(SIZE, center, right, down, camera.mm_per_pixel, transfer, **fields)  # type: ignore[arg-type]


def show(process: VolumeProcess, volume: Volume) -> Message:
    """Have a volume drawn from the next picture on; what its copy is."""
    process.show_volume(volume)
    return heard(process, lambda message: "reduced" in message)[0]["reduced"]


def picture(process: VolumeProcess, wanted: Recipe, number: int = 1) -> np.ndarray:
    process.render(number, wanted)
    message, payload = heard(process, lambda message: number in (message.get("picture"), message.get("dropped")))
    if "dropped" in message:  # for voxels that came in its middle
        return picture(process, wanted, number)
    width, height = message["size"]
    return np.frombuffer(payload, np.uint8).reshape(height, width, 3).astype(float)


def middle(bright: np.ndarray) -> np.ndarray:
    """Mean position of the pixels that are lit."""
    rows, columns = np.nonzero(bright)
    return np.array([columns.mean() + 0.5, rows.mean() + 0.5])


def center_of(lit: np.ndarray) -> np.ndarray:
    """Middle of the smallest box around the pixels that are lit."""
    rows, columns = np.nonzero(lit)
    return np.array([columns.min() + columns.max() + 1, rows.min() + rows.max() + 1]) / 2


@pytest.mark.parametrize("name", GRIDS)
def test_a_ball_appears_at_the_pixel_that_the_camera_predicts(process, name):
    grid = GRIDS[name]
    center = grid.to_lps(np.array([35.0, 25.0, 12.0]))
    camera = camera_on(grid)
    show(process, ball_volume(grid, center))
    maximum = transfer_of(PRESETS["mip"], Window(2000, 0))
    voxel = max(grid.spacing) / camera.mm_per_pixel
    for number, draft in enumerate((False, True)):
        seen = picture(process, recipe(camera, maximum, draft=draft), number)
        found = middle(seen.sum(axis=2) > 380)
        assert_allclose(found, camera.to_uv(center, SIZE), atol=max(1.0, voxel / 3))


@pytest.mark.parametrize("name", ["oblique", "tilted"])
def test_rays_that_opengl_casts_meet_at_the_same_pixels(name):
    grid = GRIDS[name]
    center = grid.to_lps(np.array([35.0, 25.0, 12.0]))
    camera = camera_on(grid)
    process = VolumeProcess(rays="gl")  # software here, as a GPU would do it
    message, _ = heard(process, lambda message: "ready" in message)
    assert message["gpu"] is True
    show(process, ball_volume(grid, center))
    voxel = max(grid.spacing) / camera.mm_per_pixel
    maximum = transfer_of(PRESETS["mip"], Window(2000, 0))
    for number, (draft, crop) in enumerate([(False, None), (True, None), (False, (0.0, 0.3, 0.0, 1.0, 0.0, 1.0))]):
        lit = picture(process, recipe(camera, maximum, draft=draft, crop=crop), number).sum(axis=2) > 380
        if crop is None:
            assert_allclose(middle(lit), camera.to_uv(center, SIZE), atol=max(1.0, voxel / 3))
        else:
            assert not lit.any()
    process.close()
    process._process.wait(20)


def test_what_is_cropped_goes_and_the_rest_stays_where_it_is(process):
    grid = GRIDS["oblique"]
    first, second = grid.to_lps(np.array([[25.0, 25.0, 12.0], [65.0, 25.0, 12.0]]))
    both = ball_volume(grid, first)
    both = Volume(np.maximum(both.array, ball_volume(grid, second).array), grid, modality="CT", unit="HU")
    camera = camera_on(grid)
    show(process, both)
    process_crop = (45.5 / 90, 1.0, 0.0, 1.0, 0.0, 1.0)
    seen = picture(process, recipe(camera, crop=process_crop)).sum(axis=2) > 60
    assert_allclose(middle(seen), camera.to_uv(second, SIZE), atol=2)


@pytest.mark.parametrize(("name", "axis"), [("uneven", 2), ("uneven", 0), ("tilted", 0), ("oblique", 1)])
def test_a_cut_is_at_the_pixel_where_the_box_is_drawn(process, name, axis):
    grid = GRIDS[name]
    bright = np.full(grid.shape, 1000, np.int16, order="F")
    bright[0, 0, 0] = -1000
    about = show(process, Volume(bright, grid, modality="CT", unit="HU"))
    frame = CopyFrame(np.array(about["affine"]), tuple(about["shape"]))
    size = grid.shape[axis]
    clip = with_face(with_face(whole_box(grid), axis, False, size * 0.3), axis, True, size * 0.7)
    # the axis runs to the right of the picture
    right, other = grid.directions[:, axis], grid.directions[:, (axis + 1) % 3]
    down = other - (other @ right) * right
    plane = Plane(grid.center_lps, right, down / np.linalg.norm(down))
    camera = VolumeCamera(plane, max(np.array(grid.shape) * grid.spacing) / 250)
    maximum = transfer_of(PRESETS["mip"], Window(500, 0))
    lit = picture(process, recipe(camera, maximum, crop=crop_of(clip, grid, frame))).sum(axis=2) > 380
    columns = np.flatnonzero(lit.any(axis=0))
    ends = [end[0] for edge in edges_of(shares_of(clip, grid, frame), frame, camera, SIZE)
            for end in (edge.first, edge.last)]  # fmt: skip
    assert_allclose((columns[0], columns[-1] + 1), (min(ends), max(ends)), atol=1.5)


def test_surfaces_lie_on_their_labels_in_their_colours_and_go_when_the_labels_go(process):
    grid = GRIDS["uneven"]
    labels = empty_labelmap(grid, (Label(1, colour=(255, 0, 0)), Label(2, colour=(0, 0, 255))))
    labels.array[10:20, 10:20, 5:15] = 1
    labels.array[40:50, 30:40, 5:15] = 2
    camera = camera_on(grid)
    process.show_labels("lab", labels)
    heard(process, lambda message: message.get("surfaces") == "lab")
    seen = picture(process, recipe(camera))
    red = seen[..., 0] > 10 + 2 * seen[..., 2]
    blue = seen[..., 2] > 10 + 2 * seen[..., 0]
    # slices lie farther apart towards the head: the middle of the block is not that of its indices
    for lit, (i, j) in ((red, (14.5, 14.5)), (blue, (44.5, 34.5))):
        block = grid.to_lps(np.array([[i, j, 4.5], [i, j, 14.5]])).mean(axis=0)
        assert_allclose(center_of(lit), camera.to_uv(block, SIZE), atol=1.5)
    assert picture(process, recipe(camera, surfaces_shown=False), 2).max() == 0
    labels.array[...] = 0
    process.show_labels("lab", labels)
    heard(process, lambda message: message.get("surfaces") == "lab")
    assert picture(process, recipe(camera), 3).max() == 0


def test_markers_and_contours_are_in_the_picture(process):
    camera = whole_view(corners_of((100, 100, 100)), SIZE)
    ball = Ball((20.0, 50.0, 80.0), (0.0, 1.0, 0.0), 5.0)
    square = Line(((60.0, 50, 20), (80, 50, 20), (80, 50, 40), (60, 50, 40)), (1.0, 1.0, 0.0), 2.0, True)
    seen = picture(process, recipe(camera, lines=(square,), balls=(ball,)))
    green = (seen[..., 1] > 60) & (seen[..., 0] < 20)
    yellow = (seen[..., 0] > 200) & (seen[..., 2] < 20)
    assert_allclose(middle(green), camera.to_uv((20, 50, 80), SIZE), atol=1)
    assert_allclose(middle(yellow), camera.to_uv((70, 50, 30), SIZE), atol=1)


def test_a_pet_is_dark_where_it_is_hot_on_white(process):
    grid = GRIDS["upright"]
    hot = ball_volume(grid, np.array([30.0, 25.0, 30.0]))
    suv = np.where(hot.array > 0, 12.0, 0.0).astype(np.float32)
    suv[10:20, 10:40, 5:15] = 2.5
    show(process, Volume(np.asfortranarray(suv), grid, modality="PT", unit="SUVbw"))
    preset = PRESETS["pet"]
    camera = whole_view(grid.to_lps(corners_of(grid.shape)), SIZE)
    transfer = transfer_of(preset, window_for(preset, Window(5, 2.5)))
    seen = picture(process, recipe(camera, transfer, background=preset.background))
    for lps, grey in (((30.0, 25, 30), 0), ((14.5, 25, 14.25), 255 * 0.75), ((50.0, 25, 50), 255)):
        u, v = camera.to_uv(lps, SIZE)
        # SUV 0 to 5 in the slices is 0 to 10 in the maximum: 2.5 is a quarter of the way to black
        assert_allclose(seen[int(v), int(u)], grey, atol=4)


def test_a_newer_picture_takes_the_place_of_those_that_were_not_begun(process):
    show(process, ball_volume(GRIDS["upright"], np.array([30.0, 25.0, 30.0])))
    picture(process, recipe(camera_on(GRIDS["upright"])), 1000)
    for number in range(50):
        process.render(number, recipe(camera_on(GRIDS["upright"])))
    seen: list[int | None] = []
    heard(process, lambda message: bool(seen.append(message.get("picture"))) or message.get("picture") == 49)
    assert len([number for number in seen if number is not None]) < 50


def test_it_ends_when_it_is_closed_in_the_middle_of_its_work():
    process = VolumeProcess()
    process.show_volume(Volume(np.zeros((256, 256, 200), np.int16, order="F"), Grid((256, 256, 200), np.eye(4))))
    process.close()
    assert process._process.wait(20) is not None
    assert process.take() == []


@pytest.mark.skipif(os.name != "posix", reason="looks at processes by their signals")
def test_it_ends_when_the_program_is_killed():
    code = (
        "import time\nfrom viewr.render.volume_process import VolumeProcess\n"
        "process = VolumeProcess()\nprint(process.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        worker = int(program.stdout.readline())
        program.kill()
    end = time.monotonic() + 20
    while _lives(worker):
        assert time.monotonic() < end
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_that_dies_says_so(process):
    heard(process, lambda message: "ready" in message)
    process._process.kill()
    assert heard(process, lambda message: "ended" in message)
    assert not process.alive


@pytest.mark.skipif(os.name != "posix", reason="stops the process by a signal")
def test_one_that_hangs_in_the_middle_of_a_sentence_is_ended_all_the_same(monkeypatch):
    monkeypatch.setattr(volume_process, "FAREWELL", 0.05)
    process = VolumeProcess()
    heard(process, lambda message: "ready" in message)
    os.kill(process.pid, signal.SIGSTOP)
    process.show_volume(ball_volume(GRIDS["oblique"], np.zeros(3)))  # more than a pipe holds
    heard(process, lambda message: "reduced" in message)
    process.close()
    assert process._process.wait(20) is not None


def test_one_that_does_not_speak_as_it_should_has_ended(monkeypatch):
    monkeypatch.setattr(volume_process, "worker_command", lambda *_: [sys.executable, "-c", "print('hello')"])
    process = VolumeProcess()
    heard(process, lambda message: "ended" in message)
    process.close()


class Gate:
    """Stands for `reduce_volume`: holds the copy of one volume back."""

    def __init__(self, held: Volume) -> None:
        self._held, self.reached, self.opened = held, threading.Event(), threading.Event()

    def __call__(self, volume: Volume, *args: object) -> object:
        if volume is self._held:
            self.reached.set()
            assert self.opened.wait(60)
        return reduce_volume(volume, *args)  # type: ignore[arg-type]


def test_a_copy_that_is_late_does_not_take_the_place_of_a_newer_one(process, monkeypatch):
    old, new = (Volume(np.zeros((8, 8, size), np.int16, order="F"), Grid((8, 8, size), np.eye(4))) for size in (5, 6))
    gate = Gate(old)
    monkeypatch.setattr(volume_process, "reduce_volume", gate)
    process.show_volume(old)
    assert gate.reached.wait(60)
    process.show_volume(new)
    message, _ = heard(process, lambda message: "reduced" in message)
    assert message["reduced"]["shape"] == (8, 8, 6)
    gate.opened.set()
    end = time.monotonic() + 60
    while process.working:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert not [message for message, _ in process.take() if "reduced" in message]


def test_with_a_gpu_a_small_copy_comes_first_and_a_larger_one_after_it(process, monkeypatch):
    monkeypatch.setattr(volume_process, "copy_limit", lambda _room, _shape: 320)
    process.show_volume(Volume(np.zeros((300, 9, 8), np.int16, order="F"), Grid((300, 9, 8), np.eye(4))))
    shapes = [heard(process, lambda message: "reduced" in message)[0]["reduced"]["shape"] for _ in range(2)]
    assert shapes == [(256, 9, 8), (300, 9, 8)]


def test_too_little_memory_is_a_sentence(process, monkeypatch):
    def refuse(*_args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(volume_process, "reduce_volume", refuse)
    process.show_volume(ball_volume(GRIDS["upright"], np.zeros(3)))
    message, _ = heard(process, lambda message: "refused" in message)
    assert "memory" in message["refused"]


def test_every_picture_that_was_asked_for_last_is_answered(process):
    """Also one that was given up for surfaces: the reader would wait for ever."""
    grid = GRIDS["oblique"]
    show(process, ball_volume(grid, grid.center_lps))
    labels = empty_labelmap(grid, (Label(1),))
    labels.array[3:40, 3:40, 3:30] = 1
    for number in range(5):
        process.show_labels("lab", labels)
        process.render(number, recipe(camera_on(grid), draft=False))
        message, _ = heard(process, lambda message, number=number: number in (
            message.get("picture"), message.get("dropped")))  # fmt: skip
        assert message


def test_whoever_chose_the_processor_gets_it():
    assert volume_process.worker_command(False, "cpu")[-3:] == ["volume-worker", "--rays", "cpu"]
    process = VolumeProcess(rays="cpu")
    message, _ = heard(process, lambda message: "ready" in message)
    process.close()
    assert message["gpu"] is False


def test_a_program_that_is_not_there_is_a_plain_end(monkeypatch):
    monkeypatch.setattr(volume_process, "worker_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    process = VolumeProcess()
    heard(process, lambda message: "ended" in message)
    process.close()


def test_the_self_test_draws_a_volume_or_says_why_not(monkeypatch):
    assert "CPU" in try_volume() or "GPU" in try_volume()
    monkeypatch.setattr(volume_process, "worker_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(ViewrError, match="process ended"):
        try_volume()


def test_a_fine_picture_gives_way_to_what_waits_and_a_moving_one_only_to_the_next():
    mailbox = Mailbox()
    assert not mailbox.has_newer(moving=False)
    mailbox.put({"labels": "a"}, b"")
    assert mailbox.has_newer(moving=False)
    assert not mailbox.has_newer(moving=True)
    mailbox.put({"render": 1}, b"")
    assert mailbox.has_newer(moving=True)
    # a picture goes before surfaces, voxels before both, and of one subject the newest is left
    mailbox.put({"volume": 1}, b"old")
    mailbox.put({"labels": "a"}, b"new")
    mailbox.put({"labels": "b"}, b"")
    mailbox.put({"volume": 2}, b"new")
    taken = [mailbox.take() for _ in range(4)]
    assert taken == [({"labels": "a"}, b"new"), ({"labels": "b"}, b""), ({"volume": 2}, b"new"), ({"render": 1}, b"")]


# --- what is said ----------------------------------------------------------------------------------------------------


def test_a_recipe_survives_the_pipe():
    import json

    line = Line(((0.0, 1.0, 2.0), (3.0, 4.0, 5.0)), (1.0, 0.0, 0.0))
    ball = Ball((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 2.0)
    crop = (0.0, 1.0, 0.0, 1.0, 0.0, 1.0)
    whole = recipe(camera_on(GRIDS["tilted"]), lines=(line,), balls=(ball,), crop=crop, draft=True)
    assert recipe_of(json.loads(json.dumps(recipe_to_json(whole)))) == whole


def test_only_the_part_with_labels_travels_and_it_knows_where_it_was():
    grid = Grid((700, 40, 30), np.eye(4))
    labels = empty_labelmap(grid, (Label(3),))
    assert cut_labels(labels) is None
    labels.array[0:600, 10, 5] = 3
    labels.array[2, 12, 6] = 9
    cut = cut_labels(labels)
    assert cut is not None
    assert cut.step == (3, 1, 1)
    assert cut.array.shape == (202, 5, 4)
    assert_allclose(cut.to_grid(np.array([[1.0, 1, 1]])), [[0, 10, 5]])
    message, payload = label_message("x", labels, cut)
    again = cut_of(message, payload)
    assert np.array_equal(again.array, cut.array)
    assert again.first == cut.first
    assert grid_of(message["grid"]).shape == (700, 40, 30)
    # a value that no label explains is shown too
    assert {entry[0] for entry in message["colours"]} >= {3}
