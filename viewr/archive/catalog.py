"""Every kind of archive; to add one, add a line."""

from __future__ import annotations

from viewr.archive.folder import FolderArchive
from viewr.archive.xnat import XnatArchive

ARCHIVES = {
    "xnat": XnatArchive,
    "folder": FolderArchive,
}
