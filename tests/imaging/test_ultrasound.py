"""Parts of ultrasound pictures, each with its own scale or none (DICOM PS3.3 C.8.5.5); lengths worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import slice_file
from viewr.imaging.mapped import describe, map_file, stored
from viewr.imaging.measure import measured_values
from viewr.imaging.series import load_series
from viewr.model.measure import Measure
from viewr.model.volume import PixelRegion, Volume

SECONDS, CENTIMETRES_A_SECOND, CENTIMETRES = 4, 7, 3


def region(box: tuple[int, int, int, int], units=(CENTIMETRES, CENTIMETRES), deltas=(0.05, 0.05), form=1) -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = form, 1, 0
    names = ("MinX0", "MinY0", "MaxX1", "MaxY1")
    for name, value in zip(names, box, strict=True):
        setattr(item, f"RegionLocation{name}", value)
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = units
    item.PhysicalDeltaX, item.PhysicalDeltaY = deltas
    return item


#: Two pictures of different depth side by side; spectral Doppler below; a magnified part within the first picture.
REGIONS = (
    region((0, 0, 99, 99)),
    region((110, 0, 199, 99), deltas=(0.1, 0.1)),
    region((0, 110, 199, 159), (SECONDS, CENTIMETRES_A_SECOND), (0.01, 2.0), 3),
    region((10, 10, 39, 39), deltas=(0.02, 0.02)),
)


def ultrasound(folder: Path, *regions: Dataset, **elements: object) -> Volume:
    slice_file(folder, np.zeros((160, 200), np.uint8), None, Modality="US",
               SequenceOfUltrasoundRegions=list(regions), **elements)  # fmt: skip
    return load_series(folder)[0]


def length(volume: Volume, start: tuple[float, float], end: tuple[float, float], kind="distance") -> tuple[float, str]:
    ends = [tuple(float(x) for x in volume.grid.to_lps((*place, 0))) for place in (start, end)]
    (value,) = measured_values(Measure(kind, tuple(ends), ends[0], (0.0, 0.0, 1.0)), volume, (), "mm calibrated")
    return value.number, value.unit


@pytest.mark.parametrize(("start", "end", "expected"), [
    ((50, 50), (80, 90), (25.0, "mm calibrated")),     # 30 and 40 pixels of 0.5 mm
    ((120, 10), (150, 50), (50.0, "mm calibrated")),   # the same way in the picture of 1 mm
    ((15, 15), (35, 15), (4.0, "mm calibrated")),      # in the magnified part: 0.2 mm
    ((15, 15), (55, 45), (25.0, "mm calibrated")),     # out of it: 40 and 30 of 0.5 mm
    ((20, 120), (50, 160), (50.0, "px")),              # time and speed are no lengths
    ((90, 50), (120, 90), (50.0, "px")),               # from one picture into the other
    ((103, 10), (103, 40), (30.0, "px")),              # beside both
])  # fmt: skip
def test_lengths_are_those_of_the_part_they_lie_in(tmp_path, start, end, expected):
    volume = ultrasound(tmp_path, *REGIONS)
    assert volume.spacing[:2] == pytest.approx((0.5, 0.5))
    assert length(volume, start, end) == (pytest.approx(expected[0]), expected[1])


def test_an_area_takes_the_scale_of_its_part_too(tmp_path):
    volume = ultrasound(tmp_path, *REGIONS)
    places = [tuple(float(x) for x in volume.grid.to_lps((i, j, 0))) for i, j in ((150, 50), (160, 50), (150, 55))]
    values = measured_values(Measure("ellipse", tuple(places), places[0], (0.0, 0.0, 1.0)), volume, (), "mm")
    assert values[0].number == pytest.approx(np.pi * 10 * 5)
    assert values[0].unit == "mm²"


def test_doppler_alone_has_no_scale_but_pixel_spacing_beside_it_holds(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    alone = ultrasound(tmp_path / "a", REGIONS[2])
    assert not alone.has_scale
    spaced = ultrasound(tmp_path / "b", REGIONS[2], PixelSpacing=[0.3, 0.3])
    assert spaced.has_scale
    assert length(spaced, (0, 0), (10, 0)) == (pytest.approx(3.0), "mm calibrated")
    assert length(spaced, (0, 120), (10, 120)) == (10.0, "px")


def test_regions_of_a_larger_picture_than_this_one_give_no_millimetres(tmp_path):
    volume = ultrasound(tmp_path, region((20, 10, 399, 319)))
    assert not volume.has_scale
    assert any("must have been made smaller since" in words for words in volume.warnings)


def test_a_region_that_ends_one_pixel_behind_the_image_is_good(tmp_path):
    volume = ultrasound(tmp_path, region((0, 0, 200, 160)))
    assert volume.has_scale
    assert volume.warnings == ()


def test_regions_go_with_the_volume_into_another_process(tmp_path):
    volume = ultrasound(tmp_path, *REGIONS)
    stored(volume.array).tofile(tmp_path / "voxels.raw")
    again = map_file(json.loads(json.dumps(describe(volume))), tmp_path / "voxels.raw")
    assert again.regions == volume.regions
    assert again.regions[2] == PixelRegion(0, 110, 199, 159, None)


@needs_real_scans
def test_a_real_picture_with_a_curve_below():
    [volume] = load_series(SHARED / "ultrasound" / "examples_palette.dcm")
    picture, curve = volume.regions
    assert (picture.left, picture.top, picture.right, picture.bottom) == (120, 60, 800, 518)
    assert picture.spacing == pytest.approx((0.26228788, 0.26228788))
    assert curve.spacing is None
