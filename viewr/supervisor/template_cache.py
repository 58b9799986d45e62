"""Texts of templates on the local disk."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path


class TemplateCache:
    """The last seen text of each template, in a private folder; holds nothing but templates.

    Parameters
    ----------
    folder : Path
        Made when it is not there (0700).
    limit_bytes : int
        The templates not used for longest are removed beyond this.
    """

    def __init__(self, folder: Path, limit_bytes: int = 64 << 20) -> None:
        self._folder = folder
        self._limit = limit_bytes

    def put(self, server: str, ref: str, label: str, text: str) -> None:
        """Keep a template; a folder that cannot be written is no reason to stop."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._folder / f".part-{os.getpid()}-{secrets.token_hex(4)}"
            part.write_text(json.dumps({"label": label, "text": text, "sha256": _digest(text)}), encoding="utf-8")
            os.replace(part, self._file(server, ref))
            self._trim()
        except OSError:
            return

    def get(self, server: str, ref: str) -> tuple[str, str] | None:
        """Label and text as last seen, None when there is none or the file is damaged."""
        file = self._file(server, ref)
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            os.utime(file)
            label, text, digest = str(kept["label"]), str(kept["text"]), kept["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return (label, text) if digest == _digest(text) else None

    def _file(self, server: str, ref: str) -> Path:
        return self._folder / f"{_digest(f'{server} {ref}')[:32]}.json"

    def _trim(self) -> None:
        files = sorted(((file.stat(), file) for file in self._folder.glob("*.json")), key=lambda pair: pair[0].st_mtime)
        excess = sum(stat.st_size for stat, _ in files) - self._limit
        for stat, file in files[:-1]:
            if excess <= 0:
                break
            file.unlink(missing_ok=True)
            excess -= stat.st_size


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
