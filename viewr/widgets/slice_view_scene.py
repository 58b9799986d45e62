"""What a viewport shows, worked out from the state: a pure function but for what it may use again."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QPointF

from viewr.imaging.window import default_lut
from viewr.model.geometry import Plane
from viewr.model.marker import Point
from viewr.model.state import Change, ViewportKey, ViewportLook
from viewr.model.volume import Volume
from viewr.render.base import SliceView
from viewr.render.hanging import chest_wall_shift, extent_mm, hung_stack, is_hung
from viewr.render.stack import SliceStack, build_reformat, build_stack
from viewr.render.turn import turned_stack
from viewr.widgets.slice_view_layers import Layers
from viewr.widgets.slice_view_window import default_window
from viewr.workspace.document import Document
from viewr.workspace.layouts import shown_keys
from viewr.workspace.localizer import is_aligned_by_hand, is_linked, is_stranger, position_of, volume_of
from viewr.workspace.reformatting import reformat_of

#: Smallest and largest mm of the patient on a logical pixel.
ZOOM_LIMITS = (0.002, 20.0)
#: mm by which the slice of turned axes may miss the localizer.
CUT_TOLERANCE = 1e-3

#: Size of each viewport when its scene was last made, logical pixels.
_sizes: WeakKeyDictionary[Document, dict[ViewportKey, tuple[int, int]]] = WeakKeyDictionary()


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
    by_hand : bool
        It is linked over an alignment that the reader made.
    stranger : bool
        It would be linked, but its scan has another frame of reference.
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
    by_hand: bool = False
    stranger: bool = False

    @property
    def pan_mm(self) -> tuple[float, float]:
        """Shift of the picture's middle from that of the scan, right and down, mm."""
        offset = self.view.plane.center - self.stack.middle.center
        return float(offset @ self.view.plane.right), float(offset @ self.view.plane.down)

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
    layers: Layers = field(init=False)
    _stack: tuple[tuple[object, ...], SliceStack] | None = None
    _plane: tuple[tuple[object, ...], Plane] | None = None

    def __post_init__(self) -> None:
        self.layers = Layers(self.document, self.key[0])

    def make(self, size: tuple[int, int], scale: float, on_screen: bool = True) -> Scene | None:
        """The scene as the document stands; None while there is no volume to show.

        Parameters
        ----------
        on_screen : bool
            The size is that of the viewport; False: only the geometry is asked for.
        """
        if on_screen:
            _sizes.setdefault(self.document, {})[self.key] = size
        look = self.document.state.look.viewports.get(self.key)
        position = position_of(self.document, self.key)
        if look is None or position is None or min(size) < 2:
            return None
        volume = self.document.volumes[(self.key[0], look.scan)]
        stack = self.stack(volume, look, position)
        index = stack.index_of(position)
        zoom = look.mm_per_pixel or self._fitting_zoom(volume, stack, size)
        pan_mm = look.pan_mm
        if is_hung(volume) and look.mm_per_pixel is None and not (look.turned or look.flipped):
            pan_mm = pan_mm[0] + chest_wall_shift(volume, stack.extent[0], zoom * size[0]), pan_mm[1]
        view = SliceView(
            volume=volume,
            plane=self._plane_of(stack, index, pan_mm),
            size=(max(1, round(size[0] * scale)), max(1, round(size[1] * scale))),
            mm_per_pixel=zoom / scale,
            window=look.window or default_window(volume, self.document.arriving.get((self.key[0], look.scan))),
            inverted=look.inverted,
            interpolation=look.interpolation,
            projection=look.projection,
            slab_slices=look.slab_slices if look.projection != "none" else 1,
            overlays=self.layers.overlays(look),
            lut=look.lut or default_lut(volume),
            frame=look.frame,
            gamma=look.gamma,
            fused=self.layers.fused(look, volume),
        )
        asked = (is_linked, is_aligned_by_hand, is_stranger)
        linked, by_hand, stranger = (ask(self.document, self.key) for ask in asked)
        return Scene(look, volume, stack, index, position, linked, view, size, scale, by_hand, stranger)

    def _fitting_zoom(self, volume: Volume, stack: SliceStack, size: tuple[int, int]) -> float:
        """All of the slice; for mammograms one scale at which all of those on the screen fit."""
        if not is_hung(volume):
            return fitting_zoom(stack, size)
        look = self.document.state.look
        beside = {*shown_keys(look, self.key[0]), *look.away} if look.maximised is None else set()
        zooms = [fitting_zoom(stack, size)]
        for key, other in _sizes[self.document].items():
            shown = volume_of(self.document, key) if key[0] == self.key[0] and key in beside else None
            if shown is not None and is_hung(shown):
                width, height = extent_mm(shown)
                zooms.append(max(width / other[0], height / other[1]))
        return max(zooms)

    def stack(self, volume: Volume, look: ViewportLook, position: Point) -> SliceStack:
        axes, turn = reformat_of(self.document, self.key), (look.turned, look.flipped)
        key = (volume, look.orientation, look.anatomical, axes, turn)
        if self._stack is not None and self._stack[0] == key and is_cut_through(self._stack[1], position):
            return self._stack[1]
        if axes is None:
            stack = build_stack(volume, look.orientation, look.anatomical)
        else:
            stack = build_reformat(volume, look.orientation, axes, position, look.anatomical)
        self._stack = key, turned_stack(hung_stack(volume, stack), turn)
        return self._stack[1]

    def _plane_of(self, stack: SliceStack, index: int, pan_mm: tuple[float, float]) -> Plane:
        key = (stack, index, pan_mm)
        if self._plane is None or self._plane[0] != key:
            self._plane = key, stack.plane(index, pan_mm)
        return self._plane[1]


def is_cut_through(stack: SliceStack, position: Point) -> bool:
    """Whether a slice of turned axes goes through a place, or would if there were one so far out."""
    if not stack.oblique:
        return True
    steps = (float(np.asarray(position) @ stack.direction) - stack.depths[0]) / stack.thickness
    return bool(abs(steps - round(steps)) * stack.thickness < CUT_TOLERANCE)


def fitting_zoom(stack: SliceStack, size: tuple[int, int]) -> float:
    """Millimetres per logical pixel at which the whole slice fits."""
    zoom = max(stack.extent[0] / size[0], stack.extent[1] / size[1])
    return min(max(zoom, ZOOM_LIMITS[0]), ZOOM_LIMITS[1])


def differs(key: ViewportKey, before: Scene, after: Scene, change: Change) -> bool:
    """Whether a viewport that shows the same slice has anything else to paint."""
    if before.view != after.view or before.position != after.position or before.look is not after.look:
        return True
    old, new = change.before.look, change.after.look
    if (old.active == key) != (new.active == key) or old.crosshair != new.crosshair:
        return True
    if new.reference_lines != old.reference_lines or (new.reference_lines and new is not old):
        return True
    moved = old.brush_mm != new.brush_mm or old.tool != new.tool or old.group != new.group
    return moved or old.target != new.target or change.before.annotation is not change.after.annotation
