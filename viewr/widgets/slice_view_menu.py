"""The menu of a viewport."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from viewr.model.geometry import PLANE_NAMES
from viewr.settings import RendererChoice
from viewr.widgets import slice_view_around as around
from viewr.widgets import slice_view_menu_display as parts
from viewr.widgets.key_image_list import mark
from viewr.widgets.keymap import hint
from viewr.widgets.picture_out import copy_picture, save_picture
from viewr.widgets.renderers import Renderers
from viewr.widgets.slice_view_editors import calibrate_screen
from viewr.widgets.slice_view_layout_menu import add_comparing, add_layouts, add_scans, add_second_window
from viewr.widgets.slice_view_linking_menu import add_linking
from viewr.widgets.slice_view_scene import Scene

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport


def build_menu(viewport: SliceViewport, scene: Scene) -> QMenu:
    """Everything that can be asked of a viewport."""
    menu = QMenu(viewport)
    fill_menu(menu, viewport, scene)
    return menu


def fill_menu(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    """As `build_menu`, into an empty menu."""
    menu.addAction("Fit into the view" + hint("zoom.fit"), viewport.fit)
    menu.addAction("Reset the view" + hint("zoom.reset"), viewport.reset)
    menu.addAction("Maximise or restore\tdouble click", viewport.toggle_maximised)
    add_layouts(menu.addMenu("Layout"), viewport)
    add_comparing(menu.addMenu("Compare with"), viewport)
    add_second_window(menu.addMenu("In the second window"), viewport)
    menu.addSeparator()
    parts.add_windows(menu.addMenu("Window"), viewport, scene)
    parts.add_colours(menu.addMenu("Colours" + hint("window.lut")), viewport, scene)
    _add_orientation(menu.addMenu("Orientation"), viewport, scene)
    parts.add_turns(menu.addMenu("Turn and mirror"), viewport, scene)
    parts.add_zoom(menu.addMenu("Size"), viewport, scene)
    add_scans(menu.addMenu("Scan"), viewport)
    parts.add_fusion(menu.addMenu("Lay over"), viewport, scene)
    parts.add_annotations(menu.addMenu("Annotation"), viewport, scene)
    smooth = menu.addMenu("Interpolation" + hint("zoom.interpolation"))
    parts.add_choice(smooth, viewport, "interpolation", scene.look.interpolation, list(parts.INTERPOLATIONS))
    parts.add_slab(menu.addMenu("Slab" + hint("slices.projection")), viewport, scene)
    menu.addSeparator()
    parts.add_check(menu, "Invert" + hint("window.invert"), scene.look.inverted, viewport.toggle_inverted)
    add_linking(menu.addMenu("Linking"), viewport, scene)
    look = viewport.document.state.look
    parts.add_check(menu, "Cross-hair" + hint("cursor.crosshair"), look.crosshair, viewport.toggle_crosshair)
    parts.add_check(menu, "Reference lines" + hint("cursor.lines"), look.reference_lines,
                    partial(around.toggle_reference_lines, viewport))  # fmt: skip
    parts.add_check(menu, "Hide overlays" + hint("overlays.hide"), look.overlays_hidden, viewport.toggle_overlays)
    menu.addSeparator()
    menu.addAction("Volume view" + hint("layout.volume"), partial(show_volume, viewport))
    menu.addAction("Histogram …", partial(show_histogram, viewport))
    if viewport.cine.axis is not None:
        _add_time(menu.addMenu("Time"), viewport)
    menu.addAction("Key image" + hint("images.mark"), partial(mark, viewport))
    menu.addAction("Copy the picture" + hint("picture.copy"), partial(copy_picture, viewport))
    menu.addAction("Save the picture …" + hint("picture.save"), partial(save_picture, viewport))
    menu.addAction("Tags of this series …", partial(show_tags, viewport, scene))
    _add_screen(menu.addMenu("Screen"), viewport)


def _add_orientation(menu: QMenu, viewport: SliceViewport, scene: Scene) -> None:
    """The plane, and whether along the scan or the patient."""
    parts.add_choice(menu, viewport, "orientation", scene.look.orientation, list(PLANE_NAMES.items()))
    menu.addSeparator()
    parts.add_choice(menu, viewport, "anatomical", scene.look.anatomical,
                     [(False, "Axes of the scan (true slices)"), (True, "Axes of the patient")])  # fmt: skip
    straighten = menu.addAction("Straighten the axes" + hint("cursor.straighten"), viewport.straighten)
    straighten.setEnabled(viewport.key[0] in viewport.document.state.look.axes)


def _add_screen(menu: QMenu, viewport: SliceViewport) -> None:
    """What belongs to the screen and not to the scan."""
    menu.addAction("Display test …", partial(show_display_test, viewport))
    menu.addAction("Calibrate this screen …", partial(calibrate_screen, viewport))
    if viewport.renderers is not None:
        _add_renderers(menu.addMenu("Pictures are made by"), viewport.renderers)


def show_histogram(viewport: SliceViewport) -> None:
    """The histogram of what is shown."""
    from viewr.widgets.histogram import open_histogram

    open_histogram(viewport)


def _add_renderers(menu: QMenu, renderers: Renderers) -> None:
    """Who makes the pictures; OpenGL in software is there, but slower than the processor alone."""
    words: dict[RendererChoice, str] = {"auto": "What is faster here", "cpu": "The processor", "gl": "OpenGL"}
    for choice, text in words.items():
        shown = f"{text} (now the {renderers.words})" if choice == renderers.choice else text
        parts.add_check(menu, shown, choice == renderers.choice, partial(use_renderer, renderers, choice))


def use_renderer(renderers: Renderers, choice: RendererChoice, _checked: bool = False) -> None:
    renderers.use(choice)


def _add_time(menu: QMenu, viewport: SliceViewport) -> None:
    menu.addAction(("Stop" if viewport.cine.playing else "Play") + hint("time.play"), viewport.cine.toggle)
    menu.addAction("Faster", partial(viewport.cine.faster, 1))
    menu.addAction("Slower", partial(viewport.cine.faster, -1))
    menu.addSeparator()
    menu.addAction("Time curve …", partial(show_time_curve, viewport))


def show_time_curve(viewport: SliceViewport) -> None:
    """The values under the localizer and the ellipses, over time."""
    from viewr.widgets.time_curve import open_time_curve

    open_time_curve(viewport)


def show_display_test(viewport: SliceViewport) -> None:
    """A test picture on the screen of this viewport."""
    from viewr.widgets.display_test import open_display_test

    open_display_test(viewport)


def show_volume(viewport: SliceViewport) -> None:
    """The scan as a volume beside the slices, or the slices alone again."""
    from viewr.widgets.volume_view_open import toggle_volume

    toggle_volume(viewport)


def show_tags(viewport: SliceViewport, scene: Scene) -> None:
    """The tag browser on the scan that is shown."""
    from viewr.widgets.tag_browser import open_tag_browser

    open_tag_browser(scene.volume, scene.look.scan, viewport.window())
