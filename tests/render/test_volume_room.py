"""How large a copy is made, on made-up answers of the graphics."""

from __future__ import annotations

import numpy as np
import pytest

from viewr.render import volume_room
from viewr.render.volume_room import Room, copy_limit, free_memory, gpu_memory

GB = 1 << 30
CUBE, CT = (512, 512, 512), (512, 512, 300)


@pytest.mark.parametrize(
    ("room", "shape", "limit"),
    [
        (None, CUBE, 256),  # nothing has answered
        (Room(False, 16384, 8 * GB, 64 * GB), CUBE, 256),  # software, however much there is
        (Room(True, 16384, 8 * GB, 16 * GB), CUBE, 512),
        (Room(True, 16384, 8 * GB, 16 * GB), (2000, 2000, 600), 512),
        (Room(True, 384, 8 * GB, 16 * GB), CUBE, 384),  # the largest texture
        (Room(True, 0, 8 * GB, 16 * GB), CUBE, 256),  # not even that is known
        # 512^3 are 0.27 GB and a third of 0.5 GB is 0.18: 416^3 are 0.144, 448^3 0.18
        (Room(True, 16384, GB // 2, 16 * GB), CUBE, 416),
        (Room(True, 16384, GB // 2, 16 * GB), CT, 512),  # 0.157 GB
        (Room(True, 16384, 8 * GB, 0), CUBE, 256),  # main memory unknown
        (Room(True, 16384, 8 * GB, GB), CUBE, 416),  # a sixth of 1 GB is 0.18
        (Room(True, 16384, 0, 4 * GB), CUBE, 512),  # shared with the processor: a twelfth of 4 GB is 0.36
        (Room(True, 16384, 0, 2 * GB), CUBE, 416),
        (Room(True, 16384, GB // 8, GB // 8), CUBE, 256),
    ],
)
def test_the_copy_is_as_large_as_the_graphics_and_memory_bear(room, shape, limit):
    assert copy_limit(room, shape) == limit
    if limit > 256:
        assert 2 * np.prod(np.minimum(shape, limit)) < 0.36 * GB


def test_some_memory_is_found_on_every_computer():
    assert free_memory() > 64 << 20


def test_where_no_extension_tells_the_memory_of_the_gpu_it_is_unknown():
    assert gpu_memory("GL_ARB_something") == 0


def test_where_there_is_no_such_library_the_memory_of_the_gpu_is_unknown(monkeypatch):
    monkeypatch.setattr(volume_room, "_OPENGL", {volume_room.sys.platform: ("no-such-library.so",)})
    assert gpu_memory("GL_NVX_gpu_memory_info") == 0
