"""Brush and eraser: a disc in the shown plane."""

from __future__ import annotations

import numpy as np

from viewr.model.labelmap import box_slices
from viewr.tools.base import Gesture, Pointer, ToolContext
from viewr.tools.stroke import touched_voxels

#: Smallest and largest diameter, mm.
BRUSH_LIMITS = (0.2, 200.0)


def brush(press: Pointer, context: ToolContext) -> Gesture:
    """Paint with the label in the hand; with Ctrl, erase."""
    yield from _stroke(press, context, 0 if "ctrl" in press.modifiers else context.label)


def eraser(press: Pointer, context: ToolContext) -> Gesture:
    """Take labels away."""
    yield from _stroke(press, context, 0)


def _stroke(press: Pointer, context: ToolContext, value: int) -> Gesture:
    if context.labelmap is None:
        context.tell("There is no annotation to paint in this view.")
        return
    text = "Paint" if value else "Erase"
    context.begin(text)
    _dab(press, press, context, value, text)
    last = press
    while (pointer := (yield None)).kind != "release":
        if pointer.kind == "move":
            _dab(last, pointer, context, value, text)
            last = pointer
    _dab(last, pointer, context, value, text)
    context.commit()


def _dab(start: Pointer, end: Pointer, context: ToolContext, value: int, text: str) -> None:
    """Write the voxels between two places of the pointer."""
    labelmap = context.labelmap
    if labelmap is None:
        return
    plane = end.plane
    begin = start.lps if start.plane is plane else end.lps
    touched = touched_voxels(labelmap.grid, plane, begin, end.lps, context.brush_mm / 2)
    if touched is not None:
        values = labelmap.array[box_slices(touched.box)].copy(order="F")
        values[touched.mask] = np.array(value, values.dtype)
        context.patch(touched.box, values, text)
