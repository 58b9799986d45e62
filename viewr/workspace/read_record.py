"""What of the scans was on the screen: long enough to be seen, in a window that could be seen.

Of a scan with slices each must be seen, at whichever point in time; of a film each frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from viewr.model.frame_point import frame_points, is_film
from viewr.model.read_ranges import Ranges, holds, ranges_text, size_of, unseen, with_slice

if TYPE_CHECKING:
    from viewr.model.template import Template
    from viewr.model.volume import Volume

#: Milliseconds on the screen from which a slice counts as seen.
SEEN_AFTER = 50
#: A film that is played at its own speed is seen, too: each frame after this share of its time.
FRAME_SHARE = 0.75

#: (context name, scan name of the template)
ScanKey = tuple[str, str]


def film_frames(volume: Volume) -> int:
    """How many frames of a film must be seen; 0 for a scan with slices."""
    return frame_points(volume, ())[0].count if is_film(volume) else 0


def to_see(volume: Volume) -> tuple[str, int]:
    """What of a scan must be seen: "slice" or "frame", and how many there are."""
    frames = film_frames(volume)
    return ("frame", frames) if frames else ("slice", volume.grid.shape[2])


def seen_after(volume: Volume) -> int:
    """Milliseconds on the screen from which a slice, or a frame of a film, counts as seen."""
    own = volume.frame_time_ms if film_frames(volume) else None
    return min(SEEN_AFTER, round(own * FRAME_SHARE)) if own and own > 0 else SEEN_AFTER


class ReadRecord:
    """The slices of each scan, or the frames of a film, that were seen.

    Attributes
    ----------
    ranges : dict
        Scan -> slices k along its third axis; of a film points on the axis of its frames.
    on_change : callable, optional
        Told of which scan more was seen.
    """

    def __init__(self, ranges: Mapping[ScanKey, Ranges] | None = None) -> None:
        self.ranges: dict[ScanKey, Ranges] = dict(ranges or {})
        self.on_change: Callable[[ScanKey], None] | None = None

    def add(self, key: ScanKey, k: int) -> bool:
        """Slice or frame k was seen; whether it is the first time."""
        before = self.ranges.get(key, ())
        if holds(before, k):
            return False
        self.ranges[key] = with_slice(before, k)
        if self.on_change is not None:
            self.on_change(key)
        return True

    def unseen(self, key: ScanKey, count: int) -> Ranges:
        return unseen(self.ranges.get(key, ()), count)


def read_block(
    ranges: Mapping[ScanKey, Ranges], slices: Mapping[ScanKey, int], context: str, frames: Mapping[ScanKey, int]
) -> dict[str, Any]:
    """What `__viewr__.read` says: for each scan how many slices it has, and which were seen, counted from 0.

    Parameters
    ----------
    frames : mapping
        How many frames the films among the scans have; these say which frames were seen, too.
    """
    block: dict[str, Any] = {}
    for key, seen in ranges.items():
        if key[0] != context or key not in slices:
            continue
        runs = [list(run) for run in seen]
        if frames.get(key):
            whole = [[0, 0]] if runs else []
            block[key[1]] = {"slices": slices[key], "seen": whole, "frames": frames[key], "frames_seen": runs}
        else:
            block[key[1]] = {"slices": slices[key], "seen": runs}
    return block


def demanded(template: Template) -> list[ScanKey]:
    """The scans that must be read in full: those that the template's viewports show."""
    if not template.extra.get("require_full_read"):
        return []
    keys = {(context.name, viewport.scan): None for context in template.contexts for viewport in context.viewports}
    return [key for key in keys if key[1]]


def unread(template: Template, volumes: Mapping[ScanKey, Volume], record: ReadRecord) -> dict[ScanKey, Ranges]:
    """Slices, or frames of films, that the template demands and that were not seen, by scan."""
    left = {key: record.unseen(key, to_see(volumes[key])[1]) for key in demanded(template) if key in volumes}
    return {key: ranges for key, ranges in left.items() if ranges}


def unread_text(scan: str, ranges: Ranges, unit: str = "slice") -> str:
    """A sentence for the reader; the unit is "slice" or "frame"."""
    count = size_of(ranges)
    words = f"{unit} was" if count == 1 else f"{unit}s were"
    return f"Scan '{scan}': {count} {words} not on the screen yet ({ranges_text(ranges)})."
