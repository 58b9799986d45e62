"""A long form: how soon its visible part can be used, and how soon all of it is there."""

from __future__ import annotations

import time
from typing import Any

from benchmarks._timing import RUNS, row

FIELDS = 500
BUDGET_MS = 300.0
SIZE = (420, 900)
KINDS = ("LineEdit", "CheckBox", "NumberEdit", "ComboBox", "RadioButtonGroup", "TextBox")


def measure() -> list[dict[str, Any]]:
    """Lines of `build/bench.json`; the best of some runs."""
    from PySide6.QtWidgets import QApplication

    from viewr.widgets.style import apply_style

    application = QApplication.instance() or QApplication(["bench"])
    assert isinstance(application, QApplication)
    apply_style(application)
    runs = [_once(application) for _ in range(RUNS)]
    visible, whole, longest = (min(run[part] for run in runs) for part in range(3))
    return [
        row(f"form of {FIELDS} fields: visible part painted, ready for keys", visible, "ms", BUDGET_MS),
        # no budget of its own: it is built while the reader works, in pieces that nobody notices
        {**row(f"form of {FIELDS} fields: all there", whole, "ms", 0), "budget": None, "ok": None},
        row(f"form of {FIELDS} fields: longest piece while it is being built", longest, "ms", 100.0),
    ]


def _once(application: Any) -> tuple[float, float, float]:
    """Milliseconds until the visible part is painted, until all is there, and of the longest stop of the window."""
    from viewr.forms.form import Form
    from viewr.model.annotation import Annotation
    from viewr.model.state import State
    from viewr.model.template_values import initial_answers
    from viewr.workspace.document import Document

    context = _context()
    start = time.perf_counter()
    document = Document(State(Annotation({"default": initial_answers(context)})))
    form = Form(document, context)
    form.resize(*SIZE)
    form.show()
    application.processEvents()
    form.grab()
    visible = time.perf_counter() - start
    longest = 0.0
    while not form.complete:
        before = time.perf_counter()
        application.processEvents()
        longest = max(longest, time.perf_counter() - before)
    whole = time.perf_counter() - start
    form.close()
    form.deleteLater()
    document.retire()
    return visible * 1e3, whole * 1e3, longest * 1e3


def _context() -> Any:
    """Questions of six kinds in two columns, one in ten with a formula."""
    from viewr.model.template import Context, Field

    fields = tuple(
        Field(
            f"f{n}", KINDS[n % len(KINDS)], f"Question {n} about what is seen", x=n % 2, y=n // 2,
            options=("a", "b", "c"), visible_on="f0 != 'none'" if n % 10 == 5 else "",
        )
        for n in range(FIELDS)
    )  # fmt: skip
    return Context("default", fields=fields)


if __name__ == "__main__":
    from benchmarks._timing import show

    show(measure())
