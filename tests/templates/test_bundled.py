"""The bundled templates satisfy the governor's own validator, and say what their program needs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "viewr" / "templates" / "bundled").glob("*.yaml"))
VALIDATOR = ROOT / ".real" / "governor" / "bin" / "studygov-template-validate"

needs_governor = pytest.mark.skipif(
    not VALIDATOR.exists(), reason="studygovernor is not installed in .real/governor"
)  # fmt: skip


def loaded(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def fields_below(content: dict[str, Any]) -> list[dict[str, Any]]:
    """All fields, those in boxes, listings and tabs too."""
    found = []
    for field in content.values():
        found.append(field)
        inner = field.get("content", {})
        if field["control"] == "TabsWidget":
            for tab in inner.values():
                found += fields_below(tab)
        elif field["control"] in ("BoxWidget", "ListingWidget"):
            found += fields_below(inner)
    return found


def all_fields() -> list[dict[str, Any]]:
    contexts = [c for t in map(loaded, FILES) for c in t.get("contexts", {"default": t}).values()]
    return [field for context in contexts for field in fields_below(context["qa_fields"])]


@needs_governor
@pytest.mark.real
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_real_validator_accepts_it(file: Path) -> None:
    run = subprocess.run([str(VALIDATOR), "-t", str(file)], capture_output=True, text=True, check=False, timeout=120)
    said = run.stdout + run.stderr
    # The validator ends with status 0 even when it finds faults: only its words tell.
    assert "is not" not in said
    assert "[ERROR]" not in said
    assert f"{file.stem} valid" in said


@needs_governor
@pytest.mark.real
def test_the_real_validator_would_have_said_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(FILES[0].read_text(encoding="utf-8").replace("control: CSOEdit", "control: 7"), encoding="utf-8")
    run = subprocess.run([str(VALIDATOR), "-t", str(broken)], capture_output=True, text=True, check=False, timeout=120)
    assert "is not" in run.stdout + run.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_label_of_the_file_is_the_name_in_it(file: Path) -> None:
    assert loaded(file)["template_name"] == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_viewports_and_presets_name_things_that_exist(file: Path) -> None:
    template = loaded(file)
    contexts = template.get("contexts", {"default": template}).values()
    viewports = {v["name"] for c in contexts for v in c["viewports"]}
    scans = {name for c in contexts for name in c["scans"]}
    for viewport in (v for c in contexts for v in c["viewports"]):
        assert viewport["scan"] in scans
    for preset in template.get("presets", []):
        shown = {name: look for name, look in preset.items() if name != "__name__"}
        assert set(shown) <= viewports
        assert {look["scan"] for look in shown.values()} <= scans


def test_together_they_use_nearly_every_control() -> None:
    used = {field["control"] for field in all_fields()}
    assert used == {
        "TabsWidget", "BoxWidget", "ListingWidget", "CheckBox", "NumberEdit", "ComboBox", "RadioButtonGroup",
        "LineEdit", "TextBox", "ConversationWidget", "MarkerEdit", "Landmarks", "CSOEdit", "CalculatedScore",
        "ValidationControl",
    }  # fmt: skip


def test_quality_control_follows_the_listing_of_scans() -> None:
    template = loaded(ROOT / "viewr" / "templates" / "bundled" / "manual_qa.yaml")
    row = template["qa_fields"]["scans"]["content"]
    assert template["mode"] == "qc"
    assert template["quality"] == {
        "listing": "scans", "field": "verdict", "note": "note",
        "map": {"Good": "usable", "Moderate": "questionable", "Poor": "unusable"},
    }  # fmt: skip
    assert set(row) == {"scan", "series_uid", "verdict", "tags", "note", "where"}
    assert row["verdict"]["options"] == list(template["quality"]["map"])
    assert len(row["verdict"]["option_keys"]) == len(row["verdict"]["options"])


def test_options_are_never_turned_into_booleans_or_nothing() -> None:
    options = [option for field in all_fields() for option in field.get("options", [])]
    assert all(isinstance(option, str | int) and not isinstance(option, bool) for option in options)


def test_a_box_that_nobody_touched_is_not_checked() -> None:
    boxes = [field for field in all_fields() if field["control"] == "CheckBox"]
    assert all(isinstance(box.get("initial_value"), bool) for box in boxes)
