"""Template files as their authors check them: every problem with its line and path."""

from __future__ import annotations

from pathlib import Path

from viewr.templates.check import check_file, check_text

FAULTY = """\
template_name: a
sop: Look.
mdl_layout: "Horizontal {{ {viewports} {editor} }}"
viewports: []
scans: {}
annotations:
  wml: {editors: [pixel], labels: {}}
qa_fields:
  done: {control: CheckBox, label: Done, x: 0, y: 0}
  box:
    control: BoxWidget
    label: Box
    x: 0
    y: 1
    content:
      comment:
        control: TextBox
        lable: Comment
        label: Comment
        x: 0
        y: 0
        depends_on: dnoe
      sum:
        control: CalculatedScore
        label: Sum
        x: 0
        y: 1
        variables: {a: nope}
        formula: a +
      done: {control: NumberEdit, label: Done, x: 0, y: 2, initial_value: many}
  tabs:
    control: TabsWidget
    label: Tabs
    x: 0
    y: 2
    content:
      first:
        choice: {control: ComboBox, label: C, x: 0, y: 0, options: [p, q], option_keys: [k, k], visible_on: donee}
        marks: {control: MarkerEdit, label: M, x: 0, y: 1, max_number: 1, marker_type: chioce, link: wmll}
        places:
          control: Landmarks
          label: P
          x: 0
          y: 2
          markers: [{name: tip, category: c, type: 4}]
          groups: [{label: g, description: d, color: '#ff0000'}]
"""


def found(text: str) -> set[tuple[int | None, str]]:
    return {(problem.line, problem.path) for problem in check_text(text)}


def test_each_fault_has_its_line_and_path():
    assert found(FAULTY) == {
        (1, "template_name"),
        (3, "mdl_layout"),
        (18, "qa_fields/box/content/comment/lable"),
        (22, "qa_fields/box/content/comment/depends_on"),
        (29, "qa_fields/box/content/sum/formula"),
        (30, "qa_fields/box/content/done"),
        (30, "qa_fields/box/content/done/initial_value"),
        (38, "qa_fields/tabs/content/first/choice/option_keys"),
        (38, "qa_fields/tabs/content/first/choice/visible_on"),
        (39, "qa_fields/tabs/content/first/marks/marker_type"),
        (39, "qa_fields/tabs/content/first/marks/link"),
        (45, "qa_fields/tabs/content/first/places/markers"),
    }


def test_problems_are_in_the_order_of_the_lines():
    lines = [problem.line for problem in check_text(FAULTY)]
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_sentences_offer_what_was_meant():
    text = "\n".join(str(problem) for problem in check_text(FAULTY))
    for offer in ("'label'", "'done'", "'choice'", "'wml'"):
        assert f"Did you mean {offer}?" in text


def test_a_formula_with_an_unknown_variable_and_a_cycle():
    text = (
        "template_name: aa\nsop: x\nviewports: []\nscans: {}\nannotations: {}\nqa_fields:\n"
        "  s: {control: CalculatedScore, label: S, x: 0, y: 0, formula: a + b, variables: {a: s}}\n"
    )
    sentences = [problem.message for problem in check_text(text)]
    assert sentences == ["'b' is not one of its variables.", "These fields need each other: s -> s."]


def test_contexts_have_their_own_paths():
    text = (
        "template_name: aa\nsop: x\ncontexts:\n  left:\n    viewports: []\n    scans: {}\n    annotations: {}\n"
        "    qa_fields:\n      a: {control: LineEdit, label: A, x: 0, y: 0, depends_on: b}\n"
    )
    assert found(text) == {(9, "contexts/left/qa_fields/a/depends_on")}


def test_files(tmp_path: Path):
    good = tmp_path / "good.yaml"
    good.write_text(
        "\ufefftemplate_name: aa\nsop: x\nviewports: []\nscans: {}\nannotations: null\nqa_fields: {}\n",
        encoding="utf-8",
    )
    assert check_file(good) == []
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"template_name: aa\nsop: \xff\xfe\x00\n")
    (problem,) = check_file(binary)
    assert (problem.line, problem.severity) == (2, "error")
    (problem,) = check_file(tmp_path / "missing.yaml")
    assert "cannot be read" in problem.message


def test_text_that_is_no_template():
    (problem,) = check_text("a: 1\nb: [c }\n")
    assert (problem.line, problem.severity) == (2, "error")
    (problem,) = check_text("- a\n")
    assert "not a mapping" in problem.message
    assert check_text("x" * 3_000_000)[0].severity == "error"
