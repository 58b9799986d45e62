"""The longest time for which the GUI thread did not answer, over the whole tour."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BUDGET = 100.0


def measure() -> list[dict[str, Any]]:
    """A line for each task and one for the worst."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [sys.executable, "-m", "viewr", "demo", "--data", str(folder / "data"), "--tour", str(folder / "tour")],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        report = json.loads((folder / "tour" / "tour.json").read_text())
    lines = [_line(f"longest block of the GUI thread, {task['template']}", task["longest_block_ms"])
             for task in report["tasks"]]  # fmt: skip
    return [*lines, _line("longest block of the GUI thread in the tour", report["longest_block_ms"])]


def _line(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": "ms", "budget": BUDGET, "peer": None, "peer_value": None,
            "ratio": None, "ok": value <= BUDGET}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
