"""Who has the keys of an open task: its views, or its form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from viewr.widgets.slice_view import SliceViewport
    from viewr.widgets.task_view import TaskView


def acting_viewport(task: TaskView) -> SliceViewport | None:
    """The active viewport of the context in sight."""
    grid = next((grid for grid in task.grids.values() if grid.isVisible()), None)
    return grid.acting_viewport() if grid is not None else None


def port_for_keys(task: TaskView) -> SliceViewport | None:
    """The viewport that keys go to for which nothing else has a use; None where the views had them already."""
    focus, port = task.focusWidget(), acting_viewport(task)
    inside = focus is not None and any(grid.isAncestorOf(focus) for grid in task.grids.values())
    return None if inside else port


def step_to_form(task: TaskView) -> None:
    """Give the keyboard to the form, where it was there last; from there to the views."""
    form = next((form for form in task.forms.values() if form.isVisible()), None)
    focus = task.focusWidget()
    if form is None or (focus is not None and form.isAncestorOf(focus)):
        task.take_keys()
        return
    parts = [form.focusWidget(), *form.findChildren(QWidget)]
    stop = next((part for part in parts if part is not None and _takes_keys(part)), None)
    if stop is not None:
        stop.setFocus(Qt.FocusReason.TabFocusReason)


def _takes_keys(part: QWidget) -> bool:
    return part.isVisible() and part.isEnabled() and bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus)
