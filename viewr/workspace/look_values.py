"""Values of a kept look, read with suspicion: what a file says is taken only if the program could have written it."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from viewr.model.marker import Point
from viewr.model.reformat import Reformat, Rows
from viewr.model.volume import Window

Check = Callable[[Any], Any]

#: No place in a patient is further from the origin, mm.
FARTHEST = 1e5
#: Bytes of a window's curve that are kept; a longer one is the scan's own again.
LONGEST_CURVE = 8192


class BadValue(ValueError):
    """A value that the program did not write."""


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue
    return value


def number(low: float, high: float) -> Check:
    """A number within limits; neither infinite nor none."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadValue
        if not low <= value <= high:  # false for what is no number, too
            raise BadValue
        return float(value)

    return check


def whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadValue
        return value

    return check


def text(longest: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise BadValue
        return value

    return check


def one_of(options: Collection[Any]) -> Check:
    known = frozenset(options)

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in known:
            raise BadValue
        return value

    return check


def optional(inner: Check) -> Check:
    def check(value: Any) -> Any:
        return None if value is None else inner(value)

    return check


def several(inner: Check, least: int, most: int) -> Check:
    """A list of a few values, as a tuple."""

    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise BadValue
        return tuple(inner(one) for one in value)

    return check


_place = several(number(-FARTHEST, FARTHEST), 3, 3)
_unit_vector = several(number(-1.000001, 1.000001), 3, 3)
_share = number(0, 1)
_any_number = number(-1e30, 1e30)


def point(value: Any) -> Point:
    """A place, LPS mm."""
    x, y, z = _place(value)
    return x, y, z


def window_to_json(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    return {
        "width": window.width, "level": window.level, "name": window.name, "reach": window.reach,
        "linear": window.linear, "curve": base64.b64encode(window.curve).decode(),
    }  # fmt: skip


def window(value: Any) -> Window | None:
    """A window; None is the scan's own."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise BadValue
    try:
        curve = base64.b64decode(text(2 * LONGEST_CURVE)(value.get("curve")), validate=True)
    except binascii.Error as exc:
        raise BadValue from exc
    if len(curve) > LONGEST_CURVE:
        raise BadValue
    return Window(
        number(0, 1e30)(value.get("width")), _any_number(value.get("level")), text(200)(value.get("name")), curve,
        number(1e-6, 1e6)(value.get("reach")), flag(value.get("linear")),
    )  # fmt: skip


def reformat_to_json(axes: Reformat) -> dict[str, Any]:
    return {"base": [list(row) for row in axes.base], "axes": [list(row) for row in axes.axes]}


def reformat(value: Any) -> Reformat:
    """Axes of a context; perpendicular unit vectors that are no mirror image."""
    if not isinstance(value, Mapping):
        raise BadValue
    return Reformat(_rows(value.get("base")), _rows(value.get("axes")))


def _rows(value: Any) -> Rows:
    a, b, c = several(_unit_vector, 3, 3)(value)
    matrix = np.array((a, b, c))
    if np.abs(matrix @ matrix.T - np.eye(3)).max() > 1e-6 or not math.isclose(np.linalg.det(matrix), 1, abs_tol=1e-5):
        raise BadValue
    return a, b, c


def share(value: Any) -> float:
    """A number from 0 to 1."""
    return float(_share(value))
