"""The formulas of a whole form: what their names mean, in which order they are computed, and what comes out.

A name means a sibling field, else a field of an enclosing container, else one at the top of the context; in a listing
it means the same row. `FormulaGraph` settles this once for a context; evaluating it then is a pure function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from viewr.model.annotation import Drawn
from viewr.model.answers import ROW_ID
from viewr.model.drawn_json import drawn_value
from viewr.model.formula import Formula, FormulaError, compile_formula
from viewr.model.template import BOXES, DRAWN_CONTROLS, LISTING, Context, Field, Problem
from viewr.model.template_item import MAX_PROBLEMS, closest
from viewr.model.template_values import UNFIT, coerce

Kind = Literal["depends_on", "visible_on", "formula", "condition"]
#: Drawn objects by the path of their field, rows by their id.
Drawings = Mapping[str, Sequence[Drawn]]

_NO_DRAWINGS: Drawings = {}
#: Controls into which a text can be typed that is no value of the field's type.
_TYPED = frozenset({"NumberEdit", "LineEdit", "TextBox"})


@dataclass(frozen=True)
class Results:
    """What the formulas of a form say about some answers.

    Attributes
    ----------
    enabled, visible : dict of str to bool
        By path of every field, rows by their id ("lesions/r3/where"): its own flag and formula, not its container's.
    scores : dict
        Values of calculated scores by path; None where they cannot be computed.
    conditions : dict
        Results of validations by path; None is "cannot be evaluated", which blocks nothing.
    problems : tuple of Problem
        Formulas that could not be evaluated with these answers, by path.
    """

    enabled: dict[str, bool] = field(default_factory=dict)
    visible: dict[str, bool] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, bool | None] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def is_shown(self, path: str) -> bool:
        """Whether a field and all its containers are visible."""
        return self._holds(self.visible, path)

    def is_editable(self, path: str) -> bool:
        """Whether a field and all its containers are enabled."""
        return self._holds(self.enabled, path)

    def _holds(self, flags: Mapping[str, bool], path: str) -> bool:
        names = path.split("/")
        return all(flags.get("/".join(names[:end]), True) for end in range(1, len(names) + 1))


@dataclass(frozen=True)
class _Reference:
    """Where a variable's value is: so many containers from the top, then these names."""

    level: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class _Node:
    """One formula of one field."""

    kind: Kind
    path: tuple[str, ...]
    formula: Formula
    references: Mapping[str, _Reference]
    constants: Mapping[str, Any]


@dataclass(frozen=True)
class _Level:
    """A container: its path, and its fields by name."""

    path: tuple[str, ...]
    fields: Mapping[str, Field]


@dataclass(frozen=True)
class _Place:
    """A field, and the containers from the top of the form down to it."""

    path: tuple[str, ...]
    field: Field
    levels: tuple[_Level, ...]


def _places(fields: tuple[Field, ...], path: tuple[str, ...], levels: tuple[_Level, ...]) -> Iterator[_Place]:
    here = (*levels, _Level(path, {one.name: one for one in fields}))
    for one in fields:
        inner = (*path, one.name)
        yield _Place(inner, one, here)
        yield from _places(one.children, inner, here)


class FormulaGraph:
    """The formulas of a context.

    Attributes
    ----------
    problems : tuple of Problem
        Formulas that are faulty, names that mean nothing, and cycles; found once, whatever the answers.
    order : tuple of str
        Paths of the computed fields in the order in which they are computed.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._problems: list[Problem] = []
        self._places = {place.path: place for place in _places(context.fields, (), ())}
        self._by_name: dict[str, list[tuple[str, ...]]] = {}
        for path in self._places:
            self._by_name.setdefault(path[-1], []).append(path)
        nodes = [node for place in self._places.values() for node in self._nodes_of(place)]
        self._flags = _grouped([node for node in nodes if node.kind in ("depends_on", "visible_on")])
        self._computed = self._ordered({node.path: node for node in nodes if node.kind in ("formula", "condition")})
        self.order = tuple("/".join(node.path) for node in self._computed)
        self.problems = tuple(self._problems)
        self._drawn_cache: dict[str, tuple[Any, list[dict[str, Any]]]] = {}

    # what names mean

    def _nodes_of(self, place: _Place) -> Iterator[_Node]:
        one = place.field
        if one.depends_on:
            yield from self._node(place, "depends_on", one.depends_on, None)
        if one.visible_on:
            yield from self._node(place, "visible_on", one.visible_on, None)
        if one.control in ("CalculatedScore", "ValidationControl"):
            kind: Kind = "formula" if one.control == "CalculatedScore" else "condition"
            yield from self._node(place, kind, str(one.extra.get(kind) or ""), one.extra.get("variables") or {})

    def _node(self, place: _Place, kind: Kind, text: str, variables: Mapping[str, Any] | None) -> Iterator[_Node]:
        """The formula with its names settled; nothing if it is faulty."""
        try:
            formula = compile_formula(text)
        except FormulaError as exc:
            self._report(place.path, kind, exc.message, "error")
            return
        references: dict[str, _Reference] = {}
        constants: dict[str, Any] = {}
        for name in sorted(formula.names):
            self._settle(place, kind, name, variables, references, constants)
        yield _Node(kind, place.path, formula, references, constants)

    def _settle(
        self,
        place: _Place,
        kind: Kind,
        name: str,
        variables: Mapping[str, Any] | None,
        references: dict[str, _Reference],
        constants: dict[str, Any],
    ) -> None:
        """Find what a name stands for; a name that stands for nothing is null."""
        wanted: Any = name
        if variables is not None:
            head = name.split(".")[0]
            if name not in variables and head not in variables:
                self._report(place.path, kind, f"'{name}' is not one of its variables.{closest(name, variables)}")
                constants[name] = None
                return
            wanted = variables[name] if name in variables else _joined(variables[head], name)
        if not isinstance(wanted, str):
            constants[name] = wanted
            return
        reference = _resolved(place.levels, wanted) or self._elsewhere(place, kind, wanted)
        if reference is None:
            names = [one for level in place.levels for one in level.fields]
            self._report(place.path, kind, f"No field is named '{wanted}'; it has no value.{closest(wanted, names)}")
            constants[name] = None
        else:
            references[name] = reference

    def _elsewhere(self, place: _Place, kind: Kind, name: str) -> _Reference | None:
        """A field of that name in another box, if there is just one: the rules do not reach it, but it is meant."""
        found = [path for path in self._by_name.get(name, ()) if not self._in_listing(path)]
        if len(found) != 1:
            return None
        self._report(place.path, kind, f"'{name}' is in another box; write '{'.'.join(found[0])}'.")
        return _Reference(0, found[0])

    def _in_listing(self, path: tuple[str, ...]) -> bool:
        return any(self._places[path[:end]].field.control == LISTING for end in range(1, len(path)))

    def _report(
        self, path: tuple[str, ...], kind: str, message: str, severity: Literal["error", "warning"] = "warning"
    ) -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem("/".join((*path, kind)), message, severity))

    # in which order

    def _ordered(self, nodes: Mapping[tuple[str, ...], _Node]) -> list[_Node]:
        """Computed fields, each after those it needs; a cycle is reported and broken."""
        order: list[_Node] = []
        state: dict[tuple[str, ...], str] = {}
        for start in nodes:
            if start not in state:
                self._visit(start, nodes, state, order)
        return order

    def _visit(
        self,
        start: tuple[str, ...],
        nodes: Mapping[tuple[str, ...], _Node],
        state: dict[tuple[str, ...], str],
        order: list[_Node],
    ) -> None:
        """Depth first from one field, without recursion: a chain of scores may be long."""
        trail = [(start, self._needs(nodes[start], nodes))]
        state[start] = "open"
        while trail:
            path, needs = trail[-1]
            following = next(needs, None)
            if following is None:
                state[path] = "done"
                order.append(nodes[path])
                trail.pop()
            elif state.get(following) == "open":
                names = [one for one, _ in trail]
                cycle = [*names[names.index(following) :], following]
                shown = " -> ".join("/".join(one) for one in cycle)
                self._report(following, nodes[following].kind, f"These fields need each other: {shown}.", "error")
            elif following not in state:
                state[following] = "open"
                trail.append((following, self._needs(nodes[following], nodes)))

    def _needs(self, node: _Node, nodes: Mapping[tuple[str, ...], _Node]) -> Iterator[tuple[str, ...]]:
        """Computed fields whose values a formula reads, also as members of a container."""
        place = self._places[node.path]
        for reference in node.references.values():
            target = (*place.levels[reference.level].path, *reference.names)
            if target in nodes:
                yield target
            elif target in self._places and self._places[target].field.is_container:
                yield from (path for path in nodes if path[: len(target)] == target)

    # what comes out

    def evaluate_all(self, answers: Mapping[str, Any], drawings: Drawings = _NO_DRAWINGS) -> Results:
        """The results of all formulas for some answers.

        Parameters
        ----------
        answers : mapping
            Answers of the context: field name to value, rows of listings with their ids.
        drawings : mapping, optional
            Markers and contours by path of their field; they stand in for those in `answers`.
        """
        values = self._working_copy(self._context.fields, answers, "", drawings)
        results, problems = Results(), list[Problem]()
        for node in self._computed:
            for path, levels in self._instances(node.path, values):
                self._compute(node, path, levels, results, problems)
        self._evaluate_flags(self._context.fields, (), "", (values,), results, problems)
        return Results(results.enabled, results.visible, results.scores, results.conditions, tuple(problems))

    def _working_copy(
        self, fields: Sequence[Field], answers: Mapping[str, Any], path: str, drawings: Drawings
    ) -> dict[str, Any]:
        """Answers as formulas see them, with room for what is computed."""
        copy: dict[str, Any] = {}
        for one in fields:
            inner = f"{path}/{one.name}" if path else one.name
            value = answers.get(one.name)
            if one.control in BOXES:
                copy[one.name] = self._working_copy(one.children, _mapping(value), inner, drawings)
            elif one.control == LISTING:
                copy[one.name] = [
                    {
                        **self._working_copy(one.children, row, f"{inner}/{row.get(ROW_ID)}", drawings),
                        ROW_ID: row.get(ROW_ID),
                    }
                    for row in _rows(value)
                ]
            elif one.control in DRAWN_CONTROLS:
                copy[one.name] = self._drawn(inner, value, drawings)
            else:
                copy[one.name] = _as_seen(one, value)
        return copy

    def _drawn(self, path: str, value: Any, drawings: Drawings) -> Any:
        drawn = drawings.get(path)
        if drawn is None:
            return value if value is not None else []
        known = self._drawn_cache.get(path)
        if known is None or known[0] is not drawn:
            # Thousands of points are not written out again at each key press.
            known = self._drawn_cache[path] = (drawn, [drawn_value(item) for item in drawn])
        return known[1]

    def _instances(
        self, path: tuple[str, ...], values: dict[str, Any]
    ) -> Iterator[tuple[str, tuple[dict[str, Any], ...]]]:
        """The path and containers of each instance of a field: one for each row of the listings it is in."""
        found: list[tuple[str, tuple[dict[str, Any], ...]]] = [("", (values,))]
        for end in range(1, len(path)):
            is_listing = self._places[path[:end]].field.control == LISTING
            found = [inner for one in found for inner in _inside(one, path[end - 1], is_listing)]
        for prefix, levels in found:
            yield f"{prefix}{path[-1]}", levels

    def _compute(
        self,
        node: _Node,
        path: str,
        levels: tuple[dict[str, Any], ...],
        results: Results,
        problems: list[Problem],
    ) -> None:
        value, fault = _evaluated(node, levels)
        if fault:
            problems.append(Problem(path, fault))
        if node.kind == "condition":
            value = None if fault else bool(value)
            results.conditions[path] = value
        else:
            value = _storable(value)
            results.scores[path] = value
        levels[-1][node.path[-1]] = value

    def _evaluate_flags(
        self,
        fields: Sequence[Field],
        container: tuple[str, ...],
        prefix: str,
        levels: tuple[dict[str, Any], ...],
        results: Results,
        problems: list[Problem],
    ) -> None:
        for one in fields:
            path, place = f"{prefix}{one.name}", (*container, one.name)
            nodes = self._flags.get(place, {})
            results.enabled[path] = one.enabled and _flag(nodes.get("depends_on"), path, levels, problems)
            results.visible[path] = one.visible and _flag(nodes.get("visible_on"), path, levels, problems)
            if one.is_container:
                for inner_prefix, inner in _inside((prefix, levels), one.name, one.control == LISTING):
                    self._evaluate_flags(one.children, place, inner_prefix, inner, results, problems)


def _resolved(levels: Sequence[_Level], name: str) -> _Reference | None:
    """Where the value of a name is, seen from a field inside these containers (outermost first).

    A name with dots goes on into boxes and listings; a field whose own name holds dots goes first.
    """
    for level in range(len(levels) - 1, -1, -1):
        names = levels[level].fields
        if name in names:
            return _Reference(level, (name,))
        parts = tuple(name.replace("/", ".").split("."))
        if parts[0] in names and _reaches(names[parts[0]], parts[1:]):
            return _Reference(level, parts)
    return None


def _reaches(one: Field, names: Sequence[str]) -> bool:
    """Whether the names lead on from a field; anything may be inside a leaf."""
    for name in names:
        if not one.is_container:
            return True
        child = next((child for child in one.children if child.name == name), None)
        if child is None:
            return False
        one = child
    return True


def _joined(widget: Any, name: str) -> Any:
    """The widget that a variable with a dotted rest stands for: `a.pos` with a = "left" is left.pos."""
    return f"{widget}.{name.partition('.')[2]}" if isinstance(widget, str) else None


def _grouped(nodes: Sequence[_Node]) -> dict[tuple[str, ...], dict[str, _Node]]:
    grouped: dict[tuple[str, ...], dict[str, _Node]] = {}
    for node in nodes:
        grouped.setdefault(node.path, {})[node.kind] = node
    return grouped


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def _as_seen(one: Field, value: Any) -> Any:
    """The value as a formula sees it: an empty line is an empty text, an untouched box is not checked."""
    if one.control in ("CalculatedScore", "ValidationControl"):
        return None  # until it is computed; in a cycle it stays so
    if value is None and one.control in ("LineEdit", "TextBox") and one.type == "String":
        return ""
    if isinstance(value, str) and one.control in _TYPED and coerce(one, value) is UNFIT:
        return None  # what was typed is no answer yet
    return False if value is None and one.control == "CheckBox" else value


def _inside(
    one: tuple[str, tuple[dict[str, Any], ...]], name: str, is_listing: bool
) -> list[tuple[str, tuple[dict[str, Any], ...]]]:
    prefix, levels = one
    value = levels[-1][name]
    if not is_listing:
        return [(f"{prefix}{name}/", (*levels, value))]
    return [(f"{prefix}{name}/{row.get(ROW_ID)}/", (*levels, row)) for row in value]


def _evaluated(node: _Node, levels: tuple[dict[str, Any], ...]) -> tuple[Any, str]:
    """The value of a formula and, if it has none, a sentence."""
    variables = dict(node.constants)
    for name, reference in node.references.items():
        variables[name] = _followed(levels[reference.level], reference.names)
    try:
        return node.formula.evaluate(variables), ""
    except FormulaError as exc:
        return None, exc.message


def _followed(value: Any, names: Sequence[str]) -> Any:
    """What names lead to; through a listing, the values of all rows."""
    for index, name in enumerate(names):
        if isinstance(value, list):
            return [_followed(item, names[index:]) for item in value]
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _flag(node: _Node | None, path: str, levels: tuple[dict[str, Any], ...], problems: list[Problem]) -> bool:
    """What a formula says; true if it cannot be evaluated, so that nobody is locked out of a field."""
    if node is None:
        return True
    value, fault = _evaluated(node, levels)
    if fault:
        problems.append(Problem(path, fault))
        return True
    return bool(value)


def _storable(value: Any) -> Any:
    """A score as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple | list | set):
        return [_storable(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _storable(item) for key, item in value.items()}
    return value
