"""Which scan the viewports show when a preset or a scan of the list is chosen."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

from viewr.model.state import Look
from viewr.model.template import Preset, Template, load_template
from viewr.model.volume import Window
from viewr.workspace.look import apply_preset, initial_look, look_at_scan, show_scan

TEMPLATE = """
template_name: sessions
sop: ""
presets:
  - {__name__: FLAIR, left: {scan: FLAIR, orientation: Coronal}, right: {scan: FLAIR, orientation: Sagittal}}
viewports:
  - {type: viewport, name: left, scan: T1, annotation: null, x: 0, y: 0, linked: true}
  - {type: viewport, name: right, scan: FLAIR, annotation: null, x: 1, y: 0, linked: true}
scans: {T1: {modality: MR}, FLAIR: {modality: MR}, T2: {modality: MR}}
annotations: null
qa_fields: {}
"""


def shown(look: Look) -> list[tuple[str, str]]:
    return [(viewport.scan, viewport.orientation) for viewport in look.viewports.values()]


def after(template: Template, look: Look, scan: str) -> Look:
    return replace(look, viewports=show_scan(look, template, "default", scan))


def test_the_preset_made_for_a_scan_is_taken() -> None:
    template = load_template(TEMPLATE)
    look = after(template, initial_look(template), "FLAIR")
    assert shown(look) == [("FLAIR", "Coronal"), ("FLAIR", "Sagittal")]


def test_without_one_all_viewports_show_the_scan_as_they_stand() -> None:
    template = load_template(TEMPLATE)
    look = after(template, initial_look(template), "T2")
    assert shown(look) == [("T2", "Transversal"), ("T2", "Transversal")]


def test_another_scan_begins_with_its_own_window_the_same_keeps_it() -> None:
    template = load_template(TEMPLATE)
    look = initial_look(template)
    window = Window(900.0, 450.0)
    look = replace(look, viewports={key: replace(port, window=window) for key, port in look.viewports.items()})
    left, right = after(template, look, "FLAIR").viewports.values()
    assert left.window is None
    assert right.window == window


def test_a_template_lays_scans_over_others_and_a_preset_takes_them_away() -> None:
    look = initial_look(load_template(TEMPLATE.replace("name: left, scan: T1", "name: left, fused: T2, scan: T1")))
    left = ("default", "left")
    assert look.viewports[left].fused == "T2"
    off = Preset("off", {"left": {"fused": None}})
    assert apply_preset(look, off)[left].fused == ""


def test_turning_to_a_scan_leaves_views_that_each_have_one() -> None:
    mammo = load_template((resources.files("viewr.templates") / "bundled" / "mammo_quality.yaml").read_text("utf-8"))
    assert look_at_scan(initial_look(mammo), mammo, "left", "L_MLO") == {"active": ("left", "mlo")}
    session = load_template((resources.files("viewr.templates") / "bundled" / "manual_qa.yaml").read_text("utf-8"))
    views = look_at_scan(initial_look(session), session, "default", "T1_repeat")["viewports"]
    assert {view.scan for view in views.values()} == {"T1_repeat"}
