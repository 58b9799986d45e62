"""Messages stay in the window, one sentence each, until they are dismissed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from viewr.model.errors import ViewrError
from viewr.widgets.messages import MOST, MessageBar


def test_an_error_is_told_with_its_hint_and_dismissed_by_a_click(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.tell_error(ViewrError("The archive at xnat.example.org does not answer.", "Check the network."))
    assert bar.texts == ["The archive at xnat.example.org does not answer."]
    qtbot.mouseClick(bar.findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert bar.texts == []
    assert bar.isHidden()


def test_a_defect_is_never_shown_as_a_traceback(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.tell_error(KeyError("secret internals"))
    assert bar.texts == ["Something went wrong inside the program."]


def test_the_same_sentence_stands_once_and_old_ones_give_way(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    for number in (*range(MOST + 2), MOST + 1):
        bar.tell(f"Slice {number} is missing.")
    assert len(bar.texts) == MOST
    assert bar.texts[-1] == f"Slice {MOST + 1} is missing."


def test_many_notes_are_one_line_until_all_are_wanted(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.tell("The disk is full.", kind="error")
    for number in range(3):
        bar.tell(f"Note {number}.")
    bar.show()
    assert shown(bar) == ["The disk is full.", "Note 2."]
    more = next(button for button in bar.findChildren(QToolButton, "more") if button.isVisible())
    assert more.text() == "and 2 more …"
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert shown(bar) == ["The disk is full.", "Note 0.", "Note 1.", "Note 2."]
    bar.clear()
    bar.tell("Note 3.")
    assert shown(bar) == ["Note 3."]


def shown(bar: MessageBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible() and label.text()]
