"""Which files there are, and what each of them is by its first bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from viewr.model.errors import FormatError

_SIGNATURES = (
    (b"PK\x03\x04", "is a zip archive; unpack it first"), (b"%PDF", "is a PDF document"),
    (b"\x89PNG", "is a PNG picture without position or values"),
    (b"\xff\xd8\xff", "is a JPEG picture without position"),
    (b"7z\xbc\xaf", "is a 7z archive; unpack it first"), (b"Rar!", "is a RAR archive; unpack it first"),
    (b"{", "is a text file"), (b"<", "is a text file"), (b"NRRD", "is an NRRD file, which is not read"),
)


def list_files(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    """All files of a folder and its folders, or those named, sorted by name."""
    if isinstance(path, (str, os.PathLike)):
        path = [path]
    files: list[Path] = []
    for entry in map(Path, path):
        if entry.is_dir():
            files.extend(_files_in(entry))
        elif entry.exists():
            files.append(entry)
        else:
            raise FormatError(f"{entry} does not exist.", "Check the path.")
    return files


def by_folder(path: Path) -> tuple[tuple[str, ...], str]:
    """Key that sorts files as a walk through folders meets them: those of a folder before those of its folders."""
    return path.parent.parts, path.name


def _files_in(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(Path(root, name) for name in sorted(names) if not name.startswith("."))
    return found


def what_else(path: Path) -> str:
    """In words, what a file is that is neither DICOM nor NIfTI."""
    with open(path, "rb") as file:
        start = file.read(512)
    if not start:
        return "is empty"
    header = path.with_name(path.name.removesuffix(".gz").removesuffix(".img") + ".hdr")
    if path.name.removesuffix(".gz").endswith(".img") and header.exists():
        return f"holds the voxels of {header.name}"
    for signature, words in _SIGNATURES:
        if start.startswith(signature):
            return words
    if all(byte in b"\t\n\r\f" or byte >= 32 for byte in start) and b"\x7f" not in start:
        return "is a text file"
    return "is neither DICOM nor NIfTI"
