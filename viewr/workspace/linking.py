"""What viewports share beside the slice, and scans of two frames of reference that the reader brings together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from viewr.model.state import Links, ViewportKey
from viewr.model.volume import Volume
from viewr.render.stack import has_patient_axes
from viewr.workspace.document import Document
from viewr.workspace.layouts import shown_keys
from viewr.workspace.localizer import (
    as_point,
    links_of,
    move_to,
    position_of,
    shift_between,
    space_of,
    volume_of,
)


def set_links(document: Document, context: str, **fields: Any) -> None:
    """Switch what the viewports of a context share; each keeps the slice it shows."""
    look = document.state.look
    held = {key: position_of(document, key) for key in look.viewports if key[0] == context}
    links = {**look.links, context: replace(links_of(document, context), **fields)}
    places = {**look.positions, **{key: point for key, point in held.items() if point is not None}}
    document.look(links=links, positions=places)
    active = look.active
    if fields.get("position") and active is not None and (here := held.get(active)) is not None:
        move_to(document, active, here)


def window_peers(document: Document, key: ViewportKey) -> list[ViewportKey]:
    """Viewports of the context that have the window of this one: what they show and `Links` decide."""
    own, links = volume_of(document, key), links_of(document, key[0])
    if own is None:
        return []
    return [other for other in _others(document, key) if _shares_window(document, key, other, own, links)]


def _shares_window(document: Document, key: ViewportKey, other: ViewportKey, own: Volume, links: Links) -> bool:
    volume = volume_of(document, other)
    if volume is own and links.scan_window:
        looks = document.state.look.viewports
        if (looks[key].window, looks[key].inverted) == (looks[other].window, looks[other].inverted):
            return True
    alike = volume is not None and (volume.modality, volume.unit) == (own.modality, own.unit)
    return links.window and (volume is own or alike)


def zoom_peers(document: Document, key: ViewportKey) -> list[ViewportKey]:
    """Viewports on the screen, of the same context, that have the zoom and the middle of this one."""
    viewports = document.state.look.viewports
    if not links_of(document, key[0]).zoom or not viewports[key].linked:
        return []
    look = document.state.look
    on_screen = {*shown_keys(look, key[0]), *look.away}
    others = [other for other in _others(document, key) if other in on_screen]
    return [other for other in others if viewports[other].linked and shift_between(document, key, other) is not None]


def _others(document: Document, key: ViewportKey) -> list[ViewportKey]:
    return [other for other in document.state.look.viewports if other[0] == key[0] and other != key]


# --- by hand -------------------------------------------------------------------------------------------------------


def strangers(document: Document, key: ViewportKey) -> list[ViewportKey]:
    """Viewports of the context whose place in the patient is not known from this one's: one for each space."""
    found: dict[str, ViewportKey] = {}
    own = volume_of(document, key)
    if own is None or not has_patient_axes(own):
        return []
    for other in _others(document, key):
        volume = volume_of(document, other)
        if volume is not None and has_patient_axes(volume) and shift_between(document, key, other) is None:
            found.setdefault(_space(document, other), other)
    return list(found.values())


def _space(document: Document, key: ViewportKey) -> str:
    volume = volume_of(document, key)
    assert volume is not None
    return space_of((key[0], document.state.look.viewports[key].scan), volume)


def align(document: Document, key: ViewportKey, other: ViewportKey) -> None:
    """Take the places at which two viewports stand for the same in the patient, and link them by it."""
    here, there = position_of(document, key), position_of(document, other)
    if here is None or there is None:
        return
    look = document.state.look
    shift = as_point(np.subtract(there, here))
    pair = (key[0], _space(document, key), _space(document, other))
    viewports = {**look.viewports, **{each: replace(look.viewports[each], linked=True) for each in (key, other)}}
    links = {**look.links, key[0]: replace(links_of(document, key[0]), position=True)}
    document.look(aligned={**look.aligned, pair: shift}, viewports=viewports, links=links)
    move_to(document, key, here)


def undo_alignment(document: Document, key: ViewportKey) -> None:
    """Forget what was aligned by hand with a viewport's scan; every viewport stays where it is."""
    look = document.state.look
    held = {each: position_of(document, each) for each in look.viewports if each[0] == key[0]}
    space = _space(document, key)
    aligned = {
        pair: shift for pair, shift in look.aligned.items() if pair[0] != key[0] or space not in pair[1:]
    }
    places = {**look.positions, **{each: point for each, point in held.items() if point is not None}}
    document.look(aligned=aligned, positions=places)


def is_aligned(document: Document, key: ViewportKey) -> bool:
    """Whether a viewport's scan was aligned by hand with another one of its context."""
    if volume_of(document, key) is None:
        return False
    space = _space(document, key)
    return any(pair[0] == key[0] and space in pair[1:] for pair in document.state.look.aligned)
