"""Garbage collection in the thread of the GUI alone.

Python collects reference cycles in whichever thread happens to allocate. A Qt object in such a cycle is then destroyed
in a worker thread, which ends the program. So the automatic collector is off, and a timer does its work.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Milliseconds between two looks.
INTERVAL = 1000


class Collector(QObject):
    """Collects young garbage every second, older garbage as seldom as Python would."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        # What is there at the start stays: it need not be looked through again.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation that is due."""
        counts, limits = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > limits[generation]:
                gc.collect(generation)
                return
