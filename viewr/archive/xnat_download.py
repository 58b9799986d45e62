"""From an XNAT archive into the cache: listed first, fetched in parallel, nothing believed that is not verified."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import as_completed as finished
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from viewr.archive.base import Arrived, First, NotThereError, RemoteFile, ResourceRef
from viewr.archive.cache import Entry
from viewr.archive.verified import Tally, is_same, write_hashed
from viewr.archive.xnat_session import XnatSession, file_path, quoted, resource_path
from viewr.model.errors import ArchiveError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError, UnreachableError

log = logging.getLogger(__name__)

#: Files fetched at the same time.
WORKERS = 4
#: Files from which on the archive packs them into one zip: single requests would take longer.
ZIP_FROM = 1500
#: Largest file that `read` takes into memory, in bytes.
READ_LIMIT = 64 << 20
_ATTEMPTS = 4
_ZIP_TIMEOUT = 600.0


class _DamagedError(ArchiveError):
    """What arrived is not what was listed; another attempt may help."""


class _Linked(Progress):
    """Reports to the caller, and is also cancelled when one of the workers has failed."""

    def __init__(self, caller: Progress | None) -> None:
        super().__init__(caller.report if caller is not None else None)
        self._caller = caller

    def check(self) -> None:
        super().check()
        if self._caller is not None:
            self._caller.check()


@dataclass(frozen=True)
class _Run:
    """One download: what its workers share."""

    session: XnatSession
    ref: ResourceRef
    entry: Entry
    progress: _Linked
    tally: Tally


def download(
    session: XnatSession,
    ref: ResourceRef,
    entry: Entry,
    *,
    arrived: Arrived | None = None,
    first: First | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Make a folder of the cache complete; see `Archive.download`."""
    missing = entry.missing()
    lacking = {file.path for file in missing}
    tell = arrived or (lambda _: None)
    for file in sorted(entry.files, key=first) if first else entry.files:
        if file.path not in lacking:
            tell(entry.path(file))
    linked = _Linked(progress)
    run = _Run(session, ref, entry, linked, Tally(sum(file.size or 0 for file in missing), linked))
    if len(missing) >= ZIP_FROM and len(missing) == len(entry.files):
        missing = _from_zip(run, missing, tell)
    _fetch_all(run, sorted(missing, key=first) if first else missing, tell)
    return [entry.path(file) for file in entry.files]


def read(session: XnatSession, ref: ResourceRef, file: RemoteFile) -> bytes:
    """Content of one small listed file, verified."""
    if (file.size or 0) > READ_LIMIT:
        raise ArchiveError(f"The file has {file.size} bytes, too many to read at once.", "Download it instead.")
    for attempt in range(_ATTEMPTS):
        try:
            with session.open(_address(ref, file), page=_is_page(file)) as stream:
                body: bytes = session.checked(stream, "read this file").whole(READ_LIMIT).body
            if is_same(file, len(body), hashlib.md5(body, usedforsecurity=False).hexdigest()):
                return body
        except (UnreachableError, ServerFaultError):
            if attempt == _ATTEMPTS - 1:
                raise
        session.http.wait(attempt)
    raise _damaged(ref)


def _fetch_all(run: _Run, files: list[RemoteFile], tell: Arrived) -> None:
    """Fetch files with several workers; the first failure stops all of them and is raised."""
    if not files:
        return
    with ThreadPoolExecutor(min(WORKERS, len(files)), thread_name_prefix="download") as pool:
        futures = [pool.submit(_fetch, run, file) for file in files]
        try:
            for future in finished(futures):
                tell(future.result())
        except BaseException:
            run.progress.cancel()
            pool.shutdown(cancel_futures=True)
            raise


def _fetch(run: _Run, file: RemoteFile) -> Path:
    for attempt in range(_ATTEMPTS):
        try:
            return _fetch_once(run, file)
        except (UnreachableError, ServerFaultError, _DamagedError) as exc:
            if attempt == _ATTEMPTS - 1:
                raise
            log.info("a file is fetched again: %s", type(exc).__name__)
        run.session.http.wait(attempt, run.progress)
    raise AssertionError


def _fetch_once(run: _Run, file: RemoteFile) -> Path:
    part = run.entry.part()
    try:
        with run.session.open(_address(run.ref, file), page=_is_page(file), progress=run.progress) as stream:
            run.session.checked(stream, "read this file")
            size, md5 = write_hashed(stream.chunks(run.progress), part, run.tally)
    except NotThereError:
        raise ArchiveError(
            f"A file of {_name(run.ref)} is listed in the archive but is not there.", "Ask its administrator."
        ) from None
    if not is_same(file, size, md5):
        part.unlink(missing_ok=True)
        run.tally.take_back(size)
        raise _damaged(run.ref)
    return run.entry.settle(part, file)


def _from_zip(run: _Run, files: list[RemoteFile], tell: Arrived) -> list[RemoteFile]:
    """Fetch the whole resource in one go; returns the files that did not come whole, or all when it fails."""
    part = run.entry.part()
    path, query = f"{resource_path(run.ref)}/files", {"format": "zip"}
    try:
        with run.session.open(path, params=query, read_timeout=_ZIP_TIMEOUT, progress=run.progress) as stream:
            run.session.checked(stream, "read these files")
            write_hashed(stream.chunks(run.progress), part, Tally(0, None))
        return _unpack(run, part, files, tell)
    except (UnreachableError, ServerFaultError, zipfile.BadZipFile) as exc:
        log.info("the zip did not arrive whole (%s), the files are fetched one by one", type(exc).__name__)
        return [file for file in files if not run.entry.has(file)]
    finally:
        part.unlink(missing_ok=True)


def _unpack(run: _Run, archive: Path, files: list[RemoteFile], tell: Arrived) -> list[RemoteFile]:
    lacking = []
    with zipfile.ZipFile(archive) as packed:
        members = {name.split("/files/", 1)[1]: name for name in packed.namelist() if "/files/" in name}
        for file in files:
            if file.path not in members or not _unpack_one(run, packed, members[file.path], file):
                lacking.append(file)
            else:
                tell(run.entry.path(file))
    return lacking


def _unpack_one(run: _Run, packed: zipfile.ZipFile, name: str, file: RemoteFile) -> bool:
    part = run.entry.part()
    with packed.open(name) as member:
        size, md5 = write_hashed(iter(partial(member.read, 1 << 18), b""), part, run.tally)
    if is_same(file, size, md5):
        run.entry.settle(part, file)
        return True
    part.unlink(missing_ok=True)
    run.tally.take_back(size)
    return False


def _address(ref: ResourceRef, file: RemoteFile) -> str:
    return quoted(file.uri) if file.uri.startswith("/data/") else file_path(ref, file.path)


def _is_page(file: RemoteFile) -> bool:
    return file.path.lower().endswith((".htm", ".html"))


def _damaged(ref: ResourceRef) -> _DamagedError:
    return _DamagedError(
        f"A file of {_name(ref)} arrives other than the archive describes it (size or checksum).",
        "Try again later; ask the archive's administrator if it stays so.",
    )


def _name(ref: ResourceRef) -> str:
    where = f"scan '{ref.scan}'" if ref.scan else "the experiment"
    return f"resource '{ref.label}' of {where}"
