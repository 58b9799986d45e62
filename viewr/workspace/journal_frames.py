"""Records on disk: framed, so that a torn end is found, and cut, whatever tore it.

A frame is `VRJ1`, the lengths of header and blob, the CRC-32 of both lengths, header and blob; then header (JSON) and
blob (bytes).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

MAGIC = b"VRJ1"
_HEAD = struct.Struct("<4sIII")
_LENGTHS = struct.Struct("<II")
#: No record of ours is larger; a length beyond it is a torn or foreign frame.
LIMIT = 1 << 31


@dataclass(frozen=True, eq=False)
class Record:
    """One thing that happened."""

    header: Mapping[str, Any]
    blob: bytes = b""

    @property
    def kind(self) -> str:
        return str(self.header["kind"])


def encode(record: Record) -> bytes:
    header = json.dumps(record.header, ensure_ascii=False, separators=(",", ":")).encode()
    lengths = _LENGTHS.pack(len(header), len(record.blob))
    check = zlib.crc32(record.blob, zlib.crc32(header, zlib.crc32(lengths)))
    return b"".join((_HEAD.pack(MAGIC, len(header), len(record.blob), check), header, record.blob))


def _next(stream: BinaryIO, left: int) -> Record | None:
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, header_size, blob_size, check = _HEAD.unpack(head)
    if magic != MAGIC or header_size + blob_size > min(LIMIT, left - _HEAD.size):
        return None
    header, blob = stream.read(header_size), stream.read(blob_size)
    lengths = _LENGTHS.pack(header_size, blob_size)
    if zlib.crc32(blob, zlib.crc32(header, zlib.crc32(lengths))) != check:
        return None
    data = json.loads(header)
    return Record(data, blob) if isinstance(data, dict) and "kind" in data else None


def read_frames(stream: BinaryIO, *, first_only: bool = False) -> tuple[list[Record], int, int]:
    """Every whole record from the start.

    Returns
    -------
    records : list of Record
    good : int
        Bytes that they take.
    size : int
        Bytes in all; what lies behind `good` is torn.
    """
    size = stream.seek(0, 2)
    good = stream.seek(0)
    records: list[Record] = []
    while good < size and not (first_only and records):
        record = _next(stream, size - good)
        if record is None:
            break
        records.append(record)
        good = stream.tell()
    return records, good, size
