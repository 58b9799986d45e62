"""Measuring: click or drag from place to place; afterwards drag the ends, or the whole by its line."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import cast

import numpy as np

from viewr.model.marker import Point, next_id
from viewr.model.measure import PLACES, Measure, MeasureKind, moved, points_from_places, with_point
from viewr.tools.base import Gesture, Pointer, Preview, Tool, ToolContext
from viewr.tools.hit import in_plane_distance, plane_distance, segment_distance
from viewr.tools.marker import with_item

#: A measure farther from the plane than this, in mm, is not taken hold of there.
DEPTH_MM = 0.5


def measuring(kind: MeasureKind) -> Tool:
    """The tool that takes measures of one kind."""
    return partial(_measure, kind=kind)


def _measure(press: Pointer, context: ToolContext, *, kind: MeasureKind) -> Gesture:
    held = held_measure(press, context)
    if held is not None:
        yield from _drag(press, context, *held)
    elif PLACES[kind] == 1:
        _add(context, _made(kind, [press.lps], press, context))
    else:
        yield from _draw(press, context, kind)


def held_measure(press: Pointer, context: ToolContext) -> tuple[Measure, int | None] | None:
    """The measure under the pointer and which of its points; None for the point: it is taken by its line."""
    shown = [item for item in context.drawn_here if isinstance(item, Measure) and _on_plane(item, press)]
    for measure in shown:
        distances = [in_plane_distance(press.plane, press.lps, point) for point in measure.points]
        if min(distances) <= press.reach_mm:
            return measure, int(np.argmin(distances))
    for measure in shown:
        if _on_line(measure, press):
            return measure, None
    return None


def _on_plane(measure: Measure, press: Pointer) -> bool:
    parallel = abs(float(np.asarray(measure.plane_normal) @ press.plane.normal)) > 0.999
    return parallel and abs(plane_distance(press.plane, measure.plane_origin)) <= DEPTH_MM


def _on_line(measure: Measure, press: Pointer) -> bool:
    return any(
        segment_distance(press.plane, press.lps, np.array(start), np.array(end)) <= press.reach_mm * 0.75
        for line in measure.lines
        for start, end in pairwise(line)
    )


def _made(kind: MeasureKind, places: list[Point], press: Pointer, context: ToolContext) -> Measure:
    normal = cast(Point, tuple(float(part) for part in press.plane.normal))
    points = points_from_places(kind, places, press.plane)
    number = next_id(context.drawn)
    return context.measured(Measure(kind, points, press.lps, normal, number, context.scan, frames=context.frames))


def _draw(press: Pointer, context: ToolContext, kind: MeasureKind) -> Gesture:
    """Each press is a place; so is the end of a drag from the first one. Backspace takes the last place back."""
    context.select(None)
    places, tip = [press.lps], press.lps
    while places:
        pointer = yield Preview(corners=tuple(places), measure=_made(kind, [*places, tip], press, context))
        if pointer.kind == "key":
            places = places[:-1] if pointer.key == "backspace" else places
        elif abs(plane_distance(press.plane, pointer.lps)) <= DEPTH_MM:
            tip = pointer.lps
            if _sets_place(pointer, places):
                places.append(tip)
        if len(places) == PLACES[kind]:
            _add(context, _made(kind, places, press, context))
            return


def _sets_place(pointer: Pointer, places: list[Point]) -> bool:
    far = in_plane_distance(pointer.plane, places[-1], pointer.lps) > pointer.reach_mm / 2
    return far and (pointer.kind in ("press", "double") or (pointer.kind == "release" and len(places) == 1))


def _add(context: ToolContext, measure: Measure) -> None:
    key = context.target
    if key is not None:
        context.edit("Measure", partial(with_item, key=key, item=measure))
        context.select(measure.id)


def _drag(press: Pointer, context: ToolContext, measure: Measure, number: int | None) -> Gesture:
    """Drag a point, or the whole, until the release, as one undo step."""
    key = context.target
    assert key is not None
    context.begin("Change a measure")
    context.select(measure.id)
    while (pointer := (yield None)).kind != "release":
        if pointer.kind != "move" or abs(plane_distance(press.plane, pointer.lps)) > DEPTH_MM:
            continue
        by = np.array(pointer.lps) - np.array(press.lps)
        points = moved(measure, by) if number is None else with_point(measure, number, pointer.lps, press.plane)
        frames = context.frames if measure.scan == context.scan else measure.frames
        changed = context.measured(replace(measure, points=points, frames=frames))
        context.edit("Change a measure", partial(with_item, key=key, item=changed))
    context.commit()
