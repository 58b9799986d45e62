"""The formulas of a whole form: names, order, rows, cycles, faults."""

from __future__ import annotations

from typing import Any

from tests.model.template_texts import context_of, field
from viewr.model.marker import Marker
from viewr.model.scope import FormulaGraph, Results
from viewr.model.template import Context
from viewr.model.template_values import initial_answers


def score(formula: str, **variables: Any) -> dict[str, Any]:
    return field("CalculatedScore", variables=variables, formula=formula)


def results_of(context: Context, **answers: Any) -> Results:
    return FormulaGraph(context).evaluate_all({**initial_answers(context), **answers})


def problems_of(**fields: Any) -> str:
    return "\n".join(str(problem) for problem in FormulaGraph(context_of(**fields)).problems)


def test_siblings_enable_and_show():
    context = context_of(
        lesion=field("CheckBox"), size=field("NumberEdit", depends_on="lesion"), why=field(visible_on="!lesion")
    )
    off, on = results_of(context), results_of(context, lesion=True)
    assert (off.enabled["size"], off.visible["why"]) == (False, True)
    assert (on.enabled["size"], on.visible["why"]) == (True, False)
    assert off.enabled["lesion"]
    assert off.visible["lesion"]


def test_flags_of_the_template_hold_besides_formulas():
    results = results_of(context_of(a=field(enabled=False, depends_on="True"), b=field(visible=False)))
    assert (results.enabled["a"], results.visible["b"]) == (False, False)


def test_containers_hide_what_is_in_them():
    context = context_of(
        more=field("CheckBox"),
        box=field(
            "BoxWidget", visible_on="more", depends_on="more", content={"a": field(), "b": field(visible=False, y=1)}
        ),
    )
    off, on = results_of(context), results_of(context, more=True)
    assert off.visible["box/a"]
    assert not off.is_shown("box/a")
    assert not off.is_editable("box/a")
    assert on.is_shown("box/a")
    assert not on.is_shown("box/b")


def test_inner_names_go_before_outer_ones():
    context = context_of(
        kind=field(initial_value="outer"),
        top=field(initial_value="top"),
        box=field(
            "BoxWidget",
            content={
                "kind": field(initial_value="inner"),
                "a": field(y=1, visible_on="kind == 'inner' and top == 'top'"),
            },
        ),
    )
    results = results_of(context)
    assert results.visible["box/a"]
    assert results.problems == ()


def test_rows_see_their_own_row_first():
    context = context_of(
        wanted=field(initial_value="L"),
        rows=field(
            "ListingWidget",
            columns=["side"],
            content={
                "side": field(),
                "mark": field(y=1, visible_on="side == wanted"),
                "double": {**score("2 * n", n="size"), "y": 2},
                "size": field("NumberEdit", y=3),
            },
        ),
        total=score("sum(x['double'] or 0 for x in rows)", rows="rows"),
        sizes=score("sum(s)", s="rows.size"),
    )
    rows = [{"__id__": "r1", "side": "L", "size": 2}, {"__id__": "r7", "side": "R", "size": 5}]
    results = results_of(context, rows=rows)
    assert (results.visible["rows/r1/mark"], results.visible["rows/r7/mark"]) == (True, False)
    assert (results.scores["rows/r1/double"], results.scores["rows/r7/double"]) == (4, 10)
    assert results.scores["total"] == 14
    assert results.scores["sizes"] == 7


def test_scores_follow_each_other_whatever_their_place():
    context = context_of(
        last=score("b + 1", b="middle"), middle=score("a * 2", a="first"), first=field("NumberEdit"),
        shown=field(visible_on="last > 6"),
    )  # fmt: skip
    graph = FormulaGraph(context)
    assert graph.order == ("middle", "last")
    results = graph.evaluate_all({"first": 3, "last": 99})
    assert (results.scores["middle"], results.scores["last"], results.visible["shown"]) == (6, 7, True)


def test_dotted_names_lead_into_boxes():
    context = context_of(
        box=field("BoxWidget", content={"a": field("NumberEdit", initial_value=4)}),
        s=score("x + 1", x="box.a"),
        t=field(visible_on="box.a == 4"),
    )
    results = results_of(context)
    assert (results.scores["s"], results.visible["t"]) == (5, True)


def test_variables_may_be_constants():
    assert (
        results_of(context_of(a=field("NumberEdit", initial_value=2), s=score("a * k", a="a", k=1.5))).scores["s"]
        == 3.0
    )


def test_tabs_are_one_room():
    content = {"one": {"a": field("CheckBox", initial_value=True)}, "two": {"b": field(visible_on="a")}}
    results = results_of(context_of(t=field("TabsWidget", content=content)))
    assert results.visible["t/b"]


def test_unknown_names_are_null_and_reported():
    text = problems_of(done=field("CheckBox"), a=field(visible_on="dnoe"), s=score("x + y", x="nope"))
    assert "No field is named 'dnoe'; it has no value. Did you mean 'done'?" in text
    assert "No field is named 'nope'" in text
    assert "'y' is not one of its variables" in text
    results = results_of(context_of(a=field(visible_on="nope is None"), s=score("x + 1", x="nope")))
    assert results.visible["a"]
    assert results.scores["s"] is None


def test_field_in_another_box_is_found_and_reported():
    context = context_of(
        one=field("BoxWidget", content={"a": field("CheckBox", initial_value=True)}),
        two=field("BoxWidget", content={"b": field(visible_on="!a")}),
    )
    assert "'a' is in another box; write 'one.a'" in str(FormulaGraph(context).problems[0])
    assert not results_of(context).visible["two/b"]


def test_cycles_are_reported_and_broken():
    fields = {
        "a": score("y + 1", y="b"), "b": score("x + 1", x="a"), "self": score("s", s="self"), "n": score("2"),
        "uses": score("1 if v is None else 0", v="a"),
    }  # fmt: skip
    text = problems_of(**fields)
    assert "These fields need each other: a -> b -> a." in text
    assert "self -> self" in text
    results = results_of(context_of(**fields))
    assert (results.scores["a"], results.scores["b"], results.scores["n"]) == (None, None, 2)
    assert results.scores["uses"] == 1


def test_faults_lock_nobody_out():
    context = context_of(
        a=field(depends_on="1 / 0", visible_on="1 +"),
        s=score("1 / 0"),
        v=field("ValidationControl", variables={}, condition="1 / 0"),
        bad=field("ValidationControl", variables={}, condition=")"),
    )
    results = results_of(context)
    assert (results.enabled["a"], results.visible["a"]) == (True, True)
    assert results.scores["s"] is None
    assert results.conditions == {"v": None}
    assert {problem.path for problem in results.problems} == {"a", "s", "v"}


def test_conditions_are_true_or_false():
    context = context_of(
        usable=field("CheckBox"),
        reason=field("TextBox"),
        v=field(
            "ValidationControl",
            variables={"usable": "usable", "reason": "reason"},
            condition="usable or len(reason.strip()) > 0",
        ),
    )
    assert results_of(context).conditions == {"v": False}
    assert results_of(context, reason="motion").conditions == {"v": True}
    assert results_of(context, usable=True).conditions == {"v": True}


def test_scores_fit_into_json():
    scores = results_of(context_of(a=score("float('inf')"), b=score("(1, float('nan'))"), c=score("{1: 2}"))).scores
    assert scores == {"a": None, "b": [1, None], "c": {"1": 2}}


def test_drawn_objects_stand_in_for_answers():
    context = context_of(
        bleeds=field("MarkerEdit", max_number=0),
        n=score("len(bleeds)", bleeds="bleeds"),
        x=score("bleeds[0]['pos'][0]", bleeds="bleeds"),
    )
    graph = FormulaGraph(context)
    drawings = {"bleeds": (Marker((1.5, 2.0, 3.0)), Marker((4.0, 5.0, 6.0)))}
    results = graph.evaluate_all(initial_answers(context), drawings)
    assert (results.scores["n"], results.scores["x"]) == (2, 1.5)
    assert graph.evaluate_all(initial_answers(context)).scores["n"] == 0


def test_answers_are_not_changed():
    context = context_of(
        b=field("BoxWidget", content={"s": score("1")}), r=field("ListingWidget", columns=[], content={})
    )
    answers = {"b": {"s": None}, "r": [{"__id__": "r1"}]}
    FormulaGraph(context).evaluate_all(answers)
    assert answers == {"b": {"s": None}, "r": [{"__id__": "r1"}]}


def test_answers_of_any_kind_are_survived():
    context = context_of(
        box=field("BoxWidget", content={"a": field(visible_on="a == 1")}),
        rows=field("ListingWidget", content={"a": field(visible_on="a")}, columns=["a"]),
    )
    for value in (None, 3, "x", [], [1], {"a": []}, [{"a": 1}]):
        assert FormulaGraph(context).evaluate_all({"box": value, "rows": value}).visible["box"]


def test_a_long_chain_needs_no_recursion():
    fields: dict[str, Any] = {f"f{n}": score("x + 1", x=f"f{n + 1}") for n in range(3000)}
    context = context_of(**fields, f3000=field("NumberEdit", initial_value=0))
    assert results_of(context).scores["f0"] == 3000
