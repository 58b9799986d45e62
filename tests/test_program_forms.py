"""A form with every control: filled in with keys, submitted, read by the consumer of another program, loaded again."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.program import Program
from tests.templates.judged import everything
from tests.templates.test_bundled import ROOT, needs_governor
from viewr.forms.form import Form
from viewr.model.annotation import with_drawing
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.result import fields_document

#: Without a label map, and read outside of quality control.
TEMPLATE = {key: value for key, value in everything().items() if key not in ("mode", "require_full_read")}
TEMPLATE["annotations"] = None
TEMPLATE["viewports"] = [{**port, "annotation": None} for port in TEMPLATE["viewports"]]
GOVERNOR = ROOT / ".real" / "governor" / "bin" / "python"
FILE = "resources/FIELDS/files/everything{timestamp}.json"
SQUARE = ((0.0, 0.0, 5.0), (10.0, 0.0, 5.0), (10.0, 20.0, 5.0), (0.0, 20.0, 5.0))


def open_task(program: Program) -> Form:
    program.lab.servers.create_template("everything", yaml.safe_dump(TEMPLATE, sort_keys=False))
    scans = {"T1": "scans/2/resources/DICOM", "FLAIR": "scans/3/resources/DICOM"}
    content = program.lab.content(scans=scans, annotations={}, fields={"uri": FILE})
    task = str(program.lab.servers.create_task("everything", content, users=("reader1",)))
    if program.page is program.window.task_list:
        program.refresh()
    else:
        program.sign_in()
    program.open(task)
    return program.view.forms["default"]


def keys(program: Program, path: str, *pressed: Qt.Key | str) -> None:
    """Jump to a field and press keys."""
    form = program.view.forms["default"]
    assert form.show_field(f"tabs/{path}"), path
    part = form.control(f"tabs/{path}").focus_widget()
    program.pilot.wait(part.hasFocus, f"the keyboard in {path}")
    program.pilot.pause()  # tabs that were opened just now find their places
    for key in pressed:
        if isinstance(key, str):
            program.pilot.type(part, key)
        else:
            program.pilot.key(key)


def draw(form: Form, path: str, *drawn: Any) -> None:
    form.document.edit("Draw", partial(with_drawing, key=("default", f"tabs/{path}"), drawn=drawn))


def result(form: Form) -> dict[str, Any]:
    """What would go into the file, but for what is computed."""
    annotation = form.document.state.annotation
    tabs = fields_document(form.context, annotation.answers["default"], annotation.drawings, {})["tabs"]
    return {**tabs, "box": {"a": tabs["box"]["a"], "b": tabs["box"]["b"]}}


def fill_in(program: Program, form: Form) -> None:
    down, space = Qt.Key.Key_Down, Qt.Key.Key_Space
    keys(program, "usable", space)
    keys(program, "finding", space)
    keys(program, "age", "45")
    keys(program, "weight", Qt.Key.Key_Up)
    keys(program, "quality", down, down)
    keys(program, "grade", down)
    keys(program, "side", Qt.Key.Key_Right)
    keys(program, "score", down)
    keys(program, "who", "AB")
    keys(program, "remark", " three")
    keys(program, "box/b", "3")
    for size in ("4.5", "6"):
        form.show_field("tabs/lesions")
        program.pilot.key(Qt.Key.Key_Insert)
        row = form.control("tabs/lesions").current_row
        keys(program, f"lesions/{row}/kind", down)
        keys(program, f"lesions/{row}/size", size)
    draw(form, "lesions/r1/where", Marker((1.0, 2.0, 3.0), id=1))
    draw(form, "points", Marker((4.0, 5.0, 6.0), type=1, id=1))
    draw(form, "seen", Marker((0.0, 0.0, 1.0), id=1), Marker((0.0, 0.0, 2.0), id=2))
    draw(form, "marks", Marker((7.0, 8.0, 9.0), name="PC", type=1, id=1))
    draw(form, "outlines", Contour(1, SQUARE, SQUARE, (0.0, 0.0, 5.0), (0.0, 0.0, 1.0), label="left"))
    keys(program, "talk", "I think so")
    program.pilot.click(form.control("tabs/talk").button)


#: What the consumer of the results must see, worked out by hand; the conversation is left out, it holds the time.
COLLECTED = {
    "usable": True, "finding": False, "age": 45, "weight": 71.0, "quality": "Moderate", "grade": "three",
    "side": "Right", "score": 1, "who": "AB", "fixed": "as it is",
    "a": 1, "b": 23, "total": 24, "small": True,
    "lesions_count": 2, "points_x": 4.0, "points_y": 5.0, "points_z": 6.0, "named": [], "kind_of_marker": None,
    "by_side": [], "given": {"creatinine": "81 umol/l", "fasting": True},
}  # fmt: skip


@needs_governor
@pytest.mark.real
def test_the_consumer_of_another_program_reads_what_was_answered(program: Program, tmp_path: Path) -> None:
    form = open_task(program)
    fill_in(program, form)
    program.submit()
    program.wait_for_uploads()
    template = tmp_path / "everything.yaml"
    template.write_text(yaml.safe_dump(TEMPLATE), encoding="utf-8")
    address = f"{program.lab.servers.archive_url}/data/archive/experiments/{program.lab.experiment}/{FILE}"
    driver = Path(__file__).parent / "real" / "castor.py"
    command = [str(GOVERNOR), str(driver), address, "reader1", "reader1-demo", str(template)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert {name: found[name] for name in COLLECTED} == COLLECTED
    assert found["lesions"] == [
        {"kind": "Solid", "size": 4.5, "where_x": 1.0, "where_y": 2.0, "where_z": 3.0},
        {"kind": "Solid", "size": 6.0, "where": []},
    ]
    assert [one["pos"] for one in found["seen"]] == [[0.0, 0.0, 1.0], [0.0, 0.0, 2.0]]
    assert [(one["name"], one["pos"]) for one in found["marks"]] == [("PC", [7.0, 8.0, 9.0])]
    assert [(one["group"], one["label"]) for one in found["outlines"]] == [(0, "left")]
    assert [(one["author"], one["text"]) for one in found["talk"]] == [
        ("reader2", "Is this the same lesion?"), ("reader1", "I think so"),
    ]  # fmt: skip
    assert set(found["remark"].split()) == {"one", "two", "three"}


def test_what_was_answered_is_there_in_the_next_task_of_the_same_case(program: Program) -> None:
    form = open_task(program)
    fill_in(program, form)
    before = result(form)
    program.submit()
    program.wait_for_uploads()
    again = open_task(program)
    assert result(again) == before
    assert again.show_field("tabs/lesions/r2/size")
    assert again.control("tabs/lesions/r2/size").edit.text() == "6"
    words = [label.text() for label in again.control("tabs/talk").findChildren(QLabel)]
    assert "Is this the same lesion?" in words
    assert "I think so" in words


def test_the_time_in_a_field_is_in_the_result(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    form = open_task(program)
    now = 1000.0
    monkeypatch.setattr(program.view.session.field_time, "_clock", lambda: now)
    program.view.session.field_time.sign()
    keys(program, "age", "45")
    now += 30
    keys(program, "box/b", "3")
    program.submit()
    program.wait_for_uploads()
    [name] = [name for name in program.lab.names("FIELDS", "") if name.startswith("everything")]
    block = json.loads(program.lab.read("FIELDS", name, ""))["__viewr__"]
    assert block["timer"]["tabs/age"] == 30
    assert block["timer"]["tabs"] >= 30
    assert form.context.name == block["context"]


def test_a_form_is_where_it_was_when_its_task_is_opened_again(program: Program) -> None:
    form = open_task(program)
    task = program.view.session.identity.id
    program.window.resize(1000, 480)
    program.pilot.wait(lambda: form.complete and form.verticalScrollBar().maximum() > 60, "a form to scroll")
    form.verticalScrollBar().setValue(55)
    program.leave()
    program.open(task)
    again = program.view.forms["default"]
    program.pilot.wait(lambda: again.scrolled() == 55, "the form where it was")
