"""How long a reader has worked in each field of a form, for templates that ask for it (`timer`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from viewr.model.annotation import DrawingKey
from viewr.model.answers import ROW_ID
from viewr.model.template import LISTING, Context, Field
from viewr.workspace.active_time import PAUSE


class FieldTime:
    """Adds the time between signs of life to the field that had the keyboard last, but for pauses.

    Parameters
    ----------
    before : mapping of (context, path) to float
        Seconds from an earlier sitting.
    """

    def __init__(
        self, before: Mapping[DrawingKey, float] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._seconds = dict(before or {})
        self._current: DrawingKey | None = None
        self._last = clock()

    def enter(self, context: str, path: str) -> None:
        """The keyboard is in another field; rows of listings by their id."""
        self.sign()
        self._current = (context, path)

    def sign(self) -> None:
        """The reader did something, in the form or in the views."""
        now = self._clock()
        if self._current is not None and now - self._last < PAUSE:
            self._seconds[self._current] = self._seconds.get(self._current, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> dict[DrawingKey, float]:
        """Seconds by (context, path), only of fields that were entered."""
        return dict(self._seconds)


def times_to_json(seconds: Mapping[DrawingKey, float]) -> list[list[Any]]:
    """For the journal: context, path, seconds."""
    return [[context, path, round(value, 1)] for (context, path), value in seconds.items()]


def times_from_json(rows: Any) -> dict[DrawingKey, float]:
    """What `times_to_json` wrote; nothing of what is not."""
    held = rows if isinstance(rows, list) else []
    whole = (row for row in held if isinstance(row, list) and len(row) == 3)
    return {(str(context), str(path)): float(value) for context, path, value in whole}


def timer_block(
    context: Context, answers: Mapping[str, Any], seconds: Mapping[DrawingKey, float], *, everything: bool
) -> dict[str, int]:
    """Whole seconds by path, as the result holds them.

    Parameters
    ----------
    everything : bool
        The template asks for all fields; else those that ask for themselves count.

    Returns
    -------
    dict
        Boxes, tabs and listings have the time of what is in them; rows stand by their number from 1. Rows that are
        gone count for their listing only.
    """
    totals: dict[str, float] = {}
    for (name, path), value in seconds.items():
        if name == context.name:
            for place in _places(context.fields, answers, path, everything):
                totals[place] = totals.get(place, 0.0) + value
    return {place: round(value) for place, value in sorted(totals.items()) if round(value)}


def _places(fields: tuple[Field, ...], answers: Any, path: str, everything: bool) -> list[str]:
    """The field of a path and all that it is in, where their times are wanted, with numbers for rows."""
    found: list[str] = []
    shown: list[str] = []
    names = path.split("/")
    while names:
        one = next((field for field in fields if field.name == names[0]), None)
        if one is None:
            break
        shown.append(names.pop(0))
        if everything or one.extra.get("timer"):
            found.append("/".join(shown))
        fields, answers = one.children, answers.get(one.name) if isinstance(answers, Mapping) else None
        if one.control == LISTING and names:
            rows = answers if isinstance(answers, list | tuple) else ()
            ids = [row.get(ROW_ID) if isinstance(row, Mapping) else None for row in rows]
            if names[0] not in ids:
                break
            answers = rows[ids.index(names[0])]
            shown.append(str(1 + ids.index(names.pop(0))))
    return found
