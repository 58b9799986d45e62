"""The template check says the same as the Study Governor's own validator."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.templates.judged import everything, field, tolerances
from tests.templates.test_bundled import ROOT, needs_governor
from viewr.model.template import Problem, load_template, walk_fields
from viewr.model.template_controls import OWN_KEYS
from viewr.templates.check import check_text

GOVERNOR = ROOT / ".real" / "governor" / "bin" / "python"
#: What the schema forgets to check, and nothing can be made of.
BEYOND_THE_SCHEMA = {"labels as a list", "tab that is a list"}


def said_by_the_governor(folder: Path, trees: dict[str, dict[str, object]]) -> dict[str, bool]:
    """Whether the real validator is content with each of some templates."""
    files = {str(folder / f"{number}.yaml"): name for number, name in enumerate(trees)}
    for file, name in files.items():
        Path(file).write_text(yaml.safe_dump(trees[name], sort_keys=False), encoding="utf-8")
    driver = Path(__file__).with_name("governor_validate.py")
    run = subprocess.run([str(GOVERNOR), str(driver), *files], capture_output=True, text=True, check=True, timeout=120)
    # It ends with status 0 even when it finds faults: only its words tell.
    said: dict[str, str] = json.loads(run.stdout)
    return {files[file]: "is not" not in words and "[ERROR]" not in words for file, words in said.items()}


def problems_of(tree: dict[str, object]) -> list[Problem]:
    return check_text(yaml.safe_dump(tree, sort_keys=False))


def test_it_uses_every_control_with_every_option() -> None:
    fields = [one for _, one in walk_fields(load_template(yaml.safe_dump(everything())).contexts[0].fields)]
    used = {control: {key for one in fields if one.control == control for key in one.extra} for control in OWN_KEYS}
    elsewhere = {"content", "options", "columns", "groups", "order"}
    missing = {control: set(keys) - elsewhere - used[control] for control, keys in OWN_KEYS.items()}
    assert missing == {control: set() for control in OWN_KEYS}
    assert problems_of(everything()) == []


@needs_governor
@pytest.mark.real
def test_the_check_agrees_with_the_real_validator(tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    trees = {"everything": everything(), **tolerances()}
    content = said_by_the_governor(tmp_path, trees)
    ours = {name: problems_of(tree) for name, tree in trees.items()}
    assert [name for name, good in content.items() if not good and not ours[name]] == []
    errors = {name for name, found in ours.items() if any(one.severity == "error" for one in found)}
    assert {name for name in errors if content[name]} == BEYOND_THE_SCHEMA
    assert content["everything"]
    record_property("templates judged", len(trees))
    record_property("found good by both", sum(content[name] and not ours[name] for name in trees))


def test_what_only_the_governor_refuses_is_a_warning_with_its_place() -> None:
    tree = tolerances()["orientation Axial"]
    [found] = problems_of(tree)
    assert (found.path, found.severity) == ("viewports/0/orientation", "warning")
    assert "Transversal, Coronal or Sagittal" in found.message
    assert found.line is not None


@pytest.mark.parametrize("colour", ["#00ff00", [0.5, 0, 0], [255, 0, 0], [1, 2, 3]])
def test_colours_that_match_one_form(colour: object) -> None:
    groups = [{"label": "a", "description": "b", "color": colour}]
    tree = tolerances()["plain"]
    tree["qa_fields"]["c"] = field("CSOEdit", "C", 0, 2, groups=groups)
    assert problems_of(tree) == []


@pytest.mark.parametrize(
    ("member", "value", "sentence"),
    [
        ("option_colours", ["red"], "There are 1 colours for 2 options"),
        ("option_colours", ["red", "reddish"], "is no colour"),
        ("option_keys", ["1"], "There are 1 keys for 2 options"),
        ("min", 3, "means something to numbers only, not to ComboBox"),
    ],
)
def test_extensions_that_do_not_fit(member: str, value: object, sentence: str) -> None:
    tree = tolerances()["plain"]
    tree["qa_fields"]["q"][member] = value
    assert any(sentence in one.message for one in problems_of(tree))


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), 10**400])
def test_numbers_without_end_are_refused_in_a_sentence(number: float) -> None:
    """Found by the long run."""
    tree = tolerances()["plain"]
    group = {"label": "a", "description": "b", "color": [number, 0, 0], "marker_size": number}
    tree["qa_fields"]["c"] = field("CSOEdit", "C", number, 2, groups=[group])  # type: ignore[arg-type]
    told = {one.path for one in problems_of(tree)}
    assert {"qa_fields/c/x", "qa_fields/c/groups/0/color", "qa_fields/c/groups/0/marker_size"} <= told


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("viewports/0/scan", None), ("viewports/0/type", "view"), ("viewports/0/name", 3),
        ("presets/0/left/scan", None),
        ("{}by_side/cso_type", None), ("{}by_side/cso_type", 1.5), ("{}marks/groups/1/marker_type", None),
        ("{}marks/groups/1/marker_type", "dot"), ("{}seen/type_names/0", 7), ("{}kind_of_marker/options", None),
        ("{}marks/groups", None), ("{}seen/marker_type", None), ("{}outlines/groups/0/label", 3),
    ],
)  # fmt: skip
def test_what_the_governor_refuses_is_told_at_its_place(path: str, value: object) -> None:
    tree: Any = copy.deepcopy(everything())
    path = path.format("qa_fields/tabs/content/Findings/")
    *names, last = path.split("/")
    holder = tree
    for name in names:
        holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    holder[last] = value
    assert path in [one.path for one in problems_of(tree)]


def test_limits_that_no_number_keeps() -> None:
    tree = tolerances()["plain"]
    tree["qa_fields"]["n"] |= {"min": 5, "max": 1, "step": 0}
    found = {one.path: one.severity for one in problems_of(tree)}
    assert found == {"qa_fields/n/min": "error", "qa_fields/n/step": "warning"}
