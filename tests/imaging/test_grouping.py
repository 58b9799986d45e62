"""What belongs into one volume, what does not, and how it is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import flat_stack, slice_file
from viewr.imaging.series import load_series, read_folder


def test_file_names_and_instance_numbers_do_not_decide_the_order(tmp_path: Path) -> None:
    for n, z in enumerate([30, 10, 20]):
        slice_file(tmp_path, np.full((4, 4), z, np.int16), (0, 0, z), number=n + 1, name=f"{9 - n}.dcm")
    [volume] = load_series(tmp_path)
    assert volume.array[0, 0].tolist() == [10, 20, 30]
    assert [Path(file).name for file in volume.files] == ["8.dcm", "7.dcm", "9.dcm"]


def test_echoes_are_volumes_of_their_own_and_named(tmp_path: Path) -> None:
    for echo, time in enumerate((20, 40, 60)):
        flat_stack(tmp_path, [0, 5, 10], 1 + 3 * echo, 100 * echo, EchoTime=time, EchoNumbers=echo + 1)
    volumes = load_series(tmp_path)
    assert [v.part for v in volumes] == ["echo 1 of 3 (20 ms)", "echo 2 of 3 (40 ms)", "echo 3 of 3 (60 ms)"]
    assert [int(v.array[0, 0, 2]) for v in volumes] == [2, 102, 202]


def test_magnitude_and_phase(tmp_path: Path) -> None:
    flat_stack(tmp_path, [0, 5], 1, 0, ImageType=["ORIGINAL", "PRIMARY", "M", "ND"])
    flat_stack(tmp_path, [0, 5], 3, 50, ImageType=["ORIGINAL", "PRIMARY", "P", "ND"])
    volumes = load_series(tmp_path)
    assert [v.part for v in volumes] == ["magnitude", "phase"]
    assert [v.array.shape for v in volumes] == [(4, 4, 2), (4, 4, 2)]


@pytest.mark.parametrize(
    ("keyword", "values", "axis"),
    [("TemporalPositionIdentifier", (1, 2, 3), "time"), ("TriggerTime", (0, 100, 200), "phase"),
     ("DiffusionBValue", (0.0, 500.0, 1000.0), "diffusion"), ("AcquisitionNumber", (4, 5, 6), "time"),
     ("AcquisitionTime", ("101500", "101501", "101502.5"), "time")],
)
def test_what_changes_along_a_fourth_axis(tmp_path: Path, keyword: str, values: tuple, axis: str) -> None:
    for n, value in reversed(list(enumerate(values))):
        flat_stack(tmp_path, [0, 5], 50 - 2 * n, 10 * n, **{keyword: value})
    [volume] = load_series(tmp_path)
    assert volume.axes == (axis,)
    assert volume.array.shape == (4, 4, 2, 3)
    assert volume.array[0, 0].tolist() == [[0, 10, 20], [1, 11, 21]]


def test_dynamics_without_tags_go_by_instance_number(tmp_path: Path) -> None:
    for n in range(3):
        flat_stack(tmp_path, [0, 5], 1 + 2 * n, 10 * n)
    [volume] = load_series(tmp_path)
    assert volume.axes == ("time",)
    assert volume.array[0, 0].tolist() == [[0, 10, 20], [1, 11, 21]]


def test_an_unfinished_last_pass_is_kept_apart(tmp_path: Path) -> None:
    for n in range(2):
        flat_stack(tmp_path, range(0, 40, 5), 1 + 8 * n, 10 * n)
    flat_stack(tmp_path, range(0, 25, 5), 17, 20)
    whole, rest = load_series(tmp_path)
    assert whole.array.shape == (4, 4, 8, 2)
    assert rest.part == "unfinished pass"
    assert rest.array[0, 0].tolist() == [20, 21, 22, 23, 24]


def test_one_picture_too_many_is_left_out_and_said(tmp_path: Path) -> None:
    flat_stack(tmp_path, range(0, 40, 5))
    extra = slice_file(tmp_path, np.full((4, 4), 99, np.int16), (0, 0, 10), number=30)
    result = read_folder(tmp_path)
    [volume] = result.volumes
    assert volume.array[0, 0].tolist() == list(range(8))
    assert volume.warnings == ("One picture lies in the place of another and is left out.",)
    assert [(Path(r.path), r.reason) for r in result.refused] == [
        (extra, f"{extra.name} lies in the same place as another picture of its series.")]


def test_the_same_instance_twice_counts_once(tmp_path: Path) -> None:
    first, *_ = flat_stack(tmp_path, [0, 5, 10])
    (tmp_path / "copy.dcm").write_bytes(first.read_bytes())
    result = read_folder(tmp_path)
    assert result.volumes[0].array.shape == (4, 4, 3)
    assert result.refused[0].reason == f"copy.dcm holds the same instance as {first.name} and is left out."


def test_missing_slices_are_said_with_numbers_and_places(tmp_path: Path) -> None:
    flat_stack(tmp_path, [-150, -145, -140, -135, -130, -115, -110, -105])
    [volume] = load_series(tmp_path)
    assert volume.warnings == ("Slices 6 to 7 are missing between -130.0 and -115.0 mm.",)
    assert volume.grid.slice_positions is not None
    assert_allclose(volume.grid.to_lps([0, 0, 5.0]), [0, 0, -115])
    assert_allclose(volume.grid.to_ijk([0, 0, -122.5]), [0, 0, 4.5])


def test_uneven_slices_stay_where_they_are(tmp_path: Path) -> None:
    flat_stack(tmp_path, [0, 3, 7, 15])
    [volume] = load_series(tmp_path)
    assert volume.warnings == ("The slices are unevenly spaced (3.00 to 8.00 mm); each is kept where it lies.",)
    assert volume.grid.slice_positions is not None
    assert volume.grid.slice_positions[:, 2].tolist() == [0, 3, 7, 15]


def test_a_tilted_gantry_shears_the_volume(tmp_path: Path) -> None:
    angle = np.radians(20)
    for k in range(4):
        slice_file(tmp_path, np.full((4, 4), k, np.int16), (0, 0, 5 * k),
                   (1, 0, 0, 0, np.cos(angle), -np.sin(angle)), number=k + 1, Modality="CT")
    [volume] = load_series(tmp_path)
    assert_allclose(volume.grid.to_lps([0, 0, 3.0]), [0, 0, 15], atol=1e-6)
    assert volume.spacing[2] == pytest.approx(5)
    assert "tilted by 20.0 degrees" in volume.warnings[0]


def test_sizes_and_spacings_do_not_mix(tmp_path: Path) -> None:
    flat_stack(tmp_path, [0, 5])
    slice_file(tmp_path, np.zeros((8, 4), np.int16), (0, 0, 10), number=3)
    slice_file(tmp_path, np.zeros((4, 4), np.int16), (0, 0, 15), spacing=(2, 2), number=4)
    volumes = load_series(tmp_path)
    assert sorted(v.array.shape for v in volumes) == [(4, 4, 1), (4, 4, 2), (4, 8, 1)]
    assert len({v.part for v in volumes}) == 3


def test_frames_of_reference_do_not_mix_unless_each_slice_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    flat_stack(tmp_path / "two", [0, 5], FrameOfReferenceUID="1.1")
    flat_stack(tmp_path / "two", [10, 15], 3, FrameOfReferenceUID="1.2")
    assert sorted(v.grid.frame_of_reference for v in load_series(tmp_path / "two")) == ["1.1", "1.2"]
    (tmp_path / "each").mkdir()
    for n in range(4):
        flat_stack(tmp_path / "each", [5 * n], n + 1, FrameOfReferenceUID=f"1.{n + 1}")
    [volume] = load_series(tmp_path / "each")
    assert volume.grid.frame_of_reference == ""
    assert "a frame of reference of its own, which is ignored" in volume.warnings[0]


def test_an_odd_image_type_does_not_tear_a_stack_apart(tmp_path: Path) -> None:
    flat_stack(tmp_path, [0, 5], ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    flat_stack(tmp_path, [10, 15], 3, ImageType=["DERIVED", "PRIMARY", "AXIAL"])
    assert [v.array.shape for v in load_series(tmp_path)] == [(4, 4, 4)]


@needs_real_scans
def test_the_localizer_is_three_stacks() -> None:
    volumes = load_series(SHARED / "mr-localizer-ge")
    assert sorted(v.part for v in volumes) == ["coronal", "sagittal", "transversal"]
    assert {v.part.capitalize() for v in volumes} == {v.grid.plane for v in volumes}


@needs_real_scans
def test_the_tilted_head_keeps_each_slice_in_its_place() -> None:
    [volume] = load_series(SHARED / "ct-head-tilt-ge")
    assert volume.array.shape == (512, 512, 14)
    # Slices 1 to 7 of 4.22 mm table steps, tilted 18.5 degrees: the last lies 25.32 mm above the first.
    assert_allclose(volume.grid.to_lps([0, 0, 6.0]) - volume.grid.to_lps([0, 0, 0.0]), [0, 0, 25.32], atol=1e-4)
    assert "tilted by 18.5 degrees" in volume.warnings[0]
    assert "unevenly spaced" in volume.warnings[1]


@needs_real_scans
def test_the_echo_with_a_hole_says_so() -> None:
    volumes = load_series(SHARED / "mr-multiecho-siemens" / "dicom")
    assert [v.grid.shape[2] for v in volumes] == [3, 2, 2]
    assert volumes[0].warnings == ("Slice 3 is missing between -23.2 and -2.2 mm.",)


@needs_real_scans
def test_diffusion_is_split_from_its_derived_map() -> None:
    measured, derived = load_series(SHARED / "mr-enhanced-philips" / "dicom" / "DTI.dcm")
    assert measured.axes == ("diffusion",)
    assert measured.array.shape == (80, 80, 10, 7)
    assert (measured.part, derived.part) == ("as measured", "derived")


@needs_real_scans
def test_field_map_is_magnitude_and_phase() -> None:
    volumes = load_series(SHARED / "mr-enhanced-philips" / "dicom" / "fieldmap.dcm")
    assert [v.part for v in volumes] == ["magnitude", "phase"]
    assert volumes[1].array.min() < 0


def test_trigger_times_that_differ_from_slice_to_slice_make_phases(tmp_path: Path) -> None:
    for phase in (2, 0, 1):
        for n, z in enumerate((0, 8)):
            slice_file(tmp_path, np.full((4, 4), 10 * phase + n, np.int16), (0, 0, z), number=20 - 5 * phase + n,
                       TriggerTime=30.5 * phase + n)
    [volume] = load_series(tmp_path)
    assert volume.axes == ("phase",)
    assert volume.array[0, 0].tolist() == [[0, 10, 20], [1, 11, 21]]


def test_repeats_may_jitter_a_little(tmp_path: Path) -> None:
    for n in range(4):
        flat_stack(tmp_path, [0.012 * n, 5 - 0.01 * n, 10 + 0.007 * n], 1 + 3 * n, 10 * n)
    [volume] = load_series(tmp_path)
    assert volume.array.shape == (4, 4, 3, 4)
    assert volume.array[0, 0].tolist() == [[0, 10, 20, 30], [1, 11, 21, 31], [2, 12, 22, 32]]


def test_thin_slices_are_not_merged(tmp_path: Path) -> None:
    flat_stack(tmp_path, [0.02 * n for n in range(6)])
    [volume] = load_series(tmp_path)
    assert volume.array.shape == (4, 4, 6)
    assert volume.spacing[2] == pytest.approx(0.02)


def test_private_weights_count_only_for_their_maker(tmp_path: Path) -> None:
    from pydicom import dcmread

    for maker, axis in (("SIEMENS", "diffusion"), ("ACME", "time")):
        folder = tmp_path / maker
        folder.mkdir()
        for n, weight in enumerate((1000, 0)):
            for path in flat_stack(folder, [0, 5], 1 + 2 * n, 10 * n, Manufacturer=maker):
                dataset = dcmread(path)
                dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", str(weight))
                dataset.save_as(path)
        [volume] = load_series(folder)
        assert volume.axes == (axis,)
        # By weight: the unweighted pass, made last, comes first; else as made.
        assert volume.array[0, 0, 0].tolist() == ([10, 0] if maker == "SIEMENS" else [0, 10])
