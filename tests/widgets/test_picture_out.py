"""Pictures that leave the program: what the viewport shows, and no words unless they are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.widgets.viewing import one, viewport, views, volume
from viewr.settings import Settings
from viewr.widgets import habits
from viewr.widgets.picture_out import picture_of, save_picture

MAP = ("default", "lab")
Held = Qt.KeyboardModifier


@pytest.fixture(autouse=True)
def usual_habits():
    habits.use(Settings())
    yield
    habits.use(Settings())


@pytest.fixture
def grid(qtbot):
    return views(qtbot, viewport("a"))


@pytest.fixture
def view(grid):
    view = one(grid)
    view.document.add_volume(("default", "CT"), volume(description="SMITH JOHN 1950"))
    view.document.patch(MAP, ((0, 0, 0), (40, 40, 20)), np.ones((40, 40, 20), np.uint8))
    view.setFocus()
    return view


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].copy()


def test_words_are_left_out_unless_asked_for(view):
    plain = pixels(picture_of(view, overlays=False))
    view.document.add_volume(("default", "CT"), volume(description="DOE JANE 1960"))
    assert (pixels(picture_of(view, overlays=False)) == plain).all()
    told = pixels(picture_of(view, overlays=False, words=True))
    view.document.add_volume(("default", "CT"), volume(description="SMITH JOHN 1950"))
    assert (pixels(picture_of(view, overlays=False, words=True)) != told).any()


def test_overlays_are_in_it_or_not(view):
    middle = (120, 160)
    coloured, grey = pixels(picture_of(view))[middle], pixels(picture_of(view, overlays=False))[middle]
    assert len(set(map(int, coloured))) > 1
    assert len(set(map(int, grey))) == 1


def test_ctrl_c_copies_as_the_settings_say(view):
    habits.use(replace(Settings(), picture_overlays=False))
    QTest.keyClick(view, Qt.Key.Key_C, Held.ControlModifier)
    copied = QApplication.clipboard().image()
    assert (pixels(copied) == pixels(picture_of(view, overlays=False))).all()
    assert copied.width() == view.scene.view.size[0]


def test_ctrl_shift_s_saves_a_png_whose_name_tells_nothing(view, tmp_path, monkeypatch):
    offered = []

    def choose(_parent, _title, name, _filter):
        offered.append(name)
        return str(tmp_path / "mine"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    QTest.keyClick(view, Qt.Key.Key_S, Held.ControlModifier | Held.ShiftModifier)
    assert offered == [f"CT-{view.scene.index + 1}.png"]
    assert (pixels(QImage(str(tmp_path / "mine.png"))) == pixels(picture_of(view))).all()
    assert b"SMITH" not in (tmp_path / "mine.png").read_bytes()


def test_the_name_that_is_offered_is_not_that_of_the_scan(qtbot, monkeypatch):
    # without a template a scan has the name of its description
    grid = views(qtbot, viewport("a", scan="SMITH JOHN 1950"))
    view = one(grid)
    view.document.add_volume(("default", "SMITH JOHN 1950"), volume(modality="MR"))
    offered = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *asked: (offered.append(asked[2]), ("", ""))[1])
    save_picture(view)
    assert offered == [f"MR-{view.scene.index + 1}.png"]


def test_a_saved_picture_says_nothing_beside_its_pixels(view, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_asked: (str(tmp_path / "mine.png"), ""))
    save_picture(view)
    data, kinds, place = (tmp_path / "mine.png").read_bytes(), set(), 8
    while place < len(data):
        kinds.add(data[place + 4 : place + 8])
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    assert kinds <= {b"IHDR", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA"}  # no tEXt, iTXt, eXIf, tIME


def test_the_view_keeps_its_labels_when_a_picture_without_them_is_made(view):
    before = pixels(view.grab().toImage())
    picture_of(view, overlays=False)
    assert (pixels(view.grab().toImage()) == before).all()
