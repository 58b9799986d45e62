"""Small pictures of all slices: of the right ones, in the right order and place."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from shiboken6 import delete

from tests.widgets.qc_desk import ONE_SCAN, Case, volume
from tests.workspace.lab import wait_until
from viewr.model.progress import Cancelled, Progress
from viewr.workspace.contact_sheet import LARGEST, make_sheet, sheets_of
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
