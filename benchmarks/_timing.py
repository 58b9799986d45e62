"""What the benchmarks share: percentiles, the best of some runs, and rows of the result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

#: p99 wants at least this many samples.
SAMPLES = 300
RUNS = 3


def times_ms(step: Callable[[int], None], count: int = SAMPLES) -> np.ndarray:
    """Milliseconds of each of `count` steps."""
    taken = np.empty(count)
    for number in range(count):
        start = time.perf_counter()
        step(number)
        taken[number] = (time.perf_counter() - start) * 1e3
    return taken


def best_p99(step: Callable[[int], None], count: int = SAMPLES, runs: int = RUNS) -> float:
    """The lowest p99 of some runs, ms; one step goes before, so that nothing is measured that happens once."""
    step(0)
    return min(float(np.percentile(times_ms(step, count), 99)) for _ in range(runs))


def row(name: str, value: float, unit: str, budget: float) -> dict[str, Any]:
    """A row of the result of a measurement that no peer does."""
    return {"name": name, "value": round(value, 3), "unit": unit, "budget": budget, "peer": None, "peer_value": None,
            "ratio": None, "ok": value <= budget}  # fmt: skip


def show(rows: list[dict[str, Any]]) -> None:
    for item in rows:
        print(json.dumps(item))
