"""The words at the corners of a viewport, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from viewr.model.geometry import LETTERS, PLANE_NAMES, Plane
from viewr.model.marker import Point
from viewr.model.volume import Volume
from viewr.render.base import FusedScan, SliceView
from viewr.render.hanging import hanging_turn, projection_letters
from viewr.render.sampling import normal_step
from viewr.render.stack import has_patient_axes
from viewr.render.turn import turn_words
from viewr.widgets.habits import ScreenPixel
from viewr.widgets.slice_view_display import has_true_size, is_pixel_size, voxel_on_screen
from viewr.widgets.slice_view_scene import Scene
from viewr.workspace.frames import FrameAxis, frame_axes

_SLAB_NAMES = {"max": "MIP", "min": "MinIP", "mean": "Mean"}


@dataclass(frozen=True)
class Line:
    """One line of text, of a kind: "plain", "head", "quiet", "warning", "mark", "fused".

    For little room there may be `short`, for less `shortest`.
    """

    text: str
    kind: str = "plain"
    short: str = ""
    shortest: str = ""


def position_text(point_lps: Point) -> str:
    """A patient position in letters: "L 23.1  P 40.2  H 12.0 mm"."""
    parts = (f"{LETTERS[axis][int(value > 0)]} {abs(value):.1f}" for axis, value in enumerate(point_lps))
    return "  ".join(parts) + " mm"


def short_position(point_lps: Point) -> str:
    """A patient position in whole mm: "L 23 P 40 H 12"."""
    return " ".join(f"{LETTERS[axis][int(value > 0)]} {abs(value):.0f}" for axis, value in enumerate(point_lps))


def slice_position(plane: Plane) -> str:
    """Where a slice lies along the patient's axis nearest to its normal: "H 23.5 mm"."""
    axis = int(np.argmax(np.abs(plane.normal)))
    value = float(plane.center @ plane.normal / plane.normal[axis])
    return f"{LETTERS[axis][int(value > 0)]} {abs(value):.1f} mm"


def head_lines(scene: Scene, loaded: tuple[int, int] | None) -> list[Line]:
    """Top left: what is shown."""
    volume = scene.volume
    lines = [Line(scene.look.scan, "head")]
    if volume.name and volume.name != scene.look.scan:
        lines.append(Line(volume.name, "quiet"))
    if scene.by_hand:
        lines.append(Line("aligned by hand", "warning"))
    elif scene.stranger:
        lines.append(Line("not linked: no common frame of reference", "quiet", "not linked"))
    if loaded is not None:
        lines.append(Line(f"loading {loaded[0]}/{loaded[1]}", "warning"))
    if any("compressed with loss" in warning for warning in volume.warnings):
        lines.append(Line("compressed with loss", "warning", "lossy"))
    if volume.warnings:
        count = len(volume.warnings)
        words = f"! {count} {'notes' if count > 1 else 'note'}"
        lines.append(Line(f"{words} on this scan", "warning", words))
    return lines


def scan_notes(volume: Volume) -> list[str]:
    """What the reader should know of a scan, one sentence each: where its millimetres come from, and what is odd."""
    source = volume.spacing_source
    return ([f"Distances: {source}."] if source and source != "none" else []) + list(volume.warnings)


def slice_lines(scene: Scene) -> list[Line]:
    """Top right: which slice."""
    stack = scene.stack
    number = str(scene.index + 1)
    lines = [Line(f"{number}/{stack.count}", "mark" if is_highlighted(scene) else "head", number)]
    if has_patient_axes(scene.volume):
        if not scene.stack.oblique:
            lines.append(Line(slice_position(scene.view.plane)))
        name = plane_name(scene)
        lines.append(Line(name, "quiet", name.replace(", oblique", "")))
    if scene.view.projection != "none" and scene.view.slab_slices > 1:
        thick = normal_step(scene.volume.grid, scene.view.plane) * scene.view.slab_slices
        name, count = _SLAB_NAMES[scene.view.projection], scene.view.slab_slices
        lines.append(Line(f"{name} {count} slices, {thick:.1f} mm", short=f"{name} {thick:.1f} mm"))
    turn = turn_words((scene.look.turned, scene.look.flipped))
    if turn:
        lines.append(Line(turn, "warning"))
    hung = turn_words(hanging_turn(scene.volume))
    if hung:
        lines.append(Line(f"hung: {hung}", "quiet"))
    if not stack.covers(scene.position):
        lines.append(Line("cursor outside this scan", "warning", "cursor outside"))
    return lines


def is_highlighted(scene: Scene) -> bool:
    """Whether the slice is one of those that the template's interval marks."""
    interval = scene.look.highlight_interval
    return interval > 1 and scene.index % interval == 0


def plane_name(scene: Scene) -> str:
    name = PLANE_NAMES[scene.stack.orientation]
    if scene.stack.oblique:
        return f"{name}, oblique {tilt_degrees(scene.view.plane):.0f}°"
    return name if scene.stack.axis is not None else f"{name} (patient)"


def tilt_degrees(plane: Plane) -> float:
    """Angle between a plane and the nearest one along the patient's axes."""
    return float(np.degrees(np.arccos(min(1.0, np.abs(plane.normal).max()))))


def view_lines(scene: Scene, screen: ScreenPixel | None = None) -> list[Line]:
    """Bottom left: the fused scan, window and zoom; `screen` tells true size."""
    return [*(_fused_line(scene, fused) for fused in scene.view.fused), _window_line(scene), _zoom_line(scene, screen)]


def _fused_line(scene: Scene, fused: FusedScan) -> Line:
    name = fused.volume.modality or "above"
    words = f"{name} {fused.opacity:.0%}  W {_number(fused.window.width)}  L {_number(fused.window.level)}"
    unit = f" {fused.volume.unit}" if fused.volume.unit else ""
    frames = {volume.grid.frame_of_reference for volume in (scene.volume, fused.volume)} - {""}
    by_hand = "  by hand" if len(frames) > 1 else ""
    points = "".join(f"  {point + 1}/{axis.count}" for axis, point in _fused_points(fused))
    return Line(words + unit + by_hand + points, "fused", words + by_hand)


def _fused_points(fused: FusedScan) -> list[tuple[FrameAxis, int]]:
    """Which point in time a scan laid over shows."""
    points = (*fused.frame, *(0,) * len(fused.volume.axes))
    return [(axis, points[axis.number]) for axis in frame_axes(fused.volume)]


def _window_line(scene: Scene) -> Line:
    window, look = scene.view.window, scene.look
    unit = f" {scene.volume.unit}" if scene.volume.unit else ""
    marks = ("  inverted" if scene.view.inverted else "") + (f"  gamma {look.gamma:.2f}" if look.gamma != 1 else "")
    words = f"W {_number(window.width)}  L {_number(window.level)}"
    return Line(words + unit + marks, short=words + marks)


def _zoom_line(scene: Scene, screen: ScreenPixel | None) -> Line:
    zoom = voxel_on_screen(scene) / scene.view.mm_per_pixel
    size = "  1:1" if is_pixel_size(scene) else ""
    if screen is not None and has_true_size(scene) and abs(scene.mm_per_pixel / screen.mm - 1) < 1e-6:
        note = scale_note(scene.volume) or ""
        where = f" {note}" if "at detector" in note else ""
        size = f"  true size{where}" + ("" if screen.calibrated else " (not calibrated)")
    return Line(f"Zoom {zoom:.0%}{size}  {scene.view.interpolation}", "quiet", f"Zoom {zoom:.0%}{size}", f"{zoom:.0%}")


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 20 or float(value).is_integer() else f"{value:.3g}"


def value_text(value: np.ndarray | float, unit: str) -> str:
    """A value of the picture with its unit; colours as their parts."""
    if np.ndim(value):
        return "RGB " + " ".join(f"{float(part):.0f}" for part in np.asarray(value))
    number = float(value)
    if np.isnan(number):
        return ""
    words = f"{number:.0f}" if number.is_integer() else f"{number:.4g}"
    return f"{words} {unit}".strip()


def pointer_lines(scene: Scene, renderer_value: str, point: Point | None, fused_value: str = "") -> list[Line]:
    """Bottom right: value and place under the pointer; first that of the scan laid over this one."""
    if point is None:
        return []
    lines = [Line(fused_value, "fused")] if fused_value else []
    lines.append(Line(renderer_value or "outside", "head"))
    if has_patient_axes(scene.volume):
        lines.append(Line(position_text(point), "quiet", short_position(point)))
    else:
        i, j = np.floor(scene.volume.grid.to_ijk(point)[:2] + 0.5).astype(int)
        lines.append(Line(f"column {i}, row {j}", "quiet"))
    return lines


def point_view(scene: Scene, point: Point) -> SliceView:
    """The view's recipe for the one pixel at a point."""
    plane = Plane(np.asarray(point), scene.view.plane.right, scene.view.plane.down)
    return replace(scene.view, plane=plane, size=(1, 1), overlays=(), fused=())


def fused_view(scene: Scene, point: Point) -> SliceView:
    """The recipe for the one pixel of the scan laid over this one at a point."""
    above = scene.view.fused[-1]
    here = point_view(scene, point)
    return replace(here, volume=above.volume, window=above.window, interpolation="linear", projection="none",
                   slab_slices=1, frame=above.frame, fused=())  # fmt: skip


def edge_letters(volume: Volume, plane: Plane) -> tuple[str, str, str, str]:
    """Letters at the left, right, top and bottom edge; none where the image does not say how the patient lay."""
    if has_patient_axes(volume):
        return plane.letters
    i, j = volume.grid.directions.T[:2]
    right, down = ((float(axis @ i), float(axis @ j)) for axis in (plane.right, plane.down))
    left, right_letter, up, low = projection_letters(volume, right, down)
    return left, right_letter, up, low


def scale_note(volume: Volume) -> str | None:
    """What to say beside the scale bar: where lengths come from if not from the image itself, None without any."""
    source = volume.spacing_source
    if not volume.has_scale or not (source or has_patient_axes(volume)):
        return None
    if source.startswith("at the detector"):
        return "estimate" if "divided" in source else "at detector"
    if source.endswith("at the detector"):
        return "at detector?"
    return "calibrated" if "calibrat" in source else "on film" if "film" in source else ""
