"""Markers and landmarks: place, drag, select, delete."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from viewr.model.annotation import Annotation, DrawingKey, Drawn, with_drawing
from viewr.model.marker import Marker, Point, next_id
from viewr.tools.base import Gesture, Pointer, ToolContext
from viewr.tools.hit import marker_at

#: Markers farther than this from the plane, in mm, are not taken hold of; beyond it they are hardly drawn.
DEPTH_MM = 2.0


def marker(press: Pointer, context: ToolContext) -> Gesture:
    """Take hold of a marker, or place one; until the release it goes with the pointer."""
    if context.target is None:
        context.tell("Choose in the form what to mark.")
        return
    held = _held(press, context)
    if held is None and context.limit and len(context.drawn) >= context.limit:
        context.tell(f"All {context.limit} are placed; drag one, or delete one first.")
        return
    yield from _drag(press, context, held or _new(press, context), placed=held is not None)


def landmark(press: Pointer, context: ToolContext) -> Gesture:
    """Take hold of a landmark, or put the one whose turn it is here."""
    if context.target is None or not (context.target_name or _held(press, context)):
        context.tell("Choose in the form which landmark to place.")
        return
    held = _held(press, context) or _named(context)
    yield from _drag(press, context, held or _new(press, context), placed=held is not None)


def _held(press: Pointer, context: ToolContext) -> Marker | None:
    markers = [item for item in context.drawn_here if isinstance(item, Marker)]
    return marker_at(markers, press.plane, press.lps, press.reach_mm, DEPTH_MM)


def _named(context: ToolContext) -> Marker | None:
    return next((m for m in context.drawn if isinstance(m, Marker) and m.name == context.target_name), None)


def _new(press: Pointer, context: ToolContext) -> Marker:
    return Marker(press.lps, context.group, context.target_name, next_id(context.drawn), context.scan, context.frames)


def _drag(press: Pointer, context: ToolContext, item: Marker, placed: bool) -> Gesture:
    """Move a marker to the pointer until the release, as one undo step."""
    key = context.target
    assert key is not None
    context.begin("Move the marker" if placed else "Place a marker")
    near = placed and marker_at([item], press.plane, press.lps, press.reach_mm, DEPTH_MM) is not None
    if not near:
        _put(context, key, press.lps, item)
    context.select(item.id)
    while (pointer := (yield None)).kind != "release":
        if pointer.kind == "move":
            _put(context, key, pointer.lps, item)
    context.commit()


def _put(context: ToolContext, key: DrawingKey, place: Point, item: Marker) -> None:
    item = replace(item, pos=place, scan=context.scan, frames=context.frames)
    context.edit("Place a marker", partial(with_item, key=key, item=item))


def with_item(annotation: Annotation, key: DrawingKey, item: Drawn) -> Annotation:
    """The annotation with an item added to a field, or in place of the one of its id."""
    drawn = annotation.drawings.get(key, ())
    if any(other.id == item.id for other in drawn):
        return with_drawing(annotation, key, tuple(item if other.id == item.id else other for other in drawn))
    return with_drawing(annotation, key, (*drawn, item))


def without_item(annotation: Annotation, key: DrawingKey, item_id: int) -> Annotation:
    """The annotation without an item of a field."""
    return with_drawing(annotation, key, tuple(i for i in annotation.drawings.get(key, ()) if i.id != item_id))


def deletion(item: Drawn) -> str:
    """Name of the undo step that deletes an object."""
    return f"Delete a {type(item).__name__.lower()}"


def delete_selected(context: ToolContext) -> bool:
    """Delete the selected object of the target; False if there is none."""
    key, item = context.target, context.selected
    if key is None or item is None or all(other.id != item for other in context.drawn):
        return False
    gone = next(other for other in context.drawn if other.id == item)
    context.edit(deletion(gone), partial(without_item, key=key, item_id=item))
    context.select(None)
    return True
