"""The menu of a viewport, and the windows that its digits choose."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from viewr.model.volume import Volume, Window
from viewr.widgets.slice_view_scene import Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport

_SLABS = (2, 3, 5, 10, 20, 30)


def windows_of(volume: Volume) -> tuple[Window, ...]:
    """The windows that the digits from 1 choose: those stored with the images, then those of the modality."""
    from viewr.imaging.window import presets

    stored: list[Window] = []
    for number, window in enumerate(volume.windows, 1):
        if all(replace(window, name="") != replace(other, name="") for other in stored):
            stored.append(replace(window, name=window.name or f"Stored {number}"))
    return (*stored, *presets(volume))


def build_menu(viewport: SliceViewport, scene: Scene) -> QMenu:
    """Everything that can be asked of a viewport."""
    menu = QMenu(viewport)
    menu.addAction("Fit into the view\tF", viewport.fit)
    menu.addAction("Reset the view\tR", viewport.reset)
    menu.addAction("Maximise or restore\tdouble click", viewport.toggle_maximised)
    menu.addSeparator()
    _add_windows(menu.addMenu("Window"), viewport, scene)
    _add_choice(menu.addMenu("Orientation"), viewport, "orientation", scene.look.orientation,
                [(name, name) for name in ("Transversal", "Coronal", "Sagittal")])  # fmt: skip
    _add_choice(menu.addMenu("Axes"), viewport, "anatomical", scene.look.anatomical,
                [(False, "Of the scan (true slices)"), (True, "Of the patient")])  # fmt: skip
    straighten = menu.addAction("Straighten the axes\tZ", viewport.straighten)
    straighten.setEnabled(viewport.key[0] in viewport.document.state.look.axes)
    _add_choice(menu.addMenu("Scan"), viewport, "scan", scene.look.scan, _scans(viewport))
    _add_choice(menu.addMenu("Annotation"), viewport, "annotation", scene.look.annotation, _annotations(viewport))
    _add_choice(menu.addMenu("Interpolation"), viewport, "interpolation", scene.look.interpolation,
                [("nearest", "Nearest (the voxels as they are)"), ("linear", "Linear (smooth)")])  # fmt: skip
    _add_slab(menu.addMenu("Slab"), viewport, scene)
    menu.addSeparator()
    _check(menu, "Invert\tI", scene.look.inverted, viewport.toggle_inverted)
    _check(menu, "Follow the localizer", scene.look.linked, viewport.toggle_linked)
    look = viewport.document.state.look
    _check(menu, "Cross-hair\tX", look.crosshair, viewport.toggle_crosshair)
    _check(menu, "Hide overlays\tH", look.overlays_hidden, viewport.toggle_overlays)
    menu.addSeparator()
    menu.addAction("Tags of this series …", partial(show_tags, viewport, scene))
    return menu


def show_tags(viewport: SliceViewport, scene: Scene) -> None:
    """The tag browser on the scan that is shown."""
    from viewr.widgets.tag_browser import open_tag_browser

    open_tag_browser(scene.volume, scene.look.scan, viewport.window())


def _check(menu: QMenu, text: str, on: bool, slot: Any) -> None:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(on)
    action.triggered.connect(slot)


def _add_choice(menu: QMenu, viewport: SliceViewport, name: str, now: Any, choices: list[tuple[Any, str]]) -> None:
    group = QActionGroup(menu)
    for value, text in choices:
        action = QAction(text, menu, checkable=True, checked=value == now)
        action.triggered.connect(partial(viewport.look_at, **{name: value}))
        group.addAction(action)
        menu.addAction(action)
    menu.setEnabled(bool(choices))


def _add_windows(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    menu.addAction("Automatic, then full range\t0", viewport.auto_window)
    for number, window in enumerate(windows_of(scene.volume), 1):
        key = f"\t{number}" if number < 10 else ""
        action = menu.addAction(f"{window.name}: W {window.width:g} L {window.level:g}{key}")
        action.triggered.connect(partial(viewport.set_window, window))


def _scans(viewport: SliceViewport) -> list[tuple[Any, str]]:
    context = viewport.key[0]
    names = [scan for owner, scan in viewport.document.volumes if owner == context]
    return [(name, name) for name in names]


def _annotations(viewport: SliceViewport) -> list[tuple[Any, str]]:
    names = [name for owner, name in viewport.document.labelmaps if owner == viewport.key[0]]
    return [("", "None"), *((name, name) for name in names)] if names else []


def _add_slab(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    _add_choice(menu, viewport, "projection", scene.look.projection,
                [("none", "Off"), ("max", "Maximum"), ("min", "Minimum"), ("mean", "Mean")])  # fmt: skip
    menu.addSeparator()
    sizes: list[tuple[Any, str]] = [(count, f"{count} slices") for count in _SLABS]
    _add_choice(menu, viewport, "slab_slices", scene.look.slab_slices, sizes)
