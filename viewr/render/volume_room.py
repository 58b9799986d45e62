"""How large the copy of a scan may be that is rendered: what the process found decides."""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from typing import Literal

#: Who casts the rays: a GPU where there is one, the processor, or OpenGL whatever draws it (for trials).
Rays = Literal["auto", "cpu", "gl"]

#: Voxels along a side of the copy: without a GPU, and the most with one.
SMALL, LARGE = 256, 512
#: Sides that are tried between the two; whole multiples, so that rows stay aligned on the GPU.
_SIDES = tuple(range(LARGE, SMALL, -32))
#: Share of its memory that a GPU gives to the copy: the window, surfaces and other programs want some.
_OF_GPU = 1 / 3
#: Share of the free main memory: program, pipe, process and OpenGL each hold the copy for a moment.
_OF_FREE = 1 / 6
#: Bytes of a stored voxel.
_VOXEL = 2


@dataclass(frozen=True)
class Room:
    """What there is for the copy.

    Attributes
    ----------
    gpu : bool
        Whether a GPU casts the rays.
    texture_side : int
        Voxels along a side that OpenGL takes; 0: unknown.
    gpu_bytes : int
        Memory of the GPU; 0: unknown, or shared with the processor.
    free_bytes : int
        Main memory that is free; 0: unknown.
    """

    gpu: bool
    texture_side: int = 0
    gpu_bytes: int = 0
    free_bytes: int = 0


def copy_limit(room: Room | None, shape: tuple[int, ...]) -> int:
    """Voxels along each side of the copy of a scan.

    Parameters
    ----------
    room : Room or None
        None: not known what there is.
    shape : tuple of int
        Of the scan, voxels.
    """
    if room is None or not room.gpu:
        return SMALL
    # a GPU without memory of its own takes the processor's, beside the other copies
    budget = room.free_bytes * _OF_FREE * (1.0 if room.gpu_bytes else 0.5)
    if room.gpu_bytes:
        budget = min(budget, room.gpu_bytes * _OF_GPU)
    return next((side for side in _SIDES if side <= room.texture_side and _bytes(shape, side) <= budget), SMALL)


def _bytes(shape: tuple[int, ...], side: int) -> int:
    total = _VOXEL
    for size in shape[:3]:
        total *= min(size, side)
    return total


def free_memory() -> int:
    """Bytes of main memory that are free; where only all of it is known, half; 0 where nothing is."""
    if sys.platform == "win32":
        return _free_on_windows()
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (OSError, ValueError):
        return 0


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32), ("load", ctypes.c_uint32), ("total", ctypes.c_uint64),
        ("free", ctypes.c_uint64), ("total_page", ctypes.c_uint64), ("free_page", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64), ("free_virtual", ctypes.c_uint64), ("extended", ctypes.c_uint64),
    )  # fmt: skip


def _free_on_windows() -> int:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - there on Windows only
    return int(status.free) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else 0


#: OpenGL's names for the GPU's memory in KB, by the extension that knows: GL_NVX_gpu_memory_info (all of the card's
#: own) and GL_ATI_meminfo (free for textures).
_MEMORY_OF = {"GL_NVX_gpu_memory_info": 0x9047, "GL_ATI_meminfo": 0x87FC}
_OPENGL = {"win32": ("opengl32",), "linux": ("libOpenGL.so.0", "libGL.so.1")}


def gpu_memory(capabilities: str) -> int:
    """Bytes of the GPU whose OpenGL context is current in this thread; 0 where it does not say.

    Parameters
    ----------
    capabilities : str
        Names of its extensions, among other words.
    """
    name = next((number for extension, number in _MEMORY_OF.items() if extension in capabilities), 0)
    for library in _OPENGL.get(sys.platform, ()) if name else ():
        try:
            opengl = ctypes.CDLL(library)
        except OSError:
            continue
        values = (ctypes.c_int * 4)()  # ATI's gives four
        opengl.glGetIntegerv(name, values)
        return 0 if opengl.glGetError() else max(int(values[0]), 0) * 1024
    return 0
