"""The frozen program: built from the spec, it starts, finds all its parts and checks them without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from viewr import __version__

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


def run(program: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment |= {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, cwd=home, timeout=120)


def test_it_tells_its_version(program: Path, tmp_path: Path) -> None:
    assert run(program, "--version", home=tmp_path).stdout.strip() == f"ViewR {__version__}"


def test_all_its_parts_work_without_a_screen(program: Path, tmp_path: Path) -> None:
    done = run(program, "self-test", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert "frozen" in done.stdout


def test_it_takes_no_libstdcxx_along(program: Path) -> None:
    """Or newer distributions cannot load their OpenGL drivers."""
    assert not list(program.parent.rglob("libstdc++*"))
