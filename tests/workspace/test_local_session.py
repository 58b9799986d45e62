"""Images of this machine without servers: shown, annotated, results in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.imaging.make import stack
from tests.workspace.lab import AFFINE, SHAPE, TEMPLATE, settle, wait_until
from tests.workspace.made import say
from viewr.model.errors import FormatError
from viewr.workspace.folders import Folders
from viewr.workspace.jobs import Jobs
from viewr.workspace.local_archive import LocalSeries
from viewr.workspace.local_session import chosen_series, open_local, scan_names


@pytest.fixture
def jobs(qapp: object) -> Iterator[Jobs]:
    jobs = Jobs()
    yield jobs
    jobs.shut_down()
    settle()


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "case 7"
    folder.mkdir()
    voxels = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    for number, name in ((1, "T1 mprage"), (2, "t2 flair")):
        part = folder / name
        part.mkdir()
        stack(part, voxels * number, AFFINE, SeriesInstanceUID=f"1.2.{number}", SeriesDescription=name)
    return folder


def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data", tmp_path / "cache")


def test_a_folder_without_a_template_is_shown_series_by_series(images: Path, jobs: Jobs, tmp_path: Path) -> None:
    session = open_local([images], None, None, jobs, folders(tmp_path))
    session.start()
    wait_until(lambda: session.is_ready)
    assert session.read_only
    assert session.failed == {}
    volumes = session.document.volumes
    assert {key[1]: volume.array[1, 0, 0] for key, volume in volumes.items()} == {"T1 mprage": 80, "t2 flair": 160}
    session.close()
    assert not (tmp_path / "data").exists()


def test_results_go_to_a_folder_in_the_layout_of_an_archive(images: Path, jobs: Jobs, tmp_path: Path) -> None:
    template = tmp_path / "lesions.yaml"
    template.write_text(TEMPLATE)
    results = tmp_path / "results"
    session = open_local([images], template, results, jobs, folders(tmp_path))
    session.start()
    wait_until(lambda: session.is_ready)
    assert session.document.volumes[("default", "FLAIR")].array[1, 0, 0] == 160
    say(session.document, "local")
    session.document.patch(("default", "wml"), ((0, 0, 0), (1, 1, 1)), np.ones((1, 1, 1), np.uint16))
    done: list[str] = []
    session.submitted.connect(done.append)
    session.submit()
    wait_until(lambda: bool(done))
    when = done[0].replace(":", "-")
    fields = results / "case-7" / "resources" / "FIELDS" / "files" / f"lesions_{when}.json"
    assert json.loads(fields.read_text())["comment"] == "local"
    files = results / "case-7" / "scans" / "2" / "resources" / "VIEWR_wml" / "files"
    assert [path.name for path in files.iterdir()] == [f"wml_{when}.nii.gz"]
    assert list((tmp_path / "data" / "journals").iterdir()) == []

    again = open_local([images], template, results, jobs, folders(tmp_path))
    again.start()
    wait_until(lambda: again.is_ready)
    assert again.document.state.annotation.answers["default"]["comment"] == "local"
    assert again.document.labelmaps[("default", "wml")].array[0, 0, 0] == 1
    again.close()


def test_series_go_to_scans_by_name_then_in_order() -> None:
    series = [LocalSeries(name, ()) for name in ("localizer", "Ax FLAIR", "Sag T1", "T2 tse")]
    assert chosen_series(["T1", "PD", "FLAIR"], series) == {"T1": "3", "FLAIR": "2", "PD": "1"}


def test_a_name_that_is_part_of_another_goes_to_its_own_series() -> None:
    series = [LocalSeries(name, ()) for name in ("T1", "T1", "post T1 2")]
    names = scan_names(series)
    assert names == ["T1", "T1 2", "post T1 2"]
    assert chosen_series(names, series) == {"T1": "1", "T1 2": "2", "post T1 2": "3"}


def test_a_path_that_does_not_exist_is_said(jobs: Jobs, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="nowhere"):
        open_local([tmp_path / "nowhere"], None, None, jobs, folders(tmp_path))
