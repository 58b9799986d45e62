"""Voxels in files that several processes map into memory: what one of them decodes, the others see.

A volume is told to another process as plain data: what it is, and where in which file its voxels lie.
"""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import Grid
from viewr.model.volume import Palette, PixelRegion, Volume, Window

Array = npt.NDArray[Any]
_PLAIN = [f.name for f in fields(Volume) if f.name not in ("array", "grid", "windows", "palette", "regions")]


def describe(volume: Volume) -> dict[str, Any]:
    """Everything about a volume but its voxels, as JSON has it."""
    positions = volume.grid.slice_positions
    return {
        **{name: getattr(volume, name) for name in _PLAIN},
        "windows": [_as_json(window) for window in volume.windows],
        "palette": None if volume.palette is None else _as_json(volume.palette), "order": _layout(volume.array),
        "regions": [_as_json(region) for region in volume.regions],
        "stored_shape": stored(volume.array).shape, "dtype": volume.array.dtype.str,
        "grid": {"shape": volume.grid.shape, "affine": volume.grid.affine.tolist(),
                 "slice_positions": None if positions is None else positions.tolist(),
                 "frame_of_reference": volume.grid.frame_of_reference},
    }  # fmt: skip


def map_file(entry: Mapping[str, Any], path: Path, offset: int | None = None) -> Volume:
    """The volume of a description, its voxels read-only from a file.

    Parameters
    ----------
    offset : int, optional
        Byte at which the voxels begin; when left out the file must hold them and nothing else.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError
        If the file is not there or is another.
    """
    shape, kind = tuple(entry["stored_shape"]), np.dtype(entry["dtype"])
    if offset is None and path.stat().st_size != int(np.prod(shape)) * kind.itemsize:
        raise ValueError(path)
    # Not as np.memmap: each slice of it costs more than one of a plain array.
    blocks = np.memmap(path, kind, "r", offset or 0, shape).view(np.ndarray)
    return _volume(entry, blocks)


def stored(array: Array) -> Array:
    """An array with the axis that is slowest in memory first: a view."""
    return array.transpose(_layout(array))


def place_of(array: Array) -> tuple[Path, int] | None:
    """File and byte where an array's voxels lie one behind the other; None if they are not in a mapped file."""
    owner: Any = array
    while isinstance(owner.base, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    if isinstance(owner.base, np.memmap):
        owner = owner.base
    if not isinstance(owner, np.memmap) or owner.filename is None or not stored(array).flags.c_contiguous:
        return None
    ahead = array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return Path(owner.filename), int(owner.offset + ahead)


def touch(array: Array) -> None:
    """Bring mapped voxels into this process page by page, without the interpreter.

    A slice across the others touches every page of a volume: where that happens in the thread of the GUI for the first
    time, it stands still.
    """
    pages = stored(array).reshape(-1).view(np.uint8)[:: mmap.PAGESIZE]
    if len(pages):
        pages.max()


def whole_file(array: Array) -> Path | None:
    """The file that holds an array and nothing else."""
    place = place_of(array)
    return place[0] if place and not place[1] and place[0].stat().st_size == array.nbytes else None


class Spool:
    """Files of voxels under way, in a folder of their own that goes with them.

    Parameters
    ----------
    folder : Path
        Made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def allocate(self, shape: tuple[int, ...], kind: npt.DTypeLike) -> Array:
        """Zeros in a new file; raises OSError if the disk has no room for them."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._count += 1
        path = self.folder / f"{self._count}.raw"
        _reserve(path, int(np.prod(shape)) * np.dtype(kind).itemsize)
        return np.memmap(path, kind, "r+", shape=shape)

    def hold(self, volume: Volume) -> Volume:
        """The volume with its voxels in a file, copied there if they are not in one."""
        if place_of(volume.array) is not None:
            return volume
        order = _layout(volume.array)
        blocks = self.allocate(stored(volume.array).shape, volume.array.dtype)
        blocks[...] = stored(volume.array)
        return replace(volume, array=blocks.transpose(np.argsort(order)))

    def clear(self) -> None:
        """Forget the files; who has mapped one keeps it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _reserve(path: Path, size: int) -> None:
    """A file of zeros that has its room on the disk: writing into a map without it would end the program."""
    with open(path, "xb") as file:
        os.chmod(path, 0o600)
        reserve = getattr(os, "posix_fallocate", None)
        try:
            if reserve is not None:
                reserve(file.fileno(), 0, size)
            else:
                file.truncate(size)
        except OSError:
            file.close()
            path.unlink(missing_ok=True)
            raise


def _layout(array: Array) -> list[int]:
    """Axes from the slowest in memory to the fastest."""
    return [int(axis) for axis in np.argsort([-abs(step) for step in array.strides], kind="stable")]


def _volume(entry: Mapping[str, Any], blocks: Array) -> Volume:
    grid = Grid(tuple(entry["grid"]["shape"]), np.array(entry["grid"]["affine"]), entry["grid"]["slice_positions"],
                entry["grid"]["frame_of_reference"])  # fmt: skip
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                             for name, value in ((name, entry[name]) for name in _PLAIN)}  # fmt: skip
    volume = Volume(blocks.transpose(np.argsort(entry["order"])), grid, **plain)
    palette = entry["palette"]
    return replace(
        volume, windows=tuple(Window(**_raw(window, "curve")) for window in entry["windows"]),
        palette=None if palette is None else Palette(**_raw(palette, "colours")),
        regions=tuple(PixelRegion(**{**region, "spacing": region["spacing"] and tuple(region["spacing"])})
                      for region in entry["regions"]),
    )  # fmt: skip


def _as_json(record: Window | Palette | PixelRegion) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}


def _raw(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The entry with one of its values as bytes again."""
    return {**entry, name: bytes.fromhex(entry[name])}
