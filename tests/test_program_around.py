"""Around the task: who holds it, looking only, open next, handing back, drafts, searching, a list that is stale."""

from __future__ import annotations

import json

from PySide6.QtCore import QPoint, Qt

from tests.program import Program, Study, running
from tests.workspace.lab import TEMPLATE, Lab

BOTH = ("reader1", "reader2")


def test_a_task_that_another_reader_holds(program: Program, study: Study) -> None:
    task_id = study.lab.task(users=BOTH)
    study.lab.supervisor("reader2").take_lock(task_id)
    program.sign_in()
    assert program.cell(task_id, "Held by") == "reader2"
    program.choose(task_id)
    listing = program.window.task_list
    assert not listing.open_button.isEnabled()
    assert listing.why.text() == "reader2 is working on it; it can be opened to look at."
    program.press_look(task_id)
    view = program.view
    assert view.session.read_only
    assert view.status.text() == "Read-only: reader2 is working on it"
    for button in (view.save, view.submit, view.submit_next):
        assert not button.isVisible()
    before = view.session.document.state.annotation
    assert program.stroke() == 0
    program.pilot.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    program.pilot.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    program.pilot.click(view)
    assert view.session.document.state.annotation == before
    assert view.session.document.stack.count() == 0
    program.leave()
    assert study.lab.holder(task_id) == "reader2"
    assert list(study.lab.folders.journals.glob("*")) == []
    study.lab.supervisor("reader2").release_lock(task_id)
    program.refresh()
    assert program.cell(task_id, "Held by") == ""
    program.open(task_id)


def test_a_form_that_is_only_looked_at_takes_no_answers(program: Program, study: Study) -> None:
    task_id = study.lab.task(users=BOTH)
    study.lab.supervisor("reader2").take_lock(task_id)
    program.sign_in()
    program.press_look(task_id)
    before = program.view.session.document.state.annotation
    program.say("not mine")
    program.pilot.click(program.reader.control("box/sure"))
    assert program.view.session.document.state.annotation == before


def test_a_list_that_is_stale(program: Program, study: Study) -> None:
    """Meanwhile somebody took the one task, and finished the other."""
    taken, done = study.lab.task(users=BOTH), study.lab.task(users=BOTH)
    program.sign_in()
    study.lab.supervisor("reader2").take_lock(taken)
    study.lab.supervisor("reader2").set_status(done, "done")
    program.press_open(taken)
    assert program.page is program.window.task_list
    assert len(program.said) == 1, program.said
    assert program.said[0].startswith(f"Task {taken} is locked by 'reader2'.")
    assert program.listed() == [taken]


def test_a_task_that_was_finished_meanwhile(program: Program, study: Study) -> None:
    done = study.lab.task(users=BOTH)
    program.sign_in()
    study.lab.supervisor("reader2").set_status(done, "done")
    program.press_open(done)
    assert len(program.said) == 1, program.said
    assert f"Task {done} is 'done', not queued." in program.said[0]
    assert program.listed() == []


def test_open_next_passes_over_what_others_hold(program: Program, study: Study) -> None:
    first, second, third = (study.lab.task(users=BOTH) for _ in range(3))
    study.lab.supervisor("reader2").take_lock(first)
    program.sign_in()
    program.press_next()
    assert program.view.session.identity.id == second
    program.reader.choose("grade", 1)
    view = program.view
    program.pilot.click(view.submit_next)
    program.pilot.wait(lambda: program.window.task_view not in (view, None), "the next task")
    program.pilot.wait(lambda: program.page is program.window.task_view, "the next task shown")
    assert program.view.session.identity.id == third
    program.pilot.wait(lambda: program.view.session.is_ready, "its scans")
    program.leave()
    program.wait_for_uploads()
    assert study.lab.status(second) == "done"


def test_open_next_when_nothing_is_left(program: Program, study: Study) -> None:
    only = study.lab.task(users=BOTH)
    study.lab.supervisor("reader2").take_lock(only)
    program.sign_in()
    program.press_next()
    assert program.page is program.window.task_list
    assert len(program.said) == 1, program.said
    assert program.said[0].startswith("No task is left that you can open.")


# --- handing back ----------------------------------------------------------------------------------------------


def hand_back(program: Program, note: str, nobody: bool = False) -> None:
    """As the menu's entry does; menus have an event loop of their own, so it is triggered."""
    view = program.view
    view.give_back_action.trigger()
    program.pilot.wait(view.hand_back.isVisible, "the question why")
    assert not view.hand_back.button.isEnabled()
    program.pilot.type(view.hand_back.note, note)
    if nobody:
        program.pilot.click(view.hand_back.abort, QPoint(8, view.hand_back.abort.height() // 2))
    program.pilot.click(view.hand_back.button)
    program.pilot.wait(lambda: program.window.task_view is None, "the task handed back")
    program.wait_for_uploads()


def handed_back(lab: Lab) -> dict:
    found = [name for name in (*lab.names("FIELDS"), *lab.names("VIEWR")) if name.startswith("handback_")]
    (name,) = found
    label = "FIELDS" if name in lab.names("FIELDS") else "VIEWR"
    return json.loads(lab.read(label, name))


def test_handing_back_leaves_the_task_to_others(program: Program, study: Study) -> None:
    task_id = study.lab.task(users=BOTH)
    program.sign_in()
    program.open(task_id)
    program.stroke()
    hand_back(program, "The FLAIR is of another day")
    assert program.page is program.window.task_list
    note = handed_back(study.lab)
    assert note["note"] == "The FLAIR is of another day"
    assert note["user"] == "reader1"
    assert study.lab.status(task_id) == "queued"
    assert study.lab.holder(task_id) == ""


def test_a_task_that_nobody_can_do(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    hand_back(program, "No contrast", nobody=True)
    assert study.lab.status(task_id) == "aborted"
    assert study.lab.holder(task_id) == ""
    assert handed_back(study.lab)["status"] == "aborted"
    program.refresh()
    assert program.listed() == []


def test_handing_back_a_task_whose_scans_are_missing(program: Program, study: Study) -> None:
    task_id = study.lab.task(scans={"T1": "scans/9/resources/DICOM", "FLAIR": "scans/8/resources/DICOM"})
    program.sign_in()
    program.open(task_id)
    hand_back(program, "Nothing to see")
    assert handed_back(study.lab)["note"] == "Nothing to see"
    assert study.lab.status(task_id) == "queued"


def test_thinking_better_of_it(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    program.view.give_back_action.trigger()
    program.pilot.click(program.view.hand_back.cancel_button)
    assert not program.view.hand_back.isVisible()
    assert program.stroke() > 0


# --- drafts ----------------------------------------------------------------------------------------------------


def test_a_draft_is_resumed_with_strokes_answers_and_undo(program: Program, study: Study) -> None:
    task_id = study.lab.task()
    program.sign_in()
    program.open(task_id)
    painted = program.stroke()
    program.say("half of it")
    program.pilot.click(program.view.save)
    assert program.view.status.text() == "Draft kept"
    program.leave()
    program.wait_for_list()
    assert program.cell(task_id, "Remark") == "Draft on this machine"
    assert study.lab.holder(task_id) == ""
    program.choose(task_id)
    assert program.window.task_list.open_button.text() == "Resume"
    program.open(task_id)
    assert program.said == ["The task is as you left it; undo reaches back to where you began."]
    assert program.voxels == painted > 0
    assert program.comment == "half of it"
    assert program.reader.control("comment").value() == "half of it"
    program.pilot.click(program.reader.viewport("left"), button=Qt.MouseButton.MiddleButton)
    for _ in range(30):
        program.pilot.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert program.voxels == 0
    assert not program.comment


def test_a_draft_is_offered_at_the_next_start(study: Study) -> None:
    task_id = study.lab.task()
    with running(study.lab) as program:
        program.sign_in()
        program.open(task_id)
        painted = program.stroke()
    assert study.lab.holder(task_id) == ""
    with running(study.lab) as program:
        program.sign_in()
        assert program.cell(task_id, "Remark") == "Draft on this machine"
        program.pilot.wait(lambda: program.said, "a word about the draft")
        assert program.said == [f"Task {task_id} holds work that is only on this machine; open it to go on."]
        program.open(task_id)
        assert program.voxels == painted


# --- the list --------------------------------------------------------------------------------------------------


def test_searching_and_filtering(program: Program, study: Study) -> None:
    lab = study.lab
    lab.servers.create_template("lesions", TEMPLATE)
    lab.servers.create_template("other", TEMPLATE)
    made = [
        str(lab.servers.create_task(template, lab.content(), users=("reader1",), tags=tags))
        for template, tags in (("lesions", ("urgent",)), ("other", ("urgent", "second")), ("other", ()))
    ]
    program.sign_in()
    tasks = program.window.task_list
    assert program.listed() == made
    assert tasks.count.text() == "3 to do"
    program.pilot.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    for key in (Qt.Key.Key_O, Qt.Key.Key_T, Qt.Key.Key_H):
        program.pilot.key(key)
    assert program.listed() == made[1:]
    assert tasks.count.text() == "2 of 3"
    tasks.tags.setFocus()
    program.pilot.key(Qt.Key.Key_End)
    assert tasks.tags.currentText() == "urgent"
    assert program.listed() == [made[1]]
    program.refresh()
    assert tasks.tags.currentText() == "urgent"
    assert program.listed() == [made[1]]
    tasks.search.clear()
    tasks.tags.setFocus()
    program.pilot.key(Qt.Key.Key_Home)
    assert program.listed() == made


def test_a_task_for_another_program_says_why_it_is_greyed(program: Program, study: Study) -> None:
    lab = study.lab
    lab.servers.create_template("lesions", TEMPLATE)
    task_id = str(lab.servers.create_task("lesions", lab.content(), users=("reader1",), application_name="Slicer"))
    program.sign_in()
    program.choose(task_id)
    assert "Slicer" in program.window.task_list.why.text()
    assert not program.window.task_list.open_button.isEnabled()


def test_details_come_as_rows_come_into_sight(program: Program, study: Study) -> None:
    lab = study.lab
    lab.servers.create_template("lesions", TEMPLATE)
    made = [str(lab.servers.create_task("lesions", lab.content(), users=("reader1",))) for _ in range(60)]
    program.fill_in()
    tasks = program.window.task_list
    program.pilot.wait(lambda: program.page is tasks and len(program.listed()) == 60, "the tasks")
    program.pilot.wait(lambda: tasks.table.details(made[0]) is not None, "details of the first")
    assert tasks.table.details(made[-1]) is None
    tasks.view.setFocus()
    program.pilot.key(Qt.Key.Key_End)
    program.pilot.key(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    program.pilot.wait(lambda: tasks.table.details(made[-1]) is not None, "details of the last")
    assert tasks.table.details(made[30]) is None
    program.pilot.type(tasks.search, "SUBJ01")
    program.pilot.wait(lambda: len(program.listed()) == 60, "every task of the case found")
