"""What a viewport shows, worked out from the state: a pure function but for what it may use again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF

from viewr.model.geometry import Plane
from viewr.model.labelmap import Labelmap
from viewr.model.marker import Point
from viewr.model.state import LabelmapKey, ViewportKey, ViewportLook
from viewr.model.volume import Volume, Window
from viewr.render.base import LabelOverlay, SliceView
from viewr.render.stack import SliceStack, build_reformat, build_stack
from viewr.workspace.document import Document
from viewr.workspace.localizer import is_linked, position_of
from viewr.workspace.reformatting import reformat_of

#: Smallest and largest mm of the patient on a logical pixel.
ZOOM_LIMITS = (0.002, 20.0)
#: mm by which the slice of turned axes may miss the localizer.
CUT_TOLERANCE = 1e-3
#: Slices that a default window is worked out from while others are still to come.
SEEN = 8

_windows: WeakKeyDictionary[Volume, tuple[int, Window]] = WeakKeyDictionary()


def default_window(volume: Volume, loaded: npt.NDArray[np.bool_] | None = None) -> Window:
    """The window of a volume that nobody has chosen one for; worked out anew with 1, 2, 4, 8 ... and all slices.

    Parameters
    ----------
    loaded : ndarray of bool, shape (k,), optional
        Slices that are there; the others hold zeros, which do not count.
    """
    from viewr.imaging import window

    count = -1 if loaded is None or loaded.all() else int(np.count_nonzero(loaded)).bit_length()
    held = _windows.get(volume)
    if held is None or held[0] != count:
        held = _windows[volume] = count, window.default_window(_seen(volume, loaded))
    return held[1]


def _seen(volume: Volume, loaded: npt.NDArray[np.bool_] | None) -> Volume:
    """The volume, or some of its slices, in whatever order, while it is arriving."""
    if loaded is None or loaded.all() or not loaded.any() or len(loaded) != volume.array.shape[2]:
        return volume
    there = np.flatnonzero(loaded)
    some = there[:: -(-len(there) // SEEN)]
    return replace(volume, array=np.stack([volume.array[:, :, k] for k in some]))


@dataclass(frozen=True, eq=False)
class Scene:
    """One viewport at one moment.

    Attributes
    ----------
    size : tuple of float
        Logical pixels.
    scale : float
        Device pixels per logical pixel.
    position : Point
        Where the viewport stands; its slice goes through or nearest to it.
    """

    look: ViewportLook
    volume: Volume
    stack: SliceStack
    index: int
    position: Point
    linked: bool
    view: SliceView
    size: tuple[int, int]
    scale: float

    @property
    def mm_per_pixel(self) -> float:
        """Millimetres of the patient per logical pixel."""
        return self.view.mm_per_pixel * self.scale

    def to_lps(self, x: float, y: float) -> Point:
        """Patient position of a position in the widget (logical pixels)."""
        a, b, c = self.view.to_lps((x * self.scale, y * self.scale))
        return float(a), float(b), float(c)

    def under(self, pointer: QPointF) -> Point:
        """Patient position under the mouse: the middle of the device pixel that its tip is on."""
        half = 0.5 / self.scale
        return self.to_lps(pointer.x() + half, pointer.y() + half)

    def to_xy(self, point_lps: Point) -> tuple[float, float]:
        """Position in the widget (logical pixels) of a patient position, projected onto the plane."""
        u, v = self.view.to_uv(point_lps)
        return float(u) / self.scale, float(v) / self.scale

    def distance(self, point_lps: Point) -> float:
        """Signed distance of a point from the shown slice, mm; positive towards the next one."""
        return float((np.asarray(point_lps) - self.view.plane.center) @ self.stack.direction)


@dataclass
class SceneMaker:
    """Makes scenes of one viewport, and keeps the parts that did not change, so that pictures can be told equal."""

    document: Document
    key: ViewportKey
    versions: dict[LabelmapKey, int] = field(default_factory=dict)
    _stack: tuple[tuple[object, ...], SliceStack] | None = None
    _plane: tuple[tuple[object, ...], Plane] | None = None

    def make(self, size: tuple[int, int], scale: float) -> Scene | None:
        """The scene as the document stands; None while there is no volume to show."""
        look = self.document.state.look.viewports.get(self.key)
        position = position_of(self.document, self.key)
        if look is None or position is None or min(size) < 2:
            return None
        volume = self.document.volumes[(self.key[0], look.scan)]
        stack = self.stack(volume, look, position)
        index = stack.index_of(position)
        view = SliceView(
            volume=volume,
            plane=self._plane_of(stack, index, look.pan_mm),
            size=(max(1, round(size[0] * scale)), max(1, round(size[1] * scale))),
            mm_per_pixel=(look.mm_per_pixel or fitting_zoom(stack, size)) / scale,
            window=look.window or default_window(volume, self.document.arriving.get((self.key[0], look.scan))),
            inverted=look.inverted,
            interpolation=look.interpolation,
            projection=look.projection,
            slab_slices=look.slab_slices if look.projection != "none" else 1,
            overlays=self._overlays(look),
        )
        return Scene(look, volume, stack, index, position, is_linked(self.document, self.key), view, size, scale)

    def stack(self, volume: Volume, look: ViewportLook, position: Point) -> SliceStack:
        axes = reformat_of(self.document, self.key)
        key = (volume, look.orientation, look.anatomical, axes)
        if self._stack is not None and self._stack[0] == key and is_cut_through(self._stack[1], position):
            return self._stack[1]
        if axes is None:
            stack = build_stack(volume, look.orientation, look.anatomical)
        else:
            stack = build_reformat(volume, look.orientation, axes, position, look.anatomical)
        self._stack = key, stack
        return stack

    def _plane_of(self, stack: SliceStack, index: int, pan_mm: tuple[float, float]) -> Plane:
        key = (stack, index, pan_mm)
        if self._plane is None or self._plane[0] != key:
            self._plane = key, stack.plane(index, pan_mm)
        return self._plane[1]

    def _overlays(self, look: ViewportLook) -> tuple[LabelOverlay, ...]:
        name = (self.key[0], look.annotation)
        labelmap = self.document.labelmaps.get(name)
        state = self.document.state.look
        if labelmap is None or state.overlays_hidden:
            return ()
        only = label_value(labelmap, look.label) if look.label else None
        return (LabelOverlay(labelmap, state.overlay_opacity, only, self.versions.get(name, 0)),)


def is_cut_through(stack: SliceStack, position: Point) -> bool:
    """Whether a slice of turned axes goes through a place, or would if there were one so far out."""
    if not stack.oblique:
        return True
    steps = (float(np.asarray(position) @ stack.direction) - stack.depths[0]) / stack.thickness
    return bool(abs(steps - round(steps)) * stack.thickness < CUT_TOLERANCE)


def label_value(labelmap: Labelmap, text: str) -> int | None:
    """The voxel value that a template's `label` means: the value itself, else a name; None if there is none."""
    for label in labelmap.labels:
        if text == str(label.value):
            return label.value
    return next((label.value for label in labelmap.labels if label.name == text), None)


def fitting_zoom(stack: SliceStack, size: tuple[int, int]) -> float:
    """Millimetres per logical pixel at which the whole slice fits."""
    zoom = max(stack.extent[0] / size[0], stack.extent[1] / size[1])
    return min(max(zoom, ZOOM_LIMITS[0]), ZOOM_LIMITS[1])
