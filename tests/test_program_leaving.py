"""Leaving, saving and submitting take what was typed with them, and go out once."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.program import Program, Study, running
from tests.workspace.lab import TEMPLATE
from viewr.workspace import task_session
from viewr.workspace.submit import deliver

TALK = "  talk: {control: ConversationWidget, label: Talk, x: 0, y: 7}\n"


def task_with_talk(study: Study) -> str:
    study.lab.servers.create_template("talk", TEMPLATE.replace("template_name: lesions", "template_name: talk") + TALK)
    return str(study.lab.servers.create_task("talk", study.lab.content(), users=("reader1",)))


def said(program: Program) -> list[str]:
    answers = program.view.session.document.state.annotation.answers["default"]
    return [message["text"] for message in answers.get("talk") or ()]


def test_a_message_that_was_not_added_is_kept_on_leaving_and_saving(program: Program, study: Study) -> None:
    task_id = task_with_talk(study)
    program.sign_in()
    program.open(task_id)
    program.reader.write("talk", "see slice 4")
    program.leave()
    program.open(task_id)
    assert said(program) == ["see slice 4"]
    program.reader.write("talk", "and 5")
    program.pilot.click(program.view.save)
    assert said(program) == ["see slice 4", "and 5"]


def test_a_message_that_was_not_added_is_kept_on_closing_the_window(study: Study) -> None:
    task_id = task_with_talk(study)
    with running(study.lab) as program:
        program.sign_in()
        program.open(task_id)
        program.reader.write("talk", "see slice 4")
    with running(study.lab) as program:
        program.sign_in()
        program.open(task_id)
        assert said(program) == ["see slice 4"]


def test_nothing_is_handed_back_while_results_are_written(
    program: Program, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slowly(*arguments: Any) -> str:
        assert go_on.wait(10)
        return deliver(*arguments)

    monkeypatch.setattr(task_session, "deliver", slowly)
    task_id = study.lab.task()
    program.sign_in()
    view = program.open(task_id)
    program.reader.choose("grade", 1)
    view.give_back_action.trigger()
    program.pilot.type(view.hand_back.note, "cut off")
    program.pilot.click(view.submit)
    try:
        assert not view.hand_back.isVisible()
        assert not view.give_back_action.isEnabled()
        view.give_back_action.trigger()
        assert not view.hand_back.isVisible()
    finally:
        go_on.set()
    program.pilot.wait(lambda: program.window.task_view is None, "the results in the outbox")
    program.wait_for_uploads()
    assert study.lab.status(task_id) == "done"
    assert [name for name in study.lab.names("VIEWR") if name.startswith("handback")] == []
