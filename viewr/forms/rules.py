"""What the formulas of a template say about its form, for the state as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from viewr.model.state import State
from viewr.model.template import Context


@dataclass(frozen=True)
class Outcome:
    """Results of all formulas, by the path of the field that holds them; a path that is absent has no formula.

    Attributes
    ----------
    scores : mapping
        Values of CalculatedScore fields, None where the formula cannot be evaluated.
    checks : mapping
        Values of ValidationControl fields, None where the condition cannot be evaluated.
    faults : mapping
        Why a formula could not be evaluated.
    """

    enabled: Mapping[str, bool] = field(default_factory=dict)
    visible: Mapping[str, bool] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    checks: Mapping[str, bool | None] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


class Rules:
    """The formulas of one context."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def outcome(self, state: State) -> Outcome:
        """Evaluate all formulas, in the order in which they depend on each other."""
        return Outcome()
