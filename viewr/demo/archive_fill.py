"""Puts images into the embedded archive without going through its REST interface."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewr.demo.archive_catalog import Catalog, Entry, Node, Resource
from viewr.demo.archive_transfer import copy

if TYPE_CHECKING:
    from pydicom import Dataset

    from viewr.demo.patients import DemoSeries


@dataclass(frozen=True)
class ScanPlace:
    """Where a scan belongs, and what is known of it.

    Attributes
    ----------
    session_type, xsi_type : str
        Types of the session ("xnat:mrSessionData") and of the scan ("xnat:mrScanData").
    scan_fields, session_fields : mapping
        Field name -> value: type, series_description, UID, modality, frames, date ...
    """

    project: str
    subject: str
    session: str
    session_type: str
    scan: str
    xsi_type: str
    scan_fields: Mapping[str, Any]
    session_fields: Mapping[str, Any] = field(default_factory=dict)


def add_demo_series(catalog: Catalog, project: str, series: DemoSeries) -> None:
    """Write a synthetic series into its scan; does nothing for one that is complete already."""
    first = series.datasets[0]
    modality = str(first.get("Modality", ""))
    place = ScanPlace(
        project, series.subject, series.session, series.session_type, series.scan_id, series.xsi_type,
        {
            "type": series.scan_type, "series_description": series.description, "quality": "usable",
            "UID": str(first.get("SeriesInstanceUID", "")), "modality": modality, "frames": len(series.datasets),
        },
        {
            "UID": str(first.get("StudyInstanceUID", "")), "modality": modality,
            "date": dicom_date(str(first.get("StudyDate", ""))),
        },
    )  # fmt: skip
    resource = open_resource(catalog, place)
    if len(catalog.entries(resource)) == len(series.datasets):
        return
    entries = [_write(catalog, resource, number, dataset) for number, dataset in enumerate(series.datasets, start=1)]
    _enter(catalog, entries)


def add_files(catalog: Catalog, place: ScanPlace, files: Iterable[tuple[Path, str, str]]) -> None:
    """Copy DICOM files into a scan.

    Parameters
    ----------
    files : iterable of (path, SOP instance UID, instance number)
        The files are renamed `<n>.dcm`: their own names may tell who the patient is.
    """
    resource = open_resource(catalog, place)
    entries = []
    for number, (path, uid, instance) in enumerate(files, start=1):
        name = f"{number:04d}.dcm"
        digest = copy(path, catalog.file(resource, name))
        entries.append(Entry(resource.pk, name, digest, "DICOM", "RAW", "", uid, instance))
    _enter(catalog, entries)


def open_resource(catalog: Catalog, place: ScanPlace) -> Resource:
    """The DICOM resource of a scan, made with all it lies in where it is missing."""
    with catalog.change():
        project = catalog.add_project(place.project)
        subject = _open(catalog, "subjects", project, place.subject, "xnat:subjectData", {})
        session = _open(catalog, "experiments", subject, place.session, place.session_type, place.session_fields)
        scan = _open(catalog, "scans", session, place.scan, place.xsi_type, place.scan_fields)
        found = catalog.resource(scan, "DICOM")
        return found or catalog.add_resource(scan, "DICOM", {"format": "DICOM", "content": "RAW"})


def dicom_date(text: str) -> str | None:
    """20240131 as 2024-01-31; None for what is no date."""
    if len(text) != 8 or not text.isdecimal():
        return None
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _open(catalog: Catalog, kind: str, parent: Node, label: str, xsi: str, fields: Mapping[str, Any]) -> Node:
    known = {name: value for name, value in fields.items() if value not in (None, "")}
    return catalog.find(kind, parent, label) or catalog.add(kind, parent, label, xsi, known)


def _write(catalog: Catalog, resource: Resource, number: int, dataset: Dataset) -> Entry:
    from pydicom import dcmwrite

    buffer = BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    name = f"{number:04d}.dcm"
    path = catalog.file(resource, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getbuffer())
    digest = hashlib.md5(buffer.getbuffer(), usedforsecurity=False).hexdigest()
    uid, instance = str(dataset.get("SOPInstanceUID", "")), str(dataset.get("InstanceNumber", ""))
    return Entry(resource.pk, name, digest, "DICOM", "RAW", "", uid, instance)


def _enter(catalog: Catalog, entries: list[Entry]) -> None:
    with catalog.change():
        for entry in entries:
            catalog.put_entry(entry)
