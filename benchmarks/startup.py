"""From the command to a window that answers, on a warm disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import Any

BUDGET = 1.5
ROUNDS = 3

#: The program itself; it ends when the window has been painted and the event loop is free.
_PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from viewr import app
from viewr.settings import load_settings
settings = load_settings()
application, window = app.open_window(settings, app.folders_of(settings))
window.begin()
QTimer.singleShot(0, application.quit)
application.exec()
heavy = [name for name in ("vtkmodules", "skimage", "scipy", "pydicom", "pyqtgraph") if name in sys.modules]
assert not heavy, f"imported before the window shows: {heavy}"
"""


def measure() -> dict[str, Any]:
    """One line of `build/bench.json`."""
    best = float("inf")
    with tempfile.TemporaryDirectory() as home:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", _PROGRAM], check=True, env={**os.environ, "HOME": home})
            best = min(best, time.perf_counter() - start)
    return {"name": "start to a usable window, warm disk", "value": round(best, 3), "unit": "s", "budget": BUDGET,
            "peer": None, "peer_value": None, "ratio": None, "ok": best <= BUDGET}  # fmt: skip


if __name__ == "__main__":
    print(measure())
