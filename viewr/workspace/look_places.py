"""Localizers and alignments by hand of a kept look: they come back where they mean the same place as before.

An alignment decides where in the patient an annotation lands. It comes back to the last bit, and only between the
spaces that it was found for: a frame of reference is known by its UID, a scan without one by its series and grid.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from viewr.model.marker import Point
from viewr.model.volume import Volume
from viewr.workspace import look_values as values
from viewr.workspace.document import Document
from viewr.workspace.localizer import anchor_key, space_of, volume_of
from viewr.workspace.look_values import BadValue

log = logging.getLogger(__name__)

#: How `localizer.space_of` begins the name of a space that is a scan's own.
OWN_SPACE = "scan "
#: Alignments and localizers of a task at most.
MOST = 200
_UID, _PRINT = values.text(500), values.text(64)


@dataclass(frozen=True)
class Space:
    """A space of positions.

    Attributes
    ----------
    name : str
        As `localizer.space_of` has it.
    scan_print : str
        Stands for series and grid of the scan whose own space it is; "" for a frame of reference.
    """

    name: str
    scan_print: str = ""


@dataclass(frozen=True)
class KeptCursor:
    """Where the localizer of a context stood."""

    context: str
    space: Space
    place: Point


@dataclass(frozen=True)
class KeptAlignment:
    """What the reader found to lie between two spaces, mm; see `Look.aligned`."""

    context: str
    first: Space
    second: Space
    shift: Point


def scan_print(volume: Volume) -> str:
    """Stands for the series of a volume and the places of its voxels."""
    grid = volume.grid
    held = hashlib.sha256(f"{volume.series_uid}\n{grid.shape}\n".encode())
    held.update(np.ascontiguousarray(grid.affine, np.float64).tobytes())
    if grid.slice_positions is not None:
        held.update(np.ascontiguousarray(grid.slice_positions, np.float64).tobytes())
    return held.hexdigest()[:32]


def space_now(document: Document, context: str, name: str) -> Space | None:
    """A space as the scans that are there have it; None while its scan is not there."""
    if not name.startswith(OWN_SPACE):
        return Space(name)
    volume = document.volumes.get((context, name.removeprefix(OWN_SPACE)))
    return Space(name, scan_print(volume)) if volume is not None else None


# --- what is kept --------------------------------------------------------------------------------------------------


def cursors_of(document: Document) -> list[KeptCursor]:
    """The localizers, as far as it is known which space they are in."""
    found = []
    for context, place in document.state.look.cursors.items():
        space = anchor_space(document, context)
        found += [KeptCursor(context, space, place)] if space is not None else []
    return found


def anchor_space(document: Document, context: str) -> Space | None:
    """The space that the localizer of a context is in; None while no linked viewport has its scan."""
    key = anchor_key(document, context)
    volume = volume_of(document, key) if key is not None else None
    if key is None or volume is None:
        return None
    return space_now(document, context, space_of((context, document.state.look.viewports[key].scan), volume))


def alignments_of(document: Document) -> list[KeptAlignment]:
    """What was aligned by hand."""
    found = []
    for (context, first, second), shift in document.state.look.aligned.items():
        here, there = space_now(document, context, first), space_now(document, context, second)
        if here is not None and there is not None:
            found.append(KeptAlignment(context, here, there, shift))
    return found


def cursors_to_json(cursors: Iterable[KeptCursor]) -> list[Any]:
    return [[one.context, [one.space.name, one.space.scan_print], list(one.place)] for one in cursors]


def alignments_to_json(alignments: Iterable[KeptAlignment]) -> list[Any]:
    return [
        [one.context, [one.first.name, one.first.scan_print], [one.second.name, one.second.scan_print], list(one.shift)]
        for one in alignments
    ]


# --- what comes back -----------------------------------------------------------------------------------------------


def read_cursors(data: Mapping[str, Any], contexts: Iterable[str]) -> list[KeptCursor]:
    """The localizers that a file holds; what is bad is left out."""
    held, known, found = data.get("cursors", []), values.one_of(list(contexts)), []
    for entry in held if isinstance(held, list) and len(held) <= MOST else ():
        try:
            context, space, place = entry
            found.append(KeptCursor(known(context), _space(space), values.point(place)))
        except (TypeError, ValueError):
            log.info("look of a task: a localizer was left out")
    return found


def read_alignments(data: Mapping[str, Any], contexts: Iterable[str]) -> list[KeptAlignment]:
    """The alignments that a file holds: all of them, or none if anything is wrong with one."""
    held, known, found = data.get("aligned", []), values.one_of(list(contexts)), []
    try:
        for context, first, second, shift in values.several(_anything, 0, MOST)(held):
            found.append(KeptAlignment(known(context), _space(first), _space(second), values.point(shift)))
    except (TypeError, ValueError):
        log.warning("look of a task: what was aligned by hand cannot be read; it is left out")
        return []
    return found


def _anything(value: Any) -> Any:
    return value


def _space(value: Any) -> Space:
    name, scan = values.several(values.text(500), 2, 2)(value)
    space = Space(_UID(name), _PRINT(scan))
    if not name or bool(space.scan_print) != name.startswith(OWN_SPACE):
        raise BadValue
    return space
