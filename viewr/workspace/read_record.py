"""What of the scans was on the screen: long enough to be seen, in a window that could be seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from viewr.model.read_ranges import Ranges, holds, ranges_text, size_of, unseen, with_slice

if TYPE_CHECKING:
    from viewr.model.template import Template
    from viewr.model.volume import Volume

#: Milliseconds on the screen from which a slice counts as seen.
SEEN_AFTER = 50

#: (context name, scan name of the template)
ScanKey = tuple[str, str]


class ReadRecord:
    """The slices of each scan that were seen.

    Attributes
    ----------
    ranges : dict
        Scan -> slices k along its third axis.
    on_change : callable, optional
        Told which scan has a new slice.
    """

    def __init__(self, ranges: Mapping[ScanKey, Ranges] | None = None) -> None:
        self.ranges: dict[ScanKey, Ranges] = dict(ranges or {})
        self.on_change: Callable[[ScanKey], None] | None = None

    def add(self, key: ScanKey, k: int) -> bool:
        """Slice k was seen; whether it is the first time."""
        before = self.ranges.get(key, ())
        if holds(before, k):
            return False
        self.ranges[key] = with_slice(before, k)
        if self.on_change is not None:
            self.on_change(key)
        return True

    def unseen(self, key: ScanKey, count: int) -> Ranges:
        return unseen(self.ranges.get(key, ()), count)


def read_block(ranges: Mapping[ScanKey, Ranges], slices: Mapping[ScanKey, int], context: str) -> dict[str, Any]:
    """What `__viewr__.read` says: for each scan how many slices it has, and which were seen, counted from 0."""
    return {
        key[1]: {"slices": slices[key], "seen": [list(run) for run in seen]}
        for key, seen in ranges.items()
        if key[0] == context and key in slices
    }


def demanded(template: Template) -> list[ScanKey]:
    """The scans that must be read in full: those that the template's viewports show."""
    if not template.extra.get("require_full_read"):
        return []
    keys = {(context.name, viewport.scan): None for context in template.contexts for viewport in context.viewports}
    return [key for key in keys if key[1]]


def unread(template: Template, volumes: Mapping[ScanKey, Volume], record: ReadRecord) -> dict[ScanKey, Ranges]:
    """Slices that the template demands and that were not seen, by scan."""
    left = {
        key: record.unseen(key, volumes[key].grid.shape[2]) for key in demanded(template) if key in volumes
    }
    return {key: ranges for key, ranges in left.items() if ranges}


def unread_text(scan: str, ranges: Ranges) -> str:
    """A sentence for the reader."""
    count = size_of(ranges)
    words = "slice was" if count == 1 else "slices were"
    return f"Scan '{scan}': {count} {words} not on the screen yet ({ranges_text(ranges)})."
