"""How a viewport shows its slice: turns, zoom, colours, slab, layers; asked for by keys, menu and wheel alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from PySide6.QtCore import QPointF

from viewr.model.state import Projection, ViewportLook
from viewr.render import turn as turns
from viewr.render.base import Interpolation
from viewr.widgets.habits import screen_pixel
from viewr.widgets.luts import ramp_names
from viewr.widgets.slice_view_layers import fusible
from viewr.widgets.slice_view_scene import ZOOM_LIMITS, Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

GAMMA_LIMITS = (0.2, 5.0)
GAMMA_STEP = 1.1
OPACITY_STEP = 0.1
SLAB_LIMIT = 400
PROJECTIONS: tuple[Projection, ...] = ("none", "max", "min", "mean")
#: Overlay opacities, as a factor on those of the template.
OVERLAY_LIMITS = (0.0, 2.0)

#: What `reset` takes back in every viewport.
AS_AT_FIRST: dict[str, Any] = {
    "mm_per_pixel": None, "pan_mm": (0.0, 0.0), "window": None, "inverted": False, "lut": "", "gamma": 1.0,
    "turned": 0, "flipped": False, "fused_window": None,
}  # fmt: skip


def as_at_first(start: ViewportLook | None) -> dict[str, Any]:
    """All that `reset` takes back; slab and interpolation to those of the template, if it knows the viewport."""
    if start is None:
        return {**AS_AT_FIRST, "projection": "none"}
    slab = {"projection": start.projection, "slab_slices": start.slab_slices}
    return {**AS_AT_FIRST, **slab, "interpolation": start.interpolation}


# --- turning ---------------------------------------------------------------------------------------------------------


def turn_of(look: ViewportLook) -> turns.Turn:
    return look.turned, look.flipped


def _show_turned(viewport: SliceViewport, after: turns.Turn) -> None:
    """Turn the picture about the middle of the viewport."""
    if viewport.scene is not None:
        look = viewport.scene.look
        pan = turns.carried(look.pan_mm, turn_of(look), after)
        viewport.look_at(turned=after[0], flipped=after[1], pan_mm=pan)


def turn_clockwise(viewport: SliceViewport, _checked: bool = False) -> None:
    if viewport.scene is not None:
        _show_turned(viewport, turns.turned_clockwise(turn_of(viewport.scene.look), 1))


def turn_back(viewport: SliceViewport, _checked: bool = False) -> None:
    if viewport.scene is not None:
        _show_turned(viewport, turns.turned_clockwise(turn_of(viewport.scene.look), -1))


def mirror(viewport: SliceViewport, _checked: bool = False) -> None:
    """Exchange left and right."""
    if viewport.scene is not None:
        _show_turned(viewport, turns.mirrored(turn_of(viewport.scene.look)))


def put_upside_down(viewport: SliceViewport, _checked: bool = False) -> None:
    """Exchange top and bottom."""
    if viewport.scene is not None:
        _show_turned(viewport, turns.upside_down(turn_of(viewport.scene.look)))


def unturn(viewport: SliceViewport, _checked: bool = False) -> None:
    _show_turned(viewport, (0, False))


# --- zoom ------------------------------------------------------------------------------------------------------------


def voxel_on_screen(scene: Scene) -> float:
    """Millimetres across a voxel in the picture, along the axis in which it is finer."""
    plane = scene.view.plane
    return float(1 / np.abs(scene.volume.grid.inverse[:3, :3] @ np.stack([plane.right, plane.down], axis=1)).max())


def is_pixel_size(scene: Scene) -> bool:
    return abs(scene.view.mm_per_pixel / voxel_on_screen(scene) - 1) < 1e-6


def pixel_size(viewport: SliceViewport, _checked: bool = False) -> None:
    """One voxel on one pixel of the screen."""
    if viewport.scene is not None:
        _zoom_to(viewport, voxel_on_screen(viewport.scene) * viewport.scene.scale)


def true_size(viewport: SliceViewport, _checked: bool = False) -> None:
    """A millimetre of the patient is a millimetre on the screen."""
    if viewport.scene is not None and has_true_size(viewport.scene):
        _zoom_to(viewport, screen_pixel(viewport).mm)


def has_true_size(scene: Scene) -> bool:
    """Whether the image says how large it is."""
    return scene.volume.has_scale


def next_size(viewport: SliceViewport) -> None:
    """One to one; asked for again, true size."""
    if viewport.scene is None:
        return
    if is_pixel_size(viewport.scene):
        true_size(viewport)
    else:
        pixel_size(viewport)


def _zoom_to(viewport: SliceViewport, mm_per_pixel: float) -> None:
    """The zoom, about the middle of the viewport."""
    scene = viewport.scene
    assert scene is not None
    wanted = min(max(mm_per_pixel, ZOOM_LIMITS[0]), ZOOM_LIMITS[1])
    viewport.zoom_at(QPointF(scene.size[0] / 2, scene.size[1] / 2), wanted / scene.mm_per_pixel)


# --- colours and interpolation ---------------------------------------------------------------------------------------


def next_lut(viewport: SliceViewport) -> None:
    scene = viewport.scene
    if scene is not None:
        names = ramp_names()
        now = names.index(scene.view.lut) if scene.view.lut in names else -1
        viewport.look_at(lut=names[(now + 1) % len(names)])


def change_gamma(viewport: SliceViewport, notches: int) -> None:
    """Away from the user is brighter."""
    if viewport.scene is not None:
        gamma = viewport.scene.look.gamma / GAMMA_STEP**notches
        gamma = 1.0 if abs(gamma - 1) < 0.02 else gamma
        viewport.look_at(gamma=min(max(gamma, GAMMA_LIMITS[0]), GAMMA_LIMITS[1]))


def next_interpolation(viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        viewport.look_at(interpolation=_following(get_args(Interpolation), viewport.scene.look.interpolation))


def _following(names: tuple[Any, ...], now: Any) -> Any:
    return names[(names.index(now) + 1) % len(names)]


# --- slab ------------------------------------------------------------------------------------------------------------


def next_projection(viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        viewport.look_at(projection=_following(PROJECTIONS, viewport.scene.look.projection))


def thicken(viewport: SliceViewport, notches: int) -> None:
    """A thicker or thinner slab; from a single slice on it is a maximum, and one slice ends it."""
    if viewport.scene is None or not notches:
        return
    look = viewport.scene.look
    now = look.slab_slices if look.projection != "none" else 1
    count = min(max(now + notches, 1), SLAB_LIMIT)
    if count > 1:
        set_slab(viewport, count)
    elif look.projection != "none":
        viewport.look_at(projection="none")


def set_slab(viewport: SliceViewport, count: int, _checked: bool = False) -> None:
    """So many slices in the slab; where there was none, its maximum."""
    if viewport.scene is not None:
        projection = viewport.scene.look.projection
        viewport.look_at(projection="max" if projection == "none" else projection, slab_slices=count)


# --- what lies over the slice ----------------------------------------------------------------------------------------


def toggle_outline(viewport: SliceViewport, _checked: bool = False) -> None:
    document = viewport.document
    document.look(overlay_outline=not document.state.look.overlay_outline)


def change_opacity(viewport: SliceViewport, notches: int) -> None:
    """Of the fused scan if there is one, else of the labels."""
    scene = viewport.scene
    if scene is not None and scene.view.fused:
        set_fused_opacity(viewport, scene.look.fused_opacity + notches * OPACITY_STEP)
    else:
        look = viewport.document.state.look
        factor = min(max(look.overlay_opacity + notches * 2 * OPACITY_STEP, OVERLAY_LIMITS[0]), OVERLAY_LIMITS[1])
        viewport.document.look(overlay_opacity=round(factor, 3))


def set_fused_opacity(viewport: SliceViewport, opacity: float) -> None:
    viewport.look_at(fused_opacity=round(min(max(opacity, 0.0), 1.0), 3))


def stronger(viewport: SliceViewport) -> None:
    change_opacity(viewport, 1)


def weaker(viewport: SliceViewport) -> None:
    change_opacity(viewport, -1)


def lay_over(viewport: SliceViewport, scan: str, _checked: bool = False) -> None:
    """Lay a scan of the context over this one; "" takes it away."""
    viewport.look_at(fused=scan, fused_window=None)


def toggle_fusion(viewport: SliceViewport) -> None:
    """Lay the first scan over that may be, or take it away."""
    scene = viewport.scene
    if scene is None:
        return
    if scene.look.fused:
        lay_over(viewport, "")
        return
    others = fusible(viewport.document, viewport.scan_key)
    able = [name for name, reason in others if not reason]
    uptake = [name for name in able if viewport.document.volumes[viewport.key[0], name].modality == "PT"]
    if able:
        lay_over(viewport, (uptake or able)[0])
    else:
        why = f"{others[0][0]}: {others[0][1]}" if others else "The task has no other scan."
        viewport.hand.context.tell(f"Nothing can be laid over. {why}")


def toggle_also(viewport: SliceViewport, name: str, _checked: bool = False) -> None:
    """Show an annotation beside the one that is painted in, or no more."""
    if viewport.scene is not None:
        also = viewport.scene.look.also
        viewport.look_at(also=tuple(n for n in also if n != name) if name in also else (*also, name))
