"""What was submitted from this machine, line by line; nothing is ever changed or taken out.

Each line is a JSON object with the time, what happened, and ids of servers; never a name, a date of birth or an answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from viewr.model.errors import ViewrError
from viewr.workspace.disk import make_private


class Audit:
    """The log in one file; several programs may append at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, event: str, submission: str, details: Mapping[str, Any]) -> None:
        """Add a line, durable when this returns.

        Parameters
        ----------
        event : str
            "queued", "delivered" or "taken back".
        details : mapping
            Ids, file names and digests.
        """
        line = {"at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "event": event, "submission": submission}
        data = json.dumps({**line, **details}, ensure_ascii=False).encode() + b"\n"
        try:
            make_private(self.path.parent)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as exc:
            raise ViewrError(f"The audit log '{self.path}' cannot be written: {exc.strerror}.") from exc

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """Every whole line, the oldest first; a torn one is left out."""
        if not self.path.exists():
            return
        with self.path.open("rb") as stream:
            for raw in stream:
                try:
                    line = json.loads(raw)
                except ValueError:
                    continue
                if isinstance(line, dict):
                    yield line

    def has(self, event: str, submission: str) -> bool:
        """Whether this was logged already."""
        return any(line.get("event") == event and line.get("submission") == submission for line in self.lines())
