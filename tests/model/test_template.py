"""Templates as authors write them: each tolerance of the format, and the place of each fault."""

from __future__ import annotations

import contextlib
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.template_texts import field, load, sentences, viewport, whole
from viewr.model.errors import TemplateError
from viewr.model.template import load_template, walk_fields
from viewr.model.template_controls import OWN_KEYS
from viewr.model.template_values import initial_answers

YAML = """\
template_name: manual_qa
sop: |
  # Look at T1
mdl_layout: "Horizontal {{ {viewports} Vertical {{ {editor} {qa_fields} }} }}"
viewports:
  - {type: viewport, name: left, scan: T1, annotation: wml, x: 0, y: 0, linked: true, orientation: Coronal}
scans:
  T1: {modality: MR, protocols: T1W}
annotations:
  wml:
    type: pixel
    editable: true
    editors: [pixel]
    labels:
      '1': {name: WML, description: lesion, colour: [1.0, 0.5, 0.0], opacity: '0.4'}
qa_fields:
  quality: {control: ComboBox, label: Quality, x: 0, y: 0, options: [Good, Poor]}
"""


def test_plain_template_has_no_problems():
    template = load_template(YAML)
    assert template.problems == ()
    assert template.name == "manual_qa"
    assert template.sop == "# Look at T1\n"
    assert template.sha256 == hashlib.sha256(YAML.encode()).hexdigest()
    context = template.context("default")
    assert context.viewports[0].orientation == "Coronal"
    assert context.viewports[0].linked
    assert context.annotations[0].labels[0].colour == (255, 128, 0)
    assert context.annotations[0].labels[0].opacity == 0.4
    assert context.fields[0].options == ("Good", "Poor")
    assert context.mdl_layout.startswith("Horizontal")
    assert template.mdl_layout == ""


def test_json_is_read_too():
    assert load(viewports=[viewport()]).problems == ()


def test_json_with_surrogate_pairs_and_exponents():
    template = load_template(whole(qa_fields={"a": field(label="\U0001f600 \u05d0")}))
    assert template.contexts[0].fields[0].label == "\U0001f600 \u05d0"
    template = load_template('{"qa_fields": {"a": {"control": "NumberEdit", "initial_value": 1e5}}}')
    assert template.contexts[0].fields[0].initial_value == 100000.0


# top level


def test_several_contexts():
    context = {"viewports": [], "scans": {}, "annotations": {}, "qa_fields": {}}
    text = whole(contexts={"a": context, "b": {**context, "mdl_layout": "x"}}, mdl_layout="Vertical {{ {a} {b} }}")
    template = load_template(text)
    assert [one.name for one in template.contexts] == ["a", "b"]
    assert template.mdl_layout == "Vertical {{ {a} {b} }}"
    assert template.contexts[1].mdl_layout == "x"
    assert "both 'contexts' and 'viewports'; 'contexts' counts" in sentences(template)


def test_context_that_is_no_mapping_is_left_out():
    template = load_template("template_name: aa\nsop: x\ncontexts:\n  a: text\n  b: {qa_fields: {}}\n")
    assert [one.name for one in template.contexts] == ["b"]
    problem = next(one for one in template.problems if one.path == "contexts/a")
    assert (problem.severity, problem.line) == ("error", 4)


@pytest.mark.parametrize("text", ["", "just words", "[1, 2]", "42", "sop: aa", "contexts: {a: 1}", "a: [b", "\x00"])
def test_nothing_to_show_is_an_error(text):
    with pytest.raises(TemplateError):
        load_template(text)


def test_fault_of_syntax_names_the_line():
    with pytest.raises(TemplateError, match="line 3"):
        load_template("template_name: aa\nqa_fields: {}\nsop: [a }\n")


@pytest.mark.parametrize(
    ("layout", "outer", "inner"),
    [
        ("Horizontal {{ {default} }}", True, False),
        ("Horizontal {{ {viewports} {editor} {qa_fields} }}", False, True),
        ("Horizontal { { default } }", True, False),
    ],
)
def test_layout_of_single_form_is_told_by_its_slots(layout, outer, inner):
    template = load(mdl_layout=layout)
    assert template.mdl_layout == (layout if outer else "")
    assert template.contexts[0].mdl_layout == (layout if inner else "")


def test_missing_members_are_empty_and_named():
    template = load_template("template_name: aa\nqa_fields: {}\n")
    assert template.contexts[0].viewports == ()
    for key in ("sop", "viewports", "scans", "annotations"):
        assert f"'{key}' is missing" in sentences(template)


def test_unknown_key_is_kept_with_an_offer():
    template = load(link_localizer=True)
    assert template.extra["link_localizer"] is True
    assert "Did you mean 'link_localizers'?" in sentences(template)


def test_two_documents_and_duplicate_keys_are_remarked():
    template = load_template("template_name: aa\nsop: x\nsop: y\nqa_fields: {}\n---\nmore: 1\n")
    assert template.sop == "y"
    assert "The key 'sop' stands twice" in sentences(template)
    assert "several documents" in sentences(template)
    assert next(one for one in template.problems if "twice" in one.message).line == 3


def test_our_extensions():
    template = load(
        mode="qc",
        require_full_read=True,
        qa_fields={"q": field("ComboBox", options=["Good", "Poor"]), "n": field("TextBox", y=1)},
        quality={"field": "q", "map": {"Good": "usable"}, "note": "n", "scan": "T1"},
    )
    assert template.problems == ()
    assert template.mode == "qc"
    assert template.quality is not None
    assert template.quality["map"] == {"Good": "usable"}
    assert template.extra["require_full_read"] is True


def test_quality_that_names_no_field():
    assert "'qq', which does not exist" in sentences(load(quality={"field": "qq", "map": {}}))


# scans and annotations


def test_scan_keeps_its_free_keys():
    template = load(scans={"T1": {"modality": "MR", "protocols": ["a", "b"], "weight": 3}, "T2": None})
    first, second = template.contexts[0].scans
    assert (first.protocols, first.extra["weight"]) == (("a", "b"), 3)
    assert second.name == "T2"


@pytest.mark.parametrize(
    ("members", "editable"),
    [
        ({"editors": ["pixel"]}, True),
        ({"editors": "pixel"}, True),
        ({"editors": []}, False),
        ({"editors": None}, False),
        ({}, False),
        ({"editors": ["pixel"], "editable": False}, False),
        ({"editable": "true"}, True),
        ({"editable": True, "type": "contour"}, False),
    ],
)
def test_editable_annotation(members, editable):
    assert load(annotations={"a": members}).contexts[0].annotations[0].editable is editable


@pytest.mark.parametrize(
    ("colour", "rgb"),
    [
        ({"colour": [1, 0, 0]}, (255, 0, 0)),
        ({"colour": [0.5, 0, 1.0]}, (128, 0, 255)),
        ({"colour": [2, 0, 0]}, (2, 0, 0)),
        ({"colour": [255, 128, 300]}, (255, 128, 255)),
        ({"color": "#ff8000"}, (255, 128, 0)),
        ({"colour": "#f80"}, (255, 136, 0)),
        ({"colour": "Orange"}, (255, 165, 0)),
        ({"colour": ["1", "0", "0"]}, (255, 0, 0)),
    ],
)
def test_colours(colour, rgb):
    template = load(annotations={"a": {"labels": {"1": {"name": "n", **colour}}}})
    assert template.contexts[0].annotations[0].labels[0].colour == rgb
    assert template.problems == ()


@pytest.mark.parametrize(
    ("opacity", "value"), [("0.4", 0.4), (".5", 0.5), (0.25, 0.25), ("3", 1.0), (-1, 0.0), ("x", 0.5), (None, 0.5)]
)
def test_opacity(opacity, value):
    template = load(annotations={"a": {"labels": {"1": {"name": "n", "opacity": opacity}}}})
    assert template.contexts[0].annotations[0].labels[0].opacity == value


def test_labels_with_whole_number_keys_are_ordered_by_value():
    text = "template_name: aa\nsop: x\nviewports: []\nscans: {}\nqa_fields: {}\nannotations:\n"
    template = load_template(text + "  a:\n    labels: {10: {name: ten}, 9: nine, 0: {}, 70000: {}, x: {}}\n")
    labels = template.contexts[0].annotations[0].labels
    assert [(label.value, label.name) for label in labels] == [(9, "nine"), (10, "ten")]
    assert sum("voxel value from 1" in one.message for one in template.problems) == 3


@pytest.mark.parametrize("labels", [None, [], ["a"], "text"])
def test_labels_of_any_kind_are_survived(labels):
    assert load(annotations={"a": {"labels": labels}}).contexts[0].annotations[0].labels == ()


# viewports


def test_places_are_counted_from_zero_and_collisions_move_right():
    views = [viewport("a", x=3, y=5), viewport("b", x=3, y=5), viewport("c", x=4, y=5), viewport("d", x=3, y=6)]
    template = load(viewports=views)
    assert [(one.x, one.y) for one in template.contexts[0].viewports] == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert "this one moves to the right" in sentences(template)


def test_absurd_gaps_are_closed():
    template = load(viewports=[viewport("a"), viewport("b", x=1_000_000)])
    assert [one.x for one in template.contexts[0].viewports] == [0, 1]


def test_viewport_names_become_unique():
    template = load(viewports=[viewport("a"), viewport("a", x=1), viewport("a", x=2)])
    assert [one.name for one in template.contexts[0].viewports] == ["a", "a 2", "a 3"]


@pytest.mark.parametrize(
    ("word", "orientation"),
    [
        ("axial", "Transversal"), ("Transverse", "Transversal"), ("SAGITTAL", "Sagittal"), ("coronal", "Coronal"),
        (None, "Transversal"), ("oblique", "Transversal"),
    ],
)  # fmt: skip
def test_orientations(word, orientation):
    assert load(viewports=[viewport(orientation=word)]).contexts[0].viewports[0].orientation == orientation


def test_viewport_values_of_the_wrong_kind():
    template = load(
        viewports=[
            viewport(
                x="1",
                linked="true",
                projection=None,
                projection_slab=0,
                slice_highlight_interval=-3,
                interpolation="cubic",
            ),
            "text",
        ]
    )
    (view,) = template.contexts[0].viewports
    assert (view.linked, view.projection, view.projection_slab) == (True, "none", 1)
    assert (view.slice_highlight_interval, view.interpolation) == (0, "nearest")
    assert "'interpolation' must be one of nearest, linear" in sentences(template)
    assert "A viewport must be a mapping" in sentences(template)


def test_viewport_that_names_what_is_not_there():
    template = load(viewports=[viewport(scan="T11", annotation="wml")])
    assert template.contexts[0].viewports[0].scan == "T11"
    assert "scan 'T11', which does not exist. Did you mean 'T1'?" in sentences(template)
    assert "annotation 'wml', which does not exist" in sentences(template)


def test_absent_annotation_of_a_viewport_is_none():
    view = viewport()
    del view["annotation"]
    template = load(viewports=[view])
    assert template.contexts[0].viewports[0].annotation is None
    assert template.problems == ()


def test_label_of_a_viewport_may_be_a_number_or_a_name():
    annotations = {"wml": {"labels": {"2": {"name": "two"}}}}
    views = [viewport(annotation="wml", label=2), viewport("b", x=1, annotation="wml", label="two")]
    template = load(viewports=views, annotations=annotations)
    assert [view.label for view in template.contexts[0].viewports] == ["2", "two"]
    assert template.problems == ()
    assert "label '3'" in sentences(load(viewports=[viewport(annotation="wml", label=3)], annotations=annotations))


# presets


def test_presets_change_only_what_they_name():
    preset = {"v": {"orientation": "axial", "projection": None, "annotation": None}, "__name__": "Up"}
    template = load(viewports=[viewport()], presets=[preset, {"v": {"projection": "none", "projection_slab": 3}}])
    assert [one.name for one in template.presets] == ["Up", "Preset 2"]
    assert template.presets[0].viewports["v"] == {
        "orientation": "Transversal",
        "projection": "none",
        "annotation": None,
    }
    assert template.presets[1].viewports["v"] == {"projection": "none", "projection_slab": 3}
    assert template.problems == ()


def test_presets_may_name_the_context():
    assert load(viewports=[viewport()], presets=[{"default.v": {"scan": "T1"}}]).problems == ()
    assert "No viewport is named 'w'" in sentences(load(viewports=[viewport()], presets=[{"w": {"scan": "T1"}}]))
    assert "The scan 'T9' does not exist" in sentences(load(viewports=[viewport()], presets=[{"v": {"scan": "T9"}}]))


# limits


def test_aliases_cannot_grow():
    lines = ["template_name: aa", "sop: x", "l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(TemplateError, match="counting what aliases stand for"):
        load_template("\n".join([*lines, "qa_fields: *l11"]))


def test_alias_of_itself():
    with pytest.raises(TemplateError, match="stands for nothing"):
        load_template("a: &a [*a]\nqa_fields: {}\n")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 2_000_001,
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 200_000,
        '{"a":' * 100_000,
        "a: [" + "1," * 400_000 + "]",
    ],
)
def test_limits_end_in_a_sentence(text):
    with pytest.raises(TemplateError, match=r"more than|nested"):
        load_template(text)


def test_tags_run_nothing():
    template = load_template(
        "template_name: !!python/object/apply:os.system ['false']\nsop: !!python/name:os.system x\nqa_fields: {}\n"
    )
    assert template.sop == "x"


def test_deep_form():
    inner = field()
    for _ in range(25):
        inner = field("BoxWidget", content={"b": inner})
    template = load(qa_fields={"b": inner})
    assert max(path.count("/") for path, _ in walk_fields(template.contexts[0].fields)) == 25
    assert template.problems == ()


def test_merge_keys_and_anchors_work():
    template = load_template(
        "template_name: aa\nsop: x\nviewports: []\nscans: {}\nannotations: {}\nqa_fields:\n"
        "  a: &a {control: ComboBox, label: A, x: 0, y: 0, options: [p, q]}\n"
        "  b:\n    <<: *a\n    label: B\n    y: 1\n"
    )
    first, second = template.contexts[0].fields
    assert (second.label, second.options, second.y) == ("B", first.options, 1)
    assert template.problems == ()


def test_ten_thousand_fields_and_as_many_faults():
    fields = {f"f{n}": field(y=n, bogus=1) for n in range(10_000)}
    template = load(qa_fields=fields)
    assert len(template.contexts[0].fields) == 10_000
    assert 500 <= len(template.problems) <= 502


# anything at all

_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(list(OWN_KEYS))
)
_KEYS = st.sampled_from(
    ["qa_fields", "content", "control", "options", "columns", "x", "y", "groups", "markers", "variables", "viewports",
     "scans", "annotations", "labels", "presets", "contexts", "order", "a", "1", "initial_value", "quality", "color"]
)  # fmt: skip
_TREES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=30
)


@given(st.dictionaries(_KEYS, _TREES, min_size=1, max_size=6))
def test_any_mapping_is_read_or_refused(tree):
    try:
        template = load_template(json.dumps(tree))
    except TemplateError:
        return
    for context in template.contexts:
        assert initial_answers(context).keys() == {one.name for one in context.fields}


@given(st.text(max_size=200) | st.text("{}[]:,-&*!|>'\"# \n\tab1?<%@`", max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(TemplateError):
        load_template(text)
    with contextlib.suppress(TemplateError):
        load_template(f"qa_fields:\n  a: {text}")


FUSED = """
template_name: fused
viewports:
  - {type: viewport, name: a, scan: CT, fused: PET, annotation: null, x: 0, y: 0, linked: true}
  - {type: viewport, name: b, scan: CT, fused: PETT, annotation: null, x: 1, y: 0, linked: true}
presets:
  - {__name__: Plain, a: {fused: null}, b: {fused: PET}}
scans: {CT: {modality: CT, protocols: CT}, PET: {modality: PT, protocols: PET}}
annotations: null
qa_fields: {}
mdl_layout: "Horizontal {{ {viewports} {editor} {qa_fields} }}"
"""


def test_a_scan_may_be_laid_over_anothers_viewport():
    template = load_template(FUSED)
    first, second = template.contexts[0].viewports
    assert (first.fused, second.fused) == ("PET", "PETT")
    assert dict(template.presets[0].viewports["a"]) == {"fused": None}
    remarks = [problem.message for problem in template.problems if "PETT" in problem.message]
    assert len(remarks) == 1
    assert "'PET'" in remarks[0]
