"""The demo patients are sound DICOM, in the geometry and with the values that their makers state."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose

from viewr.demo.patients import DemoSeries
from viewr.demo.phantoms import chest_ct, head, head_mr, heart, mammogram, pet_ct, thorax
from viewr.model.geometry import Grid

# One group: the patients are made once, by one of several workers.
pytestmark = pytest.mark.xdist_group("demo series")

Series = dict[tuple[str, str], DemoSeries]


def values(series: DemoSeries) -> np.ndarray:
    """Real-world values, shape (k, j, i)."""
    return np.stack([
        ds.pixel_array * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
        for ds in series.datasets
    ])  # fmt: skip


def around(volume: np.ndarray, grid: Grid, point_lps: tuple[float, float, float], reach: int = 1) -> float:
    """Mean of the voxels about a point."""
    i, j, k = np.round(grid.to_ijk(point_lps)).astype(int)
    box = [slice(n - reach, n + reach + 1) for n in (k, j, i)]
    return float(volume[tuple(box)].mean())


def written(dataset: pydicom.Dataset) -> bytes:
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def test_the_promised_series_are_there(demo_series: Series) -> None:
    counts = {key: len(series.datasets) for key, series in demo_series.items()}
    assert counts == {
        ("DEMO01_MR1", "T1"): 128, ("DEMO01_MR1", "FLAIR"): 38, ("DEMO01_MR1", "T1_repeat"): 128,
        ("DEMO02_CT1", "CT_CHEST"): 300,
        ("DEMO03_PETCT1", "CT"): 170, ("DEMO03_PETCT1", "PET"): 200,
        ("DEMO04_MG1", "R_CC"): 1, ("DEMO04_MG1", "L_CC"): 1, ("DEMO04_MG1", "R_MLO"): 1, ("DEMO04_MG1", "L_MLO"): 1,
        ("DEMO05_MR1", "T1"): 78, ("DEMO05_MR1", "FLAIR"): 30,
        ("DEMO06_MR1", "T1"): 78, ("DEMO06_MR1", "FLAIR"): 30, ("DEMO07_MR1", "CINE_SAX"): 120,
    }  # fmt: skip


def test_all_of_it_stays_below_300_megabytes(demo_series: Series) -> None:
    assert sum(len(ds.PixelData) for s in demo_series.values() for ds in s.datasets) < 300e6


def test_uids_are_valid_and_no_two_files_share_one(demo_series: Series) -> None:
    uids = [ds.SOPInstanceUID for s in demo_series.values() for ds in s.datasets]
    assert len(set(uids)) == len(uids)
    assert all(pydicom.uid.UID(uid).is_valid for uid in uids)
    series = {ds.SeriesInstanceUID for s in demo_series.values() for ds in s.datasets}
    assert len(series) == len(demo_series)


def test_scans_of_a_session_share_study_and_frame_of_reference(demo_series: Series) -> None:
    for session in ("DEMO01_MR1", "DEMO03_PETCT1"):
        found = [s.datasets for key, s in demo_series.items() if key[0] == session]
        assert len({d[0].StudyInstanceUID for d in found}) == 1
        assert len({d[0].FrameOfReferenceUID for d in found}) == 1


def test_names_are_plainly_invented(demo_series: Series) -> None:
    first = [s.datasets[0] for s in demo_series.values()]
    assert {str(ds.PatientName) for ds in first} == {f"Demo^DEMO0{n}" for n in range(1, 8)}
    assert all(ds.PatientIdentityRemoved == "YES" for ds in first)


@pytest.mark.parametrize(
    ("session", "scan", "grid"),
    [
        ("DEMO01_MR1", "T1", head_mr.T1_GRID),
        ("DEMO01_MR1", "FLAIR", head_mr.FLAIR_GRID),
        ("DEMO03_PETCT1", "CT", pet_ct.CT_GRID),
        ("DEMO03_PETCT1", "PET", pet_ct.PET_GRID),
        ("DEMO05_MR1", "T1", head_mr.QUICK_T1_GRID),
    ],
)
def test_simpleitk_reads_the_volume_that_was_meant(
    demo_series: Series, tmp_path: Path, session: str, scan: str, grid: Grid
) -> None:
    series = demo_series[session, scan]
    for n, dataset in enumerate(series.datasets):
        (tmp_path / f"{n:04d}.dcm").write_bytes(written(dataset))
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    image = reader.Execute()
    assert image.GetSize() == grid.shape
    last = tuple(n - 1 for n in grid.shape)
    corners = [image.TransformIndexToPhysicalPoint(c) for c in ((0, 0, 0), last)]
    # GDCM orders slices along the normal of rows and columns; ours may run the other way.
    ours = [grid.to_lps([0, 0, 0]), grid.to_lps(last)]
    if not np.allclose(corners[0], ours[0], atol=1e-3):
        ours = [grid.to_lps([0, 0, last[2]]), grid.to_lps([last[0], last[1], 0])]
    assert_allclose(corners, ours, atol=1e-3)


def test_flair_pixels_are_not_square(demo_series: Series) -> None:
    assert list(demo_series["DEMO01_MR1", "FLAIR"].datasets[0].PixelSpacing) == [0.96, 0.9]


def test_flair_is_oblique_by_nine_degrees(demo_series: Series) -> None:
    orientation = demo_series["DEMO01_MR1", "FLAIR"].datasets[0].ImageOrientationPatient
    normal = np.cross(orientation[:3], orientation[3:])
    # cos(9 deg) cos(1.5 deg) = 0.98735
    assert normal[2] == pytest.approx(0.98735, abs=1e-4)


def test_slices_are_evenly_spaced(demo_series: Series) -> None:
    for (session, scan), series in demo_series.items():
        if len(series.datasets) > 1:
            # Each place once: a cine is there several times.
            places = dict.fromkeys(tuple(ds.ImagePositionPatient) for ds in series.datasets)
            steps = np.diff(list(places), axis=0)
            assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), atol=1e-6, err_msg=f"{session} {scan}")


def test_lesions_are_bright_on_flair_and_dull_on_t1(demo_series: Series) -> None:
    flair, t1 = (values(demo_series["DEMO01_MR1", scan]) for scan in ("FLAIR", "T1"))
    large = [c for c, r in head.lesions_of(head_mr.SESSIONS[0][1]) if r > 4.5]
    assert len(large) >= 3
    # White matter is 330 on FLAIR and 640 on T1, times 0.8 to 1.2 for the coils.
    assert np.median([around(flair, head_mr.FLAIR_GRID, c, 0) for c in large]) > 550
    assert np.median([around(t1, head_mr.T1_GRID, c) for c in large]) < 530


def test_frontal_horns_hold_fluid_and_left_is_left(demo_series: Series) -> None:
    t1 = values(demo_series["DEMO01_MR1", "T1"])
    for name in ("left", "right"):
        x, y, z = head.LANDMARKS[f"Frontal horn {name}"]
        assert around(t1, head_mr.T1_GRID, (x, y + 4, z)) < 250
        assert (x > 0) == (name == "left")


def test_motion_ruins_the_repeat(demo_series: Series) -> None:
    """Ghosts fill the air in front of the face, where a good scan holds noise alone."""
    good, bad = (values(demo_series["DEMO01_MR1", scan]) for scan in ("T1", "T1_repeat"))
    corner = np.s_[40:90, 60:140, :8]
    assert bad[corner].mean() > 2 * good[corner].mean()


def test_ct_numbers_of_the_chest(demo_series: Series) -> None:
    chest = values(demo_series["DEMO02_CT1", "CT_CHEST"])
    at = {
        "air": ((150.0, -140.0, 150.0), -1000, 15), "trachea": ((0.0, 11.0, 260.0), -985, 25),
        "liver": ((-70.0, 0.0, 50.0), 108, 15), "aorta": ((30.0, 38.0, 160.0), 240, 15),
        "lung": ((-70.0, -20.0, 240.0), -855, 60), "spleen": ((88.0, 32.0, 44.0), 122, 20),
    }  # fmt: skip
    for name, (point, expected, tolerance) in at.items():
        assert around(chest, chest_ct.GRID, point, 2) == pytest.approx(expected, abs=tolerance), name


@pytest.mark.parametrize("nodule", thorax.NODULES, ids=lambda n: n.name)
def test_nodules_lie_where_the_constants_say(demo_series: Series, nodule: thorax.Nodule) -> None:
    slices = demo_series["DEMO02_CT1", "CT_CHEST"].datasets
    i, j, k = np.round(chest_ct.GRID.to_ijk(nodule.centre)).astype(int)
    plane = slices[k].pixel_array.astype(int) - 1024
    assert plane[j - 1 : j + 2, i - 1 : i + 2].mean() > -150
    # Lung, vessels and nothing else about it: darker than the nodule on most of a ring outside.
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = (nodule.diameter * 0.5 + 5) / 0.72
    outside = [plane[int(j + ring * np.sin(a)), int(i + ring * np.cos(a))] for a in angles]
    assert np.median(outside) < -700


def test_the_first_ct_file_is_the_lowest_slice(demo_series: Series) -> None:
    first, last = (demo_series["DEMO02_CT1", "CT_CHEST"].datasets[n] for n in (0, -1))
    assert (first.SliceLocation, last.SliceLocation) == (0, 299)


def test_pet_gives_the_uptake_meant(demo_series: Series) -> None:
    """SUV worked out from the tags as DICOM PS3.3 and QIBA have it, not from the maker's constants."""
    series = demo_series["DEMO03_PETCT1", "PET"]
    ds = series.datasets[0]
    tracer = ds.RadiopharmaceuticalInformationSequence[0]
    assert (ds.Units, ds.DecayCorrection, ds.SeriesTime, tracer.RadiopharmaceuticalStartTime) == (
        "BQML", "START", "100000", "090000",
    )  # fmt: skip
    dose = float(tracer.RadionuclideTotalDose) * 0.5 ** (3600 / float(tracer.RadionuclideHalfLife))
    suv = values(series) * float(ds.PatientWeight) * 1000 / dose
    for lesion in pet_ct.LESIONS:
        assert around(suv, pet_ct.PET_GRID, lesion.centre) == pytest.approx(lesion.suv, rel=0.08), lesion.name
    assert around(suv, pet_ct.PET_GRID, (-60.0, 0.0, 20.0), 2) == pytest.approx(2.4, rel=0.1)
    assert around(suv, pet_ct.PET_GRID, (0.0, -26.0, -256.0), 1) == pytest.approx(28, rel=0.1)
    assert len({float(d.RescaleSlope) for d in series.datasets}) > 100


def test_mammograms_say_side_view_and_spacing(demo_series: Series) -> None:
    for view in mammogram.VIEWS:
        ds = demo_series["DEMO04_MG1", view.name].datasets[0]
        assert (ds.ImageLaterality, ds.ViewPosition) == (view.side, view.position)
        assert list(ds.ImagerPixelSpacing) == [0.1, 0.1]
        assert ds.BitsStored == 12
    assert demo_series["DEMO04_MG1", "L_MLO"].datasets[0].PhotometricInterpretation == "MONOCHROME1"


@pytest.mark.parametrize("view", mammogram.VIEWS, ids=lambda v: v.name)
def test_the_chest_wall_lies_at_the_side_of_the_breast(demo_series: Series, view: mammogram.View) -> None:
    pixels = demo_series["DEMO04_MG1", view.name].datasets[0].pixel_array.astype(int)
    shown = 4095 - pixels if view.inverted else pixels
    left, right = shown[900:1100, :50].mean(), shown[900:1100, -50:].mean()
    assert (left > 500 > right) if view.side == "L" else (right > 500 > left)


def test_the_mass_is_denser_than_the_same_place_opposite(demo_series: Series) -> None:
    out, down = (round(mm / 0.1) for mm in mammogram.MASS_MM["CC"])
    spot = np.s_[down - 30 : down + 30, out - 30 : out + 30]
    left = demo_series["DEMO04_MG1", "L_CC"].datasets[0].pixel_array
    right = demo_series["DEMO04_MG1", "R_CC"].datasets[0].pixel_array[:, ::-1]
    assert left[spot].mean() > right[spot].mean() + 300


def test_made_again_they_are_the_same_bytes(demo_series: Series) -> None:
    for series in [*mammogram.mammogram_session()[:1], *pet_ct.pet_session()]:
        earlier = demo_series[series.session, series.scan_type].datasets
        for n in (0, len(earlier) // 2):
            one, two = (hashlib.sha256(written(sets[n])).hexdigest() for sets in (earlier, series.datasets))
            assert one == two


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian package dicom3tools) is not installed")
def test_dciodvfy_finds_no_error(demo_series: Series, tmp_path: Path) -> None:
    for (session, scan), series in demo_series.items():
        file = tmp_path / f"{session}_{scan}.dcm"
        file.write_bytes(written(series.datasets[len(series.datasets) // 2]))
        said = subprocess.run(["dciodvfy", str(file)], capture_output=True, text=True, check=False).stderr
        assert [line for line in said.splitlines() if line.startswith("Error")] == [], file.name


def test_the_heart_is_smallest_at_the_end_of_systole(demo_series: Series) -> None:
    cine = demo_series["DEMO07_MR1", "CINE_SAX"].datasets
    middle = [ds for ds in cine if ds.InstanceNumber // heart.POINTS == 2 and ds.InstanceNumber % heart.POINTS][:20]
    blood = [int((ds.pixel_array[40:104, 45:105] > 500).sum()) for ds in middle]
    smallest = middle[int(np.argmin(blood))].TemporalPositionIdentifier - 1
    assert abs(smallest - heart.END_SYSTOLE) <= 1
    assert min(blood) < 0.6 * max(blood)
