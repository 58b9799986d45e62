"""Into an XNAT archive: under fresh names, nothing overwritten, nothing believed but the listing."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from viewr.archive import xnat_listing
from viewr.archive.base import NameTakenError, NoRightError, NotThereError, RemoteFile, ResourceRef
from viewr.archive.names import check_names
from viewr.archive.verified import Sending, Tally, is_same, md5_of
from viewr.archive.xnat_session import XnatSession, file_path, quoted, resource_path
from viewr.model.errors import ArchiveError, NetworkError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError, UnreachableError

log = logging.getLogger(__name__)

_FORMATS = {".json": "JSON", ".nii.gz": "NIFTI", ".nii": "NIFTI", ".dcm": "DICOM"}
_ATTEMPTS = 3
_SLOWEST = 2e6  # bytes a second that even a slow server stores and hashes


def upload(
    session: XnatSession,
    ref: ResourceRef,
    name: str,
    source: Path,
    *,
    ours: bool,
    sending: Callable[[], None] | None,
    progress: Progress | None,
) -> RemoteFile:
    """Store a file and prove it; see `Archive.upload`. Not to be called twice at a time for one resource."""
    check_names(ref, name)
    size = _size(source)
    _probe(session, ref)
    present = find(session, ref, name)
    if present is not None:
        if _is_ours(session, present, size, md5_of(source)):
            return present
        if not ours:
            raise _taken(ref, name)
    if sending is not None:
        sending()
    under_way = _Upload(session, ref, name, source, size, Tally(size, progress))
    return under_way.prove(present is not None, progress)


def find(session: XnatSession, ref: ResourceRef, name: str) -> RemoteFile | None:
    """The file of this name as listed, None when there is none."""
    try:
        listed = xnat_listing.files(session, ref)
    except NotThereError:
        return None
    return next((file for file in listed if file.path == name), None)


def _probe(session: XnatSession, ref: ResourceRef) -> None:
    """Make the resource; that it exists already proves as well that the account may write."""
    answer = session.call("PUT", resource_path(ref), accept="*/*")
    if answer.status != 409:
        session.checked(answer, "store results")


class _Upload:
    """One file on its way.

    Parameters
    ----------
    size : int
        Bytes of `source`.
    """

    def __init__(
        self, session: XnatSession, ref: ResourceRef, name: str, source: Path, size: int, tally: Tally
    ) -> None:
        self._session = session
        self._ref = ref
        self._name = name
        self._source = source
        self._size = size
        self._tally = tally
        self._body: Sending | None = None  # the last one sent: a renewed sign-in makes another

    def prove(self, overwrite: bool, progress: Progress | None) -> RemoteFile:
        """Send until the listing shows the file as it is; only our own half is ever overwritten."""
        for attempt in range(_ATTEMPTS):
            failure = self._send(overwrite)
            stored = self._stored()
            if stored is not None:
                return stored
            if failure is None:
                raise _not_stored(self._session, self._ref, self._name)
            if attempt == _ATTEMPTS - 1:
                raise failure
            log.info("an upload is repeated: %s", type(failure).__name__)
            # Whatever stands under the name now is the half that we have just left there.
            overwrite = True
            self._session.http.wait(attempt, progress)
        raise AssertionError

    def _send(self, overwrite: bool) -> NetworkError | None:
        """Send once; returns the failure after which the file may be there or not."""
        params = {"inbody": "true", "overwrite": "true" if overwrite else "false"}
        suffix = next((suffix for suffix in _FORMATS if self._name.lower().endswith(suffix)), "")
        if suffix:
            params["format"] = _FORMATS[suffix]
        try:
            with self._source.open("rb", buffering=0) as file:
                answer = self._session.call(
                    "PUT",
                    file_path(self._ref, self._name),
                    params=params,
                    headers={"Content-Type": "application/octet-stream"},
                    accept="*/*",
                    body=partial(self._restart, file),
                    once=True,
                    read_timeout=self._session.http.options.read_timeout + self._size / _SLOWEST,
                )
            self._session.checked(answer, "store results")
        except (UnreachableError, ServerFaultError) as exc:
            return exc
        return None

    def _restart(self, file: BinaryIO) -> Sending:
        file.seek(0)
        if self._body is not None:
            self._tally.take_back(self._body.sent)
        self._body = Sending(file, self._size, self._tally)
        return self._body

    def _stored(self) -> RemoteFile | None:
        """The file as listed, if it is exactly what was sent."""
        listed = find(self._session, self._ref, self._name)
        if listed is None:
            return None
        whole = self._body is not None and self._body.sent == self._size
        md5 = self._body.md5.hexdigest() if whole and self._body is not None else md5_of(self._source)
        return listed if _is_ours(self._session, listed, self._size, md5) else None


def _is_ours(session: XnatSession, listed: RemoteFile, size: int, md5: str) -> bool:
    """Whether a listed file has this content; it is read back when the archive keeps no checksums."""
    if listed.size != size:
        return False
    if listed.md5:
        return listed.md5 == md5
    found = hashlib.md5(usedforsecurity=False)
    with session.open(quoted(listed.uri), page=True) as stream:
        for chunk in session.checked(stream, "read this file").chunks():
            found.update(chunk)
    return is_same(RemoteFile(listed.path, size, md5, listed.uri), size, found.hexdigest())


def _not_stored(session: XnatSession, ref: ResourceRef, name: str) -> ArchiveError:
    """Why a file that was accepted is not there."""
    if find(session, ref, name) is not None:
        return _taken(ref, name)
    return NoRightError(
        f"{session.http.host} accepted the file but stored nothing: '{session.user}' may not write there.",
        "Ask the project's owner for the right to store results.",
    )


def _taken(ref: ResourceRef, name: str) -> NameTakenError:
    return NameTakenError(
        f"The archive has another file '{name}' in resource '{ref.label}' already.",
        "It is not overwritten; the result needs a new name.",
    )


def _size(source: Path) -> int:
    try:
        size = source.stat().st_size
    except OSError:
        raise ArchiveError(f"The file '{source.name}' to be stored is not there any more.", "") from None
    if not size:
        raise ArchiveError(f"The file '{source.name}' is empty; the archive does not take empty files.", "")
    return size
