"""Small DICOM series with known geometry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, MRImageStorage, generate_uid

from viewr.model.geometry import FloatArray

SERIES, STUDY, REFERENCE = "1.2.3.4", "1.2.3", "1.2.3.9"


def slice_file(
    folder: Path,
    pixels: np.ndarray,
    position: Sequence[float] | None,
    orientation: Sequence[float] = (1, 0, 0, 0, 1, 0),
    spacing: tuple[float, float] = (1.0, 1.0),
    *,
    number: int = 1,
    name: str = "",
    implicit: bool = False,
    **elements: Any,
) -> Path:
    """Writes one slice; `pixels` is (rows, columns), `spacing` that of DICOM (down, across)."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    modality = elements.get("Modality", "MR")
    dataset.SOPClassUID = CTImageStorage if modality == "CT" else MRImageStorage
    dataset.SOPInstanceUID = elements.get("SOPInstanceUID", generate_uid())
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Modality, dataset.SeriesDescription = modality, "Made"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = STUDY, SERIES, REFERENCE
    dataset.InstanceNumber = number
    if position is not None:
        dataset.ImagePositionPatient = [f"{v:.8f}" for v in position]
        dataset.ImageOrientationPatient = [f"{v:.8f}" for v in orientation]
        dataset.PixelSpacing = [f"{v:.8f}" for v in spacing]
    describe_pixels(dataset, pixels)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    path = folder / (name or f"{number:05d}-{dataset.SOPInstanceUID[-6:]}.dcm")
    dataset.save_as(path, enforce_file_format=True)
    return path


def describe_pixels(dataset: Dataset, pixels: np.ndarray) -> None:
    """The elements of the image pixel module."""
    dataset.Rows, dataset.Columns = pixels.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    bits = pixels.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelData = pixels.tobytes()


def stack(folder: Path, voxels: np.ndarray, affine_lps: FloatArray, **elements: Any) -> list[Path]:
    """Writes voxels (i, j, k) as slices whose centres lie where the affine says."""
    across, down = affine_lps[:3, 0], affine_lps[:3, 1]
    i, j = np.linalg.norm(across), np.linalg.norm(down)
    orientation = [*(across / i), *(down / j)]
    return [
        slice_file(folder, np.ascontiguousarray(voxels[:, :, k].T), affine_lps[:3, :3] @ [0, 0, k] + affine_lps[:3, 3],
                   orientation, (float(j), float(i)), number=k + 1, **elements)
        for k in range(voxels.shape[2])
    ]


def flat_stack(folder: Path, depths: Sequence[float], first_number: int = 1, value: int = 0, **elements: Any
               ) -> list[Path]:
    """Transversal slices of 4 x 4 at the given heights; each holds its number."""
    return [
        slice_file(folder, np.full((4, 4), value + n, np.int16), (0, 0, z), number=first_number + n, **elements)
        for n, z in enumerate(depths)
    ]
