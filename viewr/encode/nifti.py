"""NIfTI files of label maps and images: the one place, with `imaging.nifti`, where RAS exists.

Written as NIfTI-1 with sform and qform alike, voxels in the order of the grid.
"""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.imaging.nifti import FLIP, image_of
from viewr.model.errors import FormatError
from viewr.model.geometry import FloatArray, Grid

#: How far, in mm, a voxel of a label map may lie from that of its scan.
TOLERANCE_MM = 0.05


def encode_labelmap(array: npt.NDArray[np.unsignedinteger[Any]], grid: Grid) -> bytes:
    """A label map as .nii.gz.

    Parameters
    ----------
    array : ndarray, shape `grid.shape` or with named axes behind, uint8 or uint16
        Label values, 0 for none.
    grid : Grid
        Of the scan that was drawn on.
    """
    if array.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a label map holds uint8 or uint16, not {array.dtype}")
    return write_image(array, grid, intent="label")


def write_image(array: npt.NDArray[Any], grid: Grid, *, intent: str = "none", level: int = 1) -> bytes:
    """Any volume as .nii.gz; `array` has the shape of the grid, named axes behind."""
    import nibabel

    if array.shape[:3] != grid.shape:
        raise ValueError(f"an array of shape {array.shape} does not fit a grid of {grid.shape}")
    image = nibabel.Nifti1Image(array, FLIP @ grid.affine, dtype=array.dtype)
    image.set_sform(FLIP @ grid.affine, code="scanner")
    image.set_qform(FLIP @ grid.affine, code="scanner", strip_shears=True)
    image.header.set_xyzt_units("mm", "sec")
    if intent != "none":
        image.header.set_intent(intent)
    return gzip.compress(image.to_bytes(), compresslevel=level, mtime=0)


def decode_labelmap(data: bytes, grid: Grid) -> npt.NDArray[np.unsignedinteger[Any]]:
    """A label map laid onto the grid of its scan, whatever order its axes are stored in.

    Returns
    -------
    ndarray, shape `grid.shape`, uint8 or uint16

    Raises
    ------
    FormatError
        If the file is not NIfTI, its voxels are not those of the grid, or its values are no labels.
    """
    labels, affine = _labels(data)
    return np.asfortranarray(_onto(labels, affine, grid))


def _labels(data: bytes) -> tuple[npt.NDArray[Any], FloatArray]:
    image = image_of(data, "The label map")
    values = np.asanyarray(image.dataobj)
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 3:
        raise FormatError(f"The label map has {values.ndim} axes instead of 3.")
    return _as_labels(values), FLIP @ np.asarray(image.affine, np.float64)


def _as_labels(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if not (low >= 0 and high <= 65535) or (values.dtype.kind == "f" and (values != np.rint(values)).any()):
        raise FormatError(f"The label map holds values from {low:g} to {high:g} that are no labels.",
                          "Labels are whole numbers from 0 to 65535.")
    return values.astype(np.uint8 if high <= 255 else np.uint16)


def _onto(labels: npt.NDArray[Any], affine: FloatArray, grid: Grid) -> npt.NDArray[Any]:
    """Turns and flips the axes until each voxel lies where the grid has it."""
    between = grid.inverse @ affine
    order = [int(np.argmax(np.abs(between[row, :3]))) for row in range(3)]
    if sorted(order) != [0, 1, 2]:
        raise _misfit("its axes run differently")
    turned = labels.transpose(order)
    steps = between[:3, :3][:, order]
    flips = tuple(slice(None, None, -1) if steps[row, row] < 0 else slice(None) for row in range(3))
    if turned.shape != grid.shape:
        raise _misfit(f"it has {' x '.join(map(str, turned.shape))} voxels, "
                      f"the scan {' x '.join(map(str, grid.shape))}")
    off = _largest_offset(affine, order, labels.shape, flips, grid)
    if off > TOLERANCE_MM:
        raise _misfit(f"voxels lie up to {off:.2f} mm apart")
    return turned[flips]


def _largest_offset(
    affine: FloatArray, order: list[int], shape: tuple[int, ...], flips: tuple[slice, ...], grid: Grid
) -> float:
    """How far, in mm, corners of the turned map lie from those of the grid."""
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in grid.shape])).reshape(3, -1).T.astype(float)
    stored = np.empty_like(corners)
    for row in range(3):
        last = shape[order[row]] - 1
        stored[:, order[row]] = last - corners[:, row] if flips[row].step == -1 else corners[:, row]
    there = stored @ affine[:3, :3].T + affine[:3, 3]
    wanted = corners @ grid.affine[:3, :3].T + grid.affine[:3, 3]
    return float(np.linalg.norm(there - wanted, axis=1).max())


def _misfit(why: str) -> FormatError:
    return FormatError(f"The label map does not fit the scan: {why}.", "It was drawn on another scan or resampled.")
