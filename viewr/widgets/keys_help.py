"""All keys on one page, made from the table of actions; with the template's own answer keys where a task is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row
from viewr.model.template import Context
from viewr.widgets import habits, keymap
from viewr.widgets.actions import ACTIONS
from viewr.widgets.fixed_keys import FIXED, answer_texts, single_keys
from viewr.widgets.key_profiles import MOUSE, MOUSE_TEXTS
from viewr.widgets.qc_keys import COMMAND_TEXTS

#: The windows on digits, which are one line of the list as long as they are.
WINDOWS = tuple(f"window.{digit}" for digit in range(1, 10))
#: Logical pixels that a column wants.
COLUMN = 300
_QC = "Quality control"


@dataclass(frozen=True)
class Row:
    """A line of the list: what is pressed, and what it does."""

    keys: str
    text: str


def answer_rows(context: Context) -> list[Row]:
    """The keys that the template prints on its answers."""
    return [Row(keymap.key_text(key), text) for key, text in answer_texts(context).items()]


def key_groups(context: Context | None = None, commands: Mapping[str, str] | None = None) -> dict[str, list[Row]]:
    """All keys by their headings, as they are for this reader; first those of what is on the screen.

    Parameters
    ----------
    context : Context, optional
        Of the open task, for the keys of its answers.
    commands : mapping, optional
        In quality control: the keys of its commands, see `qc_keys.command_keys`.
    """
    groups: dict[str, list[Row]] = {}
    if context is not None and (rows := answer_rows(context)):
        groups["Answers of this task"] = rows
    if commands is not None:
        own = [Row(keymap.key_text(key.upper()), COMMAND_TEXTS[name]) for name, key in commands.items() if key]
        groups[_QC] = own + [Row(keys, text) for keys, text in FIXED[_QC].items()]
    digits = _digits()
    for name, action in ACTIONS.items():
        keys = ", ".join(keymap.key_text(key) for key in keymap.keys_of(name))
        if digits and name in WINDOWS:
            if name == WINDOWS[0]:
                held = digits.strip()
                groups[action.group].append(Row(f"{held}1 to {held}9", "The windows of the menu"))
        elif keys:
            groups.setdefault(action.group, []).append(Row(keys, action.text))
    for what, does in MOUSE[habits.habits().shortcut_profile].items():
        groups.setdefault("Mouse", []).append(Row(_mouse_text(what), MOUSE_TEXTS[does]))
    for heading, lines in FIXED.items():
        if heading not in groups:
            groups[heading] = [Row(keys, text) for keys, text in lines.items()]
    return groups


def _digits() -> str:
    """What is held for the digits to choose windows, with a "+"; " " for nothing; "" if they are not all digits."""
    first = keymap.keys_of(WINDOWS[0])
    held = first[0][:-1] if len(first) == 1 else None
    alike = all(keymap.keys_of(name) == (f"{held}{number}",) for number, name in enumerate(WINDOWS, 1))
    return (held or " ") if alike and held is not None else ""


def _mouse_text(what: str) -> str:
    held, _, button = what.rpartition("+")
    words = "Wheel" if button == "wheel" else f"{button.capitalize()} button"
    return "+".join([*(part.capitalize() for part in held.split("+") if part), words])


class KeyColumns(QWidget):
    """Groups of keys in as many columns as there is room for, filled evenly."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 12, 12)
        self._row.setSpacing(28)
        self._columns: list[QWidget] = []

    def show_groups(self, groups: dict[str, list[Row]], columns: int) -> None:
        for column in self._columns:
            self._row.removeWidget(column)
            column.hide()
            column.deleteLater()
        self._columns = []
        for titles in shared_out({title: len(rows) + 2 for title, rows in groups.items()}, columns):
            column = QWidget(self)
            self._columns.append(column)
            self._row.addWidget(column, 1, Qt.AlignmentFlag.AlignTop)
            _fill(column, {title: groups[title] for title in titles})
            column.show()


def _fill(column: QWidget, groups: dict[str, list[Row]]) -> None:
    grid = QGridLayout(column)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    for title, rows in groups.items():
        heading = QLabel(title, column)
        heading.setObjectName("keysHeading")
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for row in rows:
            line = grid.rowCount()
            keys, text = QLabel(row.keys, column), QLabel(row.text, column)
            for label in (keys, text):
                label.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            keys.setObjectName("keycap")
            grid.addWidget(keys, line, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(text, line, 1)


def shared_out(sizes: dict[str, int], columns: int) -> list[list[str]]:
    """The groups, in their order, on columns of about the same height."""
    shared: list[list[str]] = [[]]
    room = sum(sizes.values()) / max(columns, 1)
    filled = 0.0
    for title, size in sizes.items():
        if shared[-1] and filled + size / 2 > room * len(shared) and len(shared) < columns:
            shared.append([])
        shared[-1].append(title)
        filled += size
    return shared


class KeysHelp(QDialog):
    """The page of keys; typing searches, Esc closes.

    Parameters
    ----------
    context : Context, optional
        Of the open task, for its answer keys.
    commands : mapping, optional
        Those of quality control, see `key_groups`.
    """

    def __init__(
        self, parent: QWidget | None = None, context: Context | None = None,
        commands: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys and mouse")
        self._context, self._commands = context, commands
        self._column_count = 0
        self._build()
        keymap.notifier.changed.connect(self._show)
        if parent is not None:
            self._cover(parent)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        row = nested_row(column)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search: a word, or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        self.profile = QLabel("", self)
        self.profile.setObjectName("quiet")
        self.change = QPushButton("Change keys …", self)
        self.change.setAutoDefault(False)
        self.change.clicked.connect(self._change)
        row.addWidget(self.search, 1)
        row.addWidget(self.profile)
        row.addWidget(self.change)
        self.columns = KeyColumns(self)
        area = self._area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.columns)
        column.addWidget(area, 1)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)

    def _cover(self, parent: QWidget) -> None:
        """Most of the window, not more than the lines need."""
        window = parent.window()
        size = window.size()
        wanted = QSize(min(size.width() - 80, 4 * COLUMN + 160), size.height() - 80)
        corner = QPoint((size.width() - wanted.width()) // 2, (size.height() - wanted.height()) // 2)
        self.setGeometry(QRect(window.mapToGlobal(corner), wanted))

    def _show(self, _text: str = "") -> None:
        self.profile.setText(f"Profile: {habits.habits().shortcut_profile}")
        self._column_count = max(1, min(4, (self.width() - 40) // COLUMN))
        groups = found(key_groups(self._context, self._commands), self.search.text())
        self.columns.show_groups(groups, self._column_count)

    def _change(self) -> None:
        from viewr.widgets.settings_dialog import open_settings

        open_settings(self.parentWidget() or self, keys=True, context=self._context)

    def resizeEvent(self, event: object) -> None:
        if self._column_count != max(1, min(4, (self.width() - 40) // COLUMN)):
            self._show()


def found(groups: dict[str, list[Row]], text: str) -> dict[str, list[Row]]:
    """The lines that have all words of a search, in the text, the heading or as the key itself."""
    words = text.casefold().split()
    kept = {
        title: [row for row in rows if all(_matches(row, title, word) for word in words)]
        for title, rows in groups.items()
    }
    return {title: rows for title, rows in kept.items() if rows}


def _matches(row: Row, title: str, word: str) -> bool:
    # a single letter is a key: as a part of words it would be everywhere
    if len(word) == 1:
        return word in (key.casefold() for key in single_keys(row.keys))
    return word in f"{row.keys} {row.text} {title}".casefold()


def open_keys(
    window: QWidget, context: Context | None = None, commands: Mapping[str, str] | None = None
) -> KeysHelp:
    """Show the page; asked for again, the one that is open comes to the front."""
    page = window.findChild(KeysHelp)
    if page is None:
        page = KeysHelp(window, context, commands)
    page.show()
    page.raise_()
    page.search.setFocus()
    return page
