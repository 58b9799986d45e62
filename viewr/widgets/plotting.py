"""The plotting library, imported when it is first needed and off the GUI thread: that takes most of a second."""

from __future__ import annotations

import importlib
import threading

from PySide6.QtCore import QObject, Qt, Signal


class PlotLibrary(QObject):
    """Brings pyqtgraph; `ready` comes when it can be imported without waiting."""

    ready = Signal()
    _imported = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: threading.Thread | None = None
        self._imported.connect(self._on_imported, Qt.ConnectionType.QueuedConnection)

    def load(self) -> None:
        self._thread = threading.Thread(target=self._import, daemon=True)
        self._thread.start()

    def _import(self) -> None:
        importlib.import_module("pyqtgraph")
        self._imported.emit()

    def _on_imported(self) -> None:
        if self._thread is not None:
            self._thread.join()
        self.ready.emit()
