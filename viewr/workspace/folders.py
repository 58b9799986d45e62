"""Where the program keeps what it must not lose, and what it may lose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Folders:
    """The user's own folders; made when first written to.

    Attributes
    ----------
    data : Path
        Journals, outbox and audit log.
    cache : Path
        Images from the archive and templates; may be deleted at any time.
    cache_bytes : int
        What files of scans and decoded scans may take together.
    """

    data: Path
    cache: Path
    cache_bytes: int = 20 << 30

    @property
    def images(self) -> Path:
        """Files of archives, as they came."""
        return self.cache / "images"

    @property
    def volumes(self) -> Path:
        """Scans decoded before."""
        return self.cache / "volumes"

    @property
    def journals(self) -> Path:
        return self.data / "journals"

    @property
    def looks(self) -> Path:
        """How the views of unfinished tasks were left."""
        return self.data / "looks"

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"

    @property
    def audit(self) -> Path:
        return self.data / "audit.jsonl"


def user_folders() -> Folders:
    """The folders of this user on this machine (XDG on Linux)."""
    return Folders(Path(platformdirs.user_data_dir("viewr", False)), Path(platformdirs.user_cache_dir("viewr", False)))
