"""The outbox from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.workspace.lab import Lab, open_session, wait_until
from tests.workspace.made import say
from viewr.archive import xnat
from viewr.archive.xnat import XnatArchive
from viewr.model.errors import SettingsError, ViewrError
from viewr.settings import Profile, Settings
from viewr.workspace.fetch_process import FetchProcess
from viewr.workspace.outbox_command import run


def test_list_export_and_retry(lab: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: bool(desk.waiting()))
    lab.servers.switches.reset()
    profile = Profile("lab", lab.servers.supervisor_url, lab.servers.archive_url, "reader1")
    settings = Settings(profiles=(profile,))
    assert run("list", None, settings, lab.folders) == 0
    assert f"results of task {task_id} (lesions)" in capsys.readouterr().out
    out = lab.folder / "exported"
    assert run("export", out, settings, lab.folders) == 0
    assert len(list(out.glob("*/files/*lesions_*.json"))) == 1
    capsys.readouterr()
    monkeypatch.setenv("VIEWR_PASSWORD", "reader1-demo")
    assert run("retry", None, settings, lab.folders) == 0
    assert "Nothing is waiting" in capsys.readouterr().out
    assert lab.status(task_id) == "done"


def test_retry_with_an_account_of_its_own_for_the_archive(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = lab.task()
    with lab.desk() as desk:
        session = open_session(desk, task_id)
        say(session.document, 1, path="grade")
        lab.servers.switches.archive_unavailable = 1000
        session.submit()
        wait_until(lambda: bool(desk.waiting()))
    lab.servers.switches.reset()
    users: list[tuple[str, str]] = []

    class Watched(XnatArchive):
        def __init__(self, url: str, user: str, password: str, **options: Any) -> None:
            users.append((user, password))
            super().__init__(url, user, password, **options)

    def refuse(*_: object) -> None:
        raise AssertionError("no scans are fetched here")

    monkeypatch.setattr(xnat, "XnatArchive", Watched)
    monkeypatch.setattr(FetchProcess, "start", refuse)
    settings = Settings(profiles=(Profile("lab", lab.servers.supervisor_url, lab.servers.archive_url, "reader1"),))
    monkeypatch.setenv("VIEWR_PASSWORD", "reader1-demo")
    monkeypatch.setenv("VIEWR_ARCHIVE_USER", "reader2")
    with pytest.raises(SettingsError, match="no password for reader2"):
        run("retry", None, settings, lab.folders)
    monkeypatch.setenv("VIEWR_ARCHIVE_PASSWORD", "reader2-demo")
    assert run("retry", None, settings, lab.folders) == 0
    assert users == [("reader2", "reader2-demo")]
    assert lab.status(task_id) == "done"


def test_an_empty_outbox_says_so(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", None, Settings(), lab.folders) == 0
    assert capsys.readouterr().out == "Nothing is waiting to be uploaded.\n"


def test_export_needs_a_folder(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(ViewrError, match="no folder"):
        run("export", None, Settings(), lab.folders)
