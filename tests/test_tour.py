"""The whole way, six times, with real mouse and key events: from the task list to results in the archive."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "scale"), [("1920x1080", "1"), ("1280x720", "1")])
def test_the_tour_brings_every_result_into_the_archive(tmp_path: Path, size: str, scale: str) -> None:
    pictures = tmp_path / "tour"
    environment = {**os.environ, "HOME": str(tmp_path), "QT_SCALE_FACTOR": scale, "VIEWR_TOUR_SIZE": size}
    done = subprocess.run(
        [sys.executable, "-m", "viewr", "demo", "--data", str(tmp_path / "data"), "--tour", str(pictures)],
        capture_output=True, text=True, env=environment, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    report = json.loads((pictures / "tour.json").read_text())
    templates = [task["template"] for task in report["tasks"]]
    assert {"manual_qa", "wml_segmentation", "nodule_markers", "landmarks", "contour_organ"} <= set(templates)
    assert len(templates) >= 6
    assert all(task["status"] == "done" and task["files"] for task in report["tasks"])
    assert len(list(pictures.glob("*.png"))) >= 2 * len(templates)
