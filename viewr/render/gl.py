"""Slice pictures by OpenGL 3.3: window, LUT, interpolation, slab, fusion and labels in the shader.

The same pictures as the CPU renderer's. What shaders would not draw alike, or not faster, it leaves to that one:
colour, palettes, label scans, averaged projection images, uneven grids and slabs on oblique planes, outlines, and
volumes that fit no texture.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage
from PySide6.QtOpenGL import QOpenGLShaderProgram, QOpenGLTexture

from viewr.model.geometry import Grid
from viewr.model.volume import Volume, Window
from viewr.render.base import FusedScan, LabelOverlay, SliceView
from viewr.render.cpu import CpuRenderer
from viewr.render.gl_context import GlContext, flat_texture, pointer_to, sampler_of
from viewr.render.kernels import stretch
from viewr.render.lattice import Lattice, find_lattice, slab_range
from viewr.render.overlays import fusion_problem, lay_over
from viewr.render.sampling import voxels_3d
from viewr.render.shade import LABEL_LUT, STEP_SLACK, label_shades, lut_pixels
from viewr.render.stack import PROJECTION_MODALITIES

#: Seconds for which voxels that changed in place are left to the processor: others may be about to change.
REST = 1.0
_TAPS = {"nearest": 1, "linear": 2, "cubic": 4}
_PROJECTIONS = {"none": 0, "max": 1, "min": 2, "mean": 3}
_OUTSIDE = -9.0
_BLEND, _COLOUR_BIT = 0x0BE2, 0x4000
_SRC_ALPHA, _REST_ALPHA, _ONE, _ZERO = 0x0302, 0x0303, 1, 0
_BGRA, _BYTES = 0x80E1, 0x1401


class GlRenderer:
    """Makes slice pictures on the graphics card; one for each viewport, with one context for all."""

    def __init__(self, context: GlContext) -> None:
        self._context = context
        self._cpu = CpuRenderer(reuse=True)
        self._image = QImage()
        self._changed: dict[int, float] = {}
        self._last: tuple[Volume, ...] = ()
        #: Whether the last picture came from the card.
        self.drawn = False

    name = "gl"

    def sample(self, view: SliceView) -> npt.NDArray[Any]:
        """Values before window and LUT, shape (height, width[, channel]), float; NaN outside of the volume."""
        return self._cpu.sample(view)

    def picture(self, view: SliceView) -> QImage:
        """The picture in device pixels; black outside of the volume."""
        self._last = (view.volume, *(fused.volume for fused in view.fused))
        lattice = find_lattice(view.volume.grid, view.plane, view.size, view.mm_per_pixel)
        self.drawn = self._may_draw(view, lattice)
        if not self.drawn:
            return self._cpu.picture(view)
        context = self._context
        context.make_current()
        context.target(view.size)
        gl = context.functions
        gl.glDisable(_BLEND)
        gl.glClearColor(0.0, 0.0, 0.0, 1.0)
        gl.glClear(_COLOUR_BIT)
        self._draw_grey(view, lattice)
        gl.glEnable(_BLEND)
        gl.glBlendFuncSeparate(_SRC_ALPHA, _REST_ALPHA, _ZERO, _ONE)
        for fused in view.fused:
            if fusion_problem(view.volume, fused.volume, aligned=True) == "":
                self._draw_fused(view, fused)
        rest = list(view.overlays)
        while rest and self._draw_labels(view, rest[0]):
            rest.pop(0)
        return self._read(view, rest)

    def attach(self, widget: object) -> None:
        """Nothing to do: pictures are drawn off the screen."""

    def release(self) -> None:
        """The voxels of the picture's scans changed in place, or are not needed any more."""
        self._cpu.release()
        if self._last:
            self._context.make_current()
        for volume in self._last:
            self._changed[id(volume)] = time.monotonic()
            self._context.forget(volume)
        self._last = ()

    # --- what may be drawn -------------------------------------------------------------------------------------

    def _may_draw(self, view: SliceView, lattice: Lattice | None) -> bool:
        volume = view.volume
        if not self._fits(volume, view.frame) or volume.palette is not None or view.lut == LABEL_LUT:
            return False
        slab = view.projection != "none" and view.slab_slices > 1
        if lattice is None:
            even = volume.grid.slice_positions is None
            return even and not slab and all(self._may_fuse(view, fused) for fused in view.fused)
        if slab and volume.grid.slice_positions is not None:
            return False
        averaged = view.interpolation != "nearest" and volume.modality in PROJECTION_MODALITIES
        if averaged and max(stretch(lattice.x), stretch(lattice.y)) > 1:
            return False
        return all(self._may_fuse(view, fused) for fused in view.fused)

    def _may_fuse(self, view: SliceView, fused: FusedScan) -> bool:
        if fused.lut == LABEL_LUT or not self._fits(fused.volume, fused.frame):
            return False
        along = find_lattice(fused.volume.grid, view.plane, view.size, view.mm_per_pixel) is not None
        return along or fused.volume.grid.slice_positions is None

    def _fits(self, volume: Volume, frame: tuple[int, ...]) -> bool:
        since = self._changed.get(id(volume))
        if "channel" in volume.axes or (since is not None and time.monotonic() - since < REST):
            return False
        return self._context.fits(voxels_3d(volume.array, volume.axes, frame))

    # --- drawing -----------------------------------------------------------------------------------------------

    def _draw_grey(self, view: SliceView, lattice: Lattice | None) -> None:
        slab = view.projection != "none" and view.slab_slices > 1
        # A slab may reach into the volume where its middle lies outside.
        here = replace(lattice, depth=0.0) if slab and lattice is not None else lattice
        program = self._begin(view, view.volume, view.frame, here, view.interpolation)
        if slab and lattice is not None:
            first, end = slab_range(view.volume.grid, view.plane, lattice, view.slab_slices)
            _set_int(program, projection=_PROJECTIONS[view.projection])
            self._context.functions.glUniform2i(program.uniformLocation("slab"), first, end)
            if first >= end:
                return
        inverted = view.inverted != view.volume.inverted
        self._shade(program, view.window, view.lut, inverted, view.gamma, -1.0)
        self._context.draw()
        program.release()

    def _draw_fused(self, view: SliceView, fused: FusedScan) -> None:
        lattice = find_lattice(fused.volume.grid, view.plane, view.size, view.mm_per_pixel)
        program = self._begin(view, fused.volume, fused.frame, lattice, "linear")
        self._shade(program, fused.window, fused.lut, fused.volume.inverted, 1.0, fused.opacity)
        self._context.draw()
        program.release()

    def _begin(
        self, view: SliceView, volume: Volume, frame: tuple[int, ...], lattice: Lattice | None, interpolation: str
    ) -> QOpenGLShaderProgram:  # fmt: skip
        """The program with voxels and places set."""
        array = voxels_3d(volume.array, volume.axes, frame)
        program = self._context.program(sampler_of(array) or "")
        program.bind()
        self._bind(program, 0, "voxels", self._context.voxels(volume, frame))
        gl = self._context.functions
        gl.glUniform3i(program.uniformLocation("size"), *array.shape)
        # Units of their own also where there are none: two kinds of sampler on one unit are an error.
        _set_int(program, columns=1, rows=2, lut=3, curve=4)
        _set_int(program, taps=_TAPS[interpolation], projection=0, oblique=int(lattice is None))
        if lattice is None:
            gl.glUniform3i(program.uniformLocation("axes"), 0, 1, 2)
            _set_affine(program, volume.grid, view)
        else:
            gl.glUniform3i(program.uniformLocation("axes"), lattice.x_axis, lattice.y_axis, lattice.through)
            self._set_tables(program, lattice, array.shape, interpolation == "nearest")
        return program

    def _set_tables(
        self, program: QOpenGLShaderProgram, lattice: Lattice, shape: tuple[int, ...], nearest: bool
    ) -> None:
        for unit, (name, places, axis) in enumerate(
            (("columns", lattice.x, lattice.x_axis), ("rows", lattice.y, lattice.y_axis)), 1
        ):
            key = (name, places.tobytes(), shape[axis], nearest)
            self._bind(program, unit, name, self._context.table(key, table_of(places, shape[axis], nearest)))
        inside = -0.5 <= lattice.depth < shape[lattice.through] - 0.5
        depth = np.floor(lattice.depth + 0.5) if nearest else lattice.depth
        program.setUniformValue1f(program.uniformLocation("depth"), float(depth))
        if not inside:
            nowhere = self._context.table(("nowhere", len(lattice.x)), np.full(len(lattice.x), _OUTSIDE, np.float32))
            self._bind(program, 1, "columns", nowhere)

    def _shade(
        self, program: QOpenGLShaderProgram, window: Window, lut: str, inverted: bool, gamma: float, opacity: float
    ) -> None:
        self._bind(program, 3, "lut", self._context.table(("lut", lut), _rgba(lut)))
        low, high = window.bounds
        program.setUniformValue(program.uniformLocation("window"), low, high)
        _set_int(program, step_linear=int(window.linear), inverted=int(inverted))
        program.setUniformValue1f(program.uniformLocation("slack"), abs(low) * STEP_SLACK)
        program.setUniformValue1f(program.uniformLocation("gamma"), gamma)
        program.setUniformValue1f(program.uniformLocation("opacity"), opacity)
        entries = np.frombuffer(window.curve, np.uint8)
        span = max(window.width * window.reach, 1e-12)
        bend = (len(entries), window.level - span / 2, (len(entries) - 1) / span) if len(entries) else (0.0, 0.0, 0.0)
        program.setUniformValue(program.uniformLocation("bend"), *(float(value) for value in bend))
        if len(entries):
            levels = self._context.table(("curve", window.curve), np.repeat(entries[:, None], 4, 1))
            self._bind(program, 4, "curve", levels)

    def _draw_labels(self, view: SliceView, overlay: LabelOverlay) -> bool:
        """Blend the labels of the picture's own slice; False where that is left to the processor."""
        labelmap = overlay.labelmap
        lattice = find_lattice(labelmap.grid, view.plane, view.size, view.mm_per_pixel)
        if overlay.outline or lattice is None or labelmap.array.dtype.kind != "u":
            return False
        through = int(np.floor(lattice.depth + 0.5))
        if not 0 <= through < labelmap.array.shape[lattice.through]:
            return True
        shown = np.moveaxis(labelmap.array, (lattice.through, lattice.y_axis, lattice.x_axis), (0, 1, 2))[through]
        if not shown.any():
            return True
        program = self._context.program("labels")
        program.bind()
        labels = flat_texture(shown)
        self._bind(program, 0, "labels", labels)
        self._set_tables(program, lattice, labelmap.array.shape, nearest=True)
        colours = _label_colours(overlay)
        self._bind(program, 3, "table", self._context.table(("labels", colours.tobytes()), colours))
        self._context.draw()
        program.release()
        labels.destroy()
        return True

    def _bind(self, program: QOpenGLShaderProgram, unit: int, name: str, texture: QOpenGLTexture) -> None:
        texture.bind(unit)
        self._context.functions.glUniform1i(program.uniformLocation(name), unit)

    def _read(self, view: SliceView, rest: list[LabelOverlay]) -> QImage:
        """The picture from the card, with what is left to the processor laid over it."""
        if (self._image.width(), self._image.height()) != view.size:
            self._image = QImage(view.size[0], view.size[1], QImage.Format.Format_RGB32)
        gl = self._context.functions
        pixels = np.frombuffer(self._image.bits(), np.uint32).reshape(view.size[1], view.size[0])
        gl.glReadPixels(0, 0, view.size[0], view.size[1], _BGRA, _BYTES, pointer_to(pixels))
        self._context.check()
        for overlay in rest:
            lay_over(pixels, view, overlay)
        return self._image


def table_of(places: npt.NDArray[np.float64], size: int, nearest: bool) -> npt.NDArray[np.float32]:
    """Positions of pixels on an axis, or the voxels nearest to them; far below 0 outside of the grid."""
    shown = np.floor(places + 0.5) if nearest else places
    return np.where((places >= -0.5) & (places < size - 0.5), shown, _OUTSIDE).astype(np.float32)


def _set_int(program: QOpenGLShaderProgram, **values: int) -> None:
    for name, value in values.items():
        program.setUniformValue1i(program.uniformLocation(name), value)


def _set_affine(program: QOpenGLShaderProgram, grid: Grid, view: SliceView) -> None:
    """Grid positions of pixels on an oblique plane."""
    first = grid.to_ijk(view.to_lps((0.5, 0.5)))
    turn = grid.inverse[:3, :3] * view.mm_per_pixel
    for name, vector in (("origin", first), ("across", turn @ view.plane.right), ("along", turn @ view.plane.down)):
        x, y, z = (float(part) for part in vector)
        program.setUniformValue(program.uniformLocation(name), x, y, z)


def _label_colours(overlay: LabelOverlay) -> npt.NDArray[np.uint8]:
    size = 256 if overlay.labelmap.array.dtype.itemsize == 1 else 65536
    colours, alpha = label_shades(overlay.labelmap.labels, size, overlay.only, overlay.opacity)
    return np.concatenate([colours, np.round(alpha * (255 / 256))[:, None]], axis=1).astype(np.uint8)


def _rgba(lut: str) -> npt.NDArray[np.uint8]:
    pixels = lut_pixels(lut)
    parts = [pixels >> 16 & 255, pixels >> 8 & 255, pixels & 255, np.full(len(pixels), 255)]
    return np.stack(parts, axis=1).astype(np.uint8)
