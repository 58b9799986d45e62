"""Which viewports cut along axes that the reader turned, and turning them."""

from __future__ import annotations

import numpy.typing as npt

from viewr.model.reformat import Reformat, from_plane
from viewr.model.state import ViewportKey
from viewr.render.stack import build_stack, has_patient_axes
from viewr.workspace.document import Document
from viewr.workspace.localizer import is_linked, volume_of


def can_turn(document: Document, key: ViewportKey) -> bool:
    """Whether a viewport follows turned axes: it is linked, and its scan has more than one slice."""
    volume = volume_of(document, key)
    return (
        volume is not None and volume.grid.shape[2] > 1 and has_patient_axes(volume) and is_linked(document, key)
    )


def turns_others(document: Document, key: ViewportKey) -> bool:
    """Whether turning the lines in a viewport would turn another one of its context."""
    viewports = document.state.look.viewports
    return can_turn(document, key) and any(
        other[0] == key[0] and look.orientation != viewports[key].orientation and can_turn(document, other)
        for other, look in viewports.items()
    )


def reformat_of(document: Document, key: ViewportKey) -> Reformat | None:
    """The axes that a viewport cuts along, if they are turned ones."""
    axes = document.state.look.axes.get(key[0])
    return axes if axes is not None and can_turn(document, key) else None


def axes_from(document: Document, key: ViewportKey) -> Reformat | None:
    """The axes of a viewport's context as they are; if none were turned yet, those of the viewport's own plane."""
    look, volume = document.state.look, volume_of(document, key)
    held = look.axes.get(key[0])
    if held is not None or volume is None:
        return held
    viewport = look.viewports[key]
    return from_plane(build_stack(volume, viewport.orientation, viewport.anatomical).middle, viewport.orientation)


def turn(document: Document, context: str, axes: Reformat, about_lps: npt.ArrayLike, radians: float) -> None:
    """Turn the axes of a context, from what they were, about a unit vector."""
    document.look(axes={**document.state.look.axes, context: axes.turned(about_lps, radians)})


def set_axes(document: Document, context: str, axes: Reformat | None) -> None:
    """Put the axes of a context where they were; None: straight."""
    others = {name: held for name, held in document.state.look.axes.items() if name != context}
    document.look(axes=others if axes is None else {**others, context: axes})
