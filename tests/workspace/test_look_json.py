"""A look that is kept comes back as it was; what the program did not write stays as the template has it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewr.model.labelmap import Label
from viewr.model.reformat import Reformat
from viewr.model.state import Layout, Links, Look, ViewportLook
from viewr.model.template import AnnotationSpec, Context, ScanSpec, Template, Viewport
from viewr.model.volume import Window
from viewr.workspace.look import initial_look
from viewr.workspace.look_json import look_to_json, read_look

SCANS = (ScanSpec("CT"), ScanSpec("PT"))
NOTES = (AnnotationSpec("lab", True, (Label(1, "Lesion"), Label(7, "Edema"))), AnnotationSpec("old", False))
PORTS = (Viewport("a", "CT", annotation="lab", linked=True), Viewport("b", "PT"))
TEMPLATE = Template("t", (Context("left", viewports=PORTS, scans=SCANS, annotations=NOTES), Context("right")))
START = initial_look(TEMPLATE)
A, B, EXTRA = ("left", "a"), ("left", "b"), ("left", "extra 1")
#: A quarter turn about the patient's axis from foot to head.
TURNED = Reformat(
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), ((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
)

LEFT = replace(
    START,
    context="right",
    viewports={
        A: ViewportLook(
            "PT", "", "Coronal", Window(400.5, 0.1 + 0.2, "Lung", b"\x00\x7f\xff", 1.5, True), True, 0.3, (1 / 3, -2.5),
            True, "cubic", "max", 9, "mine", 4, True, "hot", 0.7, 3, True, (2, 1), "CT", Window(10, 5), "pet", 0.25,
            ("old",),
        ),
        B: START.viewports[B],
        EXTRA: ViewportLook("CT", orientation="Sagittal", linked=True, extra=True),
    },
    positions={B: (0.1, 0.2, 1e-17), EXTRA: (-3.0, 4.0, 5.5)},
    active=EXTRA, maximised=B, labels={("left", "lab"): 7}, brush_mm=12.5, overlays_hidden=True, overlay_opacity=0.5,
    overlay_outline=True, hidden_labels={("left", "lab"): frozenset({1, 300})}, crosshair=False,
    axes={"left": TURNED}, links={"left": Links(position=False, zoom=True, window=True, scan_window=False)},
    reference_lines=True, strip=False,
    layouts={"left": Layout("2 beside", ("b", "extra 1"), (True, None, (0.5, -1.0)))},
)  # fmt: skip


def back(look: Look, **changes: Any) -> Look:
    """Through a file, with other members in it."""
    data = {**json.loads(json.dumps(look_to_json(look, START), allow_nan=False)), **changes}
    return read_look(data, START, TEMPLATE)


def test_everything_comes_back_to_the_last_bit() -> None:
    assert back(LEFT) == LEFT


def test_what_the_reader_did_not_touch_is_not_written() -> None:
    written = look_to_json(START, START)
    assert written["viewports"] == []
    assert len(json.dumps(written)) < 400
    assert back(START) == START


def test_tool_selection_and_the_second_window_do_not_come_back() -> None:
    held = replace(START, tool="brush", target=("left", "x"), selected=(("left", "x"), 1), away=(A,), group=2)
    assert back(held) == START


BAD_VIEWPORT = [
    ("scan", "nowhere"), ("scan", ["CT"]), ("annotation", "nothing"), ("orientation", "Up"), ("window", 5),
    ("window", {"width": float("inf")}), ("window", {"width": -1}), ("window", {"width": 1, "level": None}),
    ("inverted", 1), ("mm_per_pixel", 0), ("mm_per_pixel", float("nan")), ("mm_per_pixel", True), ("pan_mm", [1]),
    ("pan_mm", [1, 1e300]), ("pan_mm", {"0": 1}), ("linked", "yes"), ("interpolation", "magic"), ("projection", ""),
    ("slab_slices", 0), ("slab_slices", 2.5), ("slab_slices", 10**400), ("label", "x" * 1000), ("lut", "grün"),
    ("gamma", 0), ("turned", 4), ("turned", -1), ("frame", [-1]), ("frame", list(range(100))), ("frame", [10**30]),
    ("fused", "nowhere"), ("fused_opacity", 2), ("also", ["nothing"]), ("also", ["old"] * 50), ("flipped", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD_VIEWPORT)
def test_a_bad_member_of_a_viewport_stays_as_the_template_has_it(name: str, value: Any) -> None:
    good = {"key": ["left", "a"], "inverted": True, "gamma": 2.0}
    read = back(START, viewports=[{**good, name: value}]).viewports[A]
    expected = replace(START.viewports[A], inverted=True, gamma=2.0)
    assert read == replace(expected, **{name: getattr(START.viewports[A], name)})


BAD = [
    {"viewports": 7}, {"viewports": [None, [], {"key": 1}, {"key": ["left"]}, {"key": ["nowhere", "a"]}]},
    {"viewports": [{"key": ["left", "new"], "scan": "CT"}]}, {"viewports": [{"key": ["left", "new"], "extra": True}]},
    {"positions": [[["left", "a"], [1, 2, float("nan")]], [["left", "z"], [1, 2, 3]], 5, [1, 2]]},
    {"active": ["left", "z"]}, {"maximised": 9}, {"context": "nowhere"}, {"labels": [[["left", "lab"], 9]]},
    {"labels": [[["left", "lab"], True]]}, {"hidden": [[["left", "none"], [1]], [["left", "lab"], [-1]]]},
    {"hidden": [[["left", "lab"], list(range(5000))]]}, {"axes": [["left", {"base": [[1, 0, 0]], "axes": []}]]},
    {"axes": [["left", {"base": [[1, 0, 0]] * 3, "axes": [[1, 0, 0]] * 3}]]},
    {"axes": [["left", {"base": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]], "axes": [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]}]]},
    {"links": [["left", {"position": 1}]]}, {"links": {"left": {}}}, {"links": [["left", [True, True]]]},
    {"layouts": [["left", {"name": "9x9", "cells": []}]]},
    {"layouts": [["left", {"name": "2x2", "cells": ["a", "z"]}]]}, {"axes": [[[], None]]},
    {"layouts": [["left", {"name": "1", "cells": ["a", "b"]}]]},
    {"layouts": [["left", {"name": "2x2", "cells": ["a", "a"]}]]}, {"layouts": [["left", None], "left", None]},
    {"brush_mm": -1}, {"overlay_opacity": "full"}, {"strip": 3}, {"crosshair": None}, {"unknown": {"deep": [1]}},
]  # fmt: skip


@pytest.mark.parametrize("changes", BAD)
def test_a_bad_member_of_the_look_stays_as_the_template_has_it(changes: dict[str, Any]) -> None:
    assert back(START, **changes) == START


def test_no_more_viewports_are_added_than_fit(caplog: pytest.LogCaptureFixture) -> None:
    more = [{"key": ["left", f"extra {n}"], "scan": "CT", "extra": True} for n in range(500)]
    assert len(back(START, viewports=more).viewports) == 2 + 12
    with caplog.at_level("INFO"):
        back(START, brush_mm="thick", crosshair=0)
    assert "2 values were left out (brush_mm, crosshair)" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "left", "a", "lab", "CT", "2x2"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["key", "name", "scan"]), inner),
    max_leaves=12,
)  # fmt: skip
MEMBERS = st.sampled_from(sorted({*look_to_json(LEFT, START), "brush_mm", "strip"}))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(MEMBERS, JSON, max_size=6))
def test_no_file_ever_fails_or_leads_outside(changes: dict[str, Any]) -> None:
    look = back(LEFT, **changes)
    assert {A, B} <= look.viewports.keys()
    assert look.active is None or look.active in look.viewports
    assert all(port.scan in {"CT", "PT"} for port in look.viewports.values())
    # and what was read can be written
    look_to_json(look, START)
