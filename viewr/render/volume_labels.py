"""Label maps on their way to their surfaces: the part that holds labels, cut out, small enough to be quick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viewr.model.geometry import FloatArray, Grid
from viewr.model.labelmap import LabelArray, Labelmap
from viewr.render.shade import UNKNOWN_COLOUR

#: Voxels along a side beyond which every second one (third, ...) is left out.
LARGEST = 288


@dataclass(frozen=True, eq=False)
class LabelCut:
    """The part of a label map that holds labels, with a rim of background.

    Attributes
    ----------
    array : ndarray [i, j, k], Fortran order
    first : tuple of int
        Voxel of the label map that is the first of the array; may be -1, outside of it.
    step : tuple of int
        Voxels of the label map from one of the array to the next.
    """

    array: LabelArray
    first: tuple[int, int, int]
    step: tuple[int, int, int]

    def to_grid(self, points_ijk: FloatArray) -> FloatArray:
        """Voxel positions in the label map of voxel positions in the cut."""
        return np.asarray(np.array(self.first) + points_ijk * np.array(self.step))


def without(labelmap: Labelmap, hidden: frozenset[int]) -> Labelmap:
    """The same voxels with some labels made invisible."""
    if not hidden:
        return labelmap
    labels = tuple(replace(label, opacity=0.0) if label.value in hidden else label for label in labelmap.labels)
    return replace(labelmap, labels=labels)


def invisible(labelmap: Labelmap) -> list[int]:
    """Values whose labels are not to be seen."""
    return [label.value for label in labelmap.labels if label.opacity == 0]


def cut_labels(labelmap: Labelmap) -> LabelCut | None:
    """The part that holds labels; None where there is none."""
    array = labelmap.array
    deep = np.flatnonzero([array[:, :, k].any() for k in range(array.shape[2])])
    if not len(deep):
        return None
    flat = np.zeros(array.shape[:2], bool)
    for k in range(deep[0], deep[-1] + 1):
        flat |= array[:, :, k] != 0
    across, down = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    low = [int(found[0]) for found in (across, down, deep)]
    high = [int(found[-1]) + 1 for found in (across, down, deep)]
    step = [max(1, -(-(b - a) // LARGEST)) for a, b in zip(low, high, strict=True)]
    inner = array[tuple(slice(a, b, s) for a, b, s in zip(low, high, step, strict=True))]
    # The rim closes surfaces at the edge of the scan.
    framed = np.zeros([size + 2 for size in inner.shape], array.dtype, order="F")
    framed[1:-1, 1:-1, 1:-1] = inner
    first = [a - s for a, s in zip(low, step, strict=True)]
    return LabelCut(framed, (first[0], first[1], first[2]), (step[0], step[1], step[2]))


def label_message(key: str, labelmap: Labelmap, cut: LabelCut | None) -> tuple[dict[str, Any], bytes]:
    """What the process that renders is told of a label map."""
    if cut is None:
        return {"labels": key}, b""
    colours = [[label.value, *label.colour] for label in labelmap.labels]
    known = {label.value for label in labelmap.labels}
    found = np.unique(cut.array)
    colours += [[int(value), *UNKNOWN_COLOUR] for value in found if value and int(value) not in known]
    hidden = invisible(labelmap)
    present = [int(value) for value in found if value and int(value) not in hidden]
    message = {
        "labels": key, "shape": cut.array.shape, "dtype": cut.array.dtype.str, "first": cut.first, "step": cut.step,
        "grid": grid_to_json(labelmap.grid), "colours": colours, "present": present,
    }  # fmt: skip
    return message, cut.array.tobytes(order="F")


def cut_of(message: dict[str, Any], payload: bytes) -> LabelCut:
    """The cut of a message."""
    array = np.frombuffer(payload, np.dtype(message["dtype"])).reshape(message["shape"], order="F")
    return LabelCut(array, tuple(message["first"]), tuple(message["step"]))


def grid_to_json(grid: Grid) -> dict[str, Any]:
    uneven = grid.slice_positions
    return {"shape": grid.shape, "affine": grid.affine.tolist(), "slices": None if uneven is None else uneven.tolist()}


def grid_of(data: dict[str, Any]) -> Grid:
    slices = data["slices"]
    return Grid(tuple(data["shape"]), np.array(data["affine"]), None if slices is None else np.array(slices))
