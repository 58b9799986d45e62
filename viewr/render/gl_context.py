"""The one OpenGL context of the program, off the screen: its shaders, and the voxels that are on the graphics card."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat
from PySide6.QtOpenGL import (
    QOpenGLFramebufferObject,
    QOpenGLPixelTransferOptions,
    QOpenGLShader,
    QOpenGLShaderProgram,
    QOpenGLTexture,
    QOpenGLVertexArrayObject,
)
from shiboken6 import VoidPtr

from viewr.model.errors import ViewrError
from viewr.model.volume import Volume
from viewr.render import gl_shader
from viewr.render.sampling import voxels_3d

GL_RENDERER, GL_MAX_3D_TEXTURE_SIZE = 0x1F01, 0x8073
#: What drivers call themselves that draw with the processor.
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader", "gdi generic", "microsoft basic render")
#: Bytes of voxels on the card; the longest unused go first.
MOST_BYTES = 3 << 30
#: Milliseconds after which voxels whose task is closed leave the card at the latest.
SWEEP_EVERY = 2000

_FORMATS: dict[str, tuple[QOpenGLTexture.TextureFormat, QOpenGLTexture.PixelFormat, QOpenGLTexture.PixelType, str]] = {
    kind: (texture, pixel, number, sampler)
    for kind, texture, pixel, number, sampler in (
        ("u1", QOpenGLTexture.TextureFormat.R8U, QOpenGLTexture.PixelFormat.Red_Integer,
         QOpenGLTexture.PixelType.UInt8, "usampler3D"),
        ("i1", QOpenGLTexture.TextureFormat.R8I, QOpenGLTexture.PixelFormat.Red_Integer,
         QOpenGLTexture.PixelType.Int8, "isampler3D"),
        ("u2", QOpenGLTexture.TextureFormat.R16U, QOpenGLTexture.PixelFormat.Red_Integer,
         QOpenGLTexture.PixelType.UInt16, "usampler3D"),
        ("i2", QOpenGLTexture.TextureFormat.R16I, QOpenGLTexture.PixelFormat.Red_Integer,
         QOpenGLTexture.PixelType.Int16, "isampler3D"),
        ("f4", QOpenGLTexture.TextureFormat.R32F, QOpenGLTexture.PixelFormat.Red,
         QOpenGLTexture.PixelType.Float32, "sampler3D"),
    )
}  # fmt: skip

Array = npt.NDArray[Any]


class GlLostError(ViewrError):
    """OpenGL does not answer any more."""


def _gone() -> GlLostError:
    return GlLostError("The graphics card does not answer any more.", "Pictures are made by the processor now.")


def sampler_of(array: Array) -> str | None:
    """Kind of texture for voxels; None for those that no texture holds exactly."""
    found = _FORMATS.get(f"{array.dtype.kind}{array.dtype.itemsize}")
    return found[3] if found and array.dtype.isnative else None


class GlContext(QObject):
    """Made in the thread of the GUI; raises `GlLostError` where there is no OpenGL 3.3.

    Attributes
    ----------
    card : str
        What the driver calls itself.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        wanted = QSurfaceFormat()
        wanted.setVersion(3, 3)
        wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        # Without it a context that a driver has reset goes on without an error, and with black pictures.
        wanted.setOption(QSurfaceFormat.FormatOption.ResetNotification)
        self._surface = QOffscreenSurface()
        self._surface.setFormat(wanted)
        self._surface.create()
        self._context = QOpenGLContext()
        self._context.setFormat(wanted)
        if not self._context.create() or self._context.format().version() < (3, 3):
            raise GlLostError("OpenGL 3.3 is not to be had here.", "Pictures are made by the processor.")
        self._programs: dict[str, QOpenGLShaderProgram] = {}
        self._kept: OrderedDict[tuple[int, tuple[int, ...]], _Kept] = OrderedDict()
        self._small: OrderedDict[tuple[Any, ...], QOpenGLTexture] = OrderedDict()
        self._target: QOpenGLFramebufferObject | None = None
        self.make_current()
        self.functions = self._context.extraFunctions()
        self.card = str(self.functions.glGetString(GL_RENDERER))
        self.most = int(str(self.functions.glGetIntegerv(GL_MAX_3D_TEXTURE_SIZE)))
        self._triangle = QOpenGLVertexArrayObject()
        self._triangle.create()
        self._sweeper = QTimer(self, interval=SWEEP_EVERY)
        self._sweeper.timeout.connect(self.sweep)
        self._sweeper.start()

    @property
    def is_software(self) -> bool:
        """Whether the processor draws; then the CPU renderer is faster."""
        return any(name in self.card.lower() for name in SOFTWARE)

    def make_current(self) -> None:
        if not self._context.isValid() or not self._context.makeCurrent(self._surface):
            raise _gone()

    def target(self, size: tuple[int, int]) -> QOpenGLFramebufferObject:
        """A picture to draw into, of at least this size, bound."""
        held = self._target
        if held is None or held.width() < size[0] or held.height() < size[1]:
            wide = max(size[0], held.width() if held else 0)
            tall = max(size[1], held.height() if held else 0)
            self._target = held = QOpenGLFramebufferObject(wide, tall)
        held.bind()
        self.functions.glViewport(0, 0, size[0], size[1])
        return held

    def check(self) -> None:
        """Raise `GlLostError` if anything went wrong since the last time, or the context is gone."""
        if not self._context.isValid():
            raise _gone()
        code = self.functions.glGetError()
        if code:
            raise GlLostError(f"OpenGL reports error {code:#x}.", "Pictures are made by the processor now.")

    def draw(self) -> None:
        """Run the bound program for every pixel of the picture."""
        self._triangle.bind()
        self.functions.glDrawArrays(0x0004, 0, 3)  # GL_TRIANGLES
        self._triangle.release()

    def program(self, kind: str) -> QOpenGLShaderProgram:
        """The program for voxels in textures of a kind, or for "labels"."""
        if kind not in self._programs:
            source = gl_shader.LABELS if kind == "labels" else gl_shader.GREY.replace("SAMPLER", kind)
            program = QOpenGLShaderProgram()
            built = program.addShaderFromSourceCode(QOpenGLShader.ShaderTypeBit.Vertex, gl_shader.VERTEX)
            built = built and program.addShaderFromSourceCode(QOpenGLShader.ShaderTypeBit.Fragment, source)
            if not built or not program.link():
                raise GlLostError(f"The graphics card refuses the program: {program.log()[:200]}", "Update its driver.")
            self._programs[kind] = program
        return self._programs[kind]

    # --- voxels ------------------------------------------------------------------------------------------------

    def fits(self, array: Array) -> bool:
        """Whether voxels of this shape and type fit into a texture."""
        return sampler_of(array) is not None and max(array.shape) <= self.most and array.nbytes <= MOST_BYTES

    def voxels(self, volume: Volume, frame: tuple[int, ...]) -> QOpenGLTexture:
        """The texture of a volume at a point of its named axes; brought to the card when first asked for."""
        key = (id(volume), frame)
        held = self._kept.get(key)
        if held is None or held.volume() is not volume:
            self._forget_namesakes(volume)
            held = self._kept[key] = _Kept(weakref.ref(volume), *_upload(voxels_3d(volume.array, volume.axes, frame)))
            self._make_room()
        self._kept.move_to_end(key)
        return held.texture

    def _forget_namesakes(self, volume: Volume) -> None:
        """What is left of a volume that is gone, whose place in memory this one has got."""
        for key in [key for key, held in self._kept.items() if key[0] == id(volume) and held.volume() is not volume]:
            self._drop(key)

    def forget(self, volume: Volume) -> None:
        """The volume's voxels changed in place, or are not needed any more."""
        for key in [key for key in self._kept if key[0] == id(volume)]:
            self._drop(key)

    def sweep(self) -> None:
        """Give back the textures of volumes that are gone."""
        gone = [key for key, held in self._kept.items() if held.volume() is None]
        if not gone:
            return
        try:
            self.make_current()
        except GlLostError:
            self._sweeper.stop()
            return
        for key in gone:
            self._drop(key)

    @property
    def bytes_held(self) -> int:
        return sum(held.size for held in self._kept.values())

    def _make_room(self) -> None:
        while self.bytes_held > MOST_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[int, tuple[int, ...]]) -> None:
        self._kept.pop(key).texture.destroy()

    # --- tables ------------------------------------------------------------------------------------------------

    def table(self, key: tuple[Any, ...], pixels: Array) -> QOpenGLTexture:
        """A small table as a texture of 256 columns, kept under a key.

        Parameters
        ----------
        pixels : ndarray, shape (n,), float32; or (n, 4), uint8
        """
        if key not in self._small:
            self._small[key] = _plain_table(pixels)
            while len(self._small) > 64:
                self._small.popitem(last=False)[1].destroy()
        self._small.move_to_end(key)
        return self._small[key]

    def close(self) -> None:
        """Give everything back."""
        self._sweeper.stop()
        self.make_current()
        for key in list(self._kept):
            self._drop(key)
        for texture in self._small.values():
            texture.destroy()
        self._small.clear()
        self._programs.clear()
        self._target = None
        self._triangle.destroy()
        self._context.doneCurrent()


class _Kept:
    def __init__(self, volume: weakref.ref[Volume], texture: QOpenGLTexture, size: int) -> None:
        self.volume, self.texture, self.size = volume, texture, size


def _upload(array: Array) -> tuple[QOpenGLTexture, int]:
    layout = _FORMATS[f"{array.dtype.kind}{array.dtype.itemsize}"]
    ordered = np.asfortranarray(array)
    texture = QOpenGLTexture(QOpenGLTexture.Target.Target3D)
    texture.setFormat(layout[0])
    texture.setSize(*array.shape)
    _prepare(texture, layout[1], layout[2])
    texture.setData(layout[1], layout[2], pointer_to(ordered), _options())
    return texture, ordered.nbytes


def pointer_to(array: Array) -> Any:
    """The memory of an array, as the functions of OpenGL take it (their types, as declared, are wrong)."""
    return cast(Any, VoidPtr)(array.ctypes.data, array.nbytes, array.flags.writeable)


def flat_texture(array: Array) -> QOpenGLTexture:
    """Integers [row, column] of 8 or 16 bits as a texture of their own."""
    layout = _FORMATS[f"{array.dtype.kind}{array.dtype.itemsize}"]
    ordered = np.ascontiguousarray(array)
    texture = QOpenGLTexture(QOpenGLTexture.Target.Target2D)
    texture.setFormat(layout[0])
    texture.setSize(array.shape[1], array.shape[0])
    _prepare(texture, layout[1], layout[2])
    texture.setData(layout[1], layout[2], pointer_to(ordered), _options())
    return texture


def row_texture(values: Array) -> QOpenGLTexture:
    """Numbers as a texture of one row."""
    return flat_texture(np.ascontiguousarray(values, np.float32)[None, :])


def _plain_table(pixels: Array) -> QOpenGLTexture:
    if pixels.ndim == 1:
        return row_texture(pixels)
    rows = -(-len(pixels) // 256)
    padded = np.zeros((rows, 256, 4), np.uint8)
    padded.reshape(-1, 4)[: len(pixels)] = pixels
    texture = QOpenGLTexture(QOpenGLTexture.Target.Target2D)
    texture.setFormat(QOpenGLTexture.TextureFormat.RGBA8_UNorm)
    texture.setSize(256, rows)
    kind = QOpenGLTexture.PixelFormat.RGBA, QOpenGLTexture.PixelType.UInt8
    _prepare(texture, *kind)
    texture.setData(*kind, pointer_to(padded), _options())
    return texture


def _prepare(texture: QOpenGLTexture, pixel: QOpenGLTexture.PixelFormat, number: QOpenGLTexture.PixelType) -> None:
    texture.setMipLevels(1)
    texture.setAutoMipMapGenerationEnabled(False)
    texture.setMinMagFilters(QOpenGLTexture.Filter.Nearest, QOpenGLTexture.Filter.Nearest)
    texture.allocateStorage(pixel, number)
    if not texture.isStorageAllocated():
        raise GlLostError("The graphics card has no room for this scan.", "Pictures are made by the processor.")


def _options() -> QOpenGLPixelTransferOptions:
    options = QOpenGLPixelTransferOptions()
    options.setAlignment(1)
    return options
