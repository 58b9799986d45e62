"""Slice pictures by numpy: for remote desktops and PCs without a GPU."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from viewr.render.base import LabelOverlay, SliceView
from viewr.render.lattice import find_lattice
from viewr.render.overlays import lay_fused, lay_over, lay_over_part, sample_fused
from viewr.render.sampling import ROUGH_PLANES, Sampled, oblique_slab, sample_view
from viewr.render.scratch import Scratch
from viewr.render.shade import LABEL_LUT, OPAQUE, colour_window, paint_palette, rgb_pixels, window_rows
from viewr.render.slabs import KeptLayers

Pixels = npt.NDArray[np.uint32]


class CpuRenderer:
    """Makes slice pictures with the processor; keeps the sampled values, which a window drag uses again.

    Parameters
    ----------
    reuse : bool
        Each picture of the same size is written over the one before: no new memory for every step of a drag.
    """

    name = "cpu"

    def __init__(self, reuse: bool = False) -> None:
        self._reuse = reuse
        self._image = QImage()
        self._key: tuple[Any, ...] = ()
        self._sampled: Sampled | None = None
        self._fused: dict[tuple[Any, ...], Sampled | None] = {}
        self._scratch = Scratch()
        self._kept = KeptLayers()

    # Between infinite values is no number; that is said of `SliceView` and nothing to warn of.
    @np.errstate(invalid="ignore")
    def sample(self, view: SliceView) -> npt.NDArray[Any]:
        """Values before window and LUT, shape (height, width[, channel]), float; NaN outside of the volume."""
        part = sample_view(view)
        kind = np.float32 if part.values.dtype.itemsize <= 2 or part.values.dtype == np.float32 else np.float64
        result = np.full((view.size[1], view.size[0], *part.values.shape[2:]), np.nan, kind)
        target = result[part.place]
        target[...] = part.pixels
        if part.inside is not None:
            target[~part.inside] = np.nan
        return result

    @np.errstate(invalid="ignore")
    def picture(self, view: SliceView) -> QImage:
        """The picture in device pixels; black outside of the volume."""
        image = self._new_image(view.size)
        self._colour(image, view, self._values(view))
        return image

    def work(self, view: SliceView) -> int:
        """Values that a picture would have to find first and that could be found ahead (`prepare`), one by one."""
        slab = oblique_slab(view)
        return 0 if slab is None else len(self._kept.lacking(slab.pile)) * view.size[0] * view.size[1]

    def prepare(self, view: SliceView) -> bool:
        """Find a part of what a picture will need; False if nothing is left that could be kept for it."""
        slab = oblique_slab(view)
        return slab is not None and self._kept.prepare(slab.pile, slab.layer)

    def draft(self, view: SliceView, values: int) -> QImage:
        """A coarse picture of a view that has `work`, of the same size, for which few values are found."""
        planes = min(view.slab_slices, ROUGH_PLANES)
        coarse = max(1.0, math.sqrt(view.size[0] * view.size[1] * planes / values))
        size = math.ceil(view.size[0] / coarse), math.ceil(view.size[1] / coarse)
        small = replace(view, size=size, mm_per_pixel=view.mm_per_pixel * coarse)
        slab = oblique_slab(small)
        image = QImage(*size, QImage.Format.Format_RGB32)
        self._colour(image, small, sample_view(small, exact=False) if slab is None else slab.sample_roughly())
        return _enlarged(image, view.size, coarse)

    def _colour(self, image: QImage, view: SliceView, part: Sampled) -> None:
        """Write the colours of sampled values, and what lies over them, into a picture."""
        pixels = np.frombuffer(image.bits(), np.uint32).reshape(view.size[1], image.bytesPerLine() // 4)
        pixels = pixels[:, : view.size[0]]
        _fill_around(pixels, part)
        later = list(view.overlays)
        if part.values.size:
            inner = _colours(view, part, pixels[part.place], self._scratch)
            if not view.fused:
                later = [overlay for overlay in view.overlays if not lay_over_part(inner, part, view, overlay)]
            if not np.may_share_memory(inner, pixels):
                _expand_into(pixels[part.place], part, inner)
        for fused, over in zip(view.fused, self._fused_values(view), strict=True):
            if over is not None:
                lay_fused(pixels, fused, over)
        for overlay in later:
            lay_over(pixels, view, overlay)

    def attach(self, widget: object) -> None:
        """Nothing to do: a picture fits any widget."""

    def release(self) -> None:
        """Forget the sampled values: the volume's voxels changed in place, or are not needed any more."""
        self._key, self._sampled = (), None
        self._fused = {}
        self._scratch = Scratch()
        self._kept = KeptLayers()

    def _new_image(self, size: tuple[int, int]) -> QImage:
        if not self._reuse or (self._image.width(), self._image.height()) != size:
            image = QImage(size[0], size[1], QImage.Format.Format_RGB32)
            if not self._reuse:
                return image
            self._image = image
        return self._image

    def _values(self, view: SliceView) -> Sampled:
        key = (view.volume, view.plane, view.size, view.mm_per_pixel, view.interpolation, view.projection,
               view.slab_slices, view.frame, view.lut == LABEL_LUT)  # fmt: skip
        if self._sampled is None or key != self._key:
            self._sampled, self._key = None, ()
            self._sampled = sample_view(view, exact=False, scratch=self._scratch, kept=self._kept)
            self._key = key
        return self._sampled

    def _fused_values(self, view: SliceView) -> list[Sampled | None]:
        """Values of the fused scans, those of the picture before where the plane is the same."""
        keys = [(fused.volume, fused.frame, view.volume, view.plane, view.size, view.mm_per_pixel)
                for fused in view.fused]  # fmt: skip
        kept, self._fused = self._fused, {}
        for key, fused in zip(keys, view.fused, strict=True):
            self._fused[key] = kept[key] if key in kept else sample_fused(view, fused)
        return [self._fused[key] for key in keys]


def _enlarged(image: QImage, size: tuple[int, int], factor: float) -> QImage:
    """A picture drawn larger, with its middle in the middle."""
    large = QImage(*size, QImage.Format.Format_RGB32)
    width, height = image.width() * factor, image.height() * factor
    painter = QPainter(large)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF((size[0] - width) / 2, (size[1] - height) / 2, width, height), image)
    painter.end()
    return large


def _fill_around(pixels: Pixels, part: Sampled) -> None:
    """Black around the part that will be written."""
    rows, columns = part.place
    pixels[: rows.start] = OPAQUE
    pixels[rows.stop :] = OPAQUE
    pixels[rows, : columns.start] = OPAQUE
    pixels[rows, columns.stop :] = OPAQUE


def _colours(view: SliceView, part: Sampled, target: Pixels, scratch: Scratch) -> Pixels:
    """Pixels of sampled values, written into the picture itself if they can; black where a plane leaves the volume."""
    if part.values.ndim > 2:
        pixels = rgb_pixels(colour_window(part.values, view.window))
    else:
        pixels = target if part.repeat is None else scratch.empty("pixels", part.values.shape, np.uint32)
        window_rows(pixels, part.values, view.window, view.inverted != view.volume.inverted, view.lut, view.gamma)
        if view.volume.palette is not None:
            paint_palette(pixels, part.values, view.volume.palette)
    if part.inside is not None:
        pixels[~part.inside] = OPAQUE
    return pixels


def _expand_into(target: Pixels, part: Sampled, values: Pixels) -> None:
    if part.repeat is None:
        target[...] = values
    else:
        wide = values.take(part.repeat[1], axis=1)
        np.take(wide, part.repeat[0], axis=0, out=target, mode="clip")


def shows_box(view: SliceView, overlay: LabelOverlay, box: tuple[tuple[int, ...], tuple[int, ...]]) -> bool:
    """Whether voxels of a box may be in the picture; True when in doubt."""
    lattice = find_lattice(overlay.labelmap.grid, view.plane, (2, 2), max(view.size) * view.mm_per_pixel / 2)
    if lattice is None:
        return True
    index = int(np.floor(lattice.depth + 0.5))
    return box[0][lattice.through] <= index < box[1][lattice.through]
