"""Signing in when something is in the way: one sentence with the value and what to do, and then it works."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from tests.imaging.make import stack
from tests.net.fake import FakeServer, reply
from tests.program import PAGE, Program, Study, running
from tests.workspace.lab import AFFINE, SHAPE
from viewr.settings import Settings, load_settings, user_file


@pytest.fixture
def shut_port() -> str:
    """An address where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def web_page() -> Iterator[FakeServer]:
    """A server that answers everything with a page, and good status."""
    server = FakeServer(lambda request: reply(request, 200, PAGE, "text/html"))
    yield server
    server.stop()


def refused(program: Program) -> str:
    """The one sentence of a sign-in that did not work; the form keeps what was typed."""
    page = program.window.sign_in_page
    program.pilot.wait(lambda: program.said, "a reason")
    assert program.page is page
    assert page.button.isEnabled()
    assert page.user.text()
    assert len(program.said) == 1
    return program.said[0]


def test_a_reader_who_types_everything_right_is_in(program: Program) -> None:
    program.sign_in()
    assert program.said == []
    assert program.window.task_list.count.text() == "Nothing to do. New tasks appear here after Refresh."


@pytest.mark.parametrize("which", ["supervisor", "archive"])
def test_a_server_that_is_not_there(program: Program, shut_port: str, which: str) -> None:
    program.fill_in(**{which: f"http://{shut_port}"})
    assert refused(program) == f"Nothing answers at {shut_port}. Check the address and whether the server runs."
    program.sign_in()


@pytest.mark.parametrize("which", ["supervisor", "archive"])
def test_a_server_that_answers_with_a_web_page(program: Program, web_page: FakeServer, which: str) -> None:
    program.fill_in(**{which: web_page.url})
    said = refused(program)
    assert web_page.url.removeprefix("http://") in said
    assert "a web page" in said
    assert "Check the address" in said
    program.sign_in()


def test_addresses_in_the_wrong_fields(program: Program) -> None:
    servers = program.lab.servers
    program.fill_in(supervisor=servers.archive_url, archive=servers.supervisor_url)
    said = refused(program)
    host = servers.archive_url.removeprefix("http://")
    assert said == (
        f"{host} does not answer as a task supervisor does (HTTP 401). "
        "Check that the address is that of the task supervisor."
    )


def test_something_that_is_no_address(program: Program) -> None:
    program.fill_in(supervisor="http://")
    assert "is not a web address. It looks like https://host" in refused(program)


def test_a_wrong_password(program: Program) -> None:
    program.fill_in(password="Reader1-demo")
    host = program.lab.servers.supervisor_url.removeprefix("http://")
    assert refused(program) == f"{host} refuses the name 'reader1'. Check name and password; capital letters count."
    assert program.window.sign_in_page.password.hasSelectedText()
    program.sign_in()


def test_a_wrong_password_for_the_archive_alone(program: Program) -> None:
    page = program.window.sign_in_page
    program.pilot.click(page.other_account)
    program.pilot.type(page.archive_user, "reader1")
    program.pilot.type(page.archive_password, "wrong")
    program.fill_in()
    host = program.lab.servers.archive_url.removeprefix("http://")
    assert refused(program).startswith(f"{host} refuses the name 'reader1'.")


def test_something_left_out(program: Program) -> None:
    program.pilot.click(program.window.sign_in_page.button)
    assert program.said == ["The address of the supervisor is missing."]


def test_an_account_without_a_role(program: Program) -> None:
    store = program.lab.servers.store
    user = store.user_named("reader2")
    with store.guard:
        roles, user.roles = user.roles, type(user.roles)()
    try:
        program.fill_in("reader2")
        program.pilot.wait(lambda: program.said, "a reason")
        assert len(program.said) == 1
        assert "The account 'reader2' may not do this" in program.said[0]
        assert "Ask the study's coordinator to give the account a role." in program.said[0]
    finally:
        user.roles = roles


def test_a_certificate_file_that_does_not_exist(program: Program) -> None:
    program.pilot.type(program.window.sign_in_page.ca_file, "/no/such/file.pem")
    program.fill_in()
    assert "'/no/such/file.pem'" in refused(program)


def test_the_first_start_shows_the_notice_once_and_keeps_the_servers_but_no_password(study: Study) -> None:
    with running(study.lab, Settings()) as program:
        assert program.page is program.window.notice
        program.pilot.click(program.window.notice.button)
        program.sign_in()
    kept = user_file().read_text()
    assert "reader1-demo" not in kept
    assert study.archive.url in kept
    with running(study.lab, load_settings()) as program:
        page = program.window.sign_in_page
        assert program.page is page
        assert page.supervisor.text() == study.supervisor.url
        assert page.user.text() == "reader1"
        assert page.password.text() == ""
        program.pilot.wait(page.password.hasFocus, "the cursor in the password")
        program.pilot.type(page.password, "reader1-demo")
        program.pilot.key(Qt.Key.Key_Return)
        program.pilot.wait(lambda: program.page is program.window.task_list, "signed in")


# --- without servers -------------------------------------------------------------------------------------------


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What the reader chooses when asked for a folder."""
    images = tmp_path / "images"
    images.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(images))
    return images


def test_images_of_this_machine_are_opened_from_the_sign_in_page(program: Program, folder: Path) -> None:
    stack(folder, np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE), AFFINE)
    window = program.window
    program.pilot.click(window.sign_in_page.images_button)
    program.pilot.wait(lambda: program.page is window.task_view is not None, "the images")
    assert program.view.session.read_only
    program.pilot.click(program.view.leave)
    assert program.page is window.sign_in_page
    assert window.isVisible()


def test_a_folder_without_images_is_said_on_the_sign_in_page(program: Program, folder: Path) -> None:
    program.pilot.click(program.window.sign_in_page.images_button)
    program.pilot.wait(lambda: program.said, "the reason")
    assert program.page is program.window.sign_in_page
    assert program.said[0].startswith(f"There are no files in '{folder}'")
