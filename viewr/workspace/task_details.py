"""What the task list shows beside what the supervisor's list tells: fetched for the rows in sight alone.

A request costs the supervisor about a quarter of a second, so the locks of a whole list are never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from viewr import __version__
from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.model.task import parse_content
from viewr.model.template import load_template
from viewr.model.template_qc import Wish, qc_wish
from viewr.supervisor.client import openable

if TYPE_CHECKING:
    from viewr.supervisor.client import SupervisorClient, TaskSummary


@dataclass(frozen=True)
class TaskDetails:
    """One row's details.

    Attributes
    ----------
    template : str
        Label of the template, "" if the task has none.
    case : str
        What the study calls the imaging session, "" if the task does not say.
    holder : str
        User name of who holds the task, "" if nobody does.
    mine : bool
        The holder is this reader.
    reason : str
        Why this program cannot open the task, "" if it can.
    qc : {"", "offered", "asked"}
        Whether it can be worked in quality control, one key a verdict, or asks for that.
    """

    id: str
    template: str = ""
    case: str = ""
    holder: str = ""
    mine: bool = False
    created: str = ""
    reason: str = ""
    qc: Wish = ""


def fetch_details(
    supervisor: SupervisorClient,
    summaries: list[TaskSummary],
    names: tuple[str, ...],
    found: Callable[[TaskDetails], None],
    progress: Progress,
) -> None:
    """Ask for the details of some tasks, one after another; blocking.

    Parameters
    ----------
    found : callable
        Called in this thread as each answer comes.
    """
    for done, summary in enumerate(summaries):
        progress.report(done, len(summaries))
        found(_details(supervisor, summary, names))


def _details(supervisor: SupervisorClient, summary: TaskSummary, names: tuple[str, ...]) -> TaskDetails:
    try:
        held = supervisor.template(summary.template_ref) if summary.template_ref else None
        task = supervisor.task(summary.id)
        lock = supervisor.lock(summary.id)
    except ViewrError as exc:
        return TaskDetails(summary.id, reason=exc.message)
    template = held.label if held is not None else ""
    reason = openable(task, names, __version__)
    if not reason and not template and not task.content:
        reason = "The task has neither a template nor content."
    wish = _wish(held.text) if held is not None else ""
    return TaskDetails(summary.id, template, _case(task.content), lock.holder, lock.mine, task.created, reason, wish)


@lru_cache(maxsize=64)
def _wish(text: str) -> Wish:
    """What a template says of quality control; it is read once, not for every row."""
    try:
        return qc_wish(load_template(text))
    except ViewrError:
        return ""


def _case(content: str) -> str:
    try:
        parsed = parse_content(content)
    except ViewrError:
        return ""
    return parsed.xnat.label or parsed.xnat.experiment
