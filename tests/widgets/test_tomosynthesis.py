"""Breast tomosynthesis: a stack of slices that hangs beside its projection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.imaging.make import describe_pixels, slice_file
from tests.widgets.viewing import one, press, viewport, views, wheel
from viewr.imaging.series import load_series
from viewr.render.hanging import is_hung
from viewr.widgets.slice_view_texts import edge_letters

TOMOSYNTHESIS = "1.2.840.10008.5.1.4.1.1.13.1.3"
#: Rows, columns and slices; of 0.5 mm, 1 mm apart.
ROWS, COLUMNS, SLICES = 60, 40, 12
#: What the slices hold: their number, and the breast at the stored left side.
BREAST = 25


def code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item


def tomosynthesis(folder: Path, down: tuple[float, float, float] = (1, 0, 0)) -> Path:
    """A left breast, cranio-caudal: stored with the chest wall at the right edge, to be mirrored."""
    pixels = np.zeros((SLICES, ROWS, COLUMNS), np.uint16)
    pixels[:, :, -BREAST:] = 100 * (1 + np.arange(SLICES, dtype=np.uint16))[:, None, None]
    path = slice_file(folder, pixels[0], None, name="tomo.dcm", Modality="MG", SOPClassUID=TOMOSYNTHESIS,
                      ImageLaterality="L", ViewCodeSequence=[code("399162004", "cranio-caudal")])  # fmt: skip
    dataset = dcmread(path)
    describe_pixels(dataset, pixels)
    dataset.NumberOfFrames = SLICES
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.5], 1
    orientation.ImageOrientationPatient = [0, 1, 0, *down]  # columns go to the back
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = [_place(float(height)) for height in range(SLICES)]
    dataset.save_as(path)
    return path


def _place(height: float) -> Dataset:
    group, position = Dataset(), Dataset()
    position.ImagePositionPatient = [5, -10, height]
    group.PlanePositionSequence = [position]
    return group


def projection(folder: Path) -> Path:
    """The picture of the same breast, stored as it hangs."""
    pixels = np.zeros((ROWS, COLUMNS), np.uint16)
    pixels[:, :BREAST] = 700
    return slice_file(folder, pixels, None, name="flat.dcm", Modality="MG", ImageLaterality="L", ViewPosition="CC",
                      PatientOrientation=["A", "R"], ImagerPixelSpacing=[0.5, 0.5])  # fmt: skip


@pytest.fixture
def pair(qtbot, tmp_path):
    """Tomosynthesis at the left, its projection at the right."""
    grid = views(qtbot, viewport("a"), viewport("b", x=1), size=(800, 400))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    [tomo] = load_series(tomosynthesis(tmp_path / "a"))
    [flat] = load_series(projection(tmp_path / "b"))
    grid.document.add_volume(("default", "CT"), tomo)
    grid.document.add_volume(("default", "flat"), flat)
    grid.document.look_viewport(("default", "b"), scan="flat")
    grid.document.look(strip=False)
    QApplication.processEvents()
    return grid


def lit(view) -> tuple[int, int]:
    """First and last lit column in the middle of the picture."""
    image = view.picture
    row = [image.pixelColor(x, image.height() // 2).red() > 0 for x in range(image.width())]
    return row.index(True), len(row) - 1 - row[::-1].index(True)


def test_frames_are_slices_with_their_distance(tmp_path):
    [volume] = load_series(tomosynthesis(tmp_path))
    assert (volume.array.shape, volume.axes) == ((COLUMNS, ROWS, SLICES), ())
    assert volume.spacing == pytest.approx((0.5, 0.5, 1.0))
    heights = [float(volume.grid.to_lps([0, 0, k])[2]) for k in range(SLICES)]
    values = [int(volume.array[-1, 30, k]) for k in range(SLICES)]
    assert sorted(heights) == list(range(SLICES))
    assert values == [round(100 * (1 + height)) for height in heights]
    assert (volume.laterality, volume.view_position) == ("L", "CC")
    assert is_hung(volume)


def test_it_hangs_at_the_side_and_scale_of_its_projection(pair):
    tomo, flat = one(pair, "a"), one(pair, "b")
    assert tomo.scene.stack.count == SLICES
    assert tomo.scene.mm_per_pixel == flat.scene.mm_per_pixel
    # the chest wall of a left breast is at the left edge of the view
    assert lit(tomo)[0] == lit(flat)[0] == 0
    assert lit(tomo)[1] == pytest.approx(lit(flat)[1], abs=1)
    assert edge_letters(tomo.scene.volume, tomo.scene.view.plane) == ("P", "A", "L", "R")
    assert edge_letters(flat.scene.volume, flat.scene.view.plane) == ("P", "A", "L", "R")


def test_its_slices_are_paged_and_laid_together(pair):
    tomo = one(pair, "a")
    press(tomo, Qt.Key.Key_Home)
    first = float(tomo.renderer.sample(tomo.scene.view)[200, 20])
    wheel(tomo, -120)
    second = float(tomo.renderer.sample(tomo.scene.view)[200, 20])
    assert abs(second - first) == 100
    tomo.look_at(projection="max", slab_slices=3)
    assert float(tomo.renderer.sample(tomo.scene.view)[200, 20]) == max(first, second) + (100 if second > first else 0)


@pytest.mark.parametrize("orientation", ["Coronal", "Sagittal"])
def test_it_is_shown_in_its_own_plane_whatever_the_view_asks_for(pair, orientation):
    tomo = one(pair, "a")
    tomo.look_at(orientation=orientation)
    assert tomo.scene.stack.count == SLICES
    assert tomo.scene.stack.axis == 2
