"""What the program and the process that fetches its scans say to each other: one JSON object a line.

To the process::

    {"open": {...}}                         the archive and the account, first of all
    {"fetch": 3, "name": ..., "ref": ...}   bring a scan
    {"cancel": 3}                           nobody wants it any more
    {"taken": 3}                            its voxels are mapped, their files may lose their names

From it::

    {"news": 3, "volume": ..., "slices": [...], "done": 7, "total": 20}
    {"fetched": 3, "volume": ..., "notices": [...], "digest": ...}
    {"failed": 3, "kind": ..., "message": ..., "hint": ...}
    {"log": "INFO", "name": ..., "message": ...}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from viewr.archive.base import NameTakenError, NoRightError, NotThereError, ResourceRef, Scan
from viewr.imaging.mapped import describe, map_file, place_of, touch
from viewr.model.errors import (
    ArchiveError,
    FormatError,
    NetworkError,
    SettingsError,
    SignInError,
    TaskError,
    ViewrError,
)
from viewr.model.volume import Volume
from viewr.net.failures import ServerFaultError, UnreachableError, WrongServerError
from viewr.net.http import HttpOptions
from viewr.workspace.places import ScanTarget
from viewr.workspace.scan_loading import Fetched, Inbox, Loaded, News

Message = dict[str, Any]
#: Bytes of a volume up to which its pages are brought in before it is shown; that of more would take seconds.
TOUCHED = 1 << 30

#: Failures that keep their class on the way; any other arrives as a `ViewrError`.
_KNOWN: Mapping[str, type[ViewrError]] = {
    kind.__name__: kind
    for kind in (
        ArchiveError, FormatError, NameTakenError, NetworkError, NoRightError, NotThereError, ServerFaultError,
        SettingsError, SignInError, TaskError, UnreachableError, WrongServerError,
    )
}  # fmt: skip


@dataclass(frozen=True)
class ArchiveAccount:
    """An archive, an account there, and where its images are kept on this machine; never written to disk."""

    url: str
    user: str
    password: str = field(repr=False)
    images: str
    volumes: str
    http: HttpOptions = field(default_factory=HttpOptions)
    cache_bytes: int = 20 << 30

    def to_message(self) -> Message:
        return {"open": asdict(self)}

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> ArchiveAccount:
        values = dict(message["open"])
        return cls(**{**values, "http": HttpOptions(**values["http"])})


def to_line(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def of_line(line: bytes) -> Message:
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message is an object")
    return message


def spool_folder(volumes: Path, pid: int) -> Path:
    """Where the process `pid` keeps the voxels that are still arriving."""
    return volumes / f".spool-{pid}"


# --- requests --------------------------------------------------------------------------------------------------


def request(number: int, name: str, target: ScanTarget) -> Message:
    return {"fetch": number, "name": name, "ref": asdict(target.ref), "scan": asdict(target.scan), "file": target.file}


def target_of(message: Mapping[str, Any]) -> ScanTarget:
    return ScanTarget(ResourceRef(**message["ref"]), Scan(**message["scan"]), message["file"])


# --- answers ---------------------------------------------------------------------------------------------------


def _volume_message(volume: Volume) -> Message:
    place = place_of(volume.array)
    if place is None:
        raise ValueError("the voxels are in no file")
    return {**describe(volume), "file": str(place[0]), "offset": place[1]}


def _volume_of(message: Mapping[str, Any]) -> Volume:
    volume = map_file(message, Path(message["file"]), message["offset"])
    if volume.array.nbytes <= TOUCHED:
        touch(volume.array)
    return volume


def news_message(number: int, news: News) -> Message:
    message: Message = {"news": number, "slices": news.slices, "done": news.done, "total": news.total}
    if news.volume is not None and news.loaded is not None:
        message["volume"] = _volume_message(news.volume)
        message["loaded"] = np.flatnonzero(news.loaded).tolist()
    return message


@dataclass
class NewsReader:
    """Puts the news of one scan into its inbox, and keeps account of the slices that are there."""

    inbox: Inbox
    _loaded: Loaded = field(default_factory=lambda: np.zeros(0, bool))

    def take(self, message: Mapping[str, Any]) -> None:
        if "volume" in message:
            volume = _volume_of(message["volume"])
            self._loaded = np.zeros(volume.grid.shape[2], bool)
            self._loaded[message["loaded"]] = True
            self.inbox.reshaped(volume, self._loaded)
        for k in message["slices"]:
            self._loaded[k] = True
            self.inbox.arrived(k)
        if message["total"]:
            self.inbox.counted(message["done"], message["total"])


def fetched_message(number: int, fetched: Fetched) -> Message:
    return {"fetched": number, "volume": _volume_message(fetched.volume), "notices": fetched.notices,
            "digest": fetched.digest}  # fmt: skip


def fetched_of(message: Mapping[str, Any]) -> Fetched:
    return Fetched(_volume_of(message["volume"]), tuple(message["notices"]), message["digest"])


def failed_message(number: int, error: ViewrError) -> Message:
    kind = next((cls.__name__ for cls in type(error).__mro__ if cls.__name__ in _KNOWN), "")
    return {"failed": number, "kind": kind, "message": error.message, "hint": error.hint}


def error_of(message: Mapping[str, Any]) -> ViewrError:
    return _KNOWN.get(message["kind"], ViewrError)(message["message"], message["hint"])
