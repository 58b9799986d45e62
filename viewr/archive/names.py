"""Names of files: what the archive stores as it is written, and what a local disk can hold."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import quote

from viewr.archive.base import ResourceRef
from viewr.model.errors import ArchiveError

_NAME = re.compile(r"(?=.*[A-Za-z0-9])(?:[A-Za-z0-9._-]|(?<=T\d\d):(?=\d\d:\d\d)|(?<=T\d\d:\d\d):(?=\d\d))+")
_LABEL = re.compile(r"(?!\d+$)[A-Za-z0-9._-]+")
_LONGEST = 180  # characters of a name; the file system allows 255 bytes


def check_names(ref: ResourceRef, name: str) -> None:
    """Raise `ArchiveError` for names that the archive would store otherwise than they are written."""
    if not _NAME.fullmatch(name):
        raise ArchiveError(
            f"'{name}' is no name for a file in the archive.", "Only letters, digits and ._- and a timestamp may occur."
        )
    if not _LABEL.fullmatch(ref.label):
        raise ArchiveError(
            f"'{ref.label}' is no label for a resource in the archive.",
            "Only letters, digits and ._- may occur, and not digits alone.",
        )


def safe_relative(path: str) -> Path:
    """Path inside a resource as a path that every file system can hold; never leads out of its folder.

    The colons of a timestamp become hyphens (`10-00-00`), as in all local names; other characters outside
    ``A-Za-z0-9._-`` and blanks are percent-encoded.
    """
    parts = [quote(local_name(part), safe="._- ()+,=@") for part in path.split("/") if part not in ("", ".")]
    if not parts or any(part.strip(" .") == "" for part in parts):
        raise ArchiveError("The archive lists a file with an impossible name.", "Ask the archive's administrator.")
    # A leading dot would clash with our own marks, an over-long name with the file system.
    return Path(*(_short(f"%2E{part[1:]}" if part.startswith(".") else part) for part in parts))


def local_name(name: str) -> str:
    """Name of a file on the local disk: the colons of a timestamp are hyphens there."""
    return re.sub(r"(\d{4}-\d\d-\d\dT\d\d):(\d\d):(\d\d)", r"\1-\2-\3", name)


def remote_name(name: str) -> str:
    """Name of a file in the archive, from its local name."""
    return re.sub(r"(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)", r"\1:\2:\3", name)


def _short(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    keep = "".join(Path(name).suffixes[-2:])[-24:]
    return f"{name[:100]}~{hashlib.sha256(name.encode()).hexdigest()[:32]}{keep}"
