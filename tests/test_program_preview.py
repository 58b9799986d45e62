"""`viewr template check --preview`: a picture of what the reader of a template would see, without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

BUNDLED = Path(__file__).resolve().parents[1] / "viewr" / "templates" / "bundled"


def check(template: Path, out: Path) -> subprocess.CompletedProcess[str]:
    without_screen = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "viewr", "template", "check", str(template), "--preview", str(out)],
        capture_output=True, text=True, timeout=60, env=without_screen,
    )  # fmt: skip


def brightest(image: QImage, x: int, y: int, reach: int = 40) -> int:
    """Of the pixels around a place."""
    places = [(x + i, y + j) for i in range(-reach, reach, 4) for j in range(-reach, reach, 4)]
    return max(image.pixelColor(*place).lightness() for place in places)


@pytest.mark.parametrize("name", ["wml_segmentation", "manual_qa", "petct_reading"])
def test_a_template_of_each_kind_is_drawn(name: str, tmp_path: Path) -> None:
    out = tmp_path / "picture.png"
    done = check(BUNDLED / f"{name}.yaml", out)
    assert (done.returncode, done.stderr) == (0, "")
    image = QImage(str(out))
    assert (image.width(), image.height()) == (1600, 1000)
    assert brightest(image, 300, 520) > 100, "no picture in the first viewport"
    assert brightest(image, 1400, 160, 100) > 100, "no form"


def test_two_templates_give_two_pictures(tmp_path: Path) -> None:
    for name in ("landmarks", "contour_organ"):
        assert check(BUNDLED / f"{name}.yaml", tmp_path / f"{name}.png").returncode == 0
    assert QImage(str(tmp_path / "landmarks.png")) != QImage(str(tmp_path / "contour_organ.png"))


def test_a_template_that_is_none_gives_sentences_and_no_picture(tmp_path: Path) -> None:
    template = tmp_path / "odd.yaml"
    template.write_text("viewports: [\n")
    done = check(template, tmp_path / "picture.png")
    assert done.returncode == 1
    assert "odd.yaml:2: error" in done.stdout
    assert done.stderr.startswith("viewr: The template 'odd.yaml' cannot be read")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "picture.png").exists()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "picture.png"
    done = check(BUNDLED / "landmarks.yaml", out)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"viewr: The picture '{out}' cannot be written.")
