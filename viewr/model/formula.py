"""Formulas of templates: a small part of Python, and of the language of the original's forms, without `eval`.

The text is parsed into a syntax tree, the tree is checked against a list of what is allowed, and is then walked by
`viewr.model.formula_walk`, which counts its steps.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from viewr.model.errors import ViewrError
from viewr.model.formula_functions import CONSTANTS, FUNCTIONS, MATH, METHODS
from viewr.model.formula_text import DialectError, compile_pattern, to_python
from viewr.model.formula_walk import MAX_BITS, Limit, Walk

MAX_CHARACTERS = 2_000
#: Levels of the syntax tree; a sum of a hundred terms has a hundred.
MAX_LEVELS = 200
#: Dots in the path of a field.
MAX_DOTS = 40

_ALLOWED = frozenset({
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.UAdd, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
    ast.Is, ast.IsNot, ast.In, ast.NotIn, ast.IfExp, ast.Constant, ast.Name, ast.Load, ast.Store, ast.List, ast.Tuple,
    ast.Set, ast.Dict, ast.Subscript, ast.Slice, ast.GeneratorExp, ast.ListComp, ast.comprehension, ast.Call,
    ast.Attribute,
})  # fmt: skip


class FormulaError(ViewrError):
    """A formula is faulty, not allowed, or cannot be evaluated with these values."""


@dataclass(frozen=True)
class Formula:
    """A formula that was checked.

    Attributes
    ----------
    names : frozenset of str
        Variables it uses; members of boxes with their dots ("box.child").
    """

    text: str
    names: frozenset[str]
    _tree: ast.expr
    _patterns: tuple[Callable[[str], bool], ...]

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """The value of the formula.

        Raises
        ------
        FormulaError
            If a variable is missing, the values do not fit, or the limits of steps and sizes are passed.
        """
        try:
            return Walk(variables, self._patterns).result(self._tree)
        except Limit as exc:
            raise _fault(self.text, str(exc)) from exc
        except (TypeError, ValueError, LookupError, ArithmeticError, RecursionError, MemoryError) as exc:
            raise _fault(self.text, _reason(exc)) from exc


def evaluate(text: str, variables: Mapping[str, Any]) -> Any:
    """The value of a formula; raises `FormulaError`."""
    return compile_formula(text).evaluate(variables)


@lru_cache(maxsize=4096)
def compile_formula(text: str) -> Formula:
    """Check a formula and prepare it.

    Parameters
    ----------
    text : str
        Python's expressions, or the original's with `&&`, `||`, `!`, `/pattern/` and `"* ... *"` around it.

    Raises
    ------
    FormulaError
        If it is no formula, or holds what formulas may not.
    """
    if len(text) > MAX_CHARACTERS:
        raise _fault(text, f"it has more than {MAX_CHARACTERS} characters")
    try:
        python, patterns = to_python(text)
        tree = _parsed(python)
        _check(tree)
        return Formula(text, _names(tree), tree.body, tuple(compile_pattern(pattern) for pattern in patterns))
    except (DialectError, Limit) as exc:
        raise _fault(text, str(exc)) from exc


def _fault(text: str, reason: str) -> FormulaError:
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    return FormulaError(f"The formula '{shown}' cannot be evaluated: {reason}.")


def _reason(exc: Exception) -> str:
    """Why it failed, without the values: they are what somebody wrote about a patient."""
    if isinstance(exc, ZeroDivisionError):
        return "it divides by zero"
    if isinstance(exc, ArithmeticError):
        return "a number grows too large"
    if isinstance(exc, LookupError):
        return "it asks for an item that is not there"
    if isinstance(exc, TypeError):
        return "its values are of the wrong kind, or one is missing"
    if isinstance(exc, ValueError):
        return "a value is not of the form that is needed"
    return "it is nested too deeply"


def _parsed(python: str) -> ast.Expression:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a backslash in a text is no fault of ours
            return ast.parse(python, mode="eval")
    except SyntaxError as exc:
        place = f" near character {exc.offset}" if exc.offset else ""
        raise DialectError(f"it is not written as a formula should be{place}") from exc
    except (ValueError, RecursionError, MemoryError) as exc:
        raise DialectError("it is not written as a formula should be") from exc


def _check(tree: ast.Expression) -> None:
    """Refuse every node that is not on the list; without recursion, whatever its depth."""
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_LEVELS:
            raise DialectError("it is nested too deeply")
        for node in level:
            _check_node(node)
        level = [child for node in level for child in _checked_children(node)]


def _check_node(node: ast.AST) -> None:
    if type(node) not in _ALLOWED:
        raise DialectError(f"'{type(node).__name__}' is not allowed in formulas")
    check = _NODE_CHECKS.get(type(node))
    if check is not None:
        check(node)


def _checked_children(node: ast.AST) -> list[ast.AST]:
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        # The name of the function was checked with the call.
        children = [*node.args, *([node.func.value] if _is_method(node) else [])]  # type: ignore[attr-defined]
    if isinstance(node, ast.Attribute):
        return []
    return children


def _is_method(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and not is_math(node.func)


def is_math(node: ast.Attribute) -> bool:
    """Whether an attribute is one of the module `math`."""
    return isinstance(node.value, ast.Name) and node.value.id == "math"


def _check_call(node: ast.AST) -> None:
    assert isinstance(node, ast.Call)
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise DialectError("arguments with a name or a star are not allowed")
    function = node.func
    if isinstance(function, ast.Name):
        allowed, name = function.id in FUNCTIONS, function.id
    elif isinstance(function, ast.Attribute):
        allowed, name = function.attr in (MATH if is_math(function) else METHODS), function.attr
    else:
        allowed, name = False, "this"
    if not allowed:
        raise DialectError(f"'{name[:40]}' is not one of the functions of formulas")


def _check_attribute(node: ast.AST) -> None:
    """An attribute is a constant of `math`, or a path through boxes such as box.child."""
    assert isinstance(node, ast.Attribute)
    if is_math(node):
        if node.attr not in CONSTANTS:
            raise DialectError(f"'math.{node.attr[:40]}' is not allowed")
        return
    if dotted(node) is None:
        raise DialectError(f"'.{node.attr[:40]}' is not allowed")


def dotted(node: ast.expr) -> str | None:
    """The path that names with dots between stand for, None if it is something else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    if len(names) > MAX_DOTS:
        raise DialectError("it is nested too deeply")
    names.append(node.id)
    if any(name.startswith("_") for name in names):
        raise DialectError("names that begin with '_' are not allowed")
    return ".".join(reversed(names))


def _check_name(node: ast.AST) -> None:
    assert isinstance(node, ast.Name)
    if node.id.startswith("_") and not node.id.startswith("_pattern"):
        raise DialectError("names that begin with '_' are not allowed")


def _check_constant(node: ast.AST) -> None:
    assert isinstance(node, ast.Constant)
    if node.value is not None and not isinstance(node.value, bool | int | float | str):
        raise DialectError(f"{type(node.value).__name__} is not allowed in formulas")
    if isinstance(node.value, int) and node.value.bit_length() > MAX_BITS:
        raise DialectError("a number grows too large")


def _check_comprehension(node: ast.AST) -> None:
    assert isinstance(node, ast.GeneratorExp | ast.ListComp)
    loop = node.generators[0]
    if len(node.generators) != 1 or loop.is_async:
        raise DialectError("only one 'for' is allowed in a formula")
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    if not all(isinstance(target, ast.Name) for target in targets):
        raise DialectError("'for' must be followed by a name")


def _check_dict(node: ast.AST) -> None:
    assert isinstance(node, ast.Dict)
    if any(key is None for key in node.keys):
        raise DialectError("'**' in a dictionary is not allowed")


_NODE_CHECKS: dict[type[ast.AST], Callable[[ast.AST], None]] = {
    ast.Call: _check_call,
    ast.Attribute: _check_attribute,
    ast.Name: _check_name,
    ast.Constant: _check_constant,
    ast.GeneratorExp: _check_comprehension,
    ast.ListComp: _check_comprehension,
    ast.Dict: _check_dict,
}


def _names(tree: ast.Expression) -> frozenset[str]:
    found: set[str] = set()
    _collect(tree.body, frozenset(), found)
    return frozenset(found)


def _collect(node: ast.AST, bound: frozenset[str], found: set[str]) -> None:
    """Add the names that a node uses and that no `for` around it binds."""
    if isinstance(node, ast.Attribute):
        name = None if is_math(node) else dotted(node)
        if name is not None and name.split(".")[0] not in bound:
            found.add(name)
    elif isinstance(node, ast.Name):
        if node.id not in bound and not node.id.startswith("_pattern"):
            found.add(node.id)
    elif isinstance(node, ast.GeneratorExp | ast.ListComp):
        loop = node.generators[0]
        _collect(loop.iter, bound, found)
        inner = bound | {target.id for target in ast.walk(loop.target) if isinstance(target, ast.Name)}
        for part in (node.elt, *loop.ifs):
            _collect(part, inner, found)
    else:
        for child in _checked_children(node):
            _collect(child, bound, found)
