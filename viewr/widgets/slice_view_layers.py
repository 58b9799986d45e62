"""What lies over the slice of a viewport: label maps, as many as are asked for, and a fused scan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import numpy as np

from viewr.model.geometry import Grid
from viewr.model.labelmap import Labelmap
from viewr.model.marker import Point
from viewr.model.state import Change, LabelmapKey, Look, ViewportLook
from viewr.model.volume import Volume
from viewr.render.base import FusedScan, LabelOverlay, SliceView
from viewr.render.cpu import shows_box
from viewr.render.overlays import fusion_problem
from viewr.widgets.slice_view_window import default_window
from viewr.workspace.document import Document, ScanKey
from viewr.workspace.frames import frame_axes
from viewr.workspace.localizer import ZERO, map_belongs, shift_of_scans

_Hidden = tuple[frozenset[int], Labelmap]


@dataclass
class Layers:
    """The layers of one viewport.

    Attributes
    ----------
    versions : dict
        Label map -> how often its voxels changed in the shown slice.
    """

    document: Document
    context: str
    versions: dict[LabelmapKey, int] = field(default_factory=dict)
    _partial: WeakKeyDictionary[Labelmap, _Hidden] = field(default_factory=WeakKeyDictionary)
    _shifted: WeakKeyDictionary[Volume, tuple[Point, Volume]] = field(default_factory=WeakKeyDictionary)

    def names(self, look: ViewportLook) -> list[str]:
        """The annotations that are laid over a viewport, from below; only those that there are, of
        the scan's own space.
        """
        wanted = dict.fromkeys((*look.also, look.annotation))
        volume = self.document.volumes.get((self.context, look.scan))
        maps = {name: self.document.labelmaps.get((self.context, name)) for name in wanted}
        return [name for name, held in maps.items() if held and volume and map_belongs(held.grid, volume)]

    def overlays(self, look: ViewportLook) -> tuple[LabelOverlay, ...]:
        state = self.document.state.look
        if state.overlays_hidden:
            return ()
        return tuple(self._overlay(look, name, state) for name in self.names(look))

    def _overlay(self, look: ViewportLook, name: str, state: Look) -> LabelOverlay:
        key = (self.context, name)
        labelmap = self.document.labelmaps[key]
        only = label_value(labelmap, look.label) if look.label and name == look.annotation else None
        shown = self._without(labelmap, state.hidden_labels.get(key, frozenset()))
        return LabelOverlay(shown, state.overlay_opacity, only, self.versions.get(key, 0), state.overlay_outline)

    def _without(self, labelmap: Labelmap, hidden: frozenset[int]) -> Labelmap:
        """The same voxels with some labels made invisible; the same object as long as nothing changes."""
        if not hidden:
            return labelmap
        held = self._partial.get(labelmap)
        if held is None or held[0] != hidden or held[1].array is not labelmap.array:
            labels = tuple(replace(item, opacity=0.0) if item.value in hidden else item for item in labelmap.labels)
            held = self._partial[labelmap] = hidden, replace(labelmap, labels=labels)
        return held[1]

    def note(self, change: Change, look: ViewportLook, view: SliceView) -> None:
        """Count the label maps whose voxels changed where the viewport shows them."""
        shown = dict(zip(self.names(look), view.overlays, strict=False))
        for name in self.names(look):
            key = (self.context, name)
            box, overlay = change.boxes.get(key), shown.get(name)
            if box is not None and (overlay is None or change.kind == "load" or shows_box(view, overlay, box)):
                self.versions[key] = self.versions.get(key, 0) + 1

    # --- fusion ------------------------------------------------------------------------------------------------

    def fused(self, look: ViewportLook, below: Volume) -> tuple[FusedScan, ...]:
        key = (self.context, look.fused)
        volume = self.document.volumes.get(key) if look.fused else None
        if volume is None or refusal(self.document, (self.context, look.scan), key):
            return ()
        window = look.fused_window or default_window(volume, self.document.arriving.get(key))
        brought = self._brought(volume, shift_of_scans(self.document, (self.context, look.scan), key) or ZERO)
        frame = frame_of(self.document, key, look, below)
        return (FusedScan(brought, window, look.fused_lut, look.fused_opacity, frame),)

    def _brought(self, volume: Volume, shift: Point) -> Volume:
        """The volume where the reader has brought it by hand; the same object as long as nothing changes."""
        if shift == ZERO:
            return volume
        held = self._shifted.get(volume)
        if held is None or held[0] != shift:
            held = self._shifted[volume] = shift, replace(volume, grid=_moved(volume.grid, shift))
        return held[1]


def _moved(grid: Grid, shift: Point) -> Grid:
    """The grid where positions that `shift` is added to find its voxels."""
    affine = grid.affine.copy()
    affine[:3, 3] -= shift
    places = None if grid.slice_positions is None else grid.slice_positions - np.asarray(shift)
    return Grid(grid.shape, affine, places, grid.frame_of_reference)


def refusal(document: Document, below: ScanKey, above: ScanKey) -> str:
    """Why a scan cannot be laid over another, as a sentence for the reader; "" if it can."""
    if above == below:
        return "It is the scan itself."
    under, over = document.volumes[below], document.volumes[above]
    known = shift_of_scans(document, below, above) is not None
    if problem := fusion_problem(under, over, aligned=known):
        return problem
    if not known:
        return "Its place in the patient is not known to be the same; align the scans first (Linking)."
    return "Colour pictures cannot be laid over others." if "channel" in over.axes else ""


def frame_of(document: Document, above: ScanKey, look: ViewportLook, below: Volume) -> tuple[int, ...]:
    """The point in time that a scan laid over shows, on each of its named axes.

    Where both scans have as many points, they go together; else it is the point that a viewport of its own shows,
    and without one the first.
    """
    axes = frame_axes(document.volumes[above])
    if not axes:
        return ()
    if [axis.count for axis in axes] == [axis.count for axis in frame_axes(below)]:
        return look.frame
    own = (each for key, each in document.state.look.viewports.items() if (key[0], each.scan) == above)
    return next((each.frame for each in own), ())


def fusible(document: Document, below: ScanKey) -> list[tuple[str, str]]:
    """The other scans of a context, each with the reason why it cannot be laid over ("" if it can)."""
    keys = [key for key in document.volumes if key[0] == below[0] and key != below]
    return [(key[1], refusal(document, below, key)) for key in keys]


def label_value(labelmap: Labelmap, text: str) -> int | None:
    """The voxel value that a template's `label` means: the value itself, else a name; None if there is none."""
    for label in labelmap.labels:
        if text == str(label.value):
            return label.value
    return next((label.value for label in labelmap.labels if label.name == text), None)
