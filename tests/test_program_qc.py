"""Quality control from the task list to the archive, by keys: verdicts, notes, back, later, the end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.program import Program, Study
from viewr.widgets.keys_help import KeysHelp
from viewr.widgets.qc_view import QcView

Key = Qt.Key


class Run:
    """A reader in quality control."""

    def __init__(self, program: Program) -> None:
        assert program.window.qc is not None
        self.program, self.pilot = program, program.pilot
        self.view: QcView = program.window.qc.view

    def see(self, task_id: str) -> None:
        """Wait until the sheets of a case are there."""
        self.pilot.wait(lambda: self.view.session is not None and self.view.session.identity.id == task_id,
                        f"case {task_id}")  # fmt: skip
        columns = self.view.board.columns.values()
        self.pilot.wait(lambda: all(column.view.sheet is not None for column in columns), "all sheets")
        self.pilot.wait(lambda: not self.view.pictures.unpainted(self.view.board.columns), "all sheets painted")

    def key(self, *keys: Qt.Key) -> None:
        for key in keys:
            self.pilot.key(key)

    def write(self, text: str) -> None:
        for letter in text:
            self.pilot.key(Key(ord(letter.upper())))

    @property
    def answers(self) -> list[dict[str, Any]]:
        assert self.view.session is not None
        return list(self.view.session.document.state.annotation.answers["default"]["scans"])


def start(program: Program, first: str) -> Run:
    program.sign_in()
    program.choose(first)
    button = program.window.task_list.qc_button
    program.pilot.wait(button.isVisible, "quality control offered")
    assert button.objectName() == "primary"
    program.pilot.click(button)
    run = Run(program)
    run.see(first)
    return run


@pytest.fixture
def tasks(study: Study) -> list[str]:
    """Three cases of two scans each; their answers go to different files."""
    return [study.lab.task("qc", fields={"uri": f"resources/QC{number}/files/qc_{{timestamp}}.json", "load": "none"})
            for number in range(3)]  # fmt: skip


def written(study: Study, number: int) -> list[dict[str, Any]]:
    names = study.lab.names(f"QC{number}")
    assert len(names) == 1
    return list(json.loads(study.lab.read(f"QC{number}", names[0]))["scans"])


def quality(study: Study) -> list[tuple[str, str]]:
    scans = {scan.id: scan for scan in study.lab.archive().scans(study.lab.experiment)}
    return [(scans[number].quality, scans[number].note) for number in ("2", "3")]


def test_verdicts_by_keys_reach_the_archive(study: Study, program: Program, tasks: list[str]) -> None:
    run = start(program, tasks[0])
    run.key(Key.Key_1, Key.Key_1)
    run.see(tasks[1])
    run.key(Key.Key_L)
    run.see(tasks[2])
    run.key(Key.Key_1, Key.Key_2)
    run.write("ghosts")
    run.key(Key.Key_Return)
    run.see(tasks[1])
    assert run.view.top.counts.text() == "2 done  ·  1 left  ·  1 later"
    run.key(Key.Key_2)
    run.write("cut")
    run.key(Key.Key_Return, Key.Key_1)
    program.pilot.wait(lambda: run.view.pictures.currentWidget() is run.view.pictures.end, "the end")
    assert run.view.pictures.end.counts.text() == "3 cases judged."
    run.key(Key.Key_Return)
    program.pilot.wait(lambda: program.page is program.window.task_list, "the task list")
    program.wait_for_uploads()
    assert [study.lab.status(task) for task in tasks] == ["done"] * 3
    assert [study.lab.holder(task) for task in tasks] == [""] * 3
    said = [[(one["scan"], one["verdict"], one["note"]) for one in written(study, number)] for number in range(3)]
    assert said == [
        [("T1", "Good", None), ("FLAIR", "Good", None)],
        [("T1", "Poor", "cut"), ("FLAIR", "Good", None)],
        [("T1", "Good", None), ("FLAIR", "Poor", "ghosts")],
    ]
    # all cases are of one session: the last verdict counts, a note that nobody touched stays
    assert quality(study) == [("unusable", "cut"), ("usable", "ghosts")]


def test_a_verdict_is_taken_back_before_the_study_hears_of_it(
    study: Study, program: Program, tasks: list[str]
) -> None:
    run = start(program, tasks[0])
    run.key(Key.Key_1, Key.Key_1)
    run.see(tasks[1])
    run.key(Key.Key_Backspace)
    run.see(tasks[0])
    assert [one["verdict"] for one in run.answers] == ["Good", "Good"]
    assert study.lab.status(tasks[0]) == "queued"
    run.key(Key.Key_Right, Key.Key_2)
    run.write("wrap")
    run.key(Key.Key_Return)
    run.see(tasks[1])
    program.pilot.click(run.view.top.leave)
    program.pilot.wait(lambda: program.page is program.window.task_list, "the task list")
    program.wait_for_uploads()
    assert [study.lab.status(task) for task in tasks] == ["done", "queued", "queued"]
    assert [one["verdict"] for one in written(study, 0)] == ["Good", "Poor"]
    assert study.lab.names("QC1") == []


def test_a_verdict_that_the_study_knows_is_corrected_and_the_reader_is_told(
    study: Study, program: Program, tasks: list[str]
) -> None:
    run, delivered = start(program, tasks[0]), list[str]()
    program.desk.delivered.connect(delivered.append)
    for following in (*tasks[1:], ""):
        run.key(Key.Key_1, Key.Key_1)
        run.see(following) if following else None
    program.pilot.wait(lambda: run.view.pictures.currentWidget() is run.view.pictures.end, "the end")
    program.pilot.wait(lambda: delivered, "the first verdict told")
    assert study.lab.status(tasks[0]) == "done"
    for task in reversed(tasks):
        run.key(Key.Key_Backspace)
        run.see(task)
    assert [text for text in run.view.messages.texts if text.startswith("The study knows your answers")]
    run.key(Key.Key_Left, Key.Key_2)
    run.write("late")
    run.key(Key.Key_Return)
    run.see(tasks[1])
    # nothing is left of what was said of the case before
    assert not [text for text in run.view.messages.texts if text.startswith("The study was told")]
    program.pilot.click(run.view.top.leave)
    program.pilot.wait(lambda: program.page is program.window.task_list, "the task list")
    program.wait_for_uploads()
    names = study.lab.names("QC0")
    assert len(names) == 2
    latest = json.loads(study.lab.read("QC0", names[-1]))["scans"]
    assert [(one["verdict"], one["note"]) for one in latest] == [("Good", None), ("Poor", "late")]


def test_a_case_that_cannot_be_opened_again_leaves_this_one_to_the_reader(
    study: Study, program: Program, tasks: list[str]
) -> None:
    run = start(program, tasks[0])
    run.key(Key.Key_1, Key.Key_1)
    run.see(tasks[1])
    study.shut("gone")
    run.key(Key.Key_Backspace)
    program.pilot.wait(lambda: any("cannot be opened again" in text for text in run.view.messages.texts), "the reason")
    run.key(Key.Key_1)
    assert [one["verdict"] for one in run.answers] == ["Good", None]
    study.shut("open")


def test_closing_the_window_in_the_middle_keeps_what_was_said(
    study: Study, program: Program, tasks: list[str]
) -> None:
    run = start(program, tasks[0])
    run.key(Key.Key_1)
    program.window.close()
    assert [study.lab.status(task) for task in tasks] == ["queued"] * 3
    assert study.lab.holder(tasks[1]) == ""


def test_any_template_with_one_choice_offers_it_second(study: Study, program: Program) -> None:
    task_id = study.lab.task("lesions")
    program.sign_in()
    program.choose(task_id)
    # the one choice among the fields of the lab's template
    assert program.window.task_list.qc_button.isVisible()
    assert program.window.task_list.qc_button.objectName() == ""
    assert program.window.task_list.next_button.objectName() == "primary"


def test_the_form_and_the_list_of_keys_of_quality_control(study: Study, program: Program, tasks: list[str]) -> None:
    run = start(program, tasks[0])
    control = Qt.KeyboardModifier.ControlModifier
    program.pilot.key(Key.Key_E, control)
    assert run.view.top.form.isChecked()
    program.pilot.key(Key.Key_E, control)
    assert not run.view.top.form.isChecked()
    # the read-out of speed has its key here, too
    run.key(Key.Key_F12)
    assert program.window.performance.isVisible()
    run.key(Key.Key_F12)
    run.key(Key.Key_Question)
    page = program.window.findChild(KeysHelp)
    assert page is not None
    program.pilot.wait(page.isVisible, "the keys")
    headings = [label.text() for label in page.findChildren(QLabel, "keysHeading")]
    assert headings[0] == "Quality control"
    caps = [label.text() for label in page.findChildren(QLabel, "keycap")]
    assert "V" in caps[:12]
    page.close()
