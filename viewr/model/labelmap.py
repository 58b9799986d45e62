"""Voxel annotations: labels, the map that holds them, and the boxes in which it changes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import Grid

#: A box of voxels as (first i, j, k) and (one past the last i, j, k).
Box = tuple[tuple[int, int, int], tuple[int, int, int]]

LabelArray = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Label:
    """What one voxel value means.

    Attributes
    ----------
    value : int
        Voxel value, 1 to 65535; 0 is background.
    colour : tuple of int
        Red, green, blue, 0 to 255.
    opacity : float
        0 (not shown) to 1 (hides the image).
    """

    value: int
    name: str = ""
    description: str = ""
    colour: tuple[int, int, int] = (255, 0, 0)
    opacity: float = 0.5


def box_slices(box: Box) -> tuple[slice, slice, slice]:
    """The box as an index into an array [i, j, k]."""
    (i0, j0, k0), (i1, j1, k1) = box
    return slice(i0, i1), slice(j0, j1), slice(k0, k1)


def clip_box(box: Box, shape: tuple[int, int, int]) -> Box | None:
    """The part of a box inside an array of `shape`, or None."""
    low = tuple(max(0, first) for first in box[0])
    high = tuple(min(size, end) for end, size in zip(box[1], shape, strict=True))
    if any(first >= end for first, end in zip(low, high, strict=True)):
        return None
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def union_box(first: Box, second: Box) -> Box:
    """The smallest box around two."""
    low = tuple(min(a, b) for a, b in zip(first[0], second[0], strict=True))
    high = tuple(max(a, b) for a, b in zip(first[1], second[1], strict=True))
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


@dataclass(eq=False)
class Labelmap:
    """One annotation's voxels, on the grid of its scan.

    The one thing in the state that is not frozen: `array` is written in place, patch by patch, by `Document` alone.

    Attributes
    ----------
    array : ndarray, shape grid.shape, uint8 or uint16
        Label values [i, j, k].
    """

    array: LabelArray
    grid: Grid
    labels: tuple[Label, ...] = ()
    editable: bool = True
    problems: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.array.shape != self.grid.shape:
            raise ValueError(f"a label map of shape {self.array.shape} does not fit a grid of {self.grid.shape}")
        if self.array.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"a label map holds uint8 or uint16, not {self.array.dtype}")


def empty_labelmap(grid: Grid, labels: tuple[Label, ...], editable: bool = True) -> Labelmap:
    """A label map of zeros, in the smallest type that holds the labels; Fortran order, so slices are contiguous."""
    wide = any(label.value > 255 for label in labels)
    array = np.zeros(grid.shape, dtype=np.uint16 if wide else np.uint8, order="F")
    return Labelmap(array, grid, labels, editable)


@dataclass(frozen=True, eq=False)
class VoxelPatch:
    """What one part of a stroke did to a label map; enough to do it again or take it back.

    Attributes
    ----------
    box : Box
        Where; `before` and `after` have its shape.
    """

    box: Box
    before: LabelArray
    after: LabelArray
