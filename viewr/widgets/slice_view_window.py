"""The window that a viewport shows a volume in while nobody has chosen one, and the colours that go with it."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from viewr.model.volume import Volume, Window

#: Slices that a default window is worked out from while others are still to come.
SEEN = 8
#: Digits of the windows that are stored with the images, where the modality has windows of its own.
STORED_DIGITS = 2

#: Values among which the lowest and highest are found within a few milliseconds.
QUICK = 4_000_000

_ranges: WeakKeyDictionary[Volume, Window] = WeakKeyDictionary()
_windows: WeakKeyDictionary[Volume, tuple[int, Window]] = WeakKeyDictionary()


def default_window(volume: Volume, loaded: npt.NDArray[np.bool_] | None = None) -> Window:
    """The window of a volume that nobody has chosen one for; worked out anew with 1, 2, 4, 8 ... and all slices.

    Parameters
    ----------
    loaded : ndarray of bool, shape (k,), optional
        Slices that are there; the others hold zeros, which do not count.
    """
    from viewr.imaging import window

    count = -1 if loaded is None or loaded.all() else int(np.count_nonzero(loaded)).bit_length()
    held = _windows.get(volume)
    if held is None or held[0] != count:
        held = _windows[volume] = count, window.default_window(_seen(volume, loaded))
    return held[1]


def _seen(volume: Volume, loaded: npt.NDArray[np.bool_] | None) -> Volume:
    """The volume, or some of its slices, in whatever order, while it is arriving."""
    if loaded is None or loaded.all() or not loaded.any() or len(loaded) != volume.array.shape[2]:
        return volume
    there = np.flatnonzero(loaded)
    some = there[:: -(-len(there) // SEEN)]
    return replace(volume, array=np.stack([volume.array[:, :, k] for k in some]))


def windows_of(volume: Volume) -> tuple[Window, ...]:
    """The windows to choose from: those stored with the images, then those of the modality."""
    from viewr.imaging.window import presets

    return (*_stored(volume), *presets(volume))


def window_digits(volume: Volume) -> dict[int, Window]:
    """The windows that the digits choose.

    Those of the modality are on the same digits whatever is stored with the images, from 3 on, so that fingers can
    learn them; 1 and 2 belong to the stored ones.
    """
    from viewr.imaging.window import presets

    stored, usual = _stored(volume), presets(volume)
    first = STORED_DIGITS + 1
    found = dict(enumerate(stored[:STORED_DIGITS] if usual else stored, 1))
    return {digit: window for digit, window in {**found, **dict(enumerate(usual, first))}.items() if digit < 10}


def _stored(volume: Volume) -> list[Window]:
    """Each once, with a name."""
    stored: list[Window] = []
    for number, window in enumerate(volume.windows, 1):
        if all(replace(window, name="") != replace(other, name="") for other in stored):
            stored.append(replace(window, name=window.name or f"Stored {number}"))
    return stored


def automatic(volume: Volume) -> Window:
    """The automatic window."""
    from viewr.imaging.window import auto_window

    return auto_window(volume.array, volume.padding)


def known_range(volume: Volume) -> Window | None:
    """The full range, if it is known or quick to find out; None: ask `find_range` outside of the GUI thread."""
    from viewr.imaging.window import full_window

    if volume not in _ranges and volume.array.size <= QUICK:
        _ranges[volume] = full_window(volume.array)
    return _ranges.get(volume)


def find_range(volume: Volume, *, keep: bool) -> Window:
    """The full range of a volume of any size; looks at every value. To be kept only once all slices are there."""
    from viewr.imaging.window import full_window

    window = full_window(volume.array)
    if keep:
        _ranges[volume] = window
    return window
