"""Switches that make the embedded servers misbehave as real ones do."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Switches:
    """Faults on demand; all off at the start.

    Attributes
    ----------
    archive_delay, supervisor_delay : float
        Seconds that each request waits before it is answered.
    archive_unavailable, supervisor_unavailable : int
        So many of the next requests are answered with 503.
    html_instead_of_401 : bool
        The archive answers 200 and its login page where it would answer 401.
    cut_download_after : int
        Downloads break off after so many bytes; 0 = never.
    downloads_left : int
        So many more files are sent, further ones wait until this changes; -1 = none waits.
    cut_upload_after : int
        The archive drops the connection after so many bytes of an upload; 0 = never.
    fail_next_catalog_write : bool
        The next upload is stored on disk, but its catalog entry fails with 500.
    deny_writes_silently : bool
        Uploads are answered with 200 and not stored, as for a user without the right to edit.
    session_seconds : float
        Life of an archive session without a request.
    lose_next_lock_to : str
        The next lock is answered with 200, but belongs to this user: what two simultaneous requests do.
    """

    archive_delay: float = 0.0
    supervisor_delay: float = 0.0
    archive_unavailable: int = 0
    supervisor_unavailable: int = 0
    html_instead_of_401: bool = False
    cut_download_after: int = 0
    downloads_left: int = -1
    cut_upload_after: int = 0
    fail_next_catalog_write: bool = False
    deny_writes_silently: bool = False
    session_seconds: float = 900.0
    lose_next_lock_to: str = ""
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def take(self, name: str) -> Any:
        """The value of a switch that works once, and the switch off (or one less)."""
        with self._guard:
            value = getattr(self, name)
            if value:
                left = value - 1 if isinstance(value, int) and not isinstance(value, bool) else type(value)()
                setattr(self, name, left)
            return value

    def await_download(self) -> None:
        """Wait until one more file may be sent; after a minute it may in any case."""
        deadline = time.monotonic() + 60
        while not self._may_send() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _may_send(self) -> bool:
        with self._guard:
            if self.downloads_left == 0:
                return False
            self.downloads_left -= self.downloads_left > 0
            return True

    def set(self, values: Mapping[str, Any]) -> None:
        """Set several switches by name; raises ValueError for a name that is none."""
        known = {item.name: item for item in dataclasses.fields(self) if not item.name.startswith("_")}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"There is no switch '{name}'.")
            setattr(self, name, type(getattr(self, name))(value))

    def values(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if not f.name.startswith("_")}

    def reset(self) -> None:
        """All faults off."""
        self.set(Switches().values())
