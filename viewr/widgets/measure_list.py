"""The measures of a context: what was measured, where; to jump to, name, copy and delete."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from viewr.forms.base import plain_tip
from viewr.model.annotation import Annotation, DrawingKey
from viewr.model.measure import MEASURES, TITLES, Measure
from viewr.model.state import Change
from viewr.tools.marker import with_item, without_item
from viewr.workspace.document import Document
from viewr.workspace.frames import show_points
from viewr.workspace.localizer import show_point

#: Lines in sight at most; more scroll.
MOST_LINES = 6
_FRAME = 2
_ROLE = Qt.ItemDataRole.UserRole


def frame_word(measure: Measure) -> str:
    """The frame of a measure for a narrow column: "17", "echo 2"."""
    words = (f"{point.number}" if point.axis == "time" else f"{point.name} {point.number}" for point in measure.frames)
    return ", ".join(words)


def _figures(measure: Measure) -> str:
    """All figures but the frame, which has a column of its own."""
    own = {point.name.capitalize() for point in measure.frames}
    return ", ".join(f"{value.name} {value.text}".lstrip() for value in measure.values if value.name not in own)


class MeasureList(QTreeWidget):
    """Lists the measures of a context; nothing is seen of it while there are none.

    Parameters
    ----------
    document : Document
    context : str
        Name of the context.
    """

    def __init__(self, document: Document, context: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.key: DrawingKey = (context, MEASURES)
        self._prepare()
        self._fill()
        document.changed.connect(self._on_changed)

    def _prepare(self) -> None:
        self.setAccessibleName("Measures")
        self.setHeaderLabels(["Measure", "Value", "Frame"])
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setStretchLastSection(False)
        for column in (0, _FRAME):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setToolTip("Click goes there; F2 names it, Delete removes it")
        self.itemClicked.connect(self._go)
        self.itemActivated.connect(self._go)
        self.itemChanged.connect(self._rename)
        self.customContextMenuRequested.connect(self._open_menu)

    @property
    def measures(self) -> tuple[Measure, ...]:
        drawn = self.document.state.annotation.drawings.get(self.key, ())
        return tuple(item for item in drawn if isinstance(item, Measure))

    # --- what is shown -----------------------------------------------------------------------------------------

    def _on_changed(self, change: Change) -> None:
        before, after = (state.annotation.drawings.get(self.key) for state in (change.before, change.after))
        if before is not after:
            self._fill()
        elif change.before.look.selected != change.after.look.selected:
            self._show_selected()

    def _fill(self) -> None:
        blocker = QSignalBlocker(self)
        self.clear()
        for measure in self.measures:
            item = QTreeWidgetItem(self, [measure.title, _figures(measure), frame_word(measure)])
            item.setData(0, _ROLE, measure.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            tip = f"{TITLES[measure.kind]} on {measure.scan}" if measure.scan else TITLES[measure.kind]
            item.setToolTip(1, plain_tip(f"{tip}: {measure.text}"))
        self.setColumnHidden(_FRAME, not any(measure.frames for measure in self.measures))
        lines = min(self.topLevelItemCount(), MOST_LINES)
        height = self.header().sizeHint().height() + lines * max(20, self.sizeHintForRow(0))
        self.setFixedHeight(height + 2 * self.frameWidth() + 2)
        self.setVisible(lines > 0)
        blocker.unblock()
        self._show_selected()

    def _show_selected(self) -> None:
        selected = self.document.state.look.selected
        wanted = selected[1] if selected is not None and selected[0] == self.key else None
        blocker = QSignalBlocker(self)
        self.clearSelection()
        for row in range(self.topLevelItemCount()):
            item = self.topLevelItem(row)
            if item is not None and item.data(0, _ROLE) == wanted:
                self.setCurrentItem(item)
                item.setSelected(True)
        blocker.unblock()

    # --- what the reader asks for ------------------------------------------------------------------------------

    def _measure_of(self, item: QTreeWidgetItem | None) -> Measure | None:
        number = item.data(0, _ROLE) if item is not None else None
        return next((measure for measure in self.measures if measure.id == number), None)

    def _go(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        measure = self._measure_of(item)
        if measure is not None:
            self.document.look(selected=(self.key, measure.id))
            show_points(self.document, self.key[0], measure.scan, measure.frames)
            show_point(self.document, self.key[0], measure.points[0], measure.scan)

    def _begin_naming(self) -> None:
        item = self.currentItem()
        if item is not None:
            self.editItem(item, 0)

    def _rename(self, item: QTreeWidgetItem, _column: int) -> None:
        measure = self._measure_of(item)
        if measure is None or item.text(0).strip() == measure.title:
            return
        named = replace(measure, label=item.text(0).strip())
        self.document.edit("Name a measure", partial(with_item, key=self.key, item=named))

    def _delete(self) -> None:
        measure = self._measure_of(self.currentItem())
        if measure is not None:
            self.document.edit("Delete a measure", partial(without_item, key=self.key, item_id=measure.id))

    def _delete_all(self) -> None:
        self.document.edit("Delete all measures", self._without_any)

    def _without_any(self, annotation: Annotation) -> Annotation:
        drawings = {key: drawn for key, drawn in annotation.drawings.items() if key != self.key}
        return replace(annotation, drawings=drawings)

    def copy(self) -> None:
        """All measures as a table for the clipboard."""
        rows = ["Measure\tKind\tScan\tName\tValue\tUnit"]
        for measure in self.measures:
            for value in measure.values:
                rows.append(f"{measure.title}\t{TITLES[measure.kind]}\t{measure.scan}\t{value.name}\t{value.number:.6g}"
                            f"\t{value.unit}")  # fmt: skip
        QApplication.clipboard().setText("\n".join(rows))

    def _open_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if item is not None:
            self.setCurrentItem(item)
            menu.addAction("Go there", partial(self._go, item))
            menu.addAction("Name …\tF2", self._begin_naming)
            menu.addAction("Delete\tDel", self._delete)
            menu.addSeparator()
        menu.addAction("Copy all as a table\tCtrl+C", self.copy)
        menu.addAction("Delete all", self._delete_all)
        menu.popup(self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._delete()
        elif event.key() == Qt.Key.Key_F2:
            self._begin_naming()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
