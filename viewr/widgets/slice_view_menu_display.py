"""The parts of a viewport's menu that say how it shows its slice: window, colours, turns, zoom, slab, layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from viewr.render.sampling import normal_step
from viewr.render.turn import turn_words
from viewr.widgets import habits
from viewr.widgets import slice_view_display as display
from viewr.widgets.keymap import hint
from viewr.widgets.luts import lut_icon, lut_names, lut_title, ramp_names
from viewr.widgets.quadrants import next_quadrant
from viewr.widgets.slice_view_editors import calibrate_screen, type_window
from viewr.widgets.slice_view_layers import fusible
from viewr.widgets.slice_view_scene import Scene
from viewr.widgets.slice_view_window import window_digits, windows_of

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

_SLABS = (2, 3, 5, 10, 20, 30)
_GAMMAS = (0.5, 0.7, 1.0, 1.4, 2.0)
_OPACITIES = (0.2, 0.4, 0.5, 0.6, 0.8, 1.0)
INTERPOLATIONS = (("nearest", "Nearest (the voxels as they are)"), ("linear", "Linear (smooth)"),
                  ("cubic", "Cubic (smoother)"))  # fmt: skip


def add_check(menu: QMenu, text: str, on: bool, slot: Callable[..., Any]) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(on)
    action.triggered.connect(slot)
    return action


def add_choice(menu: QMenu, viewport: SliceViewport, name: str, now: Any, choices: list[tuple[Any, str]]) -> None:
    """One action for each value of a member of the viewport's look."""
    group = QActionGroup(menu)
    for value, text in choices:
        action = QAction(text, menu, checkable=True, checked=value == now)
        action.triggered.connect(partial(viewport.look_at, **{name: value}))
        group.addAction(action)
        menu.addAction(action)
    menu.setEnabled(bool(choices))


def add_windows(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    menu.addAction("Automatic, then full range" + hint("window.0"), viewport.auto_window)
    digits = {window: digit for digit, window in window_digits(scene.volume).items()}
    for window in windows_of(scene.volume):
        key = hint(f"window.{digits[window]}") if window in digits else ""
        action = menu.addAction(f"{window.name}: W {_value(window.width)} L {_value(window.level)}{key}")
        action.triggered.connect(partial(viewport.set_window, window))
    menu.addSeparator()
    menu.addAction("From a box …\tCtrl+drag", partial(viewport.document.look, tool="box"))
    menu.addAction("Type it …\tdouble click on W, L", partial(type_window, viewport))
    menu.addSeparator()
    settings = habits.habits()
    for name, text in (("window_drag_up_raises", "Dragging up raises the level"),
                       ("window_drag_swapped", "Dragging up and down changes the width")):  # fmt: skip
        add_check(menu, text, getattr(settings, name), partial(habits.toggle, name))


def _value(number: float) -> str:
    """Short, but never in powers of ten."""
    return f"{number:.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def add_colours(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    """Look-up tables with their colours, and gamma."""
    _add_tables(menu, viewport, "lut", scene.view.lut, lut_names())
    menu.addSeparator()
    gammas: list[tuple[Any, str]] = [(gamma, _gamma_text(gamma)) for gamma in _GAMMAS]
    add_choice(menu.addMenu("Gamma\tAlt+wheel"), viewport, "gamma", scene.look.gamma, gammas)


def _add_tables(menu: QMenu, viewport: SliceViewport, member: str, now: str, names: list[str]) -> None:
    """Look-up tables; beside a picture there is no tick, so the one in use is bold."""
    menu.setProperty("swatches", True)
    group = QActionGroup(menu)
    for name in names:
        action = QAction(lut_icon(name), lut_title(name), menu, checkable=True, checked=name == now)
        font = action.font()
        font.setBold(name == now)
        action.setFont(font)
        fields: dict[str, Any] = {member: name}
        action.triggered.connect(partial(viewport.look_at, **fields))
        group.addAction(action)
        menu.addAction(action)


def _gamma_text(gamma: float) -> str:
    return f"{gamma:g}" + (" (brighter)" if gamma < 1 else " (darker)" if gamma > 1 else " (as it is)")


def add_zoom(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    menu.addAction("Fit into the view" + hint("zoom.fit"), viewport.fit)
    one = "One voxel a pixel (1:1)" + hint("zoom.size")
    add_check(menu, one, display.is_pixel_size(scene), partial(display.pixel_size, viewport))
    screen = habits.screen_pixel(viewport)
    words = "True size" if screen.calibrated else "True size (screen not calibrated)"
    words += f"{key} again" if (key := hint("zoom.size")) else ""
    action = menu.addAction(words, partial(display.true_size, viewport))
    if not display.has_true_size(scene):
        action.setText("True size (the image does not say how large it is)")
        action.setEnabled(False)
    menu.addAction("Quarter by quarter" + hint("layout.quadrant"), partial(next_quadrant, viewport))
    menu.addAction("Calibrate this screen …", partial(calibrate_screen, viewport))


def add_turns(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    menu.addAction("A quarter clockwise" + hint("turn.clockwise"), partial(display.turn_clockwise, viewport))
    menu.addAction("A quarter back", partial(display.turn_back, viewport))
    menu.addAction("Mirror left and right" + hint("turn.mirror"), partial(display.mirror, viewport))
    menu.addAction("Mirror top and bottom" + hint("turn.upside_down"), partial(display.put_upside_down, viewport))
    menu.addSeparator()
    words = turn_words(display.turn_of(scene.look))
    action = menu.addAction("As it was" + (f" (now {words})" if words else ""), partial(display.unturn, viewport))
    action.setEnabled(bool(words))


def add_slab(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    add_choice(menu, viewport, "projection", scene.look.projection,
               [("none", "Off"), ("max", "Maximum"), ("min", "Minimum"), ("mean", "Mean")])  # fmt: skip
    menu.addSeparator()
    step = normal_step(scene.volume.grid, scene.view.plane)
    now = scene.look.slab_slices if scene.look.projection != "none" else 1
    for count in _SLABS:
        text = f"{count} slices\t{count * step:.1f} mm"
        add_check(menu, text, count == now, partial(display.set_slab, viewport, count))
    menu.addSeparator()
    menu.addAction("Thicker, thinner\tCtrl+Shift+wheel").setEnabled(False)


def add_annotations(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    """Which label map is painted in, which others are shown, and how."""
    names = [name for owner, name in viewport.document.labelmaps if owner == viewport.key[0]]
    choices: list[tuple[Any, str]] = [("", "None"), *((name, name) for name in names)] if names else []
    add_choice(menu, viewport, "annotation", scene.look.annotation, choices)
    if not names:
        return
    others = [name for name in names if name != scene.look.annotation]
    also = menu.addMenu("Also show")
    for name in others:
        add_check(also, name, name in scene.look.also, partial(display.toggle_also, viewport, name))
    also.setEnabled(bool(others))
    menu.addSeparator()
    look = viewport.document.state.look
    outlines = "Outlines only" + hint("overlays.outline")
    add_check(menu, outlines, look.overlay_outline, partial(display.toggle_outline, viewport))


def add_fusion(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    """Scans that can be laid over this one; the others with the reason why not."""
    scans = fusible(viewport.document, viewport.scan_key)
    menu.setEnabled(bool(scans))
    menu.setToolTipsVisible(True)
    add_check(menu, "Nothing" + hint("overlays.fusion"), not scene.look.fused, partial(display.lay_over, viewport, ""))
    for name, reason in scans:
        text = f"{name}: {_briefly(reason)}" if reason else name
        action = add_check(menu, text, name == scene.look.fused, partial(display.lay_over, viewport, name))
        action.setEnabled(not reason)
        action.setToolTip(reason)
    if scene.view.fused:
        _add_fused_look(menu, viewport, scene)


def _briefly(sentence: str) -> str:
    """The first part of a sentence, for a menu; all of it stands in the tip."""
    words = sentence.partition(";")[0].partition(",")[0].rstrip(".")
    return words[0].lower() + words[1:] if words.startswith("Its ") else words


def _add_fused_look(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    menu.addSeparator()
    opacities: list[tuple[Any, str]] = [(share, f"{share:.0%}") for share in _OPACITIES]
    add_choice(menu.addMenu("Opacity\tAlt+wheel"), viewport, "fused_opacity", scene.look.fused_opacity, opacities)
    _add_tables(menu.addMenu("Colours"), viewport, "fused_lut", scene.look.fused_lut, ramp_names())
    windows = menu.addMenu("Window\tAlt+drag")
    for window in windows_of(scene.view.fused[-1].volume):
        words = f"{window.name}: W {_value(window.width)} L {_value(window.level)}"
        windows.addAction(words, partial(viewport.look_at, fused_window=window))
    windows.setEnabled(not windows.isEmpty())
