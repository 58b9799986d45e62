"""Pictures turned by quarters and mirrored: the plane turns, so that letters, marks and the mouse stay true."""

from __future__ import annotations

from dataclasses import replace

from viewr.model.geometry import Plane
from viewr.render.stack import SliceStack

#: (quarter turns clockwise, 0 to 3, mirrored left to right before)
Turn = tuple[int, bool]


def turned_plane(plane: Plane, turn: Turn) -> Plane:
    """The plane as it lies after mirroring and then turning the picture clockwise about its middle."""
    right, down = plane.right, plane.down
    if turn[1]:
        right = -right
    for _ in range(turn[0] % 4):
        right, down = -down, right
    return Plane(plane.center, right, down)


def turned_stack(stack: SliceStack, turn: Turn) -> SliceStack:
    """The same slices in the same order, each picture mirrored and turned."""
    if turn == (0, False):
        return stack
    extent = stack.extent if turn[0] % 2 == 0 else (stack.extent[1], stack.extent[0])
    return replace(stack, middle=turned_plane(stack.middle, turn), extent=extent)


def turned_clockwise(turn: Turn, quarters: int) -> Turn:
    """The turn of a picture that is turned further as it is seen."""
    return (turn[0] + quarters) % 4, turn[1]


def mirrored(turn: Turn) -> Turn:
    """The turn of a picture whose left and right are exchanged as it is seen."""
    # A mirror before a turn is a mirror after the opposite turn.
    return -turn[0] % 4, not turn[1]


def upside_down(turn: Turn) -> Turn:
    """The turn of a picture whose top and bottom are exchanged as it is seen."""
    return turned_clockwise(mirrored(turn), 2)


def carried(pan_mm: tuple[float, float], before: Turn, after: Turn) -> tuple[float, float]:
    """A shift right and down in one turned picture, as a shift of the same place in another."""
    x, y = pan_mm
    for _ in range(-before[0] % 4):
        x, y = -y, x
    if before[1] != after[1]:
        x = -x
    for _ in range(after[0] % 4):
        x, y = -y, x
    return x, y


def turn_words(turn: Turn) -> str:
    """What to tell the reader of a picture that is not as usual; "" if it is."""
    words = (["mirrored"] if turn[1] else []) + ([f"turned {turn[0] % 4 * 90}°"] if turn[0] % 4 else [])
    return ", ".join(words)
