"""Files of an archive on the local disk."""

from __future__ import annotations

from pathlib import Path


class Cache:
    """Verified files of archives on the local disk, the least recently used removed when it grows too large.

    Parameters
    ----------
    root : Path
        Private folder (0700); made when it is not there. Several processes may share it.
    limit_bytes : int
        Upper limit of what stays.
    """

    def __init__(self, root: Path, limit_bytes: int) -> None:
        self.root = root
        self.limit_bytes = limit_bytes
