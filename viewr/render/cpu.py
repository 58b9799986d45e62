"""Slice pictures by numpy: for remote desktops and PCs without a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from viewr.model.geometry import Plane
from viewr.render.base import LabelOverlay, SliceView
from viewr.render.lattice import find_lattice
from viewr.render.sampling import Sampled, sample_plane, sample_view
from viewr.render.shade import blend_labels, colour_window, label_table, lut_pixels, rgb_pixels, window_bytes

Pixels = npt.NDArray[np.uint32]


class CpuRenderer:
    """Makes slice pictures with the processor; keeps the sampled values, which a window drag uses again."""

    name = "cpu"

    def __init__(self) -> None:
        self._key: tuple[Any, ...] = ()
        self._sampled: Sampled | None = None

    def sample(self, view: SliceView) -> npt.NDArray[Any]:
        """Values before window and LUT, shape (height, width[, channel]), float; NaN outside of the volume."""
        part = sample_view(view)
        kind = np.float32 if part.values.dtype.itemsize <= 2 or part.values.dtype == np.float32 else np.float64
        result = np.full((view.size[1], view.size[0], *part.values.shape[2:]), np.nan, kind)
        target = result[_place(part)]
        target[...] = part.values
        if part.inside is not None:
            target[~part.inside] = np.nan
        return result

    def picture(self, view: SliceView) -> QImage:
        """The picture in device pixels; black outside of the volume."""
        part = self._values(view)
        image = QImage(view.size[0], view.size[1], QImage.Format.Format_RGB32)
        pixels = np.frombuffer(image.bits(), np.uint32).reshape(view.size[1], image.bytesPerLine() // 4)
        _fill_around(pixels[:, : view.size[0]], part)
        inner = pixels[_place(part)]
        if part.values.size:
            inner[...] = _colours(view, part)
        for overlay in view.overlays:
            _lay_over(pixels[:, : view.size[0]], view, overlay)
        return image

    def attach(self, widget: object) -> None:
        """Nothing to do: a picture fits any widget."""

    def release(self) -> None:
        """Forget the sampled values."""
        self._key, self._sampled = (), None

    def forget(self) -> None:
        """The volume's voxels changed in place: sample anew."""
        self.release()

    def _values(self, view: SliceView) -> Sampled:
        key = (view.volume, view.plane, view.size, view.mm_per_pixel, view.interpolation, view.projection,
               view.slab_slices)  # fmt: skip
        if self._sampled is None or key != self._key:
            self._sampled, self._key = sample_view(view), key
        return self._sampled


def _place(part: Sampled) -> tuple[slice, slice]:
    rows, columns = part.values.shape[:2]
    return slice(part.top, part.top + rows), slice(part.left, part.left + columns)


def _fill_around(pixels: Pixels, part: Sampled) -> None:
    """Black around the part that will be written."""
    rows, columns = _place(part)
    pixels[: rows.start] = 0xFF000000
    pixels[rows.stop :] = 0xFF000000
    pixels[rows, : columns.start] = 0xFF000000
    pixels[rows, columns.stop :] = 0xFF000000


def _colours(view: SliceView, part: Sampled) -> Pixels:
    """Pixels of sampled values; black where a plane leaves the volume."""
    if part.values.ndim > 2:
        pixels = rgb_pixels(colour_window(part.values, view.window))
    else:
        inverted = view.inverted != view.volume.inverted
        grey = window_bytes(part.values, view.window, inverted)
        pixels = lut_pixels(view.lut).take(grey)
    if part.inside is not None:
        pixels[~part.inside] = 0xFF000000
    return pixels


def _lay_over(pixels: Pixels, view: SliceView, overlay: LabelOverlay) -> None:
    """Blend the labels of the picture's own plane (never of the slab) over it."""
    labelmap = overlay.labelmap
    part = sample_plane(labelmap.array, labelmap.grid, view.plane, view.size, view.mm_per_pixel, "nearest")
    labels = part.values
    if part.inside is not None:
        labels = np.where(part.inside, labels, 0)
    if labels.size:
        size = 256 if labels.dtype.itemsize == 1 else 65536
        blend_labels(pixels[_place(part)], labels, label_table(labelmap.labels, size, overlay.only, overlay.opacity))


def shows_box(view: SliceView, overlay: LabelOverlay, box: tuple[tuple[int, ...], tuple[int, ...]]) -> bool:
    """Whether voxels of a box may be in the picture; True when in doubt."""
    lattice = find_lattice(overlay.labelmap.grid, view.plane, (2, 2), max(view.size) * view.mm_per_pixel / 2)
    if lattice is None:
        return True
    index = int(np.floor(lattice.depth + 0.5))
    return box[0][lattice.through] <= index < box[1][lattice.through]


def same_plane(first: Plane, second: Plane) -> bool:
    """Whether two planes are equal by value."""
    return first is second or all(
        np.array_equal(getattr(first, name), getattr(second, name)) for name in ("center", "right", "down")
    )
