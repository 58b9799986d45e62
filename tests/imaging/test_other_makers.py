"""Series as makers write them that are not among the real scans: the general rule, not the sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

from tests.imaging.make import describe_pixels, flat_stack, slice_file
from viewr.imaging.series import load_series, read_folder
from viewr.imaging.suv import suv_of
from viewr.model.errors import FormatError


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def group(z: float, **groups: Dataset) -> Dataset:
    """Functional groups of a transversal frame."""
    made = Dataset()
    made.PlanePositionSequence = [item(ImagePositionPatient=[0, 0, z])]
    made.PlaneOrientationSequence = [item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]
    made.PixelMeasuresSequence = [item(PixelSpacing=[1, 1], SliceThickness=1)]
    for keyword, value in groups.items():
        setattr(made, keyword, [value])
    return made


def enhanced(path: Path, first: int, groups: list[Dataset], **elements: Any) -> None:
    """A multi-frame file whose frames hold `first`, `first` + 1, ..."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4.1", generate_uid()
    dataset.Modality, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "MR", "1.2.3", "1.2.3.4"
    dataset.FrameOfReferenceUID = "1.2.3.9"
    describe_pixels(dataset, np.stack([np.full((4, 4), first + n, np.int16) for n in range(len(groups))]))
    dataset.NumberOfFrames = len(groups)
    dataset.PerFrameFunctionalGroupsSequence, dataset.SharedFunctionalGroupsSequence = groups, [Dataset()]
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, enforce_file_format=True)


# --- several files, several points ---------------------------------------------------------------------------------


def test_a_concatenation_over_files_is_one_volume_and_lost_parts_are_said(tmp_path: Path) -> None:
    for part in (1, 0):
        enhanced(tmp_path / f"{9 - part}", 2 * part, [group(5.0 * (2 * part + n)) for n in range(2)],
                 ConcatenationUID="1.9", InConcatenationNumber=part + 1, InConcatenationTotalNumber=3)
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [0, 1, 2, 3]
    assert volume.warnings == ("1 of 3 files of this image are missing (part 3).",)


@pytest.mark.parametrize("tagged", [True, False])
def test_points_that_lack_a_slice_are_kept_apart_and_never_mixed(tmp_path: Path, tagged: bool) -> None:
    number = 0
    for point in range(4):
        for n in range(4):
            number += 1
            if (point, n) != (1, 2):
                tags = {"TriggerTime": 100 * point} if tagged else {}
                slice_file(tmp_path, np.full((4, 4), 10 * point + n, np.int16), (0, 0, 5 * n), number=number, **tags)
    whole, rest = load_series(tmp_path)
    assert whole.axes == ("phase" if tagged else "time",)
    assert whole.array[0, 0].tolist() == [[0, 20, 30], [1, 21, 31], [2, 22, 32], [3, 23, 33]]
    assert whole.warnings == (f"Along {whole.axes[0]}, point 2 of 4 lacks 1 of 4 slices and is kept apart.",)
    assert rest.part == "point 2 of 4, incomplete"
    assert rest.array[0, 0].tolist() == [10, 11, 13]
    assert rest.warnings == ("Slice 3 is missing between 5.0 and 15.0 mm.",)


def test_files_that_only_share_an_instance_uid_all_count(tmp_path: Path) -> None:
    flat_stack(tmp_path, [0, 5, 10], SOPInstanceUID="1.2.3.55.1")
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [0, 1, 2]
    assert "has the instance UID of another picture, which it is not" in volume.warnings[0]


# --- mosaics -------------------------------------------------------------------------------------------------------


def mosaic(path: Path, add: int = 0) -> Dataset:
    tiles = np.array([[1, 2], [3, 0]], np.int16) + np.int16(add)
    written = slice_file(path, np.kron(tiles, np.ones((4, 4), np.int16)), (0, 0, 0), number=add + 1)
    dataset = dcmread(written)
    dataset.filename = str(written)
    return dataset


def test_uih_mosaics_lie_where_each_tile_says(tmp_path: Path) -> None:
    for time in range(2):
        dataset = mosaic(tmp_path, 10 * time)
        dataset.Manufacturer = "UIH"
        block = dataset.private_block(0x0065, "Image Private Header", create=True)
        block.add_new(0x50, "DS", "3")
        block.add_new(0x51, "SQ", Sequence([item(ImagePositionPatient=[10, 20, -4 * n]) for n in range(3)]))
        dataset.save_as(dataset.filename)
    [volume] = load_series(tmp_path)
    # The tiles go down in the patient, slices go up.
    assert volume.array[0, 0].tolist() == [[3, 13], [2, 12], [1, 11]]
    assert_allclose(volume.grid.to_lps([0, 0, 0.0]), [10, 20, -8])


# --- values --------------------------------------------------------------------------------------------------------


def test_enhanced_pet_by_its_real_world_value_mapping(tmp_path: Path) -> None:
    unit = item(CodeValue="Bq/ml", CodingSchemeDesignator="UCUM", CodeMeaning="Becquerels per millilitre")
    groups = [group(3.0 * n, RealWorldValueMappingSequence=item(
        RealWorldValueSlope=2.0 * (n + 1), RealWorldValueIntercept=0.0, MeasurementUnitsCodeSequence=[unit]))
        for n in range(3)]
    enhanced(tmp_path / "pet", 1, groups, Modality="PT")
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [2, 8, 18]
    assert volume.unit == "Bq/ml"


def pet(folder: Path, private: dict[tuple[int, str, int], tuple[str, str]] | None = None, **elements: Any) -> Any:
    """The volume of a PET slice of 70 kg and 370 MBq F-18 at 10:00, scanned at 11:00."""
    told = item(RadionuclideTotalDose=3.7e8, RadionuclideHalfLife=6588, RadiopharmaceuticalStartTime="100000")
    values = {"Modality": "PT", "Units": "BQML", "DecayCorrection": "START", "PatientWeight": 70,
              "SeriesTime": "110000",
              "SeriesDate": "20200101", "AcquisitionDate": "20200101", "AcquisitionTime": "110000",
              "RadiopharmaceuticalInformationSequence": [told]}
    path = slice_file(folder, np.full((4, 4), 1000, np.int16), (0, 0, 0), **{**values, **elements})
    dataset = dcmread(path)
    for (number, creator, element), (vr, value) in (private or {}).items():
        dataset.private_block(number, creator, create=True).add_new(element, vr, value)
    dataset.save_as(path)
    return load_series(path)[0]


HOUR = 70000 / 3.7e8 * 2 ** (3600 / 6588)


@pytest.mark.parametrize(
    ("private", "elements", "factor"),
    [({}, {}, HOUR),
     ({(0x7053, "Philips PET Private Group", 0): ("DS", "0.0005")}, {"Units": "CNTS", "Manufacturer": "Philips"}, 5e-4),
     ({(0x7053, "Philips PET Private Group", 0): ("DS", "0"), (0x7053, "Philips PET Private Group", 9): ("DS", "2.0")},
      {"Units": "CNTS", "Manufacturer": "Philips"}, 2 * HOUR),
     ({(0x0009, "GEMS_PETD_01", 0x0D): ("DT", "20200101105500.00")},
      {"SeriesTime": "150000", "Manufacturer": "GE MEDICAL SYSTEMS"}, 70000 / 3.7e8 * 2 ** (3300 / 6588)),
     ({}, {"DecayCorrection": "", "DecayCorrected": "YES", "DecayCorrectionDateTime": "20200101110000"}, HOUR)],
)
def test_uptake_by_the_elements_of_each_maker(tmp_path: Path, private: Any, elements: Any, factor: float) -> None:
    assert suv_of(pet(tmp_path, private, **elements)).factor == pytest.approx(factor, rel=1e-9)


def test_an_injection_after_the_scan_is_refused(tmp_path: Path) -> None:
    volume = pet(tmp_path, SeriesTime="090000", AcquisitionTime="090000")
    with pytest.raises(FormatError, match=r"the injection lies 1\.0 h after the scan"):
        suv_of(volume)


# --- places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["NaN       ", "1e400     ", "abc       "])
def test_a_slice_whose_position_is_no_number_is_shown_apart_and_said(tmp_path: Path, wrong: str) -> None:
    paths = flat_stack(tmp_path, [0, 5, 10])
    paths[1].write_bytes(paths[1].read_bytes().replace(b"5.00000000", wrong.encode()))
    lost, placed = sorted(load_series(tmp_path), key=lambda volume: volume.placed)
    assert (lost.placed, placed.placed) == (False, True)
    assert lost.grid.frame_of_reference == ""
    assert lost.warnings == ("The image does not say where in the patient it lies; no directions are shown.",
                             f"{paths[1].name} gives a position that is none.")
    assert placed.warnings == ("One picture of this series does not say where in the patient; shown apart.",)


def test_a_slice_beside_its_stack_is_no_tilt(tmp_path: Path) -> None:
    for n in range(5):
        slice_file(tmp_path, np.full((4, 4), n, np.int16), (4 if n == 3 else 0, 0, 5 * n), number=n + 1)
    [volume] = load_series(tmp_path)
    assert volume.warnings == ("Slices lie up to 4.0 mm beside the line of the others; each is kept where it lies.",)
    assert_allclose(volume.grid.to_lps([0, 0, 3.0]), [4, 0, 15])


def test_slices_around_an_axis_are_not_one_volume(tmp_path: Path) -> None:
    for n in range(6):
        angle = np.radians(30 * n)
        slice_file(tmp_path, np.zeros((4, 4), np.int16), (np.cos(angle), np.sin(angle), 0),
                   (np.cos(angle), np.sin(angle), 0, 0, 0, -1), number=n + 1)
    volumes = load_series(tmp_path)
    assert len(volumes) == 6
    assert len({volume.part for volume in volumes}) == 6


def test_slices_of_different_compression_are_one_volume(tmp_path: Path) -> None:
    paths = flat_stack(tmp_path, [0, 5, 10])
    dataset = dcmread(paths[1])
    dataset.compress(RLELossless)
    dataset.save_as(paths[1])
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [0, 1, 2]


def test_stations_side_by_side_are_volumes_of_their_own(tmp_path: Path) -> None:
    for station, height in enumerate((0, 300)):
        for n in range(3):
            slice_file(tmp_path, np.full((4, 4), 10 * station + n, np.int16), (0, 6 * n, height), (1, 0, 0, 0, 0, -1),
                       number=3 * station + n + 1)
    feet, head = load_series(tmp_path)
    assert [volume.part for volume in (feet, head)] == ["stack 1 of 2", "stack 2 of 2"]
    assert_allclose(head.grid.to_lps([0, 0, 1.0]), [0, 6, 300])
    assert head.array[0, 0].tolist() == [10, 11, 12]


def test_nifti_is_told_by_content_and_pairs_belong_together(tmp_path: Path) -> None:
    import gzip

    import nibabel

    image = nibabel.Nifti1Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), np.diag([2, 2, 3, 1]))
    image.set_sform(image.affine, 1)
    for name, data in (("none", image.to_bytes()), ("x.dcm", gzip.compress(image.to_bytes())),
                       ("packed.nii", gzip.compress(image.to_bytes())), ("plain.nii.gz", image.to_bytes())):
        (tmp_path / name).write_bytes(data)
    nibabel.save(nibabel.Nifti1Pair(image.get_fdata().astype(np.int16), image.affine), tmp_path / "pair.img")
    result = read_folder(tmp_path)
    assert {Path(volume.files[0]).name for volume in result.volumes} == {
        "none", "x.dcm", "packed.nii", "plain.nii.gz", "pair.hdr"}
    assert all(volume.array.ravel(order="F")[:3].tolist() == [0, 12, 4] for volume in result.volumes)
    assert [refused.reason for refused in result.refused] == ["pair.img holds the voxels of pair.hdr."]
    (tmp_path / "pair.img").unlink()
    assert any("pair.hdr is a NIfTI header whose voxels (pair.img) are missing" in refused.reason
               for refused in read_folder(tmp_path).refused)


# --- headers that are wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "words"),
    [({"RescaleSlope": 0, "RescaleIntercept": 3}, "The file gives a rescale slope of 0, which is taken as 1."),
     ({"Modality": "CT", "PixelRepresentation": 0, "RescaleIntercept": 0, "RescaleSlope": 1},
      "There are values up to 65535 HU; the file may claim the wrong sign of its pixels."),
     ({"PixelPresentation": "COLOR"}, "The file gives colours for some of its values; they are shown as grey.")],
)
def test_doubtful_values_are_said(tmp_path: Path, elements: dict[str, Any], words: str) -> None:
    slice_file(tmp_path, np.full((4, 4), -1, np.int16), (0, 0, 0), **elements)
    assert words in load_series(tmp_path)[0].warnings


def test_a_missing_width_of_pixels_is_worked_out(tmp_path: Path) -> None:
    path = slice_file(tmp_path, np.arange(16, dtype=np.uint16).reshape(4, 4), (0, 0, 0))
    dataset = dcmread(path)
    del dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
    dataset.save_as(path)
    [volume] = load_series(path)
    assert volume.array[..., 0].T.ravel().tolist() == list(range(16))
    assert "16 bits fit its length" in volume.warnings[0]


@pytest.mark.parametrize(
    ("elements", "reason"),
    [({"BitsAllocated": 12}, "pixels of 12 bits"), ({"PhotometricInterpretation": "ARGB", "SamplesPerPixel": 4},
                                                    "colours of the kind ARGB"),
     ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4", "Modality": "SEG"}, "is a segmentation of another series"),
     ({"Rows": 0}, "does not say how many rows")],
)
def test_what_cannot_be_shown_is_refused_with_the_reason(tmp_path: Path, elements: Any, reason: str) -> None:
    slice_file(tmp_path, np.zeros((4, 4), np.uint8), (0, 0, 0), **elements)
    result = read_folder(tmp_path)
    assert result.volumes == []
    assert reason in result.refused[0].reason
