"""Images on this machine as an archive: files stay where they are, results go to a folder in its layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from viewr.archive.base import Arrived, First, NotThereError, RemoteFile, Resource, ResourceRef, Scan, Wanted
from viewr.archive.cache import Cache
from viewr.archive.folder import FolderArchive
from viewr.imaging.dicom_header import Header, read_header
from viewr.imaging.files import list_files
from viewr.imaging.nifti import is_nifti
from viewr.imaging.reader import refuse_if_no_image
from viewr.model.errors import FormatError
from viewr.model.geometry import Orientation
from viewr.model.progress import Progress
from viewr.model.task_address import safe_name

#: Resource that holds the images.
IMAGES = "IMAGES"


#: Modalities whose pictures are projections: there is nothing to page through.
PROJECTIONS = ("CR", "DX", "MG", "PX", "IO", "RG", "SC", "OT", "XC")


@dataclass(frozen=True)
class LocalSeries:
    """Files that belong together.

    Attributes
    ----------
    name : str
        What a list shows.
    plane : Orientation or ""
        The plane of a picture that has no other: a projection, a single slice; "" for a volume.
    refused : str
        Why there is no picture in it, a sentence; "" where there may be one.
    """

    name: str
    files: tuple[Path, ...]
    plane: Orientation | Literal[""] = ""
    refused: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.stat().st_size for file in self.files)


def find_series(paths: Sequence[Path], progress: Progress | None = None) -> list[LocalSeries]:
    """Series of DICOM by their UID, other files one by one; nothing is decoded.

    Raises
    ------
    FormatError
        If a path does not exist, or there are no files.
    """
    groups: dict[str, list[Path]] = {}
    headers: dict[str, Header] = {}
    refused: dict[str, str] = {}
    files = list_files(list(paths))
    for number, file in enumerate(files):
        if progress is not None:
            progress.report(number, len(files))
        key = str(file)
        try:
            header = read_header(file)
            key = header.text("SeriesInstanceUID") or key
            headers.setdefault(key, header)
        except FormatError as exc:
            refused[key] = "" if is_nifti(file) else exc.message
        groups.setdefault(key, []).append(file)
    if not groups:
        raise FormatError(f"There are no files in '{paths[0]}'.", "Choose a folder with DICOM or NIfTI files.")
    return [_series(headers.get(key), tuple(found), refused.get(key, "")) for key, found in groups.items()]


def _series(header: Header | None, files: tuple[Path, ...], refused: str) -> LocalSeries:
    if header is None:
        return LocalSeries(files[0].name, files, refused=refused)
    name = header.text("SeriesDescription") or header.text("Modality") or files[0].name
    flat = header.text("Modality") in PROJECTIONS or (len(files) == 1 and header.whole("NumberOfFrames", 1) <= 1)
    return LocalSeries(name, files, _plane(header) if flat else "", _refusal(header))


def _refusal(header: Header) -> str:
    """Why a file has no picture: contours, reports and the like come in the same folders as images."""
    try:
        refuse_if_no_image(header)
    except FormatError as exc:
        return exc.message
    return ""


def _plane(header: Header) -> Orientation:
    """The patient's plane nearest to that of a picture; "Transversal" where the file does not say."""
    numbers = header.numbers("ImageOrientationPatient")
    if len(numbers) != 6:
        return "Transversal"
    normal = np.abs(np.cross(numbers[:3], numbers[3:]))
    planes: tuple[Orientation, ...] = ("Sagittal", "Coronal", "Transversal")
    return planes[int(np.argmax(normal))]


class LocalArchive(FolderArchive):
    """One experiment made of local series; what is written goes below `results`.

    Parameters
    ----------
    experiment : str
        Folder of the results.
    series : sequence of LocalSeries
        Scan "1" is the first.
    """

    def __init__(self, results: Path, user: str, experiment: str, series: Sequence[LocalSeries]) -> None:
        super().__init__(results, user)
        self._experiment = experiment
        self._series: Mapping[str, LocalSeries] = {str(number): one for number, one in enumerate(series, 1)}

    def experiment_id(self, project: str, subject: str, experiment: str) -> str:
        return self._experiment

    def scans(self, experiment: str) -> list[Scan]:
        kept = {scan.id: scan for scan in super().scans(experiment)}
        return [
            Scan(number, one.name, "", *self._verdict(kept.get(number)), one.name)
            for number, one in self._series.items()
        ]

    @staticmethod
    def _verdict(scan: Scan | None) -> tuple[str, str]:
        return (scan.quality, scan.note) if scan else ("", "")

    def resources(self, experiment: str, scan: str = "") -> list[Resource]:
        own = [Resource(IMAGES, scan, file_count=len(self._series[scan].files))] if scan in self._series else []
        return own + super().resources(experiment, scan)

    def files(self, ref: ResourceRef) -> list[RemoteFile]:
        if ref.label != IMAGES:
            return super().files(ref)
        if ref.scan not in self._series:
            raise NotThereError(f"There is no scan '{ref.scan}' here.", "Choose other files.")
        return [
            RemoteFile(f"{number:06d}-{file.name}", file.stat().st_size, "", str(file))
            for number, file in enumerate(self._series[ref.scan].files)
        ]

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
        """Paths of the files where they are: nothing is copied."""
        if ref.label != IMAGES:
            return super().download(ref, cache, wanted=wanted, arrived=arrived, first=first, progress=progress)
        chosen = [file for file in self.files(ref) if wanted is None or wanted(file)]
        for number, file in enumerate(sorted(chosen, key=first) if first else chosen, 1):
            if progress is not None:
                progress.report(number, len(chosen))
            if arrived is not None:
                arrived(Path(file.uri))
        return [Path(file.uri) for file in chosen]


def experiment_name(path: Path) -> str:
    """The folder of results, named after the folder or file of the images."""
    name = path.resolve().name
    for ending in (".gz", ".nii", ".dcm"):
        name = name.removesuffix(ending)
    return safe_name(name) or "local"
