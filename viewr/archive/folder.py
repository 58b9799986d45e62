"""A local folder as an archive, for work without servers.

Layout: ``<root>/<experiment>/scans/<scan>/resources/<label>/files/<name>`` and
``<root>/<experiment>/resources/<label>/files/<name>``, as in the paths of an XNAT archive; ``scan.json`` in the
folder of a scan holds its type, quality and note. Local names write ``10-00-00`` for the ``10:00:00`` of a timestamp.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote, unquote

from viewr.archive.base import (
    Arrived,
    Experiment,
    First,
    NameTakenError,
    NotThereError,
    Project,
    RemoteFile,
    Resource,
    ResourceRef,
    Scan,
    Subject,
    Wanted,
)
from viewr.archive.cache import Cache, writing
from viewr.archive.names import check_names, local_name, remote_name
from viewr.archive.verified import md5_of
from viewr.model.errors import ArchiveError
from viewr.model.progress import Progress

_PROJECT = "local"
_SCAN_FILE = "scan.json"
_READ_LIMIT = 64 << 20


class FolderArchive:
    """A folder in the layout of an archive; see `viewr.archive.base.Archive` for what the calls do.

    Parameters
    ----------
    root : Path
        Made at the first write.
    user : str
        Name that results carry.
    """

    def __init__(self, root: Path, user: str = "") -> None:
        self._root = Path(root)
        self._user = user

    @property
    def url(self) -> str:
        return self._root.absolute().as_uri()

    @property
    def user(self) -> str:
        return self._user

    def sign_in(self) -> None:
        """Nothing to do."""

    def sign_out(self) -> None:
        """Nothing to do."""

    def keep_alive(self) -> None:
        """Nothing to do."""

    def projects(self) -> list[Project]:
        return [Project(_PROJECT, self._root.name)]

    def subjects(self, project: str) -> list[Subject]:
        return [Subject(_PROJECT, self._root.name, _PROJECT)]

    def experiments(self, project: str, subject: str = "") -> list[Experiment]:
        return [Experiment(name, name, _PROJECT, _PROJECT) for name in _folders(self._root)]

    def experiment_id(self, project: str, subject: str, experiment: str) -> str:
        if experiment not in _folders(self._root):
            raise NotThereError(f"The folder has no experiment '{experiment}'.", "Choose another folder.")
        return experiment

    def scans(self, experiment: str) -> list[Scan]:
        folder = self._root / _segment(experiment) / "scans"
        return [self._scan(folder / _segment(scan), scan) for scan in _folders(folder)]

    def resources(self, experiment: str, scan: str = "") -> list[Resource]:
        folder = self._of(experiment, scan) / "resources"
        found = []
        for label in _folders(folder):
            sizes = [path.stat().st_size for path in _content(folder / _segment(label) / "files")]
            found.append(Resource(label, scan, file_count=len(sizes), file_size=sum(sizes)))
        return found

    def files(self, ref: ResourceRef) -> list[RemoteFile]:
        folder = self._files(ref)
        if not folder.is_dir():
            raise NotThereError(f"The folder has no resource '{ref.label}' there.", "Choose another folder.")
        return [self._listed(path, folder) for path in _content(folder)]

    def download(
        self,
        ref: ResourceRef,
        cache: Cache,
        *,
        wanted: Wanted | None = None,
        arrived: Arrived | None = None,
        first: First | None = None,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Paths of the files where they are: nothing is copied into the cache."""
        chosen = [file for file in self.files(ref) if wanted is None or wanted(file)]
        for number, file in enumerate(sorted(chosen, key=first) if first else chosen, 1):
            if progress is not None:
                progress.report(number, len(chosen))
            if arrived is not None:
                arrived(self._local(ref, file.path))
        return [self._local(ref, file.path) for file in chosen]

    def read(self, ref: ResourceRef, path: str) -> bytes:
        file = self._local(ref, path)
        if not file.is_file():
            raise NotThereError(f"Resource '{ref.label}' has no file '{path}'.", "It may have been removed.")
        if file.stat().st_size > _READ_LIMIT:
            raise ArchiveError(f"'{path}' is too large to read at once.", "Download it instead.")
        return file.read_bytes()

    def upload(
        self,
        ref: ResourceRef,
        name: str,
        source: Path,
        *,
        ours: bool = False,
        sending: Callable[[], None] | None = None,
        progress: Progress | None = None,
    ) -> RemoteFile:
        check_names(ref, name)
        folder, target = self._files(ref), self._local(ref, name)
        if target.exists() and md5_of(target) != md5_of(source):
            raise NameTakenError(f"{target} exists already.", "It is not overwritten; the result needs a new name.")
        if not target.exists():
            if sending is not None:
                sending()
            with writing(self._root):
                folder.mkdir(parents=True, exist_ok=True)
                _copy_whole(source, target)
        if progress is not None:
            progress.report(target.stat().st_size, target.stat().st_size)
        return self._listed(target, folder)

    def set_quality(self, experiment: str, scan: str, quality: str, note: str | None = None) -> Scan:
        folder = self._root / _segment(experiment) / "scans" / _segment(scan)
        before = self._scan(folder, scan)
        after = Scan(
            scan, before.type, before.xsi_type, quality, before.note if note is None else note, before.description
        )
        with writing(self._root):
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f".part-{secrets.token_hex(4)}"
            part.write_text(json.dumps(asdict(after), indent=1), encoding="utf-8")
            os.replace(part, folder / _SCAN_FILE)
        return after

    def _scan(self, folder: Path, scan: str) -> Scan:
        try:
            kept = json.loads((folder / _SCAN_FILE).read_text(encoding="utf-8"))
            texts = {key: str(kept.get(key, "")) for key in ("type", "xsi_type", "quality", "note", "description")}
        except (OSError, ValueError, AttributeError):
            texts = {}
        return Scan(scan, **texts)

    def _of(self, experiment: str, scan: str) -> Path:
        folder = self._root / _segment(experiment)
        return folder / "scans" / _segment(scan) if scan else folder

    def _files(self, ref: ResourceRef) -> Path:
        return self._of(ref.experiment, ref.scan) / "resources" / _segment(ref.label) / "files"

    def _local(self, ref: ResourceRef, path: str) -> Path:
        parts = [local_name(part) for part in path.split("/")]
        if any(part in ("", ".", "..") for part in parts):
            raise NotThereError(f"'{path}' is no path of a file.", "")
        return self._files(ref).joinpath(*parts)

    def _listed(self, path: Path, folder: Path) -> RemoteFile:
        relative = "/".join(remote_name(part) for part in path.relative_to(folder).parts)
        return RemoteFile(relative, path.stat().st_size, md5_of(path), path.absolute().as_uri())


def _folders(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(unquote(path.name) for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _content(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


def _segment(name: str) -> str:
    """Name of an experiment, scan or label as the name of one folder."""
    safe = quote(name, safe="._- ")
    return f"%2E{safe[1:]}" if safe.startswith(".") else safe


def _copy_whole(source: Path, target: Path) -> None:
    part = target.with_name(f".part-{secrets.token_hex(4)}")
    try:
        shutil.copyfile(source, part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
