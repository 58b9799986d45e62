"""Where viewports stand, and how they follow one another: by position in the patient, never by slice number."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from viewr.model.geometry import Grid
from viewr.model.marker import Point
from viewr.model.state import Links, ViewportKey
from viewr.model.volume import Volume
from viewr.render.stack import has_patient_axes
from viewr.workspace.document import Document, ScanKey

ZERO: Point = (0.0, 0.0, 0.0)


def as_point(position_lps: npt.ArrayLike) -> Point:
    x, y, z = np.asarray(position_lps, np.float64)
    return float(x), float(y), float(z)


def volume_of(document: Document, key: ViewportKey) -> Volume | None:
    """The volume that a viewport shows, once it is there."""
    look = document.state.look.viewports.get(key)
    return document.volumes.get((key[0], look.scan)) if look else None


def may_link(first: Volume, second: Volume) -> bool:
    """Whether positions in one volume mean the same place in the other.

    Never between two different frames of reference. An unknown one, as images converted from DICOM have, is trusted
    where the volumes share their place.
    """
    if first is second:
        return True
    if not (has_patient_axes(first) and has_patient_axes(second)):
        return False
    frames = {first.grid.frame_of_reference, second.grid.frame_of_reference}
    if "" in frames and first.study_uid and second.study_uid and first.study_uid != second.study_uid:
        return False
    if "" in frames:
        return first.grid.contains(second.grid.center_lps) or second.grid.contains(first.grid.center_lps)
    return len(frames) == 1


def map_belongs(grid: Grid, volume: Volume) -> bool:
    """Whether a label map with a grid lies in the space of a volume."""
    frames = {grid.frame_of_reference, volume.grid.frame_of_reference}
    if grid is volume.grid:
        return True
    if "" not in frames:
        return len(frames) == 1
    if grid.shape == volume.grid.shape and np.allclose(grid.affine, volume.grid.affine):
        return True
    return has_patient_axes(volume) and grid.contains(volume.grid.center_lps)


def anchor(document: Document, context: str) -> Volume | None:
    """The volume whose frame of reference the localizer of a context is in: that of its first linked viewport."""
    key = anchor_key(document, context)
    return volume_of(document, key) if key is not None else None


def space_of(scan: ScanKey, volume: Volume) -> str:
    """Name of the space that a scan's positions are in: its frame of reference, or itself where that is unknown."""
    return volume.grid.frame_of_reference or f"scan {scan[1]}"


def shift_between(document: Document, first: ViewportKey, second: ViewportKey) -> Point | None:
    """What to add to a position in one viewport's scan, mm, to come to the same place in another's; None: not known.

    Nothing within a frame of reference; between two of them what the reader found by hand.
    """
    viewports = document.state.look.viewports
    if first not in viewports or second not in viewports:
        return None
    return shift_of_scans(document, (first[0], viewports[first].scan), (second[0], viewports[second].scan))


def shift_of_scans(document: Document, first: ScanKey, second: ScanKey) -> Point | None:
    """As `shift_between`, of two scans."""
    here, there = document.volumes.get(first), document.volumes.get(second)
    if here is None or there is None:
        return None
    if may_link(here, there):
        return ZERO
    if not (has_patient_axes(here) and has_patient_axes(there)):
        return None
    return _way(document, first[0], space_of(first, here), space_of(second, there))


def _way(document: Document, context: str, start: str, goal: str) -> Point | None:
    """The shift from space to space, over others that were aligned."""
    reached = {start: np.zeros(3)}
    fresh = [start]
    steps = [(a, b, np.array(shift)) for (name, a, b), shift in document.state.look.aligned.items() if name == context]
    steps += [(b, a, -shift) for a, b, shift in steps]
    while fresh and goal not in reached:
        here = fresh.pop()
        for a, b, shift in steps:
            if a == here and b not in reached:
                reached[b] = reached[a] + shift
                fresh.append(b)
    return as_point(reached[goal]) if goal in reached else None


def moved(point: Point, shift: Point, sign: float = 1.0) -> Point:
    return as_point(np.asarray(point) + sign * np.asarray(shift))


def anchor_key(document: Document, context: str) -> ViewportKey | None:
    """The viewport whose scan the localizer of a context is in: the first linked one."""
    for key, look in document.state.look.viewports.items():
        volume = volume_of(document, key)
        if key[0] == context and look.linked and volume is not None and has_patient_axes(volume):
            return key
    return None


def shift_to_anchor(document: Document, key: ViewportKey) -> Point | None:
    """From a viewport's scan to the localizer's; None if it cannot follow."""
    main = anchor_key(document, key[0])
    return shift_between(document, key, main) if main is not None else None


def links_of(document: Document, context: str) -> Links:
    return document.state.look.links.get(context) or Links()


def is_linked(document: Document, key: ViewportKey) -> bool:
    """Whether a viewport follows the localizer of its context."""
    look = document.state.look.viewports.get(key)
    if look is None or not look.linked or not links_of(document, key[0]).position:
        return False
    return shift_to_anchor(document, key) is not None


def is_stranger(document: Document, key: ViewportKey) -> bool:
    """Whether a viewport would follow the localizer, but for the frame of reference of its scan."""
    look, volume = document.state.look.viewports.get(key), volume_of(document, key)
    wanted = look is not None and look.linked and links_of(document, key[0]).position
    return bool(wanted and volume is not None and has_patient_axes(volume) and not is_linked(document, key))


def is_aligned_by_hand(document: Document, key: ViewportKey) -> bool:
    """Whether a viewport follows the localizer only because the reader brought both scans together."""
    volume, main = volume_of(document, key), anchor(document, key[0])
    return bool(volume and main and not may_link(main, volume) and is_linked(document, key))


def position_of(document: Document, key: ViewportKey) -> Point | None:
    """The point through which a viewport's slice goes, LPS mm; None without a volume."""
    look = document.state.look
    volume = volume_of(document, key)
    if volume is None:
        return None
    if not is_linked(document, key):
        return look.positions.get(key) or as_point(volume.grid.center_lps)
    main = anchor(document, key[0]) or volume
    cursor = look.cursors.get(key[0]) or as_point(main.grid.center_lps)
    return moved(cursor, shift_to_anchor(document, key) or ZERO, -1.0)


def move_to(document: Document, key: ViewportKey, point: Point, coupled: Iterable[str] = ()) -> None:
    """Move a viewport to a point, and with it all that follow it.

    Parameters
    ----------
    coupled : iterable of str
        Contexts whose localizers move together with this one's, as far as they share its frame of reference.
    """
    look = document.state.look
    if not is_linked(document, key):
        document.look(positions={**look.positions, key: point})
        return
    main = anchor(document, key[0])
    point = moved(point, shift_to_anchor(document, key) or ZERO)
    cursors = {**look.cursors, key[0]: point}
    for context in coupled:
        other = anchor(document, context)
        if main is not None and other is not None and may_link(main, other):
            cursors[context] = point
    document.look(cursors=cursors)


def show_point(document: Document, context: str, point: Point, scan: str = "") -> None:
    """Bring a point into all viewports of a context to which it can belong.

    Parameters
    ----------
    scan : str
        The scan on which the point was placed; "" if unknown: then every viewport goes there.
    """
    look = document.state.look
    origin = document.volumes.get((context, scan))
    main = anchor(document, context)
    positions = dict(look.positions)
    for key in look.viewports:
        volume = volume_of(document, key)
        reachable = volume is not None and (origin is None or origin is volume or may_link(origin, volume))
        if key[0] == context and reachable and not is_linked(document, key):
            positions[key] = point
    cursors = dict(look.cursors)
    if main is not None and (shift := _shift_from(document, context, scan)) is not None:
        cursors[context] = moved(point, shift)
    document.look(positions=positions, cursors=cursors)


def _shift_from(document: Document, context: str, scan: str) -> Point | None:
    """From a scan to the localizer's; nothing for an unknown one."""
    main = anchor_key(document, context)
    origin = document.volumes.get((context, scan))
    volume = volume_of(document, main) if main is not None else None
    if main is None or volume is None or origin is None or may_link(origin, volume):
        return ZERO
    if not has_patient_axes(origin):
        return None
    goal = space_of((context, document.state.look.viewports[main].scan), volume)
    return _way(document, context, space_of((context, scan), origin), goal)
