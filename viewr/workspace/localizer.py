"""Where viewports stand, and how they follow one another: by position in the patient, never by slice number."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from viewr.model.marker import Point
from viewr.model.state import ViewportKey
from viewr.model.volume import Volume
from viewr.render.stack import has_patient_axes
from viewr.workspace.document import Document


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
    if "" in frames:
        return first.grid.contains(second.grid.center_lps) or second.grid.contains(first.grid.center_lps)
    return len(frames) == 1


def anchor(document: Document, context: str) -> Volume | None:
    """The volume whose frame of reference the localizer of a context is in: that of its first linked viewport."""
    for key, look in document.state.look.viewports.items():
        volume = volume_of(document, key)
        if key[0] == context and look.linked and volume is not None and has_patient_axes(volume):
            return volume
    return None


def is_linked(document: Document, key: ViewportKey) -> bool:
    """Whether a viewport follows the localizer of its context."""
    look = document.state.look.viewports.get(key)
    volume = volume_of(document, key)
    main = anchor(document, key[0])
    return bool(look and look.linked and volume and main and may_link(main, volume))


def position_of(document: Document, key: ViewportKey) -> Point | None:
    """The point through which a viewport's slice goes, LPS mm; None without a volume."""
    look = document.state.look
    volume = volume_of(document, key)
    if volume is None:
        return None
    if not is_linked(document, key):
        return look.positions.get(key) or as_point(volume.grid.center_lps)
    main = anchor(document, key[0]) or volume
    return look.cursors.get(key[0]) or as_point(main.grid.center_lps)


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
    if main is not None and (origin is None or may_link(origin, main)):
        cursors[context] = point
    document.look(positions=positions, cursors=cursors)
