"""Where the look of an unfinished task is kept: one small file beside its journal's folder, written anew each time."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewr.workspace.disk import json_bytes, make_private, replace_file

log = logging.getLogger(__name__)

SUFFIX = ".look"
#: Bytes of a file that is written or read; a look takes some thousands.
MOST_BYTES = 256 * 1024
#: Files in the folder; the oldest go first.
MOST_FILES = 300


class LookFile:
    """The look of one task of one reader; may be written from any thread.

    Parameters
    ----------
    path : Path
        Its name tells nothing: that of the task's journal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._newest = 0

    def keep(self, number: int, data: Mapping[str, Any]) -> bool:
        """Write a look, unless a newer one (of a higher number) is there; False where the disk refuses."""
        text = json_bytes(data)
        if len(text) > MOST_BYTES:
            log.warning("look of a task: %d bytes are too many to be kept", len(text))
            return False
        with self._lock:
            if number <= self._newest:
                return True
            first, self._newest = not self._newest, number
            try:
                make_private(self._path.parent)
                replace_file(self._path, text)
            except OSError as exc:
                log.warning("look of a task cannot be kept: %s", exc.strerror)
                return False
        if first:
            self._clear_oldest()
        return True

    def read(self) -> Mapping[str, Any] | None:
        """What was kept; None if there is nothing, or nothing that can be read."""
        try:
            with self._path.open("rb") as stream:
                text = stream.read(MOST_BYTES + 1)
            data = json.loads(text) if len(text) <= MOST_BYTES else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            log.warning("look of a task: its file cannot be read; the views begin as the template has them")
            return None
        return data

    def drop(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)

    def _clear_oldest(self) -> None:
        files = sorted(self._path.parent.glob(f"*{SUFFIX}"), key=_changed, reverse=True)
        for old in files[MOST_FILES:]:
            old.unlink(missing_ok=True)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
