"""Settings reach where they are used; a defect is told and does not hold the program up."""

from __future__ import annotations

import logging
import sys

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from tests.program import Study, running
from tests.workspace.lab import TEMPLATE, turn
from viewr.app import folders_of, make_application, report_defects
from viewr.settings import Settings
from viewr.widgets import task_view

SEEN = {"research_notice_seen": True}


def test_tasks_for_another_program_that_this_one_stands_in_for(study: Study) -> None:
    lab = study.lab
    lab.servers.create_template("lesions", TEMPLATE)
    task_id = str(lab.servers.create_task("lesions", lab.content(), users=("reader1",), application_name="OldViewR"))
    with running(lab, Settings(application_names=("ViewR", "OldViewR"), **SEEN)) as program:
        program.sign_in()
        program.open(task_id)


def test_opengl_where_it_is_asked_for(study: Study) -> None:
    task_id = study.lab.task()
    with running(study.lab, Settings(renderer="gl", **SEEN)) as program:
        program.sign_in()
        program.open(task_id)
        assert program.said == []
        assert {port.renderer.name for port in program.view.grids["default"].viewports.values()} == {"gl"}
        assert program.stroke() > 0


def test_the_size_of_the_cache() -> None:
    assert folders_of(Settings(cache_gb=0.5)).cache_bytes == 2**29


def test_what_was_fetched_goes_when_the_cache_is_full(study: Study) -> None:
    from dataclasses import replace

    task_id = study.lab.task()
    folders = replace(study.lab.folders, cache_bytes=0)
    with running(study.lab, folders=folders) as program:
        program.sign_in()
        program.open(task_id)
        assert program.view.session.failed == {}


@pytest.mark.parametrize(("theme", "dark"), [("dark", True), ("light", False)])
def test_the_theme(qapp: QApplication, theme: str, dark: bool) -> None:
    make_application(Settings(theme=theme))  # type: ignore[arg-type]
    assert (qapp.palette().color(QPalette.ColorRole.Window).lightness() < 128) == dark


def test_a_defect_while_a_task_is_being_built(
    study: Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect of ours")

    task_id = study.lab.task()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with running(study.lab) as program:
        report_defects(program.window)
        program.sign_in()
        build = task_view.build_layout
        monkeypatch.setattr(task_view, "build_layout", broken)
        program.press_open(task_id)
        assert program.page is program.window.task_list
        assert program.said == [
            "Something went wrong inside the program. "
            "Your work is kept. The log file tells more; please report it."
        ]
        assert [record.levelno for record in caplog.records if record.levelno >= logging.ERROR] == [logging.CRITICAL]
        assert "a defect of ours" in capsys.readouterr().err
        monkeypatch.setattr(task_view, "build_layout", build)
        program.pilot.wait(lambda: study.lab.holder(task_id) == "", "the lock given back")
        program.open(task_id)


def test_a_defect_in_the_background(
    study: Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from viewr.workspace import desk

    def broken(*_: object) -> None:
        raise KeyError("a defect of ours")

    with running(study.lab) as program:
        program.sign_in()
        lists = desk._list_tasks
        monkeypatch.setattr(desk, "_list_tasks", broken)
        program.pilot.click(program.window.task_list.reload)
        program.pilot.wait(lambda: program.said, "what is wrong")
        assert program.said[0].startswith("Something went wrong inside the program.")
        monkeypatch.setattr(desk, "_list_tasks", lists)
        program.refresh()
        assert program.said == []
        turn(1)
    assert "defect in background work" in caplog.text
