"""Parts of a layout that are enabled or shown by answers (`dependsOn`, `visibleOn` of MDL)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from viewr.model.answers import get_answer
from viewr.model.formula import Formula, FormulaError, compile_formula
from viewr.model.state import Change
from viewr.model.template import Template
from viewr.templates.mdl import FORM
from viewr.templates.mdl_parse import SLOT, Node
from viewr.workspace.document import Document


@dataclass(frozen=True)
class _Rule:
    """What one attribute says of one widget, and where the values of its names are among the answers."""

    widget: QWidget
    shows: bool
    formula: Formula
    context: str
    paths: Mapping[str, str]


class LayoutRules(QObject):
    """Applies the formulas of a layout whenever answers change.

    A part that holds the form is always shown and enabled: the reader must never lose it. A formula that is faulty,
    or names what is no field, does nothing.
    """

    def __init__(self, document: Document, template: Template, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._contexts = {context.name: context for context in template.contexts}
        self._rules: list[_Rule] = []
        document.changed.connect(self._on_changed)

    def add(self, widget: QWidget, node: Node, context: str) -> None:
        """Take in the attributes of a node that became a widget; context "" is the layout around all."""
        if any(one.tag == SLOT and one.name == FORM for one in node.walk()):
            return
        for attribute, shows in (("dependson", False), ("visibleon", True)):
            rule = self._rule(widget, node.text(attribute), shows, context)
            if rule is not None:
                self._rules.append(rule)
                self._apply(rule)

    def _rule(self, widget: QWidget, text: str, shows: bool, context: str) -> _Rule | None:
        if not text.strip():
            return None
        try:
            formula = compile_formula(text)
        except FormulaError:
            return None
        for one in [self._contexts[context]] if context in self._contexts else self._contexts.values():
            known = set(one.field_paths())
            paths = {name: name.replace(".", "/") for name in formula.names}
            paths = {name: _found(path, known) for name, path in paths.items()}
            if paths and all(paths.values()):
                return _Rule(widget, shows, formula, one.name, paths)
        return None

    def _on_changed(self, change: Change) -> None:
        if change.before.annotation is not change.after.annotation:
            for rule in self._rules:
                self._apply(rule)

    def _apply(self, rule: _Rule) -> None:
        answers = self._document.state.annotation.answers.get(rule.context, {})
        try:
            holds = bool(rule.formula.evaluate({name: get_answer(answers, path) for name, path in rule.paths.items()}))
        except FormulaError:
            holds = True
        if rule.shows and (rule.widget.parentWidget() is not None or not holds):
            # without a parent yet it would be a window of its own
            rule.widget.setVisible(holds)
        elif not rule.shows:
            rule.widget.setEnabled(holds)


def _found(path: str, known: set[str]) -> str:
    """The path of the field that a name means: at the top, else the only one of that name; "" for none."""
    if path in known:
        return path
    inside = [one for one in known if one.endswith(f"/{path}")]
    return inside[0] if len(inside) == 1 else ""
