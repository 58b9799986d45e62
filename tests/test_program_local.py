"""Images of this machine without servers: `viewr open`, from the command to the results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from tests.data import SHARED, needs_real_scans
from tests.imaging.make import slice_file, stack
from tests.workspace.lab import AFFINE, SHAPE, TEMPLATE, settle
from viewr.app import show_local
from viewr.model.measure import MEASURES
from viewr.model.progress import Progress
from viewr.settings import Settings
from viewr.tour.pilot import Pilot
from viewr.widgets.main_window import MainWindow
from viewr.widgets.scan_strip import ScanStrip
from viewr.workspace import local_session
from viewr.workspace.folders import Folders
from viewr.workspace.local_session import prepare_local


class Local:
    """The window on local images."""

    def __init__(self, folder: Path) -> None:
        self.folders = Folders(folder / "data", folder / "cache")
        self.window = MainWindow(Settings(confirm_submit=False), self.folders)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        self.pilot = Pilot(self.window)
        self.pilot.wait(self.window.isActiveWindow, "the window active")

    def open(self, *paths: Path, template: Path | None = None, results: Path | None = None) -> None:
        task = prepare_local(paths, template, results, self.folders, Progress())
        show_local(self.window, results or Path("viewr-results"), task)
        window = self.window
        self.pilot.wait(lambda: window.pages.currentWidget() is window.task_view is not None, "the images")
        self.pilot.wait(lambda: window.task_view.session.is_ready, "all scans")

    @property
    def planes(self) -> list[str]:
        """Orientations of the viewports that show something, from left to right."""
        ports = self.window.task_view.grids["default"].viewports.values()
        looks = self.window.task_view.session.document.state.look.viewports
        return [looks[port.key].orientation for port in ports if port.scene is not None]


@pytest.fixture
def local(qapp: object, tmp_path: Path) -> Iterator[Local]:
    made = Local(tmp_path)
    yield made
    made.window.close()
    made.window.deleteLater()
    settle()


def series(folder: Path, name: str = "T1", number: int = 1, slices: int = SHAPE[2]) -> Path:
    part = folder / name
    part.mkdir(parents=True)
    voxels = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)[:, :, :slices]
    stack(part, voxels, AFFINE, SeriesInstanceUID=f"1.2.{number}", SeriesDescription=name)
    return part


def test_a_volume_is_shown_in_three_planes(local: Local, tmp_path: Path) -> None:
    local.open(series(tmp_path))
    assert local.planes == ["Transversal", "Coronal", "Sagittal"]
    view = local.window.task_view
    assert "--results" in view.status.text()
    for button in (view.save, view.submit, view.submit_next, view.sop_button):
        assert not button.isVisible()
    local.pilot.click(view.leave)
    local.pilot.wait(lambda: not local.window.isVisible(), "the window closed")
    assert not local.folders.data.exists()


def test_without_questions_the_views_have_the_whole_width(local: Local, tmp_path: Path) -> None:
    local.open(series(tmp_path))
    view = local.window.task_view
    assert view.grids["default"].width() == view.width()


def test_the_pictures_stay_where_they_are_when_somebody_who_only_looks_measures(local: Local, tmp_path: Path) -> None:
    local.open(series(tmp_path))
    view = local.window.task_view
    port = next(iter(view.grids["default"].viewports.values()))
    before = port.geometry()
    local.pilot.key(Qt.Key.Key_D)
    middle = port.rect().center()
    local.pilot.drag(port, [middle, middle + QPoint(10, 0), middle + QPoint(40, 0)])
    assert len(view.session.document.state.annotation.drawings["default", MEASURES]) == 1
    local.pilot.pause()
    assert port.geometry() == before


def test_a_projection_image_is_shown_once(local: Local, tmp_path: Path) -> None:
    slice_file(tmp_path, np.arange(400, dtype=np.uint16).reshape(20, 20), None, Modality="DX", name="hand.dcm")
    local.open(tmp_path / "hand.dcm")
    assert local.planes == ["Transversal"]


def test_a_single_slice_is_shown_in_its_own_plane(local: Local, tmp_path: Path) -> None:
    pixels = np.arange(400, dtype=np.uint16).reshape(20, 20)
    slice_file(tmp_path, pixels, (0, 0, 0), (0, 1, 0, 0, 0, -1), name="midline.dcm")
    local.open(tmp_path / "midline.dcm")
    assert local.planes == ["Sagittal"]


def test_of_many_series_the_largest_three_are_shown_and_the_others_stand_above(local: Local, tmp_path: Path) -> None:
    for number, slices in enumerate((2, 8, 3, 7, 6), 1):
        series(tmp_path / "study", f"S{number}", number, slices)
    local.open(tmp_path / "study")
    view = local.window.task_view
    looks = view.session.document.state.look.viewports
    assert [look.scan for look in looks.values()] == ["S2", "S4", "S5"]
    assert all(key[1] == volume.description for key, volume in view.session.document.volumes.items())
    strip = view.findChild(ScanStrip)
    local.pilot.wait(lambda: strip.isVisible() and len(strip.tiles) == 5, "the row of scans")
    assert view.messages.texts == []


def test_more_series_than_can_be_opened_are_said(
    local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_session, "OPENED", 4)
    for number, slices in enumerate((2, 8, 3, 7, 6), 1):
        series(tmp_path / "study", f"S{number}", number, slices)
    local.open(tmp_path / "study")
    assert local.window.task_view.messages.texts == [
        "5 series are there, the largest 4 are opened. Name the files or the folder of another one to see it."
    ]


def test_texts_beside_the_images_take_no_view(local: Local, tmp_path: Path) -> None:
    series(tmp_path / "study")
    (tmp_path / "study" / "notes.json").write_text('{"EchoTime": 0.03}')
    local.open(tmp_path / "study")
    assert local.planes == ["Transversal", "Coronal", "Sagittal"]
    assert local.window.task_view.messages.texts == ["notes.json is not a DICOM file. It is left out."]


@needs_real_scans
def test_contours_beside_the_images_take_no_view(local: Local) -> None:
    local.open(SHARED / "petct-cropped-ge" / "ct", SHARED / "petct-cropped-ge" / "rtstruct_ct.dcm")
    assert local.planes == ["Transversal", "Coronal", "Sagittal"]
    assert local.window.task_view.messages.texts == [
        "rtstruct_ct.dcm is a set of contours (RTSTRUCT). It is left out."
    ]


def test_results_are_written_into_the_folder_and_said(local: Local, tmp_path: Path) -> None:
    images = tmp_path / "case"
    series(images, "T1", 1)
    series(images, "FLAIR", 2)
    template = tmp_path / "lesions.yaml"
    template.write_text(TEMPLATE)
    results = tmp_path / "results"
    local.open(images, template=template, results=results)
    view = local.window.task_view
    local.pilot.click(view.panels["default"].buttons["brush"])
    port = view.grids["default"].viewports[("default", "left")]
    middle = port.rect().center()
    local.pilot.drag(port, [middle, middle + QPoint(10, 0)])
    view.forms["default"].build_all()
    box = view.forms["default"].control("grade")
    box.setFocus()
    view.session.document.edit("Answer", _graded)
    assert view.submit.text() == "Save results"
    local.pilot.click(view.submit)
    local.pilot.wait(lambda: str(results) in local.window.busy.label.text(), "where the results are")
    (answers,) = (results / "case" / "resources" / "FIELDS" / "files").iterdir()
    assert ":" not in answers.name
    assert json.loads(answers.read_text())["grade"] == 1
    (labels,) = (results / "case").rglob("*.nii.gz")
    image = nibabel.load(labels)
    assert image.shape == SHAPE
    assert np.asarray(image.dataobj).any()
    assert np.allclose(image.affine, np.diag([-1, -1, 1, 1]) @ AFFINE)


def _graded(annotation):  # type: ignore[no-untyped-def]
    from viewr.model.answers import with_answer

    return with_answer(annotation, "default", "grade", 1)


# --- the command -----------------------------------------------------------------------------------------------


def viewr(*words: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), **more}
    return subprocess.run(
        [sys.executable, "-m", "viewr", *words], capture_output=True, text=True, timeout=60, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("open", "nowhere"), "viewr: There is no file or folder 'nowhere'. Check the path.\n"),
        (("open", ".", "--template", "none.yaml"), "viewr: There is no file or folder 'none.yaml'. Check the path.\n"),
    ],
)
def test_what_is_not_there_is_said(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = viewr(*words, home=tmp_path)
    assert (done.returncode, done.stderr) == (1, said)


def test_a_folder_without_images_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = viewr("open", str(tmp_path / "empty"), home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("viewr: There are no files in")
    assert "Traceback" not in done.stderr


def test_a_template_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("viewports: [\n")
    done = viewr("open", str(series(tmp_path)), "--template", str(tmp_path / "bad.yaml"), home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("viewr: The template")
    assert "bad.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@needs_real_scans
@pytest.mark.parametrize("path", ["ct-chest-philips", "nifti/mricron/ch2bet.nii.gz", "projection"])
def test_real_images_open(local: Local, path: str) -> None:
    local.open(SHARED / path)
    assert local.window.task_view.session.failed == {}
    assert local.planes
