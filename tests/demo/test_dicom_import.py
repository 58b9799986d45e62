"""Folders of DICOM become patients of the archive, under codes."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from tests.data import SHARED, needs_real_scans
from viewr.demo.archive_catalog import Catalog, Node
from viewr.demo.dicom_import import add_dicom_folder
from viewr.demo.serve import start_servers


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path / "archive")
    catalog.add_project("DEMO")
    return catalog


def write(path: Path, study: str, series: str, modality: str, number: int, name: str = "Doe^Jane") -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = modality, number, 1
    dataset.PatientName, dataset.PatientID, dataset.StudyDate = name, f"id of {name}", "20240131"
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)


def sessions(catalog: Catalog) -> list[Node]:
    return catalog.children("experiments", catalog.find("projects", None, "DEMO"))


def test_studies_become_sessions_and_series_scans(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    study, other = generate_uid(), generate_uid()
    write(folder / "a" / "1.dcm", study, generate_uid(), "PT", 2)
    write(folder / "a" / "2.dcm", study, generate_uid(), "CT", 2)
    write(folder / "b.dcm", other, generate_uid(), "MR", 7, "Roe^Richard")
    (folder / "notes.txt").write_text("no DICOM")
    report = add_dicom_folder(catalog, folder)
    assert report.files == 3
    assert [(path.name, reason) for path, reason in report.refused] == [("notes.txt", "not a DICOM file")]
    pet, mr = sessions(catalog)
    assert (pet.label, pet.xsi_type, pet.fields["date"]) == ("IMPORT001_PET1", "xnat:petSessionData", "2024-01-31")
    assert (mr.label, mr.xsi_type) == ("IMPORT002_MR1", "xnat:mrSessionData")
    scans = catalog.children("scans", pet)
    assert [(scan.ident, scan.xsi_type) for scan in scans] == [
        ("2", "xnat:petScanData"), ("2-CT1", "xnat:ctScanData")
    ]  # fmt: skip


def test_names_do_not_appear(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path / "in" / "Doe_Jane.dcm", generate_uid(), generate_uid(), "MR", 1)
    add_dicom_folder(catalog, tmp_path / "in")
    catalog.close()
    assert not [path for path in catalog.root.rglob("*") if "Doe" in path.name]
    assert b"Doe" not in (catalog.root / "catalog.sqlite").read_bytes()


def test_a_second_import_adds_nothing(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path / "in" / "1.dcm", generate_uid(), generate_uid(), "MR", 1)
    assert add_dicom_folder(catalog, tmp_path / "in").files == 1
    again = add_dicom_folder(catalog, tmp_path / "in")
    assert (again.files, again.sessions) == (0, [])
    assert len(sessions(catalog)) == 1


def test_the_same_patient_keeps_the_code(catalog: Catalog, tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / "in" / f"{number}.dcm", generate_uid(), generate_uid(), "MR", 1)
    assert add_dicom_folder(catalog, tmp_path / "in").sessions == ["IMPORT001_MR1", "IMPORT001_MR2"]


@needs_real_scans
def test_real_scans_arrive_whole() -> None:
    folder = SHARED / "petct-cropped-ge"
    servers = start_servers(empty=True, imports=[folder])
    auth = ("reader1", "reader1-demo")
    base = f"{servers.archive_url}/data/projects/DEMO/experiments/IMPORT001_PET1"
    ident = requests.get(base, params={"format": "json"}, auth=auth, timeout=30).json()["items"][0]["data_fields"]["ID"]
    scans = requests.get(f"{servers.archive_url}/data/experiments/{ident}/scans", auth=auth, timeout=30).json()
    types = sorted(row["xsiType"] for row in scans["ResultSet"]["Result"])
    assert types == ["xnat:ctScanData", "xnat:petScanData", "xnat:rtImageScanData", "xnat:rtImageScanData"]
    files = requests.get(f"{servers.archive_url}/data/experiments/{ident}/scans/ALL/files", auth=auth, timeout=30)
    rows = files.json()["ResultSet"]["Result"]
    originals = sorted(path.stat().st_size for path in folder.rglob("*.dcm"))
    assert sorted(int(row["Size"]) for row in rows) == originals
    assert len(servers.reports[0].refused) == sum(path.is_file() for path in folder.rglob("*")) - len(originals)
    servers.stop()
