"""Closed polygons: click from corner to corner; afterwards drag, insert or delete corners."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from viewr.model.contour import Contour
from viewr.model.marker import Point, next_id
from viewr.tools.base import Gesture, Pointer, Preview, ToolContext
from viewr.tools.hit import edge_at, in_plane_distance, on_plane, plane_distance, seed_at
from viewr.tools.marker import with_item, without_item

#: A contour farther from the plane than this, in mm, is not edited there.
DEPTH_MM = 0.5


def polygon(press: Pointer, context: ToolContext) -> Gesture:
    """Take hold of a contour of the target, or begin a new one."""
    if context.target is None:
        context.tell("Choose in the form what to outline.")
        return
    held = held_contour(press, context)
    if held is None:
        yield from _draw(press, context)
    else:
        yield from _reshape(press, context, *held)


def held_contour(press: Pointer, context: ToolContext) -> tuple[Contour, int, bool] | None:
    """The contour under the pointer, its seed, and whether that seed is still to be inserted there."""
    shown = [c for c in context.drawn_here if isinstance(c, Contour) and on_plane(c, press.plane, DEPTH_MM)]
    for contour in shown:
        seed = seed_at(contour, press.plane, press.lps, press.reach_mm)
        if seed is not None:
            return contour, seed, False
    for contour in shown:
        edge = edge_at(contour, press.plane, press.lps, press.reach_mm * 0.75)
        if edge is not None:
            return contour, edge + 1, True
    return None


def _draw(press: Pointer, context: ToolContext) -> Gesture:
    """A new polygon: each press is a corner; double click, Enter or the first corner closes it."""
    context.select(None)
    seeds: list[Point] = [press.lps]
    tip = press.lps
    while seeds:
        pointer = yield Preview((*seeds, tip), tuple(seeds))
        if pointer.kind == "key":
            if pointer.key == "backspace":
                seeds.pop()
            if pointer.key != "enter":
                continue
        elif abs(plane_distance(press.plane, pointer.lps)) > DEPTH_MM:
            continue
        tip = pointer.lps if pointer.kind != "key" else tip
        if _closes(pointer, seeds):
            _add(press, context, seeds)
            return
        if pointer.kind == "press":
            seeds.append(pointer.lps)


def _closes(pointer: Pointer, seeds: list[Point]) -> bool:
    if len(seeds) < 3:
        return False
    if pointer.kind in ("double", "key"):
        return True
    near = in_plane_distance(pointer.plane, seeds[0], pointer.lps) <= pointer.reach_mm
    return pointer.kind == "press" and near


def _add(press: Pointer, context: ToolContext, seeds: list[Point]) -> None:
    key = context.target
    if key is None:
        return
    nx, ny, nz = (float(part) for part in press.plane.normal)
    contour = Contour(
        id=next_id(context.drawn), seed_points=tuple(seeds), path_points=tuple(seeds), plane_origin=press.lps,
        plane_normal=(nx, ny, nz), group=context.group, scan=context.scan, frames=context.frames,
    )  # fmt: skip
    context.edit("Draw a contour", partial(with_item, key=key, item=contour))
    context.select(contour.id)


def _reshape(press: Pointer, context: ToolContext, contour: Contour, seed: int, insert: bool) -> Gesture:
    """Drag a corner; on an edge a new one. Delete while the button is down takes the corner away."""
    context.begin("Insert a corner" if insert else "Move a corner")
    context.select(contour.id)
    seeds = list(contour.seed_points)
    if insert:
        seeds.insert(seed, press.lps)
        _store(context, contour, seeds)
    while (pointer := (yield None)).kind != "release":
        if pointer.kind == "move" and abs(plane_distance(press.plane, pointer.lps)) <= DEPTH_MM:
            seeds[seed] = pointer.lps
            _store(context, contour, seeds)
        elif pointer.kind == "key" and pointer.key in ("delete", "backspace"):
            _delete_seed(context, contour, seeds, seed)
            break
    context.commit()


def _store(context: ToolContext, contour: Contour, seeds: list[Point]) -> None:
    key = context.target
    if key is not None:
        changed = replace(contour, seed_points=tuple(seeds), path_points=tuple(seeds))
        context.edit("Change a contour", partial(with_item, key=key, item=changed))


def _delete_seed(context: ToolContext, contour: Contour, seeds: list[Point], seed: int) -> None:
    """Take a corner away; of a triangle nothing is left."""
    rest = seeds[:seed] + seeds[seed + 1 :]
    key = context.target
    if len(rest) >= 3:
        _store(context, contour, rest)
    elif key is not None:
        context.edit("Delete a contour", partial(without_item, key=key, item_id=contour.id))


def delete_under(pointer: Pointer, context: ToolContext) -> bool:
    """Delete the corner under the pointer; False if there is none."""
    held = held_contour(pointer, context)
    if held is None or held[2]:
        return False
    _delete_seed(context, held[0], list(held[0].seed_points), held[1])
    return True
