"""Fields documents as their consumers read them, and as they are read back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.template_texts import context_of, field
from viewr.model.annotation import drawn_from_json, drawn_to_json
from viewr.model.contour import Contour
from viewr.model.marker import Marker
from viewr.model.result import (
    ResultFile,
    drawn_copies,
    fields_document,
    manifest_document,
    merged_documents,
    read_fields,
)
from viewr.model.template import Context, Field
from viewr.model.template_values import initial_answers

CONTEXT = context_of(
    quality=field("ComboBox", options=["Good", "Poor"]),
    count=field("NumberEdit", type="Integer"),
    usable=field("CheckBox", visible=False),
    box=field("BoxWidget", content={"comment": field("TextBox"), "where": field("MarkerEdit", max_number=1, y=1)}),
    tabs=field("TabsWidget", content={"one": {"a": field()}, "two": {"b": field("NumberEdit")}}),
    lesions=field(
        "ListingWidget",
        columns=["kind"],
        content={"kind": field(), "where": field("MarkerEdit", max_number=1, y=1), "edge": field("CSOEdit", y=2)},
    ),
    none=field("ListingWidget", columns=["x"], content={"x": field()}),
    bleeds=field("MarkerEdit", max_number=0),
    outline=field("CSOEdit"),
    score=field("CalculatedScore", variables={}, formula="1"),
)

SQUARE = Contour(
    id=3, seed_points=((0, 0, 5), (10, 0, 5), (10, 10, 5)), path_points=((0, 0, 5), (10, 0, 5), (10, 10, 5)),
    plane_origin=(0, 0, 5), plane_normal=(0, 0, 1), group=1, label="rim", closed=True, tool="polygon", scan="T1",
)  # fmt: skip
DRAWINGS = {
    ("default", "bleeds"): (Marker((1.0, 2.0, 3.0), 1, "", 1), Marker((4.0, 5.0, 6.0), 0, "", 2)),
    ("default", "box/where"): (Marker((-7.5, 8.0, 9.0), 0, "tip", 1, "T1"),),
    ("default", "lesions/r7/where"): (Marker((1.0, 1.0, 1.0), 0, "", 1),),
    ("default", "outline"): (SQUARE,),
    ("other", "bleeds"): (Marker((0.0, 0.0, 0.0)),),
}
ANSWERS = {
    **initial_answers(CONTEXT),
    "quality": "Good",
    "count": 3.0,
    "box": {"comment": "fine"},
    "lesions": [{"__id__": "r2", "kind": "A"}, {"__id__": "r7", "kind": "B", "odd": 1}],
    "score": 1.5,
    "gone": "from an older template",
}


def document() -> dict[str, Any]:
    return fields_document(CONTEXT, ANSWERS, DRAWINGS, {"saved": "2024-05-01T10:00:00Z", "final": True})


def test_document_by_hand():
    marker = {"pos": [1.0, 1.0, 1.0], "type": 0, "name": "", "id": 1}
    tip = {"pos": [-7.5, 8.0, 9.0], "type": 0, "name": "tip", "id": 1, "scan": "T1"}
    points = [[0, 0, 5], [10, 0, 5], [10, 10, 5]]
    assert document() == {
        "quality": "Good",
        "count": 3,
        "usable": False,
        "box": {"comment": "fine", "where": [tip]},
        "tabs": {"a": None, "b": None},
        "lesions": [{"kind": "A", "where": [], "edge": []}, {"kind": "B", "where": [marker], "edge": []}],
        "none": [],
        "bleeds": [
            {"pos": [1.0, 2.0, 3.0], "type": 1, "name": "", "id": 1},
            {"pos": [4.0, 5.0, 6.0], "type": 0, "name": "", "id": 2},
        ],
        "outline": [
            {
                "id": 3, "group": 1, "label": "rim", "closed": True, "seed_points": points, "path_points": points,
                "plane": {"origin": [0, 0, 5], "normal": [0, 0, 1]}, "tool": "polygon", "scan": "T1",
            }
        ],
        "score": 1.5,
        "__viewr__": {
            "format": "viewr-result/1", "saved": "2024-05-01T10:00:00Z", "final": True, "context": "default",
        },
    }  # fmt: skip
    assert isinstance(document()["count"], int)
    json.dumps(document(), allow_nan=False)


@pytest.mark.parametrize("answers", [{}, {"box": None, "lesions": None, "tabs": 3, "none": "x", "bleeds": None}])
def test_every_field_is_there_and_no_container_is_null(answers):
    found = fields_document(CONTEXT, answers, {}, {})
    assert found["box"] == {"comment": None, "where": []}
    assert found["tabs"] == {"a": None, "b": None}
    assert (found["lesions"], found["none"], found["bleeds"], found["outline"]) == ([], [], [], [])
    assert found["quality"] is None
    assert list(found) == [*(one.name for one in CONTEXT.fields), "__viewr__"]


def test_values_that_do_not_fit_become_none():
    found = fields_document(CONTEXT, {"quality": "Bad", "count": "many", "score": float("nan")}, {}, {})
    assert (found["quality"], found["count"], found["score"]) == (None, None, None)


# the consumers


def castor_value(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def castor_flat(fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, str]:
    """What the Castor consumer makes of a result: the rules of the reference, 4.1."""
    flat: dict[str, str] = {}
    for one in fields:
        value = values[one.name]
        if one.control in ("BoxWidget", "TabsWidget"):
            flat.update(castor_flat(one.children, value))
        elif one.control == "ListingWidget":
            flat[one.name] = str([castor_flat(one.children, row) for row in value])
            flat[f"{one.name}_count"] = str(len(value))
        elif one.control == "MarkerEdit" and len(value) == 1:
            flat.update({f"{one.name}_{axis}": str(value[0]["pos"][n]) for n, axis in enumerate("xyz")})
        else:
            flat[one.name] = castor_value(value)
    return flat


def test_castor_reads_the_values():
    context = context_of(
        usable=field("CheckBox"),
        note=field("TextBox"),
        box=field("BoxWidget", content={"where": field("MarkerEdit", max_number=1)}),
        tabs=field("TabsWidget", content={"t": {"n": field("NumberEdit")}}),
        lesions=field("ListingWidget", columns=["a"], content={"a": field()}),
        bleeds=field("MarkerEdit", max_number=0),
    )
    answers = {"usable": True, "tabs": {"n": 4}, "lesions": [{"__id__": "r1"}, {"__id__": "r2"}]}
    drawings = {("default", "box/where"): (Marker((-7.5, 8.0, 9.25)),)}
    assert castor_flat(context.fields, fields_document(context, answers, drawings, {})) == {
        "usable": "true",
        "note": "None",
        "where_x": "-7.5",
        "where_y": "8.0",
        "where_z": "9.25",
        "n": "4",
        "lesions": "[{'a': 'None'}, {'a': 'None'}]",
        "lesions_count": "2",
        "bleeds": "[]",
    }


def pidb_findings(fields: tuple[Field, ...], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the PIDB consumer stores: JSON per leaf; it takes containers as they come, and fails on null ones."""
    found: list[tuple[str, str]] = []
    for one in fields:
        value = values[one.name]
        if one.control in ("BoxWidget", "TabsWidget"):
            found += pidb_findings(one.children, value)
        elif one.control == "ListingWidget":
            for row in value:
                found += pidb_findings(one.children, row)
        else:
            found.append((one.name, json.dumps(value)))
    return found


def test_pidb_reads_the_values():
    findings = pidb_findings(CONTEXT.fields, document())
    assert ("quality", '"Good"') in findings
    assert ("usable", "false") in findings
    assert [value for name, value in findings if name == "kind"] == ['"A"', '"B"']
    pidb_findings(CONTEXT.fields, fields_document(CONTEXT, {"box": None}, {}, {}))


# copies and manifest


def test_copies_of_what_was_drawn():
    copies = drawn_copies(CONTEXT, ANSWERS, DRAWINGS)
    assert [(path, kind, len(items)) for path, kind, items in copies] == [
        ("box/where", "markers", 1),
        ("lesions/2/where", "markers", 1),
        ("bleeds", "markers", 2),
        ("outline", "contours", 1),
    ]


def test_manifest():
    file = ResultFile("annotation", "wml_2024-05-01T10:00:00.nii.gz", "/data/x", 12, "aa", "bb")
    found = manifest_document([file], {"task": "/api/v1/tasks/20"})
    assert found["files"] == [
        {
            "role": "annotation",
            "name": "wml_2024-05-01T10:00:00.nii.gz",
            "uri": "/data/x",
            "size": 12,
            "md5": "aa",
            "sha256": "bb",
        }
    ]
    assert (found["format"], found["task"]) == ("viewr-result/1", "/api/v1/tasks/20")


# reading back


def test_round_trip():
    answers, drawings, unread = read_fields(json.loads(json.dumps(document())), CONTEXT)
    assert unread == {}
    assert fields_document(CONTEXT, answers, drawings, {"saved": "2024-05-01T10:00:00Z", "final": True}) == document()
    assert [row["__id__"] for row in answers["lesions"]] == ["r1", "r2"]
    assert drawings[("default", "lesions/r2/where")] == (Marker((1.0, 1.0, 1.0), 0, "", 1),)
    (contour,) = drawings[("default", "outline")]
    assert contour == SQUARE
    assert drawings[("default", "box/where")] == (Marker((-7.5, 8.0, 9.0), 0, "tip", 1, "T1"),)


def test_result_of_the_original():
    given = {
        "quality": "Good", "count": "4", "usable": "true", "box": {"comment": 12},
        "bleeds": [{"pos": [1, 2, 3, 0, 0, 0], "type": "1"}, {"position": [4, 5, 6]}, {"x": 7, "y": 8, "z": 9},
                   [1, 2, 3]],
        "lesions": [{"kind": "A", "where": {"pos": [1, 2, 3]}}],
    }  # fmt: skip
    answers, drawings, unread = read_fields(given, CONTEXT)
    assert (answers["quality"], answers["count"], answers["usable"]) == ("Good", 4, True)
    assert answers["box"]["comment"] == "12"
    assert [marker.pos for marker in drawings[("default", "bleeds")]] == [(1, 2, 3), (4, 5, 6), (7, 8, 9), (1, 2, 3)]
    assert [marker.id for marker in drawings[("default", "bleeds")]] == [1, 2, 3, 4]
    assert drawings[("default", "lesions/r1/where")][0].pos == (1, 2, 3)
    assert unread == {}


def test_what_the_original_says_of_a_marker_is_written_back():
    marker = {"pos": [1, 2, 3, 0, 5, 0], "type": 1, "vector": [0, 0, 1], "comment": "é", "id": 4}
    answers, drawings, unread = read_fields({"bleeds": [marker, {"x": 1, "y": 2, "z": 3, "t": 9}]}, CONTEXT)
    (first, second) = fields_document(CONTEXT, answers, drawings, {})["bleeds"]
    assert first == {**marker, "name": ""}
    assert second == {"pos": [1, 2, 3], "type": 0, "name": "", "id": 2, "t": 9}
    assert unread == {}
    moved = {("default", "bleeds"): (replace(drawings[("default", "bleeds")][0], pos=(7.0, 8.0, 9.0)),)}
    assert fields_document(CONTEXT, answers, moved, {})["bleeds"][0]["pos"] == [7, 8, 9, 0, 5, 0]
    held = drawn_from_json(json.loads(json.dumps(drawn_to_json(drawings[("default", "bleeds")][0]))))
    assert held == drawings[("default", "bleeds")][0]


def test_what_fits_nowhere_is_kept():
    given = {
        "quality": "Bad", "count": [1], "box": "text", "gone": 3, "bleeds": [{"name": "no place"}],
        "lesions": [{"kind": "A", "extra": 1}, "row"], "__viewr__": {"unread": {"older": 1}},
    }  # fmt: skip
    answers, drawings, unread = read_fields(given, CONTEXT)
    assert answers["quality"] is None
    assert answers["box"] == {"comment": None, "where": []}
    assert len(answers["lesions"]) == 1
    assert drawings == {}
    assert unread == {
        "older": 1, "quality": "Bad", "count": [1], "box": "text", "gone": 3, "bleeds/1": {"name": "no place"},
        "lesions/1/extra": 1, "lesions/2": "row",
    }  # fmt: skip


def test_objects_get_ids_of_their_own():
    pos = {"pos": [0, 0, 0]}
    _, drawings, _ = read_fields({"bleeds": [{**pos, "id": 5}, {**pos, "id": 5}, {**pos, "id": 0}]}, CONTEXT)
    assert [marker.id for marker in drawings[("default", "bleeds")]] == [5, 6, 7]


def test_contours_without_a_plane():
    flat = {"seed_points": [[0, 0, 5], [2, 0, 5], [2, 2, 5]]}
    line = {"seed_points": [[0, 0, 5], [2, 0, 5]]}
    _, drawings, unread = read_fields({"outline": [flat, line, {"seed_points": [["x", 1, 2]]}]}, CONTEXT)
    (contour,) = drawings[("default", "outline")]
    assert isinstance(contour, Contour)
    assert (contour.plane_normal, contour.plane_origin) == ((0.0, 0.0, 1.0), (0.0, 0.0, 5.0))
    assert set(unread) == {"outline/2", "outline/3"}


def test_initial_values_stand_under_loaded_ones():
    merged = merged_documents({"quality": "Poor", "box": {"comment": "a"}}, {"box": {"where": []}, "quality": "Good"})
    assert merged == {"quality": "Good", "box": {"comment": "a", "where": []}}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "where", "edge", "pos", "x", "comment", "seed_points", "plane", "id", "__id__"]),
            inner,
        )
    ),
    max_leaves=15,
)
_NAMES = st.sampled_from([*(one.name for one in CONTEXT.fields), "__viewr__", "zz"])


@given(st.dictionaries(_NAMES, _JSON, max_size=8))
def test_any_document_is_read_and_written(given_document):
    answers, drawings, _ = read_fields(given_document, CONTEXT)
    json.dumps(fields_document(CONTEXT, answers, drawings, {}), allow_nan=False)


@given(_JSON)
def test_any_answers_are_written(value):
    context: Context = CONTEXT
    for one in context.fields:
        found = fields_document(context, {one.name: value}, {}, {})
        with contextlib.suppress(KeyError):
            del found["__viewr__"]
        json.dumps(found, allow_nan=False)
