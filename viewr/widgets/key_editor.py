"""The reader's own keys: choose an action, press the key; what is in the way is said and can be exchanged."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewr.forms.base import nested_row
from viewr.model.template import Context
from viewr.widgets import habits, keymap
from viewr.widgets.actions import ACTIONS
from viewr.widgets.fixed_keys import fixed_use
from viewr.widgets.key_profiles import KEYS
from viewr.widgets.keys_help import Row, found

_NAME = Qt.ItemDataRole.UserRole


class KeyCatcher(QPushButton):
    """While it is pressed in, the next key is taken."""

    #: the key, as Qt writes it
    caught = Signal(str)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self._text = text
        self.toggled.connect(self._show)

    def _show(self, waiting: bool) -> None:
        self.setText("Press the key …  (Esc: none)" if waiting else self._text)
        if waiting:
            self.setFocus()

    def event(self, event: QEvent) -> bool:
        if self.isChecked() and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        # Tab would go on to the next button
        if self.isChecked() and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.isChecked():
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape:
            self.setChecked(False)
        elif key := keymap.chosen(event):
            self.setChecked(False)
            self.caught.emit(key)


class KeyEditor(QWidget):
    """All actions with their keys; every change is kept and works at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        #: of the open task; its answer keys go before all others
        self.context: Context | None = None
        self._wanted: tuple[str, str, str] | None = None
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        self._build()
        self._refresh()
        keymap.notifier.changed.connect(self._refresh)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        row = nested_row(column)
        self.profile = QComboBox(self)
        self.profile.addItems(list(KEYS))
        self.profile.setAccessibleName("Profile")
        self.profile.currentTextChanged.connect(keymap.set_profile)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search: a word, or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        row.addWidget(QLabel("Keys and mouse as in", self))
        row.addWidget(self.profile)
        row.addWidget(self.search, 1)
        column.addWidget(self._make_tree(), 1)
        self._add_conflict(column)
        self._add_buttons(column)

    def _make_tree(self) -> QTreeWidget:
        tree = self.tree = QTreeWidget(self)
        tree.setColumnCount(2)
        tree.setHeaderLabels(["Action", "Keys"])
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        tree.header().setStretchLastSection(False)
        tree.setColumnWidth(1, 200)
        tree.setRootIsDecorated(False)
        tree.setIndentation(14)
        groups = self._groups
        for name, action in ACTIONS.items():
            if action.group not in groups:
                heading = groups[action.group] = QTreeWidgetItem(tree, [action.group])
                heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
                heading.setFirstColumnSpanned(True)
            item = self._items[name] = QTreeWidgetItem(groups[action.group], [action.text, ""])
            item.setData(0, _NAME, name)
        tree.expandAll()
        tree.itemSelectionChanged.connect(self._show_choice)
        return tree

    def _add_conflict(self, column: QVBoxLayout) -> None:
        row = nested_row(column)
        self.conflict = QLabel("", self)
        self.conflict.setWordWrap(True)
        self.swap = QPushButton("Exchange", self)
        self.swap.setAutoDefault(False)
        self.swap.clicked.connect(self._swap)
        self.swap.hide()
        row.addWidget(self.conflict, 1)
        row.addWidget(self.swap)

    def _add_buttons(self, column: QVBoxLayout) -> None:
        row = nested_row(column)
        self.change, self.add = KeyCatcher("New key", self), KeyCatcher("One more key", self)
        self.change.caught.connect(self._change)
        self.add.caught.connect(self._add)
        self.remove, self.reset = QPushButton("No key", self), QPushButton("As in the profile", self)
        self.reset_all = QPushButton("All as in the profile", self)
        self.remove.clicked.connect(self._remove)
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._reset_all)
        for button in (self.change, self.add, self.remove, self.reset):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.reset_all.setAutoDefault(False)
        row.addWidget(self.reset_all)
        self._show_choice()

    # --- what is shown -----------------------------------------------------------------------------------------

    @property
    def chosen(self) -> str:
        """Name of the action that is chosen; "" for none."""
        items = self.tree.selectedItems()
        return str(items[0].data(0, _NAME) or "") if items else ""

    def choose(self, name: str) -> None:
        self.tree.setCurrentItem(self._items[name])

    def _refresh(self) -> None:
        self.profile.setCurrentText(habits.habits().shortcut_profile)
        own = keymap.own_keys()
        for name, item in self._items.items():
            item.setText(1, ", ".join(keymap.key_text(key) for key in keymap.keys_of(name)))
            font = item.font(1)
            font.setBold(name in own)
            item.setFont(1, font)
        self._show_choice()

    def _show_choice(self) -> None:
        self._tell("")
        for button in (self.change, self.add, self.remove, self.reset):
            button.setEnabled(bool(self.chosen))
            if isinstance(button, KeyCatcher):
                button.setChecked(False)
        self.reset.setEnabled(self.chosen in keymap.own_keys())
        self.reset_all.setEnabled(bool(keymap.own_keys()))

    def _filter(self, text: str) -> None:
        for name, item in self._items.items():
            action = ACTIONS[name]
            item.setHidden(not found({action.group: [Row(item.text(1), action.text)]}, text))
        for group in self._groups.values():
            members = (item for item in self._items.values() if item.parent() is group)
            group.setHidden(all(item.isHidden() for item in members))

    def _tell(self, text: str, wanted: tuple[str, str, str] | None = None) -> None:
        self.conflict.setText(text)
        self._wanted = wanted
        self.swap.setVisible(wanted is not None)

    # --- what the reader does ----------------------------------------------------------------------------------

    def _change(self, key: str) -> None:
        self._give(self.chosen, key, (key,))

    def _add(self, key: str) -> None:
        self._give(self.chosen, key, tuple(dict.fromkeys((*keymap.keys_of(self.chosen), key))))

    def _give(self, name: str, key: str, keys: tuple[str, ...]) -> None:
        other = keymap.holder_of(key, name) if name else ""
        fixed = fixed_use(key, ACTIONS[name].scope == "window", self.context) if name else ""
        if fixed:
            self._tell(f"{keymap.key_text(key)} is always {fixed}; choose another key.")
        elif other:
            words = f"{keymap.key_text(key)} is the key of “{ACTIONS[other].text}” ({ACTIONS[other].group})."
            self._tell(f"{words} Exchange: it gets the key that “{ACTIONS[name].text}” has now.", (name, key, other))
        elif name:
            keymap.set_keys(name, keys)

    def _swap(self) -> None:
        if self._wanted is not None:
            keymap.exchange(*self._wanted)

    def _remove(self) -> None:
        keymap.set_keys(self.chosen, ())

    def _reset(self) -> None:
        """Back to the profile's keys; those that another action has by now are taken from it."""
        keymap.reset_keys(self.chosen)

    def _reset_all(self) -> None:
        keymap.reset_keys()
