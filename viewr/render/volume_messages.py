"""What the program and the process that renders volumes say to each other: one JSON object a line, then its bytes.

To the process::

    {"volume": {"shape": [k, j, i], "affine": 4x4, "low": ..., "step": ...}, "bytes": n}
    {"labels": KEY, "shape": [i, j, k], "dtype": ..., "first": [i, j, k], "grid": {...}, "colours": [[value, r, g, b]],
     "bytes": n}                            voxels in Fortran order; no bytes: the surfaces go
    {"render": 7, "recipe": {...}}          a picture; one that is newer takes its place

From it::

    {"ready": RENDERER, "gpu": false, "room": {...}}    once: what draws, and what `viewr.render.volume_room` asks
    {"alive": true}                         now and then in the middle of a long picture
    {"picture": 7, "size": [width, height], "seconds": ..., "bytes": n}    RGB, from the top left
    {"dropped": 7}                          a picture was given up, for another or for voxels that came meanwhile
    {"surfaces": KEY, "some": true}         the next picture shows them; whether there are any
    {"failed": TEXT, "gpu": true}           it cannot go on, and ends; whether it was the GPU that failed
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Any

from viewr.model.marker import Point
from viewr.render.volume_presets import Blend, Transfer

Message = dict[str, Any]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Line:
    """A line through points, LPS mm; `width` in pixels."""

    points: tuple[Point, ...]
    colour: Colour
    width: float = 1.0
    closed: bool = False


@dataclass(frozen=True)
class Ball:
    """A ball, mm."""

    center: Point
    colour: Colour
    radius: float


@dataclass(frozen=True)
class Recipe:
    """A whole picture of the volume.

    Attributes
    ----------
    size : tuple of int
        Width and height in pixels.
    center, right, down : Point
        Of the camera's plane, LPS.
    mm_per_pixel : float
    crop : tuple of float, or None
        Lowest and highest share of the copy (`viewr.render.volume_clip`) along i, then j, then k that are shown.
    draft : bool
        From the smaller copy.
    moving : bool
        Soon there will be another: nothing else is done before this one is there.
    """

    size: tuple[int, int]
    center: Point
    right: Point
    down: Point
    mm_per_pixel: float
    transfer: Transfer
    crop: tuple[float, ...] | None = None
    scan_shown: bool = True
    surfaces_shown: bool = True
    lines: tuple[Line, ...] = ()
    balls: tuple[Ball, ...] = ()
    background: Colour = (0.0, 0.0, 0.0)
    draft: bool = False
    moving: bool = False


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    return asdict(recipe)


def recipe_of(data: dict[str, Any]) -> Recipe:
    """The recipe of a message; its lists are tuples again, so that equal parts are equal."""
    values = {name: _frozen(value) for name, value in data.items()}
    values["transfer"] = transfer_of_json(data["transfer"])
    values["lines"] = tuple(Line(**{name: _frozen(value) for name, value in line.items()}) for line in data["lines"])
    values["balls"] = tuple(Ball(**{name: _frozen(value) for name, value in ball.items()}) for ball in data["balls"])
    return Recipe(**values)


def transfer_of_json(data: dict[str, Any]) -> Transfer:
    blend: Blend = data["blend"]
    return Transfer(blend, bool(data["shaded"]), _frozen(data["opacities"]), _frozen(data["colours"]))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, (list, tuple)) else value


def write(out: IO[bytes], message: Message, payload: bytes | memoryview = b"") -> None:
    """Say one thing; not safe from several threads."""
    head = {**message, "bytes": len(payload)} if len(payload) else message
    out.write(json.dumps(head).encode() + b"\n")
    if len(payload):
        out.write(payload)
    out.flush()


def read_all(source: IO[bytes]) -> Iterator[tuple[Message, bytes]]:
    """Everything that is said, until the other side ends, also in the middle of a sentence."""
    while line := source.readline():
        if not line.endswith(b"\n"):
            return
        message = json.loads(line)
        payload = source.read(message["bytes"]) if "bytes" in message else b""
        if len(payload) < message.get("bytes", 0):
            return
        yield message, payload
