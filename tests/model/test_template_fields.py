"""Form controls of templates: each with its own members and tolerances."""

from __future__ import annotations

import pytest

from tests.model.template_texts import context_of, field, field_of, load_fields, sentences
from viewr.model.template import load_template
from viewr.model.template_values import UNFIT, coerce, initial_answers


def test_common_members():
    one = field_of(
        control="LineEdit", type="integer", initial_value=3, enabled="false", visible=False, depends_on="a == 1",
        visible_on=True, documentation="Why", hint_text="Hint",
    )  # fmt: skip
    assert (one.type, one.initial_value, one.enabled, one.visible) == ("Integer", 3, False, False)
    assert (one.depends_on, one.visible_on, one.documentation) == ("a == 1", "True", "Why")
    assert one.extra["hint_text"] == "Hint"


@pytest.mark.parametrize(
    ("word", "kind"),
    [("String", "String"), ("INT", "Integer"), ("double", "Float"), ("Number", "Float"), ("bool", "Boolean"),
     (None, "String"), ("Matrix", "String")],
)  # fmt: skip
def test_types(word, kind):
    assert field_of(type=word).type == kind


def test_unknown_control_is_kept_with_an_offer():
    template = load_fields(f=field("NumbrEdit", foo=[1]))
    (one,) = template.contexts[0].fields
    assert (one.control, one.extra["foo"]) == ("NumbrEdit", [1])
    assert "Did you mean 'NumberEdit'?" in sentences(template)


def test_control_in_another_case():
    assert field_of(control="combobox", options=["a"]).control == "ComboBox"


def test_property_of_another_control_is_ignored():
    template = load_fields(f=field("TextBox", hint_text="x", max_number=3))
    assert template.problems == ()


def test_fields_that_are_none():
    template = load_fields(a=field(), **{"__viewr__": field(), "__id__": field()})
    assert [one.name for one in template.contexts[0].fields] == ["a"]
    assert "may not be named '__viewr__'" in sentences(template)
    template = load_template("template_name: aa\nsop: x\nqa_fields: {a: text, b: [1]}\n")
    assert template.contexts[0].fields == ()
    assert all(one.line == 3 for one in template.problems if "must be a mapping" in one.message)


def test_collisions_take_the_next_free_row():
    template = load_template(
        "template_name: aa\nsop: x\nqa_fields:\n"
        + "".join(f"  f{n}: {{control: LineEdit, label: L, x: 0, y: {y}}}\n" for n, y in enumerate([0, 0, 0, 1, 2]))
    )
    assert [one.y for one in template.contexts[0].fields] == [0, 1, 2, 3, 4]


def test_places_of_the_wrong_kind():
    template = load_template(
        "template_name: aa\nsop: x\nqa_fields:\n"
        "  a: {control: LineEdit, label: L, x: 0.0, y: 2.0}\n"
        "  b: {control: LineEdit, label: L, x: 0.5, y: -1}\n"
        "  c: {control: LineEdit, label: L}\n"
        "  d: {control: LineEdit, label: L, x: 0, y: 999999999}\n"
    )
    cells = [(one.x, one.y) for one in template.contexts[0].fields]
    assert len(set(cells)) == 4
    assert max(y for _, y in cells) < 10


# containers


def test_boxes_and_listings():
    context = context_of(
        b=field("BoxWidget", content={"c": field("CheckBox")}, align_title="right"),
        l=field("ListingWidget", content={"a": field(), "b": field(y=1)}, columns=["b", "zz", "a", "b"]),
    )
    box, listing = context.fields
    assert [one.name for one in box.children] == ["c"]
    assert box.extra["align_title"] == "Right"
    assert listing.columns == ("b", "a")
    assert list(context.field_paths()) == ["b", "b/c", "l", "l/a", "l/b"]


def test_tabs_follow_their_order_and_share_one_object():
    content = {"one": {"a": field()}, "two": {"b": field()}, "three": [1], "four": {"a": field()}}
    template = load_fields(t=field("TabsWidget", content=content, order=["two", "none"]))
    (tabs,) = template.contexts[0].fields
    assert [name for name, _ in tabs.tabs] == ["two", "one", "four"]
    assert [one.name for one in tabs.children] == ["b", "a"]
    text = sentences(template)
    assert "The tab 'three' must be a mapping" in text
    assert "Another tab has a field 'a', too" in text
    assert "names the tab 'none'" in text


def test_container_without_content():
    template = load_fields(b=field("BoxWidget"), l=field("ListingWidget", content="x", columns=None))
    assert [one.children for one in template.contexts[0].fields] == [(), ()]


# choices


def test_options():
    template = load_template(
        "template_name: aa\nsop: x\nqa_fields:\n"
        "  q: {control: ComboBox, label: Q, x: 0, y: 0, options: [yes, Good, 1, 1.5, Good, [x], 'no']}\n"
        "  r: {control: RadioButtonGroup, label: R, x: 0, y: 1, options: {a: 1, b: 2}, orientation: Vertical}\n"
    )
    first, second = template.contexts[0].fields
    assert first.options == (True, "Good", 1, 1.5, "no")
    assert second.options == ("a", "b")
    assert second.extra["orientation"] == "vertical"
    assert "YAML reads this option as true" in sentences(template)


# markers and contours


def test_marker_groups():
    one = field_of(
        control="MarkerEdit",
        max_number=-1,
        marker_type="kind",
        groups=[{"label": "A", "color": [1, 0, 0], "marker_type": "square", "marker_size": 0, "line_width": 3}, "bad"],
    )
    assert one.extra["max_number"] == 0
    assert one.extra["marker_type"] == "kind"
    assert (one.groups[0].color, one.groups[0].marker_type, one.groups[0].marker_size) == ((255, 0, 0), "Square", 1)
    assert one.groups[1].label == "Group 2"


@pytest.mark.parametrize(("given", "kept"), [(3, 3), ("3", 3), ("kind", "kind"), (None, None)])
def test_marker_type_is_a_number_or_a_widget(given, kept):
    assert field_of(control="MarkerEdit", max_number=1, marker_type=given).extra.get("marker_type") == kept


@pytest.mark.parametrize(
    ("types", "groups", "zero_based"),
    [
        ([1, 2], 2, [0, 1]),
        ([0, 1], 2, [0, 1]),
        ([1, 1], 2, [1, 1]),
        ([None, 2], 2, [0, 2]),
        ([1], 0, [1]),
    ],
)
def test_index_base_of_landmarks(types, groups, zero_based):
    marks = [{"name": f"m{n}", "category": "c", "type": kind} for n, kind in enumerate(types)]
    one = field_of(control="Landmarks", markers=marks, groups=[{"label": f"g{n}"} for n in range(groups)])
    assert [mark["type"] for mark in one.extra["markers"]] == zero_based


def test_landmarks_without_type_or_name():
    one = field_of(control="Landmarks", markers=[{"name": "a"}, {"category": "c"}, {"name": "a"}, "b"])
    assert one.extra["markers"] == [
        {"name": "a", "category": "", "type": 0},
        {"name": "b", "category": "", "type": 0},
    ]


def test_contour_groups_without_description():
    template = load_fields(
        f=field("CSOEdit", groups=[{"label": "A", "color": "#0f0"}], cso_type="kind", group_label="g")
    )
    (one,) = template.contexts[0].fields
    assert one.groups[0].color == (0, 255, 0)
    assert (one.extra["cso_type"], one.extra["group_label"]) == ("kind", "g")
    assert template.problems == ()


# computed and shown


def test_variables_may_be_constants():
    one = field_of(control="CalculatedScore", variables={"a": "f1", "b": 3, "c": [1]}, formula="a + b")
    assert one.extra["variables"] == {"a": "f1", "b": 3, "c": None}
    assert one.extra["formula"] == "a + b"


def test_json_display():
    one = field_of(control="JSONDisplay", content={"k": {"label": "K", "type": "boolean"}, "m": None}, textrows=0)
    assert one.extra["content"] == {"k": {"label": "K", "type": "boolean"}, "m": {"label": "m", "type": "text"}}
    assert one.extra["textrows"] == 1


def test_alerts():
    one = field_of(control="CheckBox", alert_on_checked="true", alert_on_unchecked=False)
    assert (one.extra["alert_on_checked"], one.extra["alert_on_unchecked"]) == (True, False)


def test_extensions_are_typed():
    one = field_of(control="NumberEdit", required="yes", min="0", max=10, step=0.5, unit="mm", key=1)
    assert (one.extra["required"], one.extra["min"], one.extra["max"]) == (True, 0, 10)
    assert (one.extra["step"], one.extra["unit"], one.extra["key"]) == (0.5, "mm", "1")


# values


def test_initial_answers_hold_every_field():
    context = context_of(
        check=field("CheckBox", initial_value="true"),
        number=field("NumberEdit", initial_value="12"),
        bad=field("NumberEdit", initial_value="many"),
        choice=field("ComboBox", options=[1, "a"], initial_value="1"),
        box=field("BoxWidget", content={"line": field()}),
        tabs=field("TabsWidget", content={"t": {"inner": field("CheckBox")}}),
        rows=field("ListingWidget", content={"a": field(), "b": field(y=1)}, columns=["a"], initial_value=[{"a": "x"}]),
        empty=field("ListingWidget", content={"a": field()}, columns=["a"]),
        marks=field("MarkerEdit", max_number=1),
        talk=field("ConversationWidget", initial_value="hello"),
        score=field("CalculatedScore", variables={}, formula="1"),
    )
    assert initial_answers(context) == {
        "check": True,
        "number": 12,
        "bad": None,
        "choice": 1,
        "box": {"line": None},
        "tabs": {"inner": None},
        "rows": [{"a": "x", "b": None, "__id__": "r1"}],
        "empty": [],
        "marks": [],
        "talk": [{"author": "", "time": "", "text": "hello"}],
        "score": None,
    }


def test_boxes_and_rows_may_be_given_initial_values_whole():
    inner = {"n": field("NumberEdit", initial_value=1), "t": field(y=1, initial_value="x")}
    context = context_of(
        box=field("BoxWidget", content=inner, initial_value={"n": "5", "gone": 1}),
        rows=field("ListingWidget", columns=["n"], content={**inner, "deep": field("BoxWidget", content=inner, y=2)},
                   initial_value=[{"deep": {"t": "y"}, "n": "bad"}, "no row"]),
    )  # fmt: skip
    assert initial_answers(context) == {
        "box": {"n": 5, "t": "x"},
        "rows": [{"n": 1, "t": "x", "deep": {"n": 1, "t": "y"}, "__id__": "r1"}],
    }


@pytest.mark.parametrize(
    ("control", "members", "value", "kept"),
    [
        ("NumberEdit", {}, 3, 3),
        ("NumberEdit", {}, "3.5", 3.5),
        ("NumberEdit", {"type": "Integer"}, 3.0, 3),
        ("NumberEdit", {"type": "Integer"}, 3.5, UNFIT),
        ("NumberEdit", {"type": "Float"}, 3, 3.0),
        ("NumberEdit", {}, True, UNFIT),
        ("NumberEdit", {}, "", None),
        ("NumberEdit", {}, float("nan"), UNFIT),
        ("CheckBox", {}, "yes", True),
        ("CheckBox", {}, 0, False),
        ("CheckBox", {}, "maybe", UNFIT),
        ("ComboBox", {"options": [1, "1"]}, "1", "1"),
        ("ComboBox", {"options": [True, False]}, "yes", True),
        ("ComboBox", {"options": ["Good"]}, "Bad", UNFIT),
        ("ComboBox", {"options": ["No", "Yes", "Unsure"]}, True, "Yes"),
        ("RadioButtonGroup", {"options": ["off", "on"]}, False, "off"),
        ("RadioButtonGroup", {"options": ["yes", "on"]}, True, UNFIT),
        ("ComboBox", {"options": ["0", "1"]}, True, UNFIT),
        ("ComboBox", {"options": [1, 2.5]}, "2.5", 2.5),
        ("ComboBox", {"options": [1, 2]}, 2.0, 2),
        ("ComboBox", {"options": ["Good"]}, ["Good"], UNFIT),
        ("LineEdit", {}, 3, "3"),
        ("LineEdit", {}, True, "true"),
        ("LineEdit", {}, [1], UNFIT),
        ("LineEdit", {"type": "Int"}, "12", 12),
        ("LineEdit", {"type": "Int"}, "a", UNFIT),
        ("LineEdit", {"type": "Bool"}, "no", False),
        ("JSONDisplay", {"content": {}}, {"a": [1]}, {"a": [1]}),
        ("Whatever", {}, {"a": [1]}, {"a": [1]}),
    ],
)
def test_values_are_brought_to_the_kind_of_the_control(control, members, value, kept):
    found = coerce(field_of(control=control, **members), value)
    assert found is kept if kept is UNFIT else (found, type(found)) == (kept, type(kept))
