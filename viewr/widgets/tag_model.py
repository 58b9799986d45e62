"""Rows of a tag table; personal values stay covered until the reader asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from viewr.forms.base import harmless_tip

COVERED = "•••"
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """Texts of the columns, the last of which may be personal."""

    texts: tuple[str, ...]
    personal: bool = False


class TagModel(QAbstractTableModel):
    """A table whose last column holds values."""

    def __init__(self, headers: Sequence[str], parent: Any = None) -> None:
        super().__init__(parent)
        self._headers = tuple(headers)
        self._rows: tuple[Row, ...] = ()
        self._open = False

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def show_personal(self, wanted: bool) -> None:
        """Uncover or cover personal values."""
        self.beginResetModel()
        self._open = wanted
        self.endResetModel()

    def text(self, row: int, column: int) -> str:
        """What the reader sees in a cell."""
        entry = self._rows[row]
        hidden = entry.personal and not self._open and column == len(self._headers) - 1 and entry.texts[column]
        return COVERED if hidden else entry.texts[column]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._headers)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return harmless_tip(self.text(index.row(), index.column()))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._headers[section]
        return None


class Search(QSortFilterProxyModel):
    """Rows that hold all words looked for, in any column; covered values are not searched."""

    def __init__(self, model: TagModel, parent: Any = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: tuple[str, ...] = ()
        self.setSourceModel(model)

    def look_for(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: _Index) -> bool:
        if not self._words:
            return True
        line = " ".join(self._model.text(source_row, column) for column in range(self._model.columnCount())).casefold()
        return all(word in line for word in self._words)
