"""What the keys do in quality control: they come here before whatever has the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from viewr.widgets.key_names import key_names
from viewr.widgets.qc_keys import is_typing

if TYPE_CHECKING:
    from viewr.widgets.qc_view import QcView

Key = Qt.Key
_SPECIAL = (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
            | Qt.KeyboardModifier.MetaModifier)  # fmt: skip


def take_key(view: QcView, event: QKeyEvent) -> bool:
    """Do what a key stands for; False if it is meant for what has the focus."""
    focus = QApplication.focusWidget()
    if event.modifiers() & _SPECIAL or (focus is not None and not view.isAncestorOf(focus)):
        return False
    if is_typing(focus):
        return _leave_text(view, event, focus is view.bar.note)
    if view.case is None:
        return _without_case(view, event)
    if _judge(view, event) or _command(view, event):
        return True
    in_form = view.side is not None and focus is not None and view.side.isAncestorOf(focus)
    return not in_form and _walk(view, event)


def _leave_text(view: QcView, event: QKeyEvent, in_note: bool) -> bool:
    if event.key() != Key.Key_Escape or in_note:
        return False
    view.pictures.take_keys()
    return True


def _without_case(view: QcView, event: QKeyEvent) -> bool:
    """While the next case is waited for, and when all is done."""
    if event.key() == Key.Key_Backspace:
        if not event.isAutoRepeat():
            view.go_back()
        return True
    if event.key() in (Key.Key_Return, Key.Key_Enter) and view.pictures.currentWidget() is view.pictures.end:
        view.leave()
        return True
    return False


def _judge(view: QcView, event: QKeyEvent) -> bool:
    """Verdicts and tags; a key that is held down counts once."""
    subject = view.case.current if view.case is not None else None
    for name in key_names(event) if subject is not None else ():
        assert subject is not None
        option = next((one for one in subject.form.options if one.key == name), None)
        tag = next((one for one in subject.form.tags if one.key == name), None)
        if (option is not None or tag is not None) and event.isAutoRepeat():
            return True
        if option is not None:
            view.give(option)
            return True
        if tag is not None:
            view.cycle(tag)
            return True
    return False


def _command(view: QcView, event: QKeyEvent) -> bool:
    """Keys printed on the buttons that are not answers."""
    if event.key() == Key.Key_Backspace and not _draws(view):
        if not event.isAutoRepeat():
            view.go_back()
        return True
    commands: dict[str, Callable[[], None]] = {
        "later": view.put_aside, "full": view.pictures.toggle_full, "note": view.bar.note.setFocus,
        "place": view.bar.place.toggle, "plane": view.pictures.next_plane, "beside": view.pictures.toggle_beside,
    }  # fmt: skip
    for name in key_names(event):
        command = next((command for command, key in view.keys.items() if key == name), "")
        if command:
            if not event.isAutoRepeat() and _offered(view, command):
                commands[command]()
            return True
    return False


def _offered(view: QcView, command: str) -> bool:
    """Whether there is something for a command to do."""
    parts = {"note": view.bar.note, "place": view.bar.place, "beside": view.top.beside}
    return command not in parts or not parts[command].isHidden()


def _draws(view: QcView) -> bool:
    """Whether a tool of the viewports wants the key."""
    return view.pictures.is_full and view.session is not None and view.session.document.state.look.target is not None


def _walk(view: QcView, event: QKeyEvent) -> bool:
    """Between sheets and viewports, between scans, through a sheet."""
    key = Key(event.key())
    if key in (Key.Key_Return, Key.Key_Enter):
        if view.case is not None and view.case.note_owed:
            view.bar.note.setFocus()
        elif not event.isAutoRepeat():
            view.pictures.toggle_full()
        return True
    if key == Key.Key_Escape:
        return _escape(view)
    if key in (Key.Key_Left, Key.Key_Right) and view.case is not None and len(view.case.subjects) > 1:
        view.step_scan(1 if key == Key.Key_Right else -1)
        return True
    return not view.pictures.is_full and _scroll(view, key)


def _escape(view: QcView) -> bool:
    if view.case is not None and view.case.note_owed:
        view.give_up_note()
    elif view.pictures.placing:
        view.pictures.stop_placing()
    elif view.pictures.is_full:
        if view.pictures.enlarged is not None and not view.pictures.enlarged.put_down():
            view.pictures.show_sheets()
    else:
        view.board.zoom.close_now()
    return True


def _scroll(view: QcView, key: Qt.Key) -> bool:
    """The keys of the contact sheet."""
    sheet = view.board.front
    if sheet is None:
        return False
    bar = sheet.verticalScrollBar()
    steps = {Key.Key_Up: -bar.singleStep(), Key.Key_Down: bar.singleStep(), Key.Key_PageUp: -bar.pageStep(),
             Key.Key_PageDown: bar.pageStep(), Key.Key_Space: bar.pageStep()}  # fmt: skip
    if key in steps:
        bar.setValue(bar.value() + steps[key])
    elif key in (Key.Key_Home, Key.Key_End):
        sheet.scroll_to(key == Key.Key_End)
    elif key in (Key.Key_Plus, Key.Key_Equal):
        view.pictures.change_number(1)
    elif key == Key.Key_Minus:
        view.pictures.change_number(-1)
    else:
        return False
    return True
