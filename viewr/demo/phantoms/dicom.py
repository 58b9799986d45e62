"""DICOM datasets of the demo patients: what all series share, and one dataset a slice."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from viewr.model.geometry import Grid

_ROOT = uuid.UUID("5a0c3e0e-8a86-5ac5-9a6e-0d1c2f4b7e11")


@dataclass(frozen=True)
class Study:
    """Who was examined, and when; all invented."""

    subject: str
    session: str
    description: str
    date: str
    time: str
    sex: str
    age: str
    maker: str = "Phantom Imaging"
    model: str = "Paper 1"


def uid(*names: object) -> str:
    """The same UID for the same names, under the root 2.25 (a UUID as a number)."""
    return f"2.25.{uuid.uuid5(_ROOT, '/'.join(map(str, names))).int}"


def item(**values: Any) -> Dataset:
    """A small dataset from keyword and value."""
    result = Dataset()
    for keyword, value in values.items():
        setattr(result, keyword, value)
    return result


def code(value: str, scheme: str, meaning: str, **more: Any) -> Dataset:
    """An item of a code sequence."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning, **more)


def sequence(*items: Dataset) -> Sequence:
    """A DICOM sequence of items; none makes an empty one."""
    return Sequence(items)


def base_dataset(study: Study, scan: int, sop_class: str, modality: str, description: str) -> Dataset:
    """Patient, study, series and equipment, as all slices of a series share them."""
    return item(
        SpecificCharacterSet="ISO_IR 192",
        SOPClassUID=sop_class,
        PatientName=f"Demo^{study.subject}",
        PatientID=study.subject,
        PatientBirthDate="",
        PatientSex=study.sex,
        PatientAge=study.age,
        PatientIdentityRemoved="YES",
        DeidentificationMethod="Synthetic images made by a program; no patient exists",
        StudyInstanceUID=uid(study.session),
        StudyDate=study.date,
        StudyTime=study.time,
        StudyID=study.session,
        StudyDescription=study.description,
        AccessionNumber="",
        ReferringPhysicianName="",
        SeriesInstanceUID=uid(study.session, scan),
        SeriesNumber=scan,
        SeriesDate=study.date,
        SeriesTime=study.time,
        SeriesDescription=description,
        AcquisitionNumber=1,
        AcquisitionDate=study.date,
        AcquisitionTime=study.time,
        ContentDate=study.date,
        ContentTime=study.time,
        Modality=modality,
        Manufacturer=study.maker,
        ManufacturerModelName=study.model,
        SoftwareVersions="7.0",
        SamplesPerPixel=1,
        BitsAllocated=16,
        PixelRepresentation=0,
        PhotometricInterpretation="MONOCHROME2",
    )


def add_plane(base: Dataset, study: Study, grid: Grid, thickness: float, position: str = "HFS") -> None:
    """Orientation and spacing, the same in every slice of a grid."""
    spacing_i, spacing_j, _ = grid.spacing
    base.PatientPosition = position
    base.FrameOfReferenceUID = uid(study.session, "frame")
    base.PositionReferenceIndicator = ""
    base.ImageOrientationPatient = [_decimal(v) for v in grid.directions[:, :2].T.ravel()]
    base.PixelSpacing = [_decimal(spacing_j), _decimal(spacing_i)]
    base.SliceThickness = _decimal(thickness)
    base.Rows, base.Columns = grid.shape[1], grid.shape[0]


def slice_datasets(
    base: Dataset,
    grid: Grid,
    slices: Callable[[int], npt.NDArray[np.integer[Any]]],
    more: Callable[[int], Mapping[str, Any]] | None = None,
) -> list[Dataset]:
    """One dataset a slice; `slices(k)` gives its pixels [j, i], `more(k)` what else differs between slices."""
    normal = grid.normal
    result = []
    for k in range(grid.shape[2]):
        origin = grid.to_lps([0, 0, k])
        values = {
            "ImagePositionPatient": [_decimal(v) for v in origin],
            "SliceLocation": _decimal(float(origin @ normal)),
            **(more(k) if more else {}),
        }
        result.append(image_dataset(base, k + 1, slices(k), values))
    return result


def image_dataset(
    base: Dataset, number: int, pixels: npt.NDArray[np.integer[Any]], values: Mapping[str, Any]
) -> Dataset:
    """A dataset that shares the elements of `base` and adds its own number, pixels and `values`."""
    result = Dataset()
    result.update(base)
    result.SOPInstanceUID = uid(base.SeriesInstanceUID, number)
    result.InstanceNumber = number
    for keyword, value in values.items():
        setattr(result, keyword, value)
    result.PixelData = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()
    result.preamble = b"\0" * 128
    result.file_meta = _file_meta(result)
    return result


def _file_meta(dataset: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = uid("implementation")
    meta.ImplementationVersionName = "VIEWR_DEMO"
    return meta


def _decimal(value: float) -> float:
    # A decimal string holds 16 characters at most.
    return round(float(value), 9) + 0.0
