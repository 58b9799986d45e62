"""Whole series with headers of chance: every voxel that is shown lies where its own file says, or it is said.

`VIEWR_FUZZ=20000 pytest tests/imaging/test_fuzz_series.py` runs longer.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imaging.make import slice_file
from viewr.imaging.files import list_files
from viewr.imaging.info import describe_volume
from viewr.imaging.series import open_series, read_folder
from viewr.model.errors import FormatError

ROUNDS = max(60, int(os.environ.get("VIEWR_FUZZ", "400")) // 20)
#: Where one affine stands for slices that are not quite even, and rounding in headers.
NEAR_MM = 0.06

ORIENTATIONS = ((1, 0, 0, 0, 1, 0), (0, 1, 0, 0, 0, -1), (1, 0, 0, 0, 0.9396926, -0.3420201), (-1, 0, 0, 0, -1, 0),
                (1, 0, 0, 1, 0, 0), (0.8, 0.6, 0, -0.6, 0.8, 0))
numbers = st.sampled_from((0.0, 0.5, 1.0, 2.5, 5.0, -5.0, 7.0, 100.0))
odd_text = st.sampled_from(("", "0", "1", "2", "NaN", "1e9", "-3", "abc", "1\\2", "1.5"))
extras = st.fixed_dictionaries({}, optional={
    "EchoTime": st.sampled_from((10, 20)), "TemporalPositionIdentifier": st.sampled_from((1, 2)),
    "TriggerTime": numbers, "AcquisitionNumber": st.sampled_from((1, 2)), "FlipAngle": st.sampled_from((5, 30)),
    "ImageType": st.sampled_from((["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"], ["DERIVED"], "")),
    "FrameOfReferenceUID": st.sampled_from(("1.1", "1.2", "")), "SeriesInstanceUID": st.sampled_from(("1.5", "1.6")),
    "SOPInstanceUID": st.sampled_from(("1.7.1", "1.7.2", "1.7.3")), "SpacingBetweenSlices": numbers,
    "SliceThickness": numbers, "PixelPaddingValue": st.sampled_from((0, 1)), "Modality": st.sampled_from(("CT", "MR")),
    "NumberOfFrames": st.sampled_from((1, 2)), "BitsStored": st.sampled_from((8, 12, 16)),
    "PhotometricInterpretation": st.sampled_from(("MONOCHROME1", "MONOCHROME2", "ODD")),
})  # fmt: skip
texts = st.dictionaries(
    st.sampled_from(("WindowCenter", "WindowWidth", "PixelSpacing", "RescaleIntercept", "InstanceNumber", "EchoTime",
                     "ImagePositionPatient", "ImageOrientationPatient", "DiffusionBValue", "FrameTime")),
    odd_text, max_size=1)  # fmt: skip
slices = st.tuples(st.integers(0, 5), st.sampled_from((0.0, 0.0, 0.0, 0.02, 0.4)), extras, texts)


@st.composite
def series(draw: st.DrawFn) -> list[tuple[tuple[float, ...], tuple[float, ...], dict[str, Any], dict[str, str]]]:
    """Slices with mostly the same orientation, spacing and extras."""
    orientation = draw(st.sampled_from(ORIENTATIONS))
    step = np.array(draw(st.sampled_from(((0, 0, 5), (0, 1, 3), (5, 0, 0), (0, 0, -2.5)))), float)
    common = draw(extras)
    made = []
    for place, aside, own, odd in draw(st.lists(slices, min_size=1, max_size=9)):
        position = tuple(place * step + aside)
        keep = draw(st.booleans())
        made.append((position, orientation, {**common, **({} if keep else own)}, {} if keep else odd))
    return made


def write(folder: Path, made: list[Any]) -> dict[int, tuple[float, ...]]:
    """Writes the slices; each holds its number in all pixels."""
    from pydicom import config

    config.settings.writing_validation_mode = config.IGNORE
    for number, (position, orientation, elements, odd) in enumerate(made, 1):
        pixels = np.full((3, 4), number, np.int16)
        slice_file(folder, pixels, position, orientation, number=number, name=f"{number}.dcm", **elements)
        if odd:
            _overwrite(folder / f"{number}.dcm", odd)
    return {number: position for number, (position, *_) in enumerate(made, 1)}


def _overwrite(path: Path, odd: dict[str, str]) -> None:
    from pydicom import dcmread
    from pydicom.datadict import dictionary_VR
    from pydicom.dataelem import DataElement

    dataset = dcmread(path)
    for keyword, text in odd.items():
        vr = dictionary_VR(keyword)
        if vr == "FD":
            setattr(dataset, keyword, float("nan"))
        else:
            element = DataElement(keyword, "LO", text)
            dataset[keyword] = element
    dataset.save_as(path)


@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
@given(series())
def test_every_voxel_lies_where_its_file_says(made: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        positions = write(folder, made)
        result = read_folder(folder)
        stream = open_series((), expected=len(made))
        for file in reversed(list_files(folder)):
            stream.add(file)
        try:
            streamed = stream.finish()
        except FormatError:
            streamed = []
    shown = set()
    for volume in result.volumes:
        json.dumps(describe_volume(volume), allow_nan=False)
        assert np.isfinite(volume.grid.affine).all()
        assert volume.array.shape[:3] == volume.grid.shape
        if any("RescaleIntercept" in odd for *_, odd in made):
            continue  # values would not be numbers of files any more
        for k in range(volume.grid.shape[2] if volume.placed else 0):
            for value in np.unique(volume.array[:, :, k]):
                number = int(value)
                if number in positions and _untouched(made[number - 1]):
                    off = np.linalg.norm(volume.grid.to_lps([0, 0, float(k)]) - positions[number])
                    assert off <= NEAR_MM, (volume.warnings, number, off)
                    shown.add(number)
    files = {str(Path(file).name) for volume in result.volumes for file in volume.files}
    files |= {Path(refused.path).name for refused in result.refused}
    assert files == {f"{number}.dcm" for number in positions}
    assert [describe_volume(v) for v in streamed] == [describe_volume(v) for v in result.volumes]


def _untouched(entry: Any) -> bool:
    """Whether the file's position and values are still those that were written first."""
    _, _, elements, odd = entry
    return not {"ImagePositionPatient", "RescaleIntercept", "ImageOrientationPatient"} & set(odd) and (
        "NumberOfFrames" not in elements)
