"""Walks the checked tree of a formula, counting what it costs.

A step is a node evaluated or some twenty items touched: what a list of allowed nodes cannot prevent (`9**9**9`,
`'x'*10**9`, lists that hold one list a thousand times) ends at a limit here.
"""

from __future__ import annotations

import ast
import operator
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from types import GeneratorType
from typing import Any

from viewr.model.formula_functions import CONSTANTS, FUNCTIONS, MATH, METHODS

MAX_STEPS = 10_000
MAX_ITEMS = 100_000
MAX_BITS = 4_096
MAX_EXPONENT = 64
#: Items that cost as much as a step.
_ITEMS_PER_STEP = 20
#: Items of a list that `str` writes out; each may be a number of a thousand digits.
_MAX_SHOWN = 1_000

_SIZED = (str, list, tuple, set, dict)
_HOLDERS = (list, tuple, set, dict)
#: What a list costs beside its items: going into many small ones takes longer than through one that is long.
_HOLDER = 10
_PATTERN = "_pattern"

Environment = Mapping[str, Any]


class Limit(Exception):
    """A limit was reached; the message is a reason in words."""


class Walk:
    """One evaluation."""

    def __init__(self, variables: Environment, patterns: tuple[Callable[[str], bool], ...]) -> None:
        self._variables = variables
        self._patterns = patterns
        self._steps = 0
        #: By identity: the value, so that its identity stays its own, and how much it holds.
        self._extents: dict[int, tuple[Any, int]] = {}

    def result(self, tree: ast.expr) -> Any:
        """The value of the whole formula."""
        value = self._value(tree, self._variables)
        if isinstance(value, GeneratorType):
            raise Limit("it has no value of its own")
        return value

    def _spend(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise Limit(f"it takes more than {MAX_STEPS} steps")

    def _touch(self, *values: Any) -> None:
        """Pay for an operation that looks at all items of its operands."""
        for value in values:
            if isinstance(value, _SIZED):
                self._spend(len(value) // _ITEMS_PER_STEP)

    def _touch_all(self, *values: Any) -> None:
        """Pay for an operation that looks at everything its operands hold, at any depth: comparisons do."""
        for value in values:
            if isinstance(value, _HOLDERS):
                known = self._extents.get(id(value))
                if known is None:
                    known = self._extents[id(value)] = value, _extent(value)
                self._spend(known[1] // _ITEMS_PER_STEP)

    def _made(self, value: Any) -> Any:
        """A value that an operation made, if it is not too large."""
        if isinstance(value, int):
            if value.bit_length() > MAX_BITS:
                raise Limit("a number grows too large")
        elif isinstance(value, complex):
            raise Limit("its value is no real number")
        elif isinstance(value, _SIZED):
            self._spend(_weight(value) // _ITEMS_PER_STEP)
        return value

    def _value(self, node: ast.expr, names: Environment) -> Any:
        self._spend()
        return _WALKERS[type(node)](self, node, names)

    # names and constants

    def _constant(self, node: ast.Constant, names: Environment) -> Any:
        return node.value

    def _name(self, node: ast.Name, names: Environment) -> Any:
        if node.id not in names:
            raise Limit(f"'{node.id[:40]}' is not known")
        return names[node.id]

    def _attribute(self, node: ast.Attribute, names: Environment) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id == "math":
            return CONSTANTS[node.attr]
        path = _path(node)
        if path in names:
            return names[path]
        value = self._value(node.value, names)
        if not isinstance(value, Mapping) or node.attr not in value:
            raise Limit(f"'{path[:40]}' is not known")
        return value[node.attr]

    # operators

    def _bool(self, node: ast.BoolOp, names: Environment) -> Any:
        ends_at = isinstance(node.op, ast.Or)
        value: Any = None
        for part in node.values:
            value = self._value(part, names)
            if bool(value) is ends_at:
                break
        return value

    def _unary(self, node: ast.UnaryOp, names: Environment) -> Any:
        return _UNARY[type(node.op)](self._value(node.operand, names))

    def _binary(self, node: ast.BinOp, names: Environment) -> Any:
        left, right = self._value(node.left, names), self._value(node.right, names)
        _GUARDS.get(type(node.op), _no_guard)(left, right)
        self._touch(left, right)
        return self._made(_BINARY[type(node.op)](left, right))

    def _compare(self, node: ast.Compare, names: Environment) -> Any:
        left = self._value(node.left, names)
        result: Any = True
        for kind, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(right_node, ast.Name) and right_node.id.startswith(_PATTERN):
                result, right = self._matches(left, right_node.id, kind), left
            else:
                right = self._value(right_node, names)
                self._pay_comparison(kind, left, right)
                result = _COMPARE[type(kind)](left, right)
            if not result:
                break
            left = right
        return result

    def _pay_comparison(self, kind: ast.cmpop, left: Any, right: Any) -> None:
        self._touch(left, right)
        if isinstance(kind, ast.In | ast.NotIn):
            self._touch_all(*((right,) if isinstance(left, _HOLDERS) else ()))
        elif isinstance(left, _HOLDERS) and isinstance(right, _HOLDERS):
            # of different lengths they are never equal, and nobody looks inside
            is_plain = isinstance(kind, ast.Eq | ast.NotEq | ast.Is | ast.IsNot) and len(left) != len(right)
            self._touch_all(*(() if is_plain else (left, right)))

    def _matches(self, value: Any, name: str, kind: ast.cmpop) -> bool:
        index = name.removeprefix(_PATTERN)
        if not index.isdigit() or int(index) >= len(self._patterns):
            raise Limit(f"'{name[:40]}' is not known")
        try:
            found = self._patterns[int(index)]("" if value is None else str(value))
        except ValueError as exc:
            raise Limit(str(exc)) from exc
        return found is not isinstance(kind, ast.NotEq)

    def _choice(self, node: ast.IfExp, names: Environment) -> Any:
        return self._value(node.body if self._value(node.test, names) else node.orelse, names)

    # collections

    def _list(self, node: ast.List, names: Environment) -> Any:
        return self._made([self._value(item, names) for item in node.elts])

    def _tuple(self, node: ast.Tuple, names: Environment) -> Any:
        return self._made(tuple([self._value(item, names) for item in node.elts]))

    def _set(self, node: ast.Set, names: Environment) -> Any:
        return self._made({self._value(item, names) for item in node.elts})

    def _dict(self, node: ast.Dict, names: Environment) -> Any:
        pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]
        return self._made({self._value(key, names): self._value(value, names) for key, value in pairs})

    def _item(self, node: ast.Subscript, names: Environment) -> Any:
        value = self._value(node.value, names)
        if not isinstance(node.slice, ast.Slice):
            return value[self._value(node.slice, names)]
        self._touch(value)
        ends = (node.slice.lower, node.slice.upper, node.slice.step)
        return value[slice(*(None if end is None else self._value(end, names) for end in ends))]

    def _list_of(self, node: ast.ListComp, names: Environment) -> Any:
        return self._made(list(self._loop(node, names)))

    def _generator(self, node: ast.GeneratorExp, names: Environment) -> Any:
        return self._loop(node, names)

    def _loop(self, node: ast.ListComp | ast.GeneratorExp, names: Environment) -> Iterator[Any]:
        loop = node.generators[0]
        source: Iterable[Any] = self._value(loop.iter, names)
        bound: dict[str, Any] = {}
        inner = ChainMap(bound, _mutable(names))
        for item in source:
            self._spend()
            _bind(loop.target, item, bound)
            if all(self._value(test, inner) for test in loop.ifs):
                yield self._value(node.elt, inner)

    # calls

    def _call(self, node: ast.Call, names: Environment) -> Any:
        function = node.func
        if isinstance(function, ast.Name):
            chosen = FUNCTIONS[function.id]
        elif isinstance(function, ast.Attribute) and _is_math(function):
            chosen = MATH[function.attr]
        else:
            assert isinstance(function, ast.Attribute)
            chosen = self._method(self._value(function.value, names), function.attr)
        arguments = [self._value(argument, names) for argument in node.args]
        self._touch(*arguments)
        if _compares(function):
            self._touch_all(*arguments)
        if chosen is FUNCTIONS["str"]:
            _guard_text(*arguments)
        result = chosen(*arguments)
        return result if _picks(function) else self._made(result)

    def _method(self, value: Any, name: str) -> Callable[..., Any]:
        if not isinstance(value, METHODS[name]):
            raise TypeError(name)
        self._touch(value)
        if name == "count":
            self._touch_all(value)
        return getattr(value, name)  # the name is one of METHODS


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else str(getattr(function, "attr", ""))


def _picks(function: ast.expr) -> bool:
    """Whether a function answers with one of the items it was given, however large that is."""
    return _called(function) in ("min", "max", "get")


def _compares(function: ast.expr) -> bool:
    """Whether a function compares the items it was given with each other."""
    return _called(function) in ("min", "max", "sorted")


def _is_math(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "math"


def _path(node: ast.expr) -> str:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    assert isinstance(node, ast.Name)
    return ".".join([node.id, *reversed(names)])


def _mutable(names: Environment) -> MutableMapping[str, Any]:
    # ChainMap writes to its first mapping alone.
    return names  # type: ignore[return-value]


def _bind(target: ast.expr, item: Any, bound: dict[str, Any]) -> None:
    if isinstance(target, ast.Name):
        bound[target.id] = item
        return
    assert isinstance(target, ast.Tuple)
    for one, value in zip(target.elts, item, strict=True):
        _bind(one, value, bound)


#: Items that weigh nothing beside their place.
_LIGHT = frozenset({bool, int, float, type(None)})


def _weight(value: Any, most: int = MAX_ITEMS) -> int:
    """How many items and characters a value holds, counting again what it holds twice; `Limit` beyond `most`."""
    if isinstance(value, str):
        total, waiting = len(value), []
    else:
        total, waiting = 0, [value]
    while waiting and total <= most:
        one = waiting.pop()
        total += len(one) + _HOLDER if isinstance(one, _HOLDERS) else len(one) if isinstance(one, str) else 0
        if isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set) and not _LIGHT.issuperset(map(type, one)):
            waiting += [item for item in one if type(item) not in _LIGHT]
    if total > most:
        raise Limit(f"a list or text grows beyond {most} items")
    return total


def _extent(value: Any) -> int:
    """How many items a value holds at any depth; what is beyond all limits is not counted."""
    total, waiting = 0, [value]
    while waiting and total <= MAX_STEPS * _ITEMS_PER_STEP:
        one = waiting.pop()
        total += len(one) + _HOLDER
        items = one.values() if isinstance(one, Mapping) else one
        if not _LIGHT.issuperset(map(type, items)):
            waiting += [item for item in items if isinstance(item, _HOLDERS)]
    return total


def _no_guard(left: Any, right: Any) -> None:
    """Nothing to refuse beforehand."""


def _guard_power(left: Any, right: Any) -> None:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise TypeError("a power of what is no number")
    if abs(right) > MAX_EXPONENT:
        raise Limit(f"an exponent is larger than {MAX_EXPONENT}")
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > MAX_BITS + MAX_EXPONENT:
        raise Limit("a number grows too large")


def _guard_product(left: Any, right: Any) -> None:
    for many, times in ((left, right), (right, left)):
        if isinstance(many, str | list | tuple) and isinstance(times, int) and _weight(many) * times > MAX_ITEMS:
            raise Limit(f"a list or text grows beyond {MAX_ITEMS} items")


def _guard_text(value: Any = "") -> None:
    if isinstance(value, _HOLDERS):
        try:
            _weight(value, _MAX_SHOWN)
        except Limit as exc:
            raise Limit(f"a list of more than {_MAX_SHOWN} items cannot become text") from exc


def _guard_remainder(left: Any, right: Any) -> None:
    if isinstance(left, str):
        raise Limit("'%' on text is not allowed")


_GUARDS: dict[type[ast.operator], Callable[[Any, Any], None]] = {
    ast.Pow: _guard_power, ast.Mult: _guard_product, ast.Mod: _guard_remainder,
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_, ast.UAdd: operator.pos, ast.USub: operator.neg,
}  # fmt: skip
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right, ast.NotIn: lambda left, right: left not in right,
}  # fmt: skip
_WALKERS: dict[type[ast.expr], Callable[[Walk, Any, Environment], Any]] = {
    ast.Constant: Walk._constant, ast.Name: Walk._name, ast.Attribute: Walk._attribute, ast.BoolOp: Walk._bool,
    ast.UnaryOp: Walk._unary, ast.BinOp: Walk._binary, ast.Compare: Walk._compare, ast.IfExp: Walk._choice,
    ast.List: Walk._list, ast.Tuple: Walk._tuple, ast.Set: Walk._set, ast.Dict: Walk._dict, ast.Subscript: Walk._item,
    ast.ListComp: Walk._list_of, ast.GeneratorExp: Walk._generator, ast.Call: Walk._call,
}  # fmt: skip
