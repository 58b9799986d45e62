"""Verdicts on scans."""

from __future__ import annotations

from viewr.archive import xnat_listing
from viewr.archive.base import NotThereError, Scan, TooLongError
from viewr.archive.xnat_session import XnatSession, scan_path
from viewr.model.errors import ArchiveError
from viewr.model.template_quality import LONGEST_NOTE

_ABSTRACT = "xnat:imageScanData"


def set_quality(session: XnatSession, experiment: str, scan: str, quality: str, note: str | None) -> Scan:
    """Set quality and note of a scan that exists, and read them back; nothing else proves it.

    A write to an unknown scan would create one, and a write with a type that is not the scan's own is accepted and
    ignored: so the scan is looked up first.
    """
    if note is not None and len(note) > LONGEST_NOTE:
        raise TooLongError(
            f"The note on scan '{scan}' has {len(note)} characters, the archive keeps {LONGEST_NOTE}.",
            "Take the results back and shorten the note.",
        )
    before = _find(session, experiment, scan)
    kind = before.xsi_type
    if not kind or kind == _ABSTRACT:
        raise ArchiveError(f"The archive does not say of which modality scan '{scan}' is.", "Ask its administrator.")
    wanted = {"quality": quality, **({} if note is None else {"note": note})}
    if all(getattr(before, field) == value for field, value in wanted.items()):
        return before
    params = {"xsiType": kind, **{f"{kind}/{field}": value or "NULL" for field, value in wanted.items()}}
    session.checked(session.call("PUT", scan_path(experiment, scan), params=params), "change the quality of scans")
    after = _find(session, experiment, scan)
    # The archive strips blanks around values.
    if any(getattr(after, field).strip() != value.strip() for field, value in wanted.items()):
        raise ArchiveError(
            f"The archive accepted the quality of scan '{scan}' but did not keep it.",
            "Try again; ask the archive's administrator if it stays so.",
        )
    return after


def _find(session: XnatSession, experiment: str, scan: str) -> Scan:
    found = next((one for one in xnat_listing.scans(session, experiment) if one.id == scan), None)
    if found is None:
        raise NotThereError(f"The experiment has no scan '{scan}'.", "It may have been renamed in the archive.")
    return found
