"""Templates for judges: one that uses every control with every option, and one for each tolerance."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Tree = dict[str, Any]

RED = {"label": "Artery", "description": "Bright", "marker_size": 5, "marker_type": "Dot", "line_width": 1,
       "color": "#ff4040"}  # fmt: skip
BLUE = {"label": "Vein", "description": "Dark", "marker_size": 7, "marker_type": "Cross", "line_width": 2,
        "color": [0.2, 0.3, 0.9]}  # fmt: skip
MARKER_TYPES = ("None", "Dot", "Asterisk", "Circle", "Square", "Triangle", "Plus", "Cross")


def field(control: str, label: str, x: int, y: int, **members: Any) -> Tree:
    return {"control": control, "label": label, "x": x, "y": y, **members}


def _general() -> Tree:
    return {
        "usable": field("CheckBox", "Usable", 0, 0, type="Bool", initial_value=False, alert_on_unchecked=True, key="u",
                        documentation="Whether the scan can be used", enabled=True, visible=True),
        "finding": field("CheckBox", "Incidental finding", 1, 0, initial_value=True, alert_on_checked=True),
        "age": field("NumberEdit", "Age", 0, 1, type="Int", min=0, max=120, step=1, unit="years", required=True),
        "weight": field("NumberEdit", "Weight", 1, 1, type="Float", unit="kg", step=0.5, initial_value=70.5),
        "quality": field("ComboBox", "Quality", 0, 2, options=["Good", "Moderate", "Poor"],
                         option_keys=["g", "m", "p"], option_colours=["#2a9d4a", "#e0a000", "#d03030"]),
        "grade": field("ComboBox", "Grade", 1, 2, options=[1, 2.5, "three"], initial_value=2.5),
        "side": field("RadioButtonGroup", "Side", 0, 3, options=["Left", "Right"], orientation="horizontal",
                      depends_on="usable && !finding", option_keys=["l", "r"]),
        "score": field("RadioButtonGroup", "Score", 1, 3, options=[0, 1, 2], orientation="vertical",
                       visible_on='"* quality != "Poor" *"'),
        "who": field("LineEdit", "Technician", 0, 4, type="String", hint_text="Initials only", key="t"),
        "remark": field("TextBox", "Remark", 1, 4, editable=True, timer=True, initial_value="one\ntwo"),
        "fixed": field("TextBox", "From the protocol", 0, 5, editable=False, initial_value="as it is"),
    }  # fmt: skip


def _box() -> Tree:
    return field("BoxWidget", "Sums", 0, 0, align_title="Center", collapsed=False, content={
        "a": field("NumberEdit", "A", 0, 0, type="Int", initial_value=1),
        "b": field("NumberEdit", "B", 1, 0, type="Int", initial_value=2),
        "total": field("CalculatedScore", "A + B", 0, 1, variables={"a": "a", "b": "b"}, formula="a + b", unit="mm"),
        "small": field("ValidationControl", "A is smaller than B", 0, 2, variables={"a": "a", "b": "b"},
                       condition="a < b", action="validate", args={}),
    })  # fmt: skip


def _findings() -> Tree:
    content = {
        "kind": field("ComboBox", "Kind", 0, 0, options=["Solid", "Cystic"]),
        "size": field("NumberEdit", "Size", 0, 1, type="Float", unit="mm"),
        "where": field("MarkerEdit", "Where", 0, 2, max_number=1, marker_type=0, groups=[RED]),
    }
    return {
        "box": _box(),
        "lesions": field("ListingWidget", "Lesions", 0, 1, columns=["kind", "size", "where"], content=content,
                         link="where"),
        "points": field("MarkerEdit", "Points", 0, 2, max_number=3, groups=[
            RED, BLUE, *({**RED, "label": kind, "marker_type": kind} for kind in MARKER_TYPES)]),
        "named": field("MarkerEdit", "Of the kind of the side", 0, 3, max_number=0, marker_type="kind_of_marker",
                       groups=[RED, BLUE]),
        "kind_of_marker": field("ComboBox", "Kind of marker", 0, 4, options=["Artery", "Vein"]),
        "seen": field("MarkerView", "Seen", 0, 5, max_number=4, marker_type=0, type_names={"0": "Bleed"},
                      groups=[RED]),
        "marks": field("Landmarks", "Landmarks", 0, 6, groups=[RED, BLUE], markers=[
            {"name": "AC", "category": "Midline", "type": 1}, {"name": "PC", "category": "Midline", "type": 2}]),
        "outlines": field("CSOEdit", "Outlines", 0, 7, cso_type=0, group_label="Organ", groups=[
            {"label": "Liver", "description": "Whole", "color": "#c06040"},
            {"label": "Spleen", "description": "Whole", "color": [128, 64, 192]}]),
        "by_side": field("CSOEdit", "Outline of the kind", 0, 8, cso_type="kind_of_marker", groups=[
            {"label": "Artery", "description": "", "color": "#c06040"}]),
    }  # fmt: skip


def _talk() -> Tree:
    return {
        "talk": field("ConversationWidget", "Conversation", 0, 0, editable=True, initial_value=[
            {"author": "reader2", "time": "2024-05-01T10:00:00Z", "text": "Is this the same lesion?"}]),
        "given": field("JSONDisplay", "From the laboratory", 0, 1, textrows=4, content={
            "creatinine": {"label": "Creatinine", "type": "text"}, "fasting": {"label": "Fasting", "type": "boolean"}},
            initial_value={"creatinine": "81 umol/l", "fasting": True}),
    }  # fmt: skip


def everything() -> Tree:
    """Every control with every option of the format, every member of viewports, annotations and presets."""
    return {
        "template_name": "everything",
        "sop": "# What to do\n\n1. Look.\n2. Answer.",
        "link_localizers": True,
        "mdl_layout": "Horizontal {{ {viewports} Vertical {{ {editor} {qa_fields} }} }}",
        "mode": "qc",
        "timer": True,
        "require_full_read": True,
        "presets": [{"__name__": "Slab", "left": {"scan": "T1", "orientation": "Sagittal", "annotation": "wml",
                                                  "projection": "max", "projection_slab": 7}}],
        "viewports": [
            {"type": "viewport", "name": "left", "scan": "T1", "annotation": "wml", "x": 0, "y": 0, "linked": True,
             "orientation": "Coronal", "label": "1", "projection": "min", "projection_slab": 3,
             "slice_highlight_interval": 5, "interpolation": "linear"},
            {"type": "viewport", "name": "right", "scan": "FLAIR", "annotation": None, "x": 1, "y": 0, "linked": False},
        ],
        "scans": {"T1": {"modality": "MR", "protocols": "T1W"}, "FLAIR": {"modality": "MR", "protocols": "FLAIR"}},
        "annotations": {"wml": {"type": "pixel", "editable": True, "editors": ["pixel"], "labels": {
            "1": {"name": "WML", "colour": [255, 0, 0], "description": "White matter lesion", "opacity": "0.4"}}}},
        "qa_fields": {"tabs": field("TabsWidget", "Tabs", 0, 0, order=["General", "Findings", "Talk"], content={
            "General": _general(), "Findings": _findings(), "Talk": _talk()})},
    }  # fmt: skip


def _simple() -> Tree:
    """A small template without any fault."""
    return {
        "template_name": "simple", "sop": "Look.",
        "viewports": [{"type": "viewport", "name": "v", "scan": "T1", "annotation": None, "x": 0, "y": 0,
                       "linked": True}],
        "scans": {"T1": {"modality": "MR", "protocols": "T1W"}},
        "annotations": {"wml": {"labels": {"1": {"name": "WML"}}}},
        "qa_fields": {"q": field("ComboBox", "Quality", 0, 0, options=["Good", "Poor"]),
                      "n": field("NumberEdit", "Number", 0, 1)},
    }  # fmt: skip


def _changed(change: Callable[[Tree], object]) -> Tree:
    tree = copy.deepcopy(_simple())
    change(tree)
    return tree


def _put(path: str, value: Any) -> Tree:
    def change(tree: Tree) -> None:
        *way, last = path.split("/")
        inside: Any = tree
        for name in way:
            inside = inside[int(name)] if isinstance(inside, list) else inside[name]
        inside[last] = value

    return _changed(change)


def _without(path: str) -> Tree:
    def change(tree: Tree) -> None:
        *way, last = path.split("/")
        inside: Any = tree
        for name in way:
            inside = inside[int(name)] if isinstance(inside, list) else inside[name]
        del inside[last]

    return _changed(change)


def tolerances() -> dict[str, Tree]:
    """One template for each thing that we take although the schema, or the validator, may not."""
    q, label, port = "qa_fields/q", "annotations/wml/labels/1", "viewports/0"
    marker = field("MarkerEdit", "M", 0, 2, max_number=0, groups=[RED])
    found = {
        "plain": _simple(),
        "name with a hyphen": _put("template_name", "my-qa"), "short name": _put("template_name", "a"),
        "no name": _without("template_name"), "no sop": _without("sop"),
        "both forms": _put("contexts", {"a": {"viewports": [], "scans": {}, "annotations": None, "qa_fields": {}}}),
        "context that is text": {"template_name": "ab", "sop": "", "contexts": {
            "b": {"viewports": [], "scans": {}, "annotations": None, "qa_fields": {}}}},
        "unknown key": _put("qa_fields/q/colour_of_the_sky", "blue"), "no annotations": _put("annotations", None),
        "x as a whole float": _put(f"{q}/x", 0.0), "x as half": _put(f"{q}/x", 0.5), "x as text": _put(f"{q}/x", "0"),
        "no label": _without(f"{q}/label"), "no x": _without(f"{q}/x"), "no control": _without(f"{q}/control"),
        "unknown control": _put(f"{q}/control", "Slider"), "control in lower case": _put(f"{q}/control", "combobox"),
        "type null": _put(f"{q}/type", None), "unknown type": _put(f"{q}/type", "Text"),
        "enabled as text": _put(f"{q}/enabled", "true"), "depends_on as a boolean": _put(f"{q}/depends_on", True),
        "options as a mapping": _put(f"{q}/options", {"Good": 1}), "options as booleans": _put(f"{q}/options", [True]),
        "property of another control": _put("qa_fields/n/hint_text", "x"),
        "min on a number": _put("qa_fields/n/min", 1),
        "option keys": _put(f"{q}/option_keys", ["1", "2"]),
        "option colours": _put(f"{q}/option_colours", ["red", None]),
        "orientation Axial": _put(f"{port}/orientation", "Axial"), "no linked": _without(f"{port}/linked"),
        "no annotation of a viewport": _without(f"{port}/annotation"),
        "viewport of no scan": _put(f"{port}/scan", "T9"), "annotation of no name": _put(f"{port}/annotation", "nn"),
        "projection null": _put(f"{port}/projection", None), "label as a number": _put(f"{port}/label", 1),
        "protocols as a list": _put("scans/T1/protocols", ["T1W"]), "free key of a scan": _put("scans/T1/te", 3),
        "annotation type": _put("annotations/wml/type", "vector"),
        "editors as text": _put("annotations/wml/editors", "pixel"),
        "editors empty": _put("annotations/wml/editors", []),
        "labels null": _put("annotations/wml/labels", None), "labels as a list": _put("annotations/wml/labels", []),
        "color": _put(f"{label}/color", [1, 0, 0]), "colour as text": _put(f"{label}/colour", "#ff0000"),
        "opacity as a number": _put(f"{label}/opacity", 0.5), "opacity as a word": _put(f"{label}/opacity", "half"),
        "preset with projection none": _put("presets", [{"__name__": "p", "v": {"scan": "T1", "projection": "none"}}]),
        "preset without a name": _put("presets", [{"v": {"scan": "T1"}}]),
        "marker colour of ones": _put("qa_fields/m", {**marker, "groups": [{**RED, "color": [1, 0, 0]}]}),
        "marker colour by name": _put("qa_fields/m", {**marker, "groups": [{**RED, "color": "red"}]}),
        "marker size 0": _put("qa_fields/m", {**marker, "groups": [{**RED, "marker_size": 0}]}),
        "no max_number": _put("qa_fields/m", field("MarkerEdit", "M", 0, 2)),
        "landmark of type 0": _put("qa_fields/m", field("Landmarks", "L", 0, 2, markers=[
            {"name": "AC", "category": "a", "type": 0}])),
        "contour group without description": _put("qa_fields/m", field("CSOEdit", "C", 0, 2, groups=[
            {"label": "a", "color": "#ffffff"}])),
        "variable that is a number": _put("qa_fields/m", field(
            "CalculatedScore", "C", 0, 2, variables={"a": 1}, formula="a")),
        "tab that is a list": _put("qa_fields/m", field("TabsWidget", "T", 0, 2, content={"A": []})),
        "alert as text": _put("qa_fields/m", field("CheckBox", "C", 0, 2, alert_on_checked="Call somebody.")),
        "layout without editor": _put("mdl_layout", "Horizontal {{ {viewports} {qa_fields} }}"),
        "layout with editors": _put("mdl_layout", "Horizontal {{ {viewports} {editors} {qa_fields} }}"),
        "layout that is a list": _put("mdl_layout", []), "fields as a list": _put("qa_fields", []),
    }  # fmt: skip
    found["context that is text"]["contexts"]["a"] = "text"
    return found
