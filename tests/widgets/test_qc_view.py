"""Quality control by keys: wherever the focus is, on any layout, and nothing is left unrated by accident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.widgets.qc_desk import ONE_SCAN, PLAIN, Case, Page, listing, volume
from tests.workspace.lab import turn, wait_until
from viewr.model.errors import ArchiveError
from viewr.model.frame_point import FramePoint
from viewr.widgets.qc_buttons import wrapped
from viewr.workspace.qc_run import QcProgress

Key = Qt.Key
NONE, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot: Any) -> Iterator[Page]:
    made = Page(qtbot)
    yield made
    made.close()


def row(case: Case, number: int) -> dict[str, Any]:
    return dict(case.answers["scans"][number])


def click_tile(page: Page, scan: str, index: int, at: QPoint | None = None) -> None:
    view = page.view.board.columns["default", scan].view
    area = view.tile(index)
    assert area is not None
    QTest.mouseClick(view.viewport(), LEFT, NONE, area.topLeft() + at if at else area.center())
    turn(1)


def test_one_key_is_a_verdict_and_the_end_of_the_case(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    assert [button.text() for button in page.view.bar.verdicts] == ["Good", "Doubtful", "Poor"]
    assert [button.key for button in page.view.bar.verdicts] == ["1", "2", "3"]
    page.key(Key.Key_2)
    assert case.answers["verdict"] == "Doubtful"
    assert page.asked == ["finish"]
    # until the next case is there no key can judge this one again, nor the next unseen
    page.key(Key.Key_1)
    assert case.answers["verdict"] == "Doubtful"
    assert page.asked == ["finish"]


def test_a_bad_verdict_asks_for_a_note(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    page.key(Key.Key_3)
    assert page.view.bar.note.hasFocus()
    page.key(Key.Key_Return)
    assert page.asked == []
    page.key("head moved 1")
    assert (case.answers["verdict"], case.answers["note"]) == ("Poor", "head moved 1")
    assert page.asked == []
    page.key(Key.Key_Return)
    assert page.asked == ["finish"]


def test_esc_in_the_note_takes_the_verdict_back(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    page.key(Key.Key_3, "oh", Key.Key_Escape)
    assert (case.answers["verdict"], case.answers["note"] or "") == (None, "")
    assert not page.view.bar.note.hasFocus()
    page.key(Key.Key_1)
    assert (case.answers["verdict"], page.asked) == ("Good", ["finish"])


def test_a_note_written_first_is_enough(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    page.key(Key.Key_N)
    assert page.view.bar.note.hasFocus()
    page.key("3 ghosts", Key.Key_Return, Key.Key_3)
    assert (case.answers["note"], case.answers["verdict"], page.asked) == ("3 ghosts", "Poor", ["finish"])


def test_tags_go_round_by_their_keys(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    motion, metal = page.view.bar.chips
    assert (motion.key, motion.state) == ("m", "unknown")
    seen = []
    for _ in range(3):
        page.key(Key.Key_M)
        seen.append((case.answers["motion"], motion.state))
    assert seen == [("present", "present"), ("absent", "absent"), ("unknown", "unknown")]
    page.key(metal.key)
    assert case.answers["metal"] is True
    page.view.show_waiting("x")


def test_keys_work_wherever_the_focus_is(page: Page) -> None:
    case = page.show(Case(listing(["A", "B", "C"])))
    page.view.top.later.setFocus()
    page.key(Key.Key_1)
    assert row(case, 0)["verdict"] == "Good"
    page.key(Key.Key_V)
    assert page.view.pictures.is_full
    page.key(Key.Key_1)
    assert row(case, 1)["verdict"] == "Good"
    QTest.keyClick(page.view.window().windowHandle(), Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert page.view.side is not None
    # the form shows the row of the scan that is judged now
    field = page.view.side.forms["default"].control(f"scans/{row(case, 2)['__id__']}/note")
    field.focus_widget().setFocus()
    page.key("1 or 2")
    assert (row(case, 2)["verdict"], row(case, 2)["note"], page.asked) == (None, "1 or 2", [])
    page.key(Key.Key_Escape, Key.Key_1)
    assert (row(case, 2)["verdict"], page.asked) == ("Good", ["finish"])


def test_french_digits_give_verdicts(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    page.native_key(0xC9, "é", 11)
    assert (case.answers["verdict"], page.asked) == ("Doubtful", ["finish"])


def test_a_held_key_judges_once(page: Page) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    case = page.show(Case(listing(["A", "B"])))
    page.key(Key.Key_1)
    again = QKeyEvent(QEvent.Type.KeyPress, Key.Key_1, NONE, "1", True)
    QApplication.sendEvent(page.view.windowHandle(), again)
    assert [row(case, number)["verdict"] for number in (0, 1)] == ["Good", None]


def test_each_scan_has_its_verdict_and_the_last_one_ends_the_case(page: Page) -> None:
    case = page.show(Case(listing(["A", "B", "C"])))
    board = page.view.board
    page.key(Key.Key_Right, Key.Key_1)
    assert [row(case, number)["verdict"] for number in range(3)] == [None, "Good", None]
    assert board.columns["default", "B"].header.verdict == "Good"
    page.key(Key.Key_2, "cut off", Key.Key_Return)
    assert (row(case, 2)["verdict"], row(case, 2)["note"]) == ("Poor", "cut off")
    # the first one is left
    assert page.asked == []
    assert board.columns["default", "A"].header.isChecked()
    page.key(Key.Key_1)
    assert row(case, 0)["verdict"] == "Good"
    assert page.asked == ["finish"]


def test_back_corrects_within_the_case_and_then_asks_for_the_one_before(page: Page) -> None:
    case = page.show(Case(listing(["A", "B"])))
    page.view.show_progress(QcProgress(1, 2), True)
    page.key(Key.Key_1, Key.Key_Backspace)
    assert page.view.case is not None
    assert page.view.case.number == 0
    assert page.asked == []
    page.key(Key.Key_2, "now", Key.Key_Return)
    assert (row(case, 0)["verdict"], page.view.case.number) == ("Poor", 1)
    page.key(Key.Key_Backspace, Key.Key_Backspace)
    assert page.asked == ["back"]


def test_a_case_that_comes_back_shows_its_verdicts_and_the_same_key_goes_on(page: Page) -> None:
    case = Case(ONE_SCAN)
    page.show(case)
    page.key(Key.Key_1)
    again = page.show(Case(ONE_SCAN, "Case 0"))
    again.document.load(case.document.state.annotation)
    turn(1)
    assert [button.isChecked() for button in page.view.bar.verdicts] == [True, False, False]
    page.key(Key.Key_1)
    assert page.asked == ["finish", "finish"]


def test_later_leaves_no_verdict(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    page.key(Key.Key_L)
    assert page.asked == ["later"]
    assert case.answers["verdict"] is None


def test_leaving_a_case_half_done_takes_two_steps(page: Page) -> None:
    page.show(Case(listing(["A", "B"])))
    page.key(Key.Key_1)
    page.view.top.leave.click()
    assert page.asked == []
    assert page.said == ["This case is not finished: B."]
    page.view.top.leave.click()
    assert page.asked == ["leave"]


def test_leaving_an_untouched_case_is_one_step(page: Page) -> None:
    page.show(Case(ONE_SCAN))
    page.view.top.leave.click()
    assert page.asked == ["leave"]


def test_a_click_opens_the_place_in_the_viewport_and_esc_brings_the_sheet_back(page: Page) -> None:
    page.show(Case(ONE_SCAN, volumes={"T1": volume((40, 40, 20))}))
    view = page.view.board.columns["default", "T1"].view
    index = view.indices[3]
    click_tile(page, "T1", index)
    assert page.view.pictures.is_full
    assert page.view.pictures.enlarged is not None
    (port,) = page.view.pictures.enlarged.grid.viewports.values()
    wait_until(lambda: port.scene is not None)
    assert port.scene is not None
    assert port.scene.index == index
    assert port.hasFocus()
    page.key(Key.Key_Down)
    assert port.scene.index == index + 1
    page.key(Key.Key_Escape)
    assert page.view.pictures.currentWidget() is page.view.board


def test_where_it_is_takes_a_key_and_a_click(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    view = page.view.board.columns["default", "T1"].view
    index = view.indices[2]
    tile = view.tile(index)
    assert tile is not None
    page.key(Key.Key_P)
    click_tile(page, "T1", index, QPoint(tile.width() // 4, tile.height() // 2))
    (marker,) = case.document.state.annotation.drawings["default", "where"]
    # a quarter of 40 mm from the right edge at -0.5, half way to the back; slice k at 2 k mm
    assert marker.pos[0] == pytest.approx(9.5, abs=0.5)
    assert marker.pos[1] == pytest.approx(19.5, abs=0.5)
    assert marker.pos[2] == pytest.approx(2 * (11 - index))
    assert marker.scan == "T1"
    assert not page.view.pictures.is_full
    (button,) = page.view.bar.markers
    button.click()
    turn(1)
    assert page.view.pictures.is_full
    assert page.view.pictures.enlarged is not None
    (port,) = page.view.pictures.enlarged.grid.viewports.values()
    wait_until(lambda: port.scene is not None)
    assert port.scene is not None
    assert port.scene.index == index


def test_the_place_of_one_scan_goes_into_its_row(page: Page) -> None:
    case = page.show(Case(listing(["A", "B"])))
    page.key(Key.Key_1, Key.Key_P)
    click_tile(page, "B", page.view.board.columns["default", "B"].view.indices[0])
    assert list(case.document.state.annotation.drawings) == [("default", f"scans/{row(case, 1)['__id__']}/where")]


def test_more_and_fewer_slices(page: Page) -> None:
    page.show(Case(ONE_SCAN, volumes={"T1": volume((40, 40, 200))}))
    view = page.view.board.columns["default", "T1"].view
    before = len(view.indices)
    assert 12 <= before < 60
    page.key(Key.Key_Plus)
    assert len(view.indices) > before
    for _ in range(10):
        page.key(Key.Key_Plus)
    assert view.indices == tuple(range(200))
    assert view.verticalScrollBar().maximum() > 0
    page.key(Key.Key_End)
    last = view.tile(199)
    assert last is not None
    assert view.viewport().rect().contains(last)
    for _ in range(20):
        page.key(Key.Key_Minus)
    assert len(view.indices) == 4


def test_the_pointer_resting_on_a_tile_enlarges_it(page: Page) -> None:
    page.show(Case(ONE_SCAN))
    view = page.view.board.columns["default", "T1"].view
    area = view.tile(view.indices[5])
    assert area is not None
    QTest.mouseMove(page.view.windowHandle(), view.viewport().mapTo(page.view, area.center()))
    wait_until(lambda: page.view.board.zoom.slice == view.indices[5])
    assert page.view.board.zoom.width() > 1.5 * area.width()
    page.key(Key.Key_Escape)
    assert page.view.board.zoom.slice == -1


def test_scans_one_at_a_time(page: Page) -> None:
    page.show(Case(listing(["A", "B"])))
    page.key(Key.Key_G)
    columns = list(page.view.board.columns.values())
    assert [column.isVisible() for column in columns] == [True, False]
    page.key(Key.Key_1)
    assert [column.isVisible() for column in columns] == [False, True]
    assert page.view.board.tabs.tabText(0) == "A: Good"


def test_a_template_of_the_original_works(page: Page) -> None:
    case = page.show(Case(PLAIN))
    page.key(Key.Key_2)
    assert page.view.bar.note.hasFocus()
    page.key("blurred", Key.Key_Return)
    assert (case.answers["usable"], case.answers["comments"], page.asked) == ("No", "blurred", ["finish"])


def test_what_the_template_asks_for_besides_is_shown(page: Page) -> None:
    more = "  reader: {control: LineEdit, label: Reader, x: 0, y: 9, required: true}\n"
    page.show(Case(ONE_SCAN + more))
    page.key(Key.Key_1)
    assert page.asked == []
    assert page.said == ["“Reader” has no answer yet."]
    assert page.view.side is not None
    assert page.view.side.isVisible()
    page.key("qc1", Key.Key_Escape, Key.Key_1)
    assert page.asked == ["finish"]


def test_a_scan_that_cannot_be_had_can_still_be_judged(page: Page) -> None:
    case = Case(listing(["A", "B"]))
    case.failed["default", "B"] = ArchiveError("Scan B is damaged.")
    del case.document.volumes["default", "B"]
    page.view.show_case(case)  # type: ignore[arg-type]
    wait_until(lambda: page.view.board.columns["default", "A"].view.sheet is not None)
    page.see()
    page.key(Key.Key_1, Key.Key_2, "damaged", Key.Key_Return)
    assert (row(case, 1)["verdict"], page.asked) == ("Poor", ["finish"])


def test_no_verdict_on_a_scan_before_its_pictures(page: Page) -> None:
    case = Case(ONE_SCAN)
    del case.document.volumes["default", "T1"]
    case.is_ready = False
    page.view.show_case(case)  # type: ignore[arg-type]
    page.key(Key.Key_1)
    assert case.answers["verdict"] is None
    assert page.said == ["The scan is not there yet: wait for its pictures, or put the case aside."]
    case.document.add_volume(("default", "T1"), volume())
    case.is_ready = True
    case.scan_ready.emit(("default", "T1"))
    wait_until(lambda: page.view.board.columns["default", "T1"].view.sheet is not None)
    page.see()
    page.key(Key.Key_1)
    assert page.asked == ["finish"]


def test_a_case_that_waits_for_its_last_scan_is_not_taken_from_a_reader_who_corrects(page: Page) -> None:
    """The last scan comes while a note is owed, or after the reader went back to a verdict."""
    for keys in ((Key.Key_Backspace,), (Key.Key_Backspace, Key.Key_3)):
        case = page.show(Case(ONE_SCAN))
        page.asked.clear()
        case.is_ready = False
        page.key(Key.Key_1)
        assert page.asked == []
        page.key(*keys)
        case.is_ready = True
        case.ready.emit()
        assert page.asked == []
        page.key("moved", Key.Key_Return) if page.view.bar.note.hasFocus() else page.key(Key.Key_1)
        assert page.asked == ["finish"]


def test_a_verdict_that_was_undone_does_not_end_the_case_when_the_last_scan_comes(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    case.is_ready = False
    page.key(Key.Key_1)
    case.document.undo()
    case.is_ready = True
    case.ready.emit()
    assert (case.answers["verdict"], page.asked) == (None, [])


def test_progress_waiting_and_the_end(page: Page) -> None:
    page.view.show_progress(QcProgress(3, 40, 1, 4.5, 20.0), True)
    assert page.view.top.counts.text() == "3 done  ·  40 left  ·  1 later"
    assert page.view.top.pace.text() == "4.5 s a case  ·  3 min left"
    page.view.show_waiting("The next case is being fetched.")
    assert page.view.pictures.waiting.label.text() == "The next case is being fetched."
    page.key(Key.Key_1)
    page.view.show_progress(QcProgress(4, 0, 0, 4.5, 600.0), True)
    page.view.show_end("All cases are judged.")
    assert page.view.pictures.end.counts.text() == "4 cases judged."
    page.key(Key.Key_Backspace, Key.Key_Return)
    assert page.asked == ["back", "leave"]


def test_a_verdict_that_cannot_be_kept_leaves_the_case_to_the_reader(page: Page) -> None:
    case = page.show(Case(ONE_SCAN))
    page.key(Key.Key_1)
    case.submit_failed.emit(ArchiveError("The disk is full."))
    assert page.said == ["The disk is full."]
    page.key(Key.Key_2)
    assert (case.answers["verdict"], page.asked) == ("Doubtful", ["finish", "finish"])


def test_all_scans_are_shown_where_the_verdict_is_about_one(page: Page) -> None:
    both = ONE_SCAN.replace("scans: {T1:", "scans: {T2: {modality: MR, protocols: T2}, T1:")
    case = page.show(Case(both.replace("note: note, map", "note: note, scan: T1, map")))
    columns = page.view.board.columns
    assert [key[1] for key in columns] == ["T1", "T2"]
    assert [column.header.isChecked() for column in columns.values()] == [True, False]
    click_tile(page, "T2", columns["default", "T2"].view.indices[0])
    assert page.view.pictures.is_full
    page.key(Key.Key_1)
    assert (case.answers["verdict"], page.asked) == ("Good", ["finish"])
    assert [column.header.verdict for column in columns.values()] == ["Good", ""]


def test_a_single_slice_is_as_large_as_its_room(page: Page) -> None:
    page.show(Case(PLAIN, volumes={"T1": volume((60, 90, 1))}))
    view = page.view.board.columns["default", "T1"].view
    area = view.tile(0)
    assert area is not None
    room = view.viewport().height()
    assert room - 10 <= area.height() <= room
    assert area.width() == pytest.approx(area.height() * 2 / 3, abs=2)


def test_a_film_is_shown_by_its_frames(page: Page) -> None:
    page.show(Case(PLAIN, volumes={"T1": volume((40, 40, 1, 9), axes=("time",))}))
    assert page.view.board.columns["default", "T1"].view.indices == tuple(range(9))
    assert page.view.top.number.text() == "9 frames"


def test_a_click_on_a_film_opens_that_frame(page: Page) -> None:
    case = page.show(Case(PLAIN, volumes={"T1": volume((40, 40, 1, 9), axes=("time",))}))
    click_tile(page, "T1", 6)
    (look,) = case.document.state.look.viewports.values()
    assert (page.view.pictures.is_full, look.frame) == (True, (6,))


def test_a_place_in_a_film_is_on_the_frame_that_was_clicked(page: Page) -> None:
    case = page.show(Case(ONE_SCAN, volumes={"T1": volume((40, 40, 1, 9), axes=("time",))}))
    view = page.view.board.columns["default", "T1"].view
    bare = view.grab().toImage()
    page.key(Key.Key_P)
    click_tile(page, "T1", 6)
    (marker,) = case.document.state.annotation.drawings["default", "where"]
    assert marker.frames == (FramePoint("time", 7, 9),)
    marked = view.grab().toImage()

    def differs(index: int) -> bool:
        tile = view.tile(index)
        assert tile is not None
        inside = tile.adjusted(4, 4, -4, -4)
        return bare.copy(inside) != marked.copy(inside)

    assert [index for index in range(9) if differs(index)] == [6]
    (button,) = page.view.bar.markers
    button.click()
    turn(1)
    assert [look.frame for look in case.document.state.look.viewports.values()] == [(6,)]


def test_scans_that_may_lack_are_told_quietly(page: Page) -> None:
    case = Case(ONE_SCAN.replace("scans: {T1:", "scans: {T2: {modality: MR, protocols: T2}, T1:"))
    case.document.unavailable.add(("default", "T2"))
    case.notices = ["The optional scan 'T2' is not there.", "The answers start with an earlier result."]
    page.show(case)
    assert page.said == ["The answers start with an earlier result."]
    assert page.view.top.absent.text() == "Not in this session: T2"


def test_a_corrected_verdict_says_that_its_note_went(page: Page) -> None:
    page.show(Case(listing(["A", "B"])))
    page.key(Key.Key_2, "blurred", Key.Key_Return, Key.Key_Backspace, Key.Key_1)
    assert page.said == ["The note “blurred” went with the bad verdict."]


def test_tags_and_places_without_fields_of_their_own(page: Page) -> None:
    case = page.show(Case("mode: qc\n" + PLAIN))
    page.key(Key.Key_M, Key.Key_P)
    click_tile(page, "T1", page.view.board.columns["default", "T1"].view.indices[0])
    assert page.view.bar.chips[0].state == "present"
    assert len(page.view.bar.markers) == 1
    assert case.answers["__qc__"]["tags"] == {"motion": "present"}


def test_long_verdicts_leave_room_and_can_be_told_apart(page: Page) -> None:
    options = [f"Usable although the head moved in the {part} of the slices" for part in ("first", "middle", "last")]
    page.show(Case("mode: qc\n" + PLAIN.replace('["Yes", "No"]', str(options))))
    bar = page.view.bar
    assert max(chip.y() for chip in bar.chips) < 2 * bar.chips[0].height()
    for button, option in zip(bar.verdicts, options, strict=True):
        shown = wrapped(option, button.fontMetrics(), button.width() - 2 * 10 - button.cap_width())
        assert " ".join(shown) == option
        assert button.toolTip().startswith(option)


def test_words_that_no_line_holds_keep_beginning_and_end(page: Page) -> None:
    metrics = page.view.fontMetrics()
    lines = wrapped("a " + "word " * 40 + "end", metrics, 120)
    assert (len(lines), lines[0][0], lines[-1][-3:]) == (3, "a", "end")
    assert all(metrics.horizontalAdvance(line) <= 120 for line in lines)
