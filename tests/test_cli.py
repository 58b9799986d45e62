"""The commands: exit status, one sentence on standard error, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data import SHARED, needs_real_scans
from viewr.cli import main


def test_wrong_usage_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--renderer", "vulkan"])
    assert ended.value.code == 2
    assert "vulkan" in capsys.readouterr().err


def test_every_command_has_help() -> None:
    for command in ("demo", "serve", "open", "template check", "snapshot", "info", "outbox", "self-test"):
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--help"])
        assert ended.value.code == 0


def test_an_unknown_profile_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile", "nowhere"]) == 1
    assert capsys.readouterr().err.startswith("viewr: There is no server profile 'nowhere'.")


def test_a_template_without_faults_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    bundled = sorted((Path(__file__).parents[1] / "viewr" / "templates" / "bundled").glob("*.yaml"))
    assert len(bundled) >= 6
    assert main(["template", "check", *map(str, bundled)]) == 0
    assert "error" not in capsys.readouterr().out


def test_a_fault_is_told_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("template_name: bad_one\nsop: ''\nviewports: []\nscans: {}\nannotations: null\nqa_fields:\n"
                    "  usable: {control: ChekBox, label: Usable, x: 0, y: 0}\n")  # fmt: skip
    assert main(["template", "check", str(path)]) == 1
    told = capsys.readouterr().out
    assert f"{path}:7: error" in told
    assert "CheckBox" in told


@needs_real_scans
def test_info_tells_shape_and_spacing_of_a_real_series(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(SHARED / "ct-chest-philips")]) == 0
    (volume,) = json.loads(capsys.readouterr().out)["volumes"]
    assert volume["shape"] == [512, 512, 61]
    assert volume["spacing"] == pytest.approx([0.78125, 0.78125, 1.0])
    assert volume["unit"] == "HU"


def test_info_on_nothing_fails_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tmp_path / "nowhere")]) == 1
    streams = capsys.readouterr()
    assert "nowhere" in streams.err + streams.out
    assert "Traceback" not in streams.err


@needs_real_scans
def test_a_slice_is_rendered_without_a_screen(tmp_path: Path) -> None:
    out = tmp_path / "slice.png"
    done = subprocess.run(
        [sys.executable, "-m", "viewr", "snapshot", str(SHARED / "ct-chest-philips"), "--out", str(out),
         "--orientation", "Coronal", "--window", "400/40"],
        capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"\x89PNG")


def test_the_program_itself_says_its_version() -> None:
    done = subprocess.run([sys.executable, "-m", "viewr", "--version"], capture_output=True, text=True)
    assert done.stdout == "ViewR 7.0.0\n"


def test_commands_start_without_the_heavy_libraries() -> None:
    heavy = ("PySide6", "numpy", "pydicom", "vtkmodules")
    code = f"import sys, viewr.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
