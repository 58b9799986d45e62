"""Which field decides in quality control, what its options mean and which keys give them."""

from __future__ import annotations

import pytest

from viewr.demo.tasks import demo_templates
from viewr.model.template import Template, load_template
from viewr.model.template_qc import qc_forms, qc_wish, tag_state

HEAD = """
template_name: t
viewports: [{type: viewport, name: only, scan: T1, annotation: null, x: 0, y: 0, linked: false}]
scans: {T1: {modality: MR, protocols: T1}}
"""


def template(fields: str, more: str = "") -> Template:
    return load_template(f"{HEAD}{more}\nqa_fields:\n{fields}")


USABLE = '  usable: {control: RadioButtonGroup, label: Usable, x: 0, y: 0, options: ["Yes", "No"]}\n'
SIDE = "  side: {control: ComboBox, label: Side, x: 0, y: 1, options: [left, right]}\n"


def test_the_only_choice_decides() -> None:
    plain = template(USABLE + "  text: {control: TextBox, label: Remarks, x: 0, y: 1}\n")
    (form,) = qc_forms(plain)
    assert (form.field, form.note, form.scan) == ("usable", "text", "T1")
    assert [(option.key, option.grade) for option in form.options] == [("1", "usable"), ("2", "unusable")]
    assert qc_wish(plain) == "offered"


def test_of_several_choices_the_required_or_keyed_one_decides() -> None:
    assert qc_wish(template(USABLE + SIDE)) == ""
    required = template(USABLE + SIDE.replace("options", "required: true, options"))
    assert qc_forms(required)[0].field == "side"
    keyed = template(USABLE + SIDE.replace("options", "option_keys: [a, b], options"))
    assert [option.key for option in qc_forms(keyed)[0].options] == ["a", "b"]


def test_quality_names_the_field_and_says_what_its_options_mean() -> None:
    (form,) = qc_forms(template(USABLE + SIDE, "mode: qc\nquality: {field: side, map: {left: questionable}, scan: T1}"))
    assert (form.field, [option.grade for option in form.options]) == ("side", ["questionable", ""])


def test_words_of_options_without_a_map() -> None:
    options = "[Excellent, Not usable, Poor quality, Fair, Blue]"
    (form,) = qc_forms(template(f"  v: {{control: ComboBox, label: V, x: 0, y: 0, options: {options}}}\n"))
    assert [option.grade for option in form.options] == ["usable", "unusable", "unusable", "questionable", ""]


def test_nothing_to_decide() -> None:
    assert qc_wish(template("  text: {control: TextBox, label: Remarks, x: 0, y: 1}\n", "mode: qc")) == ""


def test_tags_go_round_their_states_and_have_keys_of_their_own() -> None:
    tags = """  tags:
    control: BoxWidget
    label: Artefacts
    x: 0
    y: 2
    content:
      motion: {control: ComboBox, label: Motion, x: 0, y: 0, options: [present, absent, unknown]}
      metal: {control: CheckBox, label: Metal, x: 0, y: 1}
      wrap: {control: CheckBox, label: Wrap, x: 0, y: 2, initial_value: false, key: m}
"""
    (form,) = qc_forms(template(USABLE + tags))
    motion, metal, wrap = form.tags
    assert [motion.next(value) for value in (None, "present", "absent", "unknown")] == [
        "present", "absent", "unknown", "present",
    ]  # fmt: skip
    assert [metal.next(value) for value in (None, True, False)] == [True, False, None]
    assert (wrap.next(False), wrap.next(True)) == (True, False)
    # m is taken by the template; l, v, n, p, g, o by the commands
    assert (motion.key, metal.key, wrap.key) == ("t", "e", "m")


@pytest.mark.parametrize(
    ("value", "state"),
    [(True, "present"), ("Yes", "present"), (False, "absent"), ("No", "absent"), (None, "unknown"), ("", "unknown")],
)
def test_state_of_a_tag(value: object, state: str) -> None:
    assert tag_state(value) == state


def test_the_bundled_template_has_a_row_for_each_scan() -> None:
    held = load_template(demo_templates()["manual_qa"])
    (form,) = qc_forms(held)
    assert qc_wish(held) == "asked"
    assert (form.listing, form.field, form.note) == ("scans", "verdict", "note")
    assert [(option.text, option.grade, option.bad) for option in form.options] == [
        ("Good", "usable", False), ("Moderate", "questionable", False), ("Poor", "unusable", True),
    ]  # fmt: skip
