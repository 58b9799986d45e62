"""Layouts: the grammar, every fault that authors make, and that the reader never loses the form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewr.model.template import AnnotationSpec, Context, Problem, Template
from viewr.templates.mdl import CONTEXT, expand_context, expand_layout
from viewr.templates.mdl_parse import SLOT, Node, parse_mdl


def shape(node: Node) -> object:
    """A tree as nested tuples, slots as their names."""
    if node.tag == SLOT:
        return node.name
    label = f"{node.tag} {node.name}".strip()
    return (label, *(shape(child) for child in node.children))


def expanded(layout: str, editable: bool = True) -> tuple[Node, str]:
    context = Context("default", annotations=(AnnotationSpec("a", editable=editable),), mdl_layout=layout)
    problems: list[Problem] = []
    return expand_context(context, problems), "\n".join(str(problem) for problem in problems)


def parsed(text: str) -> tuple[Node, list[str]]:
    reports: list[str] = []
    return parse_mdl(text, [], reports.append), reports


# grammar


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Vertical { }", ("Vertical", ("Vertical",))),
        ("vertical { HORIZONTAL {} }", ("Vertical", ("Vertical", ("Horizontal",)))),
        ("TabViewItem first {}", ("Vertical", ("TabViewItem first",))),
        ('Box = "A \\"b\\" \\\\ c" {}', ("Vertical", ('Box A "b" \\ c',))),
        ('Box "* a && "b" *" {}', ("Vertical", ('Box a && "b"',))),
        ("Box @@ py: { } @@ {}", ("Vertical", ("Box py: { }",))),
        ("Vertical{Empty{}Separator}", ("Vertical", ("Vertical", ("Empty",), ("Separator",)))),
        ("HSpacer VSpacer", ("Vertical", ("HSpacer",), ("VSpacer",))),
        ("// Box {}\nEmpty {} /* Box { */ Empty {}", ("Vertical", ("Empty",), ("Empty",))),
        ("Unknown { Empty {} }", ("Vertical", ("Unknown", ("Empty",)))),
    ],
)
def test_grammar(text, tree):
    node, reports = parsed(text)
    assert shape(node) == tree
    assert reports == []


def test_attributes_in_any_order_and_case():
    node, _ = parsed('Box { w = 20 Empty {} ExpandX=YES title = "A b" margin=x dependsOn = "* a && b *" }')
    (box,) = node.children
    assert dict(box.attributes) == {"w": "20", "expandx": "YES", "title": "A b", "margin": "x", "dependson": "a && b"}
    assert (box.number("w"), box.number("margin", 4.0), box.number("h")) == (20.0, 4.0, None)
    assert (box.flag("expandX"), box.flag("expandY"), box.flag("title", True)) == (True, False, True)
    assert box.text("TITLE") == "A b"


@pytest.mark.parametrize(
    ("text", "tree", "report"),
    [
        ("} Empty {} }", ("Vertical", ("Empty",)), "closes nothing"),
        ("Box { Box { Empty {}", ("Vertical", ("Box", ("Box", ("Empty",)))), "2 '}' are missing"),
        ("Box { title = }", ("Vertical", ("Box",)), "has no value"),
        ("word", ("Vertical",), "has no value"),
        ("{ Empty {} }", ("Vertical", ("Vertical", ("Empty",))), "follows no tag"),
        ('"text" Empty {}', ("Vertical", ("Empty",)), "belongs to no tag"),
        ('Box "open {}', ("Vertical",), "has no value"),
    ],
)
def test_faults_are_mended(text, tree, report):
    node, reports = parsed(text)
    assert shape(node) == tree
    assert report in "\n".join(reports)


def test_limits():
    node, reports = parsed("Box { " * 3000 + "Empty {}")
    assert len(list(node.walk())) < 50
    assert "levels" in reports[0]
    assert parsed("x" * 100_001)[1] == ["The layout has more than 100000 characters; it is left out."]
    assert len(list(parsed("Empty {} " * 10_000)[0].walk())) < 2_100


# slots


def test_doubled_braces_and_slots_side_by_side():
    node, problems = expanded("Horizontal {{ {viewports} Vertical {{{editor}{qa_fields}}} }}")
    assert shape(node) == ("Horizontal", "viewports", ("Vertical", "editor", "qa_fields"))
    assert problems == ""


def test_braces_that_are_not_doubled():
    node, problems = expanded("Horizontal { {viewports} Box Tools { layout=Grid {editor} } {qa_fields} }")
    assert shape(node) == ("Horizontal", "viewports", ("Box Tools", "editor"), "qa_fields")
    assert "not doubled" in problems


def test_one_brace_forgotten():
    node, problems = expanded("Horizontal {{ {viewports} {editor} {qa_fields} }")
    assert shape(node) == ("Horizontal", "viewports", "editor", "qa_fields")
    assert "not doubled" in problems


def test_alias_of_the_editor():
    node, problems = expanded("Horizontal {{ {viewports} {editors} {qa_fields} }}")
    assert shape(node) == ("Horizontal", "viewports", "editor", "qa_fields")
    assert "'{editors}' should be written '{editor}'" in problems


def test_unknown_and_repeated_slots():
    node, problems = expanded("Horizontal {{ {viewports} {qa_field} {viewports} {editor} {qa_fields} {} {0} }}")
    assert shape(node) == ("Horizontal", "viewports", "editor", "qa_fields")
    assert "'{qa_field}' is not known; it is left out. Did you mean 'qa_fields'?" in problems
    assert "'{viewports}' stands twice" in problems


def test_the_form_is_never_lost():
    node, problems = expanded("Horizontal {{ {viewports} }}")
    assert shape(node) == ("Vertical", ("Horizontal", "viewports"), "editor", "qa_fields")
    assert "lacks '{qa_fields}'; it is added at the end" in problems
    node, problems = expanded("Horizontal {{ {viewports} }}", editable=False)
    assert shape(node) == ("Vertical", ("Horizontal", "viewports"), "qa_fields")
    assert "editor" not in problems


@pytest.mark.parametrize(
    "layout", ["no layout at all", "Box {{ }}", "// {viewports}", 'Label = "{qa_fields}"', "{{" * 500]
)
def test_usual_layout_where_nothing_is_left(layout):
    node, problems = expanded(layout)
    assert shape(node) == ("Horizontal", "viewports", ("Vertical", "editor", "qa_fields"))
    assert "the usual layout is shown" in problems


def test_usual_layout():
    node, problems = expanded("")
    assert shape(node) == ("Horizontal", "viewports", ("Vertical", "editor", "qa_fields"))
    assert (node.children[0].number("stretchX"), node.children[1].number("stretchX")) == (3.0, 1.0)
    assert problems == ""
    assert shape(expanded("", editable=False)[0]) == ("Horizontal", "viewports", ("Vertical", "qa_fields"))


def test_a_slot_in_a_comment_does_not_count():
    node, problems = expanded("Horizontal {{ /* {editor} */ {viewports} {editor} {qa_fields} }}")
    assert shape(node) == ("Horizontal", "viewports", "editor", "qa_fields")
    assert problems == ""


def test_unknown_tags_are_named_once():
    _, problems = expanded("Foo {{ Foo {{ {viewports} {editor} {qa_fields} }} }} Vertcal {{ }}")
    assert problems.count("'Foo' is not known") == 1
    assert "Did you mean 'Vertical'?" in problems


# contexts


def test_contexts_stand_in_the_outer_layout():
    contexts = (Context("left"), Context("right eye", mdl_layout="Vertical {{ {qa_fields} {viewports} }}"))
    problems: list[Problem] = []
    layout = "TabView {{ TabViewItem A {{ {right eye} }} TabViewItem B {{ {left} }} }}"
    node = expand_layout(Template("t", contexts, mdl_layout=layout), problems)
    assert problems == []
    assert shape(node) == (
        "TabView",
        ("TabViewItem A", (f"{CONTEXT} right eye", ("Vertical", "qa_fields", "viewports"))),
        ("TabViewItem B", (f"{CONTEXT} left", ("Horizontal", "viewports", ("Vertical", "qa_fields")))),
    )


def test_inserted_layouts_are_not_expanded_again():
    contexts = (Context("a", mdl_layout="Horizontal {{ {b} {viewports} {qa_fields} }}"), Context("b"))
    problems: list[Problem] = []
    node = expand_layout(Template("t", contexts, mdl_layout="Vertical {{ {a} {b} }}"), problems)
    assert [one.name for one in node.walk() if one.tag == CONTEXT] == ["a", "b"]
    assert [str(problem) for problem in problems] == [
        "contexts/a/mdl_layout: The slot '{b}' is not known; it is left out."
    ]


def test_contexts_without_an_outer_layout():
    node = expand_layout(Template("t", (Context("a"), Context("b"))))
    assert [child.name for child in node.children] == ["a", "b"]
    assert (node.flag("expandX"), node.flag("expandY")) == (True, True)


@given(st.text('{}"*@/\\=\n abBoxviewports_qd', max_size=120) | st.text(max_size=60))
def test_any_layout_keeps_every_part_once(layout):
    node, _ = expanded(layout)
    assert sorted(one.name for one in node.walk() if one.tag == SLOT) == ["editor", "qa_fields", "viewports"]
