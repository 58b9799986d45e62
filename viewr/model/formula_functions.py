"""The functions and methods that formulas may call, each with the limits it needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: Texts that become numbers are short.
_MAX_DIGITS = 400
_MAX_ROUNDING = 100
_NUMBERS = frozenset({bool, int, float})


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _MAX_DIGITS:
        raise ValueError("too long for a number")
    return value


def _int(value: Any = 0, base: int = 10) -> int:
    return int(_short(value), base) if base != 10 else int(_short(value))


def _float(value: Any = 0.0) -> float:
    return float(_short(value))


def _round(value: Any, digits: int | None = None) -> Any:
    # Rounding a whole number to -10**9 digits would compute 10**10**9.
    if digits is not None and abs(digits) > _MAX_ROUNDING:
        raise ValueError("too many digits")
    return round(value, digits)


def _sum(values: Iterable[Any], start: Any = 0) -> Any:
    numbers = [start, *values]
    if not _NUMBERS.issuperset(map(type, numbers)):
        raise TypeError("only numbers have a sum")
    return sum(numbers[1:], start)


def _text(value: Any = "") -> str:
    return str(value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs, "min": min, "max": max, "round": _round, "sum": _sum, "len": len, "int": _int, "float": _float,
    "str": _text, "bool": bool, "any": any, "all": all, "sorted": sorted,
    "sqrt": math.sqrt, "log": math.log, "exp": math.exp, "floor": math.floor, "ceil": math.ceil,
}  # fmt: skip

MATH: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt, "log": math.log, "log10": math.log10, "exp": math.exp, "floor": math.floor, "ceil": math.ceil,
    "hypot": math.hypot,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e}

#: Method to the kinds of values that have it.
METHODS: dict[str, tuple[type, ...]] = {
    "lower": (str,), "upper": (str,), "strip": (str,), "split": (str,), "startswith": (str,), "endswith": (str,),
    "get": (Mapping,), "count": (str, list, tuple),
}  # fmt: skip
