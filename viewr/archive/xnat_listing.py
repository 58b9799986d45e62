"""What is in an XNAT archive."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import quote

from viewr.archive.base import (
    Experiment,
    NotThereError,
    Project,
    RemoteFile,
    Resource,
    ResourceRef,
    Scan,
    Subject,
)
from viewr.archive.xnat_session import XnatSession, resource_path, scan_path

_NO_EXPERIMENTS = ("xnat:subjectData", "xnat:projectData")


def projects(session: XnatSession) -> list[Project]:
    rows = session.table("/data/projects")
    return [Project(_id(row), html.unescape(row.get("name", ""))) for row in rows]


def subjects(session: XnatSession, project: str) -> list[Subject]:
    rows = session.table(f"/data/projects/{quote(project, safe='')}/subjects", "ID,label,project")
    return [Subject(_id(row), row.get("label", ""), row.get("project") or project) for row in rows]


def experiments(session: XnatSession, project: str, subject: str) -> list[Experiment]:
    path = f"/data/projects/{quote(project, safe='')}"
    if subject:
        path += f"/subjects/{quote(subject, safe='')}"
    rows = session.table(f"{path}/experiments", "ID,label,project,date,xsiType,subject_ID")
    return [_experiment(row, project, subject) for row in rows if _is_session(row.get("xsiType", ""))]


def experiment_id(session: XnatSession, project: str, subject: str, experiment: str) -> str:
    """Accession ID of an experiment by ID or label.

    An unknown experiment may be answered with its subject or project, so the answer is compared with the question.
    """
    path = f"/data/projects/{quote(project, safe='')}" if project else "/data"
    if project and subject:
        path += f"/subjects/{quote(subject, safe='')}"
    answer = session.call("GET", f"{path}/experiments/{quote(experiment, safe='')}", params={"format": "json"})
    item = _first_item(session.checked(answer, "see this experiment").json())
    fields = item.get("data_fields", {})
    xsi_type = str(item.get("meta", {}).get("xsi:type", ""))
    names = {str(fields.get("ID", "")), str(fields.get("label", "")), *_shared_labels(item)}
    if xsi_type in _NO_EXPERIMENTS or experiment not in names:
        raise NotThereError(
            f"{session.http.host} has no such experiment, or does not show it to '{session.user}'.",
            "Ask whether it was moved, and whether the account belongs to the project.",
        )
    return str(fields["ID"])


def scans(session: XnatSession, experiment: str) -> list[Scan]:
    rows = session.table(f"{scan_path(experiment)}/scans", "ID,type,xsiType,quality,note,series_description")
    return [_scan(row) for row in rows]


def resources(session: XnatSession, experiment: str, scan: str) -> list[Resource]:
    """Resources of exactly this experiment or scan; rows of a parent that answered instead are left out."""
    rows = session.table(f"{scan_path(experiment, scan)}/resources")
    if scan and rows and not any(_belongs(row, scan) for row in rows):
        raise NotThereError(f"The experiment has no scan '{scan}'.", "It may have been renamed in the archive.")
    return [_resource(row, scan) for row in rows if not scan or _belongs(row, scan)]


def files(session: XnatSession, ref: ResourceRef) -> list[RemoteFile]:
    """Listing of a resource."""
    rows = session.table(f"{resource_path(ref)}/files")
    listed = [_file(row) for row in rows]
    if ref.scan and any("/scans/" not in file.uri.split("/files/")[0] for file in listed):
        raise NotThereError(f"The experiment has no scan '{ref.scan}'.", "It may have been renamed in the archive.")
    return listed


def _experiment(row: dict[str, str], project: str, subject: str) -> Experiment:
    return Experiment(
        _id(row),
        row.get("label", ""),
        row.get("project") or project,
        row.get("subject_ID") or subject,
        row.get("xsiType", ""),
        row.get("date", ""),
    )


def _scan(row: dict[str, str]) -> Scan:
    # Values come back escaped for XML, since that is how the server keeps them.
    return Scan(
        id=row.get("ID", ""),
        type=html.unescape(row.get("type", "")),
        xsi_type=row.get("xsiType", ""),
        quality=html.unescape(row.get("quality", "")),
        note=html.unescape(row.get("note", "")),
        description=html.unescape(row.get("series_description", "")),
    )


def _resource(row: dict[str, str], scan: str) -> Resource:
    return Resource(
        row.get("label", ""),
        scan,
        row.get("format", ""),
        row.get("content", ""),
        _number(row.get("file_count", "")),
        _number(row.get("file_size", "")),
    )


def _file(row: dict[str, str]) -> RemoteFile:
    uri = row.get("URI", "")
    path = uri.split("/files/", 1)[1] if "/files/" in uri else row.get("Name", "")
    return RemoteFile(path, _number(row.get("Size", "")), row.get("digest", "").strip().lower(), uri)


def _belongs(row: dict[str, str], scan: str) -> bool:
    return row.get("category", "scans") in ("", "scans") and row.get("cat_id", scan) in ("", scan)


def _is_session(xsi_type: str) -> bool:
    return not xsi_type or xsi_type.endswith("SessionData")


def _number(text: str) -> int | None:
    try:
        return int(float(text))
    except ValueError:
        return None


def _id(row: dict[str, str]) -> str:
    return row.get("ID") or row.get("id", "")


def _first_item(answer: Any) -> dict[str, Any]:
    items = answer.get("items") if isinstance(answer, dict) else None
    return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}


def _shared_labels(item: dict[str, Any]) -> set[str]:
    """Labels under which other projects know an experiment."""
    children = [child for child in item.get("children", []) if child.get("field") == "sharing/share"]
    shares = [share for child in children for share in child.get("items", [])]
    return {str(share.get("data_fields", {}).get("label", "")) for share in shares}
