"""The demo project's tasks: what a Study Governor would have made for the demo patients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

PROJECT = "DEMO"

READERS = ("reader1", "reader2")
QC = ("reader1", "qc1")


@dataclass(frozen=True)
class DemoTask:
    """A task as it is posted to the supervisor.

    Attributes
    ----------
    template : str
        Label of the template.
    content : str
        JSON text in the format "viewr-task/1".
    users : tuple of str
        Names of the accounts it is assigned to.
    application_version : str
        The least version of the client that may open it.
    """

    template: str
    content: str
    tags: tuple[str, ...]
    users: tuple[str, ...]
    application_name: str = "ViewR"
    application_version: str = "7.0.0"
    project: str = PROJECT


def demo_templates() -> dict[str, str]:
    """Text of every bundled template by its label."""
    folder = resources.files("viewr.templates") / "bundled"
    files = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in sorted(files, key=_name)}


def _name(file: Any) -> str:
    return str(file.name)


def demo_tasks(archive_url: str, experiment_ids: Mapping[str, str]) -> list[DemoTask]:
    """The tasks of the demo project, in the order a coordinator would make them.

    Parameters
    ----------
    archive_url : str
        Address of the archive, with or without a slash at its end.
    experiment_ids : mapping of str to str
        Session label to accession ID; tasks of sessions that are not there are left out.
    """
    url = archive_url.rstrip("/")
    return [
        DemoTask(template, _content(url, session, experiment_ids[session], template, contexts), tags, users)
        for template, session, contexts, tags, users in _PLAN
        if session in experiment_ids
    ]


def _content(url: str, session: str, experiment: str, template: str, contexts: Mapping[str, Any]) -> str:
    subject = session.split("_")[0]
    xnat = {"url": url, "project": PROJECT, "subject": subject, "experiment": experiment, "label": session}
    filled = {
        name: {"fields": _fields(template, name), "results": {"uri": "resources/VIEWR"}, **members}
        for name, members in contexts.items()
    }
    return json.dumps({"format": "viewr-task/1", "template": template, "xnat": xnat, "contexts": filled}, indent=1)


def _fields(template: str, context: str) -> dict[str, str]:
    return _fields_in(template if context == "default" else f"{template}.{context}")


def _fields_in(stem: str) -> dict[str, str]:
    return {"uri": f"resources/FIELDS/files/{stem}_{{timestamp}}.json", "load": "mine"}


def _scan(pattern: str, *, required: bool = True) -> str | dict[str, Any]:
    uri = f"scans/{pattern}/resources/DICOM"
    return uri if required else {"uri": uri, "required": False}


def _scans(**patterns: str | dict[str, Any]) -> dict[str, Any]:
    return {"scans": patterns}


_WML_MAP = "scans/*FLAIR*/resources/VIEWR_wml/files/wml_{timestamp}.nii.gz"

_QA = {"default": _scans(
    T1=_scan("T1"), FLAIR=_scan("*FLAIR*"), T1_repeat=_scan("T1*repeat", required=False),
)}  # fmt: skip


def _check(pattern: str, name: str) -> dict[str, Any]:
    """One scan of a session; the answers about each have a file of their own."""
    return {"default": {**_scans(scan=_scan(pattern)), "fields": _fields_in(f"scan_check_{name}")}}


_WML = {"default": {
    **_scans(FLAIR=_scan("*FLAIR*"), T1=_scan("T1")),
    "annotations": {"wml": {"uri": _WML_MAP, "save": _WML_MAP, "space": "FLAIR", "required": False}},
}}  # fmt: skip
_HEAD = {"default": _scans(T1=_scan("T1"), FLAIR=_scan("*FLAIR*", required=False))}
_CHEST = {"default": _scans(CT=_scan("*CHEST*"))}
_PETCT = {"pet": _scans(PET=_scan("PET*"), CT=_scan("CT")), "ct": _scans(CT=_scan("CT"))}
_MAMMO = {
    "right": _scans(R_CC=_scan("R_CC"), R_MLO=_scan("R_MLO")),
    "left": _scans(L_CC=_scan("L_CC"), L_MLO=_scan("L_MLO")),
}

#: Template, session, contexts, tags, users.
_PLAN: tuple[tuple[str, str, Mapping[str, Any], tuple[str, ...], tuple[str, ...]], ...] = (
    ("manual_qa", "DEMO01_MR1", _QA, ("QA", "T1", "FLAIR"), QC),
    ("manual_qa", "DEMO05_MR1", _QA, ("QA", "T1", "FLAIR"), QC),
    ("manual_qa", "DEMO06_MR1", _QA, ("QA", "T1", "FLAIR"), QC),
    ("wml_segmentation", "DEMO01_MR1", _WML, ("WML", "FLAIR"), READERS),
    ("landmarks", "DEMO01_MR1", _HEAD, ("landmarks", "T1"), ("reader1",)),
    ("nodule_markers", "DEMO02_CT1", _CHEST, ("nodules", "CT"), READERS),
    ("contour_organ", "DEMO02_CT1", _CHEST, ("contours", "CT"), ("reader1",)),
    ("petct_reading", "DEMO03_PETCT1", _PETCT, ("reading", "PET"), READERS),
    ("heart_motion", "DEMO07_MR1", {"default": _scans(cine=_scan("CINE*"))}, ("cine", "MR"), ("reader1",)),
    ("mammo_quality", "DEMO04_MG1", _MAMMO, ("QA", "MG"), ("reader1",)),
    ("scan_check", "DEMO01_MR1", _check("T1", "T1"), ("QA", "T1"), QC),
    ("scan_check", "DEMO05_MR1", _check("*FLAIR*", "FLAIR"), ("QA", "FLAIR"), QC),
    ("scan_check", "DEMO01_MR1", _check("T1*repeat", "T1_repeat"), ("QA", "T1"), QC),
    ("scan_check", "DEMO06_MR1", _check("T1", "T1"), ("QA", "T1"), QC),
    ("scan_check", "DEMO02_CT1", _check("*CHEST*", "CT"), ("QA", "CT"), QC),
    ("scan_check", "DEMO05_MR1", _check("T1", "T1"), ("QA", "T1"), QC),
    ("scan_check", "DEMO06_MR1", _check("*FLAIR*", "FLAIR"), ("QA", "FLAIR"), QC),
    ("scan_check", "DEMO01_MR1", _check("*FLAIR*", "FLAIR"), ("QA", "FLAIR"), QC),
)
