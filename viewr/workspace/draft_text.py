"""A text that is being written, kept on disk while it is not saved: a crash loses nothing of it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path

from viewr.workspace.disk import json_bytes, make_private, replace_file


@dataclass(frozen=True)
class Draft:
    """An unsaved text and the file it belongs to; "" if it has none yet."""

    path: str
    text: str


class DraftFile:
    """Keeps one draft in a private folder; may be asked to from any thread."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template-draft.json"
        self._lock = threading.Lock()
        self._asked = self._done = 0

    def ask(self) -> int:
        """A number for the next `keep` or `drop`: what was asked for later is what stays."""
        self._asked += 1
        return self._asked

    def keep(self, draft: Draft, asked: int | None = None) -> None:
        """Write the draft; raises `OSError` where the disk cannot take it."""
        number = self.ask() if asked is None else asked
        with self._lock:
            if number > self._done:
                make_private(self._file.parent)
                replace_file(self._file, json_bytes({"path": draft.path, "text": draft.text}))
                self._done = number

    def drop(self) -> None:
        """The text was saved, or is not wanted."""
        number = self.ask()
        with self._lock:
            self._file.unlink(missing_ok=True)
            self._done = number

    def read(self) -> Draft | None:
        """The draft of an earlier run; None if there is none that can be read."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return Draft(str(kept["path"]), str(kept["text"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
