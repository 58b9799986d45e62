"""The lines of the sheet before submitting, made from the forms of all contexts."""

from __future__ import annotations

from viewr.forms.summary import counted, summary_lines
from viewr.forms.validation import form_problems
from viewr.model.answers import row_numbers
from viewr.model.state import State
from viewr.model.template import Template
from viewr.widgets.submit_sheet import SheetLine


def missing_lines(template: Template, state: State) -> list[SheetLine]:
    """What blocks "done" in the forms, each once, with the number of its row."""
    lines = []
    for context in template.contexts:
        answers = state.annotation.answers.get(context.name, {})
        for problem in form_problems(context, state):
            if problem.blocking:
                numbers = row_numbers(answers, problem.path)
                row = f" (entry {'.'.join(map(str, numbers))})" if numbers else ""
                lines.append(SheetLine(context.name, problem.path, problem.message + row))
    return lines


def answer_lines(template: Template, state: State) -> list[SheetLine]:
    """All answers, and how many objects are drawn besides those of the form; contexts under their names."""
    lines = []
    several = len(template.contexts) > 1
    for context in template.contexts:
        if several:
            lines.append(SheetLine(context.name, "", context.name, heading=True))
        for line in summary_lines(context, state):
            heading = not line.text
            depth = line.depth + several
            lines.append(
                SheetLine(context.name, line.path, line.label, line.text, depth, line.doubtful, heading)
            )
    edited = sorted(key for key, count in state.voxels.items() if count)
    lines += [SheetLine(context, "", f"Label map {name}", "edited") for context, name in edited]
    total = sum(len(drawn) for drawn in state.annotation.drawings.values())
    return [*lines, SheetLine("", "", "Drawn in all", counted(total, "object"))] if total else lines
