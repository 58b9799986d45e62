"""A trial of the volume view's process, as `viewr self-test` makes it."""

from __future__ import annotations

import time

import numpy as np

from viewr.model.errors import ViewrError
from viewr.model.geometry import Grid, Plane
from viewr.model.volume import Volume, Window
from viewr.render.volume_camera import VolumeCamera
from viewr.render.volume_messages import Message, Recipe
from viewr.render.volume_presets import PRESETS, transfer_of
from viewr.render.volume_process import VolumeProcess

#: Seconds that a first picture may take on a slow machine with a cold disk.
PATIENCE = 60.0
_SIDE = 32


def try_volume() -> str:
    """Draw a bright cube in the process of the volume view.

    Returns
    -------
    str
        What draws, for the reader.

    Raises
    ------
    ViewrError
        If no picture comes, or nothing is on it.
    """
    process = VolumeProcess()
    try:
        process.show_volume(_cube())
        process.render(1, _recipe())
        return _await(process)
    finally:
        process.close()


def _await(process: VolumeProcess) -> str:
    end, drawer = time.monotonic() + PATIENCE, ""
    while time.monotonic() < end:
        for message, payload in process.take():
            drawer = _drawer(message) or drawer
            if "ended" in message or "failed" in message or "refused" in message:
                raise _trouble(message.get("failed") or message.get("refused") or "its process ended")
            if "picture" in message and any(payload):
                return drawer
            if "picture" in message or "dropped" in message:
                process.render(1, _recipe())  # asked for before the voxels were there
        time.sleep(0.01)
    raise _trouble("no picture came")


def _drawer(message: Message) -> str:
    if "ready" not in message:
        return ""
    return f"drawn by {message['ready']}, rays by the {'GPU' if message['gpu'] else 'CPU'}"


def _trouble(reason: str) -> ViewrError:
    return ViewrError(f"The volume view cannot draw: {reason}.", "Install or update the computer's OpenGL (Mesa).")


def _cube() -> Volume:
    array = np.zeros((_SIDE, _SIDE, _SIDE), np.int16, order="F")
    array[8:24, 8:24, 8:24] = 100
    return Volume(array, Grid(array.shape, np.eye(4)))


def _recipe() -> Recipe:
    middle = np.full(3, _SIDE / 2)
    camera = VolumeCamera(Plane(middle, np.array([1.0, 0, 0]), np.array([0, 0, -1.0])), 1.0)
    x, y, z = camera.plane.center.tolist()
    return Recipe((_SIDE, _SIDE), (x, y, z), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 1.0,
                  transfer_of(PRESETS["mip"], Window(100, 50)))  # fmt: skip
