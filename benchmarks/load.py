"""How long a CT series of 300 x 512 x 512 takes to load, beside SimpleITK; prints the ratio.

Run as `python -m benchmarks.load`. The series is made in a temporary folder and read once before, so that both read
from memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SLICES, SIZE = 300, 512
BUDGET = 0.4
ROUNDS = 3


def make_series(folder: Path, slices: int = SLICES, size: int = SIZE) -> None:
    """Writes a CT of noise on a slope, explicit little endian, signed 16 bit, file names in no order."""
    from pydicom.uid import generate_uid

    rng = np.random.default_rng(0)
    base = rng.integers(-1000, 1000, (size, size), np.int16)
    series, study, reference = generate_uid(), generate_uid(), generate_uid()
    for k in range(slices):
        dataset = _slice(k, size, study, series, reference)
        dataset.PixelData = np.roll(base, 7 * k, axis=1).tobytes()
        dataset.save_as(folder / f"{(k * 7919) % 99991:05d}.dcm", enforce_file_format=True)


def _slice(k: int, size: int, study: str, series: str, reference: str) -> Any:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = study, series, reference
    dataset.Modality, dataset.SeriesDescription, dataset.InstanceNumber = "CT", "Benchmark", k + 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = [-175, -175, k * 1.0], [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [0.68, 0.68], 1
    dataset.Rows = dataset.Columns = size
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -24
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    return dataset


def best_of(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """Shortest time of several runs, seconds, and the last result."""
    shortest, result = float("inf"), None
    for _ in range(rounds):
        result = None
        start = time.perf_counter()
        result = work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def by_simpleitk(folder: Path) -> Any:
    """The peer: names by geometry, then the series reader."""
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def measure() -> dict[str, Any]:
    """One line of `build/bench.json`."""
    import SimpleITK

    from viewr.imaging.series import load_series

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_series(folder)
        for file in folder.iterdir():
            file.read_bytes()
        load_series(next(folder.iterdir()))
        ours, volumes = best_of(lambda: load_series(folder))
        theirs, image = best_of(lambda: by_simpleitk(folder))
        array = SimpleITK.GetArrayViewFromImage(image).transpose(2, 1, 0)
        assert np.array_equal(volumes[0].array, array), "the two readers disagree"
    ratio = ours / theirs
    return {
        "name": "load a 300 x 512 x 512 CT series, uncompressed, files cached",
        "value": round(ours, 4),
        "unit": "s",
        "budget": BUDGET,
        "peer": "SimpleITK ImageSeriesReader",
        "peer_value": round(theirs, 4),
        "ratio": round(ratio, 3),
        "ok": ratio <= BUDGET,
    }


if __name__ == "__main__":
    line = measure()
    print(json.dumps(line))
    sys.exit(0 if line["ok"] else 1)
