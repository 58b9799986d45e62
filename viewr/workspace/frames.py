"""Points in time (or of another named axis) of the scans on the screen; all views of a scan show the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from viewr.model.frame_point import CHANNEL, FramePoint, frame_at_points, frame_points
from viewr.model.state import ViewportKey, ViewportLook
from viewr.model.volume import Volume
from viewr.workspace.document import Document

#: Pictures a second where the scan does not say, and the limits.
USUAL_RATE = 10.0
RATE_LIMITS = (0.5, 100.0)


@dataclass(frozen=True)
class FrameAxis:
    """A named axis with more than one point.

    Attributes
    ----------
    number : int
        Its place among the volume's named axes.
    """

    number: int
    name: str
    count: int


def frame_axes(volume: Volume) -> tuple[FrameAxis, ...]:
    """The axes through which one may page beside the slices."""
    named = enumerate(zip(volume.axes, volume.array.shape[3:], strict=True))
    return tuple(FrameAxis(n, name, count) for n, (name, count) in named if name != CHANNEL and count > 1)


def frame_at(look: ViewportLook, axis: FrameAxis) -> int:
    """The point of an axis that a viewport shows."""
    point = look.frame[axis.number] if axis.number < len(look.frame) else 0
    return min(max(point, 0), axis.count - 1)


def frame_rate(volume: Volume) -> float:
    """Pictures a second, from the data where they say."""
    if volume.frame_time_ms and volume.frame_time_ms > 0:
        return min(max(1000 / volume.frame_time_ms, RATE_LIMITS[0]), RATE_LIMITS[1])
    return USUAL_RATE


def frame_seconds(volume: Volume, axis: FrameAxis, point: int) -> float | None:
    """Time of a point since the first one, s; None where it is not known."""
    if axis.name not in ("time", "phase") or not volume.frame_time_ms:
        return None
    return point * volume.frame_time_ms / 1000


def show_frame(document: Document, key: ViewportKey, axis: FrameAxis, point: int) -> None:
    """Show a point of an axis in a viewport, and in the others of its context that show the same scan."""
    looks = dict(document.state.look.viewports)
    if key not in looks:
        return
    point = min(max(point, 0), axis.count - 1)
    for other, look in looks.items():
        if other[0] == key[0] and look.scan == looks[key].scan:
            looks[other] = replace(look, frame=_with_point(look.frame, axis.number, point))
    document.look(viewports=looks)


def _with_point(frame: tuple[int, ...], number: int, point: int) -> tuple[int, ...]:
    longer = (*frame, *(0,) * (number + 1 - len(frame)))
    return (*longer[:number], point, *longer[number + 1 :])


def is_shown_frame(volume: Volume, frame: tuple[int, ...], points: tuple[FramePoint, ...]) -> bool:
    """Whether points are those of a frame of a volume; of those without any nothing else is known."""
    shown = {point.axis: point.number for point in frame_points(volume, frame)}
    return all(shown.get(point.axis, point.number) == point.number for point in points)


def show_points(document: Document, context: str, scan: str, points: tuple[FramePoint, ...]) -> None:
    """Show the frame that something was drawn or marked on, in all views of its scan."""
    document.look(viewports=looks_at_points(document, context, scan, points))


def looks_at_points(
    document: Document, context: str, scan: str, points: tuple[FramePoint, ...]
) -> Mapping[ViewportKey, ViewportLook]:
    """All viewports, those of the scan at its frame; as they are where nothing says which."""
    looks, volume = document.state.look.viewports, document.volumes.get((context, scan))
    if volume is None or not points:
        return looks
    return {
        key: replace(look, frame=frame_at_points(volume, points, look.frame))
        if key[0] == context and look.scan == scan else look
        for key, look in looks.items()
    }  # fmt: skip
