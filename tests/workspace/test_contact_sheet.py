"""Small pictures of all slices: of the right ones, in the right order and place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from shiboken6 import delete

from tests.widgets.qc_desk import ONE_SCAN, Case, volume
from tests.workspace.lab import wait_until
from viewr.model.geometry import Grid
from viewr.model.progress import Cancelled, Progress
from viewr.model.volume import Volume, Window
from viewr.widgets.slice_view_texts import edge_letters
from viewr.workspace.contact_sheet import LARGEST, LARGEST_OF_FEW, Sheet, make_sheet, sheets_of
from viewr.workspace.jobs import Jobs


def grey(sheet: object, index: int, x: int, y: int) -> int:
    return QColor(sheet.pictures[index].pixel(x, y)).red()  # type: ignore[attr-defined]


def test_slices_from_head_to_feet_in_the_default_window() -> None:
    sheet = make_sheet(volume(), None, Progress())
    assert sheet.count == 12
    assert sheet.size == (LARGEST, LARGEST)
    # slice k holds 60 k, the window goes from 0 to 900; the topmost slice is 11
    assert [grey(sheet, index, 200, 200) for index in (0, 5, 11)] == [187, 102, 0]
    assert (sheet.places[0], sheet.places[11]) == ("H 22.0 mm", "F 0.0 mm")
    # the patient's right front corner is empty
    assert grey(sheet, 0, 20, 20) == 0


def test_places_in_a_tile_are_those_of_the_patient() -> None:
    sheet = make_sheet(volume(), None, Progress())
    view = sheet.view(0, (80, 80))
    # 40 mm on 80 pixels; the left upper corner of voxel (0, 0, 11)
    np.testing.assert_allclose(view.to_lps((0, 0)), [-0.5, -0.5, 22.0])
    np.testing.assert_allclose(view.to_lps((80, 40)), [39.5, 19.5, 22.0])


def test_another_plane() -> None:
    sheet = make_sheet(volume(), "Sagittal", Progress())
    assert sheet.count == 40
    # 40 mm from front to back, 12 slices of 2 mm from head to feet: 256 pixels by 256 * 24 / 40
    assert sheet.size == (256, 154)


def test_a_film_is_shown_by_its_frames() -> None:
    film = volume((40, 30, 1, 7), axes=("time",))
    sheet = make_sheet(film, None, Progress())
    assert (sheet.count, sheet.frames) == (7, 7)
    assert sheet.view(6, (40, 30)).frame == (6,)
    assert set(sheet.places) == {""}


def test_cancelling_ends_it() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        make_sheet(volume(), None, progress)


def test_sheets_are_made_once_for_whoever_asks(qtbot: object) -> None:
    jobs, case = Jobs(), Case(ONE_SCAN)
    key = ("default", "T1")
    sheets = sheets_of(case, jobs)  # type: ignore[arg-type]
    assert sheets.sheet(key) is None
    wait_until(lambda: sheets.sheet(key) is not None)
    assert sheets_of(case, jobs).sheet(key) is sheets.sheet(key)  # type: ignore[arg-type]
    jobs.shut_down()


def test_a_scan_that_is_still_arriving_has_to_wait(qtbot: object) -> None:
    jobs, case = Jobs(), Case(ONE_SCAN)
    key = ("default", "T1")
    case.document.arriving[key] = np.zeros(12, bool)
    sheets = sheets_of(case, jobs)  # type: ignore[arg-type]
    assert sheets.sheet(key) is None
    assert jobs.busy == 0
    case.document.arriving[key][:] = True
    case.scan_ready.emit(key)
    wait_until(lambda: sheets.sheet(key) is not None)
    jobs.shut_down()


def test_a_task_that_is_left_while_its_sheet_is_made_is_no_trouble(qtbot: object) -> None:
    jobs, case = Jobs(), Case(ONE_SCAN)
    sheets = sheets_of(case, jobs)  # type: ignore[arg-type]
    assert sheets.sheet(("default", "T1")) is None
    delete(sheets)
    # an exception in the answer would fail this test
    wait_until(lambda: jobs.busy == 0)
    jobs.shut_down()


def mammogram(toward: tuple[str, str], side: str, view: str = "CC") -> Volume:
    """A projection of 40 columns by 20 rows, 0.5 mm, with a light left upper quarter as it is stored."""
    array = np.zeros((40, 20, 1), np.int16)
    array[:20, :10] = 900
    grid = Grid(array.shape, np.diag([0.5, 0.5, 1.0, 1.0]))
    return Volume(array, grid, modality="MG", laterality=side, view_position=view, toward=toward, placed=False,
                  windows=(Window(900, 450),))  # fmt: skip


def corners(sheet: Sheet) -> list[int]:
    """Grey levels well inside the four quarters: left above, right above, left below, right below."""
    wide, high = sheet.size
    return [grey(sheet, 0, x * wide // 4, y * high // 4) for y in (1, 3) for x in (1, 3)]


def test_a_mammogram_is_mirrored_as_the_views_hang_it() -> None:
    """Stored with the nipple of a right breast to the right: its chest wall goes to the right."""
    sheet = make_sheet(mammogram(("A", "L"), "R"), None, Progress())
    assert sheet.size == (LARGEST, LARGEST // 2)
    assert corners(sheet) == [0, 255, 0, 0]
    assert edge_letters(sheet.volume, sheet.stack.plane(0)) == ("A", "P", "R", "L")
    # 20 mm on 40 pixels of 0.5 mm: what is painted at the right edge was stored in the first column
    column, row, _ = sheet.volume.grid.to_ijk(sheet.view(0, (40, 20)).to_lps((39.5, 0.5)))
    np.testing.assert_allclose((column, row), (0, 0), atol=1e-6)


def test_a_mammogram_on_its_side_stands_upright() -> None:
    """Rows to the right, columns to the back: a quarter clockwise brings the front of a left breast to the right."""
    sheet = make_sheet(mammogram(("R", "P"), "L"), None, Progress())
    assert sheet.size == (LARGEST // 2, LARGEST)
    assert corners(sheet) == [0, 255, 0, 0]
    assert edge_letters(sheet.volume, sheet.stack.plane(0)) == ("P", "A", "L", "R")
    column, row, _ = sheet.volume.grid.to_ijk(sheet.view(0, (20, 40)).to_lps((0.5, 0.5)))
    np.testing.assert_allclose((column, row), (0, 19), atol=1e-6)


def test_a_mammogram_that_hangs_as_it_is_stored_stays_so() -> None:
    sheet = make_sheet(mammogram(("P", "L"), "R"), None, Progress())
    assert corners(sheet) == [255, 0, 0, 0]
    assert edge_letters(sheet.volume, sheet.stack.plane(0)) == ("A", "P", "R", "L")


def test_uptake_is_black_on_white_as_in_the_views() -> None:
    scan = volume()
    sheet = make_sheet(replace(scan, modality="PT"), None, Progress())
    plain = make_sheet(scan, None, Progress())
    assert [grey(sheet, index, 200, 200) for index in (0, 5, 11)] == [
        255 - grey(plain, index, 200, 200) for index in (0, 5, 11)
    ]


def test_few_pictures_are_made_larger_as_far_as_the_scan_has_pixels() -> None:
    film = make_sheet(volume((500, 300, 1, 3), axes=("time",)), None, Progress())
    assert film.size == (500, 300)
    assert make_sheet(volume((2000, 1000, 1)), None, Progress()).size == (LARGEST_OF_FEW, LARGEST_OF_FEW // 2)
    assert max(make_sheet(volume((500, 300, 1, 7), axes=("time",)), None, Progress()).size) == LARGEST
