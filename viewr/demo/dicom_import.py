"""Brings folders of DICOM into the embedded archive, under codes instead of names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewr.demo.accounts import DEMO_PROJECT
from viewr.demo.archive_catalog import Catalog
from viewr.demo.archive_fill import ScanPlace, add_files, dicom_date

if TYPE_CHECKING:
    from pydicom import Dataset

#: DICOM modality -> XNAT's name for scans, and for sessions.
_SCANS = {
    "MR": "mr", "CT": "ct", "PT": "pet", "US": "us", "XA": "xa", "CR": "cr", "DX": "dx", "MG": "mg", "SEG": "seg",
    "RTSTRUCT": "rtImage", "SC": "sc", "SR": "sr",
}  # fmt: skip
_SESSIONS = {"MR": "mr", "CT": "ct", "PT": "pet", "US": "us", "XA": "xa", "CR": "cr", "DX": "dx", "MG": "mg"}

_TAGS = [
    "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "InstanceNumber", "SeriesNumber", "SeriesDescription",
    "ProtocolName", "Modality", "StudyDate", "PatientID", "PatientName",
]  # fmt: skip


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    sessions : list of str
        Labels of the new sessions.
    files : int
        Files taken.
    refused : list of (Path, str)
        Files that are not DICOM, or hold no series, and why.
    """

    sessions: list[str] = field(default_factory=list)
    files: int = 0
    refused: list[tuple[Path, str]] = field(default_factory=list)


def add_dicom_folder(
    catalog: Catalog, folder: Path, project: str = DEMO_PROJECT, subject: str | None = None
) -> ImportReport:
    """Import every DICOM file below a folder: a study becomes a session, a series a scan.

    Parameters
    ----------
    subject : str, optional
        Label of the subject; by default each patient gets the next free code, IMPORT001 and so on.

    Returns
    -------
    ImportReport
        A study that is there already is left as it is.
    """
    files, refused = _read_headers(folder)
    studies: dict[str, list[tuple[Path, Dataset]]] = defaultdict(list)
    for path, header in files:
        studies[str(header.StudyInstanceUID)].append((path, header))
    known = _known_studies(catalog, project)
    codes: dict[str, str] = {}
    sessions = []
    for uid, members in studies.items():
        if uid in known:
            continue
        patient = f"{members[0][1].get('PatientID', '')}/{members[0][1].get('PatientName', '')}"
        label = subject or codes.get(patient) or _free_code(catalog, project)
        codes[patient] = label
        sessions.append(_add_study(catalog, project, label, members))
    taken = sum(len(members) for uid, members in studies.items() if uid not in known)
    return ImportReport(sessions, taken, refused)


def _read_headers(folder: Path) -> tuple[list[tuple[Path, Dataset]], list[tuple[Path, str]]]:
    files, refused = [], []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        header, reason = _read_header(path)
        if header is None:
            refused.append((path, reason))
        else:
            files.append((path, header))
    return files, refused


def _read_header(path: Path) -> tuple[Dataset | None, str]:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    if path.name == "DICOMDIR":
        return None, "a directory of other files"
    try:
        header = dcmread(path, stop_before_pixels=True, specific_tags=_TAGS)
    except (InvalidDicomError, OSError, ValueError, EOFError):
        return None, "not a DICOM file"
    if not header.get("StudyInstanceUID") or not header.get("SeriesInstanceUID"):
        return None, "belongs to no series"
    return header, ""


def _known_studies(catalog: Catalog, project: str) -> set[str]:
    node = catalog.find("projects", None, project)
    experiments = catalog.children("experiments", node) if node else []
    return {str(experiment.fields.get("UID", "")) for experiment in experiments}


def _free_code(catalog: Catalog, project: str) -> str:
    node = catalog.find("projects", None, project)
    taken = {subject.label for subject in catalog.children("subjects", node)} if node else set()
    return next(code for code in (f"IMPORT{number:03d}" for number in range(1, 100000)) if code not in taken)


def _add_study(catalog: Catalog, project: str, subject: str, members: list[tuple[Path, Dataset]]) -> str:
    """Write one study, in one transaction for the catalog; returns the label of its session."""
    series: dict[str, list[tuple[Path, Dataset]]] = defaultdict(list)
    for path, header in members:
        series[str(header.SeriesInstanceUID)].append((path, header))
    kind = _session_kind({str(header.get("Modality", "")) for _, header in members})
    session = _session_label(catalog, project, subject, kind)
    with catalog.change():
        for scan, items in _numbered(series):
            place = _place(project, subject, session, kind, scan, items[0][1], len(items))
            ordered = sorted(items, key=lambda item: (_number(item[1].get("InstanceNumber")), item[0]))
            add_files(
                catalog,
                place,
                [(path, str(h.get("SOPInstanceUID", "")), _text(h, "InstanceNumber")) for path, h in ordered],
            )
    return session


def _place(project: str, subject: str, session: str, kind: str, scan: str, header: Dataset, count: int) -> ScanPlace:
    modality = _text(header, "Modality")
    described = _text(header, "SeriesDescription") or _text(header, "ProtocolName") or modality
    scan_fields: dict[str, Any] = {
        "type": described,
        "series_description": described,
        "UID": str(header.SeriesInstanceUID),
        "modality": modality,
        "frames": count,
        "quality": "usable",
    }
    session_fields = {"UID": str(header.StudyInstanceUID), "modality": modality}
    date = dicom_date(_text(header, "StudyDate"))
    if date:
        session_fields["date"] = date
    xsi_type = f"xnat:{_SCANS.get(modality, 'otherDicom')}ScanData"
    return ScanPlace(project, subject, session, f"xnat:{kind}SessionData", scan, xsi_type, scan_fields, session_fields)


def _session_kind(modalities: set[str]) -> str:
    """Type of a session: with PET that of PET (PET/MR has its own), else that of its images."""
    if "PT" in modalities:
        return "petmr" if "MR" in modalities else "pet"
    return next((_SESSIONS[modality] for modality in sorted(modalities) if modality in _SESSIONS), "otherDicom")


def _session_label(catalog: Catalog, project: str, subject: str, kind: str) -> str:
    node = catalog.find("projects", None, project)
    taken = {experiment.label for experiment in catalog.children("experiments", node)} if node else set()
    stem = f"{subject}_{'OT' if kind == 'otherDicom' else kind.upper()}"
    return next(label for label in (f"{stem}{number}" for number in range(1, 100000)) if label not in taken)


def _numbered(series: dict[str, list[tuple[Path, Dataset]]]) -> Iterator[tuple[str, list[tuple[Path, Dataset]]]]:
    """Series with a scan ID that is unique in the session: 2, then 2-MR1 as XNAT does."""
    taken: set[str] = set()
    for items in sorted(series.values(), key=lambda items: (_number(items[0][1].get("SeriesNumber")), items[0][0])):
        header = items[0][1]
        scan = wanted = _text(header, "SeriesNumber") or "1"
        suffix = 0
        while scan in taken:
            suffix += 1
            scan = f"{wanted}-{re.sub('[^A-Z]', '', _text(header, 'Modality')) or 'OT'}{suffix}"
        taken.add(scan)
        yield scan, items


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _text(header: Dataset, keyword: str) -> str:
    value = header.get(keyword)
    return "" if value is None else str(value).strip()
