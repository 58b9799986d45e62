"""How the volume view shows its scan.

Not a part of `model.state.Look`: it changes sixty times a second while the reader turns the patient, nothing of it
belongs to the task, and it goes with the view.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from viewr.model.geometry import FloatArray, Grid
from viewr.model.volume import Volume, Window
from viewr.render.volume_camera import VolumeCamera, corners_of, whole_view
from viewr.render.volume_clip import THINNEST
from viewr.render.volume_pick import ClipBox, whole_box
from viewr.render.volume_presets import PRESETS, Transfer, VolumePreset, first_preset, transfer_of, window_for

#: How dense a scan is at first if labels lie in it, which would be hidden behind skin and bone.
SEE_THROUGH = 0.3


@dataclass(frozen=True)
class VolumeLook:
    """What the reader chose.

    Attributes
    ----------
    preset : str
        Name in `PRESETS`.
    chosen : float or None
        Factor on the opacity of the scan, 0 (hidden) to 1, as the reader set it; None: what suits the preset.
    labelled : bool
        Labels lie in the scan.
    clip : ClipBox
        Voxels of the scan that are shown.
    degrees_per_second : float
        Of the rotating view.
    """

    preset: str
    window: Window
    camera: VolumeCamera
    clip: ClipBox
    chosen: float | None = None
    labelled: bool = False
    surfaces_shown: bool = True
    localizer_shown: bool = True
    playing: bool = False
    degrees_per_second: float = 40.0

    @property
    def values(self) -> VolumePreset:
        return PRESETS[self.preset]

    @property
    def strength(self) -> float:
        """Factor on the opacity of the scan."""
        if self.chosen is not None:
            return self.chosen
        # a maximum hides no surface: they shimmer through it
        return SEE_THROUGH if self.labelled and self.values.blend == "composite" else 1.0

    @property
    def transfer(self) -> Transfer:
        # squared: the eye sees little of the upper half of a slider otherwise
        return transfer_of(self.values, self.window, self.strength**2)


def first_look(volume: Volume, own: Window, size: tuple[float, float], labelled: bool = False) -> VolumeLook:
    """What a scan is shown with when the view opens, its slices being shown with the window `own`."""
    name = first_preset(volume)
    camera = whole_view(volume.grid.to_lps(corners_of(volume.grid.shape)), size)
    return VolumeLook(name, window_for(PRESETS[name], own), camera, whole_box(volume.grid), labelled=labelled)


def dragged_window(window: Window, dx: float, dy: float) -> Window:
    """The window after a drag in shares of the view: wider to the right, lower towards the top."""
    width = max(window.width * float(np.exp(2.0 * dx)), 1e-3)
    return Window(width, window.level + dy * max(window.width, 1e-3))


def clip_around(grid: Grid, rectangles: list[FloatArray]) -> ClipBox:
    """The part of a scan that slices show.

    Parameters
    ----------
    rectangles : list of ndarray, shape (4, 3)
        Corners of the shown part of each slice, LPS; each bounds the axes that it runs along.
    """
    low, high = (np.array(side) for side in whole_box(grid))
    for corners in rectangles:
        reach = grid.to_ijk(corners)
        first, last = reach.min(axis=0), reach.max(axis=0)
        across = int(np.argmin((last - first) / np.array(grid.shape)))
        for axis in {0, 1, 2} - {across}:
            if min(high[axis], last[axis]) - max(low[axis], first[axis]) >= THINNEST:
                low[axis], high[axis] = max(low[axis], first[axis]), min(high[axis], last[axis])
    a, b = low.tolist(), high.tolist()
    return (a[0], a[1], a[2]), (b[0], b[1], b[2])


def spun(look: VolumeLook, seconds: float) -> VolumeLook:
    """The view some time later, while it rotates."""
    return replace(look, camera=look.camera.spun(np.deg2rad(look.degrees_per_second * seconds)))
