"""A slice as a picture file, without a screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import numpy as np

from viewr.encode.nifti import decode_labelmap
from viewr.imaging.series import load_series
from viewr.imaging.window import default_window
from viewr.model.errors import FormatError, ViewrError
from viewr.model.geometry import FloatArray, Grid, Orientation, Plane, acquisition_plane, anatomical_plane
from viewr.model.labelmap import Label, Labelmap
from viewr.model.volume import Volume, Window
from viewr.render.base import LabelOverlay, SliceView
from viewr.render.cpu import CpuRenderer

#: Axis of LPS along which an orientation pages.
_AXIS: dict[Orientation, int] = {"Sagittal": 0, "Coronal": 1, "Transversal": 2}
_COLOURS = ((255, 60, 60), (60, 200, 80), (80, 140, 255), (255, 200, 40), (220, 80, 220), (60, 210, 220))
#: The longer side of a picture has at least so many pixels.
_LEAST_PIXELS = 512


def parse_window(text: str) -> Window:
    """A window from "400/40" (width/level)."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*/\s*([+-]?\d+(?:\.\d+)?)\s*", text)
    if not match or float(match[1]) <= 0:
        raise ViewrError(f"'{text}' is not a window.", "Write width/level, for example 400/40.")
    return Window(float(match[1]), float(match[2]))


def parse_orientation(text: str) -> Orientation | None:
    """An orientation from its name in any case, or its beginning; None for ""."""
    names = {"axial": "Transversal", "transverse": "Transversal"}
    wanted = names.get(text.lower(), text)
    names_known: tuple[Orientation, ...] = get_args(Orientation)
    for name in names_known:
        if text and name.lower().startswith(wanted.lower()):
            return name
    if text:
        raise ViewrError(f"'{text}' is not an orientation.", f"Choose one of: {', '.join(get_args(Orientation))}.")
    return None


def snapshot(
    path: Path, out: Path, *, orientation: str = "", position_mm: float | None = None, window: str = "",
    overlay: Path | None = None,
) -> None:  # fmt: skip
    """Render one slice of the first volume in a folder or file.

    Parameters
    ----------
    orientation : str
        "" shows the slices as they were acquired.
    position_mm : float, optional
        LPS coordinate along the patient's axis of the orientation; the middle if left out.

    Raises
    ------
    ViewrError
        If there is no image, the position is outside of it, or the picture cannot be written.
    """
    wanted = parse_orientation(orientation)
    shown = parse_window(window) if window else None
    volume = load_series(path)[0]
    plane = _plane(volume, wanted, position_mm)
    labels = (LabelOverlay(_read_overlay(overlay, volume.grid)),) if overlay else ()
    view = _fit(volume, plane, shown or default_window(volume), labels)
    if not CpuRenderer().picture(view).save(str(out)):
        raise ViewrError(f"The picture '{out}' cannot be written.", "Check the folder and the ending (.png).")


def _plane(volume: Volume, wanted: Orientation | None, position_mm: float | None) -> Plane:
    axis = _AXIS[wanted or volume.grid.plane]
    center = volume.grid.to_lps((np.array(volume.grid.shape) - 1) // 2)
    if position_mm is not None:
        low, high = (f(_corners(volume.grid)[:, axis]) for f in (np.min, np.max))
        if not low <= position_mm <= high:
            raise ViewrError(f"The position {position_mm:g} mm is outside of the image.",
                             f"It reaches from {low:.1f} to {high:.1f} mm.")  # fmt: skip
        center[axis] = position_mm
    if wanted:
        return anatomical_plane(wanted, center)
    return acquisition_plane(volume.grid, volume.grid.plane, center)


def _corners(grid: Grid) -> FloatArray:
    """LPS of the outer corners, shape (8, 3)."""
    ends = [(-0.5, size - 0.5) for size in grid.shape]
    return grid.to_lps(np.array(np.meshgrid(*ends)).reshape(3, -1).T)


def _fit(volume: Volume, plane: Plane, window: Window, overlays: tuple[LabelOverlay, ...]) -> SliceView:
    """The recipe whose picture just holds the volume."""
    offsets = _corners(volume.grid) - plane.center
    across, along = offsets @ plane.right, offsets @ plane.down
    middle = plane.center + np.mean([across.min(), across.max()]) * plane.right \
        + np.mean([along.min(), along.max()]) * plane.down  # fmt: skip
    extent = np.array([np.ptp(across), np.ptp(along)])
    mm = min(min(volume.spacing), float(extent.max()) / _LEAST_PIXELS)
    size = np.maximum(1, np.round(extent / mm)).astype(int)
    return SliceView(volume, Plane(middle, plane.right, plane.down), (int(size[0]), int(size[1])), mm, window,
                     interpolation="linear", overlays=overlays)  # fmt: skip


def _read_overlay(path: Path, grid: Grid) -> Labelmap:
    try:
        array = decode_labelmap(path.read_bytes(), grid)
    except OSError as exc:
        raise FormatError(f"The overlay '{path}' cannot be read.", "Check the path.") from exc
    values = [int(value) for value in np.unique(array) if value]
    labels = tuple(Label(value, colour=_COLOURS[n % len(_COLOURS)]) for n, value in enumerate(values))
    return Labelmap(array, grid, labels, editable=False)
