"""The pictures of a case in quality control: contact sheets, and the viewports over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from viewr.model.geometry import PLANE_NAMES
from viewr.widgets.qc_enlarged import QcEnlarged
from viewr.widgets.qc_top import QcEnd, QcWaiting
from viewr.widgets.sheet_board import PLANES, SheetBoard
from viewr.workspace.contact_sheet import ContactSheets, sheets_of

if TYPE_CHECKING:
    from viewr.model.annotation import DrawingKey
    from viewr.model.errors import ViewrError
    from viewr.model.geometry import Orientation
    from viewr.model.marker import Point
    from viewr.workspace.document import ScanKey
    from viewr.workspace.jobs import Jobs
    from viewr.workspace.task_session import TaskSession


class QcPictures(QStackedWidget):
    """Shows sheets or viewports of the session; or that there is nothing to show.

    Attributes
    ----------
    placing : bool
        The next click says where it is.
    """

    #: the reader pressed a scan
    scan_chosen = Signal(object)
    #: scan, patient position (LPS, mm) where the reader says that it is, and the frame; None where tiles are slices
    placed = Signal(object, object, object)
    #: other slices, another plane, sheets or viewports
    changed = Signal()
    #: a sentence that the reader should see
    notice = Signal(str)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.session: TaskSession | None = None
        self.enlarged: QcEnlarged | None = None
        self.placing = False
        self._sheets: ContactSheets | None = None
        self._full_scan: ScanKey | None = None
        self.waiting = QcWaiting(self)
        self.board = SheetBoard(jobs, self)
        self.end = QcEnd(self)
        for page in (self.waiting, self.board, self.end):
            self.addWidget(page)
        self.board.scan_chosen.connect(self.scan_chosen)
        self.board.tile_clicked.connect(self._on_tile)

    # --- the case ----------------------------------------------------------------------------------------------

    def open_case(self, session: TaskSession, keys: Sequence[ScanKey]) -> None:
        """Show the scans of a session as contact sheets."""
        self.session, self._sheets = session, sheets_of(session, self._jobs)
        self._listen(session, self._sheets, on=True)
        self.board.show_scans(keys)
        self.fill()
        self.setCurrentWidget(self.board)

    def close_case(self) -> None:
        """Show the session no more."""
        self.stop_placing()
        self.board.zoom.close_now()
        if self.session is None or self._sheets is None:
            return
        self._listen(self.session, self._sheets, on=False)
        if self.enlarged is not None:
            self.enlarged.hide()
            self.enlarged.deleteLater()
        self.session = self.enlarged = self._sheets = self._full_scan = None

    def _listen(self, session: TaskSession, sheets: ContactSheets, *, on: bool) -> None:
        for signal, slot in (
            (session.scan_ready, self._fill_one), (session.scan_failed, self._on_scan_failed),
            (session.progress, self._on_loading), (sheets.made, self._on_sheet),
        ):  # fmt: skip
            if on:
                signal.connect(slot)
            else:
                signal.disconnect(slot)

    def fill(self) -> None:
        """Show what there is of every scan."""
        for key in self.board.columns:
            self._fill_one(key)
        self.changed.emit()

    def _fill_one(self, key: ScanKey) -> None:
        if self.session is None or self._sheets is None or key not in self.board.columns:
            return
        failure = self.session.failed.get(key)
        if failure is not None:
            self.board.show_sheet(key, None, f"{failure.message} {failure.hint}".strip())
        elif key in self.session.document.unavailable:
            self.board.show_sheet(key, None, "This session has no such scan.")
        else:
            self.board.show_sheet(key, self._sheets.sheet(key, self.board.plane))
        self.changed.emit()

    def _on_sheet(self, name: tuple[ScanKey, Orientation | None]) -> None:
        if name[1] == self.board.plane:
            self._fill_one(name[0])

    def _on_scan_failed(self, key: ScanKey, _error: ViewrError) -> None:
        if self.session is not None:
            self.session.document.unavailable.add(key)
            self._fill_one(key)

    def _on_loading(self, key: ScanKey, done: int, total: int) -> None:
        column = self.board.columns.get(key)
        if column is not None and column.view.sheet is None and done < total:
            column.view.show_sheet(None, f"Loading {key[1]}: {done} of {total} …")

    def unseen(self, keys: Iterable[ScanKey]) -> bool:
        """Whether one of these scans is still to come."""
        if self.session is None:
            return False
        gone = self.session.failed.keys() | self.session.document.unavailable
        shown = [(key, self.board.columns[key].view) for key in keys if key in self.board.columns]
        return any(view.sheet is None and key not in gone for key, view in shown)

    def unpainted(self, keys: Iterable[ScanKey]) -> bool:
        """Whether the pictures of one of these scans are there, but have not come to the screen yet."""
        views = [self.board.columns[key].view for key in keys if key in self.board.columns]
        return any(view.sheet is not None and view.isVisible() and not view.painted for view in views)

    # --- sheets ------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> tuple[int, int, str, str]:
        """Slices shown and in all of the current scan, what they are, and their plane."""
        view = self.board.front
        sheet = view.sheet if view is not None else None
        noun = "frame" if sheet is not None and sheet.frames else "slice"
        count = sheet.count if sheet is not None else 0
        plane = PLANE_NAMES[self.board.plane] if self.board.plane else "As made"
        return len(view.indices) if view is not None else 0, count, noun, plane

    def change_number(self, step: int) -> None:
        """Show more or fewer slices of each scan."""
        if self.board.front is not None:
            self.board.show_number(self.board.front.next_number(step))
            self.changed.emit()

    def next_plane(self) -> None:
        """Slices along another plane of the patient, in turn."""
        self.board.plane = PLANES[(PLANES.index(self.board.plane) + 1) % len(PLANES)]
        self.fill()

    def toggle_beside(self) -> None:
        """All scans beside each other, or one at a time."""
        self.board.show_all(not self.board.beside)
        self.changed.emit()

    # --- viewports ---------------------------------------------------------------------------------------------

    @property
    def is_full(self) -> bool:
        """Whether the viewports are shown, not the sheets."""
        return self.enlarged is not None and self.currentWidget() is self.enlarged

    def enlarge(self, key: ScanKey, point: Point | None, frame: int | None = None) -> None:
        """Open the viewports on a scan, at a point of it; a film at one of its frames."""
        session = self.session
        if session is None or not session.template.context(key[0]).viewports:
            self.notice.emit("The template has no viewport for this scan.")
            return
        self._make_enlarged(session, key[0])
        assert self.enlarged is not None
        self.board.zoom.close_now()
        self.setCurrentWidget(self.enlarged)
        self._full_scan = key
        volume = session.document.volumes.get(key)
        plane = self.board.plane or (volume.grid.plane if volume is not None else None)
        self.enlarged.show_scan(key, point, plane, frame)
        self.changed.emit()

    def _make_enlarged(self, session: TaskSession, context: str) -> None:
        if self.enlarged is not None and self.enlarged.context == context:
            return
        if self.enlarged is not None:
            self.enlarged.deleteLater()
        self.enlarged = QcEnlarged(session.document, session.template, context, self)
        self.addWidget(self.enlarged)

    def show_sheets(self) -> None:
        """Back from the viewports to the sheets."""
        self.stop_placing()
        self.setCurrentWidget(self.board)
        self.take_keys()
        self.changed.emit()

    def take_keys(self) -> None:
        """Give the keyboard to what is in sight."""
        port = self.enlarged.grid.active if self.is_full and self.enlarged is not None else None
        (port or self.board).setFocus()

    def toggle_full(self) -> None:
        """From the sheets to the viewports, or back."""
        view, key = self.board.front, self.board.front_key
        if self.is_full:
            self.show_sheets()
        elif view is not None and key is not None:
            middle = view.middle()
            self.enlarge(key, middle[0] if middle else None, self._frame(key, middle[1]) if middle else None)

    def _frame(self, key: ScanKey, index: int) -> int | None:
        """The frame of a tile; None where tiles are slices."""
        sheet = self.board.columns[key].view.sheet
        return index if sheet is not None and sheet.frames else None

    def follow_scan(self) -> None:
        """Show the scan that is current now, if another one is in the viewports."""
        key = self.board.front_key
        if self.is_full and key is not None and key != self._full_scan:
            self.enlarge(key, None)

    # --- where it is -------------------------------------------------------------------------------------------

    def start_placing(self, target: DrawingKey) -> None:
        """The next click in a sheet is a place; in the viewports the marker tool takes over."""
        self.placing = True
        self.board.setCursor(Qt.CursorShape.CrossCursor)
        if self.is_full and self.session is not None:
            self.session.document.look(target=target, tool="marker", group=0)
        self.changed.emit()

    def stop_placing(self) -> None:
        """Clicks open pictures again."""
        if not self.placing:
            return
        self.placing = False
        self.board.unsetCursor()
        if self.session is not None and self.session.document.state.look.target is not None:
            self.session.document.look(target=None, target_name="", tool="window")
        self.changed.emit()

    def _on_tile(self, key: ScanKey, point: Point, index: int) -> None:
        self.scan_chosen.emit(key)
        if self.placing:
            self.stop_placing()
            self.placed.emit(key, point, self._frame(key, index))
        else:
            self.enlarge(key, point, self._frame(key, index))
