"""All scans of a case as contact sheets: side by side, or one at a time behind its tab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from viewr.model.geometry import Orientation
from viewr.widgets.sheet_header import SheetHeader
from viewr.widgets.sheet_view import SheetView
from viewr.widgets.sheet_zoom import TileZoom
from viewr.workspace.contact_sheet import Sheet
from viewr.workspace.document import ScanKey
from viewr.workspace.jobs import Jobs

#: More scans than this begin behind tabs.
MOST_BESIDE = 4
#: The plane of the slices as they were made, then the three of the patient.
PLANES: tuple[Orientation | None, ...] = (None, "Transversal", "Coronal", "Sagittal")


@dataclass(frozen=True)
class Mark:
    """A verdict as the sheet shows it."""

    text: str = ""
    colour: QColor | None = None


class _Column(QWidget):
    """One scan: head and sheet."""

    def __init__(self, key: ScanKey, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self.header = SheetHeader(key[1], self)
        self.view = SheetView(key[1], self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.view, 1)


class SheetBoard(QWidget):
    """The sheets of a case; kept from one case to the next as long as the scans have the same names."""

    #: scan that the reader pointed out by a press
    scan_chosen = Signal(object)
    #: scan, patient position (LPS, mm), slice or frame by its place in the sheet
    tile_clicked = Signal(object, object, int)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: dict[ScanKey, _Column] = {}
        self.number = 0
        self.plane: Orientation | None = None
        self.beside = True
        self._current: frozenset[ScanKey] = frozenset()
        self._front: ScanKey | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = QTabBar(self)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs.setExpanding(False)
        self.tabs.currentChanged.connect(self._on_tab)
        column.addWidget(self.tabs)
        self._row = QHBoxLayout()
        self._row.setSpacing(2)
        column.addLayout(self._row, 1)
        self.zoom = TileZoom(jobs, self)

    # --- scans -------------------------------------------------------------------------------------------------

    def show_scans(self, keys: Sequence[ScanKey]) -> None:
        """Make room for the scans of a case."""
        self.zoom.close_now()
        if list(self.columns) == list(keys):
            return
        for column in self.columns.values():
            self._row.removeWidget(column)
            column.hide()
            column.deleteLater()
        self.columns = {}
        for key in keys:
            self._add(key)
        self.beside = len(keys) <= MOST_BESIDE
        self._fill_tabs()
        self._front = None
        self._arrange()

    def _add(self, key: ScanKey) -> None:
        column = self.columns[key] = _Column(key, self)
        column.view.number = self.number
        column.view.clicked.connect(partial(self._on_clicked, key))
        column.view.pointed.connect(partial(self.zoom.point, column.view))
        column.header.clicked.connect(partial(self._choose, key))
        self._row.addWidget(column, 1)

    def show_sheet(self, key: ScanKey, sheet: Sheet | None, message: str = "") -> None:
        """Fill in the pictures of a scan, or say why there are none."""
        column = self.columns[key]
        column.view.show_sheet(sheet, message or "Loading …")
        column.header.describe(sheet.volume.name if sheet is not None else "")

    def mark(self, marks: Mapping[ScanKey, Mark], current: Sequence[ScanKey]) -> None:
        """Show verdicts, and the scans that the next verdict is about."""
        for number, (key, column) in enumerate(self.columns.items()):
            mark = marks.get(key, Mark())
            column.header.show_verdict(mark.text, mark.colour)
            column.header.setChecked(key in current)
            self.tabs.setTabTextColor(number, mark.colour or QColor())
            self.tabs.setTabText(number, f"{key[1]}: {mark.text}" if mark.text else key[1])
        if frozenset(current) != self._current or self._front is None:
            self._current = frozenset(current)
            self._bring(next(iter(current), None))

    def show_all(self, beside: bool) -> None:
        """All scans beside each other, or one at a time."""
        self.beside = beside
        self._arrange()

    def show_number(self, number: int) -> None:
        """Show more or fewer slices of every scan; 0: as many as have room."""
        self.number = number
        for column in self.columns.values():
            column.view.show_number(number)

    @property
    def front(self) -> SheetView | None:
        """The sheet that the keys page."""
        return self.columns[self._front].view if self._front in self.columns else None

    @property
    def front_key(self) -> ScanKey | None:
        return self._front if self._front in self.columns else None

    def _bring(self, key: ScanKey | None) -> None:
        self._front = key
        self._arrange()

    def _arrange(self) -> None:
        front = self._front if self._front in self.columns else next(iter(self.columns), None)
        for key, column in self.columns.items():
            column.setVisible(self.beside or key == front)
        self.tabs.setVisible(not self.beside and len(self.columns) > 1)
        if front is not None:
            blocker = QSignalBlocker(self.tabs)
            self.tabs.setCurrentIndex(list(self.columns).index(front))
            blocker.unblock()

    def _fill_tabs(self) -> None:
        blocker = QSignalBlocker(self.tabs)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for key in self.columns:
            self.tabs.addTab(key[1])
        blocker.unblock()

    # --- what the reader does ----------------------------------------------------------------------------------

    def _on_tab(self, number: int) -> None:
        keys = list(self.columns)
        if 0 <= number < len(keys):
            self._choose(keys[number])

    def _choose(self, key: ScanKey, _checked: bool = False) -> None:
        self._bring(key)
        self.scan_chosen.emit(key)

    def _on_clicked(self, key: ScanKey, point: object, index: int) -> None:
        self.zoom.close_now()
        self._front = key
        self.tile_clicked.emit(key, point, index)
