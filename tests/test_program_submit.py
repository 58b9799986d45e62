"""Submitting: what is missing is listed and leads to its field, the answers are shown once more, done comes last."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from tests.program import Program, Study, running
from viewr.settings import Settings, load_settings
from viewr.widgets import habits
from viewr.widgets.submit_sheet import SubmitSheet

TEMPLATE = """
template_name: strict
sop: Answer everything.
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: true}]
scans: {T1: {modality: MR, protocols: T1}}
annotations: null
qa_fields:
  grade: {control: ComboBox, label: Grade, x: 0, y: 0, options: [0, 1, 2], required: true}
  count: {control: NumberEdit, label: Lesions, type: Int, x: 0, y: 1, min: 0, max: 20, initial_value: 21}
  reason: {control: LineEdit, label: Reason, x: 0, y: 2}
  why: {control: ValidationControl, label: "Grade 2 needs a reason", x: 0, y: 3, variables: {g: grade, r: reason}, condition: "g != 2 or r"}
  more:
    control: TabsWidget
    label: ""
    x: 0
    y: 4
    order: [First, Second]
    content:
      First: {seen: {control: CheckBox, label: Seen, x: 0, y: 0, initial_value: true}}
      Second:
        rows:
          control: ListingWidget
          label: Findings
          x: 0
          y: 0
          columns: [side]
          initial_value: [{side: Left}, {}]
          content: {side: {control: ComboBox, label: Side, x: 0, y: 0, options: [Left, Right], required: true}}
"""  # noqa: E501


@pytest.fixture
def program(study: Study) -> Iterator[Program]:
    with running(study.lab, Settings(research_notice_seen=True)) as started:
        yield started


@pytest.fixture
def sheet(program: Program) -> SubmitSheet:
    """The sheet of an open task."""
    servers = program.lab.servers
    servers.create_template("strict", TEMPLATE)
    scans = {"T1": "scans/2/resources/DICOM"}
    task = str(servers.create_task("strict", program.lab.content(scans=scans, annotations={}), users=("reader1",)))
    program.sign_in()
    program.open(task)
    return program.view.sheet


def lines(sheet: SubmitSheet) -> list[tuple[str, str]]:
    items = [sheet.list.topLevelItem(number) for number in range(sheet.list.topLevelItemCount())]
    return [(item.text(0).strip(), item.text(1)) for item in items]


def choose(program: Program, sheet: SubmitSheet, number: int) -> None:
    area = sheet.list.visualItemRect(sheet.list.topLevelItem(number))
    program.pilot.click(sheet.list.viewport(), area.center())


def test_what_is_missing_is_listed_and_leads_to_its_field(program: Program, sheet: SubmitSheet) -> None:
    view = program.view
    program.pilot.click(view.submit)
    assert sheet.isVisible()
    assert [line[0] for line in lines(sheet)] == [
        "“Grade” has no answer yet.",
        "“Lesions” is 21. Between 0 and 20.",
        "“Side” has no answer yet. (entry 2)",
    ]
    assert not sheet.button.isVisible()
    choose(program, sheet, 2)
    side = view.forms["default"].control("more/rows/r2/side")
    program.pilot.wait(lambda: side.isVisible() and side.box.hasFocus(), "the keyboard in the second row")
    program.pilot.key(Qt.Key.Key_Down)
    program.pilot.wait(lambda: len(lines(sheet)) == 2, "one line less")


def test_missing_answers_never_block_saving(program: Program, sheet: SubmitSheet) -> None:
    program.pilot.type(program.view.forms["default"].control("reason").edit, "because")
    program.pilot.click(program.view.save)
    assert not program.view.session.unsaved
    assert not sheet.isVisible()


def complete(program: Program) -> None:
    form = program.view.forms["default"]
    form.show_field("more/rows/r2/side")
    for path, value in (("grade", 2), ("count", 3), ("reason", "double"), ("more/rows/r2/side", "Right")):
        form.answered(form.control(path), value)


def test_the_answers_are_shown_before_they_go_out(program: Program, sheet: SubmitSheet) -> None:
    view = program.view
    complete(program)
    program.pilot.click(view.submit)
    assert sheet.asking
    assert lines(sheet) == [
        ("Grade", "2"), ("Lesions", "3"), ("Reason", "double"), ("Grade 2 needs a reason", "holds"),
        ("Seen", "Yes"), ("Findings", "2 entries"), ("Entry 1", ""), ("Side", "Left"), ("Entry 2", ""),
        ("Side", "Right"),
    ]  # fmt: skip
    assert sheet.button.hasFocus()
    program.pilot.key(Qt.Key.Key_Space)
    program.pilot.wait(lambda: program.window.task_view is not view, "the results in the outbox")


def test_a_change_takes_the_summary_away(program: Program, sheet: SubmitSheet) -> None:
    complete(program)
    program.pilot.click(program.view.submit)
    program.view.session.document.undo()
    assert not sheet.isVisible()
    program.pilot.click(program.view.submit)
    assert not sheet.asking
    assert len(lines(sheet)) == 1


def test_whoever_does_not_want_to_be_asked_is_not(program: Program, sheet: SubmitSheet) -> None:
    view = program.view
    complete(program)
    program.pilot.click(view.submit)
    program.pilot.click(sheet.skip)
    program.pilot.click(sheet.button)
    program.pilot.wait(lambda: program.window.task_view is not view, "the results in the outbox")
    assert load_settings().confirm_submit is False
    assert habits.habits().confirm_submit is False


def test_in_quality_control_nobody_is_asked(program: Program) -> None:
    task = program.lab.task("qc", scans={"T1": "scans/2/resources/DICOM", "FLAIR": "scans/3/resources/DICOM"})
    program.sign_in()
    view = program.open(task)
    listing = view.forms["default"].control("scans")
    view.forms["default"].answered(listing, [{**row, "verdict": "Good"} for row in listing.value()])
    program.pilot.click(view.submit)
    program.pilot.wait(lambda: program.window.task_view is not view, "the results in the outbox")
