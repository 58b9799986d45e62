"""The private CSA header of Siemens MR images, as far as geometry needs it.

A run of named tags, each with a number of text items; the layout is described in nibabel's notes on Siemens CSA.
"""

from __future__ import annotations

from struct import Struct
from struct import error as StructError

_HEAD = Struct("<2I")
_TAG = Struct("<64s i 4s i i i")
_ITEM = Struct("<4i")
_MOST_TAGS, _MOST_ITEMS = 1000, 10_000


def read_csa(data: bytes) -> dict[str, list[str]]:
    """Tags with their items as text; what is damaged ends the list."""
    tags: dict[str, list[str]] = {}
    position = 8 if data[:4] == b"SV10" else 0
    try:
        count = _HEAD.unpack_from(data, position)[0]
        position += _HEAD.size
        for _ in range(min(count, _MOST_TAGS)):
            name, items, position = _tag(data, position, first_type=data[:4] != b"SV10")
            tags[name] = items
    except StructError:
        pass
    return tags


def _tag(data: bytes, position: int, first_type: bool) -> tuple[str, list[str], int]:
    name, _, _, _, count, check = _TAG.unpack_from(data, position)
    position += _TAG.size
    items = []
    for _ in range(min(count, _MOST_ITEMS)):
        sizes = _ITEM.unpack_from(data, position)
        position += _ITEM.size
        # The older form counts from the tag's check number, the newer one says the length itself.
        length = sizes[0] - check if first_type else sizes[1]
        if length < 0 or position + length > len(data):
            length = 0
        text = data[position : position + length].split(b"\0", 1)[0].decode("latin-1").strip()
        if text:
            items.append(text)
        position += -(-length // 4) * 4
    return name.split(b"\0", 1)[0].decode("latin-1"), items, position
