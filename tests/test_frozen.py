"""The frozen program: built from the spec, it starts, finds all its parts and checks them without a screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from viewr import __version__
from viewr.archive.base import ResourceRef, Scan
from viewr.model.progress import Progress
from viewr.net.failures import UnreachableError
from viewr.net.http import HttpOptions
from viewr.workspace import fetch_process
from viewr.workspace.fetch_messages import ArchiveAccount
from viewr.workspace.fetch_process import FetchProcess
from viewr.workspace.places import ScanTarget
from viewr.workspace.scan_loading import Inbox

ROOT = Path(__file__).resolve().parents[1]

# One group: built once, by one of several workers.
pytestmark = [pytest.mark.slow, pytest.mark.frozen, pytest.mark.xdist_group("frozen")]


@pytest.fixture(scope="module")
def program() -> Iterator[Path]:
    (ROOT / "build").mkdir(exist_ok=True)
    # A path with a blank, as hospitals have them; not below /tmp, which is kept in memory on newer distributions.
    with tempfile.TemporaryDirectory(prefix="frozen program ", dir=ROOT / "build") as folder:
        build = Path(folder)
        done = subprocess.run(
            [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR",
             "--distpath", str(build / "dist"), "--workpath", str(build / "work"), "viewr.spec"],
            cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        yield build / "dist" / "viewr" / "viewr"


def run(program: Path, *arguments: str, home: Path, screen: bool = False) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home)}
    if not screen:
        environment = {key: environment[key] for key in environment if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, cwd=home, timeout=500)


def test_it_tells_its_version(program: Path, tmp_path: Path) -> None:
    assert run(program, "--version", home=tmp_path).stdout.strip() == f"ViewR {__version__}"


def test_all_its_parts_work_without_a_screen(program: Path, tmp_path: Path) -> None:
    done = run(program, "self-test", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert "frozen" in done.stdout


def test_it_fetches_in_a_process_of_its_own(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_process, "worker_command", lambda: [str(program), "fetch-worker"])
    images, volumes = str(tmp_path / "images"), str(tmp_path / "volumes")
    options = HttpOptions(trust_env=False, retries=0)
    process = FetchProcess(ArchiveAccount("http://127.0.0.1:9", "reader1", "secret", images, volumes, options))
    try:
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
            process.fetch("T1", ScanTarget(ResourceRef("X", "1", "DICOM"), Scan("1")), Inbox(), Progress())
    finally:
        process.close()


def test_it_brings_results_of_the_demo_tasks_into_the_archive(program: Path, tmp_path: Path) -> None:
    done = run(program, "demo", "--data", str(tmp_path / "data"), "--tour", str(tmp_path), home=tmp_path, screen=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    tasks = json.loads((tmp_path / "tour.json").read_text())["tasks"]
    assert len(tasks) >= 6
    assert all(task["status"] == "done" and task["files"] for task in tasks)


def test_it_takes_no_libstdcxx_along(program: Path) -> None:
    """Or newer distributions cannot load their OpenGL drivers."""
    assert not list(program.parent.rglob("libstdc++*"))
