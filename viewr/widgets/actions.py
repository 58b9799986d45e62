"""All that can be done by a key: one line each, from which the keys, their list and their editor are made.

Keys are written as Qt writes them: "Ctrl+Shift+S", "PgUp", "Space". Which keys an action has for this reader, by
profile and own choice, says `widgets.keymap`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QPointF

from viewr.tools.catalog import TOOLS
from viewr.widgets import key_image_list
from viewr.widgets import slice_view_around as around
from viewr.widgets import slice_view_display as display
from viewr.widgets.picture_out import copy_picture, save_picture
from viewr.widgets.quadrants import next_quadrant
from viewr.widgets.slice_view_window import window_digits
from viewr.widgets.task_keys import step_to_form
from viewr.workspace.layouts import TITLES

if TYPE_CHECKING:
    from viewr.widgets.main_window import MainWindow
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.task_view import TaskView

#: Who takes the key: the viewport that has the keyboard; the open task, wherever the keyboard is; the whole window;
#: "hold": keys that mean something while they are held down and the mouse is dragged.
Scope = Literal["view", "task", "window", "hold"]


@dataclass(frozen=True)
class Action:
    """Something to do by a key.

    Attributes
    ----------
    text : str
        For the reader.
    group : str
        Heading that it stands under.
    keys : tuple of str
        Those of the profile "PACS".
    run : callable
        Takes the viewport, the task view or the window, as the scope says; False: there was nothing to do.
    """

    text: str
    group: str
    keys: tuple[str, ...]
    run: Callable[[Any], Any]
    scope: Scope = "view"


# --- viewports -------------------------------------------------------------------------------------------------------


def _first(viewport: SliceViewport) -> None:
    viewport.show_slice(0)


def _last(viewport: SliceViewport) -> None:
    if viewport.scene is not None:
        viewport.show_slice(viewport.scene.stack.count - 1)


def _page(viewport: SliceViewport, steps: int) -> None:
    viewport.page(steps)


def _step(viewport: SliceViewport, right: int, down: int) -> None:
    """Move the localizer by a voxel of the picture."""
    scene = viewport.scene
    if scene is not None:
        mm = display.voxel_on_screen(scene)
        x, y, z = (float(a + mm * (right * b + down * c)) for a, b, c in
                   zip(scene.position, scene.view.plane.right, scene.view.plane.down, strict=True))  # fmt: skip
        viewport.move_to((x, y, z))


def _zoom(viewport: SliceViewport, factor: float) -> None:
    viewport.zoom_at(QPointF(viewport.rect().center()), factor)


def _activate(viewport: SliceViewport, step: int) -> None:
    viewport.activate_next(step)


def _brush(viewport: SliceViewport, notches: int) -> None:
    viewport.scale_brush(notches)


def _fit(viewport: SliceViewport) -> None:
    viewport.fit()


def _reset(viewport: SliceViewport) -> None:
    viewport.reset()


def _maximise(viewport: SliceViewport) -> None:
    viewport.toggle_maximised()


def _invert(viewport: SliceViewport) -> None:
    viewport.toggle_inverted()


def _crosshair(viewport: SliceViewport) -> None:
    viewport.toggle_crosshair()


def _overlays(viewport: SliceViewport) -> None:
    viewport.toggle_overlays()


def _straighten(viewport: SliceViewport) -> None:
    viewport.straighten()


def _volume(viewport: SliceViewport) -> None:
    from viewr.widgets.slice_view_menu import show_volume

    show_volume(viewport)


def _play(viewport: SliceViewport) -> None:
    viewport.cine.toggle()


def _frame(viewport: SliceViewport, step: int) -> None:
    viewport.cine.step(step)


def _take(viewport: SliceViewport, tool: str) -> None:
    viewport.document.look(tool=tool)
    viewport.hand.set_cursor()


def _window(viewport: SliceViewport, digit: int) -> bool:
    """0: automatic, then full range; 1 and 2: stored windows; from 3: those of the modality."""
    if viewport.scene is None:
        return False
    if digit == 0:
        viewport.auto_window()
        return True
    window = window_digits(viewport.scene.volume).get(digit)
    if window is not None:
        viewport.set_window(window)
    return window is not None


# --- the task --------------------------------------------------------------------------------------------------------


def _undo(task: TaskView) -> None:
    task.session.document.undo()


def _redo(task: TaskView) -> None:
    task.session.document.redo()


def _save(task: TaskView) -> None:
    task.save.click()


def _submit(task: TaskView) -> None:
    task.submit.click()


def _submit_next(task: TaskView) -> None:
    task.submit_next.click()


def _leave(task: TaskView) -> None:
    task.leave.click()


def _form(task: TaskView) -> None:
    step_to_form(task)


def _procedure(task: TaskView) -> None:
    task.sop_button.toggle()


# --- the program -----------------------------------------------------------------------------------------------------


def _help(window: MainWindow) -> None:
    window.show_keys()


def _performance(window: MainWindow) -> None:
    window.performance.toggle()


def _settings(window: MainWindow) -> None:
    window.show_settings()


# --- all of them -----------------------------------------------------------------------------------------------------


def _windows() -> dict[str, Action]:
    """The digits."""
    words = {0: "Automatic window; again: full range"}
    return {
        f"window.{digit}": Action(words.get(digit, f"Window {digit} of the menu"), "Windows", (str(digit),),
                                  partial(_window, digit=digit))
        for digit in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    }  # fmt: skip


def _layouts() -> dict[str, Action]:
    """F2 and on, in the order of the menu; "layout." is the template's own."""
    keys = {"1": "F2", "2 beside": "F3", "2 above": "F4", "3": "F5", "2x2": "F6", "1+3": "F7", "": "F8"}
    return {
        f"layout.{name}": Action(TITLES[name], "Layout", (key,), partial(around.set_layout, name=name))
        for name, key in keys.items()
    }


def _tools() -> dict[str, Action]:
    """The tools of the catalogue that a key may take into the hand."""
    return {
        f"tool.{name}": Action(spec.title, "Tools", (spec.key,) if spec.key else (), partial(_take, tool=name))
        for name, spec in TOOLS.items()
        if spec.kind != "drawing"
    }


def _nothing(_where: object) -> None:
    """What a held key does is done by the mouse."""


ACTIONS: dict[str, Action] = {
    "slices.back": Action("Slice before", "Slices", ("Up", "PgUp"), partial(_page, steps=-1)),
    "slices.on": Action("Slice after", "Slices", ("Down", "PgDown"), partial(_page, steps=1)),
    "slices.back_10": Action("Ten slices back", "Slices", ("Shift+PgUp",), partial(_page, steps=-10)),
    "slices.on_10": Action("Ten slices on", "Slices", ("Shift+PgDown",), partial(_page, steps=10)),
    "slices.first": Action("First slice", "Slices", ("Home",), _first),
    "slices.last": Action("Last slice", "Slices", ("End",), _last),
    "slices.projection": Action("Slab: maximum, minimum, mean, off", "Slices", ("P",), display.next_projection),
    "cursor.left": Action("Localizer left", "Localizer", (), partial(_step, right=-1, down=0)),
    "cursor.right": Action("Localizer right", "Localizer", (), partial(_step, right=1, down=0)),
    "cursor.up": Action("Localizer up", "Localizer", (), partial(_step, right=0, down=-1)),
    "cursor.down": Action("Localizer down", "Localizer", (), partial(_step, right=0, down=1)),
    "cursor.crosshair": Action("Cross-hair", "Localizer", ("X",), _crosshair),
    "cursor.lines": Action("Reference lines", "Localizer", ("Q",), around.toggle_reference_lines),
    "cursor.straighten": Action("Straighten the axes", "Localizer", ("Z",), _straighten),
    "time.play": Action("Play or stop", "Time", ("Return", "Enter"), _play),
    "time.next": Action("Next point in time", "Time", ("Right",), partial(_frame, step=1)),
    "time.back": Action("Point in time before", "Time", ("Left",), partial(_frame, step=-1)),
    **_windows(),
    "window.invert": Action("Invert", "Windows", ("I",), _invert),
    "window.lut": Action("Next colours", "Windows", ("L",), display.next_lut),
    "zoom.in": Action("Closer", "Zoom", ("+", "="), partial(_zoom, factor=0.87)),
    "zoom.out": Action("Farther", "Zoom", ("-",), partial(_zoom, factor=1 / 0.87)),
    "zoom.fit": Action("Fit into the view", "Zoom", ("F",), _fit),
    "zoom.size": Action("1:1; again: true size", "Zoom", ("S",), display.next_size),
    "zoom.reset": Action("Reset the view", "Zoom", ("R",), _reset),
    "zoom.interpolation": Action("Next interpolation", "Zoom", ("N",), display.next_interpolation),
    "turn.clockwise": Action("Turn clockwise", "Zoom", ("T",), display.turn_clockwise),
    "turn.mirror": Action("Mirror", "Zoom", ("J",), display.mirror),
    "turn.upside_down": Action("Upside down", "Zoom", ("U",), display.put_upside_down),
    "layout.next": Action("Next view", "Layout", ("Tab",), partial(_activate, step=1)),
    "layout.previous": Action("View before", "Layout", ("Shift+Tab",), partial(_activate, step=-1)),
    "layout.maximise": Action("Maximise or restore", "Layout", (), _maximise),
    "layout.compare": Action("Another scan beside this one", "Layout", ("Shift+C",), around.compare_next),
    **_layouts(),
    "layout.strip": Action("Row of scans to drag from", "Layout", ("F9",), around.toggle_scans),
    "layout.away": Action("View into the second window, or back", "Layout", ("Shift+F9",), around.toggle_away),
    "layout.all_away": Action("All views into the second window", "Layout", (), around.move_all_away),
    "layout.quadrant": Action("Next quadrant", "Layout", ("F10",), next_quadrant),
    "layout.volume": Action("Volume view", "Layout", ("F11",), _volume),
    "overlays.hide": Action("Hide or show overlays", "Overlays", ("H", "Space"), _overlays),
    "overlays.outline": Action("Outlines or filled labels", "Overlays", ("G",), display.toggle_outline),
    "overlays.weaker": Action("Overlay or labels less opaque", "Overlays", (",",), display.weaker),
    "overlays.stronger": Action("Overlay or labels more opaque", "Overlays", (".",), display.stronger),
    "overlays.fusion": Action("Lay a scan over this one", "Overlays", ("Y",), display.toggle_fusion),
    "images.mark": Action("Key image: mark or unmark the slice", "Key images", ("K",), key_image_list.mark),
    "images.next": Action("Next key image", "Key images", ("Shift+K",), key_image_list.show_next),
    "picture.copy": Action("Copy the picture", "Pictures", ("Ctrl+C",), copy_picture),
    "picture.save": Action("Save the picture", "Pictures", ("Ctrl+Shift+S",), save_picture),
    **_tools(),
    "brush.smaller": Action("Smaller brush", "Tools", ("[",), partial(_brush, notches=-1)),
    "brush.larger": Action("Larger brush", "Tools", ("]",), partial(_brush, notches=1)),
    "task.undo": Action("Undo", "Task", ("Ctrl+Z",), _undo, "task"),
    "task.redo": Action("Redo", "Task", ("Ctrl+Shift+Z", "Ctrl+Y"), _redo, "task"),
    "task.save": Action("Save draft", "Task", ("Ctrl+S",), _save, "task"),
    "task.submit": Action("Submit", "Task", ("Ctrl+Return",), _submit, "task"),
    "task.submit_next": Action("Submit and next", "Task", ("Ctrl+Shift+Return",), _submit_next, "task"),
    "task.leave": Action("Task list", "Task", ("Ctrl+L",), _leave, "task"),
    "task.form": Action("To the form, and back to the views", "Task", ("Ctrl+J",), _form, "task"),
    "task.procedure": Action("Procedure", "Task", ("F1",), _procedure, "task"),
    "program.keys": Action("This list", "Program", ("?",), _help, "window"),
    "program.performance": Action("Performance", "Program", ("F12",), _performance, "window"),
    "program.settings": Action("Settings", "Program", ("Ctrl+,",), _settings, "window"),
    "hold.pan": Action("Held while dragging: pan", "Mouse", ("Space",), _nothing, "hold"),
    "hold.zoom": Action("Held while dragging: zoom", "Mouse", ("Z",), _nothing, "hold"),
}
