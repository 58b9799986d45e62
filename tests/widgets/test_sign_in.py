"""Signing in: what is missing is named, what worked is offered again, the password is kept nowhere."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from viewr.model.errors import SignInError
from viewr.settings import Profile
from viewr.widgets.sign_in import NEW_PROFILE, SignIn

RSS = Profile("RSS", "https://tasks.example.org", "https://xnat.example.org", "reader1")


@pytest.fixture
def page(qtbot: QtBot) -> SignIn:
    page = SignIn((RSS,))
    qtbot.addWidget(page)
    page.show()
    return page


def test_a_profile_fills_everything_but_the_password(page: SignIn) -> None:
    assert (page.supervisor.text(), page.archive.text(), page.user.text()) == (RSS.supervisor, RSS.archive, RSS.user)
    assert page.password.text() == ""


def test_what_is_missing_is_named(page: SignIn, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    assert page.messages.texts == ["The password is missing."]


def test_enter_signs_in_with_what_was_typed(page: SignIn, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.password, "secret")
    with qtbot.waitSignal(page.sign_in_requested) as asked:
        qtbot.keyClick(page.password, Qt.Key.Key_Return)
    account, profile = asked.args
    assert (account.user, account.password, account.archive_user) == ("reader1", "secret", "")
    assert profile == RSS


def test_an_alias_token_for_the_archive_is_taken(page: SignIn, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.password, "secret")
    page.other_account.setChecked(True)
    qtbot.keyClicks(page.archive_user, "8f0d-alias")
    qtbot.keyClicks(page.archive_password, "token")
    with qtbot.waitSignal(page.sign_in_requested) as asked:
        page.submit()
    assert (asked.args[0].archive_user, asked.args[0].archive_password) == ("8f0d-alias", "token")


def test_a_refusal_is_said_and_the_page_is_ready_again(page: SignIn, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.password, "wrong")
    page.submit()
    assert not page.button.isEnabled()
    page.failed(SignInError("tasks.example.org refuses the user 'reader1'.", "Check user name and password."))
    assert page.button.isEnabled()
    assert page.messages.texts == ["tasks.example.org refuses the user 'reader1'."]


def test_a_new_profile_is_called_by_its_host(page: SignIn, qtbot: QtBot) -> None:
    page.profile.setCurrentText(NEW_PROFILE)
    page.supervisor.setText("https://tm.example.org/app")
    page.archive.setText("https://x.example.org")
    page.user.setText("qc1")
    page.password.setText("p")
    with qtbot.waitSignal(page.sign_in_requested) as asked:
        page.submit()
    assert asked.args[1].name == "tm.example.org"
