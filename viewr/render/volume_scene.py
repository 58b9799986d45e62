"""The volume, surfaces, lines and balls as VTK draws them, off screen. Needs VTK: for the process that renders."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import vtkmodules.vtkRenderingOpenGL2
import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401 - the parts that really draw
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import (
    vtkLogger,
    vtkObject,
    vtkOutputWindow,
    vtkStringOutputWindow,
    vtkUnsignedCharArray,
)
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkRenderer,
    vtkRenderWindow,
    vtkVolume,
    vtkVolumeProperty,
)
from vtkmodules.vtkRenderingOpenGL2 import vtkTextureObject
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper, vtkGPUVolumeRayCastMapper

from viewr.model.geometry import FloatArray
from viewr.render.volume_marks import Marks
from viewr.render.volume_messages import Recipe
from viewr.render.volume_presets import Transfer
from viewr.render.volume_reduce import ReducedVolume, draft_of
from viewr.render.volume_room import Rays, Room, free_memory, gpu_memory
from viewr.render.volume_surfaces import Surfaces

#: Names of renderers that are no GPU.
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software", "gdi generic", "swiftshader", "basic render")

vtkObject.GlobalWarningDisplayOff()


class GpuFailed(Exception):
    """The GPU could not draw what it was given; a picture of it would be black."""


class VolumeScene:
    """Draws recipes of one volume.

    Attributes
    ----------
    renderer_name : str
        What draws, in OpenGL's words.
    has_gpu : bool
        Whether that is a GPU that can cast rays; else the CPU casts them.

    Parameters
    ----------
    own_window : bool
        Let VTK choose what it draws on; else what needs no screen.
    rays : {"auto", "cpu", "gl"}
        Who casts the rays: a GPU where there is one; the CPU whatever there is; OpenGL whatever draws it.
    """

    def __init__(self, own_window: bool = False, rays: Rays = "auto") -> None:
        self.window = _make_window(own_window)
        self.renderer = vtkRenderer()
        self.window.AddRenderer(self.renderer)
        self._front = self._add_front()
        self.window.SetSize(64, 64)
        self.window.Render()
        capabilities = self.window.ReportCapabilities()
        self.renderer_name = _renderer_name(capabilities)
        self.has_gpu = may_cast(self.renderer_name, rays) and self._gpu_answers()
        texture_side = vtkTextureObject.GetMaximumTextureSize3D(self.window)
        self.room = Room(self.has_gpu, texture_side, gpu_memory(capabilities), free_memory())
        self._errors = _collect_errors() if self.has_gpu else None
        self._bodies: dict[bool, _Body] = {}
        self.surfaces = Surfaces(self.renderer, self._front)
        self._marks = Marks(self.renderer)
        self._recipe: Recipe | None = None
        self._volume: ReducedVolume | None = None

    def _add_front(self) -> vtkRenderer:
        """A layer before everything, for what shimmers through it."""
        front = vtkRenderer()
        self.window.SetNumberOfLayers(2)
        front.SetLayer(1)
        front.SetActiveCamera(self.renderer.GetActiveCamera())
        self.window.AddRenderer(front)
        return front

    def _gpu_answers(self) -> bool:
        mapper = vtkGPUVolumeRayCastMapper()
        return bool(mapper.IsRenderSupported(self.window, vtkVolumeProperty()))

    def on_abort_check(self, wanted: Callable[[], bool]) -> None:
        """Ask, while a picture is drawn, whether it should be given up."""
        window = self.window

        def check(_caller: object, _event: str) -> None:
            if wanted():
                window.SetAbortRender(1)

        window.AddObserver("AbortCheckEvent", check)

    def set_volume(self, volume: ReducedVolume) -> None:
        """Draw this volume from now on."""
        for body in self._bodies.values():
            self.renderer.RemoveVolume(body.prop)
        self._bodies, self._volume = {}, volume

    def _body(self, draft: bool) -> _Body | None:
        """The volume at one coarseness; made when it is first drawn, so that the first picture comes early."""
        if draft not in self._bodies and self._volume is not None:
            small, factors = draft_of(self._volume.array) if draft else (self._volume.array, (1, 1, 1))
            body = self._bodies[draft] = _Body(small, self._volume, factors, self.has_gpu)
            self.renderer.AddVolume(body.prop)
        return self._bodies.get(draft)

    def picture(self, recipe: Recipe) -> np.ndarray | None:
        """The picture, shape (height, width, 3), uint8; None if it was given up."""
        self._prepare(recipe)
        self.window.SetAbortRender(0)
        self.window.Render()
        if self._errors is not None and (said := self._errors.GetOutput()):
            self._errors = _collect_errors()
            _raise_if_failed(said)
        if self.window.GetAbortRender():
            return None
        pixels = vtkUnsignedCharArray()
        width, height = recipe.size
        self.window.GetPixelData(0, 0, width - 1, height - 1, 0, pixels, 0)
        return np.ascontiguousarray(vtk_to_numpy(pixels).reshape(height, width, 3)[::-1])

    def _prepare(self, recipe: Recipe) -> None:
        before, self._recipe = self._recipe, recipe
        if before is None or before.size != recipe.size:
            self.window.SetSize(*recipe.size)
        self.renderer.SetBackground(*recipe.background)
        wanted = self._body(recipe.draft) if recipe.scan_shown else None
        for body in self._bodies.values():
            body.prop.SetVisibility(body is wanted)
        if wanted is not None:
            wanted.adjust(recipe)
        self.surfaces.show(recipe.surfaces_shown)
        if before is None or (before.lines, before.balls) != (recipe.lines, recipe.balls):
            self._marks.show(recipe.lines, recipe.balls)
        self._aim(recipe)

    def _aim(self, recipe: Recipe) -> None:
        camera = self.renderer.GetActiveCamera()
        center, forward = np.array(recipe.center), np.cross(recipe.right, recipe.down)
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*center)
        camera.SetPosition(*(center - 1000.0 * forward))
        camera.SetViewUp(*(-np.array(recipe.down)))
        camera.SetParallelScale(recipe.size[1] * recipe.mm_per_pixel / 2)
        self.renderer.ResetCameraClippingRange()


class _Body:
    """The volume at one coarseness."""

    def __init__(self, array: np.ndarray, volume: ReducedVolume, factors: tuple[int, int, int], on_gpu: bool) -> None:
        self._volume = volume
        self._factors = np.array(factors)
        affine = _coarser(volume.affine, self._factors)
        self._spacing = np.linalg.norm(affine[:3, :3], axis=0)
        self._transfer: Transfer | None = None
        self._on_gpu = on_gpu
        self.mapper = vtkGPUVolumeRayCastMapper() if on_gpu else vtkFixedPointVolumeRayCastMapper()
        self._array = array  # the image only looks at it
        self.mapper.SetInputData(_image(array, self._spacing))
        self.mapper.SetAutoAdjustSampleDistances(False)
        coarse = max(factors) > 1
        self.mapper.SetSampleDistance(float(self._spacing.min()) * (0.5 if on_gpu else 1.2 if coarse else 0.9))
        self.property = vtkVolumeProperty()
        self.property.SetInterpolationTypeToLinear()
        self.property.SetScalarOpacityUnitDistance(unit_mm(volume))
        self.property.SetAmbient(0.25)
        self.property.SetDiffuse(0.8)
        self.property.SetSpecular(0.15)
        self.property.SetSpecularPower(20)
        self.prop = vtkVolume()
        self.prop.SetMapper(self.mapper)
        self.prop.SetProperty(self.property)
        self.prop.SetUserMatrix(_matrix(affine, self._spacing))

    def adjust(self, recipe: Recipe) -> None:
        if self._transfer != recipe.transfer:
            self._transfer = recipe.transfer
            self._light(recipe.transfer)
        self._crop(recipe.crop)

    def _light(self, transfer: Transfer) -> None:
        low, step = self._volume.low, self._volume.step
        opacity, colour = vtkPiecewiseFunction(), vtkColorTransferFunction()
        for value, amount in transfer.opacities:
            opacity.AddPoint((value - low) / step, amount)
        for value, red, green, blue in transfer.colours:
            colour.AddRGBPoint((value - low) / step, red, green, blue)
        self.property.SetScalarOpacity(opacity)
        self.property.SetColor(colour)
        self.property.SetShade(transfer.shaded)
        if transfer.blend == "maximum":
            self.mapper.SetBlendModeToMaximumIntensity()
        else:
            self.mapper.SetBlendModeToComposite()

    def _crop(self, crop: tuple[float, ...] | None) -> None:
        self.mapper.SetCropping(crop is not None)
        if crop is None:
            return
        # shares of the copy to its voxels, and those to the coarser one's, whose first is the middle of several
        planes = np.array(crop).reshape(3, 2) * np.array(self._volume.array.shape[::-1])[:, None] - 0.5
        own = (planes - (self._factors[:, None] - 1) / 2) / self._factors[:, None]
        self.mapper.SetCroppingRegionFlagsToSubVolume()
        self.mapper.SetCroppingRegionPlanes(*(own * self._spacing[:, None]).ravel())


def unit_mm(volume: ReducedVolume) -> float:
    """Millimetres over which a preset's opacities hold: 1/256 of the longest side."""
    sides = np.linalg.norm(volume.affine[:3, :3], axis=0) * np.array(volume.array.shape[::-1])
    return float(sides.max()) / 256


def _collect_errors() -> vtkStringOutputWindow:
    """Where VTK's complaints go from now on: of a volume too large for a GPU it says only there that it failed."""
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_ERROR)  # warnings would fill the disk, picture by picture
    vtkObject.GlobalWarningDisplayOn()
    errors = vtkStringOutputWindow()
    vtkOutputWindow.SetInstance(errors)
    return errors


def _raise_if_failed(said: str) -> None:
    if any(line.startswith("ERROR") for line in said.splitlines()):
        raise GpuFailed(said[:800])


def _make_window(own: bool) -> vtkRenderWindow:
    """A window that is never on a screen; without X where possible: it may be a remote one."""
    if sys.platform.startswith("linux") and not own:
        from vtkmodules.vtkRenderingOpenGL2 import vtkEGLRenderWindow

        window = vtkEGLRenderWindow()
    else:
        window = vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(0)
    return window


def may_cast(renderer_name: str, rays: Rays) -> bool:
    """Whether what draws may cast the rays: OpenGL in software is slower at it than the CPU alone."""
    software = any(name in renderer_name.lower() for name in SOFTWARE)
    return rays == "gl" or (rays == "auto" and not software)


def _renderer_name(capabilities: str) -> str:
    lines = capabilities.splitlines()
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("OpenGL renderer string")]
    return found[0] if found else ""


def _coarser(affine: FloatArray, factors: np.ndarray) -> FloatArray:
    result = affine.copy()
    result[:3, :3] = affine[:3, :3] * factors
    result[:3, 3] = affine[:3, 3] + affine[:3, :3] @ ((factors - 1) / 2)
    return result


def _matrix(affine: FloatArray, spacing: np.ndarray) -> vtkMatrix4x4:
    """From mm along the copy's axes to the patient: turned, mirrored and sheared as the scan is."""
    values = affine.copy()
    values[:3, :3] = affine[:3, :3] / spacing
    matrix = vtkMatrix4x4()
    matrix.DeepCopy(values.ravel().tolist())
    return matrix


def _image(array: np.ndarray, spacing: np.ndarray) -> vtkImageData:
    image = vtkImageData()
    image.SetDimensions(*array.shape[::-1])
    image.SetSpacing(*spacing)
    image.GetPointData().SetScalars(numpy_to_vtk(array.reshape(-1), deep=False))
    return image


def describe(scene: VolumeScene) -> dict[str, Any]:
    """What the process says of itself."""
    room = {name: value for name, value in asdict(scene.room).items() if name != "gpu"}
    return {"ready": scene.renderer_name, "gpu": scene.has_gpu, "room": room}
