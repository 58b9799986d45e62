"""A text that is being written, kept on disk while it is not saved: a crash loses nothing of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from viewr.workspace.disk import json_bytes, make_private, replace_file


@dataclass(frozen=True)
class Draft:
    """An unsaved text and the file it belongs to; "" if it has none yet."""

    path: str
    text: str


class DraftFile:
    """Keeps one draft in a private folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template-draft.json"

    def keep(self, draft: Draft) -> None:
        """Write the draft; raises `OSError` where the disk cannot take it."""
        make_private(self._file.parent)
        replace_file(self._file, json_bytes({"path": draft.path, "text": draft.text}))

    def drop(self) -> None:
        """The text was saved, or is not wanted."""
        self._file.unlink(missing_ok=True)

    def read(self) -> Draft | None:
        """The draft of an earlier run; None if there is none that can be read."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return Draft(str(kept["path"]), str(kept["text"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
