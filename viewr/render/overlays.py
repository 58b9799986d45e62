"""What lies over a slice picture: fused scans, then label maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viewr.model.volume import Volume
from viewr.render.base import FusedScan, LabelOverlay, SliceView
from viewr.render.sampling import Manner, Sampled, sample_plane, voxels_3d
from viewr.render.shade import (
    OPAQUE,
    BlendTable,
    blend_labels,
    colour_window,
    fusion_table,
    label_table,
    rgb_pixels,
    window_levels,
)
from viewr.render.stack import has_patient_axes

AnyArray = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint32]


# --- fused scans ---------------------------------------------------------------------------------------------------


def fusion_problem(under: Volume, over: Volume, aligned: bool = False) -> str:
    """Why one scan cannot be laid over another, as a sentence for the reader; "" where it can.

    Parameters
    ----------
    aligned : bool
        The reader has aligned them: then different frames of reference do no harm.
    """
    for volume in (under, over):
        if not has_patient_axes(volume):
            name = volume.name or "One of the scans"
            return f"{name} does not say where in the patient it lies, so it cannot be fused with another scan."
    if not aligned and not under.grid.shares_space_with(over.grid):
        return f"{over.name or 'The other scan'} was not taken in the same position; align the scans first."
    return ""


def sample_fused(view: SliceView, fused: FusedScan) -> Sampled | None:
    """Linear values of a fused scan at the picture's own plane; None where one of both has no place in a patient."""
    if fusion_problem(view.volume, fused.volume, aligned=True):
        return None
    array = voxels_3d(fused.volume.array, fused.volume.axes, fused.frame)
    manner = Manner("nearest" if fused.volume.palette is not None else "linear", exact=False)
    return sample_plane(array, fused.volume.grid, view.plane, view.size, view.mm_per_pixel, manner)


def lay_fused(pixels: Pixels, fused: FusedScan, part: Sampled) -> None:
    """Blend a fused scan over a finished picture, in place; colour has the plain opacity."""
    if not part.values.size:
        return
    under = np.ascontiguousarray(pixels[part.place])
    if part.values.ndim > 2:
        _lay_colour(under, fused, part)
    else:
        levels = part.expand(window_levels(part.values, fused.window, fused.volume.inverted))
        if part.inside is not None:
            levels = np.where(part.inside, levels, 0)
        if part.values.dtype.kind == "f" and fused.volume.inverted:
            levels = np.where(np.isnan(part.pixels), 0, levels)
        blend_labels(under, levels, fusion_table(fused.lut, fused.opacity))
    pixels[part.place] = under


def _lay_colour(under: Pixels, fused: FusedScan, part: Sampled) -> None:
    share = np.uint32(round(min(max(fused.opacity, 0.0), 1.0) * 256))
    colours = part.expand(rgb_pixels(colour_window(part.values, fused.window)))
    mixed = np.full_like(under, OPAQUE)
    for shift in (0, 8, 16):
        old, new = (under >> np.uint32(shift)) & 255, (colours >> np.uint32(shift)) & 255
        mixed |= (old * (256 - share) + new * share + 128) >> np.uint32(8) << np.uint32(shift)
    np.copyto(under, mixed, where=True if part.inside is None else part.inside)


# --- label maps ----------------------------------------------------------------------------------------------------


def sample_labels(view: SliceView, overlay: LabelOverlay) -> Sampled:
    """Labels of the picture's own plane, never of a slab."""
    labelmap = overlay.labelmap
    return sample_plane(labelmap.array, labelmap.grid, view.plane, view.size, view.mm_per_pixel)


def _colour_table(overlay: LabelOverlay) -> BlendTable:
    size = 256 if overlay.labelmap.array.dtype.itemsize == 1 else 65536
    return label_table(overlay.labelmap.labels, size, overlay.only, overlay.opacity, overlay.outline)


def _labelled(values: AnyArray) -> tuple[slice, slice] | None:
    """The rows and columns that have labels at all; None without any: most label maps are empty but for a lesion."""
    if not values.size:
        return None
    rows, columns = (np.flatnonzero(values.max(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _cropped(part: Sampled, box: tuple[slice, slice]) -> Sampled:
    """The pixels of sampled labels that show a box of their values."""
    if part.repeat is None:
        inside = None if part.inside is None else part.inside[box]
        return Sampled(part.values[box], part.top + box[0].start, part.left + box[1].start, inside)
    shown = [np.flatnonzero((repeat >= side.start) & (repeat < side.stop))
             for repeat, side in zip(part.repeat, box, strict=True)]  # fmt: skip
    rows, columns = (repeat[pixels] - side.start
                     for repeat, pixels, side in zip(part.repeat, shown, box, strict=True))  # fmt: skip
    corner = [int(pixels[0]) if len(pixels) else 0 for pixels in shown]
    return Sampled(part.values[box], part.top + corner[0], part.left + corner[1], repeat=(rows, columns))


def _blend_at(pixels: Pixels, place: tuple[slice, slice], labels: AnyArray, overlay: LabelOverlay) -> None:
    under = np.ascontiguousarray(pixels[place])
    blend_labels(under, labels, _colour_table(overlay))
    pixels[place] = under


def lay_over_part(inner: Pixels, part: Sampled, view: SliceView, overlay: LabelOverlay) -> bool:
    """Blend labels before voxels are repeated as pixels; False where they lie on other voxels than the picture."""
    if overlay.outline or overlay.labelmap.grid is not view.volume.grid:
        return False
    labels = sample_labels(view, overlay)
    box = _labelled(labels.values)
    if box is None:
        return True
    if labels.fits(part):
        _blend_at(inner, box, labels.values[box], overlay)
        return True
    pixel_by_pixel = part.repeat is None and part.inside is None and labels.inside is None
    if pixel_by_pixel and labels.place == part.place:
        shown = _cropped(labels, box)
        rows, columns = shown.shape
        top, left = shown.top - part.top, shown.left - part.left
        _blend_at(inner, (slice(top, top + rows), slice(left, left + columns)), shown.pixels, overlay)
        return True
    return False


def lay_over(pixels: Pixels, view: SliceView, overlay: LabelOverlay) -> None:
    """Blend labels over a finished picture, in place."""
    sampled = sample_labels(view, overlay)
    box = _labelled(sampled.values)
    if box is None:
        return
    part = _cropped(sampled, box)
    labels = part.pixels
    if part.inside is not None:
        labels = np.where(part.inside, labels, 0)
    if overlay.outline:
        if overlay.only is not None:
            labels = np.where(labels == overlay.only, labels, 0)
        labels = outline_of(labels, (part.top, part.left), pixels.shape)
    _blend_at(pixels, part.place, labels, overlay)


def outline_of(labels: AnyArray, corner: tuple[int, int], picture: tuple[int, ...]) -> AnyArray:
    """Labels of the pixels that have another label, or none, above, below, left or right; 0 elsewhere.

    Parameters
    ----------
    labels : ndarray, shape (rows, columns)
        One for each pixel of a part of the picture; around it there are none.
    corner : tuple of int
        Row and column of the picture at which the part begins.
    picture : tuple of int
        Rows and columns of the picture; nothing ends at its border.
    """
    padded = np.zeros((labels.shape[0] + 2, labels.shape[1] + 2), labels.dtype)
    padded[1:-1, 1:-1] = labels
    if corner[0] == 0:
        padded[0] = padded[1]
    if corner[0] + labels.shape[0] == picture[0]:
        padded[-1] = padded[-2]
    if corner[1] == 0:
        padded[:, 0] = padded[:, 1]
    if corner[1] + labels.shape[1] == picture[1]:
        padded[:, -1] = padded[:, -2]
    edge = (labels != padded[:-2, 1:-1]) | (labels != padded[2:, 1:-1])
    edge |= (labels != padded[1:-1, :-2]) | (labels != padded[1:-1, 2:])
    return np.where(edge, labels, 0).astype(labels.dtype)
