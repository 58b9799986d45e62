"""Where the addresses of a task lead in an archive: experiments, scans and resources that are really there."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewr.archive.base import NotThereError, RemoteFile, Resource, ResourceRef, Scan
from viewr.model.errors import ArchiveError, TaskError
from viewr.model.task import Address, XnatRef
from viewr.model.task_address import completed, match_scan, origin
from viewr.model.task_time import PLACEHOLDERS, newest

if TYPE_CHECKING:
    from viewr.archive.base import Archive

#: Resources that hold images, the preferred first.
IMAGE_LABELS = ("DICOM", "NIFTI", "secondary")
_FILE_URI = re.compile(
    r"/data/experiments/(?P<experiment>[^/]+)(?:/scans/(?P<scan>[^/]+))?/resources/(?P<label>[^/]+)/files/(?P<file>.+)"
)


@dataclass(frozen=True)
class ScanTarget:
    """A scan of the template, found in the archive.

    Attributes
    ----------
    file : str
        Pattern of the path inside the resource, "" for all its files.
    note : str
        A sentence if there was a choice.
    """

    ref: ResourceRef
    scan: Scan
    file: str = ""
    note: str = ""


class Places:
    """Finds what addresses mean; asks the archive once for each experiment. Blocking.

    Parameters
    ----------
    xnat : XnatRef
        The experiment of the task, for addresses that leave it out.
    """

    def __init__(self, archive: Archive, xnat: XnatRef) -> None:
        self.archive = archive
        self.xnat = xnat
        self._experiments: dict[tuple[str, str, str], str] = {}
        self._scans: dict[str, list[Scan]] = {}

    def experiment(self, address: Address | None = None) -> str:
        """Accession id of the experiment of an address; of the task's own if left out."""
        whole = completed(address or Address(), self.xnat)
        if whole.server and self.archive.url and origin(whole.server) != origin(self.archive.url):
            raise TaskError(f"The task's data are on {whole.server}; you are signed in to {self.archive.url}.",
                            "Sign in with the profile of that archive.")  # fmt: skip
        if not whole.experiment:
            raise TaskError("The task names no experiment.", "Ask the study's coordinator.")
        key = (whole.project, whole.subject, whole.experiment)
        if key not in self._experiments:
            self._experiments[key] = self._find(*key)
        return self._experiments[key]

    def _find(self, project: str, subject: str, experiment: str) -> str:
        try:
            return self.archive.experiment_id(project, subject, experiment)
        except NotThereError as error:
            where = f" of project '{project}'" if project else ""
            raise NotThereError(
                f"The task's experiment '{experiment}'{where} is not in the archive, or not shown to "
                f"'{self.archive.user}'.",
                "Ask whether it was moved, and whether the account belongs to the project.",
            ) from error

    def scans(self, experiment: str) -> list[Scan]:
        if experiment not in self._scans:
            self._scans[experiment] = self.archive.scans(experiment)
        return self._scans[experiment]

    def scan_target(self, name: str, address: Address) -> ScanTarget:
        """The scan that the template calls `name`; raises with one sentence that names both."""
        experiment = self.experiment(address)
        if not address.scan:
            scan, note = Scan(""), ""
        else:
            scan, note = self._scan(name, address, experiment)
        label = address.resource or self._image_resource(name, experiment, scan)
        return ScanTarget(ResourceRef(experiment, scan.id, label), scan, address.file, note)

    def resource(self, address: Address) -> ResourceRef:
        """Where results go."""
        experiment = self.experiment(address)
        scan = self._scan("", address, experiment)[0].id if address.scan else ""
        return ResourceRef(experiment, scan, address.resource)

    def _scan(self, name: str, address: Address, experiment: str) -> tuple[Scan, str]:
        scans = self.scans(experiment)
        found = match_scan(address, scans)
        if not found:
            there = ", ".join(f"{scan.id} ({scan.type})" for scan in scans) or "none"
            what = f"The scan '{name}' of the task" if name else "A scan of the task"
            raise ArchiveError(f"{what}, '{address.scan}', is not in the experiment.", f"There are: {there}.")
        chosen = found[0]
        note = ""
        if len(found) > 1 and name:
            others = ", ".join(scan.id for scan in found)
            note = f"Scan '{name}': {len(found)} scans fit '{address.scan}' ({others}); scan {chosen.id} is shown."
        return chosen, note

    def _image_resource(self, name: str, experiment: str, scan: Scan) -> str:
        there = self.archive.resources(experiment, scan.id)
        for label in IMAGE_LABELS:
            if any(resource.label == label for resource in there):
                return label
        if not there:
            raise ArchiveError(f"The scan '{name}' ({scan.id}) has no files in the archive.", "It may not be uploaded.")
        return max(there, key=_size).label

    def files(self, ref: ResourceRef) -> list[RemoteFile]:
        """Files of a resource; none if it does not exist yet."""
        try:
            return self.archive.files(ref)
        except NotThereError:
            return []


def file_uri(ref: ResourceRef, file: str = "") -> str:
    """The address of a resource or file, as provenance and tasks name it."""
    scan = f"/scans/{ref.scan}" if ref.scan else ""
    return f"/data/experiments/{ref.experiment}{scan}/resources/{ref.label}" + (f"/files/{file}" if file else "")


def file_of(uri: str) -> tuple[ResourceRef, str] | None:
    """The file that an address of `file_uri` names; None if it is not of that form."""
    match = _FILE_URI.fullmatch(uri)
    if match is None:
        return None
    return ResourceRef(match["experiment"], match["scan"] or "", match["label"]), match["file"]


def wanted_files(files: Sequence[RemoteFile], pattern: str) -> list[RemoteFile]:
    """The files that the pattern of an address means: all, the newest of a time, or those of a name."""
    if not pattern:
        return list(files)
    if any(placeholder in pattern for placeholder in PLACEHOLDERS) or "{ext}" in pattern:
        name = newest([file.path for file in files], pattern)
        return [file for file in files if file.path == name]
    return [file for file in files if file.path == pattern] or [
        file for file in files if fnmatch.fnmatchcase(file.path, pattern)
    ]


def _size(resource: Resource) -> int:
    return resource.file_size or 0
