"""Quality control: from the verdict's key to the next case painted, case after case, as a reader works.

``python -m benchmarks.qc [--cases 300] [--every 4] [--embedded]``. The window, the keys and the servers are real: the
task supervisor takes a quarter of a second for a request, each case has 21 MB of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks._timing import SAMPLES, row, show
from viewr.app import open_window
from viewr.net.http import HttpOptions
from viewr.settings import Settings
from viewr.tour.pilot import Pilot
from viewr.widgets.main_window import MainWindow
from viewr.widgets.qc_view import QcView
from viewr.workspace.desk import Account
from viewr.workspace.folders import Folders
from viewr.workspace.heartbeat import Heartbeat
from viewr.workspace.task_session import TaskSession

ROOT = Path(__file__).resolve().parents[1]
BUDGET_MS, BLOCK_MS = 200.0, 100.0
#: Seconds between two verdicts; a reader takes 4 or more, which is long for every run of the benchmarks.
EVERY = 2.0
REQUEST_S = 0.25


class Painted(QObject):
    """Whether the pictures of another case than the one before are painted."""

    def __init__(self, inside: QcView) -> None:
        super().__init__(inside)
        self._inside = inside
        self.before: TaskSession | None = None
        self.seen = False
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.seen = self.seen or (self._inside.board.isAncestorOf(watched) and self.another)
        return False

    @property
    def another(self) -> bool:
        """Whether another case is there, with its pictures."""
        view = self._inside
        return view.session not in (None, self.before) and not view.pictures.unseen(view.board.columns)


@dataclass
class Measured:
    """Milliseconds of each case, the longest block of the GUI's thread, and how often the next case was not there."""

    kind: str = ""
    taken: list[float] = field(default_factory=list)
    blocks: list[float] = field(default_factory=list)
    waited: int = 0


@contextmanager
def served(folder: Path, cases: int, real: bool) -> Iterator[dict[str, Any]]:
    """The servers with their tasks, in a process of their own."""
    words = [str(folder), str(cases), str(REQUEST_S), "real" if real else "embedded"]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks._qc_servers", *words], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def signed_in(servers: dict[str, Any], folder: Path) -> tuple[QApplication, MainWindow, Pilot]:
    """The program with its window, at the list of tasks."""
    settings = Settings(research_notice_seen=True)
    application, window = open_window(settings, Folders(folder / "data", folder / "cache"))
    window.resize(1920, 1080)
    pilot = Pilot(window)
    window.start_sign_in(Account(servers["supervisor"], servers["archive"], "reader1", "reader1-demo",
                                 http=HttpOptions(trust_env=False)))  # fmt: skip
    pilot.wait(lambda: window.desk is not None and bool(window.desk.tasks), "the tasks", 120)
    return application, window, pilot


def until(painted: Painted, seconds: float = 60.0) -> None:
    """Let the program run and look after every turn of its loop: what was painted is on the screen then."""
    end = time.perf_counter() + seconds
    while not painted.seen:
        if time.perf_counter() > end:
            raise TimeoutError("the next case does not come")
        QApplication.processEvents()


def run(cases: int, every: float, real: bool) -> Measured:
    """Judge so many cases; one more is there, so that there is always a next one."""
    measured = Measured()
    with tempfile.TemporaryDirectory(prefix="viewr-qc-") as name:
        folder = Path(name)
        with served(folder, cases + 1, real) as servers:
            measured.kind = servers["kind"]
            application, window, pilot = signed_in(servers, folder / "program")
            work(window, pilot, cases, every, measured)
            window.close()
            application.processEvents()
    return measured


def work(window: MainWindow, pilot: Pilot, cases: int, every: float, measured: Measured) -> None:
    assert window.desk is not None
    window.start_qc(window.desk.tasks[0].id)
    assert window.qc is not None
    view = window.qc.view
    painted, heart = Painted(view), Heartbeat(window)
    pilot.wait(lambda: painted.another, "the first case", 120)
    pilot.pause(int(every * 1000))
    for _ in range(cases):
        begun = time.perf_counter()
        heart.start()
        heart.reset()
        measured.taken.append(judge(window, view, painted))
        measured.waited += measured.taken[-1] > BUDGET_MS
        pilot.pause(max(1, int((every - (time.perf_counter() - begun)) * 1000)))
        measured.blocks.append(heart.reset())
        heart.stop()


def judge(window: MainWindow, view: QcView, painted: Painted) -> float:
    """Press the key of the verdict; milliseconds until the pictures of the next case are painted."""
    painted.before, painted.seen = view.session, False
    start = time.perf_counter()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_G)
    until(painted)
    return (time.perf_counter() - start) * 1e3


def measure(cases: int = SAMPLES, every: float = EVERY, real: bool = True) -> list[dict[str, Any]]:
    """Lines of `build/bench.json`."""
    got = run(cases, every, real)
    taken = np.array(got.taken)
    print(f"{got.kind} supervisor; median {np.median(taken):.0f} ms, worst {taken.max():.0f} ms; "
          f"{got.waited} of {cases} above the budget", file=sys.stderr)  # fmt: skip
    name = f"verdict key to the next case painted, p99 of {cases}, one every {every:g} s, {got.kind} supervisor"
    return [
        row(name, float(np.percentile(taken, 99)), "ms", BUDGET_MS),
        row("longest block of the GUI thread in quality control", max(got.blocks), "ms", BLOCK_MS),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=SAMPLES)
    options.add_argument("--every", type=float, default=EVERY, help="seconds between two verdicts")
    options.add_argument("--embedded", action="store_true", help="not the real supervisor")
    chosen = options.parse_args()
    show(measure(chosen.cases, chosen.every, not chosen.embedded))


if __name__ == "__main__":
    main()
