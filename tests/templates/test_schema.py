"""Our schema extends that of the format: it knows every extension that the program reads, and refuses wrong ones."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.templates.judged import everything, tolerances
from tests.templates.test_bundled import FILES, ROOT, needs_governor
from tests.templates.test_judged import GOVERNOR
from viewr.model import template_controls, template_read

SCHEMA = ROOT / "viewr" / "templates" / "viewr-template.schema.json"


def faults(*trees: object) -> list[list[str]]:
    """Paths of what the two schemas refuse."""
    driver = Path(__file__).with_name("schema_validate.py")
    command = [str(GOVERNOR), "-W", "ignore", str(driver), str(SCHEMA)]
    run = subprocess.run(command, input=json.dumps(trees), capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    found: list[list[str]] = json.loads(run.stdout)
    return found


def test_it_knows_what_the_program_reads() -> None:
    held = json.loads(SCHEMA.read_text(encoding="utf-8"))["definitions"]
    assert set(held["field"]["properties"]) == set(template_controls._EXTENSIONS)
    extensions = {"mode", "quality", "require_full_read", "timer"}
    assert extensions < set(template_read._TOP_KEYS)
    assert set(held["template"]["properties"]) == extensions | {"qa_fields", "contexts", "viewports", "presets"}


def test_every_control_and_extension_is_in_the_guide_and_has_its_picture() -> None:
    guide = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    for control in template_controls.OWN_KEYS:
        assert f"### {control}\n" in guide
        assert f"(pictures/controls/{control}.png)" in guide
    for key in (*template_controls._EXTENSIONS, "mode", "quality", "require_full_read"):
        assert re.search(rf"^### .*`{key}`", guide, re.MULTILINE), key
    pictures = {ROOT / "docs" / name for name in re.findall(r"pictures/controls/\w+\.png", guide)}
    assert {picture for picture in pictures if not picture.is_file()} == set()
    assert sum(picture.stat().st_size for picture in pictures) < 600_000


@needs_governor
@pytest.mark.real
def test_good_templates_pass() -> None:
    bundled = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES]
    assert faults(everything(), *bundled) == [[] for _ in range(1 + len(bundled))]


@needs_governor
@pytest.mark.real
def test_wrong_extensions_and_wrong_members_of_the_format_are_found() -> None:
    wrong = []
    for name, value in (("required", "yes"), ("step", 0), ("option_colours", [[1, 2]]), ("link", 3)):
        tree = tolerances()["plain"]
        tree["qa_fields"]["n"][name] = value
        wrong.append(tree)
    fused = tolerances()["plain"]
    fused["viewports"][0]["fused"] = 7
    wrong.append(fused)
    deep = everything()
    deep["qa_fields"]["tabs"]["content"]["Findings"]["box"]["content"]["a"]["min"] = "low"
    assert [[path for path in found if path] for found in faults(*wrong, deep)] == [
        ["qa_fields/n/required"], ["qa_fields/n/step"], ["qa_fields/n/option_colours/0"], ["qa_fields/n/link"],
        ["viewports/0/fused"], ["qa_fields/tabs/content/Findings/box/content/a/min"],
    ]  # fmt: skip
    [of_the_format] = faults(tolerances()["x as text"])
    assert of_the_format
