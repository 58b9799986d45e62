"""The tag browser: what data managers look for is there, and covered until they ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTableView

from tests.imaging.make import slice_file
from tests.widgets.viewing import one, viewport, views
from viewr.imaging.series import load_series
from viewr.widgets.slice_view_menu import build_menu
from viewr.widgets.tag_browser import PAGES, TagBrowser
from viewr.widgets.tag_model import COVERED


@pytest.fixture
def browser(qtbot, tmp_path: Path) -> TagBrowser:
    """A series of three files whose second is of another patient's sex; a bright bar is burned into all."""
    pixels = np.zeros((8, 8), np.int16)
    pixels[2, 1:7] = 900
    for n in range(3):
        slice_file(tmp_path, pixels + n, (0, 0, 5 * n), number=n + 1, PatientName="Doe^Jane", PatientID="",
                   PatientSex="FMF"[n], StudyDescription="Knee", WindowCenter=450, WindowWidth=900)
    [volume] = load_series(tmp_path)
    shown = TagBrowser(volume, "T1")
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitUntil(lambda: "Reading" not in shown.status.text())
    return shown


def texts(table: QTableView) -> list[list[str]]:
    model = table.model()
    return [[str(model.index(row, column).data()) for column in range(model.columnCount())]
            for row in range(model.rowCount())]


def test_lists_all_elements_with_personal_values_covered(browser: TagBrowser) -> None:
    rows = {row[1]: row for row in texts(browser.tables[0])}
    assert rows["Patient's Name"] == ["(0010,0010)", "Patient's Name", "PN", COVERED]
    assert rows["Study Description"][3] == COVERED
    assert rows["Rows"][3] == "8"
    assert rows["Image Position (Patient)"][3].startswith("0.00000000\\0.00000000\\")
    assert not any("Doe" in cell for table in browser.tables for row in texts(table) for cell in row)
    assert browser.status.text() == "3 files. The elements of the first are shown."


def test_personal_values_are_shown_when_asked_for(browser: TagBrowser) -> None:
    QTest.mouseClick(browser.personal, Qt.MouseButton.LeftButton, pos=browser.personal.rect().center())
    browser.personal.setChecked(True)
    assert ["(0010,0010)", "Patient's Name", "PN", "Doe^Jane"] in texts(browser.tables[0])
    browser.personal.setChecked(False)
    assert ["(0010,0010)", "Patient's Name", "PN", COVERED] in texts(browser.tables[0])


def test_differences_between_the_files(browser: TagBrowser) -> None:
    browser.pages.setCurrentIndex(PAGES.index("Differences"))
    rows = {row[0]: row[1:] for row in texts(browser.tables[1])}
    assert rows["InstanceNumber"] == ["3", "1  |  2  |  3"]
    assert rows["PatientSex"] == ["2", COVERED]
    assert "PatientName" not in rows
    assert "elements are not the same in all of 3 files" in browser.status.text()


def test_what_is_still_personal_comes_first_and_once_for_each_element(browser: TagBrowser) -> None:
    rows = texts(browser.tables[2])
    assert ["(0010,0010)", "Patient's Name", "empty", "yes", "3 of 3", COVERED] in rows
    assert ["(0010,0040)", "Patient's Sex", "empty", "yes", "3 of 3", COVERED] in rows
    assert not any(row[1] == "Patient ID" for row in rows)
    sure = [row[3] for row in rows]
    assert sure == sorted(sure, reverse=True)
    assert len({(row[0], row[1]) for row in rows}) == len(rows)


def test_search_looks_into_all_columns_but_not_under_the_cover(browser: TagBrowser) -> None:
    QTest.keyClicks(browser.search, "patient name")
    assert [row[0] for row in texts(browser.tables[0])] == ["(0010,0010)"]
    browser.search.setText("doe")
    assert texts(browser.tables[0]) == []
    browser.personal.setChecked(True)
    assert [row[0] for row in texts(browser.tables[0])] == ["(0010,0010)"]


def test_burned_in_text_is_shown_when_asked_for(browser: TagBrowser, qtbot) -> None:
    browser.pages.setCurrentIndex(3)
    assert browser.picture.image.isNull()
    assert browser.status.text() == "The files do not say whether text is burned in."
    browser.personal.setChecked(True)
    qtbot.waitUntil(lambda: not browser.picture.image.isNull())
    image = browser.picture.image
    assert (image.width(), image.height()) == (8, 8)
    assert image.pixelColor(3, 2).red() > 200 > 50 > image.pixelColor(3, 5).red()


def test_a_series_without_readable_tags_says_so(qtbot, browser: TagBrowser) -> None:
    from dataclasses import replace

    assert browser._volume is not None
    lost = TagBrowser(replace(browser._volume, files=("/nowhere/1.dcm",)), "T1")
    qtbot.addWidget(lost)
    qtbot.waitUntil(lambda: "no DICOM tags" in lost.status.text())


def test_opens_from_the_menu_of_a_viewport_and_does_not_block_it(qtbot) -> None:
    grid = views(qtbot, viewport("a"))
    view = one(grid)
    assert view.scene is not None
    menu: QMenu = build_menu(view, view.scene)
    next(action for action in menu.actions() if action.text() == "Tags of this series …").trigger()
    [browser] = view.window().findChildren(TagBrowser)
    assert browser.isWindow()
    assert not browser.isModal()
    assert browser.windowTitle() == "Tags of CT"
    qtbot.waitUntil(lambda: "no DICOM tags" in browser.status.text())
    browser.close()
    qtbot.waitUntil(lambda: not view.window().findChildren(TagBrowser))
