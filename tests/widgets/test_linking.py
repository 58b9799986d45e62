"""What viewports share: place, zoom, window; scans of other frames of reference; reference lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.widgets.viewing import at, drag, one, press, shown, viewport, views, volume, wheel
from viewr.widgets.slice_view_linking import reference_line
from viewr.widgets.slice_view_texts import head_lines
from viewr.workspace.linking import align, set_links, undo_alignment
from viewr.workspace.localizer import is_linked

Key = Qt.Key
A, B = ("default", "a"), ("default", "b")
CONTROL = Qt.KeyboardModifier.ControlModifier


def beside(qtbot, other="MR", **fields):
    """The CT in a, another scan in b."""
    grid = views(qtbot, viewport("a"), viewport("b", scan=other, x=1), size=(802, 400))
    if other != "CT":
        grid.document.add_volume(("default", other), volume(**{"modality": other, **fields}))
    return grid


def entry(view, *texts):
    """Choose an entry of the viewport's menu, by a right click as a reader does."""
    QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=QPoint(60, 200))
    QApplication.processEvents()
    menu = view.findChildren(QMenu)[0]
    top = menu
    for text in texts[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text().split("\t")[0] == text)
    action = next((action for action in menu.actions() if action.text().split("\t")[0] == texts[-1]), None)
    if action is not None:
        action.trigger()
    top.close()
    QApplication.processEvents()
    return action is not None


def test_zoom_and_middle_are_shared_in_mm_of_the_patient(qtbot):
    # b lies 20 mm further to the left and back, and has other voxels
    grid = beside(qtbot)
    small = volume((60, 60, 20), (0.5, 0.5, 2), modality="MR")
    affine = small.grid.affine.copy()
    affine[:2, 3] = 10
    grid.document.add_volume(("default", "MR"), replace(small, grid=replace(small.grid, affine=affine)))
    a, b = one(grid, "a"), one(grid, "b")
    assert entry(a, "Linking", "Same zoom and middle")
    wheel(a, 240, QPoint(100, 300), CONTROL)
    drag(a, QPoint(200, 100), QPoint(230, 140), button=Qt.MouseButton.MiddleButton)
    assert a.scene.mm_per_pixel == b.scene.mm_per_pixel
    assert b.scene.to_lps(200, 200)[:2] == pytest.approx(a.scene.to_lps(200, 200)[:2])
    press(b, Key.Key_F)  # from the other side too
    assert a.scene.mm_per_pixel == b.scene.mm_per_pixel == pytest.approx(29.75 / 399, rel=0.02)
    assert a.scene.to_lps(200, 200)[:2] == pytest.approx(b.scene.to_lps(200, 200)[:2])
    entry(a, "Linking", "Same zoom and middle")
    before = b.scene.mm_per_pixel
    wheel(a, 120, modifiers=CONTROL)
    assert b.scene.mm_per_pixel == before


def test_planes_that_cross_share_the_zoom_and_the_axis_they_have_in_common(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1), size=(802, 400))
    set_links(grid.document, "default", zoom=True)
    drag(one(grid, "a"), QPoint(60, 60), QPoint(90, 40), button=Qt.MouseButton.MiddleButton)
    a, b = one(grid, "a").scene, one(grid, "b").scene
    assert a.mm_per_pixel == b.mm_per_pixel
    assert b.to_lps(200, 200)[0] == pytest.approx(a.to_lps(200, 200)[0])
    assert b.to_lps(200, 200)[2] == pytest.approx(19)  # the coronal view's own height stays


def test_the_window_is_shared_within_a_modality(qtbot):
    grid = beside(qtbot, "CT2", modality="CT")
    grid.document.add_volume(("default", "PT"), volume(modality="PT", unit="SUV"))
    set_links(grid.document, "default", window=True)
    press(one(grid, "a"), Key.Key_4)
    looks = grid.document.state.look.viewports
    assert looks[A].window == looks[B].window
    assert looks[A].window.name == "Lung"
    grid.document.look_viewport(B, scan="PT", window=None)
    press(one(grid, "a"), Key.Key_1)
    assert grid.document.state.look.viewports[B].window is None


def test_planes_of_one_scan_share_the_window_until_they_are_shown_in_two(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", x=1, orientation="Coronal"), size=(802, 400))
    a, b = one(grid, "a"), one(grid, "b")
    drag(a, QPoint(100, 100), QPoint(160, 130))
    assert b.scene.view.window == a.scene.view.window != volume().windows[0]
    press(a, Key.Key_I)
    assert b.scene.look.inverted
    assert entry(a, "Linking", "Same window in views of one scan")
    press(b, Key.Key_4)
    lung = b.scene.view.window
    assert (lung.width, a.scene.view.window.width == 1500) == (1500, False)
    # linked again, each keeps what it was given on purpose
    assert entry(a, "Linking", "Same window in views of one scan")
    drag(a, QPoint(100, 100), QPoint(120, 130))
    assert b.scene.view.window == lung


def test_another_scan_keeps_its_own_window(qtbot):
    grid = beside(qtbot, other="CT2", modality="CT")
    before = one(grid, "b").scene.view.window
    drag(one(grid, "a"), QPoint(100, 100), QPoint(160, 130))
    assert one(grid, "b").scene.view.window == before


def test_the_link_of_places_can_be_switched_off_and_on(qtbot):
    grid = beside(qtbot, "CT")
    one(grid, "a").page(3)
    entry(one(grid, "a"), "Linking", "Same place in the patient")
    there = shown(one(grid, "b"))
    assert there == shown(one(grid, "a"))
    one(grid, "a").page(4)
    assert shown(one(grid, "b")) == there
    entry(one(grid, "a"), "Linking", "Same place in the patient")
    assert shown(one(grid, "b")) == shown(one(grid, "a")) == there - 4


def test_two_frames_are_linked_only_after_the_reader_aligned_them(qtbot):
    grid = beside(qtbot, frame="9.9")
    a, b = one(grid, "a"), one(grid, "b")
    grid.document.look(tool="crosshair")
    drag(a, at(a, 12, 13, 20))
    a.show_slice(19 - 10)
    drag(b, at(b, 20, 25, 20))
    b.show_slice(19 - 6)
    assert not is_linked(grid.document, B)
    assert entry(b, "Linking", "Align with 'CT in a' here")
    assert (shown(a), shown(b)) == (10, 6)
    assert is_linked(grid.document, B)
    assert "aligned by hand" in [line.text for line in head_lines(b.scene, None)]
    assert "aligned by hand" not in [line.text for line in head_lines(a.scene, None)]
    a.page(-3)
    assert (shown(a), shown(b)) == (13, 9)
    b.page(2)
    assert (shown(a), shown(b)) == (11, 7)
    drag(a, at(a, 22, 8, 22))
    assert b.position == pytest.approx((30, 20, 14), abs=0.3)  # (8, 12) further, 4 slices lower
    assert entry(b, "Linking", "Undo the alignment by hand")
    assert not is_linked(grid.document, B)
    assert (shown(a), shown(b)) == (11, 7)
    a.page(1)
    assert shown(b) == 7


def test_a_third_scan_of_an_aligned_frame_follows_too(qtbot):
    grid = views(qtbot, viewport("a"), *[viewport(n, scan=n, x=x) for x, n in enumerate("bc", 1)], size=(902, 300))
    for name in "bc":
        grid.document.add_volume(("default", name), volume(frame="9.9", modality="MR"))
    one(grid, "b").page(2)
    align(grid.document, B, A)
    assert is_linked(grid.document, ("default", "c"))
    assert shown(one(grid, "c")) == shown(one(grid, "b"))
    undo_alignment(grid.document, ("default", "c"))
    assert not is_linked(grid.document, B)


def test_zoom_is_shared_over_an_alignment_but_never_without_one(qtbot):
    grid = beside(qtbot, frame="9.9")
    a, b = one(grid, "a"), one(grid, "b")
    set_links(grid.document, "default", zoom=True)
    before = b.scene.mm_per_pixel
    wheel(a, 240, QPoint(100, 300), CONTROL)
    assert b.scene.mm_per_pixel == before
    a.move_to((10.0, 10.0, 20.0))
    b.move_to((15.0, 12.0, 20.0))
    align(grid.document, B, A)
    wheel(a, 120, QPoint(100, 300), CONTROL)
    assert b.scene.mm_per_pixel == a.scene.mm_per_pixel
    assert np.subtract(b.scene.to_lps(9, 9), a.scene.to_lps(9, 9)) == pytest.approx((5, 2, 0))


def test_a_projection_is_neither_linked_nor_offered_for_alignment(qtbot):
    grid = beside(qtbot, "MG", frame="")
    b = one(grid, "b")
    before = b.scene.mm_per_pixel, b.scene.index
    set_links(grid.document, "default", zoom=True)
    one(grid, "a").page(2)
    wheel(one(grid, "a"), 120, modifiers=CONTROL)
    assert (b.scene.mm_per_pixel, b.scene.index) == before
    assert not entry(b, "Linking", "Align with 'CT in a' here")
    assert not entry(one(grid, "a"), "Linking", "Align with 'MG in b' here")


def yellow_rows(view):
    """Rows with a line of the colour of reference lines: the strongest of neighbours."""
    image = view.grab().toImage()
    rows = {}
    for y in range(40, view.height() - 60):
        colours = [image.pixelColor(x, y) for x in range(60, 300, 3)]
        rows[y] = sum(colour.red() - colour.blue() > 60 for colour in colours)
    best = max(rows.values())
    return [y for y, count in rows.items() if count == best > 20][:1]


def test_reference_lines_are_where_the_active_slice_cuts(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", x=1, linked=False), size=(802, 400))
    a, b = one(grid, "a"), one(grid, "b")
    a.setFocus()
    a.show_slice(19 - 15)
    assert reference_line(b, b.scene)[0][:, 2] == pytest.approx([30, 30])
    assert sorted(reference_line(b, b.scene)[0][:, 0]) == pytest.approx([-0.5, 39.5])
    press(a, Key.Key_Q)
    assert grid.document.state.look.reference_lines
    assert yellow_rows(b) == pytest.approx([b.scene.to_xy((5.0, 5.0, 30.0))[1]], abs=1)
    painted = b.painted
    a.page(-1)
    QApplication.processEvents()
    assert b.painted > painted
    press(a, Key.Key_Q)
    assert yellow_rows(b) == []


def test_no_reference_line_between_frames_or_parallel_planes(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", scan="MR", x=1), viewport("c", x=2), size=(902, 300))
    grid.document.add_volume(("default", "MR"), volume(frame="9.9", modality="MR"))
    one(grid, "a").setFocus()
    for name in "bc":
        assert reference_line(one(grid, name), one(grid, name).scene) is None
    align(grid.document, B, A)
    assert reference_line(one(grid, "b"), one(grid, "b").scene) is not None


def test_an_unknown_frame_of_reference_links_nothing_of_another_study():
    from viewr.workspace.localizer import may_link

    same, other = (volume(frame=frame, study_uid=study) for frame, study in (("", "1.1"), ("1.2", "1.3")))
    assert not may_link(same, other)
    assert not may_link(other, same)
    assert may_link(same, volume(frame="1.2", study_uid="1.1"))
    assert may_link(same, volume(frame="1.2", study_uid=""))


def test_what_was_aligned_shifts_cross_hair_slice_and_reference_line_alike(qtbot):
    grid = views(qtbot, viewport("a"), viewport("b", "Coronal", scan="MR", x=1), viewport("c", scan="MR", x=2),
                 size=(1202, 400))  # fmt: skip
    grid.document.add_volume(("default", "MR"), volume(frame="9.9", modality="MR"))
    a, b, c = (one(grid, name) for name in "abc")
    # what is at (0, 0, 0) in the CT is at (4, -3, 6) in the MR
    grid.document.look(aligned={("default", "1.2", "9.9"): (4.0, -3.0, 6.0)})
    a.setFocus()
    a.move_to((10.0, 20.0, 16.0))
    assert b.position == c.position == pytest.approx((14, 17, 22))
    assert (shown(a), shown(b), shown(c)) == (8, 17, 11)
    assert reference_line(b, b.scene)[0][:, 2] == pytest.approx([22, 22])
    # the edges of the CT's slice, -0.5 and 39.5, lie 4 mm further to the left
    assert sorted(reference_line(b, b.scene)[0][:, 0]) == pytest.approx([3.5, 43.5])
    c.move_to((20.0, 20.0, 30.0))  # and back, from a view of the MR
    assert a.position == pytest.approx((16, 23, 24))
    undo_alignment(grid.document, ("default", "c"))
    a.move_to((1.0, 1.0, 2.0))
    assert (b.position, c.position) == (pytest.approx((20, 20, 30)), pytest.approx((20, 20, 30)))
    assert reference_line(b, b.scene) is None
