"""Which frame something was seen or drawn on: a point on each axis of a scan beside its slices, as readers count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from viewr.model.volume import Volume

#: Not an axis that one pages through: the colours of a pixel.
CHANNEL = "channel"


@dataclass(frozen=True)
class FramePoint:
    """A point on a named axis of a scan.

    Attributes
    ----------
    axis : str
        "time", "echo", "diffusion" ...
    number : int
        From 1.
    count : int
        How many the axis has.
    """

    axis: str
    number: int
    count: int

    @property
    def name(self) -> str:
        """What readers call the axis."""
        return "frame" if self.axis == "time" else self.axis

    @property
    def text(self) -> str:
        return f"{self.name} {self.number} of {self.count}"


def frame_points(volume: Volume, frame: tuple[int, ...]) -> tuple[FramePoint, ...]:
    """The points of all axes that have more than one.

    Parameters
    ----------
    frame : tuple of int
        Point on each named axis but the channel, from 0; missing ones are the first.
    """
    named = zip(volume.axes, volume.array.shape[3:], (*frame, *(0,) * len(volume.axes)), strict=False)
    return tuple(
        FramePoint(name, min(max(point, 0), count - 1) + 1, count)
        for name, count, point in named
        if name != CHANNEL and count > 1
    )


def frame_at_points(volume: Volume, points: tuple[FramePoint, ...], frame: tuple[int, ...] = ()) -> tuple[int, ...]:
    """The points as `frame_points` takes them; axes that they do not name stay as they are in `frame`."""
    found = list(frame)
    for point in points:
        if point.axis in volume.axes:
            number = volume.axes.index(point.axis)
            found += [0] * (number + 1 - len(found))
            found[number] = min(max(point.number, 1), volume.array.shape[3 + number]) - 1
    return tuple(found)


def is_film(volume: Volume) -> bool:
    """Whether a scan is one picture that moves: frames of US or XA, not slices of which each has points in time."""
    return volume.array.shape[2] == 1 and bool(frame_points(volume, ()))


def points_text(points: tuple[FramePoint, ...]) -> str:
    return ", ".join(point.text for point in points)


def points_value(points: tuple[FramePoint, ...]) -> dict[str, Any]:
    """As journals and results hold them: a member `frame`, or nothing at all for a scan without frames."""
    listed = [{"axis": point.axis, "number": point.number, "of": point.count} for point in points]
    return {"frame": listed} if listed else {}


def read_points(data: Any) -> tuple[FramePoint, ...]:
    """The points of a value with a member `frame`; what is none is left out."""
    listed = data.get("frame") if isinstance(data, Mapping) else None
    found = [_read(item) for item in listed] if isinstance(listed, list | tuple) else []
    return tuple(point for point in found if point is not None)


def _read(data: Any) -> FramePoint | None:
    if not isinstance(data, Mapping) or not isinstance(data.get("axis"), str):
        return None
    number, count = data.get("number"), data.get("of")
    if type(number) is not int or type(count) is not int or not 1 <= number <= count:
        return None
    return FramePoint(data["axis"], number, count)
