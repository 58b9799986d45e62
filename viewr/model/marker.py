"""Points with a meaning, placed in the patient."""

from __future__ import annotations

from dataclasses import dataclass

from viewr.model.frame_point import FramePoint

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Marker:
    """One marker.

    Attributes
    ----------
    pos : tuple of float
        Patient LPS, mm.
    type : int
        Index into the groups of its form field.
    name : str
        For landmarks: which one.
    id : int
        Unique within its field, never used again.
    scan : str
        Scan of the context on which it was placed, by its name in the template; "" if that is not known.
    frames : tuple of FramePoint
        The frame of the scan on which it was placed; empty if the scan has none, or that is not known.
    rest : str
        What the result of another program says of it beside these, as JSON; it is written back as it was. "pos" in it
        are the coordinates after the third.
    """

    pos: Point
    type: int = 0
    name: str = ""
    id: int = 0
    scan: str = ""
    frames: tuple[FramePoint, ...] = ()
    rest: str = ""


def next_id(items: tuple[object, ...]) -> int:
    """An id that none of the markers or contours has."""
    return 1 + max((int(getattr(item, "id", 0)) for item in items), default=0)
