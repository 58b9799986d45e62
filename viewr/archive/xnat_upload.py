"""Into an XNAT archive: under fresh names, nothing overwritten, nothing believed but the listing."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from viewr.archive import xnat_listing
from viewr.archive.base import NameTakenError, NoRightError, NotThereError, RemoteFile, ResourceRef
from viewr.archive.names import check_names
from viewr.archive.verified import Sending, Tally, is_same, md5_of
from viewr.archive.xnat_session import XnatSession, file_path, quoted, resource_path
from viewr.model.errors import ArchiveError
from viewr.model.progress import Progress
from viewr.net.failures import ServerFaultError, UnreachableError
from viewr.net.http import Answer

log = logging.getLogger(__name__)

_FORMATS = {".json": "JSON", ".nii.gz": "NIFTI", ".nii": "NIFTI", ".dcm": "DICOM"}
_ATTEMPTS = 3
_SLOWEST = 2e6  # bytes a second that even a slow server stores and hashes


def upload(
    session: XnatSession, ref: ResourceRef, name: str, source: Path, *, ours: bool, progress: Progress | None
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
    return _attempts(session, ref, name, source, present is not None, Tally(size, progress), progress)


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


def _attempts(
    session: XnatSession,
    ref: ResourceRef,
    name: str,
    source: Path,
    overwrite: bool,
    tally: Tally,
    progress: Progress | None,
) -> RemoteFile:
    """Send until the listing shows the file as it is; only our own half is ever overwritten."""
    for attempt in range(_ATTEMPTS):
        last = attempt == _ATTEMPTS - 1
        failure: Exception | None = None
        answer, sending = None, _Kept()
        try:
            answer = _send(session, ref, name, source, overwrite, tally, sending)
            session.checked(answer, "store results")
        except (UnreachableError, ServerFaultError) as exc:
            failure = exc
        stored = _stored(session, ref, name, source, sending)
        if stored is not None:
            return stored
        if failure is None:
            raise _not_stored(session, ref, name, answer)
        if last:
            raise failure
        log.info("an upload is repeated: %s", type(failure).__name__)
        # Whatever stands under the name now is the half that we have just left there.
        overwrite = True
        session.http.wait(attempt, progress)
    raise AssertionError


class _Kept:
    """The last body that was sent: a renewed sign-in makes a second one."""

    body: Sending | None = None


def _send(
    session: XnatSession, ref: ResourceRef, name: str, source: Path, overwrite: bool, tally: Tally, kept: _Kept
) -> Answer:
    params = {"inbody": "true", "overwrite": "true" if overwrite else "false"}
    suffix = next((suffix for suffix in _FORMATS if name.lower().endswith(suffix)), "")
    if suffix:
        params["format"] = _FORMATS[suffix]
    size = _size(source)
    with source.open("rb", buffering=0) as file:

        def body() -> Sending:
            file.seek(0)
            if kept.body is not None:
                tally.take_back(kept.body.sent)
            kept.body = Sending(file, size, tally)
            return kept.body

        return session.call(
            "PUT",
            file_path(ref, name),
            params=params,
            headers={"Content-Type": "application/octet-stream"},
            accept="*/*",
            body=body,
            once=True,
            read_timeout=session.http.options.read_timeout + size / _SLOWEST,
        )


def _stored(session: XnatSession, ref: ResourceRef, name: str, source: Path, kept: _Kept) -> RemoteFile | None:
    """The file as listed, if it is exactly what was sent."""
    size = _size(source)
    listed = find(session, ref, name)
    if listed is None:
        return None
    whole = kept.body is not None and kept.body.sent == size
    md5 = kept.body.md5.hexdigest() if whole and kept.body is not None else md5_of(source)
    return listed if _is_ours(session, listed, size, md5) else None


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


def _not_stored(session: XnatSession, ref: ResourceRef, name: str, answer: Answer | None) -> ArchiveError:
    """Why a file that was accepted is not there."""
    if find(session, ref, name) is not None:
        return _taken(ref, name)
    log.info("an upload was answered with %s but nothing is there", answer.status if answer else None)
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
